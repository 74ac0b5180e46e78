//! What a ruleset declares before its flags: environments, attributes, units, segments, layers.

use std::collections::BTreeMap;

use waft::limits::UNIT_NAME_BYTES;
use waft::program::AttributeType;

use super::condition;
use super::experiment::range_of;
use super::names::{Names, WORDS};
use super::reader::{self, Fields, boolean, check_name, describe, duration, list, resolve, text};
use crate::finding::{Code, Findings};
use crate::order::ordered;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Attribute, Environment, Layer, Limits, Named, Range, Segment, type_name};

/// What makes a map a segment with a title, and no bare condition: no attribute may have that name.
const SEGMENT_CONDITION: &str = "if";

/// Reads each entry that can be read, checking names.
pub(crate) fn named<T>(
    entries: &[&Entry],
    findings: &mut Findings,
    mut read: impl FnMut(&Entry, &mut Findings) -> Option<T>,
) -> Vec<Named<T>> {
    let mut list = Vec::new();
    for entry in entries {
        check_name(&entry.key, entry.place, findings);
        match read(entry, findings) {
            Some(item) => list.push(Named { name: entry.key.clone(), place: entry.place, item }),
            None => findings.broken(&entry.key),
        }
    }
    list
}

/// An environment: `production: { require: { publisher: 1 }, limits: { moved: 20% }, expires: 400d }`, or nothing.
pub(crate) fn environment(entry: &Entry, findings: &mut Findings) -> Option<Environment> {
    let mut environment = Environment::default();
    if matches!(entry.value.kind, Kind::Scalar(Scalar::Null)) {
        return Some(environment);
    }
    let mut fields = Fields::of(&entry.value, "environment", findings)?;
    if let Some(field) = fields.take("require") {
        environment.asks.push(("require", field.place));
        let roles = Fields::of(&field.value, "require", findings).and_then(|_| field.value.entries());
        for role in roles.unwrap_or_default() {
            let count = reader::count(&role.value, "require", "publisher: 1", findings);
            environment.require.extend(count.map(|count| (role.key.clone(), count)));
        }
    }
    if let Some(field) = fields.take("limits") {
        environment.asks.push(("limits", field.place));
        environment.limits = limits(field, findings);
    }
    if let Some(field) = fields.take("expires") {
        let milli = duration(&field.value, "expires", findings);
        environment.expires = milli.and_then(|milli| u64::try_from(milli / 1_000).ok());
    }
    describe(&mut fields, findings);
    fields.finish(findings);
    Some(environment)
}

/// `limits: { moved: 20%, flags: 5 }`.
fn limits(field: &Entry, findings: &mut Findings) -> Limits {
    let Some(mut fields) = Fields::of(&field.value, "limits", findings) else { return Limits::default() };
    let moved = fields.take("moved").and_then(|field| reader::share(&field.value, "moved", findings));
    let flags = fields.take("flags").and_then(|field| reader::count(&field.value, "flags", "flags: 5", findings));
    fields.finish(findings);
    Limits { moved, flags }
}

/// `country: string`, or `email: { type: string, private: true }`, or `plan: { enum: [free, pro] }`.
pub(crate) fn attribute(entry: &Entry, findings: &mut Findings) -> Option<Attribute> {
    if WORDS.contains(&entry.key.as_str()) || entry.key == SEGMENT_CONDITION {
        let message = format!("`{}` is a word of the language", entry.key);
        findings.add(entry.place, Code::ReservedName, message, "choose another name for the attribute");
    }
    if entry.value.text().is_some() {
        return Some(Attribute { kind: attribute_type(&entry.value, findings)?, values: None, private: false });
    }
    let mut fields = Fields::of(&entry.value, "attribute", findings)?;
    let private = match fields.take("private") {
        Some(field) => boolean(&field.value, "private", findings)?,
        None => false,
    };
    describe(&mut fields, findings);
    let (written, listed) = (fields.take("type"), fields.take("enum"));
    let place = fields.place;
    fields.finish(findings);
    let kind = match (written, listed) {
        (Some(written), _) => attribute_type(&written.value, findings)?,
        (None, Some(_)) => AttributeType::String,
        (None, None) => {
            findings.add(place, Code::MissingField, "attribute has no `type`", "add `type: string`, or `enum: [...]`");
            return None;
        }
    };
    if let Some(field) = listed.filter(|_| kind != AttributeType::String) {
        let message = format!("`enum` lists values of a string, and the attribute is a {}", type_name(kind));
        findings.add(field.place, Code::TypeClash, message, "remove `enum`, or declare `type: string`");
    }
    let values = match listed {
        None => None,
        Some(field) => {
            let items = list(&field.value, "enum", false, findings)?;
            reader::once(items, findings);
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
        "list" => AttributeType::List,
        _ => {
            let known = ["string", "number", "boolean", "date", "semver", "list"];
            let message = format!("there is no attribute type `{name}`");
            findings.add(node.place, Code::UnknownType, message, suggestion(name, known.into_iter()));
            return None;
        }
    })
}

