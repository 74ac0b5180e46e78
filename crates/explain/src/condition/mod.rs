//! Conditions of a program, as trees and in plain English.

mod tree;
mod words;

pub use tree::{Condition, Kind, read};
pub use words::{name, phrase, segment_name};
