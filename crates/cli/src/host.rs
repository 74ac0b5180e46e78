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
use waft_commands::host::{
    Destination, Entry, Host, Listing, Notice, Parcel, Recipients, Stream, Unpublished, swapped,
};
use waft_commands::records;
use waft_ruleset::escape;

use crate::publish::bucket;
use crate::{commit, destination, folder, notify, publish};

/// The native host.
#[derive(Default)]
pub(crate) struct Native {
    /// Folders that links in a ruleset may lead to, beside its own.
    pub(crate) roots: Vec<PathBuf>,
}

/// What was asked at the terminal, and the answers: a server signs with keys whose passphrases it was told at its start.
static ANSWERS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// What somebody at the terminal answered to a question before.
pub(crate) fn answered(question: &str) -> Option<String> {
    ANSWERS.lock().unwrap_or_else(PoisonError::into_inner).get(question).cloned()
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

/// Takes a file away, also one in a bucket. One that is not there is none.
pub(crate) fn remove(path: &str) -> io::Result<()> {
    if let Some((bucket, name)) = bucket::of(path) {
        return bucket.remove(name, &Native::default());
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Between two looks at whether a lock is free.
const LOOK: Duration = Duration::from_millis(50);

/// Takes a lock, unless another process keeps it for so long. Its file stays, as removing it would let two in.
fn lock(path: &Path, time: Duration) -> io::Result<Option<Box<dyn Any>>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    Ok(locked(file, time)?.map(|file| Box::new(file) as Box<dyn Any>))
}

/// How long another process may take to replace a file. Whatever holds its folder longer keeps no kill waiting.
const SWAP: Duration = Duration::from_secs(5);

/// Keeps other `waft` processes from replacing files of the same folder. Where it cannot be had (a network's file system, Windows), what was read is compared all the
/// same, and whoever writes at that very moment is not waited for.
fn hold(path: &Path) -> Option<File> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Several may make it at once: without it they would not wait for each other.
    fs::create_dir_all(folder).ok()?;
    locked(File::open(folder).ok()?, SWAP).ok().flatten()
}

/// Locks a file, unless another process keeps it locked for so long.
fn locked(file: File, time: Duration) -> io::Result<Option<File>> {
    let until = Instant::now() + time;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if Instant::now() >= until => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(LOOK),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// What a device may give: as much as the largest file that is read of one.
const DEVICE: u64 = waft::limits::SNAPSHOT_BYTES as u64;

/// A file's bytes. Those of `/dev/zero` have no end.
fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let (mut file, mut bytes) = (File::open(path)?, Vec::new());
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_char_device(&file.metadata()?.file_type()) {
        file.take(DEVICE + 1).read_to_end(&mut bytes)?;
        return if bytes.len() as u64 > DEVICE {
            Err(io::Error::other("a device that does not end"))
        } else {
            Ok(bytes)
        };
    }
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Host for Native {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match bucket::of(path) {
            Some((bucket, name)) => bucket.read(name, self),
            None => whole(Path::new(path)),
        }
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some((bucket, name)) = bucket::of(path) {
            bytes = bucket.read(name, self)?;
            bytes.truncate(most);
            return Ok(bytes);
        }
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

    fn open_bucket(&self, folder: &str) -> Result<(), String> {
        bucket::open(folder)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        match bucket::of(path) {
            Some((bucket, name)) => bucket.write(name, bytes, self),
            None => destination::write(Path::new(path), bytes),
        }
    }

    fn swap(&self, path: &str, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<bool> {
        // What is no file is not compared, and whoever reads from a pipe may take long.
        let held = if bucket::of(path).is_none() && self.is_file(path) { hold(Path::new(path)) } else { None };
        let is_written = swapped(self, path, before, bytes);
        drop(held);
        is_written
    }

    fn is_file(&self, path: &str) -> bool {
        destination::is_file(Path::new(path))
    }

    fn create(&self, path: &str, bytes: &[u8], secret: bool) -> io::Result<()> {
        match bucket::of(path) {
            Some((bucket, name)) => bucket.create(name, bytes, self),
            None => destination::create(Path::new(path), bytes, secret),
        }
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        match bucket::at(path) {
            Some(bucket) => bucket.list(self),
            None => folder::list(Path::new(path), &self.roots),
        }
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
        // In a bucket nothing is held: of two who release at once, the record that is first counts, and the other one has lost.
        if records::is_bucket(path) {
            return Ok(Some(Box::new(())));
        }
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

#[cfg(all(test, feature = "cloud"))]
mod tests {
    use std::io::{self, ErrorKind};
    use std::thread;

    use crate::host::Native;
    use crate::publish::bucket::{Bucket, open};

    fn bucket() -> Bucket {
        Bucket::in_memory("s3://memory/releases")
    }

    #[test]
    fn of_many_who_write_a_record_at_once_one_does() {
        let (bucket, host) = (bucket(), Native::default());
        let texts: Vec<String> = (0..16).map(|one| format!("at: {one}\n")).collect();
        let write = |text: &String| bucket.create("0001.yaml", text.as_bytes(), &Native::default());
        let ended: Vec<io::Result<()>> = thread::scope(|scope| {
            let all: Vec<_> = texts.iter().map(|text| scope.spawn(move || write(text))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let written: Vec<usize> = (0..16).filter(|at| ended[*at].is_ok()).collect();
        assert_eq!(written.len(), 1, "{ended:?}");
        assert_eq!(bucket.read("0001.yaml", &host).unwrap(), texts[written[0]].as_bytes());
        for error in ended.into_iter().filter_map(Result::err) {
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        }
        // Its own answer was lost.
        write(&texts[written[0]]).unwrap();
    }

    #[test]
    fn nothing_in_a_bucket_is_no_folder_and_records_are_read_once() {
        let (bucket, host) = (bucket(), Native::default());
        assert_eq!(bucket.list(&host).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(bucket.read("0001.yaml", &host).unwrap_err().kind(), ErrorKind::NotFound);
        for number in 1..=40 {
            bucket.create(&format!("{number:04}.yaml"), format!("at: {number}\n").as_bytes(), &host).unwrap();
        }
        bucket.write("below/0041.yaml", b"of another folder", &host).unwrap();
        bucket.write("log.jsonl", b"{}", &host).unwrap();
        let files = bucket.list(&host).unwrap().files;
        let records = files.iter().filter(|file| file.ends_with(".yaml"));
        assert_eq!(records.clone().count(), 40, "{files:?}");
        assert_eq!(records.clone().next().unwrap(), "s3://memory/releases/0001.yaml");
        assert_eq!(bucket.read("0040.yaml", &host).unwrap(), b"at: 40\n");
        // One that somebody changed all the same is read as it is.
        bucket.write("0040.yaml", b"changed", &host).unwrap();
        bucket.list(&host).unwrap();
        assert_eq!(bucket.read("0040.yaml", &host).unwrap(), b"changed");
        bucket.remove("0040.yaml", &host).unwrap();
        bucket.remove("0040.yaml", &host).unwrap();
        bucket.list(&host).unwrap();
        assert_eq!(bucket.read("0040.yaml", &host).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn what_is_no_bucket_is_told() {
        let told = |folder: &str| open(folder).unwrap_err();
        assert!(
            told("https://example.com/releases").starts_with("--records https://...: expected a folder, or a bucket")
        );
        assert!(told("s4://bucket").starts_with("--records s4://...: expected"));
        assert!(told("s3://").starts_with("--records s3:"), "{}", told("s3://"));
    }
}
