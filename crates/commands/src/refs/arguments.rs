//! The arguments of `waft refs`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit::Exit;
use crate::format::Format;
use crate::host::Host;
use crate::refs;

/// Code and rules.
#[derive(Args)]
pub struct Refs {
    /// A folder of code, or a file; what .gitignore names is left out
    #[arg(value_name = "SRC", required = true)]
    sources: Vec<String>,
    /// The ruleset: a file, or a folder with *.yaml, *.yml and *.json files
    #[arg(long, value_name = "RULESET")]
    rules: String,
    /// Another folder that links in the ruleset may lead to; may be repeated
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    /// The live snapshot: fail if the code still reads a flag of it that was removed from the rules
    #[arg(long, value_name = "SNAPSHOT")]
    against: Option<String>,
    /// A regular expression whose first group is the key of a flag, such as 'isOn\("([^"]+)"'; may be repeated
    #[arg(long = "pattern", value_name = "REGEX")]
    patterns: Vec<String>,
    /// The ending of files that are searched, too, such as json; may be repeated
    #[arg(long, value_name = "ENDING")]
    also: Vec<String>,
    /// A version of the code that is deployed, such as appVersion=4.1.0: warns of flags whose `needs` none meets; may be repeated
    #[arg(long, value_name = "ATTRIBUTE=VALUE")]
    deployed: Vec<String>,
    /// How findings are printed
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Print each reference first
    #[arg(long)]
    list: bool,
    /// What ends with exit code 1, besides a removed flag that is read
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    fail_on: Vec<FailOn>,
}

/// What `--fail-on` takes.
#[derive(Clone, Copy, ValueEnum)]
pub enum FailOn {
    /// Flags that the code reads and the rules lack
    Missing,
    /// Flags of the rules that no code reads
    Unused,
    /// Flags that are overdue, decided, or have one value for everybody
    Debt,
    /// Flags whose code is in no deployed version
    Undeployed,
}

impl Refs {
    /// Runs the command.
    pub fn run(self, host: &dyn Host) -> Exit {
        let Refs { sources, rules, roots: _, against, patterns, also, deployed, format, list, fail_on } = self;
        let kind = |kind| match kind {
            FailOn::Missing => refs::Kind::Missing,
            FailOn::Unused => refs::Kind::Unused,
            FailOn::Debt => refs::Kind::Debt,
            FailOn::Undeployed => refs::Kind::Undeployed,
        };
        let also = also.iter().map(|ending| ending.trim_start_matches('.').to_owned()).collect();
        let fail_on = fail_on.into_iter().map(kind).collect();
        let format = format.into();
        refs::run(&refs::Options { sources, rules, against, patterns, also, deployed, format, list, fail_on }, host)
    }
}
