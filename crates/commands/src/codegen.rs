//! `waft codegen`: what the TypeScript compiler may know of a ruleset: keys, values and variants of flags, and attributes of contexts.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use waft::program::AttributeType;
use waft_ruleset::{Attribute, Flag, Named, Ruleset, counted, escape};

use crate::build;
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;

/// Longer texts would fill an editor's hints: a flag that has one is of type `string`.
const LITERAL: usize = 200;

/// What to describe, and where.
#[derive(Clone, Debug)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// The file of types.
    pub out: String,
    /// Whether to compare only.
    pub check: bool,
}

/// Writes the types, if they differ from what the file has. With `check`, that they differ is a failure and nothing is written.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match codegen(options, host) {
        Ok(message) => {
            host.err(&message);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn codegen(Options { ruleset: path, out, check }: &Options, host: &dyn Host) -> Result<String, String> {
    let ruleset = build::checked(host, path)?;
    let types = types_of(&ruleset);
    let told = format!("{}, {}", counted(ruleset.flags.len(), "flag"), counted(ruleset.attributes.len(), "attribute"));
    // A pipe is written only. Checked out on Windows, lines may end otherwise.
    let is_current = host.is_file(out) && input::text(host, out).is_ok_and(|text| text.replace("\r\n", "\n") == types);
    match (is_current, check) {
        (true, _) => Ok(format!("{out}: up to date, {told}")),
        (false, true) => Err(format!("{out}: not up to date: run `waft codegen {path} --out {out}`")),
        (false, false) => match host.write(out, types.as_bytes()) {
            Ok(()) => Ok(format!("{out}: {told}")),
            Err(error) => Err(format!("{out}: {error}")),
        },
    }
}

/// The text of the file, which depends on nothing but the ruleset's content.
fn types_of(ruleset: &Ruleset) -> String {
    let flags = members(&ruleset.flags, |name, flag| format!("{name}: {}", flag_type(flag)));
    let attributes = members(&ruleset.attributes, |name, attribute| {
        format!("{name}?: {} | null | undefined", attribute_type(attribute))
    });
    format!(
        "/* eslint-disable */\n\
         // Written by `waft codegen`. Do not edit: change the ruleset and run it again.\n\
         import 'waft';\n\n\
         declare module 'waft' {{\n  \
           interface Flags {{\n{flags}  }}\n\n  \
           interface Attributes {{\n{attributes}  }}\n\
         }}\n"
    )
}

/// A line each, in order of names.
fn members<T>(of: &[Named<T>], member: impl Fn(&str, &T) -> String) -> String {
    let sorted: BTreeMap<&str, &T> = of.iter().map(|named| (named.name.as_str(), &named.item)).collect();
    sorted.into_iter().map(|(name, item)| format!("    {};\n", member(&literal(name), item))).collect()
}

fn flag_type(flag: &Flag) -> String {
    let (names, values): (BTreeSet<String>, Vec<&Json>) =
        flag.bodies().flat_map(|body| &body.variants).map(|(name, value)| (literal(name), value)).unzip();
    let texts: Option<Vec<&str>> = values.iter().map(|value| value.as_str()).collect();
    let value = texts.map_or_else(|| value_type(&values), |texts| literals(&texts));
    format!("{{ value: {value}; variant: {} }}", union(names))
}

fn attribute_type(attribute: &Attribute) -> String {
    let name = match (attribute.kind, &attribute.values) {
        (AttributeType::String, Some(values)) => return literals(values),
        (AttributeType::String | AttributeType::Semver, _) => "string",
        (AttributeType::Number, _) => "number",
        (AttributeType::Boolean, _) => "boolean",
        (AttributeType::Date, _) => "Date | string | number",
        (AttributeType::List, _) => "readonly string[]",
        (AttributeType::Unknown, _) => "unknown",
    };
    name.to_owned()
}

/// The type of all these values: of objects, what some do not have is optional.
fn value_type(values: &[&Json]) -> String {
    let mut types = BTreeSet::new();
    let mut items: Option<Vec<&Json>> = None;
    let mut fields: Option<BTreeMap<&str, Vec<&Json>>> = None;
    let objects = values.iter().filter(|value| value.is_object()).count();
    for value in values {
        let name = match value {
            Json::Null => "null",
            Json::Bool(_) => "boolean",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(more) => {
                items.get_or_insert_default().extend(more);
                continue;
            }
            Json::Object(more) => {
                let fields = fields.get_or_insert_default();
                more.iter().for_each(|(name, value)| fields.entry(name).or_default().push(value));
                continue;
            }
        };
        types.insert(name.to_owned());
    }
    types.extend(items.map(|items| match value_type(&items) {
        none if items.is_empty() => format!("readonly {none}[]"),
        item => format!("readonly ({item})[]"),
    }));
    types.extend(fields.map(|fields| {
        let field = |(name, values): (&str, Vec<&Json>)| {
            let optional = if values.len() < objects { "?" } else { "" };
            format!("readonly {}{optional}: {}", literal(name), value_type(&values))
        };
        format!("{{ {} }}", fields.into_iter().map(field).collect::<Vec<_>>().join("; "))
    }));
    union(types)
}

/// Texts as types, or `string` if one is too long.
fn literals(texts: &[impl AsRef<str>]) -> String {
    let texts = || texts.iter().map(AsRef::as_ref);
    if texts().any(|text| text.len() > LITERAL) { "string".to_owned() } else { union(texts().map(literal).collect()) }
}

/// A text in quotes, without what controls a terminal or reorders text.
fn literal(text: &str) -> String {
    escape::json(&Json::from(text).to_string()).into_owned()
}

fn union(types: BTreeSet<String>) -> String {
    if types.is_empty() { "never".to_owned() } else { types.into_iter().collect::<Vec<_>>().join(" | ") }
}
