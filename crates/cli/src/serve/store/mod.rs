//! Where rows are kept: a SQLite file or a PostgreSQL database, with the same tables.

mod deadline;
mod postgres;
mod sqlite;
mod table;
mod tls;

use std::path::{Path, PathBuf};

use super::batch::Batch;

pub(crate) use deadline::Deadline;
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;
pub(crate) use table::{COPIES, Column, EVENTS, EXPOSURES, Kind, Table, Value};

/// The number of the schema. A later one adds a step to each store's `prepare`.
const SCHEMA: i32 = 5;

/// Brings a database of schema 2 to 3.
const FROM_2_TO_3: &str = include_str!("2-to-3.sql");

/// And one of schema 3 to 4, in SQLite's words.
const FROM_3_TO_4: &str = include_str!("3-to-4.sql");

/// And one of schema 4 to 5.
const FROM_4_TO_5: &str = include_str!("4-to-5.sql");

/// The tables as schema.sql makes them, in SQLite's words.
const TABLES: &str = include_str!("schema.sql");

/// How many exposures are stored, of one set or of all, in the words that SQLite and PostgreSQL share.
const COUNTS: &str = "SELECT experiment, phase, variant,
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 0 ELSE 1 END) AS BIGINT),
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 0 ELSE receipts END) AS BIGINT),
      CAST(sum(CASE WHEN verdict = 'contradicted' THEN 1 ELSE 0 END) AS BIGINT)
    FROM exposures WHERE CAST($1 AS TEXT) IS NULL OR set_id = $1 GROUP BY experiment, phase, variant";

/// A database that takes rows. One thread owns it.
pub(crate) trait Store: Send + 'static {
    /// Stores all rows, but for those that it refuses for what they hold, or nothing. When it returns, they are durable. After a
    /// failure it may be asked again.
    fn write(&mut self, batch: &Batch) -> Result<Vec<Refused>, String>;
    /// Leaves the database complete and closes it.
    fn close(self: Box<Self>) -> Result<(), String>;
}

/// A row that a database can never store, by its place in the batch, and what the database says of it.
#[derive(Clone, Debug)]
pub(crate) enum Refused {
    Exposure(usize, String),
    Event(usize, String),
}

/// A database that is read, beside whoever writes.
pub(crate) trait Reader {
    /// Counts the exposures of a set (`project/environment`), or of all, in no order.
    fn counts(&mut self, set: Option<&str>) -> Result<Vec<Count>, String>;
    /// Calls `each` with every row that a query answers, all as of one moment; a few are in memory at a time. `kinds` are
    /// those of its columns. Ends with the first failure.
    fn rows(&mut self, query: &str, kinds: &[Kind], each: &mut Each<'_>) -> Result<(), String>;
}

/// What takes the rows that are read.
pub(crate) type Each<'a> = dyn FnMut(&[Value<'_>]) -> Result<(), String> + 'a;

/// The exposures of one variant.
pub(crate) struct Count {
    pub(crate) experiment: String,
    pub(crate) phase: i64,
    pub(crate) variant: String,
    pub(crate) exposures: i64,
    pub(crate) receipts: i64,
    /// Those that contradict the ruleset, which count nowhere else.
    pub(crate) contradicted: i64,
}

/// Which database: what `--db` names.
#[derive(Clone)]
pub(crate) enum Database {
    File(PathBuf),
    Server(Box<postgres::Server>),
}

impl Database {
    /// Reads the argument of `--db`: the URL of a PostgreSQL database, or the path of a SQLite file.
    pub(crate) fn named(argument: &Path) -> Result<Self, String> {
        match argument.to_str().and_then(|text| text.split_once("://")) {
            Some(("postgres" | "postgresql", _)) => {
                postgres::Server::named(&argument.to_string_lossy()).map(|server| Self::Server(Box::new(server)))
            }
            Some((scheme, _)) => Err(format!("--db {scheme}://: give the path of a SQLite file, or a postgres:// URL")),
            None => Ok(Self::File(argument.to_owned())),
        }
    }

    /// Opens it for writing, and makes the tables if there are none.
    pub(crate) fn open(&self) -> Result<Box<dyn Store>, String> {
        let named = |error: String| format!("{self}: {error}");
        Ok(match self {
            Self::File(path) => Box::new(Sqlite::open(path).map_err(named)?),
            Self::Server(server) => Box::new(Postgres::open(server).map_err(named)?),
        })
    }

    /// Opens it for reading alone, until the deadline. It must be there.
    pub(crate) fn read(&self, deadline: &Deadline) -> Result<Box<dyn Reader>, String> {
        Ok(match self {
            Self::File(path) => Box::new(sqlite::Reading::open(path, deadline)?),
            Self::Server(server) => Box::new(postgres::Reading::open(server, deadline)?),
        })
    }
}

/// The argument, without a password.
impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "--db {}", path.display()),
            Self::Server(server) => write!(f, "--db postgres://.../{}", server.database()),
        }
    }
}
