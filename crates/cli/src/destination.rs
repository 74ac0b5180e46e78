//! Where a command writes: whole or not at all, and never in the place of what is not a regular file.
//!
//! - A file appears under its name once it is complete: until then it is written beside it, under a random name.
//! - Through a link, the file that it leads to is replaced, and the link stays.
//! - A device, a pipe, a socket or an open descriptor (`/dev/stdout`, `/dev/fd/3`) is written into.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::{Builder, NamedTempFile};

/// How many links may lead to each other, as in Linux.
const LINKS: usize = 40;

/// How files are called until they are complete, with a random name in between.
const PREFIX: &str = ".waft-";
const SUFFIX: &str = ".tmp";

/// After so long, whoever wrote such a file was killed: the slowest write of 64 MB takes minutes.
const LEFT: Duration = Duration::from_secs(86_400);

/// What is being written. Dropped before [`Destination::commit`], it leaves what was there before.
pub(crate) struct Destination(To);

enum To {
    /// What is no regular file, or is open already.
    InPlace(File),
    #[cfg(unix)]
    Socket(std::os::unix::net::UnixStream),
    /// A file beside the one to replace.
    Beside(NamedTempFile, PathBuf),
}

/// Who may read a file that is new.
#[derive(Clone, Copy)]
pub(crate) enum Readers {
    /// Whom the umask allows.
    Others,
    /// Its owner alone.
    Owner,
}

impl Readers {
    #[cfg(unix)]
    const fn mode(self) -> u32 {
        match self {
            Self::Others => 0o666,
            Self::Owner => 0o600,
        }
    }
}

impl Destination {
    /// Opens what a path names, in a folder that is there. A file that is replaced keeps its mode.
    pub(crate) fn open(path: &Path, readers: Readers) -> io::Result<Self> {
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::Error::new(ErrorKind::IsADirectory, "names a folder, not a file"));
        }
        let target = match resolve(path)? {
            Resolved::Open(descriptor) => return duplicate(descriptor).map(To::InPlace).map(Destination),
            Resolved::InPlace(path) => return open_in_place(&path).map(To::InPlace).map(Destination),
            Resolved::Path(target) => target,
        };
        let folder = match target.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        match fs::symlink_metadata(&target) {
            Ok(old) if old.is_file() => {
                let file = beside(&Builder::new(), folder)?;
                keep(&old, file.as_file())?;
                Ok(Destination(To::Beside(file, target)))
            }
            Ok(old) if old.is_dir() => Err(io::Error::new(ErrorKind::IsADirectory, "is a folder")),
            #[cfg(unix)]
            Ok(old) if std::os::unix::fs::FileTypeExt::is_socket(&old.file_type()) => {
                std::os::unix::net::UnixStream::connect(&target).map(To::Socket).map(Destination)
            }
            Ok(_) => open_in_place(&target).map(To::InPlace).map(Destination),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let mut builder = Builder::new();
                // Less what the umask takes off, as for any new file.
                #[cfg(unix)]
                builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
                #[cfg(not(unix))]
                let _ = readers;
                Ok(Destination(To::Beside(beside(&builder, folder)?, target)))
            }
            Err(error) => Err(error),
        }
    }

    /// Ends it: what was written is on the disk, and under its name.
    pub(crate) fn commit(self) -> io::Result<()> {
        match self.0 {
            To::InPlace(mut file) => {
                file.flush()?;
                // Nothing but files and disks can be synced.
                if file.metadata()?.is_file() { file.sync_all() } else { Ok(()) }
            }
            #[cfg(unix)]
            To::Socket(mut stream) => stream.flush(),
            To::Beside(mut file, target) => {
                file.flush()?;
                file.as_file().sync_all()?;
                // Somebody may have put something there meanwhile.
                match fs::symlink_metadata(&target) {
                    Ok(old) if !old.is_file() => {
                        return Err(io::Error::new(ErrorKind::AlreadyExists, "is no longer a regular file"));
                    }
                    Ok(_) | Err(_) => {}
                }
                file.persist(target).map(|_| ()).map_err(|failed| failed.error)
            }
        }
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            To::InPlace(file) => file.write(bytes),
            #[cfg(unix)]
            To::Socket(stream) => stream.write(bytes),
            To::Beside(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            To::InPlace(file) => file.flush(),
            #[cfg(unix)]
            To::Socket(stream) => stream.flush(),
            To::Beside(file, _) => file.flush(),
        }
    }
}

/// Writes a file as a whole. Folders that are missing are made, but not for the target of a link.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        fs::create_dir_all(folder)?;
    }
    let mut destination = Destination::open(path, Readers::Others)?;
    destination.write_all(bytes)?;
    destination.commit()
}

