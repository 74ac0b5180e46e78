//! The world as the commands of `waft_commands` see it: files, the clock, the terminal.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

#[cfg(unix)]
use nix::sys::signal::{SigSet, Signal};
use waft_commands::host::{Destination, Entry, Host, Listing, Notice, Parcel, Recipients, Stream, Unpublished};
use waft_ruleset::escape;

use crate::{commit, destination, folder, notify, publish};

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

/// Between two looks at whether a lock is free.
const LOOK: Duration = Duration::from_millis(50);

/// Takes a lock, unless another process keeps it for so long. Its file stays, as removing it would let two in.
fn lock(path: &Path, time: Duration) -> io::Result<Option<Box<dyn Any>>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    let until = Instant::now() + time;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
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

    fn published(&self, at: &Destination, name: &str) -> Result<Option<Vec<u8>>, Unpublished> {
        publish::published(at, name, self)
    }

    fn notify(&self, to: &Recipients, notice: Option<&Notice>) -> Result<Vec<String>, String> {
        notify::tell(self, to, notice)
    }

    fn lock(&self, path: &str, seconds: u16) -> io::Result<Option<Box<dyn Any>>> {
        lock(Path::new(path), Duration::from_secs(seconds.into()))
    }

    fn print(&self, to: Stream, line: &str) {
        // A reader that went away (`waft inspect | head`) is no reason to panic.
        let _ = match to {
            Stream::Out => writeln!(io::stdout(), "{line}"),
            Stream::Err => writeln!(io::stderr(), "{line}"),
        };
    }
}
