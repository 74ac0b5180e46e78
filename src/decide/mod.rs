//! The order of decision, and what a decision exposes.

pub mod condition;
pub mod evaluate;
pub mod exposure;
pub(crate) mod memory;
pub mod operators;
pub mod trace;
pub mod trial;
