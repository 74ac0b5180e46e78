//! Findings: what is wrong with a ruleset, where, and how to mend it.

use std::collections::HashSet;
use std::fmt;

use crate::escape;

/// The longest message, and the longest remedy, in characters.
const TEXT_CHARACTERS: usize = 600;

/// Whether a finding stops a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The ruleset cannot be built.
    Error,
    /// It can, and somebody should look.
    Warning,
}

impl Severity {
    /// As it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// A place in a ruleset's text. Lines and columns count from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files, by its place in the list that was read.
    pub file: usize,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// One finding. `code` is API: it never changes meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops a build.
    pub severity: Severity,
    /// What kind of finding it is, such as `SPLIT_SUM`.
    pub code: &'static str,
    /// The file's name.
    pub file: String,
    /// Where in the file; its start for the file as a whole.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What would mend it.
    pub remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { severity, code, file, place, message, remedy } = self;
        let severity = severity.name();
        let line = format!("{file}:{}:{}: {severity}[{code}]: {message}: {remedy}", place.line, place.column);
        out.write_str(&escape::text(&line))
    }
}

impl Finding {
    /// A finding about a path as a whole.
    pub fn of_path(
        severity: Severity,
        code: &'static str,
        file: String,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let place = Place { file: 0, line: 1, column: 1 };
        Finding { severity, code, file, place, message: shortened(message.into()), remedy: shortened(remedy.into()) }
    }
}

/// A ruleset's texts may have megabytes; what is said about them must not.
fn shortened(text: String) -> String {
    match text.char_indices().nth(TEXT_CHARACTERS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Collects findings while files are read.
#[derive(Debug, Default)]
pub struct Findings {
    files: Vec<String>,
    found: Vec<Finding>,
    /// What is declared and could not be read.
    broken: HashSet<String>,
}

impl Findings {
    /// For these files, by name.
    pub fn new(files: Vec<String>) -> Self {
        Findings { files, ..Findings::default() }
    }

    /// Something that stops a build.
    pub fn error(&mut self, place: Place, code: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Error, place, code, message.into(), remedy.into());
    }

    /// Something that somebody should look at.
    pub fn warning(&mut self, place: Place, code: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        self.add(Severity::Warning, place, code, message.into(), remedy.into());
    }

    /// A declaration that could not be read: it has a finding of its own, and whoever names it none.
    pub fn broken(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
    }

    /// A name that nothing has.
    pub fn unknown(&mut self, place: Place, code: &'static str, what: &str, name: &str, remedy: String) {
        if !self.broken.contains(name) {
            self.error(place, code, format!("there is no {what} `{name}`"), remedy);
        }
    }

    fn add(&mut self, severity: Severity, place: Place, code: &'static str, message: String, remedy: String) {
        let file = self.files.get(place.file).cloned().unwrap_or_default();
        let (message, remedy) = (shortened(message), shortened(remedy));
        self.found.push(Finding { severity, code, file, place, message, remedy });
    }

    /// The name of a place, for messages that point to a second one.
    pub fn name(&self, place: Place) -> String {
        format!("{}:{}:{}", self.files.get(place.file).map_or("", String::as_str), place.line, place.column)
    }

    /// The name of the file of a place.
    pub fn file(&self, place: Place) -> &str {
        self.files.get(place.file).map_or("", String::as_str)
    }

    /// Whether a build is stopped.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// All findings in the order of the text.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        self.found.sort_by(|left, right| (left.place, left.code).cmp(&(right.place, right.code)));
        self.found
    }
}
