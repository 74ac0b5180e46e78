//! Tests of one attribute: what stands under its name in a condition.

use waft::operators::Operator;
use waft::program::AttributeType;

use super::constant;
use super::names::{Names, WORDS};
use super::reader::{boolean, duration, list, once, text};
use crate::finding::{Code, Findings};
use crate::source::{Entry, Node};
use crate::suggestion::suggestion;
use crate::types::{Attribute, Condition, Constant, Test, type_name};

/// `country: { in: [DE, FR] }`: operators side by side mean all.
pub(crate) fn read(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Condition> {
    let known = || names.attributes.iter().map(|attribute| attribute.name.as_str());
    let Some(index) = known().position(|name| name == entry.key) else {
        let remedy = suggestion(&entry.key, known().chain(WORDS));
        findings.unknown(entry.place, Code::UnknownAttribute, "attribute", &entry.key, remedy);
        return None;
    };
    let Some(tests) = entry.value.entries().filter(|tests| !tests.is_empty()) else {
        let message = format!("{}: expected a map of operators, found {}", entry.key, entry.value.describe());
        findings.add(
            entry.value.place,
            Code::ExpectedOperator,
            message,
            format!("write it as {}: {{ is: ... }}", entry.key),
        );
        return None;
    };
    let attribute = &names.attributes[index].item;
    let read: Vec<_> = tests.iter().map(|test| read_test(index, attribute, test, findings)).collect();
    read.into_iter().collect::<Option<Vec<_>>>().map(Condition::all_of)
}

/// The operators of each type of attribute, as they are written.
fn operators(kind: AttributeType) -> &'static [&'static str] {
    match kind {
        AttributeType::String => &[
            "is",
            "isNot",
            "in",
            "notIn",
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "isAnyCase",
            "containsAnyCase",
            "startsWithAnyCase",
            "endsWithAnyCase",
            "exists",
        ],
        AttributeType::Number => &["is", "isNot", "in", "notIn", "lt", "lte", "gt", "gte", "between", "exists"],
        AttributeType::Boolean => &["is", "isNot", "exists"],
        AttributeType::Semver => &["is", "isNot", "in", "notIn", "lt", "lte", "gt", "gte", "between", "exists"],
        AttributeType::Date => &["before", "after", "between", "within", "withinNext", "exists"],
        AttributeType::List => &["has", "hasAny", "hasAll", "hasNone", "size", "exists"],
        AttributeType::Unknown => &[],
    }
}

/// What is read beside the word of an operator.
struct Written<'e> {
    /// The attribute, by its index.
    index: usize,
    attribute: &'e Attribute,
    entry: &'e Entry,
}

