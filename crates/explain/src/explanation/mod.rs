//! Why a flag evaluated as it did: the evaluator's own steps, as data and as text.

mod entry;
mod found;
mod recorder;
mod text;
mod why;

pub use recorder::{Explanation, explain, explain_segment};
pub use text::render;
