//! Records in a bucket: files by their paths, `s3://BUCKET/FOLDER/0001.yaml`, as commands ask the host for them.
//!
//! What is created must not be there yet, whoever else writes: a store that does not keep that is refused. While the store is busy a file is
//! tried for a minute, and after that once, until something worked: a guard does not wait for its records for long before it turns a flag off.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use waft_commands::host::{Host, Listing};

use super::patience::Patience;
use super::place;
use super::probe;
use super::store::{Cache, Expected, Failure, Found, Listed, Tag};

/// Those that were opened, by their folders. A server looks at its records each second.
static OPENED: Mutex<BTreeMap<String, Arc<Bucket>>> = Mutex::new(BTreeMap::new());

/// How long a file is tried again.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many records are read at once: a history of years takes seconds, and not minutes.
const AT_ONCE: usize = 8;
/// Records never change; other files are read each time.
const RECORD: &str = ".yaml";

/// The folder of a bucket.
pub(crate) struct Bucket {
    folder: String,
    store: Box<dyn Listed>,
    /// Whether it is known that the store keeps expectations.
    compares: AtomicBool,
    /// Whether the last that was tried did not work in its time.
    is_away: AtomicBool,
    /// What the last listing had, by names.
    known: Mutex<BTreeMap<String, Known>>,
}

/// A file as it was listed, and a record's bytes once they were read.
#[derive(Debug)]
struct Known {
    tag: Tag,
    bytes: Option<Vec<u8>>,
}

/// Opens a folder, so that its files are found by their paths. The message says what is wrong with how it is named, or what the environment
/// lacks; nothing is asked of the store yet.
pub(crate) fn open(folder: &str) -> Result<(), String> {
    if at(folder).is_some() {
        return Ok(());
    }
    let store = place::of_records(folder)?;
    let folder = folder.trim_end_matches('/');
    opened().insert(folder.to_owned(), Arc::new(Bucket::of(folder, store)));
    Ok(())
}

/// A folder that was opened.
pub(crate) fn at(folder: &str) -> Option<Arc<Bucket>> {
    opened().get(folder.trim_end_matches('/')).cloned()
}

/// The folder of a file, if that was opened, and the name of the file.
pub(crate) fn of(path: &str) -> Option<(Arc<Bucket>, &str)> {
    let (folder, name) = path.rsplit_once('/')?;
    Some((at(folder)?, name))
}

