//! A population, counted: how many of a file's people are in each segment.

use serde::Serialize;
use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::table::Section;
use waft::{NoTrace, Program, Session, Truth, Value, condition, decide_segment};

/// A column of the file and the attribute it fills.
struct Column {
    slot: Slot,
    kind: AttributeType,
}

/// How many people of a file are in each segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PopulationCount {
    /// How many people there are.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
    /// The columns that are named like an attribute.
    pub columns: Vec<String>,
    /// The columns that are not.
    pub ignored: Vec<String>,
    /// Every segment.
    pub segments: Vec<SegmentCount>,
}

/// How many people are in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SegmentCount {
    /// Its name.
    pub name: String,
    /// How many are in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub matches: u64,
    /// How many are not.
    #[cfg_attr(test, ts(type = "number"))]
    pub misses: u64,
    /// Of how many it is not known: an attribute is missing or of another type.
    #[cfg_attr(test, ts(type = "number"))]
    pub unknown: u64,
}

/// Counts a CSV with a header line. Columns are matched to attributes by name; an empty field is a missing attribute. An error says
/// what is wrong with the file and where.
pub fn count(program: &Program, csv: &[u8], now: i64) -> Result<PopulationCount, String> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let headers = reader.byte_headers().map_err(|error| message(&error))?.clone();
    let columns: Vec<Option<Column>> = headers.iter().map(|header| column(program, header)).collect();
    let names = |used: bool| -> Vec<String> {
        let pairs = headers.iter().zip(&columns).filter(|(_, column)| column.is_some() == used);
        pairs.map(|(header, _)| String::from_utf8_lossy(header).into_owned()).collect()
    };
    if columns.iter().all(Option::is_none) {
        return Err(format!(
            "line 1: no column is named like an attribute; found {}, expected some of {}",
            names(false).join(", "),
            attribute_names(program).join(", ")
        ));
    }
    let segments = program.count(Section::Segments) as u16;
    let asked: Vec<_> = (0..segments).map(|index| condition::flags_of_segment(program, index)).collect();
    let mut counts = vec![[0u64; 3]; usize::from(segments)];
    let mut session = Session::new(program);
    let mut record = csv::ByteRecord::new();
    let mut rows = 0u64;
    while reader.read_byte_record(&mut record).map_err(|error| message(&error))? {
        session.clear(program);
        for (field, column) in record.iter().zip(&columns) {
            if let Some(Column { slot, kind }) = column
                && !field.is_empty()
            {
                session.set(program, *slot, typed(*kind, field));
            }
        }
        for ((index, asked), counts) in (0..segments).zip(&asked).zip(&mut counts) {
            let [misses, matches, unknown] = counts;
            match decide_segment(program, index, asked, &mut session, now, &mut NoTrace) {
                Truth::False => *misses += 1,
                Truth::True => *matches += 1,
                Truth::Unknown => *unknown += 1,
            }
        }
        rows += 1;
    }
    let segments = (0..segments)
        .zip(counts)
        .filter_map(|(index, [misses, matches, unknown])| {
            let name = program.segment(usize::from(index))?.name;
            Some(SegmentCount { name: program.str(name).to_owned(), matches, misses, unknown })
        })
        .collect();
    Ok(PopulationCount { rows, columns: names(true), ignored: names(false), segments })
}

fn column(program: &Program, header: &[u8]) -> Option<Column> {
    program.slots().find_map(|slot| {
        let DeclaredAttribute { name, kind } = program.attribute(slot)?;
        (program.text(name) == header).then_some(Column { slot, kind })
    })
}

pub(super) fn attribute_names(program: &Program) -> Vec<&str> {
    program.slots().filter_map(|slot| Some(program.str(program.attribute(slot)?.name))).collect()
}

/// A field's text as the attribute's type reads it; text that does not fit stays text, which its conditions find unknown.
pub(super) fn typed(kind: AttributeType, field: &[u8]) -> Value<'_> {
    let text = || std::str::from_utf8(field).ok();
    match kind {
        AttributeType::Number => text().and_then(|text| text.parse().ok()).map_or(Value::String(field), Value::Number),
        AttributeType::Boolean => {
            // Spreadsheets write TRUE and FALSE.
            text().and_then(|text| text.to_ascii_lowercase().parse().ok()).map_or(Value::String(field), Value::Boolean)
        }
        AttributeType::String
        | AttributeType::Date
        | AttributeType::Semver
        | AttributeType::List
        | AttributeType::Unknown => Value::String(field),
    }
}

pub(super) fn message(error: &csv::Error) -> String {
    match (error.kind(), error.position()) {
        (csv::ErrorKind::UnequalLengths { expected_len, len, .. }, Some(position)) => {
            format!("line {}: {len} fields, expected {expected_len} as in the header", position.line())
        }
        _ => error.to_string(),
    }
}
