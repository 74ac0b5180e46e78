//! Why a flag came out as it did: the evaluator's own steps, as data and as text.

mod entry;
mod found;
mod recorder;
mod text;
mod tree;
mod value;
mod why;
mod words;

pub use recorder::{Explanation, explain, explain_segment};
pub use text::render;
pub use tree::{Condition, Kind, read};
pub use value::truth;
pub use words::{name, phrase, segment_name};
