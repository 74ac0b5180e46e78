//! States that bytes lead through, many at a time, as states of which there is one at a time.

use std::collections::HashMap;

use waft::limits::PATTERN_BYTES;
use waft::pattern::{DEAD, MATCHED};

use super::fault::{Fault, Rows};
use super::nfa::{Nfa, State};
use super::read::Look;
use crate::order;

/// What sets of states may take, in bytes: a pattern that explodes is stopped here.
const WORK_BYTES: usize = 4 << 20;
/// And how often a state is asked where it leads.
const WORK: usize = 1 << 27;

/// What stands beside a place in a text: all that a look at it asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Other,
    /// U+000A.
    Line,
    /// One of `\w`.
    Word,
    /// The text begins or ends.
    Edge,
}

impl Beside {
    const ALL: [Self; 4] = [Self::Other, Self::Line, Self::Word, Self::Edge];

    fn of(byte: u8) -> Self {
        match byte {
            b'\n' => Self::Line,
            b'_' => Self::Word,
            byte if byte.is_ascii_alphanumeric() => Self::Word,
            _ => Self::Other,
        }
    }
}

/// For each state the next one for each byte, and for the end of the text. A match is reported one byte late, when it is known what stands behind it.
pub(super) fn determinise(nfa: &Nfa) -> Result<Rows, Fault> {
    let mut sets = Sets::new(nfa);
    let mut numbers: HashMap<Vec<u8>, u16> = HashMap::new();
    let mut keys = vec![key(Beside::Edge, &sets.from(&[nfa.start], None, true))];
    numbers.extend(keys.first().cloned().map(|key| (key, 2)));
    let mut rows: Rows = vec![[DEAD; 257], [MATCHED; 257]];
    let mut bytes = 0;
    let classes = classes(nfa);
    while let Some((before, set)) = keys.get(rows.len() - 2).map(|key| unpacked(key)) {
        let looks = sets.looks(&set);
        let behind: Vec<Vec<u32>> = match looks {
            true => Beside::ALL.map(|next| sets.from(&set, Some((before, next)), before == Beside::Edge)).into(),
            false => vec![set],
        };
        let mut row = [DEAD; 257];
        for (from, to) in &classes {
            let next = u8::try_from(*from).map_or(Beside::Edge, Beside::of);
            let here = behind.get(if looks { next as usize } else { 0 }).map_or(&[][..], Vec::as_slice);
            sets.work += here.len();
            if sets.work > WORK {
                return Err(Fault::TooLarge);
            }
            let number = match u8::try_from(*from) {
                _ if sets.is_matched(here) => MATCHED,
                Err(_) => DEAD,
                Ok(byte) => {
                    let set = sets.behind(here, byte);
                    let key = key(if sets.asks(&set, next) { next } else { Beside::Other }, &set);
                    match numbers.get(&key) {
                        _ if set.is_empty() => DEAD,
                        Some(number) => *number,
                        None => {
                            let number = u16::try_from(keys.len() + 2).map_err(|_| Fault::TooLarge)?;
                            bytes += key.len();
                            keys.push(key.clone());
                            numbers.insert(key, number);
                            number
                        }
                    }
                }
            };
            row.get_mut(*from..*to).unwrap_or_default().fill(number);
        }
        rows.push(row);
        if rows.len() > PATTERN_BYTES || bytes > WORK_BYTES {
            return Err(Fault::TooLarge);
        }
    }
    Ok(rows)
}

