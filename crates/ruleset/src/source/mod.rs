//! YAML 1.2 (core schema) or JSON as a tree in which everything knows its place.

mod file;
mod read;
mod tree;

pub use file::{FILE_BYTES, SourceFile};
pub use read::{DEPTH, read};
pub use tree::{Entry, Kind, Node, Scalar};
