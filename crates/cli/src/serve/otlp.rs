//! What arrives: a logs request of OTLP/HTTP in its JSON encoding, as far as exposures need it.
//!
//! Source: opentelemetry-proto, `logs/v1/logs.proto` and `common/v1/common.proto`, in the JSON mapping of proto3, where
//! a 64-bit integer is a string or a number and `null` is the default. Unknown fields are skipped. Records are cut out
//! as text first and read one by one, so that a malformed one costs only itself.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::value::RawValue;

/// The attributes that make a record an exposure or an event.
pub(crate) const EXPOSURE_ID: &str = "waft.exposure.id";
pub(crate) const EVENT_ID: &str = "waft.event.id";

/// Whether a record that cannot be read is meant for us, by the bytes it is written in. Others' records are not ours to
/// refuse, however odd.
pub(crate) fn is_ours(record: &[u8]) -> bool {
    let names = |name: &str| record.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    names(EXPOSURE_ID) || names(EVENT_ID)
}

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

/// Where a record stands in its request.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) resource: usize,
    pub(crate) scope: usize,
    pub(crate) record: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resourceLogs[{}].scopeLogs[{}].logRecords[{}]", self.resource, self.scope, self.record)
    }
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

/// `LogRecord`. Times are nanoseconds since 1970 by the sender's clock; 0 is unknown.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    #[serde(default)]
    pub(crate) time_unix_nano: Option<Int>,
    #[serde(default)]
    pub(crate) observed_time_unix_nano: Option<Int>,
    #[serde(default)]
    pub(crate) event_name: Option<String>,
    #[serde(default)]
    pub(crate) attributes: Option<Vec<KeyValue>>,
}

impl Record {
    /// Reads a record; what is wrong with it, if it is not one.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        // serde would take an array for a struct.
        if !text.starts_with('{') {
            return Err("expected a JSON object".to_owned());
        }
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// `KeyValue`.
#[derive(Deserialize)]
pub(crate) struct KeyValue {
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: Option<AnyValue>,
}

/// `AnyValue`: at most one of these is set; booleans, bytes, arrays and maps are read past, as nothing of ours is one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnyValue {
    #[serde(default)]
    pub(crate) string_value: Option<String>,
    #[serde(default)]
    pub(crate) int_value: Option<Int>,
    #[serde(default)]
    pub(crate) double_value: Option<Double>,
}

/// A 64-bit integer: a number, or a string of digits.
#[derive(Clone, Copy)]
pub(crate) struct Int(pub(crate) i64);

/// A finite number, also as a string.
#[derive(Clone, Copy)]
pub(crate) struct Double(pub(crate) f64);

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
                f.write_str("a finite number")
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
                let number = value.parse().ok().filter(|number: &f64| number.is_finite());
                number.map(Double).ok_or_else(|| E::invalid_value(de::Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Number)
    }
}
