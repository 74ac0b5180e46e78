//! Who a case asks for: attributes, each of its declared type.

use serde_json::{Map, Number, Value as Json};
use waft::program::AttributeType;
use waft::semver::Version;

use crate::double;
use crate::finding::{Code, Findings};
use crate::language::constant;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Attribute, Named, type_name};

/// Reads a map of attributes. A page may say anything; a test that says what is not declared tests something else than it reads like.
pub(super) fn read(entries: &[Entry], attributes: &[Named<Attribute>], findings: &mut Findings) -> Map<String, Json> {
    let mut context = Map::new();
    for entry in entries {
        let Some(named) = attributes.iter().find(|named| named.name == entry.key) else {
            let remedy = suggestion(&entry.key, attributes.iter().map(|named| named.name.as_str()));
            findings.unknown(entry.place, Code::UnknownAttribute, "attribute", &entry.key, remedy);
            continue;
        };
        if let Some(value) = value(&named.item, &entry.value, findings) {
            context.insert(entry.key.clone(), value);
        }
    }
    context
}

fn value(attribute: &Attribute, node: &Node, findings: &mut Findings) -> Option<Json> {
    match (attribute.kind, &node.kind) {
        // What a page does not know.
        (_, Kind::Scalar(Scalar::Null)) => Some(Json::Null),
        // Pages give dates as numbers, too.
        (AttributeType::Date, Kind::Scalar(Scalar::Number(..))) => Some(node.to_json()),
        (AttributeType::List, Kind::List(items)) if items.iter().all(|item| item.text().is_some()) => {
            Some(node.to_json())
        }
        (AttributeType::List, _) => {
            let message = format!("expected a {} of texts, found {}", type_name(attribute.kind), node.describe());
            findings.add(node.place, Code::TypeClash, message, "write it as `[a, b]`; put numbers in quotes");
            None
        }
        _ => constant::read(attribute, node, findings).map(|_| node.to_json()),
    }
}

/// A cell of a table as the value of an attribute; `None` if it is empty, or if no value of that type is written so.
pub fn of_text(attribute: &Attribute, cell: &str) -> Option<Json> {
    match attribute.kind {
        _ if cell.is_empty() => None,
        AttributeType::String => {
            let is_known = |values: &Vec<String>| values.iter().any(|value| value == cell);
            attribute.values.as_ref().is_none_or(is_known).then(|| Json::from(cell))
        }
        AttributeType::Number => double::parse(cell).and_then(whole_or_not).map(Json::Number),
        // Spreadsheets write TRUE and FALSE.
        AttributeType::Boolean => cell.to_ascii_lowercase().parse().ok().map(Json::Bool),
        AttributeType::Date => waft::date::parse(cell.as_bytes()).map(|_| Json::from(cell)),
        AttributeType::Semver => Version::parse(cell.as_bytes()).map(|_| Json::from(cell)),
        AttributeType::List | AttributeType::Unknown => None,
    }
}

/// A number as people write it.
fn whole_or_not(number: f64) -> Option<Number> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        Some(Number::from(number as i64))
    } else {
        Number::from_f64(number)
    }
}
