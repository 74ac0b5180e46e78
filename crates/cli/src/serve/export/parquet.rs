//! Rows as a Parquet file: groups of rows, in which each column stands by itself.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

use crate::serve::store::{Column, Kind, Table, Value};

/// How many rows are in memory: about 20 MB of exposures.
const GROUP: usize = 32_768;

/// A file that takes rows.
pub(crate) struct Rows<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Buffer>,
    rows: usize,
}

/// The values of one column in the group at hand. `levels` is 1 where there is a value and 0 where there is none, and
/// not used where there must be one.
struct Buffer {
    values: Values,
    levels: Vec<i16>,
    required: bool,
}

enum Values {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Real(Vec<f64>),
}

impl<W: Write + Send> Rows<W> {
    /// Begins a file with the columns of a table.
    pub(crate) fn new<R>(to: W, table: &Table<R>) -> Result<Self> {
        let fields = table.columns().map(field).collect::<Result<_>>()?;
        let schema = Arc::new(Type::group_type_builder(table.name).with_fields(fields).build()?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(format!("waft version {}", env!("CARGO_PKG_VERSION")))
            .build();
        let file = SerializedFileWriter::new(to, schema, Arc::new(properties))?;
        Ok(Self { file, columns: table.columns().map(Buffer::new).collect(), rows: 0 })
    }

    /// Adds a row.
    pub(crate) fn write(&mut self, row: &[Value<'_>]) -> Result<()> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(*value);
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows >= GROUP { self.end_group() } else { Ok(()) }
    }

    /// Ends the file.
    pub(crate) fn close(mut self) -> Result<()> {
        if self.rows > 0 {
            self.end_group()?;
        }
        self.file.close().map(|_| ())
    }

    fn end_group(&mut self) -> Result<()> {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            let Some(mut writer) = group.next_column()? else { break };
            let levels = (!column.required).then_some(column.levels.as_slice());
            match &column.values {
                Values::Text(values) => writer.typed::<ByteArrayType>().write_batch(values, levels, None)?,
                Values::Integer(values) => writer.typed::<Int64Type>().write_batch(values, levels, None)?,
                Values::Real(values) => writer.typed::<DoubleType>().write_batch(values, levels, None)?,
            };
            writer.close()?;
            column.clear();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }
}

impl Buffer {
    fn new<R>(column: &Column<R>) -> Self {
        let values = match column.kind {
            Kind::Text | Kind::Json => Values::Text(Vec::new()),
            Kind::Integer | Kind::Time => Values::Integer(Vec::new()),
            Kind::Real => Values::Real(Vec::new()),
        };
        Self { values, levels: Vec::new(), required: column.required }
    }

    fn push(&mut self, value: Value<'_>) {
        let is_there = match (&mut self.values, value) {
            (Values::Text(values), Value::Text(text)) => {
                values.push(text.into());
                true
            }
            (Values::Integer(values), Value::Integer(integer)) => {
                values.push(integer);
                true
            }
            (Values::Real(values), Value::Real(real)) => {
                values.push(real);
                true
            }
            (Values::Text(_) | Values::Integer(_) | Values::Real(_), _) => false,
        };
        self.levels.push(is_there.into());
    }

    fn clear(&mut self) {
        self.levels.clear();
        match &mut self.values {
            Values::Text(values) => values.clear(),
            Values::Integer(values) => values.clear(),
            Values::Real(values) => values.clear(),
        }
    }
}

fn field<R>(column: &Column<R>) -> Result<TypePtr> {
    let millis = LogicalType::timestamp(true, TimeUnit::MILLIS);
    let (physical, logical) = match column.kind {
        // Text, too, where it holds JSON: more readers know what that is.
        Kind::Text | Kind::Json => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Integer => (Physical::INT64, None),
        Kind::Time => (Physical::INT64, Some(millis)),
        Kind::Real => (Physical::DOUBLE, None),
    };
    let repetition = if column.required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let field = Type::primitive_type_builder(column.name, physical);
    field.with_repetition(repetition).with_logical_type(logical).build().map(Arc::new)
}
