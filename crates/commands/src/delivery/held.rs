//! How a record says that it is a guard's hold: one of its checks is this sentence.

use crate::records::Step;

const PAUSED: &str = " is paused before its step to ";
const ALONE: &str = ", and nothing else differs";

/// What it says up to the date of the step.
pub(super) fn before(ramp: &str, to: &str) -> String {
    format!("{ramp}{PAUSED}{to} at ")
}

/// The whole sentence.
pub(super) fn sentence(before: &str, at: &str) -> String {
    format!("{before}{at}{ALONE}")
}

/// Whether a release, or a proposal, is a hold.
pub(super) fn is_one(step: &Step) -> bool {
    step.checks.iter().any(|check| check.contains(PAUSED) && check.ends_with(ALONE))
}
