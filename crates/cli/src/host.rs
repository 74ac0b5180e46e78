//! The world as the commands of `waft_studio` see it: files, the clock, the terminal.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use waft_studio::host::Host;

/// The native host.
pub(crate) struct Native;

impl Host for Native {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    /// Writes beside the file and renames, so that a crash leaves the old file or the new one.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = Path::new(path);
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut beside = path.as_os_str().to_owned();
        beside.push(format!(".{}.tmp", std::process::id()));
        let beside = PathBuf::from(beside);
        let written = fs::File::create(&beside)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            // What is left of it is of no use; the first error is the one to tell.
            let _ = fs::remove_file(&beside);
        }
        written
    }

    fn write_secret(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let mut found = Vec::new();
        collect(Path::new(path), true, &mut found)?;
        found.sort();
        Ok(found)
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

    fn out(&self, line: &str) {
        // A reader that went away (`waft inspect | head`) is no reason to panic.
        let _ = writeln!(io::stdout(), "{line}");
    }

    fn err(&self, line: &str) {
        let _ = writeln!(io::stderr(), "{line}");
    }
}

/// Files that are rulesets by their ending, in a folder and those below it. A path that is named itself counts always.
fn collect(path: &Path, named: bool, found: &mut Vec<String>) -> io::Result<()> {
    if fs::metadata(path)?.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with('.') {
                collect(&entry.path(), false, found)?;
            }
        }
    } else if named
        || path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known))
    {
        found.push(path.to_string_lossy().into_owned());
    }
    Ok(())
}
