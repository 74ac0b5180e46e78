//! What `waft serve` can be told on the command line.

use std::num::NonZeroU32;
use std::path::PathBuf;

use axum::http::{HeaderValue, Uri};
use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};

use super::peers::Trust;
use super::{export, hosts, peers};

/// The arguments of `waft serve`.
#[derive(Args)]
#[command(
    group = ArgGroup::new("judged").args(["ruleset", "rules"]),
    group = ArgGroup::new("recorded").args(["ruleset", "rules", "release_to"]).multiple(true),
    group = ArgGroup::new("kept").args(["rules", "release_to"]).multiple(true),
    group = ArgGroup::new("trusting").args(["refresh_head", "release_to"]).multiple(true)
)]
pub(crate) struct Options {
    /// The folder whose files are served; a request for a folder gets its index.html
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub(crate) dir: PathBuf,

    /// The address to listen on. Everybody who can reach it can send and read: beyond loopback, put a proxy in front
    #[arg(long, default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) host: String,

    /// The port to listen on; 0 takes any free port. The first line on stdout says which
    #[arg(long, default_value_t = 8787, value_name = "N")]
    pub(crate) port: u16,

    /// Where exposures are stored: a SQLite file, created if missing, or postgres://USER@HOST/DATABASE
    #[arg(long, default_value = "waft.db", value_name = "FILE|URL")]
    pub(crate) db: PathBuf,

    /// A ruleset (file or folder), read at the start: /report shows its trials, and exposures are checked against it
    #[arg(long, value_name = "RULESET", requires = "environment")]
    pub(crate) ruleset: Option<String>,

    /// The folder of the ruleset, in place of --ruleset: pages of this server may also read its files, save changes and delete files
    /// (/api/rules). Only requests from this machine are answered, or those with a token (--release-token-file). With --environment it is
    /// reported on, too
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<String>,

    /// Another folder that links in the ruleset may lead to; may be repeated
    #[arg(long = "root", value_name = "DIR", requires = "judged")]
    pub(crate) roots: Vec<PathBuf>,

    /// The environment whose exposures are reported
    #[arg(long, requires = "judged")]
    pub(crate) environment: Option<String>,

    /// The folder or bucket of the history of releases, read for each report: kills end experiments [default: releases, if it exists]
    #[arg(long, value_name = "DIR|BUCKET", requires = "recorded", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) records: Option<String>,

    /// A snapshot that pages have; exposures that name its version are compared with it, and not with the ruleset; repeatable. Its signatures are not verified
    #[arg(long = "snapshot", value_name = "SNAPSHOT")]
    pub(crate) snapshots: Vec<String>,

    /// Compare units of 32 hexadecimal digits like all others: no page has a unitKey, so none is a pseudonym
    #[arg(long)]
    pub(crate) no_pseudonyms: bool,

    /// A head that is served, such as public/flags/head.waft: its pointer to the snapshot beside it is signed anew, now and every hour
    #[arg(long, value_name = "HEAD", requires_all = ["key", "trust"])]
    pub(crate) refresh_head: Option<PathBuf>,

    /// With --refresh-head: the secret key of the role freshness, a PEM file (PKCS#8)
    #[arg(long, value_name = "KEY.pem", requires = "refresh_head")]
    pub(crate) key: Option<String>,

    /// With --refresh-head and --release-to: the page's trust
    #[arg(long, value_name = "TRUST.json", requires = "trusting")]
    pub(crate) trust: Option<String>,

    /// With --refresh-head: how often, in seconds. A pointer lasts a day
    #[arg(long, default_value_t = 3_600, value_name = "SECONDS", requires = "refresh_head", value_parser = clap::value_parser!(u32).range(1..=43_200))]
    pub(crate) refresh_every: u32,

    /// A folder that pages load from, such as public/flags: releases of --records are approved and published there, and flags killed, over
    /// HTTP (/api/releases), with keys that stay in the browser
    #[arg(long, value_name = "FOLDER", requires = "trust")]
    pub(crate) release_to: Option<String>,

