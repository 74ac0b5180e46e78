//! The world as JavaScript hands it to the commands.

use std::io::{self, ErrorKind};

use waft_commands::host::{Entry, EntryKind, Host, Listing, Stream};
use waft_ruleset::escape;
use waft_ruleset::finding::{Code, Finding};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The world that commands see. Each call ends before the next begins, and throws an `Error` of Node's where it fails. */
export interface Host {
  read(path: string): Uint8Array;
  /** The first `most` bytes of a file, or all of them if it has fewer. */
  readAtMost(path: string, most: number): Uint8Array;
  /** What a URL gives, to whoever asks without credentials. */
  fetch(url: string): Uint8Array;
  /** All that is piped in. */
  input(): Uint8Array;
  /** A regular file that a ruleset names: in its folder, or in one of `roots`. */
  readAsset(ruleset: string, path: string, roots: string[]): Uint8Array;
  /** Writes a file whole: after a failure the old contents are still there. What is no regular file is written in place. */
  write(path: string, bytes: Uint8Array): void;
  /** Whether `write` would make or replace a file: not a device, pipe or socket. */
  isFile(path: string): boolean;
  /** Writes a file that must not exist (`EEXIST`), not even as a link; only its owner may read a secret. */
  create(path: string, bytes: Uint8Array, secret: boolean): void;
  /** The ruleset files under a path, sorted: the path itself if it is no folder. Links may lead to `roots`, too. */
  list(path: string, roots: string[]): { files: string[]; findings: PathFinding[] };
  /** What is in a folder, in any order: a link is `other`, wherever it leads. For what is no folder, an error with the code `ENOTDIR`. */
  entries(path: string): FolderEntry[];
  /** A path from the root of the file system on, with all links followed. */
  real(path: string): string;
  /** Whether others than its owner may read or change a file. */
  isOpenToOthers(path: string): boolean;
  /** Milliseconds since 1970. */
  now(): number;
  /** 32 bytes fit for a secret key. */
  random(): Uint8Array;
  /** A variable of the environment. */
  variable(name: string): string | undefined;
  /** Asks the person at the terminal for a secret, which is not shown as it is typed. `undefined` if nobody can be asked. */
  ask(question: string): string | undefined;
  print(stream: 'out' | 'err', line: string): void;
}

/** An entry of a folder. A name that is not UTF-8 has U+FFFD in it. */
export interface FolderEntry {
  name: string;
  kind: 'file' | 'folder' | 'other' | 'not-utf8';
}

/** What is wrong with a path: docs/ruleset.md, section 17, has the codes. */
export interface PathFinding {
  code: string;
  file: string;
  message: string;
  remedy: string;
  /** Whether it does not stop a build, whatever its code says. */
  isWarning?: boolean;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// An implementation of `Host`.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type JsHost;

    #[wasm_bindgen(method, catch)]
    fn read(this: &JsHost, path: &str) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method, catch, js_name = readAtMost)]
    fn read_at_most(this: &JsHost, path: &str, most: f64) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method, catch)]
    fn fetch(this: &JsHost, url: &str) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method, catch)]
    fn input(this: &JsHost) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method, catch, js_name = readAsset)]
    fn read_asset(this: &JsHost, ruleset: &str, path: &str, roots: Vec<String>) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method, catch)]
    fn write(this: &JsHost, path: &str, bytes: Vec<u8>) -> Result<(), Failure>;
    #[wasm_bindgen(method, js_name = isFile)]
    fn is_file(this: &JsHost, path: &str) -> bool;
    #[wasm_bindgen(method, catch)]
    fn create(this: &JsHost, path: &str, bytes: Vec<u8>, secret: bool) -> Result<(), Failure>;
    #[wasm_bindgen(method, catch)]
    fn list(this: &JsHost, path: &str, roots: Vec<String>) -> Result<JsListing, Failure>;
    #[wasm_bindgen(method, catch)]
    fn entries(this: &JsHost, path: &str) -> Result<Vec<JsEntry>, Failure>;
    #[wasm_bindgen(method, catch)]
    fn real(this: &JsHost, path: &str) -> Result<String, Failure>;
    #[wasm_bindgen(method, js_name = isOpenToOthers)]
    fn is_open_to_others(this: &JsHost, path: &str) -> bool;
    #[wasm_bindgen(method)]
    fn now(this: &JsHost) -> f64;
    #[wasm_bindgen(method, catch)]
    fn random(this: &JsHost) -> Result<Vec<u8>, Failure>;
    #[wasm_bindgen(method)]
    fn variable(this: &JsHost, name: &str) -> Option<String>;
    #[wasm_bindgen(method, catch)]
    fn ask(this: &JsHost, question: &str) -> Result<Option<String>, Failure>;
    #[wasm_bindgen(method)]
    fn print(this: &JsHost, stream: &str, line: &str);

    /// What a method threw.
    type Failure;
    #[wasm_bindgen(method, getter)]
    fn code(this: &Failure) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn message(this: &Failure) -> Option<String>;

    type JsEntry;
    #[wasm_bindgen(method, getter)]
    fn name(this: &JsEntry) -> String;
    #[wasm_bindgen(method, getter)]
    fn kind(this: &JsEntry) -> String;

    type JsListing;
    #[wasm_bindgen(method, getter)]
    fn files(this: &JsListing) -> Vec<String>;
    #[wasm_bindgen(method, getter)]
    fn findings(this: &JsListing) -> Vec<JsFinding>;

    type JsFinding;
    #[wasm_bindgen(method, getter)]
    fn code(this: &JsFinding) -> String;
    #[wasm_bindgen(method, getter)]
    fn file(this: &JsFinding) -> String;
    #[wasm_bindgen(method, getter)]
    fn message(this: &JsFinding) -> String;
    #[wasm_bindgen(method, getter)]
    fn remedy(this: &JsFinding) -> String;
    #[wasm_bindgen(method, getter, js_name = isWarning)]
    fn is_warning(this: &JsFinding) -> Option<bool>;
}

