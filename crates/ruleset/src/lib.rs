//! The ruleset language: text to a checked [`Ruleset`], with every finding on the way.
//!
//! [`source`] reads YAML or JSON into a tree that knows its places, `language` reads the tree into [`types`], and `lints` look at
//! the whole. [`check`] is the three in order. What is wrong is a [`finding`]. [`edit`] changes the text. [`cases`] are tests of rules.

pub mod cases;
pub mod clock;
pub mod debt;
pub mod double;
pub mod edit;
pub mod escape;
pub mod finding;
pub mod needs;
pub mod order;
pub mod pattern;
pub mod ramp;
pub mod source;
pub mod types;

mod caseless;
mod check;
mod control;
mod counted;
mod encoding;
mod fragment;
mod guard;
mod kill;
mod language;
mod lints;
mod purpose;
mod readings;
mod share;
mod suggestion;
mod world;

pub use caseless::caseless;
pub use check::check;
pub use control::control;
pub use counted::counted;
pub use fragment::{Written, condition, written};
pub use guard::{Guard, Then};
pub use kill::Kill;
pub use language::duration::parse as duration;
pub use language::reader::is_name;
pub use purpose::Purpose;
pub use ramp::Ramp;
pub use readings::{Breakdown, Readings};
pub use share::Share;
pub use suggestion::{nearest, suggestion};
pub use types::*;
pub use world::World;
