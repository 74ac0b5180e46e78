//! What an experiment's results are told apart by. The value leaves the browser with each exposure, so that it may be nothing private,
//! nothing that tells who somebody is, and nothing that the experiment itself could change.

use std::collections::{BTreeSet, HashSet};

use waft::program::AttributeType;

use super::names::Names;
use super::reader::{Fields, list, resolve, text};
use crate::finding::{Code, Findings, Place};
use crate::readings::Breakdown;
use crate::source::Node;
use crate::types::{Attribute, Condition, Named, Segment, type_name};

/// The most of one experiment.
pub(crate) const BREAKDOWNS: usize = 8;

/// `[plan, country, { segment: eu-pro }]`.
pub(crate) fn read(
    node: &Node,
    names: &Names<'_>,
    segments: &[Named<Segment>],
    findings: &mut Findings,
) -> Option<Vec<Breakdown>> {
    let items = list(node, "breakdown", true, findings)?;
    if items.len() > BREAKDOWNS {
        let message = format!("breakdown: {} of them", items.len());
        let remedy = format!("keep at most {BREAKDOWNS}: each is one more look at the same numbers");
        findings.add(node.place, Code::BreakdownCount, message, remedy);
        return None;
    }
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    let mut whole = true;
    for item in items {
        let Some(breakdown) = read_one(item, names, segments, findings) else {
            whole = false;
            continue;
        };
        if !seen.insert(breakdown.clone()) {
            findings.add(item.place, Code::DuplicateValue, "a value that stands twice", "remove one of the two");
        }
        all.push(breakdown);
    }
    whole.then_some(all)
}

fn read_one(node: &Node, names: &Names<'_>, segments: &[Named<Segment>], findings: &mut Findings) -> Option<Breakdown> {
    if node.entries().is_none() {
        let name = text(node, "breakdown", findings)?;
        let index = resolve(name, node.place, names.attributes, Code::UnknownAttribute, "attribute", findings)?;
        check_attribute(&names.attributes[index], index, node.place, names, findings);
        return Some(Breakdown::Attribute(index, name.to_owned()));
    }
    let mut fields = Fields::of(node, "breakdown", findings)?;
    let segment = fields.require("segment", "name an attribute, or write { segment: name }", findings);
    fields.finish(findings);
    let segment = segment?;
    let name = text(&segment.value, "segment", findings)?;
    let index = resolve(name, segment.value.place, segments, Code::UnknownSegment, "segment", findings)?;
    check_segment(&segments[index], segment.value.place, names, segments, findings);
    Some(Breakdown::Segment(index, name.to_owned()))
}

/// Few values that say nothing of who it is: no ids, and nothing that has as many values as there are people.
fn check_attribute(
    attribute: &Named<Attribute>,
    index: usize,
    place: Place,
    names: &Names<'_>,
    findings: &mut Findings,
) {
    let name = &attribute.name;
    if attribute.item.private {
        let message = format!("`{name}` is private, and every exposure would carry it");
        findings.add(place, Code::BreakdownPrivate, message, "break down by what may leave the browser");
    } else if names.units.iter().any(|unit| unit.item == index) {
        let message = format!("`{name}` holds ids of a unit: everybody would be a group of their own");
        findings.add(place, Code::BreakdownUnit, message, "break down by what many have in common");
    } else if !is_told(attribute.item.kind) {
        let message =
            format!("`{name}` is a {}, which has too many values to tell apart", type_name(attribute.item.kind));
        let remedy = "declare a segment with the bounds that matter, and write { segment: name }";
        findings.add(place, Code::BreakdownType, message, remedy);
    }
}

/// Whether the values of a type are told apart. Numbers and dates have too many, and a list is not one value.
const fn is_told(kind: AttributeType) -> bool {
    matches!(kind, AttributeType::String | AttributeType::Boolean | AttributeType::Semver)
}

/// Whether somebody is in it says something of what it asks for.
fn check_segment(
    segment: &Named<Segment>,
    place: Place,
    names: &Names<'_>,
    segments: &[Named<Segment>],
    findings: &mut Findings,
) {
    let name = &segment.name;
    let mut reads = Reads { names, segments, seen: BTreeSet::new(), private: None, flag: None };
    reads.condition(&segment.item.condition);
    if let Some(private) = reads.private {
        let message = format!("the segment `{name}` asks for `{private}`, which is private: every exposure would tell");
        findings.add(place, Code::BreakdownPrivate, message, "break down by what may leave the browser");
    }
    if let Some(flag) = reads.flag {
        let message =
            format!("the segment `{name}` asks for the flag `{flag}`: an experiment could change who is in it");
        findings.add(place, Code::BreakdownFlag, message, "break down by a segment that asks for attributes alone");
    }
}

/// What a condition asks for, segments within it included: each once, as they may be many times in each other, and in a ruleset that is
/// refused for it, in a circle.
struct Reads<'r> {
    names: &'r Names<'r>,
    segments: &'r [Named<Segment>],
    seen: BTreeSet<usize>,
    /// A private attribute.
    private: Option<&'r str>,
    /// A flag.
    flag: Option<&'r str>,
}

impl<'r> Reads<'r> {
    fn condition(&mut self, condition: &'r Condition) {
        condition.walk(&mut |part| match part {
            Condition::Segment(index) => {
                if let Some(segment) = self.segments.get(*index).filter(|_| self.seen.insert(*index)) {
                    self.condition(&segment.item.condition);
                }
            }
            Condition::Flag(flag) => self.flag = Some(&flag.name),
            Condition::List(index) => {
                if let Some(list) = self.names.lists.get(*index) {
                    self.attribute(list.item.attribute);
                }
            }
            Condition::Test(test) => self.attribute(test.attribute),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Share(_) => {}
        });
    }

    fn attribute(&mut self, index: usize) {
        if let Some(attribute) = self.names.attributes.get(index).filter(|attribute| attribute.item.private) {
            self.private = Some(&attribute.name);
        }
    }
}
