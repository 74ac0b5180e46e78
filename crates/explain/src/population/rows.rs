//! A file's people, one after the other: CSV with a header line, whose columns are matched to attributes by name.

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::{Program, Session};

use super::count::{attribute_names, message, typed};

/// A column of the file and the attribute it fills.
struct Column {
    slot: Slot,
    kind: AttributeType,
}

/// A file of people, read row by row.
pub struct Rows<'c> {
    reader: Reader<&'c [u8]>,
    headers: ByteRecord,
    columns: Vec<Option<Column>>,
    record: ByteRecord,
}

impl<'c> Rows<'c> {
    /// Reads the header line. An error says what is wrong with it.
    pub fn open(program: &Program, csv: &'c [u8]) -> Result<Self, String> {
        let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
        let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(csv);
        let headers = reader.byte_headers().map_err(|error| message(&error))?.clone();
        let columns = headers.iter().map(|header| column(program, header)).collect();
        let rows = Rows { reader, headers, columns, record: ByteRecord::new() };
        if rows.columns.iter().all(Option::is_none) {
            return Err(format!(
                "line 1: no column is named like an attribute; found {}, expected some of {}",
                rows.names(false).join(", "),
                attribute_names(program).join(", ")
            ));
        }
        Ok(rows)
    }

    /// The names of the columns that are used, or of those that are not.
    pub fn names(&self, used: bool) -> Vec<String> {
        let pairs = self.headers.iter().zip(&self.columns).filter(|(_, column)| column.is_some() == used);
        pairs.map(|(header, _)| String::from_utf8_lossy(header).into_owned()).collect()
    }

    /// Makes the next row the context of a session; false behind the last one. An empty field is a missing attribute. An error says
    /// which line it is, and what is wrong.
    pub fn next(&mut self, program: &Program, session: &mut Session) -> Result<bool, String> {
        if !self.reader.read_byte_record(&mut self.record).map_err(|error| message(&error))? {
            return Ok(false);
        }
        session.clear(program);
        for (field, column) in self.record.iter().zip(&self.columns) {
            if let Some(Column { slot, kind }) = column
                && !field.is_empty()
            {
                session.set(program, *slot, typed(*kind, field));
            }
        }
        Ok(true)
    }

    /// The fields of the row, by the names of their columns.
    pub fn row(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.headers.iter().zip(&self.record)
    }
}

fn column(program: &Program, header: &[u8]) -> Option<Column> {
    program.slots().find_map(|slot| {
        let DeclaredAttribute { name, kind } = program.attribute(slot)?;
        (program.text(name) == header).then_some(Column { slot, kind })
    })
}
