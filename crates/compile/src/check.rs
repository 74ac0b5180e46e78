//! A ruleset that fits into a snapshot.

use waft_ruleset::finding::{Finding, Findings};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{Ruleset, World};

use crate::compile::compile;

/// Reads and checks the files of a ruleset, as [`waft_ruleset::check`] does. What is sound and still does not fit into a snapshot of one of its
/// environments is found here, and not when it is released.
pub fn check(files: &[SourceFile], world: &World<'_>) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
    let (ruleset, warnings) = waft_ruleset::check(files, world)?;
    let mut findings = Findings::new(files.iter().map(|source| source.name.clone()).collect());
    for environment in 0..ruleset.environments.len() {
        if let Err(too_large) = compile(&ruleset, environment) {
            findings.add(too_large.place, too_large.code, too_large.what, "see docs/snapshot-format.md, limits");
        }
    }
    let mut found = findings.into_sorted();
    found.dedup();
    if found.is_empty() { Ok((ruleset, warnings)) } else { Err(warnings.into_iter().chain(found).collect()) }
}
