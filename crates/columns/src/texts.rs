//! Texts of a column: each once, numbered from 1.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Makes room for so many more, a quarter at a time. Doubled, a column takes three times its size while it is copied, and never fits into what it gave up.
#[inline]
pub fn room<T>(column: &mut Vec<T>, more: usize) {
    const LEAST: usize = 1 << 10;
    if column.capacity() - column.len() < more {
        column.reserve_exact(more.max(column.len() / 4).max(LEAST));
    }
}

/// Texts, one after the other, by their numbers.
#[derive(Debug)]
pub struct Texts {
    bytes: Vec<u8>,
    /// Where each ends, behind a zero for the start of the first.
    ends: Vec<usize>,
}

impl Default for Texts {
    fn default() -> Self {
        Texts { bytes: Vec::new(), ends: vec![0] }
    }
}

impl Texts {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.ends.len() - 1
    }

    /// A text; the one of number 0, or of none, is empty.
    #[inline]
    pub fn get(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let ends = at.checked_sub(1).and_then(|before| Some((*self.ends.get(before)?, *self.ends.get(at)?)));
        ends.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or(&[])
    }

    /// Every number and its text.
    pub fn all(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (1..=self.count() as u32).map(|number| (number, self.get(number)))
    }

    fn add(&mut self, text: &[u8]) -> u32 {
        room(&mut self.bytes, text.len());
        self.bytes.extend_from_slice(text);
        room(&mut self.ends, 1);
        self.ends.push(self.bytes.len());
        self.count() as u32
    }
}

/// Texts, and which number a text has.
#[derive(Debug, Default)]
pub struct Dictionary {
    texts: Texts,
    numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Dictionary {
    /// The number of a text, which is added if it is new; and whether it is. Nothing is copied for one that is known.
    pub fn number(&mut self, text: &[u8]) -> (u32, bool) {
        let Dictionary { texts, numbers, hasher } = self;
        let hash = hasher.hash_one(text);
        if let Some(number) = numbers.find(hash, |number| texts.get(*number) == text) {
            return (*number, false);
        }
        let number = texts.add(text);
        numbers.insert_unique(hash, number, |number| hasher.hash_one(texts.get(*number)));
        (number, true)
    }

    /// How much memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        self.texts.bytes.capacity() + self.texts.ends.capacity() * size_of::<usize>() + self.numbers.allocation_size()
    }

    /// The texts alone: what looks numbers up takes as much again.
    pub fn into_texts(self) -> Texts {
        let Texts { mut bytes, mut ends } = self.texts;
        bytes.shrink_to_fit();
        ends.shrink_to_fit();
        Texts { bytes, ends }
    }

    /// Its texts.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }
}