impl Failure {
    fn text(&self) -> String {
        self.message().or_else(|| self.code()).unwrap_or_else(|| "failed".to_owned())
    }
}

impl From<Failure> for io::Error {
    fn from(failure: Failure) -> Self {
        match failure.code().as_deref() {
            // Commands have words of their own for it.
            Some("EEXIST") => io::Error::new(ErrorKind::AlreadyExists, failure.text()),
            Some("ENOTDIR") => io::Error::new(ErrorKind::NotADirectory, failure.text()),
            Some("ENOENT") => io::Error::new(ErrorKind::NotFound, failure.text()),
            Some(_) | None => io::Error::other(failure.text()),
        }
    }
}

impl JsEntry {
    fn read(&self) -> io::Result<Entry> {
        let kind = match self.kind().as_str() {
            "file" => EntryKind::File,
            "folder" => EntryKind::Folder,
            "other" => EntryKind::Other,
            "not-utf8" => EntryKind::NotUtf8,
            kind => return Err(io::Error::other(format!("the host gave an entry of the kind {kind}"))),
        };
        Ok(Entry { name: self.name(), kind })
    }
}

impl JsFinding {
    fn read(&self) -> io::Result<Finding> {
        let name = self.code();
        let code = Code::ALL.iter().find(|code| code.name() == name);
        let code = code.ok_or_else(|| io::Error::other(format!("no finding has the code {name}")))?;
        let finding = Finding::of_path(*code, self.file(), self.message(), self.remedy());
        Ok(if self.is_warning() == Some(true) { finding.as_warning() } else { finding })
    }
}

/// The host of JavaScript.
pub(crate) struct World {
    host: JsHost,
    /// Folders that links in a ruleset may lead to, beside its own.
    pub(crate) roots: Vec<String>,
}

impl World {
    pub(crate) fn of(host: JsHost) -> Self {
        World { host, roots: Vec::new() }
    }
}

impl Host for World {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        Ok(self.host.read(path)?)
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        Ok(self.host.read_at_most(path, most as f64)?)
    }

    fn fetch(&self, url: &str) -> io::Result<Vec<u8>> {
        Ok(self.host.fetch(url)?)
    }

    fn input(&self) -> io::Result<Vec<u8>> {
        Ok(self.host.input()?)
    }

    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String> {
        self.host.read_asset(ruleset, path, self.roots.clone()).map_err(|failure| failure.text())
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        Ok(self.host.write(path, bytes.to_vec())?)
    }

    fn is_file(&self, path: &str) -> bool {
        self.host.is_file(path)
    }

    fn create(&self, path: &str, bytes: &[u8], secret: bool) -> io::Result<()> {
        Ok(self.host.create(path, bytes.to_vec(), secret)?)
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        let listing = self.host.list(path, self.roots.clone())?;
        let findings = listing.findings().iter().map(JsFinding::read).collect::<io::Result<_>>()?;
        Ok(Listing { files: listing.files(), findings })
    }

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        self.host.entries(path)?.iter().map(JsEntry::read).collect()
    }

    fn real(&self, path: &str) -> io::Result<String> {
        Ok(self.host.real(path)?)
    }

    fn is_open_to_others(&self, path: &str) -> bool {
        self.host.is_open_to_others(path)
    }

    fn now(&self) -> i64 {
        self.host.now() as i64
    }

    fn random(&self) -> io::Result<[u8; 32]> {
        let bytes = self.host.random()?;
        bytes.try_into().map_err(|_| io::Error::other("the host gave other than 32 bytes"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.host.variable(name)
    }

    fn ask(&self, question: &str) -> io::Result<Option<String>> {
        Ok(self.host.ask(&escape::text(question))?)
    }

    fn print(&self, to: Stream, line: &str) {
        let stream = match to {
            Stream::Out => "out",
            Stream::Err => "err",
        };
        self.host.print(stream, line);
    }
}