/// `visitor: { attribute: visitorId }`.
pub(crate) fn unit(entry: &Entry, attributes: &[Named<Attribute>], findings: &mut Findings) -> Option<usize> {
    let mut fields = Fields::of(&entry.value, "unit", findings)?;
    let attribute = fields.require("attribute", "name the attribute that holds the id", findings);
    describe(&mut fields, findings);
    fields.finish(findings);
    let attribute = attribute?;
    let name = text(&attribute.value, "attribute", findings)?;
    let index = resolve(name, attribute.value.place, attributes, Code::UnknownAttribute, "attribute", findings)?;
    if !matches!(attributes.get(index)?.item.kind, AttributeType::String | AttributeType::Number) {
        let message = format!("`{name}` is no id: only strings and numbers can be randomised");
        findings.add(attribute.value.place, Code::UnitType, message, "declare it as string or number");
    }
    if attributes.get(index)?.item.private {
        let message = format!("`{name}` is private, and every exposure would carry it");
        findings.add(attribute.value.place, Code::UnitPrivate, message, "name an id that may leave the browser");
    }
    if entry.key.len() > UNIT_NAME_BYTES {
        let message = format!("a unit's name of {} bytes", entry.key.len());
        findings.add(
            entry.place,
            Code::InvalidName,
            message,
            format!("at most {UNIT_NAME_BYTES}: collectors store no more"),
        );
    }
    Some(index)
}

/// `checkout: { unit: visitor }`.
pub(crate) fn layer(entry: &Entry, units: &[Named<usize>], findings: &mut Findings) -> Option<Layer> {
    let mut fields = Fields::of(&entry.value, "layer", findings)?;
    let unit = fields.require("unit", "name the unit whose traffic the layer divides", findings);
    let salt = reader::salt(fields.take("salt"), findings);
    let resting = fields.take("resting");
    describe(&mut fields, findings);
    fields.finish(findings);
    let unit = reader::unit(unit, units, findings);
    let resting = match resting {
        None => Vec::new(),
        Some(field) => read_resting(&field.value, findings)?,
    };
    Some(Layer { unit: unit?, salt, resting })
}

/// `{ 40%-55%: 2026-12-15T00:00Z }`: ranges that an earlier experiment left, and when they are free again.
fn read_resting(node: &Node, findings: &mut Findings) -> Option<Vec<(Range, u32)>> {
    let entries = Fields::of(node, "resting", findings).and_then(|_| node.entries())?;
    let mut resting = Vec::new();
    for entry in entries {
        let range = range_of(Some(&entry.key), entry.place, findings)?;
        resting.push((range, reader::end(&entry.value, findings)?));
    }
    Some(resting)
}

/// All segments, each after those it names. Cycles are findings.
pub(crate) fn segments(entries: &[&Entry], names: &Names<'_>, findings: &mut Findings) -> Vec<Named<Segment>> {
    let ordered = in_order_of_use(entries, findings);
    let known: Vec<String> = ordered.iter().map(|entry| entry.key.clone()).collect();
    let names = Names { segments: &known, ..*names };
    named(&ordered, findings, |entry, findings| segment(entry, &names, findings))
}

/// A bare condition, or `{ title, description, if: condition }`.
fn segment(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Segment> {
    let is_titled =
        entry.value.entries().is_some_and(|fields| fields.iter().any(|field| field.key == SEGMENT_CONDITION));
    if !is_titled {
        let condition = condition::read(&entry.value, names, findings)?;
        return Some(Segment { title: String::new(), condition });
    }
    let mut fields = Fields::of(&entry.value, "segment", findings)?;
    let title = fields.take("title").and_then(|field| text(&field.value, "title", findings)).unwrap_or("");
    let condition = fields.require(SEGMENT_CONDITION, "say who is in it", findings)?;
    describe(&mut fields, findings);
    fields.finish(findings);
    Some(Segment { title: title.to_owned(), condition: condition::read(&condition.value, names, findings)? })
}

fn in_order_of_use<'n>(entries: &[&'n Entry], findings: &mut Findings) -> Vec<&'n Entry> {
    let by_name = ordered(entries.iter().enumerate().map(|(at, entry)| (entry.key.as_str(), at)));
    let mut order = Order { entries, by_name, ordered: Vec::new(), depths: BTreeMap::new(), open: Vec::new() };
    for entry in entries {
        order.visit(entry, findings);
    }
    order.ordered
}

/// Segments, each behind those that it names.
struct Order<'e, 'n> {
    entries: &'e [&'n Entry],
    by_name: BTreeMap<&'n str, usize>,
    ordered: Vec<&'n Entry>,
    /// How deep each that is done nests.
    depths: BTreeMap<&'n str, usize>,
    /// The way to the one in hand.
    open: Vec<&'n str>,
}

impl<'n> Order<'_, 'n> {
    /// Returns how deep a segment nests, itself included.
    fn visit(&mut self, entry: &'n Entry, findings: &mut Findings) -> usize {
        if let Some(depth) = self.depths.get(entry.key.as_str()) {
            return *depth;
        }
        if self.open.contains(&entry.key.as_str()) {
            let message = format!("segments name each other in a circle: {} -> {}", self.open.join(" -> "), entry.key);
            findings.add(entry.place, Code::SegmentCycle, message, "remove one of the references");
            return 0;
        }
        let most = usize::from(waft::limits::SEGMENT_DEPTH) - 1;
        let mut depth = 0;
        if self.open.len() < most {
            self.open.push(&entry.key);
            let mut used = Vec::new();
            collect_segments(&entry.value, &mut used);
            let named: Vec<&'n Entry> =
                used.iter().filter_map(|name| self.entries.get(*self.by_name.get(name)?).copied()).collect();
            for other in named {
                depth = depth.max(self.visit(other, findings));
            }
            self.open.pop();
        } else {
            depth = most;
        }
        depth += 1;
        if depth == most + 1 {
            let message = format!("segments name segments more than {most} deep");
            findings.add(entry.place, Code::TooDeep, message, "write the inner ones out");
        }
        self.depths.insert(&entry.key, depth);
        self.ordered.push(entry);
        depth
    }
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
