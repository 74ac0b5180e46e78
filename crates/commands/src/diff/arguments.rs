//! The arguments of `waft diff`.

use std::path::PathBuf;

use clap::Args;

use super::Options;
use crate::published::LIVE;

/// What is compared.
#[derive(Args)]
pub struct Compared {
    /// What there was, or with --live what comes next: a ruleset's file or folder, a snapshot, a published folder, or a URL
    #[arg(value_name = "BEFORE")]
    first: String,
    /// What comes next
    #[arg(value_name = "AFTER", required_unless_present = "live", conflicts_with = "live")]
    second: Option<String>,
    /// The published folder or its URL, to compare what is live with the one that is named
    #[arg(long, value_name = "FOLDER|URL")]
    live: Option<String>,
    /// The environment that rulesets are compiled for [default: that of the other side, or the only one]
    #[arg(long)]
    environment: Option<String>,
    /// A CSV of people, with a header line of attributes: how many get another value
    #[arg(long, value_name = "FILE.csv")]
    population: Option<String>,
    /// The page's trust: verify snapshots
    #[arg(long, value_name = "TRUST.json")]
    trust: Option<String>,
    /// The time at which both are decided, in RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Another folder that links in a ruleset may lead to; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    roots: Vec<PathBuf>,
}

impl Compared {
    /// Where links of rulesets may lead.
    pub(crate) fn roots(&self) -> &[PathBuf] {
        &self.roots
    }
}

impl From<Compared> for Options {
    fn from(compared: Compared) -> Self {
        let Compared { first, second, live, environment, population, trust, now, json, roots: _ } = compared;
        let (before, after) = match live {
            Some(live) if live.ends_with(".waft") => (live, first),
            Some(live) => (format!("{}/{LIVE}", live.trim_end_matches('/')), first),
            None => (first, second.unwrap_or_default()),
        };
        Options { before, after, environment, population, trust, now, json }
    }
}