/// Whether [`write`] makes or replaces a file.
pub(crate) fn is_file(path: &Path) -> bool {
    let is_other = |found: fs::Metadata| !found.is_file();
    matches!(resolve(path), Ok(Resolved::Path(_))) && !fs::metadata(path).is_ok_and(is_other)
}

/// Makes a file that must not exist yet, not even as a link; only its owner may read a secret. It appears whole: nothing is left under
/// its name of one that could not be written, or whose writer was killed.
pub(crate) fn create(path: &Path, bytes: &[u8], secret: bool) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !secret {
        fs::create_dir_all(folder)?;
    }
    // Told before anything is written; what comes between is told below.
    if fs::symlink_metadata(path).is_ok() {
        #[cfg(unix)]
        return Err(rustix::io::Errno::EXIST.into());
        #[cfg(not(unix))]
        return Err(ErrorKind::AlreadyExists.into());
    }
    let mut builder = Builder::new();
    #[cfg(unix)]
    {
        let readers = if secret { Readers::Owner } else { Readers::Others };
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(readers.mode()));
    }
    let mut file = beside(&builder, folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(|_| ()).map_err(|failed| failed.error)
}

/// Removes what writers that were killed left in a folder: files of a day ago, which nobody writes any more. What cannot be removed stays.
pub(crate) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Among thousands of releases only these are looked at.
        if !name.starts_with(PREFIX) || !name.ends_with(SUFFIX) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else { continue };
        let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok());
        if metadata.is_file() && age.is_some_and(|age| age > LEFT) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A file in a folder under a name that nobody can guess, and that nothing has.
fn beside(builder: &Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = builder.clone();
    builder.prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)
}

/// Gives a new file the old one's owner and mode, as far as we may.
#[cfg(unix)]
fn keep(old: &fs::Metadata, new: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let made = new.metadata()?;
    let is_same = (made.uid(), made.gid()) == (old.uid(), old.gid());
    let is_kept = is_same || fchown(new, Some(old.uid()), Some(old.gid())).is_ok();
    if !is_kept {
        // Its group may read it, if we are in it.
        let _ = fchown(new, None, Some(old.gid()));
    }
    // Somebody else's program must not become ours.
    let mode = if is_kept { 0o7777 } else { 0o777 };
    new.set_permissions(fs::Permissions::from_mode(old.mode() & mode))
}

#[cfg(not(unix))]
fn keep(old: &fs::Metadata, new: &File) -> io::Result<()> {
    new.set_permissions(old.permissions())
}

/// What a path leads to.
enum Resolved {
    /// A descriptor of this program.
    Open(u32),
    /// A link that only the kernel can follow: to what another program has open.
    InPlace(PathBuf),
    /// The end of all links.
    Path(PathBuf),
}

fn resolve(path: &Path) -> io::Result<Resolved> {
    let mut path = path.to_owned();
    for _ in 0..=LINKS {
        match fs::symlink_metadata(&path) {
            Ok(found) if found.is_symlink() => {}
            Ok(_) | Err(_) => return Ok(Resolved::Path(path)),
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let real = fs::canonicalize(&folder)?;
        if real.starts_with("/proc") && real.ends_with("fd") {
            let own = format!("/proc/{}/", std::process::id());
            let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            return Ok(match number.filter(|_| real.starts_with(own)) {
                Some(descriptor) => Resolved::Open(descriptor),
                None => Resolved::InPlace(path),
            });
        }
        path = folder.join(fs::read_link(&path)?);
    }
    Err(io::Error::other("links that lead to each other"))
}

fn open_in_place(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// The same open file: what was redirected goes on where it is, and a socket cannot be opened by its name.
#[cfg(unix)]
fn duplicate(descriptor: u32) -> io::Result<File> {
    use std::os::fd::{AsFd, BorrowedFd};
    let own = match descriptor {
        0 => io::stdin().as_fd().try_clone_to_owned(),
        1 => io::stdout().as_fd().try_clone_to_owned(),
        2 => io::stderr().as_fd().try_clone_to_owned(),
        _ => {
            let number = i32::try_from(descriptor).map_err(|_| io::Error::from(ErrorKind::NotFound))?;
            // SAFETY: the link `/proc/self/fd/NUMBER` was there a moment ago, so it is open, and one thread runs: whoever opened
            // it before us, to be written to, does not close it now.
            #[allow(unsafe_code, reason = "a descriptor that was inherited has no owner in this program")]
            unsafe { BorrowedFd::borrow_raw(number) }.try_clone_to_owned()
        }
    };
    own.map(File::from)
}

#[cfg(not(unix))]
fn duplicate(_: u32) -> io::Result<File> {
    Err(ErrorKind::Unsupported.into())
}
