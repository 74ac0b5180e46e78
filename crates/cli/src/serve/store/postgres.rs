//! Rows in a PostgreSQL database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use postgres::error::SqlState;
use postgres::types::ToSql;
use postgres::{Client, Config, Error, IsolationLevel, NoTls, Statement, Transaction};

use tokio_postgres_rustls::MakeRustlsConnect;

use super::access::{COUNTS, Count, Each, Reader, Store};
use super::deadline::{Cancel, Deadline};
use super::schema::{FROM_2_TO_3, FROM_3_TO_4, FROM_4_TO_5, FROM_5_TO_6, SCHEMA, TABLES};
use super::table::{Column, EVENTS, EXPOSURES, Kind, Table, Value};
use super::tls;
use crate::serve::batch::{Batch, Refused};

/// How long to wait for a connection, and for a peer that does not answer.
const CONNECT: Duration = Duration::from_secs(5);
const SILENT: Duration = Duration::from_secs(10);
/// How long after a failed attempt to connect the next one may be: a server that comes back is not to be stormed.
const CONNECT_AGAIN: Duration = Duration::from_millis(250);
/// How many rows are in memory while all are read.
const ROWS_AT_ONCE: i32 = 4_096;
/// The advisory lock under which tables are made: "Waft".
const LOCK: i64 = 0x5761_6674;

/// What holds for the connection that writes: an acknowledged row outlives a power failure, whatever the server's
/// default; and nobody else's lock or lost network holds the clients longer than they wait for an answer.
const SETTINGS: &str = "
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SET lock_timeout = '5s';
    SET statement_timeout = '10s';";

/// What holds for the connections that read. What a report joins are results of its own query, of whose sizes the planner knows
/// nothing: it compares each of one with each of the other, which takes a minute for 2,000 units, where hashing takes a blink.
/// Nor is the query compiled first (JIT), which takes seconds, more than it takes to run.
const READING: &str = "SET enable_nestloop = off; SET jit = off";

/// Where a database is, and how it is connected to.
#[derive(Clone)]
pub(crate) struct Server {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Server {
    /// Reads a URL. A password that it does not have is taken from PGPASSWORD, which `ps` does not show.
    pub(crate) fn named(url: &str) -> Result<Self, String> {
        let failed = |error: String| format!("--db postgres://...: {error}");
        // Before the library, which knows half of the modes, and no file of certificates.
        let (url, tls) = tls::read(url).map_err(failed)?;
        let mut config: Config = url.parse().map_err(|error: Error| failed(chain(&error)))?;
        let tls = tls.connector(&mut config).map_err(failed)?;
        if config.get_password().is_none()
            && let Ok(password) = std::env::var("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_application_name().is_none() {
            config.application_name("waft");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        config.tcp_user_timeout(SILENT).keepalives_idle(SILENT);
        Ok(Self { config, tls })
    }

    /// The database's name.
    pub(crate) fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    fn connect(&self) -> Result<Client, Error> {
        match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
    }
}

/// The database, as its one writer in this process sees it.
///
/// A connection that failed is thrown away, and the next commit makes a new one: what it was to store was not
/// acknowledged, so its clients send it again.
pub(crate) struct Postgres {
    server: Server,
    connected: Option<Connected>,
    /// Why there is no connection, and until when that is answered without asking.
    away: Option<(String, Instant)>,
}

struct Connected {
    client: Client,
    exposures: Statement,
    events: Statement,
}

impl Postgres {
    /// Connects, and makes the tables if there are none.
    pub(crate) fn open(server: &Server) -> Result<Self, String> {
        let connected = Connected::new(server)?;
        Ok(Self { server: server.clone(), connected: Some(connected), away: None })
    }

    /// The connection, or a new one. Whoever takes it puts it back if it did not fail.
    fn take(&mut self) -> Result<Connected, String> {
        match self.connected.take().filter(|connected| !connected.client.is_closed()) {
            Some(connected) => Ok(connected),
            None => self.connect(),
        }
    }

