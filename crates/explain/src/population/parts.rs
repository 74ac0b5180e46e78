//! Conditions counted in all their parts: for how many people each holds, does not, and is not known.

use serde::Serialize;

use waft::Program;
use waft_columns::truths::{self, Block, FALSE, TOGETHER, TRUE, UNKNOWN};

use super::blocks::Blocks;
use super::table::Table;
use super::truths::Combine;

/// A condition in parts, whose tests are segments of a program.
#[derive(Clone, Debug)]
pub enum Part {
    /// All hold.
    All(Vec<Part>),
    /// Any holds.
    Any(Vec<Part>),
    /// It does not hold.
    Not(Box<Part>),
    /// A segment of the program that has no other's name in it.
    Test(u16),
    /// The condition at a place in front of this one.
    Named(usize),
}

/// For how many people a condition holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Counted {
    /// For how many it holds.
    #[cfg_attr(test, ts(type = "number"))]
    pub matches: u64,
    /// For how many it does not.
    #[cfg_attr(test, ts(type = "number"))]
    pub others: u64,
    /// Of how many it is not known: an attribute is missing or of another type.
    #[cfg_attr(test, ts(type = "number"))]
    pub unknown: u64,
    /// The same of what is side by side in it, in the order of the text: parts of a map are on one level. A test of an attribute, a segment, a list, a
    /// share or a flag has none; what stands alone in a map stands for the map.
    pub parts: Vec<Counted>,
}

impl Table {
    /// Counts conditions in the order in which they are given, at a moment (milliseconds since 1970). `first` is the first segment of the
    /// program that they have for a test.
    pub fn count_parts(&self, program: &Program, first: usize, conditions: &[Part], now: i64) -> Vec<Counted> {
        let mut blocks = Blocks::new(self, program, now, |segment| segment >= first);
        let mut counted: Vec<Counted> = conditions.iter().map(Part::uncounted).collect();
        let mut named: Vec<Block> = Vec::with_capacity(conditions.len());
        for from in (0..self.rows).step_by(TOGETHER) {
            let (some, tests) = blocks.decide(from);
            named.clear();
            for (condition, counted) in conditions.iter().zip(&mut counted) {
                let truths = condition.follow(tests, &named, some, counted);
                named.push(truths);
            }
        }
        counted
    }
}

impl Part {
    fn uncounted(&self) -> Counted {
        let parts = match self {
            Part::All(parts) | Part::Any(parts) => parts.iter().map(Part::uncounted).collect(),
            Part::Not(part) => vec![part.uncounted()],
            Part::Test(_) | Part::Named(_) => Vec::new(),
        };
        Counted { parts, ..Counted::default() }
    }

    /// The truths of some rows, which are added to what was counted.
    fn follow(&self, tests: &[Block], named: &[Block], some: usize, counted: &mut Counted) -> Block {
        let truths = match self {
            Part::All(parts) => combined(parts, (tests, named, some), &mut counted.parts, TRUE, truths::and),
            Part::Any(parts) => combined(parts, (tests, named, some), &mut counted.parts, FALSE, truths::or),
            Part::Not(part) => match counted.parts.first_mut() {
                Some(counted) => {
                    let mut truths = part.follow(tests, named, some, counted);
                    truths::negate(&mut truths);
                    truths
                }
                None => [UNKNOWN; TOGETHER],
            },
            Part::Test(segment) => tests.get(usize::from(*segment)).copied().unwrap_or([UNKNOWN; TOGETHER]),
            Part::Named(place) => named.get(*place).copied().unwrap_or([UNKNOWN; TOGETHER]),
        };
        let [others, unknown, matches] = truths::counts(truths.get(..some).unwrap_or(&truths));
        counted.matches += matches;
        counted.others += others;
        counted.unknown += unknown;
        truths
    }
}

fn combined(
    parts: &[Part],
    (tests, named, some): (&[Block], &[Block], usize),
    counted: &mut [Counted],
    start: u8,
    both: Combine,
) -> Block {
    let mut truths = [start; TOGETHER];
    for (part, counted) in parts.iter().zip(counted) {
        let others = part.follow(tests, named, some, counted);
        both(&mut truths, &others);
    }
    truths
}
