//! A file of people, read part by part into a [`Table`]: CSV as spreadsheets write it, JSON, or a JSON object a line.
//!
//! `encoding` makes UTF-8 of bytes, `layout` finds out how they are laid out, `records` and `objects` find rows in them, `names` which column
//! is which attribute, `columns` number their texts, and `told` tells what came of it: a [`Report`].

mod columns;
mod encoding;
mod layout;
mod names;
mod objects;
mod problem;
mod records;
mod report;
mod settings;
mod told;

use serde_json::{Map, Value as Json};
use waft::Program;

use self::columns::{Columns, Declared};
use self::encoding::Decoder;
pub use self::encoding::Encoding;
pub use self::layout::Said;
use self::layout::{Format, Layout, check_kind};
use self::objects::Objects;
pub use self::problem::Problem;
pub(super) use self::records::Dialect;
pub(super) use self::records::{Next as NextRecord, Records};
pub use self::report::{ColumnReport, FormCount, Odd, Report, Skipped, SkippedRow};
pub use self::settings::Settings;
use super::table::{self, Table};

/// How much of a file is looked at before its rows are read, in bytes.
const HEAD: usize = 1 << 18;
/// So many quotes that are not closed are the wrong quote.
const OPEN_QUOTES: u64 = 1_000;

/// A file under way.
#[derive(Debug)]
pub struct Reading {
    /// Whether it is read as commands read files: nothing is found out, and a bad row is an error.
    plain: bool,
    settings: Settings,
    columns: Columns,
    skipped: Skipped,
    titles: Vec<String>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The first bytes.
    Head(Vec<u8>),
    Body(Layout, Decoder, Source),
    /// What could not be read is not gone on with.
    Failed,
}

#[derive(Debug)]
enum Source {
    /// And how many records come in front of the first row.
    Records(Box<Records>, usize),
    Objects(Objects),
}

impl Reading {
    /// A file for programs whose attributes its columns fill.
    pub fn new(programs: &[&Program], settings: Settings) -> Self {
        Self::of(false, declared(programs), settings)
    }

    /// A CSV as commands read it: in UTF-8, separated by commas, its columns named like attributes. A row of another length is an error.
    pub fn plain(programs: &[&Program]) -> Self {
        Self::of(true, declared(programs), Settings::default())
    }

    fn of(plain: bool, attributes: Vec<Declared>, settings: Settings) -> Self {
        let most = settings.memory.unwrap_or(usize::MAX);
        let columns = Columns::new(attributes, settings.columns.clone(), settings.seed, most);
        let (skipped, titles, state) = (Skipped::default(), Vec::new(), State::Head(Vec::new()));
        Reading { plain, settings, columns, skipped, titles, state }
    }

    /// How many rows were met so far.
    pub fn rows(&self) -> u64 {
        self.columns.met
    }

