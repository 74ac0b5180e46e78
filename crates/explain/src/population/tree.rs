//! The paths of a flag's decisions, as a tree that is learned from the evaluator: for whomever no path is known it decides, and a
//! listener keeps what it asked. Whoever comes after with the same answers goes the same way, by columns.

use std::rc::Rc;

use waft::buckets::{Bound, Key};
use waft::program::FlagIndex;
use waft::{NoTrace, Program, evaluate};

use super::asked::Asked;
use super::column::{Columns, Everybody, Kinds, Units};
use super::path::{Answer, Path, Question, Way};
use super::reach::Reach;

/// How many people go through the tree together: their numbers lie in a processor's nearest memory.
const TOGETHER: u32 = 1_024;
/// More forks than this are no shorter than deciding one by one.
const FORKS: usize = 4_096;

/// What a decision comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The variant by its index, or where there is none, the number of variants.
    pub(crate) variant: u8,
    /// Whether something was unknown on the way, if that is told apart.
    pub(crate) unknown: bool,
    /// How far they come in a trial, if one is watched.
    pub(crate) reach: Reach,
}

/// For how many people a flag evaluates to each of its variants, and behind them for how many it cannot be decided.
pub(super) fn count<E: Everybody>(program: &Program, flag: FlagIndex, now: i64, columns: &mut Columns<E>) -> Vec<u32> {
    let variants = program.flag(flag).map_or(0, |flag| flag.variant_count);
    let mut counts = vec![0; usize::from(variants) + 1];
    let counted = Tree::new(program, flag, now, false, None).decide(columns, &mut |_, outcome| {
        if let Some(count) = counts.get_mut(usize::from(outcome.variant)) {
            *count += 1;
        }
    });
    // What was read while paths were learned is whole.
    if counted.is_some() && program.intact().is_ok() {
        return counts;
    }
    counts.fill(0);
    for person in 0..columns.people.count() {
        let decision = evaluate(program, flag, columns.people.select(person), now, &mut NoTrace);
        if let Some(count) = counts.get_mut(usize::from(decision.variant.unwrap_or(variants).min(variants))) {
            *count += 1;
        }
    }
    counts
}

/// How far everybody comes in the trial of a flag's rule, and what they get.
pub(super) fn reach<E: Everybody>(
    program: &Program,
    (flag, rule): (FlagIndex, u8),
    now: i64,
    columns: &mut Columns<E>,
) -> Vec<Outcome> {
    let mut outcomes = vec![Outcome::default(); columns.people.count()];
    let decided = Tree::new(program, flag, now, true, Some(rule)).decide(columns, &mut |person, outcome| {
        if let Some(own) = outcomes.get_mut(person as usize) {
            *own = outcome;
        }
    });
    if decided.is_none() || program.intact().is_err() {
        for (person, own) in outcomes.iter_mut().enumerate() {
            let mut path = Path::new(flag, true, Some(rule));
            let decision = evaluate(program, flag, columns.people.select(person), now, &mut path);
            let (variant, reach) = (decision.variant.unwrap_or(u8::MAX), path.reach(program, &decision));
            *own = Outcome { variant, unknown: path.unknown, reach };
        }
    }
    outcomes
}

/// The paths of a flag's decisions at a moment.
pub(super) struct Tree<'p> {
    program: &'p Program,
    flag: FlagIndex,
    now: i64,
    tells_unknown: bool,
    watched: Option<u8>,
    root: Next,
    /// Each behind the one that leads to it.
    forks: Vec<Fork>,
}

/// Where an answer leads to.
#[derive(Clone, Copy)]
enum Next {
    /// Nobody has given it yet.
    Unknown,
    /// The fork at this index.
    Fork(usize),
    /// The end.
    Leaf(Outcome),
}

struct Fork {
    question: Question,
    ways: Ways,
    /// Who has come to it.
    waiting: Vec<u32>,
}

/// What the answers to a question lead to.
enum Ways {
    /// By kind of person; and by [`Way`].
    Condition {
        kinds: Rc<Kinds>,
        of_kind: Vec<Next>,
        next: [Next; Way::COUNT],
    },
    Unit {
        units: Rc<Units>,
        known: Next,
        nobody: Next,
    },
    /// For points from each start on, up to the next one.
    Point {
        units: Rc<Units>,
        key: Key,
        starts: Vec<u32>,
        next: Vec<Next>,
    },
}

/// An answer, and the fork where it was given.
type Last = Option<(usize, Answer)>;

