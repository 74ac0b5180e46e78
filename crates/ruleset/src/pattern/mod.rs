//! Patterns: RE2's syntax, compiled into the tables that `waft::pattern` walks.

mod dialect;
mod table;

pub use table::{Fault, compile};
