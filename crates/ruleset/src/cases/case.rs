//! A case as it runs: names checked, shares exact.

use serde_json::{Map, Value as Json};

use crate::finding::Place;
use crate::share::Share;

/// One case of a file.
#[derive(Clone, Debug)]
pub struct Case {
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub place: Place,
    /// The environments that it holds for, by their places in the ruleset.
    pub environments: Vec<usize>,
    /// The moment of its decisions, in milliseconds since 1970.
    pub at: i64,
    /// What is decided, and expected.
    pub check: Check,
}

/// What a case decides.
#[derive(Clone, Debug)]
pub enum Check {
    /// Flags for one context.
    Decisions {
        /// The context.
        context: Map<String, Json>,
        /// What each flag should evaluate to.
        expected: Vec<Expected>,
    },
    /// Flags for everybody in a table.
    Shares {
        /// The table's path.
        population: String,
        /// Where it is named.
        place: Place,
        /// How many should get what.
        expected: Vec<Shares>,
    },
}

/// What a flag should evaluate to for a context. What is not written may be anything.
#[derive(Clone, Debug)]
pub struct Expected {
    /// The flag's key.
    pub flag: String,
    /// Where that stands.
    pub place: Place,
    /// The variant's key; `Some(None)` is the caller's default.
    pub variant: Option<Option<String>>,
    /// The value.
    pub value: Option<Json>,
    /// The reason, in OpenFeature's words.
    pub reason: Option<String>,
    /// The id of the rule that decides.
    pub rule: Option<String>,
}

/// How many people of a table should get the variants of a flag.
#[derive(Clone, Debug)]
pub struct Shares {
    /// The flag's key.
    pub flag: String,
    /// The variants with their shares.
    pub within: Vec<Within>,
}

/// How many should get a variant.
#[derive(Clone, Debug)]
pub struct Within {
    /// The variant's key.
    pub variant: String,
    /// Where that stands.
    pub place: Place,
    /// The least share.
    pub from: Share,
    /// The largest share.
    pub to: Share,
}
