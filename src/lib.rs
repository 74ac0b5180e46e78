//! The core of Waft: verifies signed snapshots of feature flags and decides flags from them.
//!
//! One folder uses only those before it: `snapshot` verifies bytes, [`head`] says what is new since
//! they were signed, [`program`] gives a [`Verified`] types, `context` prepares who
//! is asking as a [`Subject`], `memo` saves doing things twice, `decide` is the order of decision.
//!
//! One gate: only [`verify()`] makes a `Verified`, and only a `Verified` becomes a [`Program`]. [`evaluate()`] makes a [`Decision`]
//! of a program and a [`Session`], and [`exposure`] names what the decision exposes.
//!
//! No clock, no randomness, no I/O, no JavaScript: time is an argument, bytes come in and numbers go out. The formats
//! are described byte by byte in docs/snapshot-format.md.
#![no_std]
#![deny(clippy::indexing_slicing, clippy::string_slice)]

extern crate alloc;

mod context;
mod decide;
pub mod decimal;
pub mod error;
#[cfg(feature = "head")]
pub mod head;
pub mod limits;
mod memo;
pub mod program;
mod snapshot;

pub use context::assignment::{Arm, Assignment};
pub use context::attribute::Value;
pub use context::subject::Subject;
pub use context::{attribute, date, semver, subject};
pub use decide::decision::{Decision, ErrorCode, Reason};
pub use decide::evaluate::{decide_segment, evaluate};
pub use decide::session::Session;
pub use decide::trace::{Compared, Effect, NoTrace, Stage, Step, Trace};
pub use decide::{condition, draws, evaluate, exposure, operators, trace, trial};
pub use error::{Code, Refusal};
pub use program::preview::Preview;
pub use program::truth::Truth;
pub use program::{Program, buckets, operation, operator, pattern, preview, rule, salt, truth};
#[cfg(feature = "head")]
pub use snapshot::anchor::{self, Anchor};
pub use snapshot::trust::Trust;
pub use snapshot::verify::{Seen, Verified, verify};
pub use snapshot::{body, cbor, envelope, kind, manifest, table, trust, verify};
