//! A key that every environment replaces alike is the flag's own: carried to the last one, it needs no exception any more.

use serde::Serialize;
use waft_ruleset::Ruleset;
use waft_ruleset::edit::Text;
use waft_ruleset::finding::Findings;
use waft_ruleset::source::{self, SourceFile};

use super::carried::{Carried, child, text_of, with_text};
use crate::input::Sources;

/// A key that all environments have alike now: it is the flag's own.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Folded {
    pub(super) flag: String,
    pub(super) key: String,
}

/// The files with all of those keys folded that can be, and which these are.
pub(super) fn all(sources: &Sources, ruleset: &Ruleset, carried: &[Carried]) -> (Sources, Vec<Folded>) {
    let (mut after, mut folded) = (sources.clone(), Vec::new());
    for one in carried {
        if let Some(next) = of(&after, ruleset, one) {
            after.files = next;
            folded.push(Folded { flag: one.flag.clone(), key: one.key.clone() });
        }
    }
    (after, folded)
}

/// The files with one key folded. None if an environment has none or another one, or the text cannot be edited so.
fn of(sources: &Sources, ruleset: &Ruleset, carried: &Carried) -> Option<Vec<SourceFile>> {
    let Carried { flag, key, value, file, .. } = carried;
    let wanted = value.as_ref()?;
    let source = sources.files.get(*file)?;
    let names = sources.files.iter().map(|source| source.name.clone()).collect();
    let root = source::read(*file, source, &mut Findings::new(names))?;
    let within = child(child(child(&root, "flags")?, flag)?, "in")?;
    let environments: Vec<&str> = ruleset.environments.iter().map(|named| named.name.as_str()).collect();
    let has = |environment: &&str| child(within, environment).and_then(|own| child(own, key)).map(|own| own.to_json());
    if !environments.iter().all(|environment| has(environment).as_ref() == Some(wanted)) {
        return None;
    }
    let (mark, text) = text_of(source)?;
    let text = Text { name: &source.name, text }.fold(flag, key, &environments).ok()?;
    let mut files = sources.files.clone();
    with_text(files.get_mut(*file)?, mark, &text);
    Some(files)
}
