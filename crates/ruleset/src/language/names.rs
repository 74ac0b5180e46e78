//! What conditions and flags may name: the words of the language, and what a ruleset declares.

use crate::types::{Attribute, Environment, Experiment, Holdout, List, Named};

/// What a condition can be, beside tests of attributes: no attribute may have such a name.
pub(crate) const WORDS: [&str; 7] = ["all", "any", "not", "segment", "list", "flag", "share"];

/// What conditions may name.
pub(crate) struct Names<'r> {
    /// Attributes.
    pub attributes: &'r [Named<Attribute>],
    /// Segments, by name.
    pub segments: &'r [String],
    /// Lists.
    pub lists: &'r [Named<List>],
    /// Units, by the attribute that holds the id.
    pub units: &'r [Named<usize>],
    /// Flags, by name.
    pub flags: &'r [String],
}

/// What flags may name.
pub(crate) struct Scope<'r> {
    /// What conditions may name.
    pub names: Names<'r>,
    /// Experiments.
    pub experiments: &'r [Named<Experiment>],
    /// Holdouts.
    pub holdouts: &'r [Named<Holdout>],
    /// Environments.
    pub environments: &'r [Named<Environment>],
}