fn opened() -> MutexGuard<'static, BTreeMap<String, Arc<Bucket>>> {
    OPENED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Bucket {
    /// One in memory, which is a store as others are.
    #[cfg(all(test, feature = "cloud"))]
    pub(crate) fn in_memory(folder: &str) -> Self {
        Bucket::of(folder, Box::new(super::cloud::Cloud::in_memory()))
    }

    fn of(folder: &str, store: Box<dyn Listed>) -> Self {
        let (compares, is_away, known) = (AtomicBool::new(false), AtomicBool::new(false), Mutex::default());
        Bucket { folder: folder.to_owned(), store, compares, is_away, known }
    }

    /// Tries something until it worked, or the time for it is over. `name` is the file's.
    fn ask<T>(
        &self,
        name: &str,
        host: &dyn Host,
        attempt: impl Fn(&Patience<'_>) -> Result<T, Failure>,
    ) -> io::Result<T> {
        let time = if self.is_away.load(Ordering::Relaxed) { Duration::ZERO } else { PATIENCE };
        let done = attempt(&Patience::of_records(time, host));
        self.is_away.store(matches!(done, Err(Failure::Broken(_) | Failure::Busy(_))), Ordering::Relaxed);
        done.map_err(|failure| match failure {
            Failure::Conflict => ErrorKind::AlreadyExists.into(),
            // Commands say which file it is.
            Failure::Busy(what) | Failure::Broken(what) => {
                let path = format!("{}/{name}: ", self.folder);
                io::Error::other(what.strip_prefix(&path).unwrap_or(&what).to_owned())
            }
        })
    }

    /// Its files. One in which nothing is does not exist, as in a bucket there are no folders.
    pub(crate) fn list(&self, host: &dyn Host) -> io::Result<Listing> {
        let listed = self.ask("", host, |patience| patience.ask(|| self.store.list()))?;
        if listed.is_empty() {
            return Err(io::Error::new(ErrorKind::NotFound, "there is nothing in the bucket below this folder"));
        }
        let mut known = self.known();
        let mut last = std::mem::take(&mut *known);
        for (name, tag) in listed {
            let same = last.remove(&name).filter(|one| one.tag == tag && tag != Tag::default());
            known.insert(name, Known { bytes: same.and_then(|same| same.bytes), tag });
        }
        let files = known.keys().map(|name| format!("{}/{name}", self.folder)).collect();
        drop(known);
        self.read_ahead();
        Ok(Listing { files, findings: Vec::new() })
    }

    /// Reads the records of the last listing that were not read yet. What fails here is read again by itself, and told.
    fn read_ahead(&self) {
        let unread =
            |(name, one): (&String, &Known)| (one.bytes.is_none() && name.ends_with(RECORD)).then(|| name.clone());
        let names: Vec<String> = self.known().iter().filter_map(unread).collect();
        thread::scope(|scope| {
            for part in names.chunks(names.len().div_ceil(AT_ONCE).max(1)) {
                scope.spawn(move || {
                    for name in part {
                        let Ok(Some(Found { bytes, .. })) = self.store.read(name) else { return };
                        if let Some(one) = self.known().get_mut(name) {
                            one.bytes = Some(bytes);
                        }
                    }
                });
            }
        });
    }

    /// A file's bytes: of a record as it was when the folder was listed.
    pub(crate) fn read(&self, name: &str, host: &dyn Host) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.known().get(name).and_then(|one| one.bytes.clone()) {
            return Ok(bytes);
        }
        let found = self.ask(name, host, |patience| patience.ask(|| self.store.read(name)))?;
        found.map(|found| found.bytes).ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// Writes a file, whatever is there.
    pub(crate) fn write(&self, name: &str, bytes: &[u8], host: &dyn Host) -> io::Result<()> {
        let put = || self.store.put(name, bytes, Cache::Live, Expected::Anything);
        self.ask(name, host, |patience| patience.ask(put))
    }

    /// Writes a file that must not be there. One with these very bytes was written by us: its answer was lost, or it was sent twice.
    pub(crate) fn create(&self, name: &str, bytes: &[u8], host: &dyn Host) -> io::Result<()> {
        self.ask(name, host, |patience| {
            self.check(patience)?;
            for round in 0.. {
                match patience.ask(|| self.store.put(name, bytes, Cache::Live, Expected::Absent)) {
                    Err(Failure::Conflict) => {}
                    done => return done,
                }
                match patience.ask(|| self.store.read(name))? {
                    Some(found) if found.bytes == bytes => return Ok(()),
                    // Two wrote at one moment, and the store refused both.
                    None if patience.pause(round) => {}
                    Some(_) | None => break,
                }
            }
            Err(Failure::Conflict)
        })
    }

    /// Takes a file away.
    pub(crate) fn remove(&self, name: &str, host: &dyn Host) -> io::Result<()> {
        self.ask(name, host, |patience| patience.ask(|| self.store.remove(name)))
    }

    /// Refuses a store that would let one record replace another.
    fn check(&self, patience: &Patience<'_>) -> Result<(), Failure> {
        if self.compares.load(Ordering::Relaxed) {
            return Ok(());
        }
        if !probe::compares(self.store.as_ref(), patience)? {
            return Err(Failure::Broken(
                "this store replaces files without comparing, so that two people could overwrite each other's record: keep the records in \
                 a folder, or in a bucket that compares"
                    .to_owned(),
            ));
        }
        self.compares.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
