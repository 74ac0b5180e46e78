//! A file of a ruleset.

/// The largest ruleset file, in bytes.
pub const FILE_BYTES: usize = 4 << 20;

/// A file of a ruleset.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name as findings show it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
