//! The ruleset files of a folder. Only what lies in it is read, or where its links may lead: each file once, and nothing is waited for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::{self, FileType, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use waft_commands::host::{Entry, EntryKind, Listing};
use waft_ruleset::finding::{Code, Finding};

/// Folders that other tools fill, beside those whose names begin with a dot.
const FOREIGN: [&str; 2] = ["node_modules", "target"];
/// The endings of ruleset files.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The folders whose files may be read, with all links followed: what is named, and where its links may lead.
pub(crate) struct Roots(Vec<PathBuf>);

impl Roots {
    /// Of a ruleset: the folder, or the folder of the file; and others that were allowed.
    pub(crate) fn of(path: &Path, allowed: &[PathBuf]) -> io::Result<Self> {
        let folder = match (path.is_dir(), path.parent()) {
            (true, _) => path,
            (false, Some(folder)) if !folder.as_os_str().is_empty() => folder,
            (false, _) => Path::new("."),
        };
        let mut roots = vec![fs::canonicalize(folder)?];
        for root in allowed {
            let real = fs::canonicalize(root).map_err(|error| named(root, &error.to_string()))?;
            if !real.is_dir() {
                return Err(named(root, "is not a folder"));
            }
            roots.push(real);
        }
        Ok(Roots(roots))
    }

    fn hold(&self, real: &Path) -> bool {
        self.0.iter().any(|root| real.starts_with(root))
    }

    /// A regular file below one of them, with all links followed; otherwise what is wrong.
    pub(crate) fn file(&self, path: &Path) -> Result<PathBuf, String> {
        let real = fs::canonicalize(path).map_err(|error| match is_circle(&error) {
            true => "a link that leads back to itself".to_owned(),
            false => error.to_string(),
        })?;
        if !self.hold(&real) {
            return Err(outside(&real));
        }
        let found = fs::metadata(&real).map_err(|error| error.to_string())?;
        if found.is_file() { Ok(real) } else { Err(format!("{}, not a file", kind(found.file_type()))) }
    }
}

fn named(root: &Path, problem: &str) -> io::Error {
    io::Error::other(format!("--root {}: {problem}", root.display()))
}

/// What is said of a link that leads too far. Its option belongs to the CLI.
fn outside(real: &Path) -> String {
    format!("a link to {}, outside of the ruleset's folder; `--root DIR` allows links into DIR", real.display())
}

/// Whether other tools fill a folder of this name.
pub(crate) fn is_foreign(name: &str) -> bool {
    FOREIGN.contains(&name)
}

/// The ruleset files under a path, sorted: the path itself if it is not a folder.
pub(crate) fn list(path: &Path, allowed: &[PathBuf]) -> io::Result<Listing> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(Listing { files: vec![path.to_string_lossy().into_owned()], findings: Vec::new() });
    }
    let roots = Roots::of(path, allowed)?;
    let root = fs::canonicalize(path)?;
    let mut walk = Walk {
        roots,
        found: Listing::default(),
        files: BTreeSet::new(),
        folders: BTreeMap::new(),
        links: VecDeque::new(),
    };
    // First what lies there under its own name, then what links add to it.
    walk.enter(path.to_owned(), root.clone());
    while let Some(link) = walk.links.pop_front() {
        walk.follow(&link);
    }
    walk.tell_circles(&root);
    walk.found.files.sort();
    walk.found.findings.sort_by(|left, right| (&left.file, left.code.name()).cmp(&(&right.file, right.code.name())));
    Ok(walk.found)
}

/// What is in a folder, whatever it is.
pub(crate) fn entries(path: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let kind = match name.to_str() {
            None => EntryKind::NotUtf8,
            Some(_) if kind.is_file() => EntryKind::File,
            Some(_) if kind.is_dir() => EntryKind::Folder,
            Some(_) => EntryKind::Other,
        };
        entries.push(Entry { name: name.to_string_lossy().into_owned(), kind });
    }
    Ok(entries)
}

struct Walk {
    roots: Roots,
    found: Listing,
    /// Files that are read, with all links followed.
    files: BTreeSet<PathBuf>,
    /// Folders that are read, with all links followed, and the folders below each: by a link, or not.
    folders: BTreeMap<PathBuf, Vec<(PathBuf, Option<PathBuf>)>>,
    links: VecDeque<Link>,
}

/// A link: its path as it is shown, and the folder that it lies in, with all links followed.
struct Link {
    path: PathBuf,
    within: PathBuf,
}

impl Walk {
    /// Takes the files of a folder and all below it.
    fn enter(&mut self, path: PathBuf, real: PathBuf) {
        let mut waiting = vec![(path, real)];
        while let Some((path, real)) = waiting.pop() {
            if self.folders.contains_key(&real) {
                continue;
            }
            let mut below = Vec::new();
            match fs::read_dir(&path) {
                Ok(entries) => {
                    for entry in entries {
                        match entry.and_then(|entry| Ok((entry.path(), entry.file_type()?))) {
                            Ok((found, kind)) => {
                                let real = real.join(found.file_name().unwrap_or_default());
                                if self.take(&found, kind, &real) {
                                    below.push((real.clone(), None));
                                    waiting.push((found, real));
                                }
                            }
                            Err(error) => self.tell_unreadable(&path, &error),
                        }
                    }
                }
                Err(error) => self.tell_unreadable(&path, &error),
            }
            self.folders.insert(real, below);
        }
    }

