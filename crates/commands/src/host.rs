//! What a command may ask of the world. The CLI implements it natively; Node and the browser can too.

use std::any::Any;
use std::io;

use serde_json::Value as Json;
use waft_ruleset::escape;
use waft_ruleset::finding::Finding;

/// The files of a ruleset, and what is wrong with paths among them.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Files, sorted.
    pub files: Vec<String>,
    /// Findings about paths: links that lead nowhere, pipes, and the like.
    pub findings: Vec<Finding>,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, without the folder's.
    pub name: String,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, wherever it leads; a pipe, device or socket.
    Other,
    /// Anything whose name is not UTF-8: it is shown with U+FFFD, and cannot be read by that.
    NotUtf8,
}

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// What was asked for.
    Out,
    /// What the person at the terminal should know.
    Err,
}

/// A signed snapshot on its way to pages, and where that is.
#[derive(Clone, Debug)]
pub struct Parcel<'p> {
    /// The signed snapshot.
    pub snapshot: &'p [u8],
    /// How messages call it. Its list files lie in the same folder.
    pub path: &'p str,
    /// The file of the page's trust.
    pub trust: &'p str,
    /// Where to, and how.
    pub to: &'p Destination,
}

/// A place that pages load from.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    /// A folder, a bucket, or a URL below which files are written.
    pub to: String,
    /// How the files are named; `snapshot` if absent.
    pub name: Option<String>,
    /// The URL of the folder as pages see it.
    pub url: Option<String>,
    /// The PEM file of the key of the role freshness, which signs a pointer to what is live then.
    pub freshness_key: Option<String>,
    /// How long a busy store is tried again, in seconds; 60 if absent.
    pub timeout: Option<u16>,
    /// Nothing else publishes there.
    pub single_writer: bool,
}

/// What published files are named by, unless they are named otherwise.
pub(crate) const NAME: &str = "snapshot";

/// A published trust document, of what is published by a name: `trust-0007.waft`, or `NAME-trust-0007.waft`.
#[must_use]
pub fn trust_document(name: &str, number: u64) -> String {
    let file = format!("trust-{number:04}.waft");
    if name == NAME { file } else { format!("{name}-{file}") }
}

/// Why a snapshot was not published.
#[derive(Clone, Debug)]
pub enum Unpublished {
    /// This host cannot: it has no network, and no locks of files.
    Unable,
    /// Pages would refuse it.
    Refused(String),
    /// What was live when it was signed is not what is live now.
    Moved(String),
    /// The store cannot be read or written, or what pages read is not what was published.
    Store(String),
}

/// Who is told of a release, beside whoever is at the terminal. What is secret comes from files and from the environment.
#[derive(Clone, Debug, Default)]
pub struct Recipients {
    /// URLs that get signed messages (Standard Webhooks).
    pub webhooks: Vec<String>,
    /// The file of their secret; the variable WAFT_WEBHOOK_SECRET if absent.
    pub webhook_secret_file: Option<String>,
    /// The file of the URL of a Slack webhook; the variable WAFT_SLACK_URL if absent, which may be unset.
    pub slack_url_file: Option<String>,
    /// A command that sends the mail on its standard input.
    pub mail: Option<String>,
    /// How long all messages may take together, in seconds.
    pub timeout: u16,
}

/// What is told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The same whenever it is sent again.
    pub id: String,
    /// What happened, such as `release.published`.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// A line.
    pub subject: String,
    /// All of it.
    pub text: String,
    /// The same for programs: JSON.
    pub data: String,
}

/// The world outside a command.
pub trait Host {
    /// A file's bytes.
    fn read(&self, path: &str) -> io::Result<Vec<u8>>;

    /// A file's first bytes: all of them, if it has no more than `most`.
    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>>;

    /// What a URL gives, to whoever asks without credentials.
    fn fetch(&self, _url: &str) -> io::Result<Vec<u8>> {
        Err(io::Error::other("a URL cannot be read here: download the file, and name it"))
    }

    /// Calls a function with the path of a copy of what is at `COMMIT:PATH`, as `git show` takes it.
    fn at_commit(&self, source: &str, _seen: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
        Err(format!("{source}: reading a commit needs the native program: check it out, and name the folder"))
    }

    /// All that is piped in.
    fn input(&self) -> io::Result<Vec<u8>>;

    /// The bytes of a file that a ruleset names: a regular file in the ruleset's folder. The message says what is wrong.
    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String>;

    /// Opens a folder of records in a bucket (`s3://BUCKET/FOLDER`), so that its files are read, written, created and listed by their paths. The
    /// message says what is wrong, or what to do where there are no buckets.
    fn open_bucket(&self, folder: &str) -> Result<(), String> {
        Err(format!("--records {folder}: a bucket needs the native program: use it, or name a folder"))
    }

