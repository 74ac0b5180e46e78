//! The arguments that name a ruleset.

use std::path::PathBuf;

use clap::Args;

/// A ruleset.
#[derive(Args)]
pub(crate) struct Source {
    /// A file, or a folder with *.yaml, *.yml and *.json files.
    pub(crate) ruleset: String,
    /// A folder that links in the ruleset may lead to, beside its own; may be repeated.
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
}
