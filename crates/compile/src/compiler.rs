//! What is being compiled, and what has come of it so far.

use std::collections::BTreeMap;

use waft_ruleset::{FlagBody, Ruleset};

use crate::snapshot::Table;

pub(crate) struct Compiler<'r> {
    pub(crate) ruleset: &'r Ruleset,
    pub(crate) environment: usize,
    /// The flags of the environment, in the order of the table.
    pub(crate) flags: Vec<(&'r str, &'r FlagBody)>,
    pub(crate) table: Table,
    /// Texts that conditions compare with, sorted by bytes, and their indices.
    pub(crate) constants: BTreeMap<String, u32>,
    /// The files of lists so far.
    pub(crate) lists: Vec<Vec<u8>>,
    /// What each flag so far takes to decide.
    pub(crate) costs: Vec<Cost>,
}

/// What a flag takes to decide at most.
#[derive(Default)]
pub(crate) struct Cost {
    /// The words of its rules, and [`waft::limits::DRAW_WORDS`] for each draw.
    pub(crate) words: u32,
    /// The flags that it needs, by their places in the table.
    pub(crate) needs: Vec<u32>,
}

impl<'r> Compiler<'r> {
    /// A flag's place in the table.
    pub(crate) fn flag_index(&self, name: &str) -> Option<u32> {
        let found = self.flags.binary_search_by(|(key, _)| key.as_bytes().cmp(name.as_bytes()));
        found.ok().map(|index| index as u32)
    }
}

pub(crate) fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

pub(crate) fn record(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}