    /// Reads the next bytes of the file. After an error nothing more is read.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        match &mut self.state {
            State::Head(head) => {
                head.extend_from_slice(bytes);
                if head.len() < HEAD {
                    return Ok(());
                }
                let head = std::mem::take(head);
                self.start(&head, false)
            }
            State::Body(_, decoder, source) => {
                let text = decoder.decode(bytes);
                match source {
                    Source::Records(records, _) => records.push(&text),
                    Source::Objects(objects) => objects.push(&text),
                }
                self.take()
            }
            State::Failed => Ok(()),
        }
    }

    /// Reads what is left: the table, and what came of reading it.
    pub fn finish(mut self) -> Result<(Table, Report), Problem> {
        if let State::Head(head) = &mut self.state {
            let head = std::mem::take(head);
            self.start(&head, true)?;
        }
        if let State::Body(_, _, source) = &mut self.state {
            match source {
                Source::Records(records, _) => records.end(),
                Source::Objects(objects) => objects.end(),
            }
            self.take()?;
        }
        let State::Body(layout, ..) = self.state else {
            return Err(Problem::new("FAILED", "reading has failed before: choose the file again"));
        };
        if self.columns.headers.is_empty() {
            let message = "nobody is in the file: it needs a header line, and a line for each person";
            return Err(Problem::new("EMPTY", message));
        }
        let Reading { plain, settings, columns, skipped, titles, .. } = self;
        let report = Report { titles, skipped, ..Report::default() };
        Ok(told::tell(plain, &settings, layout, columns, report))
    }

    /// Finds out how the file is laid out, and reads what of it is there.
    fn start(&mut self, head: &[u8], whole: bool) -> Result<(), Problem> {
        self.state = State::Failed;
        check_kind(head)?;
        let (found, mark) = Encoding::of(head);
        let encoding = if self.plain { Encoding::Utf8 } else { self.settings.layout.encoding.unwrap_or(found) };
        let mut decoder = Decoder::new(encoding);
        let text = decoder.decode(head.get(mark..).unwrap_or(&[])).into_owned();
        let layout = if self.plain {
            Layout::plain(head)
        } else {
            let names: Vec<&str> = self.columns.attributes.iter().map(|declared| declared.name.as_str()).collect();
            Layout::of((encoding, mark), &text, whole, &self.settings.layout, &names)?
        };
        let mut source = match layout.format {
            Format::Csv(dialect) => Source::Records(Box::new(Records::new(dialect, 1)), layout.titles + 1),
            Format::Lines => Source::Objects(Objects::new(true)),
            Format::Json => Source::Objects(Objects::new(false)),
        };
        match &mut source {
            Source::Records(records, _) => records.push(&text),
            Source::Objects(objects) => objects.push(&text),
        }
        self.state = State::Body(layout, decoder, source);
        self.take()
    }

    /// Reads all rows that have come.
    fn take(&mut self) -> Result<(), Problem> {
        let Reading { plain, columns, skipped, titles, state, .. } = self;
        let State::Body(_, _, source) = state else { return Ok(()) };
        let taken = match source {
            Source::Records(records, heads) => loop {
                let taken = match records.next() {
                    NextRecord::Nothing => break Ok(()),
                    NextRecord::OpenQuote => open_quote(*plain, records, skipped),
                    NextRecord::Record if *heads > 1 => {
                        *heads -= 1;
                        titles.push(String::from_utf8_lossy(&joined(records)).into_owned());
                        Ok(())
                    }
                    NextRecord::Record if *heads == 1 => {
                        *heads = 0;
                        if *plain {
                            columns.head_exactly(records.fields())
                        } else {
                            columns.head(records.fields());
                            Ok(())
                        }
                    }
                    NextRecord::Record => record(*plain, records, columns, skipped),
                };
                if taken.is_err() {
                    break taken;
                }
            },
            Source::Objects(objects) => loop {
                let taken = match objects.next() {
                    objects::Next::Nothing => break Ok(()),
                    objects::Next::Open(line) => {
                        skipped.no_object += 1;
                        skipped.add(line, "an object that is not closed".to_owned(), b"{");
                        Ok(())
                    }
                    objects::Next::Object(text, line) => object(&text, line, columns, skipped),
                };
                if taken.is_err() {
                    break taken;
                }
            },
        };
        if taken.is_err() {
            self.state = State::Failed;
        }
        taken
    }
}

impl Table {
    /// Reads a CSV with a header line. Columns are matched by name to the attributes of any of the programs; an empty field is a missing
    /// attribute. An error says what is wrong with the file and where.
    pub fn read(csv: &[u8], programs: &[&Program]) -> Result<Self, String> {
        check_plain(csv)?;
        let mut reading = Reading::plain(programs);
        let read = reading.push(csv).and_then(|()| reading.finish());
        read.map(|(table, _)| table).map_err(|problem| problem.message)
    }
}

