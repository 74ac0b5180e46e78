//! The tree.

use serde_json::{Number, Value as Json};

use crate::double;
use crate::finding::Place;
use crate::order::ordered;

/// A value and where it starts.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A single value.
    Scalar(Scalar),
    /// `[a, b]`.
    List(Vec<Node>),
    /// `{ a: b }`, in the order of the text. Keys are unique.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key starts.
    pub place: Place,
    /// The value.
    pub value: Node,
}

/// A single value by the core schema: `true` and `false` alone are booleans; `on`, `off`, `yes` and `no` are text.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~`, or nothing.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number that JSON can carry, and how it is written.
    Number(Number, Box<str>),
    /// Text.
    Text(String),
}

impl Node {
    /// What it is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(Scalar::Null) => "nothing",
            Kind::Scalar(Scalar::Boolean(_)) => "a boolean",
            Kind::Scalar(Scalar::Number(..)) => "a number",
            Kind::Scalar(Scalar::Text(_)) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// Its text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Its entries, if it is a map.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The same as JSON, with sorted keys.
    pub fn to_json(&self) -> Json {
        match &self.kind {
            Kind::Scalar(Scalar::Null) => Json::Null,
            Kind::Scalar(Scalar::Boolean(boolean)) => Json::Bool(*boolean),
            Kind::Scalar(Scalar::Number(number, _)) => Json::Number(number.clone()),
            Kind::Scalar(Scalar::Text(text)) => Json::String(text.clone()),
            Kind::List(items) => Json::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
                Json::Object(ordered(pairs))
            }
        }
    }
}

impl Scalar {
    /// Resolves a plain scalar by the core schema of YAML 1.2, section 10.3.2; nothing for a number that JSON cannot carry.
    pub fn resolve(text: &str) -> Option<Self> {
        Some(match text {
            "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
            "true" | "True" | "TRUE" => Scalar::Boolean(true),
            "false" | "False" | "FALSE" => Scalar::Boolean(false),
            ".nan" | ".NaN" | ".NAN" => return None,
            _ if matches!(text.strip_prefix(['-', '+']).unwrap_or(text), ".inf" | ".Inf" | ".INF") => return None,
            _ if is_number(text) => Scalar::Number(number(text)?, text.into()),
            _ => Scalar::Text(text.to_owned()),
        })
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return !hexadecimal.is_empty() && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return !octal.is_empty() && octal.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    // What Rust reads beyond the schema begins with a letter.
    digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') && double::parse(text).is_some()
}

/// Whether a number is written that is not zero, however small.
fn is_some(text: &str) -> bool {
    text.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).any(|byte| matches!(byte, b'1'..=b'9'))
}

fn number(text: &str) -> Option<Number> {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return u64::from_str_radix(hexadecimal, 16).ok().map(Number::from);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return u64::from_str_radix(octal, 8).ok().map(Number::from);
    }
    match text.strip_prefix('+').unwrap_or(text).parse::<i64>() {
        Ok(integer) => Some(Number::from(integer)),
        Err(_) => double::parse(text).filter(|double| *double != 0.0 || !is_some(text)).and_then(Number::from_f64),
    }
}