/// Bytes that lead everywhere to the same states, as ranges, and the end of the text.
fn classes(nfa: &Nfa) -> Vec<(usize, usize)> {
    let mut starts = [false; 258];
    let mut mark = |low: u8, high: u8| {
        for at in [usize::from(low), usize::from(high) + 1] {
            starts.get_mut(at).into_iter().for_each(|start| *start = true);
        }
    };
    for state in &nfa.states {
        match state {
            State::Bytes(ways) => ways.iter().for_each(|(low, high, _)| mark(*low, *high)),
            State::Look(..) => [(b'\n', b'\n'), (b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]
                .iter()
                .for_each(|(low, high)| mark(*low, *high)),
            State::Split(_) | State::Match => {}
        }
    }
    mark(0, u8::MAX);
    let starts: Vec<usize> = (0..257).filter(|at| starts.get(*at) == Some(&true)).collect();
    let ends = starts.iter().skip(1).copied().chain([257]);
    starts.iter().copied().zip(ends).collect()
}

/// A set of states as bytes: what stands before it, and how far each state is behind the one before.
fn key(before: Beside, set: &[u32]) -> Vec<u8> {
    let mut key = vec![before as u8];
    let mut last = 0;
    for state in set {
        let mut distance = state - last;
        last = *state;
        while distance >= 0x80 {
            key.push(distance as u8 | 0x80);
            distance >>= 7;
        }
        key.push(distance as u8);
    }
    key
}

fn unpacked(key: &[u8]) -> (Beside, Vec<u32>) {
    let (before, rest) = key.split_first().unwrap_or((&0, &[]));
    let before = Beside::ALL.get(usize::from(*before)).copied().unwrap_or(Beside::Other);
    let (mut set, mut last, mut distance, mut shift) = (Vec::new(), 0, 0, 0);
    for byte in rest {
        distance |= u32::from(byte & 0x7f) << shift;
        shift += 7;
        if *byte < 0x80 {
            last += distance;
            set.push(last);
            (distance, shift) = (0, 0);
        }
    }
    (before, set)
}

/// Sets of states, in order.
struct Sets<'n> {
    nfa: &'n Nfa,
    /// In which round each state was met.
    seen: Vec<u32>,
    round: u32,
    /// How often a state was asked where it leads.
    work: usize,
    /// Whether there are looks for a line's start, and for words.
    asks_for_lines: bool,
    asks_for_words: bool,
}

impl<'n> Sets<'n> {
    fn new(nfa: &'n Nfa) -> Self {
        let has = |wanted: &[Look]| {
            nfa.states.iter().any(|state| matches!(state, State::Look(look, _) if wanted.contains(look)))
        };
        let (asks_for_lines, asks_for_words) = (has(&[Look::LineStart]), has(&[Look::Word, Look::NotWord]));
        Sets { nfa, seen: vec![0; nfa.states.len()], round: 0, work: 0, asks_for_lines, asks_for_words }
    }

    fn state(&self, number: u32) -> &State {
        self.nfa.states.get(number as usize).unwrap_or(&State::Match)
    }

    /// All states that these lead to without a byte. Where it is not known yet what stands beside, looks stay; one for the text's begin, if it `begins`.
    fn from(&mut self, states: &[u32], beside: Option<(Beside, Beside)>, begins: bool) -> Vec<u32> {
        self.round += 1;
        let (mut found, mut open) = (Vec::new(), states.to_vec());
        while let Some(number) = open.pop() {
            self.work += 1;
            let seen = self.seen.get_mut(number as usize).map(|seen| std::mem::replace(seen, self.round));
            if seen == Some(self.round) {
                continue;
            }
            match (self.state(number), beside) {
                (State::Split(others), _) => open.extend(others.iter().rev()),
                (State::Look(Look::Start, _), _) if !begins => {}
                (State::Look(look, next), Some((before, behind))) if holds(*look, before, behind) => open.push(*next),
                (State::Look(..), Some(_)) => {}
                (State::Look(..), None) | (State::Bytes(_) | State::Match, _) => found.push(number),
            }
        }
        order::sort_numbers(&mut found, &|one, other| one.cmp(&other));
        found
    }

    /// The set behind a byte. A match may begin anywhere.
    fn behind(&mut self, set: &[u32], byte: u8) -> Vec<u32> {
        let mut next: Vec<u32> = Vec::new();
        for number in set {
            if let State::Bytes(ways) = self.state(*number) {
                let way = ways.iter().find(|(low, high, _)| (*low..=*high).contains(&byte));
                next.extend(way.map(|(_, _, to)| *to));
            }
        }
        next.push(self.nfa.start);
        self.from(&next, None, false)
    }

    fn looks(&self, set: &[u32]) -> bool {
        set.iter().any(|number| matches!(self.state(*number), State::Look(..)))
    }

    /// Whether a look of the set, or one behind it, may ask for what stands before it.
    fn asks(&self, set: &[u32], before: Beside) -> bool {
        let is_asked = match before {
            Beside::Line => self.asks_for_lines,
            Beside::Word => self.asks_for_words,
            Beside::Other | Beside::Edge => false,
        };
        is_asked && self.looks(set)
    }

    fn is_matched(&self, set: &[u32]) -> bool {
        set.iter().any(|number| matches!(self.state(*number), State::Match))
    }
}

fn holds(look: Look, before: Beside, behind: Beside) -> bool {
    let is_boundary = (before == Beside::Word) != (behind == Beside::Word);
    match look {
        Look::Start => before == Beside::Edge,
        Look::End => behind == Beside::Edge,
        Look::LineStart => matches!(before, Beside::Edge | Beside::Line),
        Look::LineEnd => matches!(behind, Beside::Edge | Beside::Line),
        Look::Word => is_boundary,
        Look::NotWord => !is_boundary,
    }
}
