//! Whether readers get what was published: the public URL is read and verified as by a page.

use std::thread;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, Request, header};
use waft_commands::host::Host;
use waft_compile::head::{Documents, merge};
use waft_compile::refusal;

use super::agent::{Agent, Answer};
use super::head::snapshot_of;
use super::page::{Identity, Page, Standing};
use super::publication::Publication;
use super::steps::Done;
use super::store::{Cache, Failure};
use super::web;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// After how many looks it is told that there will be more.
const TELLING: u32 = 10;

/// The URL of the published folder, as pages see it.
pub(crate) struct Public {
    url: String,
    agent: Agent,
}

impl Public {
    pub(crate) fn at(url: &str) -> Result<Self, String> {
        Ok(Public { url: web::folder_url("--url", url)?, agent: Agent::following(5) })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Waits until each file is what it should be: what was done, or what another publisher did after that.
    pub(crate) fn check(
        &self,
        publication: &Publication<'_>,
        done: &Done,
        timeout: Duration,
        host: &dyn Host,
    ) -> Result<(), String> {
        let start = Instant::now();
        for round in 1.. {
            let Err(wrong) = self.look(publication, done, host) else { break };
            if start.elapsed() + PAUSE > timeout {
                let seconds = timeout.as_secs();
                return Err(format!(
                    "{wrong}, {seconds} s after it was published: purge caches, and see that --url is what pages load from"
                ));
            }
            if round % TELLING == 1 {
                host.err(&format!("waft: {wrong}: looking again"));
            }
            thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn look(&self, publication: &Publication<'_>, done: &Done, host: &dyn Host) -> Result<(), String> {
        let mut odd = Vec::new();
        let page = &publication.page;
        for file in &publication.trusts {
            let found = self.get(&file.name, Cache::Immutable, &mut odd)?;
            if file.keeps(&found) != Some(true) {
                return Err(format!("{}{}: another trust document than was published", self.url, file.name));
            }
        }
        if let Some(release) = &publication.release {
            for file in release.lists() {
                let found = self.get(&file.name, Cache::Immutable, &mut odd)?;
                if found != file.bytes {
                    return Err(format!("{}{}: other bytes than were published", self.url, file.name));
                }
            }
            let immutable = &release.snapshot().name;
            let found = self.get(immutable, Cache::Immutable, &mut odd)?;
            self.same(immutable, release.standing_now(page, &found))?;
            let live = publication.live();
            let found = self.get(&live, Cache::Live, &mut odd)?;
            self.same_or_newer(&live, release.standing_now(page, &found))?;
        }
        if let Some(head) = &done.head {
            self.look_at_head(publication, head, done.live.as_deref(), &mut odd)?;
        }
        for warning in odd {
            host.err(&format!("waft: warning: {warning}"));
        }
        Ok(())
    }

    fn look_at_head(
        &self,
        publication: &Publication<'_>,
        head: &Documents,
        live: Option<&[u8]>,
        odd: &mut Vec<String>,
    ) -> Result<(), String> {
        let (name, page) = (publication.head(), &publication.page);
        let found = self.get(&name, Cache::Live, odd)?;
        self.holds(&name, page, head, &found)?;
        let Some(live) = live else { return Ok(()) };
        let name = publication.current();
        let found = self.get(&name, Cache::Live, odd)?;
        self.holds(&name, page, head, &found)?;
        let own: Identity = page.identity_once(live).map_err(refusal::sentence)?;
        let snapshot = snapshot_of(&found).ok_or_else(|| format!("{}{name}: no snapshot behind the head", self.url))?;
        self.same_or_newer(&name, own.standing(page.identity_once(snapshot)))
    }

    /// Whether a head has all that was published: putting them together changes nothing.
    fn holds(&self, name: &str, page: &Page, head: &Documents, found: &[u8]) -> Result<(), String> {
        let read = Documents::read(found)
            .map_err(|refused| format!("{}{name}: refused, {}", self.url, refusal::sentence(refused)))?;
        match merge(head, &read, &page.trust) {
            Ok(merged) if merged == read => Ok(()),
            Ok(_) | Err(_) => Err(format!("{}{name}: not the head that was published", self.url)),
        }
    }

    /// A newer one is another publisher's.
    fn same_or_newer(&self, name: &str, standing: Standing) -> Result<(), String> {
        if matches!(standing, Standing::Newer(_)) { Ok(()) } else { self.same(name, standing) }
    }

    fn same(&self, name: &str, standing: Standing) -> Result<(), String> {
        let what = match standing {
            Standing::Same => return Ok(()),
            Standing::Older(version) | Standing::Newer(version) => format!("version {version}"),
            Standing::Conflict => "other contents of the same version".to_owned(),
            Standing::Refused(found) => format!("refused, {}", refusal::sentence(found)),
        };
        Err(format!("{}{name}: {what}", self.url))
    }

    /// A file as pages get it; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let answer = self.ask(name)?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 | 410 => Ok(None),
            status => Err(format!("{}{name}: status {status}", self.url)),
        }
    }

    fn ask(&self, name: &str) -> Result<Answer, String> {
        let url = format!("{}{name}", self.url);
        let request = Request::get(&url).body([].as_slice()).map_err(|error| format!("{url}: {error}"))?;
        self.agent.send(request).map_err(|failure| match failure {
            Failure::Busy(what) | Failure::Broken(what) => what,
            Failure::Conflict => url,
        })
    }

    fn get(&self, name: &str, cache: Cache, odd: &mut Vec<String>) -> Result<Vec<u8>, String> {
        let (url, answer) = (format!("{}{name}", self.url), self.ask(name)?);
        if answer.status != 200 {
            return Err(format!("{url}: status {}", answer.status));
        }
        odd.extend(kept_wrongly(&url, cache, &answer.headers));
        Ok(answer.body)
    }
}

/// What is wrong with how long browsers and CDNs may keep a file.
fn kept_wrongly(url: &str, cache: Cache, headers: &HeaderMap) -> Option<String> {
    let control = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let has = |word: &str| control.split(',').any(|part| part.trim().eq_ignore_ascii_case(word));
    let wanted = cache.control();
    let is_right = match cache {
        Cache::Immutable => has("immutable"),
        Cache::Live => ["no-cache", "no-store", "max-age=0"].into_iter().any(has),
    };
    if !is_right {
        return Some(format!("{url}: Cache-Control is \"{control}\": make the server send \"{wanted}\""));
    }
    let lacks_tag = cache == Cache::Live && !headers.contains_key(header::ETAG);
    lacks_tag.then(|| format!("{url}: no ETag, so each look costs the whole file: make the server send one"))
}
