//! Rows in a SQLite file.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, Transaction, TransactionBehavior, params_from_iter};

use waft_report::Steps;

use super::access::{COUNTS, Count, Each, Reader, Store};
use super::deadline::Deadline;
use super::schema::{FROM_2_TO_3, FROM_3_TO_4, FROM_4_TO_5, FROM_5_TO_6, SCHEMA, TABLES};
use super::table::{EVENTS, EXPOSURES, Kind, Table, Value};
use crate::serve::batch::{Batch, Refused};

/// `PRAGMA application_id` of our files: "Waft".
const APPLICATION: i32 = 0x5761_6674;
/// How long to wait for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(5);
/// Brings a file of schema 1 to 2: when the last copy came, and how long a record had waited.
const FROM_1_TO_2: &str = include_str!("sqlite-1-to-2.sql");
/// What brings a file from each schema to the next.
const STEPS: [&str; 5] = [FROM_1_TO_2, FROM_2_TO_3, FROM_3_TO_4, FROM_4_TO_5, FROM_5_TO_6];

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
        make_private(path);
        // A path, never a URI: `OpenFlags::default()` has those.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Connection::open_with_flags(path, flags).and_then(|mut connection| {
            connection.busy_timeout(BUSY)?;
            // Before anything else, so that another program's file is left as it is.
            let is_ours = prepare(&mut connection)?;
            if is_ours.is_ok() {
                connection.pragma_update(None, "journal_mode", "wal")?;
                connection.pragma_update(None, "synchronous", "full")?;
            }
            Ok(is_ours.map(|()| connection))
        });
        connection.map_err(|error| explained(&error))?.map(|connection| Self { connection })
    }
}

/// Makes a new file that nobody else can read: it has who met what. SQLite gives the files beside it the same mode. What is wrong
/// with the path, SQLite says.
fn make_private(path: &Path) {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    if !path.exists() {
        let _ = options.open(path);
    }
}

impl Store for Sqlite {
    fn write(&mut self, batch: &Batch) -> Result<Vec<Refused>, String> {
        let write = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let exposures = insert(&transaction, &EXPOSURES, &batch.exposures)?;
            let events = insert(&transaction, &EVENTS, &batch.events)?;
            transaction.commit()?;
            let exposures = exposures.into_iter().map(|(row, why)| Refused::Exposure(row, why));
            Ok(exposures.chain(events.into_iter().map(|(row, why)| Refused::Event(row, why))).collect())
        };
        write(&mut self.connection).map_err(|error| explained(&error))
    }

    fn mark(&mut self, ids: &[&str], verdict: &str) -> Result<(), String> {
        let mark = |connection: &mut Connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut update = transaction.prepare_cached("UPDATE exposures SET verdict = ? WHERE id = ?")?;
            ids.iter().try_for_each(|id| update.execute([verdict, id]).map(|_| ()))?;
            drop(update);
            transaction.commit()
        };
        mark(&mut self.connection).map_err(|error| explained(&error))
    }

    /// Moves the log into the file, so that the file alone is complete. If a reader elsewhere prevents that, the log
    /// stays beside it and nothing is lost either.
    fn close(self: Box<Self>) -> Result<(), String> {
        let checkpointed = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let closed = self.connection.close().map_err(|(_, error)| error);
        checkpointed.and(closed).map_err(|error| explained(&error))
    }
}

/// The file, for reading, which never waits for the writer.
pub(crate) struct Reading {
    connection: Connection,
    deadline: Deadline,
}

/// KiB that the file, and each sort, may keep in memory, negative as SQLite wants it. Twice the default: several are open at a time.
const CACHE: i32 = -4_096;
/// The same while tables of a report are made one by one, where a sort or two are open at a time; and for those tables together. More
/// than that is no faster, and a report stays below 150 MB.
const CACHE_IN_STEPS: i32 = -8_192;
const CACHE_OF_TABLES: i32 = -32_768;
/// How many steps of SQLite's machine are between two looks at the clock: under a millisecond.
const STEPS_BETWEEN: i32 = 10_000;

