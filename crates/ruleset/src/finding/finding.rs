//! A finding: what is wrong with a ruleset, where, and how to mend it.

use std::fmt;

use super::code::Code;
use super::place::Place;
use super::severity::Severity;
use crate::escape;

/// The longest message, and the longest remedy, in characters.
const TEXT_CHARACTERS: usize = 600;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops a build: its code's severity, but for what [`Finding::as_warning`] lowers.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
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
        let (severity, code) = (severity.name(), code.name());
        let line = format!("{file}:{}:{}: {severity}[{code}]: {message}: {remedy}", place.line, place.column);
        out.write_str(&escape::text(&line))
    }
}

impl Finding {
    /// A finding about a path as a whole.
    pub fn of_path(code: Code, file: String, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Finding::new(code, file, Place { file: 0, line: 1, column: 1 }, message.into(), remedy.into())
    }

    /// The same, where it is no reason to stop.
    pub fn as_warning(self) -> Self {
        Finding { severity: Severity::Warning, ..self }
    }

    pub(super) fn new(code: Code, file: String, place: Place, message: String, remedy: String) -> Self {
        let (message, remedy) = (shortened(message), shortened(remedy));
        Finding { severity: code.severity(), code, file, place, message, remedy }
    }
}

/// A ruleset's texts may have megabytes; what is said about them must not.
fn shortened(text: String) -> String {
    match text.char_indices().nth(TEXT_CHARACTERS) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
