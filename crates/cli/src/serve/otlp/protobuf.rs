//! The binary encoding, which collectors forward. The messages have only the fields that are read.

use prost::Message;
use prost::bytes::Bytes;

use super::{Double, Int, Place};

/// `ExportLogsServiceRequest`.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Request {
    #[prost(message, repeated, tag = "1")]
    resource_logs: Vec<ResourceLogs>,
}

#[derive(Clone, PartialEq, Message)]
struct ResourceLogs {
    #[prost(message, repeated, tag = "2")]
    scope_logs: Vec<ScopeLogs>,
}

/// Its records are messages; on the wire, that is bytes.
#[derive(Clone, PartialEq, Message)]
struct ScopeLogs {
    #[prost(bytes = "bytes", repeated, tag = "2")]
    log_records: Vec<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct LogRecord {
    #[prost(fixed64, tag = "1")]
    time_unix_nano: u64,
    #[prost(message, repeated, tag = "6")]
    attributes: Vec<KeyValue>,
    #[prost(fixed64, tag = "11")]
    observed_time_unix_nano: u64,
    #[prost(string, tag = "12")]
    event_name: String,
}

#[derive(Clone, PartialEq, Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

/// A `oneof` is optional fields on the wire.
#[derive(Clone, PartialEq, Message)]
struct AnyValue {
    #[prost(string, optional, tag = "1")]
    string_value: Option<String>,
    #[prost(int64, optional, tag = "3")]
    int_value: Option<i64>,
    #[prost(double, optional, tag = "4")]
    double_value: Option<f64>,
}

/// `ExportLogsServiceResponse`.
#[derive(Clone, PartialEq, Message)]
struct Accepted {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<Partial>,
}

#[derive(Clone, PartialEq, Message)]
struct Partial {
    #[prost(int64, tag = "1")]
    rejected_log_records: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

impl Request {
    /// Reads the outside of a request; what is wrong with it, if it is not one.
    pub(crate) fn read(body: Vec<u8>) -> Result<Self, String> {
        Self::decode(Bytes::from(body)).map_err(|error| error.to_string())
    }

    /// The records, each with its place and as bytes.
    pub(crate) fn records(&self) -> impl Iterator<Item = (Place, &Bytes)> {
        self.resource_logs.iter().enumerate().flat_map(|(resource, logs)| {
            logs.scope_logs.iter().enumerate().flat_map(move |(scope, logs)| {
                let records = logs.log_records.iter().enumerate();
                records.map(move |(record, bytes)| (Place { resource, scope, record }, bytes))
            })
        })
    }
}

/// Reads a record; what is wrong with it, if it is not one.
pub(crate) fn record(bytes: &Bytes) -> Result<super::Record, String> {
    let record = LogRecord::decode(bytes.clone()).map_err(|error| error.to_string())?;
    let time = |nanos: u64| i64::try_from(nanos).map(Int).map_err(|_| format!("time: {nanos} ns is after 2262"));
    Ok(super::Record {
        time_unix_nano: Some(time(record.time_unix_nano)?),
        observed_time_unix_nano: Some(time(record.observed_time_unix_nano)?),
        event_name: Some(record.event_name),
        attributes: Some(record.attributes.into_iter().map(attribute).collect()),
    })
}

fn attribute(KeyValue { key, value }: KeyValue) -> super::KeyValue {
    let value = value.map(|value| super::AnyValue {
        string_value: value.string_value,
        int_value: value.int_value.map(Int),
        double_value: value.double_value.map(Double),
    });
    super::KeyValue { key, value }
}

/// `ExportLogsServiceResponse`: how many records can never be stored, and why.
pub(crate) fn accepted(rejected: usize, message: &str) -> Vec<u8> {
    let partial = (rejected > 0).then(|| Partial {
        rejected_log_records: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: message.to_owned(),
    });
    Accepted { partial_success: partial }.encode_to_vec()
}

/// `google.rpc.Status`.
pub(crate) fn status(code: i32, message: &str) -> Vec<u8> {
    Status { code, message: message.to_owned() }.encode_to_vec()
}
