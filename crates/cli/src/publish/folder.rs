//! A folder of this machine.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::store::{Cache, Expected, Failure, Found, LARGEST, Store, Tag};
use crate::destination;

/// Held while a file is compared and replaced, so that of two publishers one waits. It stays, as removing it would let both in; the system
/// lets go of it when its holder ends, however that ends.
const LOCK: &str = ".waft-publish.lock";

/// A folder, made when something is first written.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    fn found(&self, name: &str) -> Result<Option<Found>, Failure> {
        let path = self.0.join(name);
        let broken = |error: std::io::Error| Failure::Broken(format!("{}: {error}", path.display()));
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(broken(error)),
        };
        let mut bytes = Vec::new();
        file.take(LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() > LARGEST {
            return Err(Failure::Broken(format!("{}: over {LARGEST} bytes: remove it", path.display())));
        }
        let digits: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Found { bytes, tag: Tag { e_tag: Some(digits), version: None } }))
    }

    fn lock(&self) -> std::io::Result<File> {
        fs::create_dir_all(&self.0)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(self.0.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }
}

impl Store for Folder {
    fn read(&self, name: &str) -> Result<Option<Found>, Failure> {
        self.found(name)
    }

    fn put(&self, name: &str, bytes: &[u8], _: Cache, expected: Expected<'_>) -> Result<(), Failure> {
        let folder = self.0.display();
        let lock = self.lock().map_err(|error| Failure::Broken(format!("{folder}: {error}")))?;
        let is_expected = match expected {
            Expected::Anything => true,
            Expected::Absent => self.found(name)?.is_none(),
            Expected::Unchanged(tag) => self.found(name)?.is_some_and(|found| found.tag == *tag),
        };
        if !is_expected {
            return Err(Failure::Conflict);
        }
        // Whoever was killed here before left its file, and nobody else looks for it.
        destination::sweep(&self.0);
        let path = self.0.join(name);
        let broken = |error: std::io::Error| Failure::Broken(format!("{}: {error}", path.display()));
        destination::write(&path, bytes).map_err(broken)?;
        // A name is on the disk when its folder is: what is live must not outlast a power cut that the file it names did not.
        #[cfg(unix)]
        File::open(&self.0).and_then(|folder| folder.sync_all()).map_err(broken)?;
        drop(lock);
        Ok(())
    }

    fn compares(&self) -> bool {
        true
    }
}
