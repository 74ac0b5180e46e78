//! The order of writes. Files that never change come first; what pages load by a fixed name comes last, and is replaced only if nobody
//! else replaced it meanwhile.

use waft_commands::host::Host;
use waft_compile::head::{Documents, merge};
use waft_compile::refusal;

use super::head::{published, snapshot_of};
use super::page::{Identity, Page, Standing};
use super::patience::Patience;
use super::probe;
use super::publication::Publication;
use super::release::{File, Release};
use super::store::{Cache, Expected, Failure, Found, Store};

/// Writes to a store.
pub(crate) struct Steps<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) patience: &'a Patience<'a>,
    pub(crate) host: &'a dyn Host,
    /// Nobody else writes there, so nothing needs to be compared.
    pub(crate) single_writer: bool,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Files that were written, in order.
    pub(crate) written: Vec<String>,
    /// Whether what is live is what was published, and not a later release of another publisher.
    pub(crate) is_ours: bool,
    /// The snapshot that is live.
    pub(crate) live: Option<Vec<u8>>,
    /// The head that is published; none if there is none.
    pub(crate) head: Option<Documents>,
}

/// What to do with a file, given what is there.
pub(crate) enum Choice {
    Keep,
    /// Another publisher was faster.
    Superseded(u64),
    Write(Vec<u8>),
}

impl Steps<'_> {
    /// Publishes. Of one that is ended at any point, what was written does no harm, and the next completes it.
    pub(crate) fn run(&self, publication: &Publication<'_>) -> Result<Done, String> {
        if !self.single_writer && !probe::compares(self.store, self.patience).map_err(told)? {
            return Err(
                "this store replaces files without comparing, so two publishers could undo each other's work: \
                 give --single-writer if nothing else publishes there"
                    .to_owned(),
            );
        }
        let Publication { page, release, head: news, .. } = publication;
        self.foresee(publication)?;

        let mut done = Done { is_ours: true, ..Done::default() };
        for file in &publication.trusts {
            self.settle(&mut done, &file.name, Cache::Immutable, |found| match found.map(|found| file.keeps(found)) {
                Some(None) => {
                    Err("holds something else, and a trust document never changes: give the next a new number"
                        .to_owned())
                }
                Some(Some(true)) => Ok(Choice::Keep),
                Some(Some(false)) | None => Ok(Choice::Write(file.bytes.clone())),
            })?;
        }
        done.live = match release {
            Some(release) => Some(self.release(&mut done, publication, release)?),
            None => self.read(&publication.live())?,
        };
        let live = done.live.as_deref().map(|live| page.identity_once(live)).and_then(Result::ok);
        let name = publication.head();
        let head = match news {
            None => self.read(&name)?,
            Some(news) => {
                let bytes = self.settle(&mut done, &name, Cache::Live, |found| {
                    let (next, warning) = news.next(page, &self.there(publication, found)?, live.as_ref())?;
                    if let Some(warning) = warning {
                        self.host.err(&format!("waft: warning: {name}: {warning}"));
                    }
                    next.to_bytes().map(Choice::Write).map_err(|_| "too large".to_owned())
                })?;
                Some(bytes)
            }
        };
        done.head = head.map(|head| published(Some(&head)));
        if let (Some(head), Some(snapshot)) = (done.head.clone(), done.live.clone()) {
            self.settle(&mut done, &publication.current(), Cache::Live, |found| {
                Ok(Choice::Write(joined(page, &head, &snapshot, found)))
            })?;
        }
        Ok(done)
    }

    /// Refuses, before anything is written, what can be known to be refused.
    pub(crate) fn foresee(&self, publication: &Publication<'_>) -> Result<(), String> {
        let Publication { page, release, head, .. } = publication;
        let name = publication.live();
        let live = self.read(&name)?;
        if let Some(release) = release {
            release.stands_on(live.as_deref()).map_err(|moved| format!("{name}: {moved}: propose again"))?;
        }
        if let (Some(release), Some(live)) = (release, &live) {
            release.follows(page, &name, live)?;
        }
        let Some(news) = head else { return Ok(()) };
        let live = match release {
            Some(release) => Some(*release.identity()),
            None => live.map(|live| page.identity_once(&live)).and_then(Result::ok),
        };
        let name = publication.head();
        let found = self.read(&name)?;
        let named = |error| format!("{name}: {error}");
        let there = self.there(publication, found.as_deref()).map_err(named)?;
        if there != published(found.as_deref()) {
            let (what, current) = (if found.is_some() { "is damaged" } else { "is missing" }, publication.current());
            self.host.err(&format!("waft: warning: {name} {what}: it is made anew of what {current} has"));
        }
        news.next(page, &there, live.as_ref()).map(|_| ()).map_err(named)
    }

    /// The head that is published, by the file that is there. Of one that was taken away or damaged, the snapshot has the documents in front of it: made from
    /// nothing, the next kill list would have a number that pages have passed, so that they would refuse it, and all its flags would be on.
    pub(crate) fn there(&self, publication: &Publication<'_>, found: Option<&[u8]>) -> Result<Documents, String> {
        let none = Documents::default();
        let read = found.map_or(Ok(none.clone()), Documents::read);
        if let Ok(documents) = &read
            && *documents != none
        {
            return Ok(documents.clone());
        }
        let beside = published(self.read(&publication.current())?.as_deref());
        if beside != none {
            return Ok(beside);
        }
        read.map_err(|refused| {
            format!(
                "what is there is no head, {}: restore it; or, if no kill list was ever published here, remove it",
                refusal::sentence(refused)
            )
        })
    }

    /// Writes a snapshot's files, and returns the one that is live then.
    fn release(&self, done: &mut Done, publication: &Publication<'_>, release: &Release) -> Result<Vec<u8>, String> {
        let page = &publication.page;
        for file in release.lists() {
            self.settle(done, &file.name, Cache::Immutable, |found| match found {
                Some(found) if *found == file.bytes => Ok(Choice::Keep),
                Some(_) | None => Ok(Choice::Write(file.bytes.clone())),
            })?;
        }
        let File { name, bytes } = release.snapshot();
        // With other signatures it has the same digest: caches have the first, which serves as well.
        let bytes = self.settle(done, name, Cache::Immutable, |found| match found {
            Some(found) if release.standing_now(page, found) == Standing::Same => Ok(Choice::Keep),
            Some(_) | None => Ok(Choice::Write(bytes.clone())),
        })?;
        self.settle(done, &publication.live(), Cache::Live, |found| raise(release, page, &bytes, found))
    }

    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let found = self.patience.ask(|| self.store.read(name)).map_err(told)?;
        Ok(found.map(|found| found.bytes))
    }

    /// Reads a file, chooses, and writes, until nothing came between. Returns what is there in the end.
    fn settle(
        &self,
        done: &mut Done,
        name: &str,
        cache: Cache,
        choose: impl Fn(Option<&[u8]>) -> Result<Choice, String>,
    ) -> Result<Vec<u8>, String> {
        let mut last = None;
        for round in 0.. {
            let found = self.patience.ask(|| self.store.read(name)).map_err(told)?;
            let there = found.as_ref().map(|found| &*found.bytes);
            if last.is_some() && last.as_deref() == there {
                done.written.push(name.to_owned());
                return Ok(last.unwrap_or_default());
            }
            let bytes = match choose(there).map_err(|error| format!("{name}: {error}"))? {
                Choice::Write(bytes) if there == Some(&*bytes) => return Ok(bytes),
                Choice::Write(bytes) => bytes,
                Choice::Keep => return Ok(found.map(|found| found.bytes).unwrap_or_default()),
                Choice::Superseded(version) => {
                    self.host.err(&format!("waft: {name}: version {version} was published meanwhile, and stays live"));
                    done.is_ours = false;
                    return Ok(found.map(|found| found.bytes).unwrap_or_default());
                }
            };
            self.host.err(&format!("waft: writing {name} ({} bytes)", bytes.len()));
            match self.patience.ask(|| self.store.put(name, &bytes, cache, self.expected(found.as_ref()))) {
                Ok(()) => {
                    done.written.push(name.to_owned());
                    return Ok(bytes);
                }
                // Somebody else's, or our own whose answer was lost: the next look tells.
                Err(Failure::Conflict) if self.patience.pause(round) => last = Some(bytes),
                Err(failure) => return Err(told(failure)),
            }
        }
        Err(told(Failure::Conflict))
    }

    fn expected<'f>(&self, found: Option<&'f Found>) -> Expected<'f> {
        match found {
            _ if self.single_writer => Expected::Anything,
            None => Expected::Absent,
            Some(found) => Expected::Unchanged(&found.tag),
        }
    }
}

