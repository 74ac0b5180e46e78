//! What `waft guard` can be told on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use waft_commands::arguments::Source;
use waft_commands::delivery::arguments::Notify;
use waft_ruleset::Share;

use crate::publish;

/// The arguments of `waft guard`.
#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) source: Source,

    /// The environment that is watched
    #[arg(long)]
    pub(crate) environment: String,

    /// The database of `waft serve`: a SQLite file, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) db: PathBuf,

    /// The folder or bucket of the history of releases: kills are read and recorded there [default: releases]
    #[arg(long, value_name = "DIR|BUCKET", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) records: Option<String>,

    /// Look once, and exit: the default
    #[arg(long, conflicts_with = "every")]
    pub(crate) once: bool,

    /// Look again and again, so long after each look, such as 60s or 5m
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) every: Option<Duration>,

    /// Where snapshot and head are published, as `waft publish` takes it: the pointer is watched there, and flags are turned off
    #[arg(long, value_name = "FOLDER|URL", requires = "trust")]
    pub(crate) to: Option<String>,

    /// With --to: the URL of that folder as pages see it
    #[arg(long, value_name = "URL", requires = "to")]
    pub(crate) url: Option<String>,

    /// With --to: the page's trust
    #[arg(long, value_name = "TRUST.json", requires = "to")]
    pub(crate) trust: Option<String>,

    /// With --to: how the published files are named
    #[arg(long, default_value = publish::DEFAULT_NAME, value_parser = publish::name)]
    pub(crate) name: String,

    /// The secret key of the role kill, a PEM file (PKCS#8): flags whose guardrails say so are turned off with it
    #[arg(long, value_name = "KEY.pem", requires = "to")]
    pub(crate) kill_key: Option<String>,

    /// The publisher's secret key, a PEM file (PKCS#8): releases whose guardrails say `rollback` are taken back with it, and ramps paused whose
    /// guardrails say `hold`; where pages ask for more signatures it is proposed
    #[arg(long, value_name = "KEY.pem", requires = "to")]
    pub(crate) publisher_key: Option<String>,

    /// With --publisher-key: the secret key of the role freshness, which signs a pointer to what is live then
    #[arg(long, value_name = "KEY.pem", requires = "publisher_key")]
    pub(crate) freshness_key: Option<String>,

    /// With --kill-key and --publisher-key: nothing else publishes there
    #[arg(long, requires = "to")]
    pub(crate) single_writer: bool,

    /// How far back it is counted how records arrive
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration)]
    pub(crate) window: Duration,

    /// Which share of page views may lack a record
    #[arg(long, value_name = "SHARE", default_value = "5%", value_parser = share)]
    pub(crate) max_loss: Share,

    /// Which share of exposures may be decided by rules that were superseded for over a day
    #[arg(long, value_name = "SHARE", default_value = "10%", value_parser = share)]
    pub(crate) max_outdated: Share,

    /// Which share of page views may tell that they refused rules
    #[arg(long, value_name = "SHARE", default_value = "1%", value_parser = share)]
    pub(crate) max_refused: Share,

    #[command(flatten)]
    pub(crate) notify: Notify,

    /// The file in which it is kept who was told what, so that nobody is told twice
    #[arg(long, value_name = "FILE", default_value = "waft-guard.json")]
    pub(crate) state: String,

    /// Print what was found as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// How long the database may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) deadline: u32,
}

/// A duration as rulesets have it.
fn duration(text: &str) -> Result<Duration, String> {
    let milli = waft_ruleset::duration(text).and_then(|milli| u64::try_from(milli).ok());
    milli.map(Duration::from_millis).ok_or_else(|| "expected a duration, such as 60s, 5m or 24h".to_owned())
}

/// A share as rulesets have it.
fn share(text: &str) -> Result<Share, String> {
    Share::parse(text).filter(|share| *share <= Share::ALL).ok_or_else(|| "expected a share, such as 5%".to_owned())
}
