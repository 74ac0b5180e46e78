//! Rule tests: what a ruleset is expected to decide, in files beside it.
//!
//! [`read()`] reads such a file into a `case` each, against the ruleset, and finds what neither has. `context` is who asks, `expect` what they
//! should get.

mod case;
mod context;
mod expect;
mod read;

pub use case::{Case, Check, Expected, Shares, Within};
pub use context::of_text;
pub use expect::is_same;
pub use read::read;

/// What the names of files of rule tests end with. They are no part of the ruleset.
pub const ENDINGS: [&str; 3] = [".test.yaml", ".test.yml", ".test.json"];

/// Whether a file has rule tests, by its name.
pub fn is_test(name: &str) -> bool {
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
