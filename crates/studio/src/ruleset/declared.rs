//! What a ruleset declares before its flags: environments, attributes, units, segments, layers.

use std::collections::HashSet;

use waft::program::AttributeType;

use super::condition::{self, Names};
use super::reader::{Fields, boolean, check_name, list, resolve, skip, suggestion, text};
use super::types::{Attribute, Layer, Named, Segment};
use crate::finding::Findings;
use crate::source::{Entry, Kind, Node};

/// Words that conditions use: no attribute may have such a name.
const RESERVED: [&str; 7] = ["all", "any", "not", "segment", "list", "flag", "share"];

/// Reads each entry that can be read, checking names.
pub(super) fn named<T>(
    entries: &[&Entry],
    findings: &mut Findings,
    mut read: impl FnMut(&Entry, &mut Findings) -> Option<T>,
) -> Vec<Named<T>> {
    let mut list = Vec::new();
    for entry in entries {
        check_name(&entry.key, entry.place, findings);
        if let Some(item) = read(entry, findings) {
            list.push(Named { name: entry.key.clone(), place: entry.place, item });
        }
    }
    list
}

/// An environment: what it asks of releases is not read here.
pub(super) fn environment(entry: &Entry, findings: &mut Findings) -> Option<()> {
    if matches!(entry.value.kind, Kind::Scalar(_)) {
        return Some(());
    }
    let mut fields = Fields::of(&entry.value, "environment", findings)?;
    skip(&mut fields, &["require", "limits", "expires", "description"]);
    fields.finish(findings);
    Some(())
}

/// `country: string`, or `email: { type: string, private: true }`, or `plan: { enum: [free, pro] }`.
pub(super) fn attribute(entry: &Entry, findings: &mut Findings) -> Option<Attribute> {
    if RESERVED.contains(&entry.key.as_str()) {
        let message = format!("`{}` is a word of the language", entry.key);
        findings.error(entry.place, "RESERVED_NAME", message, "choose another name for the attribute");
    }
    if entry.value.text().is_some() {
        return Some(Attribute { kind: attribute_type(&entry.value, findings)?, values: None, private: false });
    }
    let mut fields = Fields::of(&entry.value, "attribute", findings)?;
    let private = match fields.take("private") {
        Some(field) => boolean(&field.value, "private", findings)?,
        None => false,
    };
    skip(&mut fields, &["description"]);
    let (written, listed) = (fields.take("type"), fields.take("enum"));
    let place = fields.place;
    fields.finish(findings);
    let kind = match (written, listed) {
        (Some(written), _) => attribute_type(&written.value, findings)?,
        (None, Some(_)) => AttributeType::String,
        (None, None) => {
            findings.error(place, "MISSING_FIELD", "attribute has no `type`", "add `type: string`, or `enum: [...]`");
            return None;
        }
    };
    let values = match listed {
        None => None,
        Some(field) => {
            let items = list(&field.value, "enum", false, findings)?;
            items.iter().map(|item| text(item, "enum", findings).map(str::to_owned)).collect::<Option<Vec<_>>>()
        }
    };
    Some(Attribute { kind, values, private })
}

fn attribute_type(node: &Node, findings: &mut Findings) -> Option<AttributeType> {
    let name = text(node, "type", findings)?;
    Some(match name {
        "string" => AttributeType::String,
        "number" => AttributeType::Number,
        "boolean" => AttributeType::Boolean,
        "date" => AttributeType::Date,
        "semver" => AttributeType::Semver,
        "list" => {
            findings.error(
                node.place,
                "NOT_YET",
                "`list` attributes are not supported by this version of waft",
                "remove it, or update waft",
            );
            return None;
        }
        _ => {
            let known = ["string", "number", "boolean", "date", "semver"];
            let message = format!("there is no attribute type `{name}`");
            findings.error(node.place, "UNKNOWN_TYPE", message, suggestion(name, known.into_iter()));
            return None;
        }
    })
}

/// `visitor: { attribute: visitorId }`.
pub(super) fn unit(entry: &Entry, attributes: &[Named<Attribute>], findings: &mut Findings) -> Option<usize> {
    let mut fields = Fields::of(&entry.value, "unit", findings)?;
    let attribute = fields.require("attribute", "name the attribute that holds the id", findings);
    skip(&mut fields, &["description"]);
    fields.finish(findings);
    let attribute = attribute?;
    let name = text(&attribute.value, "attribute", findings)?;
    resolve(name, attribute.value.place, attributes, "UNKNOWN_ATTRIBUTE", "attribute", findings)
}

