//! The arguments of `waft promote`.

use std::path::PathBuf;

use clap::Args;

use super::Options;

/// What is carried, and where to.
#[derive(Args)]
pub struct Carried {
    /// The environment that has it, such as staging
    from: String,
    /// The environment that gets it, such as production
    to: String,
    /// The ruleset: a file, or a folder with *.yaml, *.yml and *.json files
    #[arg(long, value_name = "RULESET", default_value = "ruleset")]
    rules: String,
    /// A flag to carry; may be repeated [default: all that differ]
    #[arg(long = "flag", value_name = "KEY")]
    flags: Vec<String>,
    /// Replace what the second environment says for itself
    #[arg(long)]
    replace: bool,
    /// A CSV of people, with a header line of attributes: how many get another value in the second environment
    #[arg(long, value_name = "FILE.csv")]
    population: Option<String>,
    /// The time for which the changes are shown, in RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Show what would be carried, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Another folder that links in the ruleset may lead to; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
}

impl From<Carried> for Options {
    fn from(carried: Carried) -> Self {
        let Carried { from, to, rules: ruleset, flags, replace, population, now, dry_run, json, roots: _ } = carried;
        Options { from, to, ruleset, flags, replace, population, now, dry_run, json }
    }
}