    fn connect(&mut self) -> Result<Connected, String> {
        if let Some((error, until)) = &self.away
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        let connected = Connected::new(&self.server);
        let again = Instant::now().checked_add(CONNECT_AGAIN);
        self.away = connected.as_ref().err().cloned().zip(again);
        connected
    }
}

impl Store for Postgres {
    fn write(&mut self, batch: &Batch) -> Result<Vec<Refused>, String> {
        let mut connected = self.take()?;
        let written = match connected.write(batch) {
            Err(error) if is_of_data(&error) => connected.write_apart(batch),
            written => written.map(|()| Vec::new()),
        };
        let refused = written.map_err(|error| explained(&error))?;
        self.connected = Some(connected);
        Ok(refused)
    }

    fn mark(&mut self, ids: &[&str], verdict: &str) -> Result<(), String> {
        let mut connected = self.take()?;
        let update = "UPDATE exposures SET verdict = $1 WHERE id = ANY($2)";
        connected.client.execute(update, &[&verdict, &ids]).map_err(|error| explained(&error))?;
        self.connected = Some(connected);
        Ok(())
    }

    fn close(self: Box<Self>) -> Result<(), String> {
        // Everything is committed; whether the server hears the goodbye changes nothing.
        if let Some(connected) = self.connected {
            let _ = connected.client.close();
        }
        Ok(())
    }
}

impl Connected {
    fn new(server: &Server) -> Result<Self, String> {
        let failed = |error: Error| explained(&error);
        let mut client = server.connect().map_err(failed)?;
        client.batch_execute(SETTINGS).map_err(failed)?;
        prepare(&mut client).map_err(failed)??;
        let exposures = client.prepare(&upsert(&EXPOSURES)).map_err(failed)?;
        let events = client.prepare(&upsert(&EVENTS)).map_err(failed)?;
        Ok(Self { client, exposures, events })
    }

    fn write(&mut self, batch: &Batch) -> Result<(), Error> {
        let mut transaction = self.client.transaction()?;
        insert(&mut transaction, &self.exposures, &EXPOSURES, &batch.exposures)?;
        insert(&mut transaction, &self.events, &EVENTS, &batch.events)?;
        transaction.commit()
    }
}

impl Connected {
    /// Stores what can be stored. One statement takes all rows of a table, or none: where it is refused for what one of them holds,
    /// it is made again for each half of them, and so on, until that row is found.
    fn write_apart(&mut self, batch: &Batch) -> Result<Vec<Refused>, Error> {
        let mut transaction = self.client.transaction()?;
        let mut refused = Vec::new();
        let mut found = |at, why| refused.push(Refused::Exposure(at, why));
        insert_apart(&mut transaction, &self.exposures, &EXPOSURES, &batch.exposures, 0, &mut found)?;
        let mut found = |at, why| refused.push(Refused::Event(at, why));
        insert_apart(&mut transaction, &self.events, &EVENTS, &batch.events, 0, &mut found)?;
        transaction.commit()?;
        Ok(refused)
    }
}

/// Stores rows, the first of which has a place in its batch, and names those that are refused.
fn insert_apart<R>(
    transaction: &mut Transaction<'_>,
    statement: &Statement,
    table: &Table<R>,
    records: &[R],
    first: usize,
    refused: &mut dyn FnMut(usize, String),
) -> Result<(), Error> {
    let mut part = transaction.transaction()?;
    match insert(&mut part, statement, table, records) {
        Ok(()) => part.commit(),
        Err(error) if is_of_data(&error) => {
            part.rollback()?;
            if records.len() < 2 {
                refused(first, format!("not stored: {}", chain(&error)));
                return Ok(());
            }
            let (before, after) = records.split_at(records.len() / 2);
            insert_apart(transaction, statement, table, before, first, refused)?;
            insert_apart(transaction, statement, table, after, first.saturating_add(before.len()), refused)
        }
        Err(error) => Err(error),
    }
}

/// Whether a statement is refused for what a row holds: it is the next time, too. These are classes 22 (data exception), 23
/// (integrity constraint), 54 (program limit, such as the size of an index's row), and what triggers raise.
fn is_of_data(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        ["22", "23", "54"].iter().any(|class| code.code().starts_with(class)) || *code == SqlState::RAISE_EXCEPTION
    })
}

/// The database, for reading.
pub(crate) struct Reading {
    client: Client,
    deadline: Deadline,
    /// Called when all reading is stopped, as long as this is here.
    _cancel: Arc<Cancel>,
}

