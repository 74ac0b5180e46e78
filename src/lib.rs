//! The core of Waft: verifies signed snapshots of feature flags and decides flags from them.
//!
//! One direction, one gate. Loading: [`envelope`] -> [`manifest`] -> [`verify()`] -> [`Program`]; only `verify` makes a
//! [`Verified`], and only a `Verified` becomes a program. Deciding: [`Subject`] (a context prepared for a program) ->
//! [`evaluate()`] -> [`Decision`]; [`exposure`] names what came of it.
//!
//! No clock, no randomness, no I/O, no JavaScript: time is an argument, bytes come in and numbers go out. The formats
//! are described byte by byte in docs/snapshot-format.md.
#![no_std]
#![deny(clippy::indexing_slicing, clippy::string_slice)]

extern crate alloc;

pub mod body;
pub mod buckets;
pub mod cbor;
pub mod condition;
pub mod date;
pub mod decimal;
pub mod entry;
pub mod envelope;
pub mod error;
pub mod evaluate;
pub mod exposure;
pub mod limits;
mod lot;
pub mod manifest;
pub mod memory;
pub mod operators;
mod passed;
pub mod pattern;
pub mod preview;
pub mod program;
pub mod rule;
pub mod salt;
pub mod semver;
pub mod subject;
pub mod table;
pub mod trace;
pub mod trust;
pub mod truth;
pub mod verify;

pub use error::{Code, Refusal};
pub use evaluate::{Decision, ErrorCode, Reason, decide_segment, evaluate};
pub use memory::{Arm, Assignment};
pub use preview::Preview;
pub use program::Program;
pub use subject::{Subject, Value};
pub use trace::{NoTrace, Step, Trace};
pub use trust::Trust;
pub use truth::Truth;
pub use verify::{Seen, Verified, verify};
