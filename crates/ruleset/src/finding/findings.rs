//! The findings of the files of a ruleset, collected while they are read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::code::Code;
use super::finding::Finding;
use super::place::Place;
use super::severity::Severity;
use crate::order;

/// Collects findings while files are read.
#[derive(Debug, Default)]
pub struct Findings {
    files: Vec<String>,
    found: Vec<Finding>,
    /// What is declared and could not be read.
    broken: BTreeSet<String>,
}

impl Findings {
    /// For these files, by name.
    pub fn new(files: Vec<String>) -> Self {
        Findings { files, ..Findings::default() }
    }

    /// Adds a finding.
    pub fn add<'t>(
        &mut self,
        place: Place,
        code: Code,
        message: impl Into<Cow<'t, str>>,
        remedy: impl Into<Cow<'t, str>>,
    ) {
        self.put(place, code, message.into(), remedy.into());
    }

    /// Texts become owned here, not in each of those hundreds who find something.
    #[inline(never)]
    fn put(&mut self, place: Place, code: Code, message: Cow<'_, str>, remedy: Cow<'_, str>) {
        let file = self.file(place).to_owned();
        self.found.push(Finding::new(code, file, place, message.into_owned(), remedy.into_owned()));
    }

    /// A declaration that could not be read: it has a finding of its own, and whoever names it none.
    pub fn broken(&mut self, name: &str) {
        self.broken.insert(name.to_owned());
    }

    /// A name that nothing has.
    pub fn unknown(&mut self, place: Place, code: Code, what: &str, name: &str, remedy: String) {
        if !self.broken.contains(name) {
            self.add(place, code, format!("there is no {what} `{name}`"), remedy);
        }
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
        order::sort(&mut self.found, |left, right| {
            (left.place, left.code.name()).cmp(&(right.place, right.code.name()))
        });
        self.found
    }
}
