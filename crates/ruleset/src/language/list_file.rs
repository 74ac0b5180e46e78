//! Ids from a list's file: one a line, or a column of a CSV.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::caseless::caseless;
use crate::counted::counted;
use crate::encoding;
use crate::finding::Code;
use crate::suggestion::suggestion;

/// What stands between the cells of a table. The first is what CSV means.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The longest name of a column that is shown, in bytes, and the most of them. A file that is no table has no names to show.
const SHOWN_BYTES: usize = 40;
const SHOWN: usize = 20;
/// First lines that are the names of columns, not ids: in lower case, letters and digits alone.
const HEADERS: [&str; 22] = [
    "account",
    "accountid",
    "clientid",
    "contactid",
    "customer",
    "customerid",
    "email",
    "emailaddress",
    "guid",
    "id",
    "identifier",
    "ids",
    "key",
    "mail",
    "memberid",
    "uid",
    "user",
    "userid",
    "username",
    "uuid",
    "visitor",
    "visitorid",
];

/// Ids, each with its line.
pub(crate) type Ids = Vec<(String, u64)>;

/// What is wrong with a file, or looks wrong.
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// The line, counted from 1; 0 for the file as a whole.
    pub(crate) line: u64,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Problem {
    fn new(code: Code, line: u64, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Problem { code, line, message: message.into(), remedy: remedy.into() }
    }
}

/// The ids in their order, each with its line, and what looks wrong with them. A byte-order mark, CRLF and empty lines are no part of ids.
/// `attribute` is the name of the attribute that holds them.
pub(crate) fn read(
    bytes: &[u8],
    column: Option<&str>,
    attribute: Option<&str>,
) -> Result<(Ids, Option<Problem>), Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Some(like) = encoding::foreign(bytes) {
        let message = format!("the file is not UTF-8: it looks like {like}");
        return Err(Problem::new(Code::ListEncoding, 0, message, "save it as UTF-8 text"));
    }
    let (separator, index, width) = match column {
        None => (b',', 0, None),
        Some(column) => {
            let (separator, index, width) = find(bytes, column)?;
            (separator, index, Some(width))
        }
    };
    check_cells(bytes, separator, index)?;
    let (mut ids, mut unseen) = (Vec::new(), None);
    let mut is_header_next = column.is_some();
    for row in Rows::of(bytes, separator) {
        let Row { line, cells } = row?;
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if let Some(width) = width.filter(|width| cells.len() != *width) {
            let message = format!("{}, and the header line has {width}", counted(cells.len(), "cell"));
            return Err(Problem::new(Code::ListRows, line, message, "put a cell in quotes that has a separator in it"));
        }
        if std::mem::take(&mut is_header_next) {
            continue;
        }
        if let Some(id) = cells.into_iter().nth(index).filter(|id| !id.is_empty()) {
            unseen = unseen.or_else(|| invisible(&id, line));
            ids.push((id, line));
        }
    }
    let warning = match (column, ids.first()) {
        (None, Some((id, line))) if is_header(id, attribute) => Some(Problem::new(
            Code::ListHeader,
            *line,
            format!("`{id}` reads like the name of a column, and counts as an id"),
            format!("write `column: {id}`, or remove the line"),
        )),
        (_, _) => unseen,
    };
    Ok((ids, warning))
}

