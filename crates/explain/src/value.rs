//! Truths, numbers and moments as JSON has them.

use serde_json::Value as Json;
use waft::Truth;
use waft::buckets::Bound;

use waft_ruleset::Share;
use waft_ruleset::clock;

/// A truth as JSON: unknown is null.
pub(crate) fn truth(truth: Truth) -> Json {
    match truth {
        Truth::False => false.into(),
        Truth::True => true.into(),
        Truth::Unknown => Json::Null,
    }
}

/// A number as it was written: integers without a fraction.
pub(crate) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9e15 { Json::from(value as i64) } else { Json::from(value) }
}

/// A point as a percentage with four decimals, as shares have: the largest share that it has reached.
pub(crate) fn percent(point: u32) -> Json {
    let reached = ((u64::from(point) + 1) * 1_000_000 - 1) >> 32;
    number(reached as f64 / 1e4)
}

/// A bound as the share that was written, in percent.
pub(crate) fn share(bound: Bound) -> Json {
    number(f64::from(Share::of(bound).0) / 1e4)
}

/// Milliseconds since 1970 as RFC 3339.
pub(crate) fn instant(milli: i64) -> Json {
    Json::from(clock::text(milli))
}
