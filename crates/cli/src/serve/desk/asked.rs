//! The world as a command sees it that a request asked for: the native one, but for what the request brought, and what is printed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde_json::json;
use waft_commands::Exit;
use waft_commands::host::{Destination, Entry, Host, Listing, Parcel, Stream, Unpublished};
use waft_compile::keys;

use super::answer::Refused;
use crate::host::{Native, answered};
use crate::publish;

/// How messages call what a request brought, and what it is to get. No file is called so, as commands are given names of these alone.
pub(crate) const PUBLIC_KEY: &str = "publicKey";
pub(crate) const SIGNATURE: &str = "signature";
pub(crate) const DOCUMENT: &str = "document";
pub(crate) const TO_SIGN: &str = "toSign";
/// Of several keys, each by its place: `add/0`.
pub(crate) const ADDED: &str = "add/";

/// The host of one request.
#[derive(Default)]
pub(crate) struct Asked {
    native: Native,
    /// What it brought, and what commands wrote for it, by those names.
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    out: RefCell<Vec<String>>,
    err: RefCell<Vec<String>>,
}

impl Asked {
    /// `roots` is where links of the rules may lead.
    pub(super) fn new(roots: Vec<PathBuf>) -> Self {
        Self { native: Native { roots }, ..Self::default() }
    }

    /// Where links of the rules may lead.
    pub(crate) fn roots(&self) -> &[PathBuf] {
        &self.native.roots
    }

    /// Another one, for what is not to be told.
    pub(crate) fn like(&self) -> Self {
        Self::new(self.native.roots.clone())
    }

    /// Puts a file where commands find it by its name.
    pub(crate) fn give(&self, name: impl Into<String>, bytes: Vec<u8>) {
        self.files.borrow_mut().insert(name.into(), bytes);
    }

    pub(crate) fn taken(&self, name: &str) -> Option<Vec<u8>> {
        self.files.borrow_mut().remove(name)
    }

    /// What was printed since, and forgets it.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.out.take()
    }

    /// What people were told.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.err.take()
    }

    /// Why a command did not do what was asked: the last that it said.
    pub(crate) fn refused(&self, exit: Exit) -> Refused {
        let said = self.err.borrow_mut().pop().unwrap_or_default();
        Refused::ended(exit, said.strip_prefix("waft: ").unwrap_or(&said))
    }

    /// Whether a command did it.
    pub(crate) fn done(&self, exit: Exit) -> Result<(), Refused> {
        if exit == Exit::Done { Ok(()) } else { Err(self.refused(exit)) }
    }
}

impl Host for Asked {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.files.borrow().get(path).cloned().map_or_else(|| self.native.read(path), Ok)
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        self.native.read_at_most(path, most)
    }

    fn input(&self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String> {
        self.native.read_asset(ruleset, path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        if path == TO_SIGN || path == DOCUMENT {
            self.give(path, bytes.to_vec());
            return Ok(());
        }
        self.native.write(path, bytes)
    }

    fn is_file(&self, path: &str) -> bool {
        self.native.is_file(path)
    }

    fn create(&self, path: &str, bytes: &[u8], secret: bool) -> io::Result<()> {
        // A command that names its file itself is told a folder.
        if path.strip_prefix(DOCUMENT).is_some_and(|rest| rest.starts_with('/')) {
            self.give(DOCUMENT, bytes.to_vec());
            return Ok(());
        }
        self.native.create(path, bytes, secret)
    }

    fn open_bucket(&self, folder: &str) -> Result<(), String> {
        self.native.open_bucket(folder)
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        self.native.list(path)
    }

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        self.native.entries(path)
    }

    fn real(&self, path: &str) -> io::Result<String> {
        self.native.real(path)
    }

    fn is_open_to_others(&self, path: &str) -> bool {
        !self.files.borrow().contains_key(path) && self.native.is_open_to_others(path)
    }

    fn now(&self) -> i64 {
        self.native.now()
    }

    fn random(&self) -> io::Result<[u8; 32]> {
        self.native.random()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.native.variable(name)
    }

    /// What was asked at the start, such as the passphrase of a key: no request waits for somebody at the terminal.
    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        Ok(answered(question))
    }

    fn publish(&self, parcel: &Parcel<'_>) -> Result<String, Unpublished> {
        publish::deliver(parcel, self)
    }

    fn published(&self, at: &Destination, name: &str) -> Result<Option<Vec<u8>>, Unpublished> {
        publish::published(at, name, self)
    }

    fn print(&self, to: Stream, line: &str) {
        match to {
            Stream::Out => self.out.borrow_mut().push(line.to_owned()),
            Stream::Err => {
                // Whoever runs the server sees who did what, too.
                self.native.print(Stream::Err, line);
                self.err.borrow_mut().push(line.to_owned());
            }
        }
    }
}

/// A public key, as `waft keygen` prints it.
pub(crate) fn key(public: &str) -> String {
    json!({ "publicKey": public }).to_string()
}

pub(crate) fn signature_of(text: &str) -> Result<[u8; 64], Refused> {
    keys::from_text(text).ok_or_else(|| Refused::usage("signature: expected the 64 bytes of Ed25519 as base64url"))
}
