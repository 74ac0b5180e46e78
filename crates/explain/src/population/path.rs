//! The path of a decision: what it asked that sets people apart, in the evaluator's order.

use waft::buckets::{Bound, Purpose};
use waft::program::FlagIndex;
use waft::rule::Action;
use waft::salt::Salt;
use waft::{Decision, Effect, Program, Reason, Stage, Step, Truth};

use super::reach::Reach;

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
    /// What comes of it.
    Condition(Way),
    Unit(bool),
    /// Points from the first bound on and below the second go the same way.
    Point(Bound, Bound),
}

/// What comes of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The next rule is tried.
    Passes,
    /// The same, because it is unknown: where that is told apart.
    PassesUnknown,
    /// The search ends, because it is unknown.
    Stops,
    /// The rule acts, though it is not true: a variant is remembered, or nobody is excepted.
    Acts,
    /// The same, because it is unknown: what follows may stop the search.
    ActsUnknown,
    /// The rule acts, and it is true.
    ActsTrue,
}

impl Way {
    /// How many there are.
    pub(super) const COUNT: usize = 6;
}

/// Listens to the decision of a flag, and keeps its path.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) turns: Vec<(Question, Answer)>,
    /// Whether something was unknown on the way, if that is told apart.
    pub(super) unknown: bool,
    /// Whether it is.
    tells_unknown: bool,
    /// The flag in hand, and its rule.
    at: (FlagIndex, u8),
    /// Those that wait for it.
    outer: Vec<(FlagIndex, u8)>,
    /// A rule of the flag whose trial is watched, and how far this person comes there.
    watched: Option<u8>,
    reach: Reach,
}

impl Path {
    /// Of a flag. `tells_unknown` tells those apart of whom something is unknown from those of whom it is false; `watched` is a rule of the flag
    /// whose trial is watched.
    pub(super) fn new(flag: FlagIndex, tells_unknown: bool, watched: Option<u8>) -> Self {
        let (turns, outer, reach) = (Vec::new(), Vec::new(), Reach::default());
        Path { turns, unknown: false, tells_unknown, at: (flag, 0), outer, watched, reach }
    }

    /// How far somebody comes in the trial that is watched, once it is decided.
    pub(super) fn reach(&self, program: &Program, decision: &Decision) -> Reach {
        let Some(watched) = self.watched else { return Reach::default() };
        let rule = || program.rule_of(&program.flag(self.at.0)?, decision.rule?);
        match decision.rule {
            // One that stops because it is unknown decides, too.
            Some(rule) if rule == watched && self.reach != Reach::Unknown => Reach::Entered,
            _ if self.reach != Reach::Before => self.reach,
            None if decision.reason != Reason::Disabled => Reach::Before,
            None => Reach::Off,
            Some(_) => match rule().map(|rule| rule.action()) {
                Some(Action::Holdout(_)) => Reach::Held,
                Some(Action::Off) => Reach::Off,
                _ => Reach::Before,
            },
        }
    }

    /// What a step says of the trial that is watched.
    fn watch(&mut self, step: &Step) {
        if !self.outer.is_empty() || Some(self.at.1) != self.watched {
            return;
        }
        self.reach = match step {
            Step::Outside => Reach::Idle,
            // Who keeps a variant acts, too: nobody here does.
            Step::Condition { truth: Truth::True, effect: Effect::Acts } => Reach::Entered,
            Step::Condition { truth: Truth::Unknown, .. } => Reach::Unknown,
            Step::Condition { .. } => Reach::Others,
            // A sticky experiment goes on with those whom it does not admit; and of whoever a ramp has not reached the half is told, too.
            _ if self.reach != Reach::Entered => return,
            Step::NoPhase => Reach::Idle,
            Step::NoUnit { .. } => Reach::NoUnit,
            Step::Point(compared) if !compared.inside => match compared.stage {
                Stage::Layer => Reach::Outside,
                Stage::Half | Stage::Released => Reach::Control,
                Stage::Holdout | Stage::Ramp | Stage::Coverage | Stage::Split => Reach::Later,
            },
            _ => return,
        };
    }

    fn add(&mut self, question: Question, answer: Answer) {
        self.turns.push((question, answer));
    }

    /// Hears the next step.
    pub(super) fn step(&mut self, step: Step) {
        self.watch(&step);
        let (flag, rule) = self.at;
        match step {
            Step::Need { flag } => self.outer.push(std::mem::replace(&mut self.at, (flag, 0))),
            Step::Needed { .. } => self.at = self.outer.pop().unwrap_or(self.at),
            Step::Rule { index, .. } => self.at.1 = index,
            Step::Condition { truth, effect } => {
                let unknown = self.tells_unknown && truth == Truth::Unknown;
                self.unknown |= unknown;
                let way = match (effect, truth) {
                    (Effect::Passes, _) if unknown => Way::PassesUnknown,
                    (Effect::Passes, _) => Way::Passes,
                    (Effect::Stops, _) => Way::Stops,
                    (Effect::Acts, Truth::True) => Way::ActsTrue,
                    (Effect::Acts, Truth::Unknown) => Way::ActsUnknown,
                    (Effect::Acts, Truth::False) => Way::Acts,
                };
                self.add(Question::Condition { flag, rule }, Answer::Condition(way));
            }
            Step::NoUnit { unit } => {
                self.unknown |= self.tells_unknown;
                self.add(Question::Unit(unit), Answer::Unit(false));
            }
            // Also of a trial that then looks at no point, as one that is sticky: whoever has no unit goes another way.
            Step::HasUnit { unit } => {
                if !self.turns.iter().any(|(question, _)| *question == Question::Unit(unit)) {
                    self.add(Question::Unit(unit), Answer::Unit(true));
                }
            }
            Step::Point(compared) => {
                let unit = compared.unit;
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