impl Reading {
    /// Opens the file, which must be ours and of this schema.
    pub(crate) fn open(path: &Path, deadline: &Deadline) -> Result<Self, String> {
        let open = || {
            // Not SQLITE_OPEN_READ_ONLY: that cannot read a log which a killed writer left behind.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let mut connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY)?;
            connection.pragma_update(None, "query_only", true)?;
            connection.pragma_update(None, "cache_size", CACHE)?;
            connection.progress_handler(STEPS_BETWEEN, Some(deadline.started()))?;
            let numbers = (pragma(&connection, "application_id")?, pragma(&connection, "user_version")?);
            Ok((connection, numbers))
        };
        match open().map_err(|error: rusqlite::Error| explained(&error))? {
            (connection, (APPLICATION, SCHEMA)) => Ok(Self { connection, deadline: deadline.clone() }),
            (_, (APPLICATION, other)) => Err(other_schema(other)),
            _ => Err(FOREIGN.to_owned()),
        }
    }
}

impl Reader for Reading {
    fn counts(&mut self, set: Option<&str>) -> Result<Vec<Count>, String> {
        let count = || -> rusqlite::Result<Vec<Count>> {
            let mut query = self.connection.prepare(COUNTS)?;
            let counts = query.query_map([set], |row| {
                let (experiment, phase, variant) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(Count {
                    experiment,
                    phase,
                    variant,
                    exposures: row.get(3)?,
                    receipts: row.get(4)?,
                    contradicted: row.get(5)?,
                })
            })?;
            counts.collect()
        };
        count().map_err(|error| self.failed(&error))
    }

    fn rows(&mut self, query: &str, kinds: &[Kind], each: &mut Each<'_>) -> Result<(), String> {
        let failed = |error: rusqlite::Error| self.failed(&error);
        let mut query = self.connection.prepare(query).map_err(failed)?;
        let mut rows = query.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let mut values = Vec::with_capacity(kinds.len());
            for at in 0..kinds.len() {
                values.push(match row.get_ref(at).map_err(failed)? {
                    ValueRef::Integer(integer) => Value::Integer(integer),
                    ValueRef::Real(real) => Value::Real(real),
                    // Bytes that are no UTF-8 were not written by us.
                    ValueRef::Text(bytes) => Value::Text(std::str::from_utf8(bytes).unwrap_or_default()),
                    ValueRef::Null | ValueRef::Blob(_) => Value::Null,
                });
            }
            each(&values)?;
        }
        Ok(())
    }
}

impl Reading {
    /// The rows of a query that reads tables which are made for it, all as of one moment. They are of this connection alone, in files that
    /// nobody else sees, and gone with it.
    pub(crate) fn rows_in_steps(mut self, steps: &Steps, kinds: &[Kind], each: &mut Each<'_>) -> Result<(), String> {
        let made = self.make(&steps.tables);
        made.map_err(|error| self.failed(&error))?;
        self.rows(&steps.query, kinds, each)
    }

    fn make(&mut self, tables: &[String]) -> rusqlite::Result<()> {
        let connection = &mut self.connection;
        // Before the first temporary table there is nothing that has a cache.
        connection.authorizer(Some(only_temporary))?;
        connection.pragma_update(None, "query_only", false)?;
        connection.execute_batch("CREATE TEMP TABLE opened (at)")?;
        connection.pragma_update(Some("temp"), "cache_size", CACHE_OF_TABLES)?;
        connection.pragma_update(Some("temp"), "journal_mode", "off")?;
        connection.pragma_update(None, "cache_size", CACHE_IN_STEPS)?;
        connection.execute_batch("BEGIN")?;
        tables.iter().try_for_each(|table| {
            connection.execute_batch(table)?;
            // What is still to be written stays in memory for as long as nothing needs room, and leaves a tenth of it to what is looked up.
            connection.cache_flush()
        })
    }

    fn failed(&self, error: &rusqlite::Error) -> String {
        if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) {
            self.deadline.told()
        } else {
            explained(error)
        }
    }
}

