//! Conditions: maps in which side by side means all.

use waft::operators::Operator;
use waft::program::AttributeType;
use waft::semver::Version;

use super::reader::{list, suggestion, text};
use super::types::{Attribute, Condition, Constant, Named, Test};
use crate::finding::{Findings, Place};
use crate::source::{Entry, Kind, Node, Scalar};

/// How deep conditions may nest; the engine's stack holds twice as many results.
const DEPTH: usize = 30;
/// The most values of one `in`.
const VALUES: usize = 4_096;
/// Conditions of the language that this version cannot decide.
const NOT_YET: [&str; 3] = ["list", "flag", "share"];
/// What a condition can be, beside the attributes.
const COMBINATIONS: [&str; 4] = ["all", "any", "not", "segment"];

/// What conditions may name.
pub(super) struct Names<'r> {
    /// Attributes.
    pub attributes: &'r [Named<Attribute>],
    /// Segments, by name.
    pub segments: &'r [String],
}

/// Reads a condition.
pub(super) fn read(node: &Node, names: &Names<'_>, findings: &mut Findings) -> Option<Condition> {
    read_within(node, names, DEPTH, findings)
}

fn read_within(node: &Node, names: &Names<'_>, depth: usize, findings: &mut Findings) -> Option<Condition> {
    let Some(depth) = depth.checked_sub(1) else {
        findings.error(
            node.place,
            "TOO_DEEP",
            format!("conditions nest deeper than {DEPTH}"),
            "name the inner part as a segment",
        );
        return None;
    };
    let Some(entries) = node.entries() else {
        let message = format!("condition: expected a map, found {}", node.describe());
        findings.error(node.place, "EXPECTED_MAP", message, "write it as { country: { is: DE } }");
        return None;
    };
    if entries.is_empty() {
        findings.error(
            node.place,
            "EMPTY_CONDITION",
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
    whole.then(|| all_of(parts))
}

/// One part stands for itself.
fn all_of(mut parts: Vec<Condition>) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(part)) => part,
        (_, last) => Condition::All(parts.into_iter().chain(last).collect()),
    }
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
                findings.error(entry.value.place, "UNKNOWN_SEGMENT", format!("there is no segment `{name}`"), remedy);
            }
            found.map(Condition::Segment)
        }
        key if NOT_YET.contains(&key) && !names.attributes.iter().any(|attribute| attribute.name == key) => {
            let message = format!("`{key}` is not supported by this version of waft");
            findings.error(entry.place, "NOT_YET", message, "remove it, or update waft");
            None
        }
        _ => read_tests(entry, names, findings),
    }
}

fn read_tests(entry: &Entry, names: &Names<'_>, findings: &mut Findings) -> Option<Condition> {
    let known = || names.attributes.iter().map(|attribute| attribute.name.as_str());
    let Some(index) = known().position(|name| name == entry.key) else {
        let remedy = suggestion(&entry.key, known().chain(COMBINATIONS));
        findings.error(entry.place, "UNKNOWN_ATTRIBUTE", format!("there is no attribute `{}`", entry.key), remedy);
        return None;
    };
    let Some(tests) = entry.value.entries().filter(|tests| !tests.is_empty()) else {
        let message = format!("{}: expected a map of operators, found {}", entry.key, entry.value.describe());
        findings.error(
            entry.value.place,
            "EXPECTED_OPERATOR",
            message,
            format!("write it as {}: {{ is: ... }}", entry.key),
        );
        return None;
    };
    let attribute = &names.attributes[index].item;
    let read: Vec<_> = tests.iter().map(|test| read_test(index, attribute, test, findings)).collect();
    read.into_iter().collect::<Option<Vec<_>>>().map(all_of)
}

/// The operators of each type of attribute, as they are written.
fn operators(kind: AttributeType) -> &'static [&'static str] {
    match kind {
        AttributeType::String => &["is", "isNot", "in", "notIn", "contains", "startsWith", "endsWith", "exists"],
        AttributeType::Number => &["is", "isNot", "in", "notIn", "lt", "lte", "gt", "gte", "between", "exists"],
        AttributeType::Boolean => &["is", "isNot", "exists"],
        AttributeType::Semver => &["is", "isNot", "in", "notIn", "lt", "lte", "gt", "gte", "between", "exists"],
        AttributeType::Date => &["before", "after", "between", "exists"],
        AttributeType::Unknown => &[],
    }
}