    /// With --release-to and --rules: a file with one token per line, which every request about releases and rules must send (Authorization:
    /// Bearer). Without it, only requests from this machine are answered
    #[arg(long, value_name = "FILE", requires = "kept")]
    pub(crate) release_token_file: Option<PathBuf>,

    /// With --release-to: the publisher's secret key, a PEM file (PKCS#8), which signs what is proposed over HTTP. The pages' trust must ask for
    /// another signature, too
    #[arg(long, value_name = "KEY.pem", requires = "release_to")]
    pub(crate) publisher_key: Option<String>,

    /// With --release-to: a table of people, for whom changes are counted
    #[arg(long, value_name = "PEOPLE.csv", requires = "release_to")]
    pub(crate) population: Option<String>,

    /// A folder that is served on an origin of its own, beside --dir: the studio, with /api/rules and /api/releases (there alone, as scripts of
    /// other pages could save and release), /report and /api/report. The second line on stdout says where
    #[arg(long, value_name = "DIR")]
    pub(crate) studio: Option<PathBuf>,

    /// With --studio: its port; 0 takes any free port
    #[arg(long, default_value_t = 8788, value_name = "N", requires = "studio")]
    pub(crate) studio_port: u16,

    /// The largest body of a request in bytes, both as sent and decompressed
    #[arg(long, default_value_t = 1 << 20, value_name = "BYTES", value_parser = clap::value_parser!(u32).range(1..=64 << 20))]
    pub(crate) max_body: u32,

    /// How long a client may take to send a request's head, and again its body, in seconds
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=600))]
    pub(crate) read_timeout: u16,

    /// Another site whose pages may send exposures and load snapshots (CORS), such as https://shop.example; may be repeated
    #[arg(long, value_name = "ORIGIN", value_parser = origin)]
    pub(crate) allow_origin: Vec<HeaderValue>,

    /// A host name that requests may use (the Host header), such as flags.shop.example; may be repeated. IP addresses and localhost are always allowed
    #[arg(long, value_name = "NAME", value_parser = hosts::name)]
    pub(crate) allow_host: Vec<String>,

    /// A proxy whose X-Forwarded-For names the client that limits apply to: an address or network (10.0.0.0/8); may be repeated. Loopback is always trusted, unless `none` is given
    #[arg(long, value_name = "NETWORK", value_parser = peers::trust)]
    pub(crate) trust_proxy: Vec<Trust>,

    /// A file with one token per line. Rows from back ends that send one (Authorization: Bearer) are marked as trusted [default: the token in WAFT_TOKEN]
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// How many requests per second one address may send, with bursts of four seconds' worth; more get status 429
    #[arg(long, default_value = "100", value_name = "N")]
    pub(crate) rate: NonZeroU32,

    /// Write all rows to a file (`-`: stdout) and exit instead of serving; another waft may serve meanwhile
    #[arg(long, value_name = "FILE")]
    pub(crate) export: Option<PathBuf>,

    /// Which rows to export
    #[arg(long, value_enum, default_value = "exposures", requires = "export")]
    pub(crate) rows: export::Rows,

    /// The format of the export [default: parquet for FILE.parquet, otherwise ndjson]
    #[arg(long, value_enum, requires = "export")]
    pub(crate) format: Option<export::Format>,
}

impl Options {
    /// What is reported on and proposed.
    pub(crate) fn ruleset(&self) -> Option<&str> {
        self.ruleset.as_deref().or(self.rules.as_deref())
    }
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
        // A name has no star: each origin is allowed by itself.
        || text.contains(['@', '*'])
        || text != text.to_lowercase()
        || uri.port_u16() == Some(port_of_scheme)
    {
        return Err(
            "expected an origin as browsers send it, such as https://shop.example or http://localhost:5173".to_owned()
        );
    }
    HeaderValue::from_str(text).map_err(|error| error.to_string())
}
