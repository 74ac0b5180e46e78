//! Findings: what is wrong with a ruleset, where, and how to mend it.

mod code;
#[allow(clippy::module_inception, reason = "one finding, beside its parts")]
mod finding;
mod findings;
mod place;
mod severity;

pub use code::Code;
pub use finding::Finding;
pub use findings::Findings;
pub use place::Place;
pub use severity::Severity;