/// What nobody sees in an id, and no page has: of two files that were put together each had a byte-order mark, or somebody copied from a page.
fn invisible(id: &str, line: u64) -> Option<Problem> {
    let is_unseen = |character: &char| {
        character.is_control()
            || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    // Most ids are ASCII.
    let found = id.chars().find(is_unseen)?;
    let message = format!("an id contains U+{:04X}, which nobody sees", u32::from(found));
    Some(Problem::new(Code::ListInvisible, line, message, "remove it, unless ids of pages have it"))
}

/// A row of a table.
struct Row {
    /// Where it begins.
    line: u64,
    /// Without white space around them.
    cells: Vec<String>,
}

/// The rows of a table, of however many cells each.
struct Rows<'b> {
    reader: Reader,
    rest: &'b [u8],
    /// The text of a row, and where its cells end.
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl<'b> Rows<'b> {
    fn of(rest: &'b [u8], separator: u8) -> Self {
        let reader = ReaderBuilder::new().delimiter(separator).build();
        Rows { reader, rest, text: vec![0; 256], ends: vec![0; 16] }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        // The reader counts what is left of the line end before, and empty lines, only as it comes to them.
        let ends = self.rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let line = self.reader.line() + ends.filter(|byte| **byte == b'\n').count() as u64;
        let (mut written, mut count) = (0, 0);
        loop {
            let (text, ends) = (self.text.get_mut(written..)?, self.ends.get_mut(count..)?);
            let (result, read, out, ended) = self.reader.read_record(self.rest, text, ends);
            (self.rest, written, count) = (self.rest.get(read..)?, written + out, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return None,
            }
        }
        let (mut start, mut cells) = (0, Vec::with_capacity(count));
        for end in self.ends.get(..count)? {
            // The file was looked at whole where it is small; in a large one, a byte far behind.
            let Ok(cell) = std::str::from_utf8(self.text.get(start..*end)?) else {
                return Some(Err(Problem::new(Code::ListEncoding, line, "not UTF-8", "save it as UTF-8 text")));
            };
            cells.push(cell.trim().to_owned());
            start = *end;
        }
        Some(Ok(Row { line, cells }))
    }
}

/// The separator by which the header line has a column, which of the columns it is, and how many there are.
fn find(bytes: &[u8], column: &str) -> Result<(u8, usize, usize), Problem> {
    let mut headers: Vec<(u8, Vec<String>)> = Vec::new();
    for separator in SEPARATORS {
        if let Some(header) = Rows::of(bytes, separator).next() {
            headers.push((separator, header?.cells));
        }
    }
    let places = |header: &[String]| -> Vec<usize> {
        header.iter().enumerate().filter(|(_, name)| *name == column).map(|(index, _)| index).collect()
    };
    for (separator, header) in &headers {
        match places(header)[..] {
            [] => {}
            [index] => return Ok((*separator, index, header.len())),
            [_, _, ..] => {
                let message = format!("two columns are called `{column}`");
                return Err(Problem::new(Code::ListColumn, 1, message, "rename or remove one of them"));
            }
        }
    }
    let names = headers.iter().map(|(_, header)| header).max_by_key(|header| header.len());
    let names: Vec<&str> = names.map_or(Vec::new(), |header| header.iter().map(String::as_str).collect());
    Err(Problem::new(Code::ListColumn, 1, format!("no column `{column}`"), columns(column, &names)))
}

/// What to write in place of a column's name. Only names are shown, and never a line of a file that is no table.
fn columns(column: &str, names: &[&str]) -> String {
    let is_name = |name: &&str| {
        let plain = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | ' ');
        name.len() <= SHOWN_BYTES && name.chars().all(plain)
    };
    if names.len() > SHOWN || !names.iter().all(is_name) {
        return "name a column of the header line".to_owned();
    }
    let near = suggestion(column, names.iter().copied());
    // A single cell may be all that the file has to tell.
    if names.len() > 1 || near.starts_with("did you mean") {
        near
    } else {
        "name a column of the header line".to_owned()
    }
}

/// Quotes that do not end in their line, and separators in what is read as an id: `a1;x` is nobody.
fn check_cells(bytes: &[u8], separator: u8, index: usize) -> Result<(), Problem> {
    let quote = |line: u64, message: &str| {
        Err(Problem::new(Code::ListQuote, line, message, "end the quote, or write a `\"` in quotes as `\"\"`"))
    };
    let unclosed = "a quote that is not closed";
    let (mut line, mut cell, mut at, mut opened) = (1, 0, At::Start, 1);
    for byte in bytes {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Behind,
            // Notes may have several lines, an id has one.
            (At::Quoted, b'\n' | b'\r') if cell == index => return quote(line, unclosed),
            (At::Quoted, b'\n') => {
                line += 1;
                At::Quoted
            }
            (At::Quoted, _) => At::Quoted,
            (_, b'\n') => {
                (line, cell) = (line + 1, 0);
                At::Start
            }
            (_, b'\r') => {
                cell = 0;
                At::Start
            }
            (_, byte) if *byte == separator => {
                cell += 1;
                At::Start
            }
            (At::Behind, b'"') => At::Quoted,
            (_, byte) if cell == index && SEPARATORS.contains(byte) => {
                let name = if *byte == b'\t' { "a tab".to_owned() } else { format!("`{}`", char::from(*byte)) };
                let message = format!("{name} in what is read as an id");
                let remedy = "name the `column` that holds the ids, by the header line; or put the id in quotes";
                return Err(Problem::new(Code::ListSeparator, line, message, remedy));
            }
            (At::Behind, b' ' | b'\t') => At::Behind,
            (At::Behind, _) => return quote(line, "text behind a quote that is closed"),
            (At::Start, b'"') => {
                opened = line;
                At::Quoted
            }
            (At::Start | At::Spaces, b' ' | b'\t') => At::Spaces,
            (At::Spaces, b'"') => return quote(line, "a quote behind a space: it would be part of the cell"),
            (At::Start | At::Spaces | At::Plain, _) => At::Plain,
        };
    }
    if matches!(at, At::Quoted) { quote(opened, unclosed) } else { Ok(()) }
}

/// Where in a cell.
#[derive(Clone, Copy)]
enum At {
    Start,
    Spaces,
    Plain,
    Quoted,
    Behind,
}

/// Whether a first line is the name of a column.
fn is_header(id: &str, attribute: Option<&str>) -> bool {
    let bare =
        |text: &str| -> String { caseless(text).chars().filter(|character| character.is_alphanumeric()).collect() };
    let id = bare(id);
    HEADERS.contains(&id.as_str()) || attribute.is_some_and(|attribute| bare(attribute) == id)
}
