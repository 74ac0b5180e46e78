//! Targets: single units that get a variant whatever the rules say.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value as Json;

use super::id;
use super::names::Scope;
use super::reader::{Fields, VALUES, list, resolve};
use super::variant::variant_of;
use crate::finding::{Code, Findings};
use crate::source::{Entry, Node};
use crate::types::{Attribute, Target};

/// `{ bold: { visitor: [v1, v2] } }`.
pub(crate) fn read(
    node: &Node,
    variants: &[(String, Json)],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Vec<Target>> {
    let mut targets: Vec<Target> = Vec::new();
    let mut seen: HashMap<(usize, String), Option<usize>> = HashMap::new();
    for entry in Fields::of(node, "targets", findings).and_then(|_| node.entries())? {
        let variant = variant_of(Some(&entry.key), entry.place, variants, findings);
        for unit in Fields::of(&entry.value, "targets", findings).and_then(|_| entry.value.entries())? {
            let attribute = resolve(&unit.key, unit.place, scope.names.units, Code::UnknownUnit, "unit", findings)
                .and_then(|unit| scope.names.units.get(unit))
                .map(|unit| unit.item)?;
            let item = &scope.names.attributes.get(attribute)?.item;
            let ids = read_ids(unit, item, findings)?;
            let taken = |id: &String| seen.get(&(attribute, id.clone())).is_some_and(|first| *first != variant);
            if ids.iter().any(taken) {
                let message = format!("an id of `{}` is a target of two variants, and gets the first", unit.key);
                findings.add(unit.place, Code::DuplicateTarget, message, "name each id once");
            }
            for id in &ids {
                seen.entry((attribute, id.clone())).or_insert(variant);
            }
            targets.push(Target { variant: variant?, attribute, ids });
        }
    }
    Some(targets)
}

/// The ids of a target, each once.
fn read_ids(unit: &Entry, attribute: &Attribute, findings: &mut Findings) -> Option<Vec<String>> {
    let items = list(&unit.value, &unit.key, false, findings)?;
    if items.len() > VALUES {
        let message = format!("{}: {} ids", unit.key, items.len());
        findings.add(unit.value.place, Code::TooManyValues, message, format!("at most {VALUES}"));
        return None;
    }
    let possible = id::Possible::of(attribute);
    let (mut ids, mut known, mut whole) = (Vec::new(), BTreeSet::new(), true);
    for item in items {
        match id::read(item, &unit.key, findings) {
            Some(id) if !possible.admits(&id) => {
                let (code, message, remedy) = possible.refusal(&id, 0);
                findings.add(item.place, code, message, remedy);
                whole = false;
            }
            Some(id) if known.insert(id.clone()) => ids.push(id),
            Some(_) => {
                let message = "an id that stands twice, as 101 and \"101\" do";
                findings.add(item.place, Code::DuplicateValue, message, "remove one of the two");
            }
            None => whole = false,
        }
    }
    whole.then_some(ids)
}
