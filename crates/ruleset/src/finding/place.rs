//! Where in a ruleset's text something is.

/// A place in a ruleset's text. Lines and columns count from 1; columns count characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files, by its place in the list that was read.
    pub file: usize,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}
