//! Heads that are signed while they are published: of what is there, again if somebody else was faster. No file of a head is needed.

use waft::head::pointer::Live;
use waft::kind::Kind;
use waft_commands::head::kill::{self, Change};
use waft_commands::head::{self, refresh};
use waft_commands::host::Host;
use waft_compile::head::Documents;

use super::page::{Identity, Page};

/// How long a page that has not seen a kill list may adopt it, in milliseconds, as `waft kill` has it.
const LIST: i64 = kill::LIFETIME;

/// What is to be signed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted<'a> {
    /// Flags to put on the kill list, and to take off it.
    pub(crate) kill: &'a [String],
    pub(crate) unkill: &'a [String],
    /// The PEM files of the keys, where their documents are wanted.
    pub(crate) kill_key: Option<&'a str>,
    pub(crate) freshness_key: Option<&'a str>,
}

/// Signs the next head, as [`News::Made`](super::head::News::Made) takes it.
pub(crate) type Maker<'a> = Box<dyn Fn(&Documents, Option<&Identity>) -> Result<Documents, String> + 'a>;

/// Reads the keys. `None` if nothing is to be signed.
pub(crate) fn maker<'a>(wanted: Wanted<'a>, page: &Page, host: &'a dyn Host) -> Result<Option<Maker<'a>>, String> {
    let key = |path: Option<&str>, kind| path.map(|path| head::key(host, path, kind, &page.trust)).transpose();
    let kill_key = key(wanted.kill_key, Kind::Kills)?;
    let freshness_key = key(wanted.freshness_key, Kind::Pointer)?;
    if kill_key.is_none() && freshness_key.is_none() {
        return Ok(None);
    }
    let (trust, number, now) = (page.trust.clone(), page.number, page.now);
    Ok(Some(Box::new(move |theirs: &Documents, live: Option<&Identity>| {
        let mut next = theirs.clone();
        if let Some(pair) = &kill_key {
            for (change, flags) in [(Change::Kill, wanted.kill), (Change::Unkill, wanted.unkill)] {
                if flags.is_empty() {
                    continue;
                }
                // Done already, perhaps by us in a request whose response was lost.
                let flags = kill::unchanged(&next, change, flags, &trust);
                let is_over = kill::is_revoked(&next, &trust) || kill::ending(&next, &trust, now).is_some();
                if !flags.is_empty() || is_over {
                    let made = live.map_or(0, |live| live.issued);
                    kill::check_clock(made, [now, now + LIST])?;
                    next = kill::next(&next, change, &flags, &trust, pair, [now, now + LIST])?.0;
                }
            }
        }
        if let Some(pair) = &freshness_key {
            let live = live.ok_or("no snapshot that pages take is published, so no pointer can name one")?;
            match refresh::check_clock(live.issued, now) {
                // No clock keeps a kill waiting, perhaps that of whoever made the snapshot: pages take the list by itself.
                Err(error) if kill_key.is_some() => {
                    host.err(&format!("waft: warning: {error}"));
                    return Ok(next);
                }
                checked => checked?,
            }
            let live = Live { version: live.version, digest: live.digest, kills: 0, trust: number };
            next = refresh::next(&next, &live, &trust, pair, [now, now + refresh::LIFETIME])?.0;
        }
        Ok(next)
    })))
}
