//! The world as it was when it was first looked at: what is checked, compared and signed of a ruleset are the same bytes, whoever edits it meanwhile.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

use serde_json::Value as Json;
use waft_ruleset::finding::Finding;
use waft_ruleset::source::FILE_BYTES;

use crate::host::{Entry, Host, Listing, Stream, delegated};

/// A file that a ruleset names, or what is wrong with it.
type Asset = Result<Vec<u8>, String>;

/// A host that reads each file of rules once. For rules alone: a history is read again where others write, too.
pub(crate) struct Once<'h> {
    host: &'h dyn Host,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    assets: RefCell<BTreeMap<(String, String), Asset>>,
    listings: RefCell<BTreeMap<String, Listing>>,
}

impl<'h> Once<'h> {
    /// Of a host, of which nothing is read yet.
    pub(crate) fn of(host: &'h dyn Host) -> Self {
        Once { host, files: RefCell::default(), assets: RefCell::default(), listings: RefCell::default() }
    }
}

impl Once<'_> {
    /// Takes a file to be so. Nothing is written.
    pub(crate) fn take(&self, path: &str, bytes: Vec<u8>) {
        self.files.borrow_mut().insert(path.to_owned(), bytes);
    }
}

impl Host for Once<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.files.borrow().get(path).filter(|bytes| bytes.len() <= FILE_BYTES) {
            return Ok(bytes.clone());
        }
        let bytes = self.host.read(path)?;
        self.files.borrow_mut().insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        let known =
            self.files.borrow().get(path).filter(|bytes| bytes.len() <= FILE_BYTES || bytes.len() >= most).cloned();
        let mut bytes = match known {
            Some(bytes) => bytes,
            // One byte more than a ruleset's file may have tells that it is too large.
            None => self.host.read_at_most(path, most.max(FILE_BYTES + 1))?,
        };
        self.files.borrow_mut().insert(path.to_owned(), bytes.clone());
        bytes.truncate(most);
        Ok(bytes)
    }

    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String> {
        let mut assets = self.assets.borrow_mut();
        let of = (ruleset.to_owned(), path.to_owned());
        assets.entry(of).or_insert_with(|| self.host.read_asset(ruleset, path)).clone()
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        if let Some(known) = self.listings.borrow().get(path) {
            return Ok(known.clone());
        }
        let listing = self.host.list(path)?;
        self.listings.borrow_mut().insert(path.to_owned(), listing.clone());
        Ok(listing)
    }

    /// In the place of what was read, and of nothing else.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let known = self.files.borrow().get(path).cloned();
        if known.is_some_and(|known| self.host.read(path).is_ok_and(|now| now != known)) {
            return Err(io::Error::other("somebody changed it meanwhile, and it is left as it is: try again"));
        }
        self.host.write(path, bytes)?;
        self.files.borrow_mut().insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    delegated!(host);

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        self.host.entries(path)
    }

    fn real(&self, path: &str) -> io::Result<String> {
        self.host.real(path)
    }

    fn print(&self, to: Stream, line: &str) {
        self.host.print(to, line);
    }

    fn finding(&self, finding: &Finding) {
        self.host.finding(finding);
    }

    fn failure(&self, code: &str, message: &str) -> Option<Json> {
        self.host.failure(code, message)
    }
}
