//! The variants of a flag, their values, and who names one.

use serde_json::{Map, Value as Json};
use waft::program::ValueType;

use super::reader::{Fields, check_name, text};
use crate::counted::counted;
use crate::finding::{Code, Findings, Place};
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::value_type_name;

/// The most variants of a flag: the engine's 255 stands for none.
const VARIANTS: usize = 254;

/// The variants of a flag. A boolean one has two without writing them.
pub(crate) fn read(
    kind: ValueType,
    field: Option<&Entry>,
    flag: Place,
    findings: &mut Findings,
) -> Option<Vec<(String, Json)>> {
    match field {
        Some(field) => read_variants(kind, &field.value, findings),
        None if kind == ValueType::Boolean => {
            Some(vec![("off".to_owned(), Json::Bool(false)), ("on".to_owned(), Json::Bool(true))])
        }
        None => {
            findings.add(
                flag,
                Code::MissingField,
                "flag has no `variants`",
                "add `variants: { name: value }`; only boolean flags have on and off of themselves",
            );
            None
        }
    }
}

/// The type of a flag's values.
pub(crate) fn value_type(node: &Node, findings: &mut Findings) -> Option<ValueType> {
    let name = text(node, "type", findings)?;
    Some(match name {
        "boolean" => ValueType::Boolean,
        "string" => ValueType::String,
        "number" => ValueType::Number,
        "object" => ValueType::Object,
        _ => {
            let known = ["boolean", "string", "number", "object"];
            findings.add(
                node.place,
                Code::UnknownType,
                format!("there is no value type `{name}`"),
                suggestion(name, known.into_iter()),
            );
            return None;
        }
    })
}

fn read_variants(kind: ValueType, node: &Node, findings: &mut Findings) -> Option<Vec<(String, Json)>> {
    let entries = Fields::of(node, "variants", findings).and_then(|_| node.entries())?;
    if entries.is_empty() || entries.len() > VARIANTS {
        findings.add(
            node.place,
            Code::VariantCount,
            counted(entries.len(), "variant"),
            format!("write 1 to {VARIANTS}"),
        );
        return None;
    }
    let mut variants = Vec::new();
    for entry in entries {
        check_name(&entry.key, entry.place, findings);
        let fits = matches!(
            (kind, &entry.value.kind),
            (ValueType::Boolean, Kind::Scalar(Scalar::Boolean(_)))
                | (ValueType::String, Kind::Scalar(Scalar::Text(_)))
                | (ValueType::Number, Kind::Scalar(Scalar::Number(..)))
                | (ValueType::Object, Kind::List(_) | Kind::Map(_))
        );
        if !fits {
            let kind = value_type_name(kind);
            let message = format!("variant `{}` is {}, the flag's type is {kind}", entry.key, entry.value.describe());
            findings.add(entry.value.place, Code::VariantType, message, "match the flag's type; put text in quotes");
        }
        check_numbers(&entry.value, findings);
        variants.push((entry.key.clone(), entry.value.to_json()));
    }
    Some(variants)
}

/// What pages are told with a flag's value: OpenFeature's flag metadata.
pub(crate) fn metadata(node: &Node, findings: &mut Findings) -> Option<Map<String, Json>> {
    let entries = Fields::of(node, "metadata", findings).and_then(|_| node.entries())?;
    for Entry { key, value, .. } in entries {
        if !matches!(value.kind, Kind::Scalar(Scalar::Boolean(_) | Scalar::Number(..) | Scalar::Text(_))) {
            let message = format!("metadata `{key}` is {}", value.describe());
            findings.add(value.place, Code::MetadataType, message, "write a string, a number or a boolean");
        }
        check_numbers(value, findings);
    }
    match node.to_json() {
        Json::Object(metadata) => Some(metadata),
        _ => None,
    }
}

/// Reports numbers that would change on their way through JavaScript: whole ones past 2^53.
fn check_numbers(node: &Node, findings: &mut Findings) {
    match &node.kind {
        Kind::Scalar(Scalar::Number(number, _)) => {
            let value = number.as_f64().unwrap_or(f64::INFINITY);
            if value.abs() > 9_007_199_254_740_991.0 || number.as_f64().is_none() {
                let message = format!("{number} is past 2^53 and not exact");
                findings.add(node.place, Code::InexactNumber, message, "write it as text");
            }
        }
        Kind::List(items) => items.iter().for_each(|item| check_numbers(item, findings)),
        Kind::Map(entries) => entries.iter().for_each(|entry| check_numbers(&entry.value, findings)),
        Kind::Scalar(_) => {}
    }
}

/// The variant that a node names.
pub(crate) fn variant(node: &Node, variants: &[(String, Json)], findings: &mut Findings) -> Option<usize> {
    variant_of(node.text(), node.place, variants, findings)
}

/// The variant of a name that is written somewhere.
pub(crate) fn variant_of(
    name: Option<&str>,
    place: Place,
    variants: &[(String, Json)],
    findings: &mut Findings,
) -> Option<usize> {
    let Some(name) = name else {
        findings.add(place, Code::ExpectedText, "expected a variant's name", "name a variant, such as `on`");
        return None;
    };
    let found = variants.iter().position(|(key, _)| key == name);
    if found.is_none() {
        let remedy = suggestion(name, variants.iter().map(|(key, _)| key.as_str()));
        findings.add(place, Code::UnknownVariant, format!("there is no variant `{name}`"), remedy);
    }
    found
}