impl Reading {
    /// Connects to a database that has the tables of this schema.
    pub(crate) fn open(server: &Server, deadline: &Deadline) -> Result<Self, String> {
        let mut client = server.connect().map_err(|error| explained(&error))?;
        let (token, tls) = (client.cancel_token(), server.tls.clone());
        let cancel: Arc<Cancel> = Arc::new(move || {
            // It has ended already, or will by its own deadline.
            let _ = match &tls {
                Some(tls) => token.cancel_query(tls.clone()),
                None => token.cancel_query(NoTls),
            };
        });
        deadline.on_stop(&cancel);
        match schema(&mut client).map_err(|error| explained(&error))? {
            Found::Schema(SCHEMA) => {
                let most = deadline.after.map_or(0, |after| after.as_millis());
                let settings = format!("{READING}; SET statement_timeout = {most}");
                client.batch_execute(&settings).map_err(|error| explained(&error))?;
                Ok(Self { client, deadline: deadline.clone(), _cancel: cancel })
            }
            Found::Schema(other) => Err(other_schema(other)),
            Found::Foreign | Found::Nothing => {
                Err("the database has no tables of waft: is it the right one?".to_owned())
            }
        }
    }
}

impl Reader for Reading {
    fn counts(&mut self, set: Option<&str>) -> Result<Vec<Count>, String> {
        let count = |row: &postgres::Row| {
            let (experiment, phase, variant) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(Count {
                experiment,
                phase,
                variant,
                exposures: row.try_get(3)?,
                receipts: row.try_get(4)?,
                contradicted: row.try_get(5)?,
            })
        };
        let rows = self.client.query(COUNTS, &[&set]);
        rows.and_then(|rows| rows.iter().map(count).collect()).map_err(|error: Error| told(&self.deadline, &error))
    }

    fn rows(&mut self, query: &str, kinds: &[Kind], each: &mut Each<'_>) -> Result<(), String> {
        let deadline = self.deadline.clone();
        let failed = |error: Error| told(&deadline, &error);
        // One moment for all of them, and a portal, so that the server hands out a few at a time.
        let transaction = self.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let mut transaction = transaction.read_only(true).start().map_err(failed)?;
        let portal = transaction.bind(query, &[]).map_err(failed)?;
        loop {
            let rows = transaction.query_portal(&portal, ROWS_AT_ONCE).map_err(failed)?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                let values: Result<Vec<_>, _> =
                    kinds.iter().enumerate().map(|(at, kind)| value(row, at, *kind)).collect();
                each(&values.map_err(failed)?)?;
            }
        }
    }
}

fn told(deadline: &Deadline, error: &Error) -> String {
    if error.code() == Some(&SqlState::QUERY_CANCELED) { deadline.told() } else { explained(error) }
}

fn value(row: &postgres::Row, at: usize, kind: Kind) -> Result<Value<'_>, Error> {
    Ok(match kind {
        Kind::Text | Kind::Json => row.try_get::<_, Option<&str>>(at)?.map_or(Value::Null, Value::Text),
        Kind::Integer | Kind::Time => row.try_get::<_, Option<i64>>(at)?.map_or(Value::Null, Value::Integer),
        Kind::Real => row.try_get::<_, Option<f64>>(at)?.map_or(Value::Null, Value::Real),
    })
}

/// What a database holds.
enum Found {
    Nothing,
    Schema(i32),
    /// Tables of our names that are not ours.
    Foreign,
}

fn schema(client: &mut impl postgres::GenericClient) -> Result<Found, Error> {
    let exists = "SELECT to_regclass('waft_schema') IS NOT NULL,
        to_regclass('exposures') IS NOT NULL OR to_regclass('events') IS NOT NULL";
    let row = client.query_one(exists, &[])?;
    Ok(match (row.try_get(0)?, row.try_get(1)?) {
        (true, _) => Found::Schema(client.query_one("SELECT max(number) FROM waft_schema", &[])?.try_get(0)?),
        (false, true) => Found::Foreign,
        (false, false) => Found::Nothing,
    })
}

fn other_schema(other: i32) -> String {
    let remedy = if other < SCHEMA { "start `waft serve` on it once" } else { "use the newer waft that made it" };
    format!("the database has schema {other}, this waft knows {SCHEMA}: {remedy}, or give another database")
}