/// What `query_only` does, but for temporary tables, which it refuses, too.
fn only_temporary(context: AuthContext<'_>) -> Authorization {
    let reads = matches!(
        context.action,
        AuthAction::Select
            | AuthAction::Read { .. }
            | AuthAction::Function { .. }
            | AuthAction::Transaction { .. }
            | AuthAction::Pragma { .. }
    );
    if reads || context.database_name == Some("temp") { Authorization::Allow } else { Authorization::Deny }
}

const FOREIGN: &str = "the file is another program's database: give another path";

fn other_schema(other: i32) -> String {
    let remedy = if other < SCHEMA { "start `waft serve` on it once" } else { "use the newer waft that made it" };
    format!("the file has schema {other}, this waft knows {SCHEMA}: {remedy}, or give another file")
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i32> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}

/// Makes the tables in an empty file, or those of an older schema new. Says so, if the file is not ours to write to.
fn prepare(connection: &mut Connection) -> rusqlite::Result<Result<(), String>> {
    // Immediate: two processes that start on one new file make the tables once.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    match (pragma(&transaction, "application_id")?, pragma(&transaction, "user_version")?) {
        (APPLICATION, SCHEMA) => return Ok(Ok(())),
        (APPLICATION, known @ 1..SCHEMA) => {
            for (from, step) in (1..).zip(STEPS) {
                if known <= from {
                    transaction.execute_batch(step)?;
                }
            }
        }
        (APPLICATION, other) => return Ok(Err(other_schema(other))),
        (0, 0) if tables == 0 => transaction.execute_batch(TABLES)?,
        _ => return Ok(Err(FOREIGN.to_owned())),
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit().map(Ok)
}

/// Stores rows. Those that are refused for what they hold, which undoes nothing else, are returned with their place.
fn insert<R>(transaction: &Transaction<'_>, table: &Table<R>, records: &[R]) -> rusqlite::Result<Vec<(usize, String)>> {
    let places = vec!["?"; table.columns().count()].join(", ");
    let mut insert = transaction.prepare_cached(&table.upsert(&format!("VALUES ({places})"), "json_object"))?;
    let mut refused = Vec::new();
    for (at, record) in records.iter().enumerate() {
        match insert.execute(params_from_iter(table.values(record))) {
            Ok(_) => {}
            Err(error) if is_of_data(&error) => refused.push((at, format!("not stored: {error}"))),
            Err(error) => return Err(error),
        }
    }
    Ok(refused)
}

/// Whether a row is refused for what it holds: it is the next time, too.
fn is_of_data(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch
                | ErrorCode::TooBig
                | ErrorCode::ParameterOutOfRange
        )
    )
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(integer) => ValueRef::Integer(*integer),
            Self::Real(real) => ValueRef::Real(*real),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// SQLite's message, with a remedy where there is one.