    /// Takes an entry of a folder; whether it is a folder to enter.
    fn take(&mut self, path: &Path, kind: FileType, real: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        if name.as_encoded_bytes().starts_with(b".") {
            return false;
        }
        let is_folder = !kind.is_file() && name.to_str().is_some_and(is_foreign);
        if is_folder || kind.is_file() && !is_ruleset(path) {
            return false;
        }
        if name.to_str().is_none() {
            if kind.is_dir() || is_ruleset(path) {
                self.tell(path, Code::PathName, "a name that is not UTF-8".to_owned(), "rename it");
            }
            return false;
        }
        if kind.is_symlink() {
            let within = real.parent().unwrap_or(real).to_owned();
            self.links.push_back(Link { path: path.to_owned(), within });
        } else if kind.is_file() {
            self.add(path, real.to_owned());
        } else if !kind.is_dir() {
            self.tell_special(path, kind);
        }
        kind.is_dir()
    }

    fn add(&mut self, path: &Path, real: PathBuf) {
        if self.files.insert(real) {
            self.found.files.push(path.to_string_lossy().into_owned());
        }
    }

    fn follow(&mut self, link: &Link) {
        let Link { path, within } = link;
        let (found, real): (Metadata, PathBuf) =
            match fs::metadata(path).and_then(|found| Ok((found, fs::canonicalize(path)?))) {
                Ok(followed) => followed,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let to = fs::read_link(path).unwrap_or_default();
                    let message = format!("a link to {}, which does not exist", to.display());
                    return self.tell(path, Code::LinkBroken, message, "remove it, or correct its target");
                }
                Err(error) if is_circle(&error) => return self.tell_circle(path),
                Err(error) => return self.tell_unreadable(path, &error),
            };
        if !found.is_dir() && !found.is_file() {
            return self.tell_special(path, found.file_type());
        }
        if found.is_file() && !is_ruleset(path) {
            return;
        }
        if !self.roots.hold(&real) {
            let remedy = "put a copy in its place, or allow its folder with `--root`";
            return self.tell(path, Code::LinkOutside, outside(&real), remedy);
        }
        if found.is_file() {
            return self.add(path, real);
        }
        if let Some(below) = self.folders.get_mut(within) {
            below.push((real.clone(), Some(path.clone())));
        }
        self.enter(path.clone(), real);
    }

    /// Links by which a folder lies in itself. No file is read twice for them, and whoever made one meant something else.
    fn tell_circles(&mut self, root: &Path) {
        // Depth first: which folders we are in, by which link, and how much of each has been looked at.
        let (mut done, mut circles) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<(&Path, Option<&Path>, usize)> = vec![(root, None, 0)];
        while let Some((folder, by, at)) = open.last_mut() {
            let next = self.folders.get(*folder).and_then(|below| below.get(*at));
            let (folder, by) = (*folder, *by);
            *at += 1;
            match next {
                None => {
                    done.insert(folder);
                    open.pop();
                }
                Some((below, link)) => {
                    let link = link.as_deref();
                    if open.iter().any(|(other, ..)| other == below) {
                        circles.extend(link.or(by).map(Path::to_owned));
                    } else if !done.contains(below.as_path()) {
                        open.push((below, link.or(by), 0));
                    }
                }
            }
        }
        circles.iter().for_each(|link| self.tell_circle(link));
    }

    fn tell_circle(&mut self, path: &Path) {
        let message = "a link that leads back to itself".to_owned();
        self.tell(path, Code::LinkCircle, message, "remove it");
    }

    fn tell_special(&mut self, path: &Path, found: FileType) {
        let message = format!("{}, not a file", kind(found));
        let finding = finding(path, Code::NotAFile, message, "remove it: only files are read");
        // What has another ending is none of our business, and odd enough to be told.
        let finding = if is_ruleset(path) { finding } else { finding.as_warning() };
        self.found.findings.push(finding);
    }

    fn tell_unreadable(&mut self, path: &Path, error: &io::Error) {
        let remedy = "make it readable, or remove it";
        self.tell(path, Code::FileUnreadable, error.to_string(), remedy);
    }

    fn tell(&mut self, path: &Path, code: Code, message: String, remedy: &str) {
        self.found.findings.push(finding(path, code, message, remedy));
    }
}

fn finding(path: &Path, code: Code, message: String, remedy: &str) -> Finding {
    Finding::of_path(code, path.to_string_lossy().into_owned(), message, remedy)
}

/// Whether a file is read, by its name.
pub(crate) fn is_ruleset(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

#[cfg(unix)]
fn is_circle(error: &io::Error) -> bool {
    // ELOOP; its `ErrorKind` is not stable yet.
    error.raw_os_error() == Some(if cfg!(target_os = "linux") { 40 } else { 62 })
}

#[cfg(not(unix))]
fn is_circle(_: &io::Error) -> bool {
    false
}

/// What something is that is neither a file nor, here, a folder.
fn kind(found: FileType) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.is_fifo() {
            return "a named pipe";
        }
        if found.is_socket() {
            return "a socket";
        }
        if found.is_block_device() || found.is_char_device() {
            return "a device";
        }
    }
    if found.is_dir() { "a folder" } else { "something else" }
}
