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

pub use program::Program;
pub use records::{
    AttributeType, CodeSpan, DeclaredAttribute, Flag, FlagIndex, KERNEL_POINT, Layer, List, Phase, Placement,
    PointRange, Second, Segment, Slot, Split, SplitArm, Text, UnitKind, ValueType, Variant,
};
