//! Units as they are hashed.

use waft::buckets::{Key, siphash};
use waft::limits;

use crate::texts::{Texts, room};

/// Everybody's unit as it is hashed, one after the other.
#[derive(Debug)]
pub struct Units {
    words: Vec<u64>,
    /// Where each ends, behind a zero. One without words is nobody.
    ends: Vec<u32>,
    /// Whether somebody is nobody.
    some_missing: bool,
}

impl Units {
    /// None yet, and room for so many.
    pub fn with_capacity(people: usize) -> Self {
        // Most ids have two words.
        Self::with_words(people, 2 * people)
    }

    fn with_words(people: usize, words: usize) -> Self {
        let (words, mut ends) = (Vec::with_capacity(words), Vec::with_capacity(people + 1));
        ends.push(0);
        Units { words, ends, some_missing: false }
    }

    /// Of texts by their numbers: what a context's text comes to as a unit.
    pub fn of_texts(column: &[u32], texts: &Texts) -> Self {
        let text =
            |number: &u32| Some(texts.get(*number)).filter(|text| (1..=limits::UNIT_BYTES).contains(&text.len()));
        // As many as there are: those of a million UUIDs take 40 MB, and 90 MB while they grow.
        let words = column.iter().filter_map(text).map(words).sum();
        let mut units = Units::with_words(column.len(), words);
        column.iter().for_each(|number| units.add(text(number)));
        units
    }

    /// Adds somebody's, or nobody.
    pub fn add(&mut self, unit: Option<&[u8]>) {
        match unit {
            Some(unit) => {
                room(&mut self.words, words(unit));
                self.words.extend(siphash::words(unit));
            }
            None => self.some_missing = true,
        }
        self.ends.push(self.words.len() as u32);
    }

    /// Whether everybody has one.
    pub fn are_all(&self) -> bool {
        !self.some_missing
    }

    /// A person's unit; nobody's is empty.
    #[inline]
    pub(crate) fn of(&self, person: u32) -> &[u64] {
        let ends = self.ends.get(person as usize..).and_then(|ends| ends.first_chunk());
        ends.and_then(|[start, end]| self.words.get(*start as usize..*end as usize)).unwrap_or(&[])
    }

    /// Gives out the points of some people's units, two at a time: a half more than one after the other.
    #[inline]
    pub(crate) fn points(&self, key: &Key, people: &[u32], mut give: impl FnMut(u32, u32)) {
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

/// How many words a unit has.
fn words(unit: &[u8]) -> usize {
    unit.len() / 8 + 1
}
