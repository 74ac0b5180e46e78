//! What a program is made of: things by kind and name, with their parts in words, as two tables have different numbers for the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use serde_json::Value as Json;
use waft_ruleset::order::ordered;

/// The kind of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ThingKind {
    /// A declared attribute of contexts.
    Attribute,
    /// Who is randomised.
    Unit,
    /// A list of ids.
    List,
    /// A named audience.
    Segment,
    /// Traffic that experiments share.
    Layer,
    /// A holdout.
    Holdout,
    /// An experiment.
    Experiment,
    /// A ramp, by `flag/rule`.
    Ramp,
    /// A flag.
    Flag,
}

/// A thing by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// Its kind.
    pub kind: ThingKind,
    /// Its name; of a ramp `flag/rule`.
    pub name: String,
}

impl ThingKind {
    /// As the ruleset language calls it.
    pub const fn word(self) -> &'static str {
        match self {
            ThingKind::Attribute => "attribute",
            ThingKind::Unit => "unit",
            ThingKind::List => "list",
            ThingKind::Segment => "segment",
            ThingKind::Layer => "layer",
            ThingKind::Holdout => "holdout",
            ThingKind::Experiment => "experiment",
            ThingKind::Ramp => "ramp",
            ThingKind::Flag => "flag",
        }
    }

    pub(super) fn named(self, name: impl Into<String>) -> Name {
        Name { kind: self, name: name.into() }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind.word(), self.name)
    }
}

/// A thing of a program.
#[derive(Debug, Default)]
pub(super) struct Thing {
    pub(super) parts: Vec<Part>,
}

/// A part of a thing.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is called: once in a thing.
    pub(super) what: String,
    /// Equal for two parts that decide the same.
    pub(super) form: Json,
    /// For people.
    pub(super) words: String,
    /// The things that it names.
    pub(super) needs: BTreeSet<Name>,
    /// Whether a decision may depend on it.
    pub(super) decides: bool,
}

impl Part {
    pub(super) fn new(what: impl Into<String>, form: Json, words: impl Into<String>) -> Self {
        Part { what: what.into(), form, words: words.into(), needs: BTreeSet::new(), decides: true }
    }

    /// What reads as it decides.
    pub(super) fn text(what: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Part::new(what, Json::from(text.clone()), text)
    }

    pub(super) fn needing(self, needs: impl IntoIterator<Item = Name>) -> Self {
        Part { needs: ordered(needs), ..self }
    }

    pub(super) fn aside(self) -> Self {
        Part { decides: false, ..self }
    }
}

impl Thing {
    /// The things that it names itself.
    pub(super) fn needs(&self) -> impl Iterator<Item = &Name> {
        self.parts.iter().flat_map(|part| &part.needs)
    }

    pub(super) fn part(&self, what: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.what == what)
    }
}

/// By kind and name.
pub(super) type Things = BTreeMap<Name, Thing>;