/// `checkout: { unit: visitor }`.
pub(super) fn layer(entry: &Entry, units: &[Named<usize>], findings: &mut Findings) -> Option<Layer> {
    let mut fields = Fields::of(&entry.value, "layer", findings)?;
    let unit = fields.require("unit", "name the unit whose traffic the layer divides", findings);
    let salt = fields.take("salt").and_then(|field| text(&field.value, "salt", findings));
    fields.not_yet(&["resting"], findings);
    skip(&mut fields, &["description"]);
    fields.finish(findings);
    let unit = unit?;
    let name = text(&unit.value, "unit", findings)?;
    let unit = resolve(name, unit.value.place, units, "UNKNOWN_UNIT", "unit", findings)?;
    Some(Layer { unit, salt: salt.map(str::to_owned) })
}

/// All segments, each after those it names. Cycles are findings.
pub(super) fn segments(
    entries: &[&Entry],
    attributes: &[Named<Attribute>],
    findings: &mut Findings,
) -> Vec<Named<Segment>> {
    let ordered = in_order_of_use(entries, findings);
    let known: Vec<String> = ordered.iter().map(|entry| entry.key.clone()).collect();
    let names = Names { attributes, segments: &known };
    named(&ordered, findings, |entry, findings| segment(entry, &names, findings))
}

/// A bare condition, or `{ title, description, if: condition }`.
fn segment(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Segment> {
    let is_titled = entry.value.entries().is_some_and(|fields| fields.iter().any(|field| field.key == "if"));
    if !is_titled {
        let condition = condition::read(&entry.value, names, findings)?;
        return Some(Segment { title: String::new(), condition });
    }
    let mut fields = Fields::of(&entry.value, "segment", findings)?;
    let title = fields.take("title").and_then(|field| text(&field.value, "title", findings)).unwrap_or("");
    let condition = fields.require("if", "say who is in it", findings)?;
    skip(&mut fields, &["description"]);
    fields.finish(findings);
    Some(Segment { title: title.to_owned(), condition: condition::read(&condition.value, names, findings)? })
}

fn in_order_of_use<'n>(entries: &[&'n Entry], findings: &mut Findings) -> Vec<&'n Entry> {
    let (mut ordered, mut done, mut open) = (Vec::new(), HashSet::new(), Vec::new());
    for entry in entries {
        visit(entry, entries, &mut ordered, &mut done, &mut open, findings);
    }
    ordered
}

fn visit<'n>(
    entry: &'n Entry,
    entries: &[&'n Entry],
    ordered: &mut Vec<&'n Entry>,
    done: &mut HashSet<&'n str>,
    open: &mut Vec<&'n str>,
    findings: &mut Findings,
) {
    if open.contains(&entry.key.as_str()) {
        let message = format!("segments name each other in a circle: {} -> {}", open.join(" -> "), entry.key);
        findings.error(entry.place, "SEGMENT_CYCLE", message, "remove one of the references");
        return;
    }
    if open.len() >= usize::from(waft::limits::SEGMENT_DEPTH) - 1 {
        findings.error(entry.place, "TOO_DEEP", "segments name segments too deep", "write the inner ones out");
        return;
    }
    if !done.insert(&entry.key) {
        return;
    }
    open.push(&entry.key);
    let mut used = Vec::new();
    collect_segments(&entry.value, &mut used);
    for name in used {
        if let Some(other) = entries.iter().find(|other| other.key == name) {
            // A segment on the way here is seen again: that is the circle.
            if open.contains(&name) {
                done.remove(name);
            }
            visit(other, entries, ordered, done, open, findings);
        }
    }
    open.pop();
    done.insert(&entry.key);
    ordered.push(entry);
}

fn collect_segments<'n>(node: &'n Node, used: &mut Vec<&'n str>) {
    match &node.kind {
        Kind::Scalar(_) => {}
        Kind::List(items) => items.iter().for_each(|item| collect_segments(item, used)),
        Kind::Map(entries) => {
            for entry in entries {
                match entry.value.text() {
                    Some(name) if entry.key == "segment" => used.push(name),
                    _ => collect_segments(&entry.value, used),
                }
            }
        }
    }
}
