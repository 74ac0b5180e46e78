//! A file's people, one after the other: CSV with a header line, whose columns are matched to attributes by name.

use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::{Program, Session};

use super::form::Cells;
use super::read::{Dialect, NextRecord, Records, check_plain};

/// A column of the file and the attribute it fills.
struct Column {
    slot: Slot,
    kind: AttributeType,
}

/// A file of people, read row by row as [`super::Reading::plain`] reads it.
pub struct Rows {
    records: Records,
    headers: Vec<Vec<u8>>,
    columns: Vec<Option<Column>>,
}

impl Rows {
    /// Reads the header line. An error says what is wrong with it.
    pub fn open(program: &Program, csv: &[u8]) -> Result<Self, String> {
        check_plain(csv)?;
        let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
        let mut records = Records::new(Dialect::PLAIN, 1);
        records.push(csv);
        records.end();
        let headers: Vec<Vec<u8>> = match records.next() {
            NextRecord::Record => records.fields().map(<[u8]>::to_vec).collect(),
            NextRecord::OpenQuote => return Err("line 1: a quote that is not closed".to_owned()),
            NextRecord::Nothing => Vec::new(),
        };
        let columns = headers.iter().map(|header| column(program, header)).collect();
        let rows = Rows { records, headers, columns };
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
        let wanted = self.headers.len();
        match self.records.next() {
            NextRecord::Nothing => return Ok(false),
            NextRecord::OpenQuote => return Err(format!("line {}: a quote that is not closed", self.records.line())),
            NextRecord::Record => {}
        }
        let (line, count) = (self.records.line(), self.records.count());
        if count != wanted {
            return Err(format!("line {line}: {count} fields, expected {wanted} as in the header"));
        }
        session.clear(program);
        for (field, column) in self.records.fields().zip(&self.columns) {
            if let Some(Column { slot, kind }) = column
                && !field.is_empty()
            {
                Cells::Plain.value(*kind, field, &mut |value| session.set(program, *slot, value));
            }
        }
        Ok(true)
    }

    /// The fields of the row, by the names of their columns.
    pub fn row(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.headers.iter().map(Vec::as_slice).zip(self.records.fields())
    }
}

fn column(program: &Program, header: &[u8]) -> Option<Column> {
    program.slots().find_map(|slot| {
        let DeclaredAttribute { name, kind } = program.attribute(slot)?;
        (program.text(name) == header).then_some(Column { slot, kind })
    })
}

fn attribute_names(program: &Program) -> Vec<&str> {
    program.slots().filter_map(|slot| Some(program.str(program.attribute(slot)?.name))).collect()
}
