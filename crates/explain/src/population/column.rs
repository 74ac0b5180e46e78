//! Columns: something of everybody, side by side.

use std::collections::HashMap;
use std::rc::Rc;

use waft::buckets::{Key, siphash};
use waft::operation::Words;
use waft::program::{FlagIndex, Slot};
use waft::{Session, limits};

/// How many columns of kinds are kept at most.
const KINDS: usize = 16;

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

/// Everybody, and the columns that plans have asked for.
#[derive(Debug)]
pub(super) struct Columns<E> {
    pub(super) people: E,
    kinds: HashMap<Vec<Slot>, Rc<Kinds>>,
    units: HashMap<Slot, Rc<Units>>,
    /// By the flag and its rule; of one decision, as there are many rules.
    truths: HashMap<(FlagIndex, u8), Option<Rc<Kinds>>>,
    decision: Option<(FlagIndex, i64)>,
}

/// Columns without the people that they are of.
#[derive(Debug, Default)]
pub struct Kept {
    kinds: HashMap<Vec<Slot>, Rc<Kinds>>,
    units: HashMap<Slot, Rc<Units>>,
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
        Columns { people, kinds, units, truths: HashMap::new(), decision: None }
    }

    /// What may be asked for again.
    pub(super) fn keep(mut self) -> Kept {
        // Each is a number for everybody; rules that are changed for hours ask for ever others.
        if self.kinds.len() > KINDS {
            self.kinds.clear();
        }
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

    pub(super) fn kinds(&mut self, slots: Vec<Slot>) -> Rc<Kinds> {
        let people = &mut self.people;
        self.kinds.entry(slots).or_insert_with_key(|slots| Rc::new(people.kinds(slots))).clone()
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
        let people = &mut self.people;
        let truths = self.truths.entry((flag, rule)).or_insert_with(|| people.truths(condition, now).map(Rc::new));
        truths.clone().or_else(|| Some(self.kinds(slots?)))
    }

    pub(super) fn units(&mut self, slot: Slot) -> Rc<Units> {
        let people = &mut self.people;
        self.units.entry(slot).or_insert_with(|| Rc::new(people.units(slot))).clone()
    }
}

/// Everybody's attributes in some slots, numbered: those that no condition can tell apart have the same number.
#[derive(Debug)]
pub(super) struct Kinds {
    /// Person by person.
    pub(super) of: Vec<u32>,
    /// Somebody of each number.
    pub(super) first: Vec<usize>,
}

impl Kinds {
    pub(super) fn new(slots: &[Slot], people: &mut impl Everybody) -> Self {
        let mut numbers: HashMap<Vec<u8>, u32> = HashMap::new();
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
            let number = numbers.get(&kind).copied().unwrap_or_else(|| {
                kinds.first.push(person);
                let number = numbers.len() as u32;
                numbers.insert(kind.clone(), number);
                number
            });
            kinds.of.push(number);
        }
        kinds
    }
}

/// Everybody's unit as it is hashed, one after the other.
#[derive(Debug)]
pub(super) struct Units {
    words: Vec<u64>,
    /// Where each ends, behind a zero. One without words is nobody.
    ends: Vec<u32>,
    /// Whether somebody is nobody.
    some_missing: bool,
}

impl Units {
    pub(super) fn new(slot: Slot, people: &mut impl Everybody) -> Self {
        let mut units = Units { words: Vec::new(), ends: vec![0], some_missing: false };
        for person in 0..people.count() {
            let context = people.select(person);
            if let Some(unit) = context.subject().unit(slot, &mut [0; 20]) {
                units.words.extend(siphash::words(unit));
            } else {
                units.some_missing = true;
            }
            units.ends.push(units.words.len() as u32);
        }
        units
    }

    /// Of texts as they are: what a context's text comes to as a unit.
    pub(super) fn of_texts<'t>(texts: impl ExactSizeIterator<Item = &'t [u8]>) -> Self {
        let mut units = Units { words: Vec::new(), ends: Vec::with_capacity(texts.len() + 1), some_missing: false };
        // Most ids have two words.
        units.words.reserve(2 * texts.len());
        units.ends.push(0);
        for text in texts {
            if (1..=limits::UNIT_BYTES).contains(&text.len()) {
                units.words.extend(siphash::words(text));
            } else {
                units.some_missing = true;
            }
            units.ends.push(units.words.len() as u32);
        }
        units
    }

    /// Whether everybody has one.
    pub(super) fn are_all(&self) -> bool {
        !self.some_missing
    }

    /// A person's unit; nobody's is empty.
    #[inline]
    pub(super) fn of(&self, person: u32) -> &[u64] {
        let ends = self.ends.get(person as usize..).and_then(|ends| ends.first_chunk());
        ends.and_then(|[start, end]| self.words.get(*start as usize..*end as usize)).unwrap_or(&[])
    }

    /// Gives out the points of some people's units, two at a time: a half more than one after the other.
    pub(super) fn points(&self, key: &Key, people: &[u32], mut give: impl FnMut(u32, u32)) {
        let (pairs, last) = people.as_chunks();
        for [one, other] in pairs {
            let (words, others) = (self.of(*one), self.of(*other));
            let [point, another] = if words.len() == others.len() {
                key.points_of_words(words.iter().zip(others).map(|(word, other)| [*word, *other]))
            } else {
                [key.point_of_words(words), key.point_of_words(others)]
            };
            give(*one, point);
            give(*other, another);
        }
        last.iter().for_each(|one| give(*one, key.point_of_words(self.of(*one))));
    }
}
