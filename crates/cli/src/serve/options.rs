//! What `waft serve` can be told on the command line.

use std::path::PathBuf;

use clap::Args;

use super::export;

/// The arguments of `waft serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder whose files are served; index.html answers for a folder.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// The address to listen on. There is no password: beyond loopback, put a proxy with one in front.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) host: String,

    /// The port to listen on; 0 takes any free one. The first line on stdout says which.
    #[arg(long, default_value_t = 8787, value_name = "N")]
    pub(crate) port: u16,

    /// Where exposures are stored: a SQLite file, made if it is missing, or postgres://USER@HOST/DATABASE.
    #[arg(long, default_value = "waft.db", value_name = "FILE|URL")]
    pub(crate) db: PathBuf,

    /// The largest body of a request in bytes, as sent and after decompression.
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=64 << 20))]
    pub(crate) max_body: u32,

    /// How long a client may take to send a request's head, and again its body, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) read_timeout: u16,

    /// Write all rows to a file (`-`: stdout) and exit, in place of serving; another waft may serve meanwhile.
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,

    /// Which rows are exported.
    #[arg(long, value_enum, default_value = "exposures", requires = "export")]
    pub(crate) rows: export::Rows,

    /// How they are written [default: parquet for FILE.parquet, otherwise ndjson].
    #[arg(long, value_enum, requires = "export")]
    pub(crate) format: Option<export::Format>,
}