/// Makes the tables in a database that has none. Says so, if what is there is not ours to write to.
fn prepare(client: &mut Client) -> Result<Result<(), String>, Error> {
    let mut transaction = client.transaction()?;
    // Two processes that start on one new database make the tables once.
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    match schema(&mut transaction)? {
        Found::Schema(SCHEMA) => return Ok(Ok(())),
        Found::Schema(known @ 2..SCHEMA) => {
            // A large table takes its time.
            transaction.batch_execute("SET LOCAL statement_timeout = 0")?;
            for (from, step) in (2..).zip([FROM_2_TO_3, FROM_3_TO_4, FROM_4_TO_5, FROM_5_TO_6]) {
                if known <= from {
                    transaction.batch_execute(&in_our_words(step))?;
                }
            }
            transaction.execute("UPDATE waft_schema SET number = $1", &[&SCHEMA])?;
            return transaction.commit().map(Ok);
        }
        Found::Schema(other) => return Ok(Err(other_schema(other))),
        Found::Foreign => {
            return Ok(Err("the database has other tables called exposures or events: give another one".to_owned()));
        }
        Found::Nothing => {}
    }
    transaction.batch_execute(&in_our_words(TABLES))?;
    transaction.batch_execute("CREATE TABLE waft_schema (number INTEGER NOT NULL)")?;
    transaction.execute("INSERT INTO waft_schema VALUES ($1)", &[&SCHEMA])?;
    transaction.commit().map(Ok)
}

/// What is written in SQLite's words.
fn in_our_words(sql: &str) -> String {
    sql.replace("INTEGER", "BIGINT").replace("REAL", "DOUBLE PRECISION").replace(") STRICT", ")")
}

fn upsert<R>(table: &Table<R>) -> String {
    table.upsert(&unnest(table), "json_build_object")
}

/// One array a column: a statement takes any number of rows that way, in one round trip.
fn unnest<R>(table: &Table<R>) -> String {
    let arrays: Vec<String> =
        (1..).zip(table.columns()).map(|(number, column)| format!("${number}::{}[]", words(column.kind))).collect();
    format!("SELECT * FROM unnest({})", arrays.join(", "))
}

fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "TEXT",
        Kind::Integer | Kind::Time => "BIGINT",
        Kind::Real => "DOUBLE PRECISION",
    }
}

fn insert<R>(
    transaction: &mut Transaction<'_>,
    statement: &Statement,
    table: &Table<R>,
    records: &[R],
) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let arrays: Vec<_> = table.columns().map(|column| array(records, column)).collect();
    let arrays: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array.as_ref() as _).collect();
    transaction.execute(statement, &arrays).map(|_| ())
}

/// One column of all records.
fn array<'a, R>(records: &'a [R], column: &Column<R>) -> Box<dyn ToSql + Sync + 'a> {
    let values = records.iter().map(column.of);
    match column.kind {
        Kind::Text | Kind::Json => Box::new(values.map(text).collect::<Vec<_>>()),
        Kind::Integer | Kind::Time => Box::new(values.map(integer).collect::<Vec<_>>()),
        Kind::Real => Box::new(values.map(real).collect::<Vec<_>>()),
    }
}

fn text(value: Value<'_>) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

fn integer(value: Value<'_>) -> Option<i64> {
    if let Value::Integer(integer) = value { Some(integer) } else { None }
}

fn real(value: Value<'_>) -> Option<f64> {
    if let Value::Real(real) = value { Some(real) } else { None }
}

/// PostgreSQL's message, with a remedy where there is one.
fn explained(error: &Error) -> String {
    let text = chain(error);
    let remedy = match error.code() {
        None if error.is_closed() => "the connection was lost",
        Some(code) if *code == SqlState::INVALID_PASSWORD => "give the password in the URL or in PGPASSWORD",
        // The code of pg_hba.conf's refusals, among others.
        Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION && text.contains("no encryption") => {
            "add sslmode=verify-full to the URL"
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => "make it with createdb",
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => "grant CREATE on the schema to this user",
        Some(code) if *code == SqlState::LOCK_NOT_AVAILABLE => "another session holds the table: end it",
        Some(code) if *code == SqlState::DISK_FULL => "the server's disk is full: free some space",
        _ => return text,
    };
    format!("{text}: {remedy}")
}

/// An error with its causes: the outermost alone says no more than `db error`.
fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
