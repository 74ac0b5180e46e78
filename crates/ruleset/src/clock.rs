//! Instants as text: what `waft::date` reads, written.

use jiff::Timestamp;

/// Milliseconds since 1970 as RFC 3339 in UTC, without a fraction that is zero.
pub fn text(milli: i64) -> String {
    Timestamp::from_millisecond(milli).map_or_else(|_| milli.to_string(), |instant| instant.to_string())
}

/// Seconds since 1970 as RFC 3339.
pub fn text_of_seconds(seconds: u64) -> String {
    i64::try_from(seconds).ok().and_then(|seconds| seconds.checked_mul(1_000)).map_or_else(|| seconds.to_string(), text)
}

/// [`text_of_seconds`], of when something expires: `never` if it is the largest number that it may be, as of trust documents.
pub fn text_of_end(seconds: u64) -> String {
    if seconds >= waft::limits::VERSION { "never".to_owned() } else { text_of_seconds(seconds) }
}
