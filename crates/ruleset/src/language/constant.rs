//! What attributes are compared with, each as its attribute's type has it.

use std::cmp::Ordering;

use serde_json::Number;
use waft::limits::PATTERN_BYTES;
use waft::program::AttributeType;
use waft::semver::Version;

use super::reader::{VALUES, list, text, whole_day};
use crate::finding::{Code, Findings, Place};
use crate::pattern;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Attribute, Constant, type_name};

/// One value of an attribute.
pub(crate) fn read(attribute: &Attribute, node: &Node, findings: &mut Findings) -> Option<Constant> {
    let Kind::Scalar(scalar) = &node.kind else {
        let message = format!("expected one value, found {}", node.describe());
        findings.add(node.place, Code::TypeClash, message, "write a single value");
        return None;
    };
    match (attribute.kind, scalar) {
        (AttributeType::String, Scalar::Text(text)) => enumerated(attribute, text, node.place, findings),
        (AttributeType::Boolean, Scalar::Boolean(boolean)) => Some(Constant::Boolean(*boolean)),
        (AttributeType::Number, Scalar::Number(value, _)) => number(value, node.place, findings),
        (AttributeType::Date, Scalar::Text(text)) => date(text, node.place, findings),
        (AttributeType::Semver, Scalar::Text(text)) => version(text, node.place, findings),
        (AttributeType::Semver, Scalar::Number(number, _)) => {
            let message = format!("{number} is a number, not a version");
            findings.add(node.place, Code::InvalidSemver, message, "write three numbers, such as 2.4.0");
            None
        }
        (kind, _) => {
            let message = format!("expected a {}, found {}", type_name(kind), node.describe());
            findings.add(node.place, Code::TypeClash, message, "match the attribute's type; put text in quotes");
            None
        }
    }
}

fn number(number: &Number, place: Place, findings: &mut Findings) -> Option<Constant> {
    match number.as_f64() {
        Some(value) if value.abs() <= 9_007_199_254_740_991.0 || value.fract() != 0.0 => Some(Constant::Number(value)),
        _ => {
            let message = format!("{number} is past 2^53 and not exact");
            findings.add(place, Code::InexactNumber, message, "compare ids as text");
            None
        }
    }
}

fn date(text: &str, place: Place, findings: &mut Findings) -> Option<Constant> {
    let milli = waft::date::parse(text.as_bytes());
    if milli.is_none() {
        let message = format!("`{text}` is no RFC 3339 date");
        findings.add(place, Code::InvalidDate, message, "write 2026-12-01 or 2026-12-01T08:00Z");
    }
    milli.map(Constant::Instant)
}

fn version(text: &str, place: Place, findings: &mut Findings) -> Option<Constant> {
    match Version::parse(text.as_bytes()) {
        Some(version) if text.split(['-', '+']).next().is_some_and(has_small_numbers) => {
            Some(Constant::Version(String::from_utf8_lossy(version.text).into_owned()))
        }
        Some(_) => {
            let message = format!("`{text}` has a number past 2^64 - 1");
            findings.add(place, Code::InvalidSemver, message, "write a lower one: no release has it");
            None
        }
        None => {
            let message = format!("`{text}` is no semantic version");
            findings.add(place, Code::InvalidSemver, message, "write three numbers, such as 2.4.0");
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

/// Several values of an attribute, each once.
pub(crate) fn several(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<Vec<Constant>> {
    let items = list(&entry.value, &entry.key, false, findings)?;
    if items.len() > VALUES {
        let message = format!("{}: {} values", entry.key, items.len());
        findings.add(entry.value.place, Code::TooManyValues, message, format!("at most {VALUES}"));
        return None;
    }
    let mut values: Vec<Constant> = Vec::new();
    let mut whole = true;
    for item in items {
        match read(attribute, item, findings) {
            Some(value) if values.contains(&value) => {
                findings.add(item.place, Code::DuplicateValue, "a value that stands twice", "remove one of the two");
            }
            Some(value) => values.push(value),
            None => whole = false,
        }
    }
    whole.then_some(values)
}

/// `[low, high]`.
pub(crate) fn pair(attribute: &Attribute, entry: &Entry, findings: &mut Findings) -> Option<(Constant, Constant)> {
    let items = list(&entry.value, &entry.key, false, findings)?;
    let values: Vec<Constant> = items.iter().map(|item| read(attribute, item, findings)).collect::<Option<_>>()?;
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

/// A part that an operator looks for.
pub(crate) fn part(node: &Node, word: &str, findings: &mut Findings) -> Option<Constant> {
    let part = text(node, word, findings)?;
    // An attribute that is empty is equal to it; every text has it as a part.
    if part.is_empty() && word != "isAnyCase" {
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

/// A pattern, compiled.
pub(crate) fn pattern(node: &Node, findings: &mut Findings) -> Option<Constant> {
    let written = text(node, "matches", findings)?;
    match pattern::compile(written) {
        Ok(table) => Some(Constant::Pattern(table, written.to_owned())),
        Err(pattern::Fault::Invalid(message)) => {
            let remedy =
                "write it in RE2's syntax, without what others read in another way: docs/ruleset.md, section 6";
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
pub(crate) fn size(node: &Node, findings: &mut Findings) -> Option<Constant> {
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
