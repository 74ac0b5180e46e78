//! Counts of a population: of rows, of distinct units, and what they say where ids are made up.

use serde::Serialize;

/// The 97.5th percentile of a normal distribution: ranges cover 95 %.
const Z: f64 = 1.959_964;

/// How many, of all rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Rows; absent if ids were made up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Distinct units; absent if there are none in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u64>,
    /// The share of rows, from 0 to 1; where ids were made up, the expected one.
    pub share: f64,
    /// Where ids were made up: in which range the share of as many people lies, in 95 of 100 cases.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<[f64; 2]>,
}

impl Counts {
    /// What was counted of so many rows.
    pub(super) fn exact(rows: u64, units: Option<u64>, of: u64) -> Self {
        Counts { rows: Some(rows), units, share: ratio(rows, of), range: None }
    }

    /// What was met by so many made-up people, for a population of `of`. Each is drawn by itself: two rows of one unit are two.
    pub(super) fn simulated(met: u64, made_up: u64, of: u64) -> Self {
        let share = ratio(met, made_up);
        if of == 0 || made_up == 0 {
            return Counts { share, range: Some([0.0, 1.0]), ..Counts::default() };
        }
        // Wilson's interval, for who there is and for who was made up.
        let size = 1.0 / (1.0 / of as f64 + 1.0 / made_up as f64);
        let squared = Z * Z / size;
        let middle = (share + squared / 2.0) / (1.0 + squared);
        let half = Z * (share * (1.0 - share) / size + squared / (4.0 * size)).sqrt() / (1.0 + squared);
        let range = [rounded((middle - half).max(0.0)), rounded((middle + half).min(1.0))];
        Counts { share, range: Some(range), ..Counts::default() }
    }

    /// Whether nobody was met.
    pub fn is_none(&self) -> bool {
        self.share == 0.0 && self.rows.unwrap_or(0) == 0
    }
}

fn ratio(some: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { rounded(some as f64 / of as f64) }
}

fn rounded(share: f64) -> f64 {
    (share * 1e6).round() / 1e6
}

/// A set of small numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn of(most: usize) -> Self {
        Bits(vec![0; most / 64 + 1])
    }

    #[inline]
    pub(super) fn insert(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word |= 1 << (number % 64);
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// All that any of some has.
    pub(super) fn union<'b>(all: impl Iterator<Item = &'b Bits>) -> Self {
        let mut union = Bits::default();
        for Bits(words) in all {
            union.0.resize(union.0.len().max(words.len()), 0);
            union.0.iter_mut().zip(words).for_each(|(word, other)| *word |= other);
        }
        union
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }
}
