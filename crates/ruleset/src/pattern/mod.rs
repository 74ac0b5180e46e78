//! Patterns: RE2's syntax, compiled into the tables that `waft::pattern` walks. It is a compiler of our own, held against the crate `regex-automata` by
//! tests: that one, with its tables of Unicode, would be a fifth of the studio's workbench.

mod class;
mod dfa;
mod fault;
mod nfa;
mod read;
mod table;
mod unicode;

pub use fault::Fault;
pub use table::compile;
pub(crate) use unicode::cases;
