//! What the parts of the compiler hand on.

/// For each state the next one for each byte, and behind them for the end of the text. The first two are dead and matched, the third is the start.
pub(super) type Rows = Vec<[u16; 257]>;

/// Why a pattern was not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is none of RE2's, or one that not everybody reads as RE2 does.
    Invalid(String),
    /// Its table would be larger than [`waft::limits::PATTERN_BYTES`].
    TooLarge,
}
