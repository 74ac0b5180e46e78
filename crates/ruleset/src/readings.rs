//! What is read off an experiment. No decision depends on it.

use crate::finding::Place;
use crate::guard::Guard;

/// What is read off an experiment.
#[derive(Clone, Debug, Default)]
pub struct Readings {
    /// Metrics that decide.
    pub primary: Vec<(String, Place)>,
    /// Metrics that explain.
    pub secondary: Vec<(String, Place)>,
    /// Metrics that must not get worse, and by how much they may.
    pub guardrails: Vec<Guard>,
    /// What results are told apart by. Each exposure carries it.
    pub breakdown: Vec<Breakdown>,
}

/// What tells units of an experiment apart: by its place in the ruleset, and its name there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Breakdown {
    /// The value of an attribute.
    Attribute(usize, String),
    /// Whether they are in a segment.
    Segment(usize, String),
}

impl Breakdown {
    /// As exposures and sums name it: `plan`, or `segment/eu-pro`, which no attribute can be called.
    pub fn name(&self) -> String {
        match self {
            Breakdown::Attribute(_, name) => name.clone(),
            Breakdown::Segment(_, name) => format!("segment/{name}"),
        }
    }
}