/// The latest release stays.
fn raise(release: &Release, page: &Page, bytes: &[u8], found: Option<&[u8]>) -> Result<Choice, String> {
    release.stands_on(found)?;
    let write = || Ok(Choice::Write(bytes.to_vec()));
    match found.map(|found| release.standing(page, found)) {
        None | Some(Standing::Older(_) | Standing::Refused(_)) => write(),
        Some(Standing::Same) => Ok(Choice::Keep),
        Some(Standing::Newer(version)) => Ok(Choice::Superseded(version)),
        Some(Standing::Conflict) => {
            Err(format!("another version {} was published meanwhile: build with a higher --version", release.version()))
        }
    }
}

/// Head and snapshot in one: of both the later, as another publisher may have come from one file to the other before us.
fn joined(page: &Page, head: &Documents, snapshot: &[u8], found: Option<&[u8]>) -> Vec<u8> {
    let merged = merge(head, &published(found), &page.trust).ok().and_then(|merged| merged.to_bytes().ok());
    let head = merged.or_else(|| head.to_bytes().ok()).unwrap_or_default();
    let theirs = found.and_then(snapshot_of);
    let own: Option<Identity> = page.identity_once(snapshot).ok();
    let is_newer =
        |theirs: &[u8]| own.is_some_and(|own| matches!(own.standing(page.identity_once(theirs)), Standing::Newer(_)));
    [&head, theirs.filter(|theirs| is_newer(theirs)).unwrap_or(snapshot)].concat()
}

pub(crate) fn told(failure: Failure) -> String {
    match failure {
        Failure::Conflict => "another publisher keeps replacing the same files: try again later".to_owned(),
        Failure::Busy(what) | Failure::Broken(what) => what,
    }
}
