//! Flags that no ruleset can name: what pages are told beside decisions, in the form that every engine reads. Their keys begin with `$`; with
//! `$$`, if whoever shows flags need not know that they have changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use waft::Program;
use waft::program::ValueType;
use waft_ruleset::order::ordered;
use waft_ruleset::{Action, Breakdown, Condition, FlagBody, Named, OnUnknown, Rule, Ruleset};

/// The flag whose value has the metadata of all others, by their keys. Whoever decides never reads it.
pub const METADATA: &str = "$metadata";
/// The flag whose value says by experiment what its exposures carry: the names, and where they are known from.
pub const BREAKDOWN: &str = "$$breakdown";

/// Whether a flag is none of a ruleset.
pub fn is_hidden(key: &str) -> bool {
    key.starts_with('$')
}

/// The value that such a flag has for everybody, by name; nothing if a program has no such flag.
pub fn value(program: &Program, key: &str) -> Map<String, Json> {
    let flag = program.find(key.as_bytes()).and_then(|index| program.flag(index));
    let all = flag.and_then(|flag| program.variant(&flag, 0));
    all.and_then(|all| serde_json::from_str(program.str(all.value)).ok()).unwrap_or_default()
}

/// All of them, for flags of an environment.
pub(crate) fn flags(ruleset: &Ruleset, flags: &[(&str, &FlagBody)]) -> Vec<(String, FlagBody)> {
    let mut hidden: Vec<(String, FlagBody)> = metadata(flags).into_iter().collect();
    hidden.extend(breakdowns(ruleset));
    hidden
}

/// The flag of the metadata of others, if they have any.
fn metadata(flags: &[(&str, &FlagBody)]) -> Option<(String, FlagBody)> {
    let named = flags.iter().filter(|(_, body)| !body.metadata.is_empty());
    let all: Map<String, Json> = ordered(named.map(|(name, body)| ((*name).to_owned(), body.metadata.clone().into())));
    (!all.is_empty()).then(|| (METADATA.to_owned(), constant(all)))
}

/// The flag of all breakdowns, if there are any, and one for each segment in them. Of an attribute the page knows the value itself; of a
/// segment, the flag that says whether somebody is in it.
fn breakdowns(ruleset: &Ruleset) -> Vec<(String, FlagBody)> {
    let mut segments = BTreeSet::new();
    let mut all = Map::new();
    for experiment in ruleset.experiments.iter().filter(|named| !named.item.readings.breakdown.is_empty()) {
        let entry = |breakdown: &Breakdown| {
            let flag = match breakdown {
                Breakdown::Attribute(..) => String::new(),
                Breakdown::Segment(segment, _) => {
                    segments.insert(*segment);
                    membership(*segment)
                }
            };
            (breakdown.name(), Json::from(flag))
        };
        let entries: Map<String, Json> = ordered(experiment.item.readings.breakdown.iter().map(entry));
        all.insert(experiment.name.clone(), entries.into());
    }
    if all.is_empty() {
        return Vec::new();
    }
    let of_segments = segments.into_iter().map(|segment| (membership(segment), is_in(segment)));
    std::iter::once((BREAKDOWN.to_owned(), constant(all))).chain(of_segments).collect()
}

/// The key of the flag of a segment, by its place in the table: a name may be as long as a key.
fn membership(segment: usize) -> String {
    format!("$$segment/{segment}")
}

/// `in`, `out`, or nothing where it is unknown.
fn is_in(segment: usize) -> FlagBody {
    let rule = Rule {
        condition: Some(Condition::Segment(segment)),
        dates: None,
        action: Action::Serve(0),
        on_unknown: Some(OnUnknown::Stop),
    };
    let variants = [("in", "in"), ("out", "out"), ("unknown", "")];
    let variants = variants.map(|(key, value)| (key.to_owned(), value.into())).into();
    let rules = vec![Named { name: "in".to_owned(), place: waft_ruleset::finding::Place::default(), item: rule }];
    FlagBody { rules, default: 1, ..of(ValueType::String, variants, 2) }
}

/// One value for everybody.
fn constant(value: Map<String, Json>) -> FlagBody {
    of(ValueType::Object, vec![("all".to_owned(), value.into())], 0)
}

fn of(kind: ValueType, variants: Vec<(String, Json)>, when_off: usize) -> FlagBody {
    FlagBody {
        kind,
        enabled: true,
        variants,
        when_off: Some(when_off),
        default: 0,
        rules: Vec::new(),
        requires: Vec::new(),
        targets: Vec::new(),
        holdout: None,
        metadata: Map::new(),
        remove_by: None,
        purpose: None,
        needs: None,
    }
}
