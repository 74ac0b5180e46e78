//! What a population gets of two programs: both decide for everybody, at one moment.

use std::collections::BTreeMap;

use serde::Serialize;

use super::counts::Counts;
use crate::value::Value;

/// What a population gets.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    /// How many people there are.
    pub rows: u64,
    /// How many distinct units of each kind.
    pub units: BTreeMap<String, u64>,
    /// The columns that are named like an attribute.
    pub columns: Vec<String>,
    /// The columns that are not.
    pub ignored: Vec<String>,
    /// Units of which the file has no column, and whose ids were made up.
    pub simulated: Vec<String>,
    /// Who gets another value of at least one flag that both have.
    pub moved: Counts,
    /// The same by distinct units of each kind; empty if ids were made up.
    pub moved_units: BTreeMap<String, u64>,
    /// Each flag that was decided. No other flag decides differently for anybody.
    pub flags: Vec<FlagEffect>,
    /// Phases that randomise anew.
    pub phases: Vec<PhaseEffect>,
}

/// What a population gets of a flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagEffect {
    /// As the ruleset calls it.
    pub flag: String,
    /// The unit that is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether ids were made up for it.
    pub simulated: bool,
    /// Who gets another value.
    pub changed: Counts,
    /// Who gets another variant of an equal value.
    pub renamed: Counts,
    /// Of whom all was known that the decision asks for, and no longer is: an attribute is missing.
    pub became_unknown: Counts,
    /// The reverse.
    pub became_known: Counts,
    /// Attributes that the decision may ask for, and that the file has no column for.
    pub lacks: Vec<String>,
    /// From what to what, the largest first.
    pub moves: Vec<Move>,
}

/// What a move is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MoveKind {
    /// To another value.
    Value,
    /// To another variant of an equal value.
    Variant,
    /// The flag is new: so far, pages use the default in their code.
    Added,
    /// The flag is gone: pages use the default in their code.
    Removed,
}

/// From what to what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Move {
    /// What it is.
    pub kind: MoveKind,
    /// What they got.
    pub before: Got,
    /// What they get.
    pub after: Got,
    /// Who.
    #[serde(flatten)]
    pub counts: Counts,
    /// Some of their ids; never made-up ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

/// What somebody gets of a flag. Without a variant it is the default in the page's code.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Got {
    /// The variant's key.
    pub variant: Option<String>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// A phase that randomises anew.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseEffect {
    /// The experiment.
    pub experiment: String,
    /// Its phase.
    pub phase: u32,
    /// The moment for which both were decided, in RFC 3339.
    pub at: String,
    /// Who gets another value then.
    pub switched: Counts,
}
