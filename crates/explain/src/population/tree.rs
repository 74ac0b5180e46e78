//! The paths of a flag's decisions, as a tree that is learned from the evaluator: for whomever no path is known it decides, and a
//! listener keeps what it asked. Whoever comes after with the same answers goes the same way, by columns.

use std::rc::Rc;

use waft::buckets::{Bound, Key};
use waft::program::FlagIndex;
use waft::table::NO_VARIANT;
use waft::{NoTrace, Program, evaluate};
use waft_columns::{Kinds, Place, Places, Units};

use super::asked::Asked;
use super::column::{Columns, Everybody};
use super::path::{Answer, Path, Question, Way};
use super::reach::Reach;
use crate::listener::Listener;

/// How many people go through the tree together: their numbers lie in a processor's nearest memory.
const TOGETHER: u32 = 1_024;
/// More forks and ends than this are no shorter than deciding one by one.
const PLACES: usize = 4_096;

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
    let counted = Tree::new(program, flag, now, false, None).decide(columns, &mut |people, outcome| {
        if let Some(count) = counts.get_mut(usize::from(outcome.variant)) {
            *count += people.len() as u32;
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
    let decided = Tree::new(program, flag, now, true, Some(rule)).decide(columns, &mut set(&mut outcomes));
    if decided.is_none() || program.intact().is_err() {
        for (person, own) in outcomes.iter_mut().enumerate() {
            let mut path = Path::new(flag, true, Some(rule));
            let decision =
                evaluate(program, flag, columns.people.select(person), now, &mut Listener(&mut |step| path.step(step)));
            let (variant, reach) = (decision.variant.unwrap_or(NO_VARIANT), path.reach(program, &decision));
            *own = Outcome { variant, unknown: path.unknown, reach };
        }
    }
    outcomes
}

/// Sets what people get.
pub(super) fn set(outcomes: &mut [Outcome]) -> impl FnMut(&[u32], Outcome) {
    |people, outcome| {
        for person in people {
            if let Some(own) = outcomes.get_mut(*person as usize) {
                *own = outcome;
            }
        }
    }
}

/// The paths of a flag's decisions at a moment.
pub(super) struct Tree<'p> {
    program: &'p Program,
    flag: FlagIndex,
    now: i64,
    tells_unknown: bool,
    watched: Option<u8>,
    root: Place,
    /// Who has come where.
    places: Places,
    /// What is there, by the numbers of places. Each fork is behind the one that leads to it.
    stops: Vec<Stop>,
}

/// What is at a place.
enum Stop {
    /// Nothing: that is where an answer leads that nobody has given yet.
    Unknown,
    /// A question.
    Fork(Fork),
    /// The end.
    Leaf(Outcome),
}

struct Fork {
    question: Question,
    ways: Ways,
}

/// What the answers to a question lead to.
enum Ways {
    /// By kind of person; and by [`Way`].
    Condition {
        kinds: Rc<Kinds>,
        of_kind: Vec<Place>,
        next: [Place; Way::COUNT],
    },
    Unit {
        units: Rc<Units>,
        known: Place,
        nobody: Place,
    },
    /// For points from each start on, up to the next one.
    Point {
        units: Rc<Units>,
        key: Key,
        starts: Vec<u32>,
        next: Vec<Place>,
    },
}

/// An answer, and the fork where it was given.
type Last = Option<(Place, Answer)>;

impl<'p> Tree<'p> {
    /// `tells_unknown` and `watched` as of a [`Path`].
    pub(super) fn new(
        program: &'p Program,
        flag: FlagIndex,
        now: i64,
        tells_unknown: bool,
        watched: Option<u8>,
    ) -> Self {
        let (places, stops) = (Places::default(), vec![Stop::Unknown]);
        Tree { program, flag, now, tells_unknown, watched, root: Place::UNKNOWN, places, stops }
    }

    /// Gives out what people get, in no order. None where people have too little in common, or are set apart by what no column has:
    /// what was given out by then is not all.
    pub(super) fn decide<E: Everybody>(
        &mut self,
        columns: &mut Columns<E>,
        give: &mut dyn FnMut(&[u32], Outcome),
    ) -> Option<()> {
        columns.start(self.flag, self.now);
        let people = columns.people.count() as u32;
        for start in (0..people).step_by(TOGETHER as usize) {
            if self.root == Place::UNKNOWN {
                self.learn(start, columns)?;
            }
            let some: Vec<u32> = (start..people.min(start + TOGETHER)).collect();
            self.places.add(self.root, &some);
            let mut at = 0;
            while at < self.stops.len() {
                self.send_on(at, columns)?;
                at += 1;
            }
            for (place, stop) in self.stops.iter().enumerate() {
                if let Stop::Leaf(outcome) = stop {
                    self.places.empty(Place::at(place), &mut |people| give(people, *outcome));
                }
            }
        }
        Some(())
    }

    /// Sends on everybody who waits at a fork.
    fn send_on<E: Everybody>(&mut self, at: usize, columns: &mut Columns<E>) -> Option<()> {
        let mut learned = None;
        loop {
            self.pass(at)?;
            let unknown = self.places.take(Place::UNKNOWN);
            let Some(first) = unknown.first() else { return Some(()) };
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
            self.places.add(Place::at(at), &unknown);
        }
    }

    /// Whether nobody of a person's kind has answered a fork's condition.
    fn is_new_kind(&self, at: usize, person: u32) -> bool {
        match self.stops.get(at) {
            Some(Stop::Fork(Fork { ways: Ways::Condition { kinds, of_kind, .. }, .. })) => {
                let kind = kinds.of.get(person as usize).and_then(|kind| of_kind.get(*kind as usize));
                kind == Some(&Place::UNKNOWN)
            }
            _ => false,
        }
    }

    /// Sends on everybody who waits at a fork and whose way is known.
    fn pass(&mut self, at: usize) -> Option<()> {
        let Stop::Fork(Fork { ways, .. }) = self.stops.get(at)? else { return Some(()) };
        let (place, places) = (Place::at(at), &mut self.places);
        match ways {
            Ways::Condition { kinds, of_kind, .. } => places.by_kind(place, kinds, of_kind),
            Ways::Unit { units, known, nobody } => places.by_unit(place, units, [*known, *nobody]),
            Ways::Point { units, key, starts, next } => places.by_point(place, (units, key), starts, next),
        }
        Some(())
    }

    /// Decides for a person, and adds their path.
    fn learn<E: Everybody>(&mut self, person: u32, columns: &mut Columns<E>) -> Option<()> {
        let mut path = Path::new(self.flag, self.tells_unknown, self.watched);
        let session = columns.people.select(person as usize);
        session.forget();
        let decision = evaluate(self.program, self.flag, session, self.now, &mut Listener(&mut |step| path.step(step)));
        let variants = self.program.flag(self.flag).map_or(0, |flag| flag.variant_count);
        let mut last = None;
        let (unknown, reach) = (path.unknown, path.reach(self.program, &decision));
        for (question, answer) in path.turns {
            if let Some(fork) = self.fork(question, last, columns)? {
                self.lead(last, person, fork)?;
                last = Some((fork, answer));
            }
        }
        let variant = decision.variant.unwrap_or(variants).min(variants);
        let leaf = self.leaf(Outcome { variant, unknown, reach })?;
        self.lead(last, person, leaf)
    }

    /// The place of an outcome.
    fn leaf(&mut self, outcome: Outcome) -> Option<Place> {
        let known = self.stops.iter().position(|stop| matches!(stop, Stop::Leaf(known) if *known == outcome));
        known.map(Place::at).or_else(|| self.open(Stop::Leaf(outcome)))
    }

    fn open(&mut self, stop: Stop) -> Option<Place> {
        if self.stops.len() > PLACES {
            return None;
        }
        self.stops.push(stop);
        Some(self.places.open())
    }

    /// The fork of a question behind an answer; nothing if all people answer it alike.
    fn fork<E: Everybody>(
        &mut self,
        question: Question,
        last: Last,
        columns: &mut Columns<E>,
    ) -> Option<Option<Place>> {
        let next = *self.next(last)?;
        match self.stops.get(next.index())? {
            Stop::Fork(fork) if fork.question == question => return Some(Some(next)),
            _ => {}
        }
        match self.ways(question, columns)? {
            None => Some(None),
            Some(ways) if next == Place::UNKNOWN => Some(Some(self.open(Stop::Fork(Fork { question, ways }))?)),
            Some(_) => None,
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
                let of_kind = vec![Place::UNKNOWN; count];
                (count > 1).then_some(Ways::Condition { kinds, of_kind, next: [Place::UNKNOWN; Way::COUNT] })
            }
            Question::Unit(unit) => {
                let units = columns.units(program.unit(unit.into())?.slot);
                let (known, nobody) = (Place::UNKNOWN, Place::UNKNOWN);
                (!units.are_all()).then_some(Ways::Unit { units, known, nobody })
            }
            Question::Point { unit, purpose, salt, phase } => Some(Ways::Point {
                units: columns.units(program.unit(unit.into())?.slot),
                key: salt.key(program, purpose, phase),
                starts: vec![0],
                next: vec![Place::UNKNOWN],
            }),
        })
    }

    /// Where an answer leads to; before any, the root.
    fn next(&mut self, last: Last) -> Option<&mut Place> {
        let Some((fork, answer)) = last else { return Some(&mut self.root) };
        match (self.ways_at(fork)?, answer) {
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

    fn ways_at(&mut self, fork: Place) -> Option<&mut Ways> {
        match self.stops.get_mut(fork.index())? {
            Stop::Fork(fork) => Some(&mut fork.ways),
            Stop::Unknown | Stop::Leaf(_) => None,
        }
    }

    /// Notes where a person's answer leads to.
    fn lead(&mut self, last: Last, person: u32, to: Place) -> Option<()> {
        *self.next(last)? = to;
        if let Some((fork, _)) = last
            && let Ways::Condition { kinds, of_kind, .. } = self.ways_at(fork)?
        {
            *of_kind.get_mut(*kinds.of.get(person as usize)? as usize)? = to;
        }
        Some(())
    }
}

/// Divides the points at a bound, if they are not.
fn cut(starts: &mut Vec<u32>, next: &mut Vec<Place>, bound: Bound) {
    if bound != Bound::ALL
        && let Err(at) = starts.binary_search(&bound.0)
    {
        starts.insert(at, bound.0);
        next.insert(at, at.checked_sub(1).and_then(|before| next.get(before).copied()).unwrap_or(Place::UNKNOWN));
    }
}
