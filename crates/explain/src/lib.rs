//! What a program decides, told to people: for one of them, for a table of them, and why.
//!
//! [`decision`] tells a flag, [`segments`] who somebody is; [`explanation`] is why, by the evaluator's own steps. [`population`] counts.
//! [`diff`] compares two programs, [`draft`] is rules that somebody is writing, [`trials`] what is measured in them,
//! [`against`] what they may not change of that. [`condition`] and [`inspect()`] show what a snapshot holds. [`context`] is how people write who is asking.

pub mod against;
pub mod condition;
pub mod context;
pub mod decision;
pub mod diff;
pub mod draft;
pub mod explanation;
pub mod population;
pub mod segments;
pub mod trials;

mod inspect;
mod listener;
mod needs;
// It writes a file, which nothing in this folder may name.
#[cfg(test)]
#[path = "../tests/unit/typescript.rs"]
mod typescript;
mod value;

pub use inspect::inspect;
pub use value::{Percent, Tristate, Value};
