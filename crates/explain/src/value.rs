//! Truths, numbers and values, as they are told.

use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use waft::Truth;
use waft::buckets::Bound;
use waft_ruleset::Share;

/// 2^53 - 1: JavaScript's `Number.MAX_SAFE_INTEGER`.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// An array of JSON. `json!` asks a serializer of each thing's type, and takes several times the code.
macro_rules! array {
    [$($thing:expr),* $(,)?] => { serde_json::Value::Array(vec![$(serde_json::Value::from($thing)),*]) };
}
pub(crate) use array;

/// True, false, or null for unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "boolean | null"))]
pub struct Tristate(pub Truth);

impl Serialize for Tristate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Truth::False => serializer.serialize_bool(false),
            Truth::True => serializer.serialize_bool(true),
            Truth::Unknown => serializer.serialize_unit(),
        }
    }
}

/// A number of percent, with at most four decimals.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "number"))]
pub struct Percent(f64);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        number(self.0).serialize(serializer)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        number(self.0).fmt(out)
    }
}

/// A number as it was written: integers without a fraction.
pub(crate) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9e15 { Json::from(value as i64) } else { Json::from(value) }
}

/// A point as a percentage with four decimals, as shares have: the largest share that it has reached.
pub(crate) fn percent(point: u32) -> Percent {
    let reached = ((u64::from(point) + 1) * 1_000_000 - 1) >> 32;
    Percent(reached as f64 / 1e4)
}

/// A bound as the share that was written, in percent.
pub(crate) fn share(bound: Bound) -> Percent {
    Percent(f64::from(Share::of(bound).0) / 1e4)
}

/// Any JSON: the value of a variant or an attribute.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "unknown"))]
pub struct Value(pub Json);

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Borrowed(&self.0).serialize(serializer)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// Whether a number is no integer, or one that doubles tell from its neighbours. Another could not be handed to JavaScript but as a
/// `BigInt`, which nobody expects there.
fn is_safe(number: &serde_json::Number) -> bool {
    let integer = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    integer.is_none_or(|integer| integer <= SAFE_INTEGER)
}

struct Borrowed<'j>(&'j Json);

impl Serialize for Borrowed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Number(number) => match number.as_f64() {
                Some(double) if cfg!(feature = "javascript") && !is_safe(number) => serializer.serialize_f64(double),
                _ => number.serialize(serializer),
            },
            Json::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Borrowed(item)))?;
                list.end()
            }
            Json::Object(fields) => {
                let mut object = serializer.serialize_map(Some(fields.len()))?;
                fields.iter().try_for_each(|(name, field)| object.serialize_entry(name, &Borrowed(field)))?;
                object.end()
            }
            Json::Null => serializer.serialize_unit(),
            Json::Bool(boolean) => serializer.serialize_bool(*boolean),
            Json::String(text) => serializer.serialize_str(text),
        }
    }
}