impl<'p> Tree<'p> {
    /// `tells_unknown` and `watched` as of a [`Path`].
    pub(super) fn new(
        program: &'p Program,
        flag: FlagIndex,
        now: i64,
        tells_unknown: bool,
        watched: Option<u8>,
    ) -> Self {
        Tree { program, flag, now, tells_unknown, watched, root: Next::Unknown, forks: Vec::new() }
    }

    /// Gives out what everybody gets, in no order. None where people have too little in common, or are set apart by what no column has:
    /// what was given out by then is not all.
    pub(super) fn decide<E: Everybody>(
        &mut self,
        columns: &mut Columns<E>,
        give: &mut impl FnMut(u32, Outcome),
    ) -> Option<()> {
        columns.start(self.flag, self.now);
        let people = columns.people.count() as u32;
        for start in (0..people).step_by(TOGETHER as usize) {
            if let Next::Unknown = self.root {
                self.learn(start, columns)?;
            }
            let mut some: Vec<u32> = (start..people.min(start + TOGETHER)).collect();
            match self.root {
                Next::Fork(root) => self.forks.get_mut(root)?.waiting.append(&mut some),
                Next::Leaf(outcome) => some.into_iter().for_each(|person| give(person, outcome)),
                Next::Unknown => return None,
            }
            let mut at = 0;
            while at < self.forks.len() {
                let mut learned = None;
                loop {
                    let unknown = self.pass(at, give)?;
                    let Some(first) = unknown.first() else { break };
                    // Whose path does not come by here at all would be asked for ever.
                    if learned.replace(*first) == Some(*first) {
                        return None;
                    }
                    self.learn(*first, columns)?;
                    for person in &unknown {
                        if self.is_new_kind(at, *person) {
                            self.learn(*person, columns)?;
                        }
                    }
                    self.forks.get_mut(at)?.waiting = unknown;
                }
                at += 1;
            }
        }
        Some(())
    }

    /// Whether nobody of a person's kind has answered a fork's condition.
    fn is_new_kind(&self, at: usize, person: u32) -> bool {
        match self.forks.get(at).map(|fork| &fork.ways) {
            Some(Ways::Condition { kinds, of_kind, .. }) => {
                let kind = kinds.of.get(person as usize).and_then(|kind| of_kind.get(*kind as usize));
                matches!(kind, Some(Next::Unknown))
            }
            Some(Ways::Unit { .. } | Ways::Point { .. }) | None => false,
        }
    }

    /// Sends on everybody who waits at a fork. Returns those whose way is not known.
    fn pass(&mut self, at: usize, give: &mut impl FnMut(u32, Outcome)) -> Option<Vec<u32>> {
        let (before, later) = self.forks.split_at_mut_checked(at + 1)?;
        let Fork { ways, waiting, .. } = before.last_mut()?;
        let mut unknown = Vec::new();
        if waiting.is_empty() {
            return Some(unknown);
        }
        let mut send = |person: u32, next: Option<&Next>| match next {
            Some(Next::Leaf(outcome)) => give(person, *outcome),
            Some(Next::Fork(fork)) => {
                if let Some(fork) = fork.checked_sub(at + 1).and_then(|fork| later.get_mut(fork)) {
                    fork.waiting.push(person);
                }
            }
            Some(Next::Unknown) | None => unknown.push(person),
        };
        match ways {
            Ways::Condition { kinds, of_kind, .. } => waiting.iter().for_each(|person| {
                let kind = kinds.of.get(*person as usize);
                send(*person, kind.and_then(|kind| of_kind.get(*kind as usize)));
            }),
            Ways::Unit { units, known, nobody } => waiting.iter().for_each(|person| {
                send(*person, Some(if units.of(*person).is_empty() { nobody } else { known }));
            }),
            Ways::Point { units, key, starts, next } => units.points(key, waiting, |person, point| {
                // Counted, not searched: nobody can guess where a search for a random point ends, a processor neither.
                let way: usize = starts.iter().skip(1).map(|start| usize::from(*start <= point)).sum();
                send(person, next.get(way));
            }),
        }
        waiting.clear();
        Some(unknown)
    }

