//! The arguments of `waft test`.

use clap::{Args, ValueEnum};

use super::{Format, Options, record};
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::source::Source;

/// Which tests run, and how results are printed.
#[derive(Args)]
pub struct Test {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Files or folders of tests [default: *.test.yaml in the ruleset's folder]
    tests: Vec<String>,
    /// Only the cases of this environment
    #[arg(long)]
    environment: Option<String>,
    /// How results are printed
    #[arg(long, value_enum, default_value = "text")]
    format: Kind,
    /// Run nothing, and print cases for a table of people: one for each outcome of a flag
    #[arg(long, value_name = "PEOPLE.csv", requires = "environment", conflicts_with_all = ["format", "tests"])]
    record: Option<String>,
    /// With --record: the moment of the cases, in RFC 3339 [default: now]
    #[arg(long, value_name = "TIME", requires = "record")]
    at: Option<String>,
}

/// How results are printed.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// What failed and why, for people
    Text,
    /// Everything, for scripts
    Json,
    /// JUnit's XML, which CI systems show
    Junit,
}

impl Test {
    pub(crate) fn run(self, host: &dyn Host) -> Exit {
        let Test { source: Source { ruleset, .. }, tests, environment, format, record, at } = self;
        match (record, environment) {
            (Some(population), Some(environment)) => {
                record::run(&record::Options { ruleset, environment, population, at }, host)
            }
            (Some(_), None) => fail(host, "--record: needs --environment ENVIRONMENT"),
            (None, environment) => {
                let format = match format {
                    Kind::Text => Format::Text,
                    Kind::Json => Format::Json,
                    Kind::Junit => Format::Junit,
                };
                super::run(&Options { ruleset, tests, environment, format }, host)
            }
        }
    }
}
