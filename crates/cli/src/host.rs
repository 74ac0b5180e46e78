//! The world as the commands of `waft_commands` see it: files, the clock, the terminal.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

#[cfg(unix)]
use nix::sys::signal::{SigSet, Signal};
use waft_commands::host::{Entry, Host, Listing, Parcel, Stream, Unpublished};
use waft_ruleset::escape;

use crate::{commit, destination, folder, publish};

/// The native host.
#[derive(Default)]
pub(crate) struct Native {
    /// Folders that links in a ruleset may lead to, beside its own.
    pub(crate) roots: Vec<PathBuf>,
}

/// Tells the person at the terminal, or the log.
pub(crate) fn tell(message: &str) {
    Native::default().err(&format!("waft: {message}"));
}

/// Asks for a line that is not shown as it is typed. Ctrl-C ends the program once the terminal is as it was.
#[cfg(unix)]
fn unseen(question: &str) -> io::Result<String> {
    let mut interrupt = SigSet::empty();
    interrupt.add(Signal::SIGINT);
    interrupt.thread_block()?;
    let answer = rpassword::prompt_password(question);
    interrupt.thread_unblock()?;
    answer
}

#[cfg(not(unix))]
fn unseen(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

impl Host for Native {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn fetch(&self, url: &str) -> io::Result<Vec<u8>> {
        publish::fetch(url)
    }

    fn at_commit(&self, source: &str, seen: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
        commit::at(source, seen)
    }

    fn input(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String> {
        let roots = folder::Roots::of(Path::new(ruleset), &self.roots).map_err(|error| error.to_string())?;
        fs::read(roots.file(Path::new(path))?).map_err(|error| error.to_string())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        destination::write(Path::new(path), bytes)
    }

    fn is_file(&self, path: &str) -> bool {
        destination::is_file(Path::new(path))
    }

    fn create(&self, path: &str, bytes: &[u8], secret: bool) -> io::Result<()> {
        destination::create(Path::new(path), bytes, secret)
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        folder::list(Path::new(path), &self.roots)
    }

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        folder::entries(Path::new(path))
    }

    fn real(&self, path: &str) -> io::Result<String> {
        Ok(fs::canonicalize(path)?.to_string_lossy().into_owned())
    }

    #[cfg(unix)]
    fn is_open_to_others(&self, path: &str) -> bool {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.mode() & 0o077 != 0)
    }

    #[cfg(not(unix))]
    fn is_open_to_others(&self, _: &str) -> bool {
        false
    }

    fn now(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(_) => 0,
        }
    }

    fn random(&self) -> io::Result<[u8; 32]> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        Ok(bytes)
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        // A server signs every hour with a key whose passphrase it was told at its start.
        static ANSWERS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
        if !io::stdin().is_terminal() {
            return Ok(None);
        }
        let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = answers.get(question) {
            return Ok(Some(known.clone()));
        }
        let answer = unseen(&escape::text(question))?;
        answers.insert(question.to_owned(), answer.clone());
        Ok(Some(answer))
    }

    fn publish(&self, parcel: &Parcel<'_>) -> Result<String, Unpublished> {
        publish::deliver(parcel, self)
    }

    fn print(&self, to: Stream, line: &str) {
        // A reader that went away (`waft inspect | head`) is no reason to panic.
        let _ = match to {
            Stream::Out => writeln!(io::stdout(), "{line}"),
            Stream::Err => writeln!(io::stderr(), "{line}"),
        };
    }
}
