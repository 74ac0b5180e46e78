//! YAML 1.2 (core schema) or JSON as a tree in which everything knows its place.

mod read;
mod tree;

pub use read::read;
pub use tree::{Entry, Kind, Node, Scalar};

/// The largest ruleset file, in bytes.
pub const FILE_BYTES: usize = 4 << 20;
/// How deep a file may nest.
pub const DEPTH: usize = 64;

/// A file of a ruleset.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name as findings show it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