fn explained(error: &rusqlite::Error) -> String {
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => "does its folder exist, and may this user write there?",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "make the file and its folder writable",
        Some(ErrorCode::NotADatabase) => "the file is not a SQLite database: give another path",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another process holds the file: end it",
        Some(ErrorCode::DiskFull) => "the disk is full: free some space",
        _ => return error.to_string(),
    };
    format!("{error}: {remedy}")
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::super::table::Column;
    use super::{Deadline, EVENTS, EXPOSURES, Kind, Reader, Reading, STEPS, Sqlite, TABLES, Table, Value};

    #[test]
    fn steps_of_a_report_are_of_one_moment() {
        let folder = std::env::temp_dir().join(format!("waft-steps-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("waft.db");
        let writer = Sqlite::open(&path).unwrap().connection;
        let insert = |id: &str| {
            let columns = "id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, first_received, last_received";
            let row = "?, 'e', 1, 'v', 'f', 'visitor', 'v1', '{}', 's', 5, 7, 7";
            writer.execute(&format!("INSERT INTO exposures ({columns}) VALUES ({row})"), [id]).unwrap()
        };
        insert("a");
        let mut reading = Reading::open(&path, &Deadline::never()).unwrap();
        reading.make(&["CREATE TEMP TABLE first AS SELECT id FROM exposures".to_owned()]).unwrap();
        insert("b");
        let mut found = Vec::new();
        let query = "SELECT (SELECT COUNT(*) FROM first), COUNT(*) FROM exposures";
        let each = &mut |row: &[Value<'_>]| {
            found.extend(row.iter().map(|value| format!("{value:?}")));
            Ok(())
        };
        reading.rows(query, &[Kind::Integer; 2], each).unwrap();
        assert_eq!(found, ["Integer(1)", "Integer(1)"], "rows that were written between two steps");
        drop((reading, writer));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn only_temporary_tables_are_written_by_a_report() {
        let path = std::env::temp_dir().join(format!("waft-only-{}.db", std::process::id()));
        drop(Sqlite::open(&path).unwrap());
        for statement in
            ["DELETE FROM exposures", "DROP TABLE events", "CREATE TABLE other (at)", "UPDATE exposures SET time = 0"]
        {
            let mut reading = Reading::open(&path, &Deadline::never()).unwrap();
            let error = reading.make(&[statement.to_owned()]).unwrap_err().to_string();
            assert!(error.contains("not authorized"), "{statement}: {error}");
        }
        std::fs::remove_file(&path).unwrap();
    }

    /// Name, type and NOT NULL of each column.
    fn columns(connection: &Connection, table: &str) -> Vec<(String, String, bool)> {
        let mut query = connection.prepare("SELECT name, type, \"notnull\" FROM pragma_table_info(?1)").unwrap();
        query
            .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    fn expected<R>(table: &Table<R>) -> Vec<(String, String, bool)> {
        let words = |kind| match kind {
            Kind::Text | Kind::Json => "TEXT",
            Kind::Integer | Kind::Time => "INTEGER",
            Kind::Real => "REAL",
        };
        let column = |column: &Column<R>| (column.name.to_owned(), words(column.kind).to_owned(), column.required);
        table.columns().map(column).collect()
    }

    #[test]
    fn tables_are_as_the_schema_makes_them() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(TABLES).unwrap();
        for (name, expected) in [(EXPOSURES.name, expected(&EXPOSURES)), (EVENTS.name, expected(&EVENTS))] {
            assert_eq!(columns(&connection, name), expected, "{name}");
        }
    }

    /// What has to become of a row's times: time, sent_at and the corrected time that it had.
    #[test]
    fn file_of_schema_1_gets_the_columns_of_today() {
        let connection = Connection::open_in_memory().unwrap();
        let (exposures, events) = TABLES.split_once("CREATE INDEX").unwrap();
        let since = [
            "late",
            "last_received",
            "browser",
            "breakdown",
            "sent_at",
            "forwarded",
            "receipts",
            "again",
            "verdict",
            "trusted",
        ];
        let first = |tables: &str| {
            let kept = tables
                .lines()
                .filter(|line| !since.iter().any(|name| line.trim_start().starts_with(&format!("{name} "))));
            let first_received = "first_received INTEGER NOT NULL,";
            let old = format!("skew INTEGER NOT NULL, {} receipts INTEGER NOT NULL DEFAULT 1", first_received);
            kept.collect::<Vec<_>>().join("\n").replace(first_received, &old)
        };
        connection
            .execute_batch(
                &format!("{}\nCREATE INDEX{}", first(exposures), first(events))
                    .replace("set_id, verdict, ", "set_id, "),
            )
            .unwrap();
        connection
            .execute_batch(
                r#"INSERT INTO exposures (id, experiment, phase, variant, flag, unit_kind, unit, units, set_id, time, skew,
                     first_received) VALUES ('a', 'e', 1, 'v', 'f', 'visitor', 'v1', '{"account":"a1"}', 's', 5, -20, 7)"#,
            )
            .unwrap();
        for step in STEPS {
            connection.execute_batch(step).unwrap();
        }
        for (name, mut expected) in [(EXPOSURES.name, expected(&EXPOSURES)), (EVENTS.name, expected(&EVENTS))] {
            let mut found = columns(&connection, name);
            found.sort();
            expected.sort();
            assert_eq!(found, expected, "{name}");
        }
        let row = connection.query_row("SELECT last_received, time, sent_at, units FROM exposures", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?, row.get::<_, String>(3)?))
        });
        assert_eq!(row.unwrap(), (7, 25, 27, r#"{"account":"a1","visitor":"v1"}"#.to_owned()));
    }
}
