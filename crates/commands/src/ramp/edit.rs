//! Changes of a ruleset's text that touch the lines they are about: comments, order and style stay.

use std::ops::Range;

use waft_ruleset::finding::Place;

/// Where a key and its value are.
pub(super) type Field = (Place, Place);

/// A change of a text.
#[derive(Debug)]
pub(super) struct Edit {
    at: Range<usize>,
    with: String,
}

/// A ruleset's file. Each change is `None` where the text is not written as expected, so that nothing is guessed.
pub(super) struct Text<'t>(&'t str);

impl<'t> Text<'t> {
    pub(super) fn of(bytes: &'t [u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(Text)
    }

    /// The text with some changes, none of which touches another.
    pub(super) fn with(&self, mut edits: Vec<Edit>) -> Option<String> {
        edits.sort_by_key(|edit| edit.at.start);
        let (mut text, mut done) = (String::new(), 0);
        for Edit { at, with } in edits {
            text.push_str(self.0.get(done..at.start)?);
            text.push_str(&with);
            done = at.end;
        }
        text.push_str(self.0.get(done..)?);
        Some(text)
    }

    /// Writes a field behind another one of the same map, which begins at a place.
    pub(super) fn add(&self, map: Place, beside: Field, key: &str, value: &str) -> Option<Edit> {
        let end = self.scalar_end(self.offset(beside.1)?)?;
        let first = self.offset(beside.0)?;
        let written = match self.0.get(first..)?.starts_with('"') {
            true => format!("\"{key}\": \"{value}\""),
            false => format!("{key}: {value}"),
        };
        if self.is_flow(map)? {
            return Some(Edit { at: end..end, with: format!(", {written}") });
        }
        // Behind the whole line, and what is said on it.
        let line = end + self.0.get(end..)?.find(['\n', '\r']).unwrap_or(self.0.len() - end);
        let ends = if self.0.get(line..)?.starts_with("\r\n") { "\r\n" } else { "\n" };
        let indent = " ".repeat(beside.0.column - 1);
        Some(Edit { at: line..line, with: format!("{ends}{indent}{written}") })
    }

    /// Writes another value in the place of one.
    pub(super) fn replace(&self, value: Place, with: &str) -> Option<Edit> {
        let start = self.offset(value)?;
        let quote = self.0.get(start..)?.chars().next().filter(|first| matches!(first, '"' | '\''));
        let with = quote.map_or_else(|| with.to_owned(), |quote| format!("{quote}{with}{quote}"));
        Some(Edit { at: start..self.scalar_end(start)?, with })
    }

    /// Takes a field out of a map, which begins at a place.
    pub(super) fn remove(&self, map: Place, field: Field) -> Option<Edit> {
        let (start, end) = (self.offset(field.0)?, self.scalar_end(self.offset(field.1)?)?);
        let (before, after) = (self.0.get(..start)?, self.0.get(end..)?);
        if self.is_flow(map)? {
            let trimmed = before.trim_end();
            return Some(match trimmed.chars().last()? {
                ',' => Edit { at: trimmed.len() - 1..end, with: String::new() },
                '{' => {
                    let rest = after.trim_start().strip_prefix(',')?.trim_start();
                    Edit { at: start..self.0.len() - rest.len(), with: String::new() }
                }
                _ => return None,
            });
        }
        // A line of its own; the first field of an item shares it with the dash.
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let is_alone = before.get(line..)?.trim().is_empty();
        let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
        is_alone.then(|| Edit { at: line..self.0.len() - rest.len(), with: String::new() })
    }

    fn is_flow(&self, map: Place) -> Option<bool> {
        Some(self.0.get(self.offset(map)?..)?.starts_with('{'))
    }

    /// Where a place of a finding is.
    fn offset(&self, place: Place) -> Option<usize> {
        let mut start = if self.0.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        for _ in 1..place.line {
            let rest = self.0.get(start..)?;
            let end = rest.find(['\n', '\r'])?;
            start += end + if rest.get(end..)?.starts_with("\r\n") { 2 } else { 1 };
        }
        let line = self.0.get(start..)?;
        let column = line.char_indices().nth(place.column.checked_sub(1)?)?.0;
        (!line.get(..column)?.contains('\n')).then_some(start + column)
    }

    /// Where a value ends that is no map and no list, and lies on one line.
    fn scalar_end(&self, start: usize) -> Option<usize> {
        let rest = self.0.get(start..)?;
        let length = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest.get(1..)?.find(quote)? + 2,
            _ => {
                let end = rest.find([',', '}', ']', '\n', '\r']).unwrap_or(rest.len());
                let end = rest.get(..end)?.find(" #").unwrap_or(end);
                rest.get(..end)?.trim_end().len()
            }
        };
        (length > 0).then_some(start + length)
    }
}