    /// Writes a file whole: after a failure the old contents are still there. What is no regular file is written in place.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Writes a file whole if it still is what was read, `None` where there was none; returns whether it was. What is no regular file is written in any case.
    fn swap(&self, path: &str, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<bool> {
        swapped(self, path, before, bytes)
    }

    /// Whether what is written there is a file, beside which others may lie: no device, pipe or socket.
    fn is_file(&self, path: &str) -> bool;

    /// Writes a file that must not exist yet, not even as a link; if it is a secret, one that only its owner may read.
    fn create(&self, path: &str, bytes: &[u8], secret: bool) -> io::Result<()>;

    /// The ruleset files under a path: the path itself if it is no folder.
    fn list(&self, path: &str) -> io::Result<Listing>;

    /// What is in a folder, in any order. For what is no folder, an error of the kind `NotADirectory`.
    fn entries(&self, path: &str) -> io::Result<Vec<Entry>>;

    /// A path from the root of the file system on, with all links followed.
    fn real(&self, path: &str) -> io::Result<String>;

    /// Whether others than its owner may read or change a file.
    fn is_open_to_others(&self, path: &str) -> bool;

    /// Milliseconds since 1970.
    fn now(&self) -> i64;

    /// Random bytes fit for a secret key.
    fn random(&self) -> io::Result<[u8; 32]>;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;

    /// Asks the person at the terminal for a secret, which is not shown as it is typed. The same is asked once. `None` if nobody can be
    /// asked: what is piped in is no answer.
    fn ask(&self, _question: &str) -> io::Result<Option<String>> {
        Ok(None)
    }

    /// Publishes a snapshot, and returns what is live then, as JSON. What is published already is no failure.
    fn publish(&self, _parcel: &Parcel<'_>) -> Result<String, Unpublished> {
        Err(Unpublished::Unable)
    }

    /// A published file, by its name; `None` if it is not there.
    fn published(&self, _at: &Destination, _name: &str) -> Result<Option<Vec<u8>>, Unpublished> {
        Err(Unpublished::Unable)
    }

    /// Tells people, until a deadline. Returns who could not be told and why. Without a notice it only looks whether the recipients are well
    /// given; the message says what is wrong with them.
    fn notify(&self, to: &Recipients, _notice: Option<&Notice>) -> Result<Vec<String>, String> {
        let Recipients { webhooks, slack_url_file, mail, .. } = to;
        if webhooks.is_empty() && slack_url_file.is_none() && mail.is_none() {
            return Ok(Vec::new());
        }
        Err("telling people needs the native program".to_owned())
    }

    /// Waits for a file that one process holds at a time, until it is let go of or some seconds have passed: then `None`. The system lets go of it
    /// when its holder ends, however that ends.
    fn lock(&self, _path: &str, _seconds: u16) -> io::Result<Option<Box<dyn Any>>> {
        Ok(Some(Box::new(())))
    }

    /// Prints a line as it is. Commands call the three below, so that nothing of a file speaks to a terminal.
    fn print(&self, to: Stream, line: &str);

    /// A line of what was asked for, as text.
    fn out(&self, line: &str) {
        self.print(Stream::Out, &escape::text(line));
    }

    /// What was asked for, as JSON.
    fn json(&self, written: &str) {
        self.print(Stream::Out, &escape::json(written));
    }

    /// A line for the person at the terminal.
    fn err(&self, line: &str) {
        self.print(Stream::Err, &escape::text(line));
    }
    /// A finding, for the person at the terminal.
    fn finding(&self, finding: &Finding) {
        self.err(&finding.to_string());
    }

    /// A failure as scripts are told it, if whoever started the command asked for JSON.
    fn failure(&self, _code: &str, _message: &str) -> Option<Json> {
        None
    }
}

/// Compares a file with what was read, and writes it. Whoever writes between the two is overwritten: a host that can holds a lock meanwhile.
pub fn swapped<H: Host + ?Sized>(host: &H, path: &str, before: Option<&[u8]>, bytes: &[u8]) -> io::Result<bool> {
    if host.is_file(path) {
        let now = match host.read(path) {
            Ok(now) => Some(now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if now.as_deref() != before {
            return Ok(false);
        }
    }
    host.write(path, bytes).map(|()| true)
}

/// What a host within another one leaves to that, its field.
macro_rules! delegated {
    ($host:ident) => {
        fn at_commit(&self, source: &str, seen: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<(), String> {
            self.$host.at_commit(source, seen)
        }

        fn input(&self) -> std::io::Result<Vec<u8>> {
            self.$host.input()
        }

        fn open_bucket(&self, folder: &str) -> Result<(), String> {
            self.$host.open_bucket(folder)
        }

        fn fetch(&self, url: &str) -> std::io::Result<Vec<u8>> {
            self.$host.fetch(url)
        }

        fn is_file(&self, path: &str) -> bool {
            self.$host.is_file(path)
        }

        fn create(&self, path: &str, bytes: &[u8], secret: bool) -> std::io::Result<()> {
            self.$host.create(path, bytes, secret)
        }

        fn is_open_to_others(&self, path: &str) -> bool {
            self.$host.is_open_to_others(path)
        }

        fn now(&self) -> i64 {
            self.$host.now()
        }

        fn random(&self) -> std::io::Result<[u8; 32]> {
            self.$host.random()
        }

        fn variable(&self, name: &str) -> Option<String> {
            self.$host.variable(name)
        }

        fn ask(&self, question: &str) -> std::io::Result<Option<String>> {
            self.$host.ask(question)
        }

        fn publish(&self, parcel: &$crate::host::Parcel<'_>) -> Result<String, $crate::host::Unpublished> {
            self.$host.publish(parcel)
        }

        fn published(
            &self,
            at: &$crate::host::Destination,
            name: &str,
        ) -> Result<Option<Vec<u8>>, $crate::host::Unpublished> {
            self.$host.published(at, name)
        }

        fn notify(
            &self,
            to: &$crate::host::Recipients,
            notice: Option<&$crate::host::Notice>,
        ) -> Result<Vec<String>, String> {
            self.$host.notify(to, notice)
        }

        fn swap(&self, path: &str, before: Option<&[u8]>, bytes: &[u8]) -> std::io::Result<bool> {
            self.$host.swap(path, before, bytes)
        }

        fn lock(&self, path: &str, seconds: u16) -> std::io::Result<Option<Box<dyn std::any::Any>>> {
            self.$host.lock(path, seconds)
        }
    };
}
pub(crate) use delegated;