fn read_test(index: usize, attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Condition> {
    let kind = attribute.kind;
    let word = entry.key.as_str();
    if !operators(kind).contains(&word) {
        let message = format!("`{word}` is no operator of an attribute of type {}", type_name(kind));
        let remedy = suggestion(word, operators(kind).iter().copied());
        findings.add(entry.place, Code::UnknownOperator, message, remedy);
        return None;
    }
    let written = Written { index, attribute, entry };
    let one = |findings: &mut Findings| constant::read(attribute, &entry.value, findings);
    Some(match word {
        "exists" => {
            let wanted = boolean(&entry.value, word, findings)?;
            negated(!wanted, written.test(Operator::Exists, Vec::new()))
        }
        "is" | "isNot" => negated(word == "isNot", written.test(is_operator(kind), vec![one(findings)?])),
        "in" | "notIn" => negated(word == "notIn", written.within(findings)?),
        "contains" | "startsWith" | "endsWith" | "isAnyCase" | "containsAnyCase" | "startsWithAnyCase"
        | "endsWithAnyCase" => written.test(text_operator(word), written.each(constant::part, findings)?),
        "matches" => {
            let patterns = written.each(|node, _, findings| constant::pattern(node, findings), findings)?;
            written.test(Operator::Matches, patterns)
        }
        "within" | "withinNext" => {
            let milli = duration(&entry.value, word, findings)?;
            let distances = if word == "within" { (-milli, 0) } else { (0, milli) };
            written.test(Operator::Within, vec![Constant::Distances(distances.0, distances.1)])
        }
        "has" | "hasAny" | "hasAll" | "hasNone" => {
            let items = written.each(item, findings)?;
            let operator = if matches!(word, "hasAny" | "hasNone") { Operator::HasAny } else { Operator::HasAll };
            negated(word == "hasNone", written.test(operator, items))
        }
        "size" => written.test(Operator::Size, vec![constant::size(&entry.value, findings)?]),
        "before" => written.test(Operator::Before, vec![one(findings)?]),
        "after" => written.test(Operator::After, vec![one(findings)?]),
        "between" => written.between(findings)?,
        _ => written.test(order(kind, word), vec![one(findings)?]),
    })
}

impl Written<'_> {
    fn test(&self, operator: Operator, constants: Vec<Constant>) -> Condition {
        Condition::Test(Test { attribute: self.index, operator, constants })
    }

    /// One constant of each of several values, or of a single one.
    fn each(
        &self,
        read: impl Fn(&Node, &str, &mut Findings) -> Option<Constant>,
        findings: &mut Findings,
    ) -> Option<Vec<Constant>> {
        let word = self.entry.key.as_str();
        let nodes = list(&self.entry.value, word, true, findings)?;
        once(nodes, findings);
        nodes.iter().map(|node| read(node, word, findings)).collect()
    }

    fn within(&self, findings: &mut Findings) -> Option<Condition> {
        let values = constant::several(self.attribute, self.entry, findings)?;
        Some(match self.attribute.kind {
            AttributeType::Number => self.test(Operator::NumberIn, values),
            AttributeType::Semver => {
                Condition::Any(values.into_iter().map(|value| self.test(Operator::SemverIs, vec![value])).collect())
            }
            _ => self.test(Operator::In, values),
        })
    }

    fn between(&self, findings: &mut Findings) -> Option<Condition> {
        let (low, high) = constant::pair(self.attribute, self.entry, findings)?;
        let (from, to) = match self.attribute.kind {
            AttributeType::Date => (
                negated(true, self.test(Operator::Before, vec![low])),
                negated(true, self.test(Operator::After, vec![high])),
            ),
            kind => (self.test(order(kind, "gte"), vec![low]), self.test(order(kind, "lte"), vec![high])),
        };
        Some(Condition::All(vec![from, to]))
    }
}

fn negated(is_negated: bool, condition: Condition) -> Condition {
    if is_negated { Condition::Not(Box::new(condition)) } else { condition }
}

fn item(node: &Node, word: &str, findings: &mut Findings) -> Option<Constant> {
    text(node, word, findings).map(|text| Constant::Text(text.to_owned()))
}

fn text_operator(word: &str) -> Operator {
    match word {
        "contains" => Operator::Contains,
        "startsWith" => Operator::StartsWith,
        "endsWith" => Operator::EndsWith,
        "isAnyCase" => Operator::IsFolded,
        "containsAnyCase" => Operator::ContainsFolded,
        "startsWithAnyCase" => Operator::StartsWithFolded,
        _ => Operator::EndsWithFolded,
    }
}

fn is_operator(kind: AttributeType) -> Operator {
    match kind {
        AttributeType::Number => Operator::NumberIs,
        AttributeType::Boolean => Operator::BooleanIs,
        AttributeType::Semver => Operator::SemverIs,
        AttributeType::String | AttributeType::Date | AttributeType::List | AttributeType::Unknown => Operator::Is,
    }
}

fn order(kind: AttributeType, word: &str) -> Operator {
    match (kind == AttributeType::Semver, word) {
        (false, "lt") => Operator::Less,
        (false, "lte") => Operator::LessOrEqual,
        (false, "gt") => Operator::Greater,
        (false, _) => Operator::GreaterOrEqual,
        (true, "lt") => Operator::SemverLess,
        (true, "lte") => Operator::SemverLessOrEqual,
        (true, "gt") => Operator::SemverGreater,
        (true, _) => Operator::SemverGreaterOrEqual,
    }
}
