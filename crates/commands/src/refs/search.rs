//! What the code says of flags.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::Regex;

use super::files::Files;
use super::find::{self, How};
use super::{comments, language};
use crate::host::Host;

/// The largest file that is searched.
const FILE_BYTES: usize = 4 << 20;
/// A file that has U+0000 in so many of its first bytes is no text, as for git.
const BINARY: usize = 8_000;
/// What is in the first lines of a file that `waft codegen` wrote: it has every flag.
const WRITTEN: &[u8] = b"Written by `waft codegen`";

/// What to search for.
pub(super) struct Search<'s> {
    /// Names that count wherever they are in quotes.
    pub(super) known: BTreeSet<String>,
    pub(super) patterns: Vec<Regex>,
    /// Endings of files that are searched besides.
    pub(super) also: &'s [String],
    /// Files that are not code: the ruleset's own.
    pub(super) left_out: BTreeSet<String>,
}

/// Where something is. Columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Searched {
    /// How many files were searched.
    pub(super) files: usize,
    /// By the key of a flag.
    pub(super) references: BTreeMap<String, Vec<(Place, How)>>,
    /// Getters whose key is no literal.
    pub(super) dynamic: Vec<(Place, String)>,
    /// Files without text that could be searched, and why.
    pub(super) skipped: Vec<(String, String)>,
    /// What should have been searched and could not be, and why.
    pub(super) unreadable: Vec<(String, String)>,
}

impl Search<'_> {
    /// Searches folders and files.
    pub(super) fn run(&self, host: &dyn Host, sources: &[String]) -> Result<Searched, String> {
        let mut files = Files::default();
        for source in sources {
            files.add(host, source, self.also)?;
        }
        let mut searched = Searched { unreadable: files.unreadable, ..Searched::default() };
        for path in files.found.iter().filter(|(real, _)| !self.left_out.contains(*real)).map(|(_, path)| path) {
            match host.read_at_most(path, FILE_BYTES + 1) {
                Ok(bytes) => self.search(path, bytes, &mut searched),
                Err(error) => searched.unreadable.push((path.clone(), error.to_string())),
            }
        }
        Ok(searched)
    }

    fn search(&self, path: &str, mut text: Vec<u8>, searched: &mut Searched) {
        let first = text.get(..BINARY).unwrap_or(&text);
        let why = match () {
            () if text.len() > FILE_BYTES => "larger than 4 MiB: it looks generated",
            () if first.contains(&0) => "not text, or UTF-16",
            () if first.windows(WRITTEN.len()).any(|found| found == WRITTEN) => "written by `waft codegen`",
            () => "",
        };
        if !why.is_empty() {
            return searched.skipped.push((path.to_owned(), why.to_owned()));
        }
        searched.files += 1;
        let syntax = language::asked(path);
        comments::blank(&mut text, syntax);
        let found = find::find(&text, syntax.is_script, &self.known, &self.patterns);
        let mut places = Places::new(path, &text);
        for (at, (key, how)) in found.references {
            searched.references.entry(key).or_default().push((places.of(at), how));
        }
        let mut places = Places::new(path, &text);
        searched.dynamic.extend(found.dynamic.into_iter().map(|(at, getter)| (places.of(at), getter)));
    }
}

/// Lines and columns of offsets that rise.
struct Places<'t> {
    file: &'t str,
    text: &'t [u8],
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Places<'t> {
    fn new(file: &'t str, text: &'t [u8]) -> Self {
        Places { file, text, at: 0, line: 1, column: 1 }
    }

    fn of(&mut self, at: usize) -> Place {
        let mut passed = self.text.get(self.at..at).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        if breaks > 0 {
            self.line += breaks;
            self.column = 1;
            let last = passed.iter().rposition(|byte| *byte == b'\n').unwrap_or_default();
            passed = passed.get(last + 1..).unwrap_or_default();
        }
        self.column += String::from_utf8_lossy(passed).chars().count();
        self.at = at;
        Place { file: self.file.to_owned(), line: self.line, column: self.column }
    }
}
