//! A kill of a flag, as the history of releases has it and reports read it.

/// A flag, from its kill on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kill {
    /// The flag's key.
    pub flag: String,
    /// When it was killed, in milliseconds since 1970.
    pub at: i64,
    /// When it came back, if it has.
    pub until: Option<i64>,
    /// Who killed it: a name if the trust had one, otherwise the key's id.
    pub by: String,
    /// The reason, if one was given.
    pub why: Option<String>,
    /// The file that says so.
    pub record: String,
}
