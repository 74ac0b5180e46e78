//! The fields of a record's map, and what is said of one that cannot be read.

use serde_json::Value as Json;
use waft_ruleset::finding::Place;
use waft_ruleset::source::{Entry, Node};

const RESTORE: &str = "restore the file as it was written";

/// A map of a file.
pub(super) struct Fields<'n> {
    pub(super) file: &'n str,
    pub(super) place: Place,
    pub(super) entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    pub(super) fn find(&self, name: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
    }

    pub(super) fn get(&self, name: &str) -> Result<&'n Node, String> {
        self.find(name).ok_or_else(|| wrong(self.file, self.place, &format!("`{name}` is missing")))
    }

    pub(super) fn text(&self, name: &str) -> Result<String, String> {
        self.get(name)?.text().map(str::to_owned).ok_or_else(|| self.wrong(name, "expected text"))
    }

    pub(super) fn optional(&self, name: &str) -> Result<Option<String>, String> {
        self.find(name).map(|_| self.text(name)).transpose()
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str, expected: &str) -> Result<u64, String> {
        self.get(name)?.to_json().as_u64().ok_or_else(|| self.wrong(name, expected))
    }

    /// Texts; none if the field is absent.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let Some(node) = self.find(name) else { return Ok(Vec::new()) };
        let texts: Option<Vec<String>> = match node.to_json() {
            Json::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
            _ => None,
        };
        texts.ok_or_else(|| self.wrong(name, "expected a list of texts"))
    }

    /// A map within.
    pub(super) fn map(&self, name: &str, expected: &str) -> Result<Fields<'n>, String> {
        let node = self.get(name)?;
        let entries = node.entries().ok_or_else(|| self.wrong(name, expected))?;
        Ok(Fields { file: self.file, place: node.place, entries })
    }

    pub(super) fn wrong(&self, name: &str, expected: &str) -> String {
        let place = self.find(name).map_or(self.place, |node| node.place);
        wrong(self.file, place, &format!("`{name}`: {expected}"))
    }
}

/// What is wrong at a place of a record, and what to do.
pub(super) fn wrong(file: &str, Place { line, column, .. }: Place, what: &str) -> String {
    format!("{file}:{line}:{column}: {what}: {RESTORE}")
}
