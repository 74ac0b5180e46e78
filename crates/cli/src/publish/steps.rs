//! The order of writes. Files whose names say what is in them come first; what pages load by a fixed name comes last, and is replaced
//! only if nobody else replaced it meanwhile.

use waft_commands::host::Host;

use super::patience::Patience;
use super::probe;
use super::release::{File, Release, Standing};
use super::store::{Cache, Expected, Failure, Found, Store};

/// Writes releases to a store.
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
}

/// What to do with a file, given what is there.
enum Choice {
    Keep,
    /// Another publisher was faster.
    Superseded(u64),
    Write(Vec<u8>),
}

impl Steps<'_> {
    /// Publishes. Of one that is ended at any point, what was written does no harm, and the next completes it.
    pub(crate) fn run(&self, release: &Release) -> Result<Done, String> {
        if !self.single_writer && !probe::compares(self.store, self.patience).map_err(told)? {
            return Err(
                "this store replaces files without comparing, so two publishers could undo each other's work: \
                 give --single-writer if nothing else publishes there"
                    .to_owned(),
            );
        }
        let live = self.patience.ask(|| self.store.read(release.live())).map_err(told)?;
        release.follows(live.as_ref().map(|found| &*found.bytes))?;

        let mut done = Done { is_ours: true, ..Done::default() };
        for file in release.lists() {
            self.settle(&mut done, &file.name, Cache::Immutable, |found| match found {
                Some(found) if *found == file.bytes => Ok(Choice::Keep),
                Some(_) | None => Ok(Choice::Write(file.bytes.clone())),
            })?;
        }
        let File { name, bytes, .. } = release.snapshot();
        // With other signatures it has the same digest: caches have the first, which serves as well.
        let bytes = self.settle(&mut done, name, Cache::Immutable, |found| match found {
            Some(found) if release.standing_now(found) == Standing::Same => Ok(Choice::Keep),
            Some(_) | None => Ok(Choice::Write(bytes.clone())),
        })?;
        self.settle(&mut done, release.live(), Cache::Live, |found| raise(release, &bytes, found))?;
        Ok(done)
    }

    /// Prints what [`Steps::run`] would do.
    pub(crate) fn rehearse(&self, release: &Release) -> Result<(), String> {
        let live = self.patience.ask(|| self.store.read(release.live())).map_err(told)?;
        release.follows(live.as_ref().map(|found| &*found.bytes))?;
        for File { name, bytes, .. } in release.lists().iter().chain([release.snapshot()]) {
            let found = self.patience.ask(|| self.store.read(name)).map_err(told)?;
            let what = if found.is_some() { "is published" } else { "would be written" };
            self.host.out(&format!("{name}  {} bytes  {what}", bytes.len()));
        }
        let size = release.snapshot().bytes.len();
        let what = match live.map(|found| release.standing(&found.bytes)) {
            None => "would be written".to_owned(),
            Some(Standing::Same) => "is live".to_owned(),
            Some(Standing::Older(version)) => format!("would be replaced: version {version} is live"),
            Some(Standing::Newer(_) | Standing::Conflict | Standing::Refused(_)) => {
                "would be replaced: no page with this trust would take what is there".to_owned()
            }
        };
        self.host.out(&format!("{}  {size} bytes  {what}", release.live()));
        Ok(())
    }

    /// Reads a file, chooses, and writes, until nothing came between. Returns what is there in the end.
    fn settle(
        &self,
        done: &mut Done,
        name: &str,
        cache: Cache,
        choose: impl Fn(Option<&[u8]>) -> Result<Choice, String>,
    ) -> Result<Vec<u8>, String> {
        for round in 0.. {
            let found = self.patience.ask(|| self.store.read(name)).map_err(told)?;
            let there = found.as_ref().map(|found| &*found.bytes);
            let bytes = match choose(there)? {
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
                Err(Failure::Conflict) if self.patience.pause(round) => {}
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
fn raise(release: &Release, bytes: &[u8], found: Option<&[u8]>) -> Result<Choice, String> {
    let write = || Ok(Choice::Write(bytes.to_vec()));
    match found.map(|found| release.standing(found)) {
        None | Some(Standing::Older(_) | Standing::Refused(_)) => write(),
        Some(Standing::Same) => Ok(Choice::Keep),
        Some(Standing::Newer(version)) => Ok(Choice::Superseded(version)),
        Some(Standing::Conflict) => Err(format!(
            "{}: another version {} was published meanwhile: build with a higher --version",
            release.live(),
            release.version()
        )),
    }
}

fn told(failure: Failure) -> String {
    match failure {
        Failure::Conflict => "another publisher keeps replacing the same files: try again later".to_owned(),
        Failure::Busy(what) | Failure::Broken(what) => what,
    }
}
