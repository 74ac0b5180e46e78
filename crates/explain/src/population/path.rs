//! The path of a decision: what it asked that sets people apart, in the evaluator's order.

use waft::buckets::{Bound, Purpose};
use waft::program::FlagIndex;
use waft::salt::Salt;
use waft::{Effect, Step, Trace, Truth};

/// What a decision asks about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether the condition of a flag's rule holds.
    Condition { flag: FlagIndex, rule: u8 },
    /// Whether the context has a unit.
    Unit(u8),
    /// Where a unit's point lies.
    Point { unit: u8, purpose: Purpose, salt: Salt, phase: Option<u32> },
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Answer {
    /// What comes of it, and whether it is true.
    Condition(Effect, bool),
    Unit(bool),
    /// Points from the first bound on and below the second go the same way.
    Point(Bound, Bound),
}

/// Listens to the decision of a flag, and keeps its path.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) turns: Vec<(Question, Answer)>,
    /// The flag in hand, and its rule.
    at: (FlagIndex, u8),
    /// Those that wait for it.
    outer: Vec<(FlagIndex, u8)>,
}

impl Path {
    pub(super) fn new(flag: FlagIndex) -> Self {
        Path { turns: Vec::new(), at: (flag, 0), outer: Vec::new() }
    }

    fn add(&mut self, question: Question, answer: Answer) {
        self.turns.push((question, answer));
    }
}

impl Trace for Path {
    fn step(&mut self, step: Step) {
        let (flag, rule) = self.at;
        match step {
            Step::Need { flag } => self.outer.push(std::mem::replace(&mut self.at, (flag, 0))),
            Step::Needed { .. } => self.at = self.outer.pop().unwrap_or(self.at),
            Step::Rule { index, .. } => self.at.1 = index,
            Step::Condition { truth, effect } => {
                let holds = effect == Effect::Acts && truth == Truth::True;
                self.add(Question::Condition { flag, rule }, Answer::Condition(effect, holds));
            }
            Step::NoUnit { unit } => self.add(Question::Unit(unit), Answer::Unit(false)),
            Step::Point(compared) => {
                let unit = compared.unit;
                if !self.turns.iter().any(|(question, _)| *question == Question::Unit(unit)) {
                    self.add(Question::Unit(unit), Answer::Unit(true));
                }
                let (purpose, salt, phase) = (compared.purpose(), compared.salt, compared.phase);
                let question = Question::Point { unit, purpose, salt, phase };
                self.add(question, Answer::Point(compared.from, compared.below));
            }
            #[cfg(feature = "head")]
            Step::Killed => {}
            // The same for everybody at a moment, or told by what follows. Nobody has a preview or a variant that is remembered.
            Step::Preview
            | Step::Outside
            | Step::Operation { .. }
            | Step::NoPhase
            | Step::Sticky
            | Step::Share { .. } => {}
        }
    }
}
