//! `waft test`: whether a ruleset decides what the tests beside it say, and tests proposed from a table of people.
//!
//! `run` reads the files and decides, `share` counts people, `outcome` is what came of it, `report` prints, [`record`] proposes.

#[cfg(feature = "arguments")]
pub(crate) mod arguments;
mod outcome;
pub mod record;
pub(crate) mod report;
mod run;
mod share;

pub use outcome::{Failure, Outcome, Tested};
pub(crate) use run::{all, place_of};

use crate::exit::{Exit, fail};
use crate::host::Host;
use waft_ruleset::counted;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// What failed and why, for people.
    #[default]
    Text,
    /// Everything, for scripts.
    Json,
    /// JUnit's XML, which CI systems show.
    Junit,
}

/// What to test.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// Files or folders of tests; those beside the ruleset if there are none.
    pub tests: Vec<String>,
    /// The only environment whose cases run.
    pub environment: Option<String>,
    /// How results are printed.
    pub format: Format,
}

/// Runs the tests. Fails if one of them does, if a file of tests cannot be read, or if there is none.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let tested = match all(host, &options.ruleset, &options.tests, options.environment.as_deref()) {
        Ok(tested) => tested,
        Err(message) => return fail(host, &message),
    };
    if tested.is_empty() {
        let Options { ruleset, environment, .. } = options;
        if let Some(environment) = environment.as_ref().filter(|_| tested.files > 0) {
            let files = counted(tested.files, "file");
            return fail(
                host,
                &format!("{ruleset}: no case is of the environment `{environment}`, in {files} of tests"),
            );
        }
        return fail(
            host,
            &format!(
                "{ruleset}: no rule tests; expected *.test.yaml beside the rules: `waft test {ruleset} --record PEOPLE.csv` proposes some"
            ),
        );
    }
    match options.format {
        Format::Text => report::text(host, &tested),
        Format::Json => report::json(host, &tested),
        Format::Junit => report::junit(host, &tested),
    }
    host.err(&format!("{}: {}", options.ruleset, tested.told()));
    if tested.has_passed() { Exit::Done } else { Exit::Failed }
}
