//! What arrives: a logs request of OTLP/HTTP, as far as exposures need it. `json` and `protobuf` are its two encodings.
//!
//! Source: opentelemetry-proto 1, `logs/v1/logs.proto` and `common/v1/common.proto`. Unknown fields are skipped. Records are
//! cut out first and read one by one, so that a malformed one costs only itself.

pub(crate) mod json;
pub(crate) mod protobuf;
mod wire;

use std::fmt;

use serde::Deserialize;

/// The attributes that make a record an exposure or an event.
pub(crate) const EXPOSURE_ID: &str = "waft.exposure.id";
pub(crate) const EVENT_ID: &str = "waft.event.id";

/// The most records of one request, with the lists that they are in: a page sends 50, OpenTelemetry's Collector 8,192 at a time.
pub(crate) const RECORDS: usize = 16_384;
/// The most attributes of one record: OpenTelemetry's SDKs write 128.
const ATTRIBUTES: usize = 1_024;

fn too_many_attributes() -> String {
    format!("attributes: over {ATTRIBUTES}")
}

/// Why there are no records.
pub(crate) enum Unreadable {
    /// It is no logs request.
    Malformed(String),
    /// There are more than [`RECORDS`].
    TooMany,
}

/// Whether a record that cannot be read is meant for us, by the bytes it is written in. Others' records are not ours to
/// refuse, however odd.
pub(crate) fn is_ours(record: &[u8]) -> bool {
    let names = |name: &str| record.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    names(EXPOSURE_ID) || names(EVENT_ID)
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
    #[serde(default, deserialize_with = "json::attributes")]
    pub(crate) attributes: Option<Vec<KeyValue>>,
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

/// A number, in JSON also as a string.
#[derive(Clone, Copy)]
pub(crate) struct Double(pub(crate) f64);