    /// Decides for a person, and adds their path.
    fn learn<E: Everybody>(&mut self, person: u32, columns: &mut Columns<E>) -> Option<()> {
        let mut path = Path::new(self.flag, self.tells_unknown, self.watched);
        let session = columns.people.select(person as usize);
        session.forget();
        let decision = evaluate(self.program, self.flag, session, self.now, &mut path);
        let variants = self.program.flag(self.flag).map_or(0, |flag| flag.variant_count);
        let mut last = None;
        let (unknown, reach) = (path.unknown, path.reach(self.program, &decision));
        for (question, answer) in path.turns {
            if let Some(fork) = self.fork(question, last, columns)? {
                self.lead(last, person, Next::Fork(fork))?;
                last = Some((fork, answer));
            }
        }
        let variant = decision.variant.unwrap_or(variants).min(variants);
        self.lead(last, person, Next::Leaf(Outcome { variant, unknown, reach }))
    }

    /// The fork of a question behind an answer; nothing if all people answer it alike.
    fn fork<E: Everybody>(
        &mut self,
        question: Question,
        last: Last,
        columns: &mut Columns<E>,
    ) -> Option<Option<usize>> {
        let next = *self.next(last)?;
        if let Next::Fork(fork) = next
            && self.forks.get(fork)?.question == question
        {
            return Some(Some(fork));
        }
        match (self.ways(question, columns)?, next) {
            (None, _) => Some(None),
            (Some(ways), Next::Unknown) if self.forks.len() < FORKS => {
                self.forks.push(Fork { question, ways, waiting: Vec::new() });
                Some(Some(self.forks.len() - 1))
            }
            (Some(_), _) => None,
        }
    }

    /// The ways from a question; nothing if all people answer it alike.
    fn ways<E: Everybody>(&self, question: Question, columns: &mut Columns<E>) -> Option<Option<Ways>> {
        let program = self.program;
        Some(match question {
            Question::Condition { flag, rule } => {
                let condition = program.rule_of(&program.flag(flag)?, rule)?.condition;
                let mut asked = Asked::default();
                let slots = asked.add(program, condition).map(|()| asked.slots.into_iter().collect());
                let kinds = columns.by((flag, rule), slots, condition, self.now)?;
                let count = kinds.first.len();
                // Hardly anybody is like anybody else.
                if count > 1_000 && count > columns.people.count() / 2 {
                    return None;
                }
                let of_kind = vec![Next::Unknown; count];
                (count > 1).then_some(Ways::Condition { kinds, of_kind, next: [Next::Unknown; Way::COUNT] })
            }
            Question::Unit(unit) => {
                let units = columns.units(program.unit(unit.into())?.slot);
                let (known, nobody) = (Next::Unknown, Next::Unknown);
                (!units.are_all()).then_some(Ways::Unit { units, known, nobody })
            }
            Question::Point { unit, purpose, salt, phase } => Some(Ways::Point {
                units: columns.units(program.unit(unit.into())?.slot),
                key: salt.key(program, purpose, phase),
                starts: vec![0],
                next: vec![Next::Unknown],
            }),
        })
    }

    /// Where an answer leads to; before any, the root.
    fn next(&mut self, last: Last) -> Option<&mut Next> {
        let Some((fork, answer)) = last else { return Some(&mut self.root) };
        match (&mut self.forks.get_mut(fork)?.ways, answer) {
            (Ways::Condition { next, .. }, Answer::Condition(way)) => next.get_mut(way as usize),
            (Ways::Unit { known, .. }, Answer::Unit(true)) => Some(known),
            (Ways::Unit { nobody, .. }, Answer::Unit(false)) => Some(nobody),
            (Ways::Point { starts, next, .. }, Answer::Point(from, below)) => {
                cut(starts, next, from);
                cut(starts, next, below);
                next.get_mut(starts.binary_search(&from.0).ok()?)
            }
            (Ways::Condition { .. } | Ways::Unit { .. } | Ways::Point { .. }, _) => None,
        }
    }

    /// Notes where a person's answer leads to.
    fn lead(&mut self, last: Last, person: u32, to: Next) -> Option<()> {
        *self.next(last)? = to;
        if let Some((fork, _)) = last
            && let Ways::Condition { kinds, of_kind, .. } = &mut self.forks.get_mut(fork)?.ways
        {
            *of_kind.get_mut(*kinds.of.get(person as usize)? as usize)? = to;
        }
        Some(())
    }
}

/// Divides the points at a bound, if they are not.
fn cut(starts: &mut Vec<u32>, next: &mut Vec<Next>, bound: Bound) {
    if bound != Bound::ALL
        && let Err(at) = starts.binary_search(&bound.0)
    {
        starts.insert(at, bound.0);
        next.insert(at, at.checked_sub(1).and_then(|before| next.get(before).copied()).unwrap_or(Next::Unknown));
    }
}
