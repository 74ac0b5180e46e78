//! Why a flag evaluated as it did: the evaluator's own steps, as data and as text.

mod found;
mod recorder;
mod story;
mod text;
mod trial;
mod why;

pub use recorder::{Explained, explain, explain_segment};
#[cfg(feature = "head")]
pub use story::KillStory;
pub use story::{
    Asked, ConditionStory, LayerStory, PointStory, PreviewStory, RuleStory, ShareStory, TraceEntry, TrialStory,
};
pub use text::render;
pub use why::{Expected, Why};
