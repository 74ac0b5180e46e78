//! What reading a file comes to, for people to check.

use serde::Serialize;

use super::encoding::Encoding;
use crate::population::form::{DateForm, NumberForm};

/// How many examples there are of anything.
pub(super) const EXAMPLES: usize = 5;
/// The longest example, in characters.
const EXAMPLE: usize = 80;

/// How a file is written, and what came of reading it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `csv`, `ndjson` or `json`.
    pub format: &'static str,
    /// How characters are written as bytes.
    pub encoding: Encoding,
    /// What stands between the fields of a CSV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// What stands around fields of a CSV that hold separators.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// The lines above the header line, which were skipped.
    pub titles: Vec<String>,
    /// How many people there are.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
    /// How many people the file has, if that is not how many there are: one in so many was taken, by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(type = "number"))]
    pub sampled_from: Option<u64>,
    /// Rows that could not be read.
    pub skipped: Skipped,
    /// Every column.
    pub columns: Vec<ColumnReport>,
    /// The attributes of which the file has no column.
    pub missing: Vec<String>,
}

/// Rows that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Skipped {
    /// How many there are.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
    /// Those with fewer fields than the header line.
    #[cfg_attr(test, ts(type = "number"))]
    pub short: u64,
    /// Those with more.
    #[cfg_attr(test, ts(type = "number"))]
    pub long: u64,
    /// Those without anything in any field, as spreadsheets write below the last row.
    #[cfg_attr(test, ts(type = "number"))]
    pub blank: u64,
    /// Those with a quote that is not closed.
    #[cfg_attr(test, ts(type = "number"))]
    pub open_quote: u64,
    /// Those that are no JSON objects.
    #[cfg_attr(test, ts(type = "number"))]
    pub no_object: u64,
    /// The first of them.
    pub examples: Vec<SkippedRow>,
}

/// A row that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SkippedRow {
    /// Its line in the file, from 1.
    #[cfg_attr(test, ts(type = "number"))]
    pub line: u64,
    /// What is wrong with it.
    pub problem: String,
    /// How it begins.
    pub text: String,
}

/// A column of a file.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ColumnReport {
    /// Its name in the header line; of a second one of that name, with its number behind.
    pub header: String,
    /// The attribute that it fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// Why: `chosen`, `exact`, or `alike` but for case, spaces and signs. Why not: `unknown`, `twice` if another column fills it already,
    /// `left-out` if that was chosen.
    pub matched: &'static str,
    /// The attribute that it might fill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// The attribute's type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// How its numbers are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberForm>,
    /// How its dates are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateForm>,
    /// The forms in which numbers or dates of it can be read, with how many rows; more than one is a choice.
    pub forms: Vec<FormCount>,
    /// How many rows have nothing in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub empty: u64,
    /// How many different texts it has.
    #[cfg_attr(test, ts(type = "number"))]
    pub distinct: u64,
    /// What is not of the attribute's type, so that conditions on it are unknown.
    pub unread: Odd,
    /// What is not in the attribute's enum.
    pub outside: Odd,
    /// Some of its texts.
    pub examples: Vec<String>,
}

/// A form, and how many rows can be read so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FormCount {
    /// As `NumberForm` or `DateForm` is written: `comma`, `day-first`.
    pub form: String,
    /// How many rows.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
}

/// Rows whose text is odd.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Odd {
    /// How many rows.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
    /// Some of the texts.
    pub examples: Vec<String>,
}

impl Skipped {
    pub(super) fn add(&mut self, line: u64, problem: String, text: &[u8]) {
        self.rows += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(SkippedRow { line, problem, text: example(text) });
        }
    }
}

impl Odd {
    pub(super) fn add(&mut self, rows: u64, text: &[u8]) {
        self.rows += rows;
        if rows > 0 && self.examples.len() < EXAMPLES {
            self.examples.push(example(text));
        }
    }
}

/// A text that is short enough to be shown.
pub(super) fn example(text: &[u8]) -> String {
    let text = text.get(..8 * EXAMPLE).unwrap_or(text);
    let text = String::from_utf8_lossy(text);
    let short: String = text.chars().take(EXAMPLE).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}
