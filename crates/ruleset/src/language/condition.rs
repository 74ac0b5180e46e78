//! Conditions: maps in which side by side means all.

use super::experiment::range;
use super::names::Names;
use super::reader::{Fields, boolean, check_name, list, once, resolve, text};
use super::test;
use crate::finding::{Code, Findings};
use crate::source::{Entry, Node};
use crate::suggestion::suggestion;
use crate::types::{Condition, Named, ShareOf};

/// How deep conditions may nest; the engine's stack holds twice as many results.
const DEPTH: usize = 30;

/// Reads a condition.
pub(crate) fn read(node: &Node, names: &Names<'_>, findings: &mut Findings) -> Option<Condition> {
    read_within(node, names, DEPTH, findings)
}

fn read_within(node: &Node, names: &Names<'_>, depth: usize, findings: &mut Findings) -> Option<Condition> {
    let Some(depth) = depth.checked_sub(1) else {
        findings.add(
            node.place,
            Code::TooDeep,
            format!("conditions nest deeper than {DEPTH}"),
            "name the inner part as a segment",
        );
        return None;
    };
    let Some(entries) = node.entries() else {
        let message = format!("condition: expected a map, found {}", node.describe());
        findings.add(node.place, Code::ExpectedMap, message, "write it as { country: { is: DE } }");
        return None;
    };
    if entries.is_empty() {
        findings.add(
            node.place,
            Code::EmptyCondition,
            "an empty condition",
            "say what it asks, or remove `if` to match always",
        );
        return None;
    }
    let mut parts = Vec::new();
    let mut whole = true;
    for entry in entries {
        match read_entry(entry, names, depth, findings) {
            Some(part) => parts.push(part),
            None => whole = false,
        }
    }
    whole.then(|| Condition::all_of(parts))
}

fn read_entry(entry: &Entry, names: &Names<'_>, depth: usize, findings: &mut Findings) -> Option<Condition> {
    let parts = |findings: &mut Findings| {
        let items = list(&entry.value, &entry.key, false, findings)?;
        let read: Vec<_> = items.iter().map(|item| read_within(item, names, depth, findings)).collect();
        read.into_iter().collect::<Option<Vec<_>>>()
    };
    match entry.key.as_str() {
        "all" => parts(findings).map(Condition::All),
        "any" => parts(findings).map(Condition::Any),
        "not" => Some(Condition::Not(Box::new(read_within(&entry.value, names, depth, findings)?))),
        "segment" => {
            let name = text(&entry.value, "segment", findings)?;
            let found = names.segments.iter().position(|segment| segment == name);
            if found.is_none() {
                let remedy = suggestion(name, names.segments.iter().map(String::as_str));
                findings.unknown(entry.value.place, Code::UnknownSegment, "segment", name, remedy);
            }
            found.map(Condition::Segment)
        }
        "list" => {
            let name = text(&entry.value, "list", findings)?;
            resolve(name, entry.value.place, names.lists, Code::UnknownList, "list", findings).map(Condition::List)
        }
        "flag" => flags(&entry.value, "flag", names.flags, findings)
            .map(|flags| Condition::all_of(flags.into_iter().map(Condition::Flag).collect())),
        "share" => share(&entry.value, names, findings).map(Condition::Share),
        _ => test::read(entry, names, findings),
    }
}

/// `{ new-checkout: on }` or `{ theme: [day, dusk] }`: flags and the variants that they come out as. Whether the variants
/// exist is seen when all flags are read.
pub(crate) fn flags(
    node: &Node,
    what: &'static str,
    known: &[String],
    findings: &mut Findings,
) -> Option<Vec<Named<Vec<String>>>> {
    let entries = Fields::of(node, what, findings).and_then(|_| node.entries())?;
    if entries.is_empty() {
        findings.add(node.place, Code::EmptyCondition, format!("{what}: no flag"), "write it as { new-checkout: on }");
        return None;
    }
    let read = |entry: &Entry, findings: &mut Findings| {
        if !known.contains(&entry.key) {
            let remedy = suggestion(&entry.key, known.iter().map(String::as_str));
            findings.unknown(entry.place, Code::UnknownFlag, "flag", &entry.key, remedy);
            return None;
        }
        let items = list(&entry.value, what, true, findings)?;
        once(items, findings);
        let variants: Option<Vec<String>> =
            items.iter().map(|item| text(item, what, findings).map(str::to_owned)).collect();
        Some(Named { name: entry.key.clone(), place: entry.value.place, item: variants? })
    };
    let all: Vec<_> = entries.iter().map(|entry| read(entry, findings)).collect();
    all.into_iter().collect()
}

/// `{ of: visitor, part: 0%-20%, salt: beta }`.
fn share(node: &Node, names: &Names<'_>, findings: &mut Findings) -> Option<ShareOf> {
    let mut fields = Fields::of(node, "share", findings)?;
    let unit = fields.require("of", "name the unit whose points count", findings);
    let part = fields.require("part", "say which part, such as 0%-20%", findings);
    let salt = fields.require("salt", "name the points; another name gives other points", findings);
    let correlate = match fields.take("correlate") {
        Some(field) => boolean(&field.value, "correlate", findings)?,
        None => false,
    };
    fields.finish(findings);
    let unit = unit.and_then(|field| {
        let name = text(&field.value, "of", findings)?;
        resolve(name, field.value.place, names.units, Code::UnknownUnit, "unit", findings)
    });
    let range = part.and_then(|field| range(&field.value, findings));
    let salt = salt.and_then(|field| {
        let salt = text(&field.value, "salt", findings)?;
        check_name(salt, field.value.place, findings);
        Some(salt.to_owned())
    });
    Some(ShareOf { unit: unit?, salt: salt?, range: range?, correlate })
}
