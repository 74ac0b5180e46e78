//! Where rows are kept: a SQLite file or a PostgreSQL database, with the same tables.

mod access;
mod deadline;
mod postgres;
mod schema;
mod sqlite;
mod table;
mod tls;

use std::path::{Path, PathBuf};

pub(crate) use access::{Count, Reader, Store};
pub(crate) use deadline::Deadline;
pub(crate) use postgres::Postgres;
pub(crate) use sqlite::{Reading, Sqlite};
pub(crate) use table::{Column, EVENTS, EXPOSURES, Kind, Table, Value};

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

    /// Whether a path leads to the database's file, or to one that SQLite keeps beside it, which may be gone at the moment.
    pub(crate) fn is_at(&self, path: &Path) -> bool {
        let Self::File(file) = self else { return false };
        let real = |path: &Path| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            path.canonicalize().ok().or_else(|| Some(folder.canonicalize().ok()?.join(path.file_name()?)))
        };
        let path = real(path);
        path.is_some()
            && ["", "-wal", "-shm", "-journal"].into_iter().any(|ending| {
                let mut own = file.clone().into_os_string();
                own.push(ending);
                real(Path::new(&own)) == path
            })
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
