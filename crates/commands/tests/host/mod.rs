//! A world in memory for the commands: files, a clock that stands still, and what was said.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;

use waft_commands::host::{Destination, Entry, EntryKind, Host, Listing, Parcel, Stream, Unpublished};
use waft_commands::{Exit, build};

/// The moment: 2026-11-24.
pub(crate) const NOW: i64 = 1_795_478_400_000;

/// The world.
#[derive(Default)]
pub(crate) struct Memory {
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    out: RefCell<Vec<String>>,
    err: RefCell<Vec<String>>,
    /// By how much it is later than [`NOW`], in milliseconds.
    later: Cell<i64>,
    /// How much later it is each time that it is asked, in milliseconds.
    ticks: Cell<i64>,
    /// What somebody else writes once a line has this in it: the file, and its bytes.
    meanwhile: RefCell<Option<(String, String, Vec<u8>)>>,
    /// What chance yields first, the last first: 32 bytes of each. Then sevens.
    chance: RefCell<Vec<u8>>,
}

impl Memory {
    /// A world with files, by path.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let memory = Memory::default();
        files.iter().for_each(|(path, text)| memory.put(path, text));
        memory
    }

    /// Puts a file.
    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.files.borrow_mut().insert(path.to_owned(), bytes.as_ref().to_vec());
    }

    /// Takes the file away whose path ends so.
    #[allow(dead_code, reason = "not every test takes files away")]
    pub(crate) fn take(&self, end: &str) -> (String, Vec<u8>) {
        let mut files = self.files.borrow_mut();
        let path = files.keys().find(|path| path.ends_with(end)).unwrap().clone();
        files.remove_entry(&path).unwrap()
    }

    /// Takes all files away whose paths begin so.
    #[allow(dead_code, reason = "not every test takes files away")]
    pub(crate) fn take_all(&self, start: &str) {
        self.files.borrow_mut().retain(|path, _| !path.starts_with(start));
    }

    /// What was said since it was asked last: the lines that were asked for, and those for the person at the terminal.
    pub(crate) fn said(&self) -> (Vec<String>, Vec<String>) {
        (self.out.take(), self.err.take())
    }

    /// Lets somebody else write a file as soon as something is said.
    #[allow(dead_code, reason = "in most tests nobody else is at work")]
    pub(crate) fn meanwhile(&self, said: &str, path: &str, bytes: impl AsRef<[u8]>) {
        self.meanwhile.replace(Some((said.to_owned(), path.to_owned(), bytes.as_ref().to_vec())));
    }

    /// Moves the clock, by so many seconds.
    #[allow(dead_code, reason = "most tests need one moment")]
    pub(crate) fn wait(&self, seconds: i64) {
        self.later.set(self.later.get() + seconds * 1_000);
    }

    /// Lets so many milliseconds pass between two looks at the clock.
    #[allow(dead_code, reason = "in most tests no time passes")]
    pub(crate) fn tick(&self, milliseconds: i64) {
        self.ticks.set(milliseconds);
    }

    /// Lets chance yield 32 bytes of each of these, the last first.
    #[allow(dead_code, reason = "most tests need one key")]
    pub(crate) fn chance(&self, bytes: &[u8]) {
        self.chance.replace(bytes.to_vec());
    }

    /// Builds the snapshot of an environment, quietly.
    #[allow(dead_code, reason = "not every test builds quietly")]
    pub(crate) fn build(&self, ruleset: &str, environment: &str, out: &str) {
        let options = build::Options {
            ruleset: ruleset.to_owned(),
            environment: environment.to_owned(),
            version: 1,
            out: out.to_owned(),
            ..build::Options::default()
        };
        assert_eq!(build::run(&options, self), Exit::Done, "{:#?}", self.said());
        self.said();
    }
}

impl Host for Memory {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let files = self.files.borrow();
        // Its root is where it is.
        let found = files.get(path).or_else(|| files.get(path.strip_prefix('/')?));
        found.cloned().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no such file"))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.put(path, bytes);
        Ok(())
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        self.read(path).map(|bytes| bytes[..most.min(bytes.len())].to_vec())
    }

    fn input(&self) -> io::Result<Vec<u8>> {
        self.read("-")
    }

    fn read_asset(&self, _: &str, path: &str) -> Result<Vec<u8>, String> {
        self.read(path).map_err(|error| error.to_string())
    }

    fn is_file(&self, _: &str) -> bool {
        true
    }

    fn create(&self, path: &str, bytes: &[u8], _: bool) -> io::Result<()> {
        if self.files.borrow().contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.write(path, bytes)
    }

    fn is_open_to_others(&self, _: &str) -> bool {
        false
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        let inside = format!("{path}/");
        let is_ruleset = |name: &String| name.ends_with(".yaml") && (name == path || name.starts_with(&inside));
        let files = self.files.borrow().keys().filter(|name| is_ruleset(name)).cloned().collect();
        Ok(Listing { files, findings: Vec::new() })
    }

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        let files = self.files.borrow();
        if files.contains_key(path) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let inside = if path == "." { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
        let below =
            files.keys().filter_map(|name| name.trim_start_matches('/').strip_prefix(inside.trim_start_matches('/')));
        let names: BTreeMap<&str, EntryKind> = below
            .map(|below| match below.split_once('/') {
                Some((folder, _)) => (folder, EntryKind::Folder),
                None => (below, EntryKind::File),
            })
            .collect();
        if names.is_empty() && path != "." {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(names.into_iter().map(|(name, kind)| Entry { name: name.to_owned(), kind }).collect())
    }

    fn real(&self, path: &str) -> io::Result<String> {
        Ok(if path == "." { "/".to_owned() } else { format!("/{}", path.trim_matches('/')) })
    }

    fn now(&self) -> i64 {
        self.later.set(self.later.get() + self.ticks.get());
        NOW + self.later.get()
    }

    fn random(&self) -> io::Result<[u8; 32]> {
        Ok([self.chance.borrow_mut().pop().unwrap_or(7); 32])
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    /// Pages load from a folder of this world.
    fn published(&self, at: &Destination, name: &str) -> Result<Option<Vec<u8>>, Unpublished> {
        if at.to.is_empty() {
            return Err(Unpublished::Unable);
        }
        Ok(self.read(&format!("{}/{name}", at.to)).ok())
    }

    fn publish(&self, parcel: &Parcel<'_>) -> Result<String, Unpublished> {
        if parcel.to.to.is_empty() {
            return Err(Unpublished::Unable);
        }
        self.put(&format!("{}/snapshot.waft", parcel.to.to), parcel.snapshot);
        Ok("{}".to_owned())
    }

    fn print(&self, to: Stream, line: &str) {
        let said = match to {
            Stream::Out => &self.out,
            Stream::Err => &self.err,
        };
        said.borrow_mut().push(line.to_owned());
        if let Some((_, path, bytes)) = self.meanwhile.borrow_mut().take_if(|(said, ..)| line.contains(said.as_str())) {
            self.put(&path, bytes);
        }
    }
}
