//! What scripts are told of a command that fails: where JSON was asked for, an object with the error stands in the place of the result.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;

use serde_json::{Value as Json, json};
use waft_ruleset::finding::{Finding, Severity};

use crate::exit::Exit;
use crate::host::{Entry, Host, Listing, Stream, delegated};
use crate::lint;

/// Runs a command, of which these are the arguments, and returns its exit code. If they ask for JSON and it fails without printing any, its
/// error is printed as an object: `{"error": {"code", "message", "file", "line", "column", "remedy"}, "findings", "exit"}`.
pub fn told(arguments: &[OsString], host: &dyn Host, command: impl FnOnce(&dyn Host) -> u8) -> u8 {
    if !is_asked(arguments) {
        return command(host);
    }
    let scripted = Scripted::of(host);
    let code = command(&scripted);
    scripted.end(code);
    code
}

/// Prints what is wrong with arguments that ask for JSON, as clap told it.
#[cfg(feature = "arguments")]
pub(crate) fn usage(arguments: &[OsString], host: &dyn Host, told: &str, code: u8) {
    if is_asked(arguments) {
        let mut parts = told.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
        let message = parts.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        let remedy = parts.next();
        print(host, &Scripted::of(host).error(Exit::Usage.code(), message, remedy.as_deref()), &[], code);
    }
}

/// Whether arguments ask for JSON.
fn is_asked(arguments: &[OsString]) -> bool {
    let mut last = "";
    for argument in arguments.iter().map(|argument| argument.to_str().unwrap_or_default()) {
        match argument {
            "--" => return false,
            "--json" | "--format=json" => return true,
            "json" if last == "--format" => return true,
            _ => last = argument,
        }
    }
    false
}

fn print(host: &dyn Host, error: &Json, findings: &[Json], code: u8) {
    let mut told = json!({ "error": error, "exit": code });
    if !findings.is_empty() {
        told["findings"] = findings.into();
    }
    host.json(&told.to_string());
}

/// A host that remembers what scripts want to know of a failure.
struct Scripted<'h> {
    host: &'h dyn Host,
    /// What was looked at: a message that begins with one of them is about it.
    paths: RefCell<BTreeSet<String>>,
    findings: RefCell<Vec<Json>>,
    /// The last that the person at the terminal was told, but for warnings.
    said: RefCell<String>,
    is_told: Cell<bool>,
}

impl<'h> Scripted<'h> {
    fn of(host: &'h dyn Host) -> Self {
        let (paths, findings, said) = Default::default();
        Scripted { host, paths, findings, said, is_told: Cell::new(false) }
    }

    /// Nothing more is asked of what has printed its result, and `waft guard` goes on for months.
    fn remembers(&self) -> bool {
        !self.is_told.get()
    }

    fn look(&self, path: &str) {
        if self.remembers() && !self.paths.borrow().contains(path) {
            self.paths.borrow_mut().insert(path.to_owned());
        }
    }

    /// Prints how it ended, if that is a failure, and nothing was printed.
    fn end(&self, code: u8) {
        if code == Exit::Done as u8 || !self.remembers() {
            return;
        }
        let findings = self.findings.borrow();
        let error = match findings.first() {
            Some(first) => json!({
                "code": first["code"], "message": first["message"], "file": first["file"], "line": first["line"], "column": first["column"],
                "remedy": first["remedy"],
            }),
            None => self.error(Exit::named(code), &self.said.borrow(), None),
        };
        print(self.host, &error, &findings, code);
    }

    fn error(&self, code: &str, message: &str, remedy: Option<&str>) -> Json {
        let paths = self.paths.borrow();
        // `--trust TRUST.json: what` is about that file, too.
        let value =
            message.strip_prefix("--").and_then(|rest| rest.split_once(' ')).map_or(message, |(_, value)| value);
        let after = |path: &String| value.strip_prefix(path.as_str()).filter(|rest| rest.starts_with(':'));
        let found = paths.iter().filter_map(|path| Some((path, after(path)?))).max_by_key(|(path, _)| path.len());
        let (file, [line, column], message) = match found {
            Some((path, rest)) => {
                let (at, rest) = place(rest);
                (Some(path), at, rest)
            }
            None => (None, [None; 2], message),
        };
        json!({ "code": code, "message": message, "file": file, "line": line, "column": column, "remedy": remedy })
    }
}

/// What follows a file in a message: `:3:7: what`, `:3: what`, `: line 3: what`, or `: what`.
fn place(rest: &str) -> ([Option<u64>; 2], &str) {
    fn number(text: &str) -> Option<(u64, &str)> {
        let (number, rest) = text.split_once(':')?;
        Some((number.parse().ok()?, rest))
    }
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (line, rest) = match number(rest).or_else(|| number(rest.trim_start().strip_prefix("line ")?)) {
        Some((line, rest)) => (Some(line), rest),
        None => return ([None; 2], rest.trim_start()),
    };
    match number(rest) {
        Some((column, rest)) => ([line, Some(column)], rest.trim_start()),
        None => ([line, None], rest.trim_start()),
    }
}

impl Host for Scripted<'_> {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        self.look(path);
        self.host.read(path)
    }

    fn read_at_most(&self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        self.look(path);
        self.host.read_at_most(path, most)
    }

    fn read_asset(&self, ruleset: &str, path: &str) -> Result<Vec<u8>, String> {
        self.host.read_asset(ruleset, path)
    }

    fn list(&self, path: &str) -> io::Result<Listing> {
        self.look(path);
        self.host.list(path)
    }

    fn entries(&self, path: &str) -> io::Result<Vec<Entry>> {
        self.look(path);
        self.host.entries(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.look(path);
        self.host.write(path, bytes)
    }

    fn real(&self, path: &str) -> io::Result<String> {
        self.look(path);
        self.host.real(path)
    }

    delegated!(host);

    fn print(&self, to: Stream, line: &str) {
        match to {
            Stream::Out => self.is_told.set(true),
            Stream::Err => {
                let said = line.strip_prefix("waft: ").filter(|said| !said.starts_with("warning: "));
                said.into_iter().for_each(|said| said.clone_into(&mut self.said.borrow_mut()));
            }
        }
        self.host.print(to, line);
    }

    fn finding(&self, finding: &Finding) {
        if finding.severity == Severity::Error && self.remembers() {
            self.findings.borrow_mut().push(lint::as_json(finding));
        }
        self.host.finding(finding);
    }

    fn failure(&self, code: &str, message: &str) -> Option<Json> {
        Some(self.error(code, message, None))
    }
}
