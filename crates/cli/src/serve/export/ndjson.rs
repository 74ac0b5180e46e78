//! A row as a line of JSON.

use std::io::{self, Write};

use crate::serve::store::{Kind, Table, Value};

/// Writes one object with every column, and a line feed. Columns that hold JSON are objects, not their text.
pub(crate) fn write(to: &mut impl Write, table: &Table, row: &[Value<'_>]) -> io::Result<()> {
    let mut before = '{';
    for (column, value) in table.columns.iter().zip(row) {
        write!(to, "{before}\"{}\":", column.name)?;
        before = ',';
        match value {
            Value::Null => to.write_all(b"null")?,
            Value::Integer(integer) => write!(to, "{integer}")?,
            Value::Real(real) => serde_json::to_writer(&mut *to, real)?,
            // A line break between two tokens, which rows of earlier versions may have, would forge a line.
            Value::Text(text) if column.kind == Kind::Json => {
                to.write_all(text.replace(['\n', '\r'], " ").as_bytes())?
            }
            Value::Text(text) => serde_json::to_writer(&mut *to, text)?,
        }
    }
    to.write_all(b"}\n")
}
