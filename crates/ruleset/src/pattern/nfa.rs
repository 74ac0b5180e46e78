//! A pattern as states that bytes lead through.

use std::collections::BTreeMap;

use super::class::Class;
use super::fault::Fault;
use super::read::{Look, Part};

/// How many states there are at most, and steps to make them: of a pattern that has more, the table is too large, too.
const STATES: usize = 1 << 17;
/// Surrogates are no characters.
const SURROGATES: (u32, u32) = (0xd800, 0xdfff);

pub(super) enum State {
    /// Ranges of bytes, and the state behind each.
    Bytes(Vec<(u8, u8, u32)>),
    /// Any of these, without a byte.
    Split(Vec<u32>),
    /// Another, without a byte, where this holds.
    Look(Look, u32),
    Match,
}

pub(super) struct Nfa {
    pub(super) states: Vec<State>,
    pub(super) start: u32,
}

impl Nfa {
    pub(super) fn of(part: &Part) -> Result<Self, Fault> {
        let mut nfa = Self { states: Vec::new(), start: 0 };
        let mut steps = STATES;
        let matched = nfa.push(State::Match)?;
        nfa.start = nfa.part(part, matched, &mut steps)?;
        Ok(nfa)
    }

    fn push(&mut self, state: State) -> Result<u32, Fault> {
        if self.states.len() >= STATES {
            return Err(Fault::TooLarge);
        }
        self.states.push(state);
        Ok(self.states.len() as u32 - 1)
    }

    /// The state with which a part begins that ends in `next`.
    fn part(&mut self, part: &Part, next: u32, steps: &mut usize) -> Result<u32, Fault> {
        *steps = steps.checked_sub(1).ok_or(Fault::TooLarge)?;
        match part {
            Part::Class(class) => self.class(class, next),
            Part::Look(look) => self.push(State::Look(*look, next)),
            Part::All(parts) => parts.iter().rev().try_fold(next, |next, part| self.part(part, next, steps)),
            Part::Any(parts) => {
                let first =
                    parts.iter().map(|part| self.part(part, next, steps)).collect::<Result<Vec<u32>, Fault>>()?;
                match first.as_slice() {
                    [only] => Ok(*only),
                    _ => self.push(State::Split(first)),
                }
            }
            Part::Repeated(part, least, most) => {
                let mut first = match most {
                    Some(most) => (*least..*most).try_fold(next, |first, _| {
                        let again = self.part(part, first, steps)?;
                        self.push(State::Split(vec![again, next]))
                    })?,
                    None => {
                        let loops = self.push(State::Split(Vec::new()))?;
                        let again = self.part(part, loops, steps)?;
                        if let Some(state) = self.states.get_mut(loops as usize) {
                            *state = State::Split(vec![again, next]);
                        }
                        loops
                    }
                };
                for _ in 0..*least {
                    first = self.part(part, first, steps)?;
                }
                Ok(first)
            }
        }
    }

    /// The bytes of a class in UTF-8. States whose bytes lead to the same states are one.
    fn class(&mut self, class: &Class, next: u32) -> Result<u32, Fault> {
        let mut sequences = Vec::new();
        for (low, high) in class.ranges() {
            sequences_of(*low, (*high).min(SURROGATES.0 - 1), &mut sequences);
            sequences_of((*low).max(SURROGATES.1 + 1), *high, &mut sequences);
        }
        let sequences: Vec<&[(u8, u8)]> = sequences.iter().map(Vec::as_slice).collect();
        self.bytes(&sequences, next, &mut BTreeMap::new())
    }

    fn bytes(
        &mut self,
        sequences: &[&[(u8, u8)]],
        next: u32,
        made: &mut BTreeMap<Vec<(u8, u8, u32)>, u32>,
    ) -> Result<u32, Fault> {
        if sequences.first().is_some_and(|first| first.is_empty()) {
            return Ok(next);
        }
        let mut ways = Vec::new();
        // In order: those that begin alike stand together, and others begin apart.
        for alike in sequences.chunk_by(|one, other| one.first() == other.first()) {
            let Some((low, high)) = alike.first().and_then(|first| first.first()) else { continue };
            let rest: Vec<&[(u8, u8)]> = alike.iter().map(|one| one.get(1..).unwrap_or_default()).collect();
            ways.push((*low, *high, self.bytes(&rest, next, made)?));
        }
        if let Some(state) = made.get(&ways) {
            return Ok(*state);
        }
        let state = self.push(State::Bytes(ways.clone()))?;
        made.insert(ways, state);
        Ok(state)
    }
}

/// Ranges of bytes one behind the other whose texts are the characters from `low` to `high`: such that any byte of one goes with any of the next.
fn sequences_of(low: u32, high: u32, found: &mut Vec<Vec<(u8, u8)>>) {
    if low > high {
        return;
    }
    // Characters of one length.
    let lengths = [0x7f, 0x7ff, 0xffff].into_iter().find(|last| low <= *last && *last < high);
    // And of whole bytes from the last one on.
    let split = lengths.or_else(|| {
        let places = if high <= 0x7f { 0 } else { 3 };
        (1..=places).map(|place| (1 << (6 * place)) - 1).find_map(|mask: u32| {
            let is_apart = low & !mask != high & !mask;
            match (low & mask != 0, high & mask != mask) {
                (true, _) if is_apart => Some(low | mask),
                (_, true) if is_apart => Some((high & !mask) - 1),
                _ => None,
            }
        })
    });
    if let Some(split) = split {
        sequences_of(low, split, found);
        sequences_of(split + 1, high, found);
        return;
    }
    let (mut first, mut last) = ([0; 4], [0; 4]);
    let encoded = |number, buffer| char::from_u32(number).map(|char| char.encode_utf8(buffer).as_bytes());
    if let (Some(first), Some(last)) = (encoded(low, &mut first), encoded(high, &mut last)) {
        found.push(first.iter().copied().zip(last.iter().copied()).collect());
    }
}
