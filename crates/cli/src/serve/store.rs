//! Where rows are kept: a SQLite file. Another database would be another `Store`.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior, params};

use super::record::{Event, Exposure, Row};

/// `PRAGMA application_id` of our files: "Waft".
const APPLICATION: i32 = 0x5761_6674;
/// `PRAGMA user_version`: the number of the schema. A later one adds a step to `prepare`.
const SCHEMA: i32 = 1;
/// How long to wait for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);

/// A database that takes rows. One thread owns it.
pub(crate) trait Store: Send + 'static {
    /// Stores the rows of several requests, all or none. When it returns, they are durable.
    fn write(&mut self, requests: &[Vec<Row>]) -> Result<(), String>;
    /// Leaves the database complete and closes it.
    fn close(self) -> Result<(), String>;
}

/// The SQLite file.
///
/// WAL lets the counts be read while rows are written. `synchronous=FULL` syncs the log at every commit: an
/// acknowledged exposure is removed from the browser, so it must outlive not only `kill -9`, for which NORMAL would
/// do, but a power failure too, where NORMAL can lose the last commits. One commit serves many requests, so the sync
/// costs each little.
pub(crate) struct Sqlite {
    connection: Connection,
}

impl Sqlite {
    /// Opens the file, and makes it if it is missing.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        if path.to_str().is_some_and(|path| path.contains("://")) {
            return Err(format!("--db {}: only SQLite files are supported: give a path", path.display()));
        }
        let connection = Connection::open(path).and_then(|mut connection| {
            connection.busy_timeout(BUSY)?;
            // Before anything else, so that another program's file is left as it is.
            let is_ours = prepare(&mut connection)?;
            if is_ours.is_ok() {
                connection.pragma_update(None, "journal_mode", "wal")?;
                connection.pragma_update(None, "synchronous", "full")?;
            }
            Ok(is_ours.map(|()| connection))
        });
        match connection {
            Ok(Ok(connection)) => Ok(Self { connection }),
            Ok(Err(message)) => Err(format!("--db {}: {message}", path.display())),
            Err(error) => Err(format!("--db {}: {}", path.display(), explained(&error))),
        }
    }
}

impl Store for Sqlite {
    fn write(&mut self, requests: &[Vec<Row>]) -> Result<(), String> {
        let write = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for row in requests.iter().flatten() {
                match row {
                    Row::Exposure(exposure) => insert_exposure(&transaction, exposure)?,
                    Row::Event(event) => insert_event(&transaction, event)?,
                }
            }
            transaction.commit()
        };
        write(&mut self.connection).map_err(|error| explained(&error))
    }

    /// Moves the log into the file, so that the file alone is complete. If a reader elsewhere prevents that, the log
    /// stays beside it and nothing is lost either.
    fn close(self) -> Result<(), String> {
        let checkpointed = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let closed = self.connection.close().map_err(|(_, error)| error);
        checkpointed.and(closed).map_err(|error| explained(&error))
    }
}

/// A connection for reading, which never waits for the writer.
pub(crate) fn open_for_reading(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// Makes the tables in an empty file. Says so, if the file is not ours to write to.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Result<(), String>> {
    // Immediate: two processes that start on one new file make the tables once.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name: &str| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION, SCHEMA) => Ok(Ok(())),
        (APPLICATION, newer) => Ok(Err(format!(
            "the file has schema {newer}, this waft knows {SCHEMA}: use the newer waft that made it, or another file"
        ))),
        (0, 0) if tables == 0 => {
            transaction.execute_batch(include_str!("schema.sql"))?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
            transaction.commit().map(Ok)
        }
        _ => Ok(Err("the file is another program's database: give another path".to_owned())),
    }
}

/// An exposure that is already there keeps its first receipt but for the time, which is the smallest of all.
fn insert_exposure(transaction: &Transaction<'_>, row: &Exposure) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO exposures (id, experiment, phase, variant, rule, flag, unit_kind, unit, units, set_id,
           snapshot_version, snapshot_digest, point, page_view, sequence, time, skew, first_received)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
         ON CONFLICT (id) DO UPDATE SET receipts = receipts + 1, time = min(time, excluded.time)",
    )?;
    insert.execute(params![
        row.id,
        row.experiment,
        row.phase,
        row.variant,
        row.rule,
        row.flag,
        row.unit_kind,
        row.unit,
        row.units,
        row.set_id,
        row.snapshot_version,
        row.snapshot_digest,
        row.point,
        row.page_view,
        row.sequence,
        row.moment.time,
        row.moment.skew,
        row.moment.received,
    ])?;
    Ok(())
}

fn insert_event(transaction: &Transaction<'_>, row: &Event) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO events (id, name, value, properties, units, set_id, page_view, sequence, time, skew,
           first_received)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (id) DO UPDATE SET receipts = receipts + 1, time = min(time, excluded.time)",
    )?;
    insert.execute(params![
        row.id,
        row.name,
        row.value,
        row.properties,
        row.units,
        row.set_id,
        row.page_view,
        row.sequence,
        row.moment.time,
        row.moment.skew,
        row.moment.received,
    ])?;
    Ok(())
}

/// SQLite's message, with a remedy where there is one.
fn explained(error: &rusqlite::Error) -> String {
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => "does its folder exist, and may this user write there?",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "make the file and its folder writable",
        Some(ErrorCode::NotADatabase) => "the file is no SQLite database: give another path",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds the file: end it",
        Some(ErrorCode::DiskFull) => "the disk is full: free some space",
        _ => return error.to_string(),
    };
    format!("{error}: {remedy}")
}
