//! What an evaluation reports while it runs. One evaluator serves both the fast path and `explain`.

use crate::program::buckets::{Bound, Purpose};
use crate::program::truth::Truth;
use crate::program::{FlagIndex, Text};

/// One step of an evaluation, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// A signed preview shows a variant, whatever the rules say.
    Preview,
    /// Conditions of the flag in hand ask for another one, which is decided first: the steps up to its [`Step::Needed`] are its own.
    Need {
        /// Its index.
        flag: FlagIndex,
    },
    /// The flag that was asked for came out.
    Needed {
        /// Its index.
        flag: FlagIndex,
        /// Its variant, if there is one.
        variant: Option<u8>,
    },
    /// A rule is tried.
    Rule {
        /// Its place among the flag's rules, from 0.
        index: u8,
        /// Its id.
        id: Text,
    },
    /// The rule in hand does not apply at this moment, by its dates.
    Outside,
    /// An operation of a condition came out. Results follow postfix order: a combination comes after its parts.
    Operation {
        /// The word of code that holds it.
        at: u32,
        /// What it came out to.
        truth: Truth,
    },
    /// The rule's whole condition came out.
    Condition {
        /// What it came out to.
        truth: Truth,
    },
    /// No phase of the experiment is running.
    NoPhase,
    /// The unit's attribute is missing or cannot be randomised.
    NoUnit {
        /// The unit.
        unit: u8,
    },
    /// The unit's point for the experiment's layer, and whether it is in the experiment's ranges.
    Layer {
        /// The layer.
        layer: u16,
        /// The point.
        point: u32,
        /// Whether a range takes it.
        inside: bool,
    },
    /// The unit keeps the variant that is remembered.
    Sticky,
    /// Which half of a monitored ramp the unit is in.
    Half {
        /// The point.
        point: u32,
        /// Whether it is the half that gets the variant.
        on: bool,
    },
    /// The unit's point for coverage, split, a ramp or a holdout, and the bound that it is compared with.
    Point {
        /// What the point is for.
        purpose: Purpose,
        /// The point.
        point: u32,
        /// Points below are in.
        bound: Bound,
    },
}

/// A listener to an evaluation.
pub trait Trace {
    /// Whether steps may be left out, because nobody listens.
    const SILENT: bool = false;

    /// Takes one step.
    fn step(&mut self, step: Step);
}

/// Listens to nothing: the fast path.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    const SILENT: bool = true;

    #[inline(always)]
    fn step(&mut self, _: Step) {}
}
