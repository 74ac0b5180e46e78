//! Why a file cannot be read.

use std::fmt;

/// What is wrong with a file of people: a code that is API, and the cause with its remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Never changes its meaning.
    pub code: &'static str,
    /// What is wrong, where, and what to do.
    pub message: String,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Problem { code, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(out)
    }
}