/// Refuses what is no text in UTF-8. Commands guess nothing, and what somebody else's program wrote in another encoding would match nobody.
pub(super) fn check_plain(csv: &[u8]) -> Result<(), String> {
    check_kind(csv).map_err(|problem| problem.message)?;
    let like = match Encoding::of(csv).0 {
        Encoding::Utf8 => "",
        Encoding::Utf16Le | Encoding::Utf16Be => ": it looks like UTF-16",
        Encoding::Windows1252 => ": it looks like Windows-1252",
    };
    let (at, is_text) = std::str::from_utf8(csv).map_or_else(|error| (error.valid_up_to(), false), |_| (0, true));
    if is_text && like.is_empty() {
        return Ok(());
    }
    let line = 1 + csv.iter().take(at).filter(|byte| **byte == b'\n').count();
    Err(format!("line {line}: not UTF-8{like}: save it as CSV UTF-8"))
}

/// The attributes of programs, each name once.
fn declared(programs: &[&Program]) -> Vec<Declared> {
    let mut all: Vec<Declared> = Vec::new();
    for program in programs {
        for (name, kind) in table::declared(program) {
            if all.iter().all(|declared| declared.name != name) {
                all.push(Declared { name: name.to_owned(), kind });
            }
        }
    }
    all
}

/// The fields of a record, for people.
fn joined(records: &Records) -> Vec<u8> {
    records.fields().collect::<Vec<_>>().join(&b" "[..])
}

/// Adds a row.
#[inline]
fn record(plain: bool, records: &mut Records, columns: &mut Columns, skipped: &mut Skipped) -> Result<(), Problem> {
    let (count, wanted) = (records.count(), columns.headers.len());
    let is_blank = || wanted > 1 && records.fields().all(<[u8]>::is_empty);
    // Spreadsheets write separators for empty columns at the end.
    let is_whole = count == wanted || !plain && count > wanted && records.fields().skip(wanted).all(<[u8]>::is_empty);
    if is_whole {
        if !plain && is_blank() {
            skipped.blank += 1;
            skipped.add(records.line(), "every field is empty".to_owned(), b"");
            return Ok(());
        }
        if columns.begin()? {
            columns.row(records.fields());
        }
        return Ok(());
    }
    if count == 1 && is_blank() {
        return Ok(());
    }
    let problem = format!("{count} fields, expected {wanted} as in the header");
    if plain {
        return Err(Problem::new("ROW_LENGTH", format!("line {}: {problem}", records.line())));
    }
    if records.is_long() {
        return open_quote(plain, records, skipped);
    }
    *(if count < wanted { &mut skipped.short } else { &mut skipped.long }) += 1;
    skipped.add(records.line(), problem, &joined(records));
    Ok(())
}

/// Skips a line whose quote is not closed, or far too late.
fn open_quote(plain: bool, records: &mut Records, skipped: &mut Skipped) -> Result<(), Problem> {
    let (line, problem) = (records.line(), "a quote that is not closed");
    if plain {
        return Err(Problem::new("OPEN_QUOTE", format!("line {line}: {problem}: write it twice, or close it")));
    }
    let text = records.skip_line();
    skipped.open_quote += 1;
    skipped.add(line, problem.to_owned(), &text);
    if skipped.open_quote > OPEN_QUOTES {
        let message =
            format!("line {line}: over {OPEN_QUOTES} quotes are not closed: choose another quote or separator");
        return Err(Problem::new("OPEN_QUOTE", message));
    }
    Ok(())
}

/// Adds an object.
fn object(text: &[u8], line: u64, columns: &mut Columns, skipped: &mut Skipped) -> Result<(), Problem> {
    let utf8 = std::str::from_utf8(text).map_err(|_| "not UTF-8".to_owned());
    let members =
        utf8.and_then(|text| serde_json::from_str::<Map<String, Json>>(text).map_err(|error| error.to_string()));
    let members = match members {
        Ok(members) => members,
        Err(error) => {
            skipped.no_object += 1;
            skipped.add(line, format!("no JSON object: {error}"), text);
            return Ok(());
        }
    };
    if !columns.begin()? {
        return Ok(());
    }
    for (name, value) in members {
        let found = columns.headers.iter().position(|header| header.name == name);
        let place = found.unwrap_or_else(|| columns.name(name, &[]));
        if !value.is_null() {
            columns.field(place, value.to_string().as_bytes());
        }
    }
    columns.end();
    Ok(())
}
