//! What `waft serve` can be told on the command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

use axum::http::{HeaderValue, Uri};
use clap::Args;

use super::peers::Trust;
use super::{export, hosts, peers};

/// The arguments of `waft serve`.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder whose files are served; index.html answers for a folder.
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// The address to listen on. Anybody who reaches it may send and read: beyond loopback, put a proxy in front.
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) host: String,

    /// The port to listen on; 0 takes any free one. The first line on stdout says which.
    #[arg(long, default_value_t = 8787, value_name = "N")]
    pub(crate) port: u16,

    /// Where exposures are stored: a SQLite file, made if it is missing, or postgres://USER@HOST/DATABASE.
    #[arg(long, default_value = "waft.db", value_name = "FILE|URL")]
    pub(crate) db: PathBuf,

    /// A ruleset whose experiments are reported on at /report, and against which exposures are checked: a file, or a folder. Read once.
    #[arg(long, value_name = "RULESET", requires = "environment")]
    pub(crate) ruleset: Option<String>,

    /// A folder that links in the ruleset may lead to, beside its own; may be repeated.
    #[arg(long = "root", value_name = "DIR", requires = "ruleset")]
    pub(crate) roots: Vec<PathBuf>,

    /// The environment whose exposures are reported on.
    #[arg(long, requires = "ruleset")]
    pub(crate) environment: Option<String>,

    /// The largest body of a request in bytes, as sent and after decompression.
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=64 << 20))]
    pub(crate) max_body: u32,

    /// How long a client may take to send a request's head, and again its body, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) read_timeout: u16,

    /// A site whose pages, too, may send exposures and load snapshots (CORS), such as https://shop.example; may be repeated.
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub(crate) allow_origin: Vec<HeaderValue>,

    /// A name by which this server may be asked (the Host header), such as flags.shop.example; may be repeated. Its addresses and localhost always may.
    #[arg(long, value_name = "NAME", value_parser = hosts::name)]
    pub(crate) allow_host: Vec<String>,

    /// A proxy that forwards requests, by address or network (10.0.0.0/8); may be repeated. It has no limits of its own: they are those of the address in X-Forwarded-For. So has loopback, but for `none`.
    #[arg(long, value_name = "NETWORK", value_parser = peers::trust)]
    pub(crate) trust_proxy: Vec<Trust>,

    /// A file with a token in each line. Back ends that send one (Authorization: Bearer) have their rows marked as trusted [default: the token in WAFT_TOKEN].
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// How many requests a second one address may send; four seconds' worth of them at once. Over it is 429.
    #[arg(long, default_value = "100", value_name = "N")]
    pub(crate) rate: NonZeroU32,

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

/// An origin as browsers write it: scheme, host and, unless it is the scheme's own, port; nothing after it.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{error}"))?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let written =
        format!("{}://{}", uri.scheme_str().unwrap_or_default(), uri.authority().map_or("", |name| name.as_str()));
    let port_of_scheme = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    if !is_web
        || written != text
        || text.contains('@')
        || text != text.to_lowercase()
        || uri.port_u16() == Some(port_of_scheme)
    {
        return Err(
            "expected an origin as browsers send it, such as https://shop.example or http://localhost:5173".to_owned()
        );
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}
