//! Typed views of a verified snapshot, read in place.

pub mod buckets;
pub mod operation;
pub mod pattern;
pub mod preview;
#[expect(clippy::module_inception, reason = "the folder is named after its main noun")]
mod program;
pub mod rule;
pub mod salt;
pub mod truth;

pub use program::{AttributeType, Flag, KERNEL_POINT, List, PRELOAD, Phase, Placement, Program, ValueType, milli};
