//! The order of decision, and what a decision exposes.

pub mod condition;
pub(crate) mod decision;
pub mod draws;
pub mod evaluate;
pub mod exposure;
mod moment;
pub mod operators;
mod points;
pub(crate) mod session;
pub mod trace;
pub mod trial;
