//! What was published, and what is live, as JSON.

use serde_json::{Value, json};
use waft::kind::Kind;
use waft_compile::head::Documents;
use waft_ruleset::clock;

use super::head::News;
use super::page::Page;
use super::publication::Publication;
use super::steps::Done;

/// What is printed in the end. Of what was not published, it has nothing.
pub(crate) fn json(publication: &Publication<'_>, done: &Done, checked: Option<&str>) -> Value {
    let Publication { page, trusts, release, head, .. } = publication;
    let mut told = json!({ "written": done.written, "checked": checked });
    if let Some(release) = release {
        told["version"] = release.version().into();
        told["digest"] = release.digest_text().into();
        told["live"] = done.is_ours.into();
    }
    if !trusts.is_empty() {
        told["trust"] = page.number.into();
    }
    if let (Some(news), Some(live)) = (head, &done.head) {
        told["head"] = head_json(page, news, live);
    }
    told
}

/// The head that is live: whose pointer and whose kill list, and whether both are those that were published.
fn head_json(page: &Page, news: &News<'_>, live: &Documents) -> Value {
    let mut told = json!({});
    if let Some(Ok(kills)) = live.kills(&page.trust) {
        let flags: Vec<_> = kills.flags().into_iter().map(String::from_utf8_lossy).collect();
        told["kills"] = json!({ "number": kills.number(), "flags": flags });
    }
    if let Some(Ok(pointer)) = live.pointer(&page.trust) {
        let named = pointer.live();
        let expires = clock::text_of_seconds(pointer.expires());
        told["pointer"] =
            json!({ "version": named.version, "kills": named.kills, "trust": named.trust, "expires": expires });
    }
    told["live"] = match news {
        News::Given(ours) => {
            let is_live = |kind: Kind| ours.get(kind).is_none() || ours.get(kind) == live.get(kind);
            is_live(Kind::Kills) && is_live(Kind::Pointer)
        }
        News::Made(_) => true,
    }
    .into();
    told
}
