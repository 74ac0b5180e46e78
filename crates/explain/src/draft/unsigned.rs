//! The program of rules that nobody signed.

use waft::Program;
use waft_compile::{compile, refusal, snapshot};
use waft_ruleset::Ruleset;

/// The program of a ruleset's environment, which nobody vouches for.
pub(super) fn program(ruleset: &Ruleset, environment: usize) -> Result<Program, String> {
    let name = ruleset.environments.get(environment).map_or("", |named| named.name.as_str());
    let compiled = compile(ruleset, environment).map_err(|error| error.what)?;
    snapshot::unverified_compiled(&ruleset.project, name, compiled).map_err(|one| refusal::sentence(one).to_owned())
}
