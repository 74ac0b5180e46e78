//! The layout of a file, from how it begins.

use serde::Deserialize;

use super::encoding::Encoding;
use super::names::{Meant, meant};
use super::problem::Problem;
use super::records::{Dialect, Next, Records};

/// What separators may be. Where several do as well, the first one is it.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// How many records are looked at.
const LOOKED_AT: usize = 200;
/// In how many first records the header line is looked for.
const TITLES: usize = 20;

/// What is said of a file beforehand; the rest is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Said {
    /// How characters are written as bytes.
    pub encoding: Option<Encoding>,
    /// What stands between fields.
    pub separator: Option<char>,
    /// What stands around fields that hold separators.
    pub quote: Option<char>,
}

/// How people are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv(Dialect),
    /// An object each line.
    Lines,
    /// An array of objects.
    Json,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) encoding: Encoding,
    /// How many bytes the mark of the encoding has.
    pub(super) mark: usize,
    pub(super) format: Format,
    /// How many records are above the header line.
    pub(super) titles: usize,
}

/// What is no text, whatever its name ends with.
pub(super) fn check_kind(head: &[u8]) -> Result<(), Problem> {
    let problem = |code, message: &str| Err(Problem::new(code, message));
    match head {
        [b'P', b'K', 3, 4, ..] => problem(
            "SPREADSHEET",
            "this is an Excel workbook (.xlsx) or another zip archive, not a CSV: in Excel choose Save As, CSV UTF-8",
        ),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => problem(
            "SPREADSHEET",
            "this is an old Excel workbook (.xls), not a CSV: in Excel choose Save As, CSV UTF-8",
        ),
        [0x1f, 0x8b, ..] => problem("COMPRESSED", "this file is compressed (gzip): unpack it first"),
        [b'P', b'A', b'R', b'1', ..] => {
            problem("BINARY", "this is a Parquet file: export it as CSV or as one JSON object a line")
        }
        [b'%', b'P', b'D', b'F', ..] => problem("BINARY", "this is a PDF: export the table as CSV"),
        _ if head.trim_ascii().is_empty() => {
            problem("EMPTY", "the file is empty: it needs a header line, and a line for each person")
        }
        _ => Ok(()),
    }
}

/// Whether bytes are JSON by themselves.
fn is_object(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok())
}

impl Layout {
    /// What the commands read: a CSV as RFC 4180 has it, in UTF-8.
    pub(super) fn plain(head: &[u8]) -> Self {
        let mark = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Layout { encoding: Encoding::Utf8, mark, format: Format::Csv(Dialect::PLAIN), titles: 0 }
    }

    /// How the text is laid out that a file begins with. `whole` tells that it is all of the file.
    pub(super) fn of(
        (encoding, mark): (Encoding, usize),
        text: &[u8],
        whole: bool,
        said: &Said,
        attributes: &[&str],
    ) -> Result<Self, Problem> {
        let zeros = text.iter().filter(|byte| **byte == 0).count();
        if zeros > 0 && zeros > text.len() / 1_000 {
            return Err(Problem::new("BINARY", "this file is no text: choose a CSV, or a file of JSON objects"));
        }
        let start = text.trim_ascii_start();
        let first = start.split(|byte| *byte == b'\n').next().unwrap_or(start);
        let format = match start.first() {
            Some(b'[') => Format::Json,
            Some(b'{') if is_object(first) => Format::Lines,
            Some(b'{') => Format::Json,
            _ => {
                let (dialect, titles) = dialect(text, whole, said, attributes);
                return Ok(Layout { encoding, mark, format: Format::Csv(dialect), titles });
            }
        };
        Ok(Layout { encoding, mark, format, titles: 0 })
    }
}

/// How fields are told apart, and how many records are above the header line.
fn dialect(text: &[u8], whole: bool, said: &Said, attributes: &[&str]) -> (Dialect, usize) {
    let byte = |char: char| u8::try_from(char).ok();
    let cr = !text.contains(&b'\n') && text.contains(&b'\r');
    // Excel's own note to itself.
    let noted = text.strip_prefix(b"sep=").and_then(|rest| rest.first().copied());
    let separator = said.separator.and_then(byte).or(noted);
    let quote_of = |separator| said.quote.and_then(byte).unwrap_or_else(|| quote(text, separator));
    let tried = separator.map_or(SEPARATORS.to_vec(), |separator| vec![separator]);
    let mut best: Option<(Score, Dialect, usize)> = None;
    for separator in tried {
        let dialect = Dialect { separator, quote: quote_of(separator), cr };
        let (score, titles) = score(text, whole, dialect, attributes);
        if best.as_ref().is_none_or(|(other, ..)| score > *other) {
            best = Some((score, dialect, titles));
        }
    }
    best.map_or((Dialect::PLAIN, 0), |(_, dialect, titles)| (dialect, titles))
}

/// How well a dialect does: names of attributes in the header line, then alike records, in tenths, then fields.
type Score = (usize, usize, usize);

fn score(text: &[u8], whole: bool, dialect: Dialect, attributes: &[&str]) -> (Score, usize) {
    let mut records = Records::new(dialect, 1);
    records.push(text);
    if whole {
        records.end();
    }
    let (mut counts, mut named) = (Vec::new(), Vec::new());
    while counts.len() < LOOKED_AT {
        match records.next() {
            Next::Record => {
                counts.push(records.count());
                if named.len() < TITLES {
                    let known = |field: &&[u8]| {
                        let name = String::from_utf8_lossy(field);
                        matches!(meant(&name, attributes), Meant::Exactly(_) | Meant::Alike(_))
                    };
                    named.push(records.fields().filter(known).count());
                }
            }
            Next::OpenQuote => drop(records.skip_line()),
            Next::Nothing => break,
        }
    }
    let alike = |fields: usize| counts.iter().filter(|count| **count == fields).count();
    let fields = counts.iter().copied().max_by_key(|fields| (alike(*fields), *fields)).unwrap_or(0);
    // The header line is the first that names attributes, or else the first with as many fields as most records.
    let best = named.iter().copied().max().unwrap_or(0);
    let by_name = named.iter().position(|count| best > 0 && *count == best);
    let by_count = || counts.iter().take(TITLES).position(|count| *count == fields);
    let titles = by_name.or_else(by_count).unwrap_or(0);
    let below = counts.len().saturating_sub(titles).max(1);
    ((best, if fields > 1 { 10 * alike(fields) / below } else { 0 }, fields), titles)
}

/// `'` where it stands around fields and `"` does not.
fn quote(text: &[u8], separator: u8) -> u8 {
    let ends = |byte: Option<&u8>| byte.is_none_or(|byte| *byte == separator || matches!(byte, b'\n' | b'\r'));
    let around = |quote: u8| {
        let (mut opens, mut closes) = (0, 0);
        for at in (0..text.len()).filter(|at| text.get(*at) == Some(&quote)) {
            opens += usize::from(ends(at.checked_sub(1).and_then(|before| text.get(before))));
            closes += usize::from(ends(text.get(at + 1)));
        }
        if opens > 0 && closes > 0 && 2 * opens.min(closes) >= opens.max(closes) { opens } else { 0 }
    };
    if around(b'"') == 0 && around(b'\'') > 0 { b'\'' } else { b'"' }
}
