//! A row as a line of JSON.

use std::io::{self, Write};

use waft_ruleset::escape;

use crate::serve::store::{Kind, Table, Value};

/// JSON as it was stored: line breaks in it stand between its parts, where a space does as well.
fn one_line(json: &str) -> String {
    escape::json(&json.replace(['\n', '\r', '\t'], " ")).into_owned()
}

/// Writes one object with every column, and a line feed. Columns that hold JSON are objects, not their text.
pub(crate) fn write<R>(to: &mut impl Write, table: &Table<R>, row: &[Value<'_>]) -> io::Result<()> {
    let mut before = '{';
    for (column, value) in table.columns().zip(row) {
        write!(to, "{before}\"{}\":", column.name)?;
        before = ',';
        match value {
            Value::Null => to.write_all(b"null")?,
            Value::Integer(integer) => write!(to, "{integer}")?,
            Value::Real(real) => serde_json::to_writer(&mut *to, real)?,
            Value::Text(text) if column.kind == Kind::Json => to.write_all(one_line(text).as_bytes())?,
            Value::Text(text) => to.write_all(escape::json(&serde_json::to_string(text)?).as_bytes())?,
        }
    }
    to.write_all(b"}\n")
}
