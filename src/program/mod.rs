//! Typed views of a verified snapshot, read in place.

pub mod buckets;
pub mod operation;
pub mod operator;
pub mod pattern;
pub mod preview;
#[expect(clippy::module_inception, reason = "the folder is named after its main noun")]
mod program;
mod records;
pub mod rule;
pub mod salt;
pub mod truth;

pub use program::{PRELOAD, Program};
pub use records::{
    AttributeType, CodeSpan, Flag, KERNEL_POINT, List, Phase, Placement, Second, Segment, Split, SplitArm, Text,
    ValueType,
};
