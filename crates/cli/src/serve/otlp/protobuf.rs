//! The binary encoding, which collectors forward. The messages have only the fields that are read. What is around records is read
//! off the wire, where it is counted: a message of two bytes would take some thirty in memory.

use prost::Message;

use super::wire::Fields;
use super::{Double, Int, Place, Unreadable};

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

/// Fields of `ExportLogsServiceRequest`, `ResourceLogs`, `ScopeLogs` and `LogRecord`.
const RESOURCE_LOGS: u64 = 1;
const SCOPE_LOGS: u64 = 2;
const LOG_RECORDS: u64 = 2;
const ATTRIBUTES: u64 = 6;

/// The records of a request (`ExportLogsServiceRequest`), each with its place and as bytes.
pub(crate) fn records(body: &[u8]) -> Result<Vec<(Place, &[u8])>, Unreadable> {
    let mut found = Vec::new();
    let mut left = super::RECORDS;
    for (resource, logs) in messages(body, RESOURCE_LOGS, &mut left)?.into_iter().enumerate() {
        for (scope, logs) in messages(logs, SCOPE_LOGS, &mut left)?.into_iter().enumerate() {
            for (record, bytes) in messages(logs, LOG_RECORDS, &mut left)?.into_iter().enumerate() {
                found.push((Place { resource, scope, record }, bytes));
            }
        }
    }
    Ok(found)
}

/// The messages of one field.
fn messages<'a>(bytes: &'a [u8], number: u64, left: &mut usize) -> Result<Vec<&'a [u8]>, Unreadable> {
    let mut found = Vec::new();
    for field in Fields(bytes) {
        match field.map_err(Unreadable::Malformed)? {
            (own, Some(bytes)) if own == number => {
                *left = left.checked_sub(1).ok_or(Unreadable::TooMany)?;
                found.push(bytes);
            }
            (own, None) if own == number => {
                return Err(Unreadable::Malformed(format!("field {own}: expected a message")));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Reads a record; what is wrong with it, if it is not one.
pub(crate) fn record(bytes: &[u8]) -> Result<super::Record, String> {
    // Two bytes of an empty one take a hundred in memory.
    if Fields(bytes).filter(|field| matches!(field, Ok((ATTRIBUTES, _)))).count() > super::ATTRIBUTES {
        return Err(super::too_many_attributes());
    }
    let record = LogRecord::decode(bytes).map_err(|error| error.to_string())?;
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

/// `ExportLogsServiceResponse`: how many records can never be stored, and why; or, of none, a warning.
pub(crate) fn accepted(rejected: usize, message: &str) -> Vec<u8> {
    let partial = (rejected > 0 || !message.is_empty()).then(|| Partial {
        rejected_log_records: i64::try_from(rejected).unwrap_or(i64::MAX),
        error_message: message.to_owned(),
    });
    Accepted { partial_success: partial }.encode_to_vec()
}

/// `google.rpc.Status`.
pub(crate) fn status(code: i32, message: &str) -> Vec<u8> {
    Status { code, message: message.to_owned() }.encode_to_vec()
}
