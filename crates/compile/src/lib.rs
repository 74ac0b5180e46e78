//! A checked ruleset to the sealed and signed bytes of a snapshot.
//!
//! [`check()`] reads a ruleset that fits into a snapshot, [`compile()`] makes the table and the files of large lists, [`snapshot`] seals and signs them. [`head`] puts documents together and
//! merges heads. [`keys`] and [`trust`] are how people
//! write keys and whom a page trusts, [`trust_document`] is a trust that others follow, and [`refusal`] says what a refusal means.

#[cfg(feature = "head")]
pub mod head;
pub mod keys;
pub mod refusal;
pub mod snapshot;
pub mod trust;
#[cfg(feature = "head")]
pub mod trust_document;

mod check;
mod compile;
mod compiler;
mod condition;
mod hidden;
mod list;
mod rule;

pub use check::check;
pub use compile::{Compiled, TooLarge, compile};
pub use hidden::{BREAKDOWN, METADATA, is_hidden, value as hidden_value};
