//! Tests of one attribute: what stands under its name in a condition.

use std::cmp::Ordering;

use waft::limits::PATTERN_BYTES;
use waft::operators::Operator;
use waft::program::AttributeType;
use waft::semver::Version;

use super::names::{Names, WORDS};
use super::reader::{boolean, duration, list, once, text, whole_day};
use crate::finding::{Code, Findings, Place};
use crate::pattern;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Attribute, Condition, Constant, Test, type_name};

/// The most values of one `in`, and the most ids of one target.
pub(crate) const VALUES: usize = 4_096;

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

fn read_test(index: usize, attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Condition> {
    use AttributeType as Type;
    let kind = attribute.kind;
    let word = entry.key.as_str();
    if !operators(kind).contains(&word) {
        let kind = type_name(kind);
        let message = format!("`{word}` is no operator of an attribute of type {kind}");
        findings.add(
            entry.place,
            Code::UnknownOperator,
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
            let wanted = boolean(&entry.value, word, findings)?;
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
        "contains" | "startsWith" | "endsWith" | "isAnyCase" | "containsAnyCase" | "startsWithAnyCase"
        | "endsWithAnyCase" => {
            let parts = list(&entry.value, word, true, findings)?;
            once(parts, findings);
            let parts: Option<Vec<_>> = parts.iter().map(|part| text_part(part, word, findings)).collect();
            let operator = match word {
                "contains" => Operator::Contains,
                "startsWith" => Operator::StartsWith,
                "endsWith" => Operator::EndsWith,
                "isAnyCase" => Operator::IsFolded,
                "containsAnyCase" => Operator::ContainsFolded,
                "startsWithAnyCase" => Operator::StartsWithFolded,
                _ => Operator::EndsWithFolded,
            };
            test(operator, parts?)
        }
        "matches" => {
            let patterns = list(&entry.value, word, true, findings)?;
            once(patterns, findings);
            let patterns: Option<Vec<_>> = patterns.iter().map(|node| read_pattern(node, findings)).collect();
            test(Operator::Matches, patterns?)
        }
        "within" | "withinNext" => {
            let milli = duration(&entry.value, word, findings)?;
            let distances = if word == "within" { (-milli, 0) } else { (0, milli) };
            test(Operator::Within, vec![Constant::Distances(distances.0, distances.1)])
        }
        "has" | "hasAny" | "hasAll" | "hasNone" => {
            let items = list(&entry.value, word, true, findings)?;
            once(items, findings);
            let items: Option<Vec<_>> = items
                .iter()
                .map(|item| text(item, word, findings).map(|text| Constant::Text(text.to_owned())))
                .collect();
            match word {
                "hasNone" => not(test(Operator::HasAny, items?)),
                "hasAny" => test(Operator::HasAny, items?),
                _ => test(Operator::HasAll, items?),
            }
        }
        "size" => test(Operator::Size, vec![size(&entry.value, findings)?]),
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

fn constants(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Vec<Constant>> {
    let items = list(&entry.value, &entry.key, false, findings)?;
    if items.len() > VALUES {
        let message = format!("{}: {} values", entry.key, items.len());
        findings.add(entry.value.place, Code::TooManyValues, message, format!("at most {VALUES}"));
        return None;
    }
    let mut values: Vec<Constant> = Vec::new();
    let mut whole = true;
    for item in items {
        match constant(attribute, item, findings) {
            Some(value) if values.contains(&value) => {
                findings.add(item.place, Code::DuplicateValue, "a value that stands twice", "remove one of the two");
            }
            Some(value) => values.push(value),
            None => whole = false,
        }
    }
    whole.then_some(values)
}

fn pair(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<(Constant, Constant)> {
    let items = list(&entry.value, &entry.key, false, findings)?;
    let values: Vec<Constant> = items.iter().map(|item| constant(attribute, item, findings)).collect::<Option<_>>()?;
    let ordered = match values.as_slice() {
        [low, high] => low.compare(high).is_some_and(Ordering::is_le),
        _ => false,
    };
    match <[Constant; 2]>::try_from(values) {
        Ok([low, high]) if ordered => {
            if let (AttributeType::Date, Some(last)) = (attribute.kind, items.last()) {
                whole_day(last, true, findings);
            }
            Some((low, high))
        }
        _ => {
            findings.add(
                entry.value.place,
                Code::InvalidBetween,
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
        findings.add(
            node.place,
            Code::EmptyText,
            format!("{word}: empty text, which every text has"),
            "use `exists: true`",
        );
        return None;
    }
    Some(Constant::Text(part.to_owned()))
}

fn constant(attribute: &Attribute, node: &Node, findings: &mut Findings) -> Option<Constant> {
    let Kind::Scalar(scalar) = &node.kind else {
        findings.add(
            node.place,
            Code::TypeClash,
            format!("expected one value, found {}", node.describe()),
            "write a single value",
        );
        return None;
    };
    match (attribute.kind, scalar) {
        (AttributeType::String, Scalar::Text(text)) => enumerated(attribute, text, node.place, findings),
        (AttributeType::Boolean, Scalar::Boolean(boolean)) => Some(Constant::Boolean(*boolean)),
        (AttributeType::Number, Scalar::Number(number, _)) => match number.as_f64() {
            Some(value) if value.abs() <= 9_007_199_254_740_991.0 || value.fract() != 0.0 => {
                Some(Constant::Number(value))
            }
            _ => {
                findings.add(
                    node.place,
                    Code::InexactNumber,
                    format!("{number} is past 2^53 and not exact"),
                    "compare ids as text",
                );
                None
            }
        },
        (AttributeType::Date, Scalar::Text(text)) => match waft::date::parse(text.as_bytes()) {
            Some(milli) => Some(Constant::Instant(milli)),
            None => {
                findings.add(
                    node.place,
                    Code::InvalidDate,
                    format!("`{text}` is no RFC 3339 date"),
                    "write 2026-12-01 or 2026-12-01T08:00Z",
                );
                None
            }
        },
        (AttributeType::Semver, Scalar::Text(text)) => match Version::parse(text.as_bytes()) {
            Some(version) if text.split(['-', '+']).next().is_some_and(has_small_numbers) => {
                Some(Constant::Version(String::from_utf8_lossy(version.text).into_owned()))
            }
            Some(_) => {
                let message = format!("`{text}` has a number past 2^64 - 1");
                findings.add(node.place, Code::InvalidSemver, message, "write a lower one: no release has it");
                None
            }
            None => {
                let message = format!("`{text}` is no semantic version");
                findings.add(node.place, Code::InvalidSemver, message, "write three numbers, such as 2.4.0");
                None
            }
        },
        (AttributeType::Semver, Scalar::Number(number, _)) => {
            findings.add(
                node.place,
                Code::InvalidSemver,
                format!("{number} is a number, not a version"),
                "write three numbers, such as 2.4.0",
            );
            None
        }
        (kind, _) => {
            let message = format!("expected a {}, found {}", type_name(kind), node.describe());
            findings.add(node.place, Code::TypeClash, message, "match the attribute's type; put text in quotes");
            None
        }
    }
}

/// Whether the numbers of a version fit into 64 bits, as those of most readers must.
fn has_small_numbers(core: &str) -> bool {
    core.split('.').all(|number| number.parse::<u64>().is_ok())
}

fn enumerated(attribute: &Attribute, text: &str, place: Place, findings: &mut Findings) -> Option<Constant> {
    if let Some(values) = &attribute.values
        && !values.iter().any(|value| value == text)
    {
        let remedy = suggestion(text, values.iter().map(String::as_str));
        findings.add(place, Code::NotInEnum, format!("`{text}` is none of the attribute's values"), remedy);
        return None;
    }
    Some(Constant::Text(text.to_owned()))
}

fn read_pattern(node: &Node, findings: &mut Findings) -> Option<Constant> {
    let written = text(node, "matches", findings)?;
    match pattern::compile(written) {
        Ok(table) => Some(Constant::Pattern(table, written.to_owned())),
        Err(pattern::Fault::Invalid(message)) => {
            let remedy = "write it in RE2's syntax: no look-around, no back references";
            findings.add(node.place, Code::InvalidRegex, format!("`{written}`: {message}"), remedy);
            None
        }
        Err(pattern::Fault::TooLarge) => {
            let message = format!("`{written}` needs a table of more than {} kB", PATTERN_BYTES >> 10);
            let remedy = "bound repetitions lower, or use startsWith, contains or in";
            findings.add(node.place, Code::RegexTooLarge, message, remedy);
            None
        }
    }
}

/// `3`, or `{ gte: 1, lte: 5 }`.
fn size(node: &Node, findings: &mut Findings) -> Option<Constant> {
    let whole = |node: &Node| match &node.kind {
        Kind::Scalar(Scalar::Number(number, _)) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    let bounds = match node.entries() {
        None => whole(node).map(|count| (count, count)),
        Some([]) => None,
        Some(entries) => entries.iter().try_fold((0u32, u32::MAX), |(low, high), entry| {
            let count = whole(&entry.value)?;
            let (least, most) = match entry.key.as_str() {
                "is" => (count, count),
                "gte" => (count, u32::MAX),
                "gt" => (count.checked_add(1)?, u32::MAX),
                "lte" => (0, count),
                "lt" => (0, count.checked_sub(1)?),
                _ => return None,
            };
            Some((low.max(least), high.min(most)))
        }),
    };
    match bounds {
        Some((low, high)) if low <= high => Some(Constant::Count(low, high)),
        _ => {
            let message = "size: expected a whole number, or bounds that some list can meet";
            findings.add(node.place, Code::InvalidSize, message, "write it as size: 2, or size: { gte: 1, lte: 5 }");
            None
        }
    }
}
