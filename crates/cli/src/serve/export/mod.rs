//! `waft serve --export`: all rows of a table as NDJSON or Parquet, a few in memory at a time.

mod ndjson;
mod parquet;

use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::ValueEnum;

use crate::destination::{Destination, Readers};
use crate::host::tell;

use waft_ruleset::counted;

use super::store::{Database, Deadline, EVENTS, EXPOSURES, Reader, Table};

/// Which table.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Rows {
    /// Units that met a randomised variant.
    Exposures,
    /// What metrics count.
    Events,
}

/// How rows are written.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// One JSON object a line.
    Ndjson,
    /// Apache Parquet, compressed with snappy.
    Parquet,
}

/// Writes all rows of a table to a file, or to stdout for `-`. A file appears under its name once it is complete.
pub(crate) fn run(database: &Database, rows: Rows, to: &Path, format: Option<Format>) -> Result<(), String> {
    match rows {
        Rows::Exposures => export(database, &EXPOSURES, to, format),
        Rows::Events => export(database, &EVENTS, to, format),
    }
}

fn export<R>(database: &Database, table: &Table<R>, to: &Path, format: Option<Format>) -> Result<(), String> {
    let is_parquet = to.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    let format = format.unwrap_or(if is_parquet { Format::Parquet } else { Format::Ndjson });
    let mut reader = database.read(&Deadline::never()).map_err(|error| format!("{database}: {error}"))?;
    if to == Path::new("-") {
        return write(reader.as_mut(), table, format, io::stdout()).map(|_| ());
    }
    let named = |error: io::Error| format!("--export {}: {error}", to.display());
    if database.is_at(to) {
        return Err(format!("--export {}: is the database itself: give another path", to.display()));
    }
    // It has who met what, as the database has.
    let mut destination = Destination::open(to, Readers::Owner).map_err(named)?;
    // What is left of one that fails would only look like an export: it goes with the destination.
    let count = write(reader.as_mut(), table, format, &mut destination)?;
    destination.commit().map_err(named)?;
    tell(&format!("{} of {} written to {}", counted(count, "row"), table.name, to.display()));
    Ok(())
}

/// Writes the rows, and returns how many there were.
fn write<R>(reader: &mut dyn Reader, table: &Table<R>, format: Format, to: impl Write + Send) -> Result<u64, String> {
    let (query, kinds) = (table.select(), table.kinds());
    let mut count = 0_u64;
    let mut to = BufWriter::new(to);
    match format {
        Format::Ndjson => reader.rows(&query, &kinds, &mut |row| {
            count = count.saturating_add(1);
            ndjson::write(&mut to, table, row).map_err(failed)
        })?,
        Format::Parquet => {
            let mut file = parquet::Rows::new(&mut to, table).map_err(failed)?;
            reader.rows(&query, &kinds, &mut |row| {
                count = count.saturating_add(1);
                file.write(row).map_err(failed)
            })?;
            file.close().map_err(failed)?;
        }
    }
    to.flush().map_err(failed)?;
    Ok(count)
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("--export: {error}")
}
