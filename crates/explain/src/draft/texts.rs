//! The files of a ruleset as they are written.

use waft_ruleset::finding::{Findings, Place};
use waft_ruleset::source::{self, Node, SourceFile};
use waft_ruleset::{Named, Ruleset, Segment, Written, written};

/// The files as they are written: a ruleset that is checked has no descriptions any more, as no decision depends on them.
pub(super) struct Texts<'s> {
    sources: &'s [SourceFile],
    roots: Vec<Option<Node>>,
}

impl<'s> Texts<'s> {
    pub(super) fn read(sources: &'s [SourceFile]) -> Self {
        let mut findings = Findings::new(Vec::new());
        let roots = sources.iter().enumerate().map(|(index, file)| source::read(index, file, &mut findings));
        Texts { sources, roots: roots.collect() }
    }

    pub(super) fn file(&self, place: Place) -> String {
        self.sources.get(place.file).map_or_else(String::new, |source| source.name.clone())
    }

    /// What a section declares under a name, whose place is given.
    pub(super) fn entry(&self, section: &str, place: Place, name: &str) -> Option<&Node> {
        field(field(self.roots.get(place.file)?.as_ref()?, section)?, name)
    }

    /// The conditions of a ruleset's segments, in its order.
    pub(super) fn segments(&self, ruleset: &Ruleset) -> Vec<Written> {
        let condition = |Named { name, place, item }: &Named<Segment>| {
            let node = self.entry("segments", *place, name);
            let node = node.map(|node| field(node, "if").unwrap_or(node));
            let written = node.and_then(|node| written(node, ruleset));
            written.unwrap_or_else(|| Written::from(&item.condition))
        };
        ruleset.segments.iter().map(condition).collect()
    }

    /// A text of it.
    pub(super) fn text(&self, section: &str, place: Place, name: &str, of: &str) -> Option<String> {
        field(self.entry(section, place, name)?, of)?.text().map(str::to_owned)
    }
}

/// A member of a map.
pub(super) fn field<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.entries()?.iter().find(|entry| entry.key == name).map(|entry| &entry.value)
}
