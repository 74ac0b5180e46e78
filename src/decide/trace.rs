//! What an evaluation reports while it runs. One evaluator serves both the fast path and `explain`.

use crate::program::buckets::{Bound, Purpose};
use crate::program::salt::Salt;
use crate::program::truth::Truth;
use crate::program::{FlagIndex, Text};

/// One step of an evaluation, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The flag is on the kill list.
    #[cfg(feature = "head")]
    Killed,
    /// A signed preview shows a variant, whatever the rules say.
    Preview,
    /// Conditions of the flag in hand ask for another one, which is decided first: the steps up to its [`Step::Needed`] are its own.
    Need {
        /// Its index.
        flag: FlagIndex,
    },
    /// The flag that was asked for was decided.
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
        /// As the ruleset calls it; what the compiler wrote in front of the rules is called `requires`, `targets` or `holdout`.
        id: Text,
    },
    /// The rule in hand does not apply at this moment, by its dates.
    Outside,
    /// An operation of a condition was evaluated. Results follow postfix order: a combination comes after its parts.
    Operation {
        /// The word of code that holds it.
        at: u32,
        /// What it evaluated to.
        truth: Truth,
    },
    /// The rule's whole condition was evaluated.
    Condition {
        /// What it evaluated to.
        truth: Truth,
        /// What comes of it.
        effect: Effect,
    },
    /// No phase of the experiment is running.
    NoPhase,
    /// The unit's attribute is missing or cannot be randomised.
    NoUnit {
        /// Its index among the program's.
        unit: u8,
    },
    /// The unit's attribute can be randomised: points may follow.
    HasUnit {
        /// Its index among the program's.
        unit: u8,
    },
    /// The unit keeps the variant that is remembered.
    Sticky,
    /// A trial compared the unit's point.
    Point(Compared),
    /// A condition compared the unit's point for a share of units.
    Share {
        /// The word of code that holds it.
        at: u32,
        /// The point.
        point: u32,
    },
}

/// What comes of a rule's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The next rule is tried.
    Passes,
    /// The rule does what it says; a holdout takes part.
    Acts,
    /// The off variant is served, because the condition is unknown.
    Stops,
}

/// What a trial compares a point for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Whether it is in the experiment's ranges of its layer.
    Layer,
    /// Whether it is held out.
    Holdout,
    /// Whether the ramp has reached it. A monitored one reaches twice its share, as half of that is kept back.
    Ramp,
    /// Whether it is in the half of a monitored ramp that gets the variant.
    Half,
    /// Above 50 %, whether it is let go of the half that is kept back.
    Released,
    /// Whether it is in the share that a phase takes.
    Coverage,
    /// Which part of the split it is in.
    Split,
}

/// A unit's point, and the points around it that go the same way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Compared {
    /// What it is compared for.
    pub stage: Stage,
    /// The kind of unit, by its index among the program's.
    pub unit: u8,
    /// What its points are derived from: a salt, and for some purposes the number of a phase.
    pub salt: Salt,
    /// See [`Compared::salt`].
    pub phase: Option<u32>,
    /// The point.
    pub point: u32,
    /// Points from here on, and
    pub from: Bound,
    /// below this one go the same way.
    pub below: Bound,
    /// Whether they are in.
    pub inside: bool,
}

impl Compared {
    /// The bound that decides whether a point is in, where one does.
    pub fn bound(&self) -> Bound {
        if self.inside { self.below } else { self.from }
    }

    /// What the point is for.
    pub fn purpose(&self) -> Purpose {
        match self.stage {
            Stage::Layer => Purpose::Layer,
            Stage::Holdout => Purpose::Holdout,
            Stage::Ramp | Stage::Released => Purpose::Ramp,
            Stage::Half | Stage::Split => Purpose::Split,
            Stage::Coverage => Purpose::Coverage,
        }
    }
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
