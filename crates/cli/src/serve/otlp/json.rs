//! The JSON encoding: proto3's, where a 64-bit integer is a string or a number and `null` is the default.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::json;
use serde_json::value::RawValue;

use super::{Double, Int, KeyValue, Place, Record, Unreadable};

/// `ExportLogsServiceRequest`. Lists are read one by one, where they are counted: `{},` would take some sixteen bytes each.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow, default)]
    resource_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow, default)]
    scope_logs: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow, default)]
    log_records: Option<&'a RawValue>,
}

/// The records of a request, each with its place and as JSON text.
pub(crate) fn records(body: &[u8]) -> Result<Vec<(Place, &str)>, Unreadable> {
    // serde would take an array for a struct.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Unreadable::Malformed("expected a JSON object with resourceLogs".to_owned()));
    }
    let request: Request<'_> =
        serde_json::from_slice(body).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    let mut found = Vec::new();
    let mut left = super::RECORDS;
    for (resource, logs) in list::<ResourceLogs<'_>>(request.resource_logs, &mut left)?.into_iter().enumerate() {
        for (scope, logs) in list::<ScopeLogs<'_>>(logs.scope_logs, &mut left)?.into_iter().enumerate() {
            for (record, text) in list::<&RawValue>(logs.log_records, &mut left)?.into_iter().enumerate() {
                found.push((Place { resource, scope, record }, text.get()));
            }
        }
    }
    Ok(found)
}

/// The items of a list, if they are no more than are left.
fn list<'a, T: Deserialize<'a>>(text: Option<&'a RawValue>, left: &mut usize) -> Result<Vec<T>, Unreadable> {
    let Some(text) = text else { return Ok(Vec::new()) };
    let mut reader = serde_json::Deserializer::from_str(text.get());
    let (items, is_full) =
        AtMost::new(*left).deserialize(&mut reader).map_err(|error| Unreadable::Malformed(error.to_string()))?;
    *left = left.saturating_sub(items.len());
    if is_full { Err(Unreadable::TooMany) } else { Ok(items) }
}

/// A list of at most that many items, and whether there are more, which are skipped.
struct AtMost<T>(usize, PhantomData<T>);

impl<T> AtMost<T> {
    fn new(most: usize) -> Self {
        Self(most, PhantomData)
    }
}

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for AtMost<T> {
    type Value = (Vec<T>, bool);
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for AtMost<T> {
    type Value = (Vec<T>, bool);
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while found.len() < self.0 {
            let Some(item) = items.next_element()? else { return Ok((found, false)) };
            found.push(item);
        }
        let mut is_full = false;
        while items.next_element::<IgnoredAny>()?.is_some() {
            is_full = true;
        }
        Ok((found, is_full))
    }
}

/// The attributes of a record: eleven bytes of an empty one take a hundred in memory.
pub(super) fn attributes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<KeyValue>>, D::Error> {
    struct Attributes;
    impl<'de> Visitor<'de> for Attributes {
        type Value = Option<Vec<KeyValue>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }
        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }
        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            let (attributes, is_full) = AtMost::new(super::ATTRIBUTES).deserialize(deserializer)?;
            if is_full { Err(de::Error::custom(super::too_many_attributes())) } else { Ok(Some(attributes)) }
        }
    }
    deserializer.deserialize_option(Attributes)
}

/// Reads a record; what is wrong with it, if it is not one.
pub(crate) fn record(text: &str) -> Result<Record, String> {
    // serde would take an array for a struct.
    if !text.starts_with('{') {
        return Err("expected a JSON object".to_owned());
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// `ExportLogsServiceResponse`: how many records can never be stored, and why; or, of none, a warning.
pub(crate) fn accepted(rejected: usize, message: &str) -> Vec<u8> {
    if rejected == 0 && message.is_empty() {
        return b"{}".to_vec();
    }
    // A 64-bit integer is a string.
    let partial = json!({ "rejectedLogRecords": rejected.to_string(), "errorMessage": message });
    json!({ "partialSuccess": partial }).to_string().into_bytes()
}

/// `google.rpc.Status`.
pub(crate) fn status(code: i32, message: &str) -> Vec<u8> {
    json!({ "code": code, "message": message }).to_string().into_bytes()
}

impl<'de> Deserialize<'de> for Int {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digits;
        impl Visitor<'_> for Digits {
            type Value = Int;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a 64-bit integer as a number or a string of digits")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Int, E> {
                Ok(Int(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Int, E> {
                i64::try_from(value).map(Int).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Int, E> {
                value.parse().map(Int).map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Digits)
    }
}

impl<'de> Deserialize<'de> for Double {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Double;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Double, E> {
                Ok(Double(value as f64))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Double, E> {
                Ok(Double(value))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Double, E> {
                // Also NaN and Infinity.
                value.parse().map(Double).map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Number)
    }
}
