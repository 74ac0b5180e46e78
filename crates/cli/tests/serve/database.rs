//! The database of one test: a SQLite file, or a database of the tests' own PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use postgres::NoTls;
use postgres::types::Type;
use serde_json::{Value, json};

use crate::cluster::Cluster;

/// Makes two tests of each function that takes a `Kind`: one a database.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[test] fn $name() { super::$name(crate::database::Kind::Sqlite); })*
        }
        mod postgresql {
            $(#[test] fn $name() {
                if crate::cluster::Cluster::shared().is_some() {
                    super::$name(crate::database::Kind::Postgres);
                }
            })*
        }
    };
}
pub(crate) use on_both;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// What `--db` is told.
#[derive(Clone)]
pub(crate) enum Database {
    File(PathBuf),
    Url(String),
}

impl Database {
    /// A new one; a file is made in `folder` by the program.
    pub(crate) fn new(kind: Kind, folder: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        match kind {
            Kind::Sqlite => Self::File(folder.join("waft.db")),
            Kind::Postgres => {
                let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
                Self::Url(Cluster::shared().unwrap().create(&name))
            }
        }
    }

    pub(crate) fn argument(&self) -> PathBuf {
        match self {
            Self::File(path) => path.clone(),
            Self::Url(url) => url.into(),
        }
    }

    pub(crate) fn connect(&self) -> Connection {
        match self {
            Self::File(path) => Connection::Sqlite(rusqlite::Connection::open(path).unwrap()),
            Self::Url(url) => Connection::Postgres(Box::new(postgres::Client::connect(url, NoTls).unwrap())),
        }
    }
}

/// The test's own connection.
pub(crate) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Client>),
}

impl Connection {
    pub(crate) fn execute(&mut self, sqlite: &str, postgres: &str) {
        match self {
            Self::Sqlite(connection) => connection.execute_batch(sqlite).unwrap(),
            Self::Postgres(client) => client.batch_execute(postgres).unwrap(),
        }
    }

    /// What both understand.
    pub(crate) fn execute_both(&mut self, sql: &str) {
        self.execute(sql, sql);
    }

    /// The rows of a query, each an array.
    pub(crate) fn rows(&mut self, sql: &str) -> Vec<Value> {
        match self {
            Self::Sqlite(connection) => {
                let mut query = connection.prepare(sql).unwrap();
                let width = query.column_count();
                let value = |row: &rusqlite::Row<'_>, at| {
                    Ok(match row.get::<_, rusqlite::types::Value>(at)? {
                        rusqlite::types::Value::Integer(integer) => json!(integer),
                        rusqlite::types::Value::Real(real) => json!(real),
                        rusqlite::types::Value::Text(text) => json!(text),
                        _ => Value::Null,
                    })
                };
                let rows = query.query_map([], |row| (0..width).map(|at| value(row, at)).collect()).unwrap();
                rows.collect::<Result<_, _>>().unwrap()
            }
            Self::Postgres(client) => {
                let value = |row: &postgres::Row, at: usize| match *row.columns()[at].type_() {
                    Type::INT8 => json!(row.get::<_, Option<i64>>(at)),
                    Type::FLOAT8 => json!(row.get::<_, Option<f64>>(at)),
                    Type::TEXT => json!(row.get::<_, Option<String>>(at)),
                    ref other => panic!("{other}"),
                };
                let rows = client.query(sql, &[]).unwrap();
                rows.iter().map(|row| (0..row.len()).map(|at| value(row, at)).collect()).collect()
            }
        }
    }
}
