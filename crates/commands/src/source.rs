//! The arguments that name a ruleset.

use std::path::PathBuf;

use clap::Args;

/// A ruleset.
#[derive(Args)]
pub struct Source {
    /// The ruleset: a file, or a folder with *.yaml, *.yml and *.json files
    pub ruleset: String,
    /// Another folder that links in the ruleset may lead to; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    pub roots: Vec<PathBuf>,
}
