//! What `waft publish` can be told on the command line.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args};
use waft_commands::host::Destination;
use waft_commands::records;

use super::names;
use super::signed::Wanted;

/// What can be published: at least one of these.
const WHAT: [&str; 6] = ["snapshot", "head", "kill", "unkill", "freshness_key", "trust_documents"];

/// The arguments of `waft publish`.
#[derive(Args)]
#[command(group = ArgGroup::new("what").args(WHAT).multiple(true).required(true))]
pub(crate) struct Options {
    /// The signed snapshot; its list files lie beside it
    #[arg(value_name = "SNAPSHOT")]
    pub(crate) snapshot: Option<String>,

    /// A head, which `waft kill` and `waft head refresh` sign: of each of its parts the one with the higher number is published, this or the
    /// one that is there
    #[arg(long, value_name = "HEAD")]
    pub(crate) head: Option<String>,

    /// A flag to turn off at once: puts it on the published kill list. No file of a head is needed; may be repeated
    #[arg(long, value_name = "FLAG", requires = "kill_key", conflicts_with = "head")]
    pub(crate) kill: Vec<String>,

    /// A flag to take off the published kill list; may be repeated
    #[arg(long, value_name = "FLAG", requires = "kill_key", conflicts_with = "head")]
    pub(crate) unkill: Vec<String>,

    /// With --kill and --unkill: the secret key of the role kill, a PEM file (PKCS#8)
    #[arg(long, value_name = "KEY.pem")]
    kill_key: Option<String>,

    /// With --kill and --unkill: the folder of the history, in which a record of them is written, created if missing; or a bucket
    #[arg(long, value_name = "DIR|BUCKET", default_value = records::FOLDER, value_parser = NonEmptyStringValueParser::new())]
    pub(crate) records: String,

    /// With --kill and --unkill: the reason, for the record
    #[arg(long, value_name = "TEXT", requires = "kill_key")]
    pub(crate) why: Option<String>,

    /// Sign a new pointer to the snapshot that is live then, for a day: with this secret key of the role freshness, a PEM file (PKCS#8)
    #[arg(long, value_name = "KEY.pem", conflicts_with = "head")]
    freshness_key: Option<String>,

    /// Trust documents, which `waft trust` writes and root has signed
    #[arg(long, value_name = "TRUST.waft", num_args = 1..)]
    pub(crate) trust_documents: Vec<String>,

    /// Where to publish: a folder; s3://BUCKET/FOLDER, az:// or gs://, with credentials from the environment; or a URL below which files are
    /// written by PUT. WAFT_PUBLISH_AUTHORIZATION is sent along, such as "Bearer ..."
    #[arg(long, value_name = "FOLDER|URL")]
    pub(crate) to: String,

    /// The page's trust: what its pages would refuse is not published
    #[arg(long, value_name = "TRUST.json")]
    pub(crate) trust: String,

    /// How the files are named: NAME.waft is what pages load, and NAME-head.waft the head, which is head.waft without this
    #[arg(long, default_value = names::DEFAULT, value_parser = names::name)]
    pub(crate) name: String,

    /// The URL of the folder as pages see it: read back and verified [default: --to, if that is a URL]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// How long a busy store, and then a public URL that still serves the old files, are tried again, in seconds
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    timeout: u16,

    /// Nothing else publishes there: write to stores that cannot compare before they replace
    #[arg(long)]
    pub(crate) single_writer: bool,

    /// Write nothing, and print what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Flags that are killed by a program, and not by a command line.
pub(crate) struct Killing<'a> {
    /// `--to`, `--url`, `--trust` and `--name`.
    pub(crate) to: &'a str,
    pub(crate) url: Option<&'a str>,
    pub(crate) trust: &'a str,
    pub(crate) name: &'a str,
    /// The PEM file of a key of the role kill.
    pub(crate) key: &'a str,
    pub(crate) flags: &'a [String],
    pub(crate) why: &'a str,
    /// The folder of the history.
    pub(crate) records: &'a str,
    /// How long a busy store is tried again, in seconds.
    pub(crate) timeout: u16,
    pub(crate) single_writer: bool,
}

impl Options {
    /// What `waft publish --kill` would be told.
    pub(crate) fn killing(killing: &Killing<'_>) -> Self {
        let text = |text: &str| text.to_owned();
        Options {
            snapshot: None,
            head: None,
            kill: killing.flags.to_vec(),
            unkill: Vec::new(),
            kill_key: Some(text(killing.key)),
            records: text(killing.records),
            why: Some(text(killing.why)),
            freshness_key: None,
            trust_documents: Vec::new(),
            to: text(killing.to),
            trust: text(killing.trust),
            name: text(killing.name),
            url: killing.url.map(text),
            timeout: killing.timeout,
            single_writer: killing.single_writer,
            dry_run: false,
        }
    }

    /// The same of a list that is signed: the file of a head with it. `flags` are those of the record's reason.
    pub(crate) fn killed(head: &str, unkill: bool, killing: &Killing<'_>) -> Self {
        let options = Options { head: Some(head.to_owned()), kill_key: None, ..Options::killing(killing) };
        match unkill {
            true => Options { unkill: killing.flags.to_vec(), kill: Vec::new(), ..options },
            false => options,
        }
    }

    /// Trust documents alone.
    pub(crate) fn trusting(trust: &str, destination: &Destination, documents: Vec<String>) -> Result<Self, String> {
        let destination = Destination { freshness_key: None, ..destination.clone() };
        Ok(Options { trust_documents: documents, ..Options::of(trust, &destination)? })
    }

    /// Of a release's command: a snapshot alone, and the pointer to it.
    pub(crate) fn of(trust: &str, destination: &Destination) -> Result<Self, String> {
        let Destination { to, name, url, freshness_key, timeout, single_writer } = destination.clone();
        let name = name.map_or_else(|| Ok(names::DEFAULT.to_owned()), |name| names::name(&name));
        Ok(Options {
            snapshot: None,
            head: None,
            kill: Vec::new(),
            unkill: Vec::new(),
            kill_key: None,
            records: records::FOLDER.to_owned(),
            why: None,
            freshness_key,
            trust_documents: Vec::new(),
            to,
            trust: trust.to_owned(),
            name: name.map_err(|error| format!("--name: {error}"))?,
            url,
            timeout: timeout.unwrap_or(60),
            single_writer,
            dry_run: false,
        })
    }

    /// What is signed while it is published.
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        let Options { kill, unkill, kill_key, freshness_key, .. } = self;
        let kill_key = kill_key.as_deref().filter(|_| !kill.is_empty() || !unkill.is_empty());
        Wanted { kill, unkill, kill_key, freshness_key: freshness_key.as_deref() }
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}