fn read_test(index: usize, attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Condition> {
    use AttributeType as Type;
    let kind = attribute.kind;
    let word = entry.key.as_str();
    if !operators(kind).contains(&word) {
        let kind = format!("{kind:?}").to_lowercase();
        let message = format!("`{word}` is no operator of an attribute of type {kind}");
        findings.error(
            entry.place,
            "UNKNOWN_OPERATOR",
            message,
            suggestion(word, operators(attribute.kind).iter().copied()),
        );
        return None;
    }
    let test = |operator, constants| Condition::Test(Test { attribute: index, operator, constants });
    let not = |condition| Condition::Not(Box::new(condition));
    let one = |findings: &mut Findings| constant(attribute, &entry.value, findings);
    Some(match word {
        "exists" => {
            let wanted = super::reader::boolean(&entry.value, word, findings)?;
            let exists = test(Operator::Exists, Vec::new());
            if wanted { exists } else { not(exists) }
        }
        "is" | "isNot" => {
            let is = test(is_operator(kind), vec![one(findings)?]);
            if word == "is" { is } else { not(is) }
        }
        "in" | "notIn" => {
            let values = constants(attribute, entry, findings)?;
            let within = match kind {
                Type::Number => test(Operator::NumberIn, values),
                Type::Semver => {
                    Condition::Any(values.into_iter().map(|value| test(Operator::SemverIs, vec![value])).collect())
                }
                _ => test(Operator::In, values),
            };
            if word == "in" { within } else { not(within) }
        }
        "contains" | "startsWith" | "endsWith" => {
            let parts = list(&entry.value, word, true, findings)?;
            let parts: Option<Vec<_>> = parts.iter().map(|part| text_part(part, word, findings)).collect();
            let operator = match word {
                "contains" => Operator::Contains,
                "startsWith" => Operator::StartsWith,
                _ => Operator::EndsWith,
            };
            test(operator, parts?)
        }
        "before" => test(Operator::Before, vec![one(findings)?]),
        "after" => test(Operator::After, vec![one(findings)?]),
        "between" => {
            let (low, high) = pair(attribute, entry, findings)?;
            let (from, to) = match kind {
                Type::Date => (not(test(Operator::Before, vec![low])), not(test(Operator::After, vec![high]))),
                _ => (test(order(kind, "gte"), vec![low]), test(order(kind, "lte"), vec![high])),
            };
            Condition::All(vec![from, to])
        }
        _ => test(order(kind, word), vec![one(findings)?]),
    })
}

fn is_operator(kind: AttributeType) -> Operator {
    match kind {
        AttributeType::Number => Operator::NumberIs,
        AttributeType::Boolean => Operator::BooleanIs,
        AttributeType::Semver => Operator::SemverIs,
        AttributeType::String | AttributeType::Date | AttributeType::Unknown => Operator::Is,
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

fn constants(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Vec<Constant>> {
    let items = list(&entry.value, &entry.key, false, findings)?;
    if items.len() > VALUES {
        let message = format!("{}: {} values", entry.key, items.len());
        findings.error(entry.value.place, "TOO_MANY_VALUES", message, format!("at most {VALUES}"));
        return None;
    }
    let mut values: Vec<Constant> = Vec::new();
    let mut whole = true;
    for item in items {
        match constant(attribute, item, findings) {
            Some(value) if values.contains(&value) => {
                findings.warning(item.place, "DUPLICATE_VALUE", "a value that stands twice", "remove one of the two");
            }
            Some(value) => values.push(value),
            None => whole = false,
        }
    }
    whole.then_some(values)
}

fn pair(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<(Constant, Constant)> {
    let values = constants(attribute, entry, findings)?;
    let ordered = match values.as_slice() {
        [Constant::Number(low), Constant::Number(high)] => low <= high,
        [Constant::Instant(low), Constant::Instant(high)] => low <= high,
        [Constant::Version(low, low_pre), Constant::Version(high, high_pre)] => {
            let version = |numbers: &[u32; 3], pre| Version { numbers: *numbers, pre };
            version(low, low_pre.as_bytes()) <= version(high, high_pre.as_bytes())
        }
        _ => false,
    };
    match <[Constant; 2]>::try_from(values) {
        Ok([low, high]) if ordered => Some((low, high)),
        _ => {
            findings.error(
                entry.value.place,
                "INVALID_BETWEEN",
                "between: expected two values, the lower one first",
                "write it as [low, high]",
            );
            None
        }
    }
}

fn text_part(node: &Node, word: &str, findings: &mut Findings) -> Option<Constant> {
    let part = text(node, word, findings)?;
    if part.is_empty() {
        findings.error(
            node.place,
            "EMPTY_TEXT",
            format!("{word}: empty text, which every text has"),
            "use `exists: true`",
        );
        return None;
    }
    Some(Constant::Text(part.to_owned()))
}

fn constant(attribute: &Attribute, node: &Node, findings: &mut Findings) -> Option<Constant> {
    let Kind::Scalar(scalar) = &node.kind else {
        findings.error(
            node.place,
            "TYPE_CLASH",
            format!("expected one value, found {}", node.describe()),
            "write a single value",
        );
        return None;
    };
    match (attribute.kind, scalar) {
        (AttributeType::String, Scalar::Text(text)) => enumerated(attribute, text, node.place, findings),
        (AttributeType::Boolean, Scalar::Boolean(boolean)) => Some(Constant::Boolean(*boolean)),
        (AttributeType::Number, Scalar::Number(number)) => match number.as_f64() {
            Some(value) if value.abs() <= 9_007_199_254_740_991.0 || value.fract() != 0.0 => {
                Some(Constant::Number(value))
            }
            _ => {
                findings.error(
                    node.place,
                    "INEXACT_NUMBER",
                    format!("{number} is past 2^53 and not exact"),
                    "compare ids as text",
                );
                None
            }
        },
        (AttributeType::Date, Scalar::Text(text)) => match waft::date::parse(text.as_bytes()) {
            Some(milli) => Some(Constant::Instant(milli)),
            None => {
                findings.error(
                    node.place,
                    "INVALID_DATE",
                    format!("`{text}` is no RFC 3339 date"),
                    "write 2026-12-01 or 2026-12-01T08:00Z",
                );
                None
            }
        },
        (AttributeType::Semver, Scalar::Text(text)) => match Version::parse(text.as_bytes()) {
            Some(version) if !version.numbers.contains(&u32::MAX) => {
                Some(Constant::Version(version.numbers, String::from_utf8_lossy(version.pre).into_owned()))
            }
            _ => {
                findings.error(
                    node.place,
                    "INVALID_SEMVER",
                    format!("`{text}` is no semantic version"),
                    "write three numbers, such as 2.4.0",
                );
                None
            }
        },
        (AttributeType::Semver, Scalar::Number(number)) => {
            findings.error(
                node.place,
                "INVALID_SEMVER",
                format!("{number} is a number, not a version"),
                "write three numbers, such as 2.4.0",
            );
            None
        }
        (kind, _) => {
            let message = format!("expected a {}, found {}", format!("{kind:?}").to_lowercase(), node.describe());
            findings.error(node.place, "TYPE_CLASH", message, "match the attribute's type; put text in quotes");
            None
        }
    }
}

fn enumerated(attribute: &Attribute, text: &str, place: Place, findings: &mut Findings) -> Option<Constant> {
    if let Some(values) = &attribute.values
        && !values.iter().any(|value| value == text)
    {
        let remedy = suggestion(text, values.iter().map(String::as_str));
        findings.error(place, "NOT_IN_ENUM", format!("`{text}` is none of the attribute's values"), remedy);
        return None;
    }
    Some(Constant::Text(text.to_owned()))
}
