//! `waft lint`: everything that is wrong with a ruleset, and how to mend it.

use super::{Exit, fail, input};
use crate::finding::Severity;
use crate::host::Host;
use crate::ruleset;

/// What to lint.
#[derive(Clone, Debug)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
}

/// Prints findings, a line each, and fails if one of them is an error.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let sources = match input::sources(host, &options.ruleset) {
        Ok(sources) => sources,
        Err(message) => return fail(host, &message),
    };
    let findings = match ruleset::check(&sources) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    };
    findings.iter().for_each(|finding| host.out(&finding.to_string()));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    host.err(&format!("{}: {errors} errors, {} warnings", options.ruleset, findings.len() - errors));
    if errors == 0 { Exit::Done } else { Exit::Failed }
}
