//! The JSON encoding: proto3's, where a 64-bit integer is a string or a number and `null` is the default.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::json;
use serde_json::value::RawValue;

use super::{Double, Int, Place, Record};

/// `ExportLogsServiceRequest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request<'a> {
    #[serde(borrow, default)]
    resource_logs: Option<Vec<ResourceLogs<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow, default)]
    scope_logs: Option<Vec<ScopeLogs<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow, default)]
    log_records: Option<Vec<&'a RawValue>>,
}

impl<'a> Request<'a> {
    /// Reads the outside of a request; what is wrong with it, if it is not one.
    pub(crate) fn read(body: &'a [u8]) -> Result<Self, String> {
        // serde would take an array for a struct.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err("expected a JSON object with resourceLogs".to_owned());
        }
        serde_json::from_slice(body).map_err(|error| error.to_string())
    }

    /// The records, each with its place and as JSON text.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Place, &'a str)> {
        self.resource_logs.iter().flatten().enumerate().flat_map(|(resource, logs)| {
            logs.scope_logs.iter().flatten().enumerate().flat_map(move |(scope, logs)| {
                let records = logs.log_records.iter().flatten().enumerate();
                records.map(move |(record, text)| (Place { resource, scope, record }, text.get()))
            })
        })
    }
}

/// Reads a record; what is wrong with it, if it is not one.
pub(crate) fn record(text: &str) -> Result<Record, String> {
    // serde would take an array for a struct.
    if !text.starts_with('{') {
        return Err("expected a JSON object".to_owned());
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// `ExportLogsServiceResponse`: how many records can never be stored, and why.
pub(crate) fn accepted(rejected: usize, message: &str) -> Vec<u8> {
    if rejected == 0 {
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
