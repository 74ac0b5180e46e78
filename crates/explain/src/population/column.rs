//! Columns: something of everybody, side by side.

use std::rc::Rc;

use waft::Session;
use waft::operation::Words;
use waft::program::{FlagIndex, Slot};
use waft_columns::{Dictionary, Kinds, Units};

/// How many numbers columns of kinds have at most before they are given up: 64 MB, 16 columns of a million people.
const NUMBERS: usize = 1 << 24;
/// A column of fewer people counts as one of so many: no more than 64 are looked through.
const FEW: usize = 1 << 18;

/// Contexts side by side, one of which is decided about at a time.
pub(super) trait Everybody {
    /// How many there are.
    fn count(&self) -> usize;

    /// Who is at a place: decisions of the session are about them.
    fn select(&mut self, person: usize) -> &mut Session;

    /// Everybody by their attributes in some slots.
    fn kinds(&mut self, slots: &[Slot]) -> Kinds;

    /// Everybody's unit in a slot.
    fn units(&mut self, slot: Slot) -> Units;

    /// Whether few kinds of people are possible by their attributes in some slots.
    fn are_few(&self, _slots: &[Slot]) -> bool {
        true
    }

    /// Everybody by what a condition comes to at a moment, if columns can tell.
    fn truths(&mut self, _condition: Words, _now: i64) -> Option<Kinds> {
        None
    }
}

/// Everybody by the condition of a flag's rule, if columns can tell.
type OfRule = ((FlagIndex, u8), Option<Rc<Kinds>>);

/// Everybody, and the columns that plans have asked for.
#[derive(Debug)]
pub(super) struct Columns<E> {
    pub(super) people: E,
    kinds: Vec<(Vec<Slot>, Rc<Kinds>)>,
    units: Vec<(Slot, Rc<Units>)>,
    /// By the flag and its rule; of one decision, as there are many rules.
    truths: Vec<OfRule>,
    decision: Option<(FlagIndex, i64)>,
}

/// Columns without the people that they are of.
#[derive(Debug, Default)]
pub struct Kept {
    kinds: Vec<(Vec<Slot>, Rc<Kinds>)>,
    units: Vec<(Slot, Rc<Units>)>,
}

impl Kept {
    /// Forgets them: the people are others, or attributes are.
    pub fn clear(&mut self) {
        *self = Kept::default();
    }
}

impl<E: Everybody> Columns<E> {
    pub(super) fn new(people: E) -> Self {
        Self::with(people, Kept::default())
    }

    /// Those of the same people that were asked for before.
    pub(super) fn with(people: E, Kept { kinds, units }: Kept) -> Self {
        Columns { people, kinds, units, truths: Vec::new(), decision: None }
    }

    /// What may be asked for again.
    pub(super) fn keep(mut self) -> Kept {
        // Rules that are changed for hours ask for ever others.
        self.spare();
        Kept { kinds: self.kinds, units: self.units }
    }

    /// Forgets what only another decision asks for.
    pub(super) fn start(&mut self, flag: FlagIndex, now: i64) {
        if self.decision.replace((flag, now)) != Some((flag, now)) {
            self.truths.clear();
        }
    }

    /// Everybody, to be changed: what is known of them is forgotten.
    pub(super) fn change(&mut self) -> &mut E {
        self.kinds.clear();
        self.units.clear();
        self.truths.clear();
        &mut self.people
    }

    /// Gives up columns of kinds that take too much memory. Those that are in use stay as long.
    fn spare(&mut self) {
        if self.kinds.iter().map(|(_, kinds)| kinds.of.len().max(FEW)).sum::<usize>() > NUMBERS {
            self.kinds.clear();
        }
    }

    pub(super) fn kinds(&mut self, slots: Vec<Slot>) -> Rc<Kinds> {
        let kept = self.kinds.iter().find(|(kept, _)| *kept == slots).map(|(_, kinds)| kinds.clone());
        kept.unwrap_or_else(|| {
            self.spare();
            let kinds = Rc::new(self.people.kinds(&slots));
            self.kinds.push((slots, kinds.clone()));
            kinds
        })
    }

    /// Everybody by the condition of a flag's rule: by their attributes where few kinds are possible, or else by what it comes to. None if
    /// it tells people with the same attributes apart.
    pub(super) fn by(
        &mut self,
        (flag, rule): (FlagIndex, u8),
        slots: Option<Vec<Slot>>,
        condition: Words,
        now: i64,
    ) -> Option<Rc<Kinds>> {
        if let Some(slots) = slots.as_ref().filter(|slots| self.people.are_few(slots)) {
            return Some(self.kinds(slots.clone()));
        }
        let kept = self.truths.iter().find(|(kept, _)| *kept == (flag, rule)).map(|(_, truths)| truths.clone());
        let truths = kept.unwrap_or_else(|| {
            let truths = self.people.truths(condition, now).map(Rc::new);
            self.truths.push(((flag, rule), truths.clone()));
            truths
        });
        truths.or_else(|| Some(self.kinds(slots?)))
    }

    pub(super) fn units(&mut self, slot: Slot) -> Rc<Units> {
        let kept = self.units.iter().find(|(kept, _)| *kept == slot).map(|(_, units)| units.clone());
        kept.unwrap_or_else(|| {
            let units = Rc::new(self.people.units(slot));
            self.units.push((slot, units.clone()));
            units
        })
    }
}

/// Everybody by their attributes in some slots: those that no condition can tell apart have the same number.
pub(super) fn kinds(slots: &[Slot], people: &mut impl Everybody) -> Kinds {
    let mut numbers = Dictionary::default();
    let mut kinds = Kinds { of: Vec::with_capacity(people.count()), first: Vec::new() };
    let mut kind = Vec::new();
    for person in 0..people.count() {
        let context = people.select(person);
        kind.clear();
        for slot in slots {
            // The length of each behind it, so that two never look like two others.
            let start = kind.len();
            context.subject().write_kind(*slot, &mut kind);
            kind.extend_from_slice(&((kind.len() - start) as u32).to_le_bytes());
        }
        let (number, is_new) = numbers.number(&kind);
        if is_new {
            kinds.first.push(person);
        }
        kinds.of.push(number - 1);
    }
    kinds
}

/// Everybody's unit in a slot.
pub(super) fn units(slot: Slot, people: &mut impl Everybody) -> Units {
    let mut units = Units::with_capacity(people.count());
    for person in 0..people.count() {
        units.add(people.select(person).subject().unit(slot, &mut [0; 20]));
    }
    units
}
