//! OTLP log records as the client writes them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// The 32 digits of an event's id.
pub(crate) fn id(number: u64) -> String {
    format!("{number:032x}")
}

/// The id of an exposure of the unit `v{number}`: that which docs/otlp.md gives it.
pub(crate) fn exposure_id(number: u64, variant: &str) -> String {
    let unit = format!("v{number}");
    let parts = ["shop", "production", "cta-copy", "2", "visitor", &unit, variant, ""];
    String::from_utf8(waft::exposure::id(&parts.map(str::as_bytes)).to_vec()).unwrap()
}

/// A string attribute.
pub(crate) fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// An integer attribute.
pub(crate) fn int(key: &str, value: i64) -> Value {
    json!({ "key": key, "value": { "intValue": value.to_string() } })
}

/// An exposure that happened at `time` and is sent at `sent`, by the client's clock in ms.
pub(crate) fn exposure_at(number: u64, variant: &str, time: i64, sent: i64) -> Value {
    json!({
        "timeUnixNano": format!("{time}000000"), "observedTimeUnixNano": format!("{sent}000000"),
        "eventName": "feature_flag.evaluation",
        "attributes": [
            text("feature_flag.key", "cta"), text("feature_flag.result.variant", variant),
            text("feature_flag.result.reason", "split"), text("feature_flag.context.id", &format!("v{number}")),
            text("feature_flag.set.id", "shop/production"), text("feature_flag.version", "7"),
            text("feature_flag.provider.name", "waft"), text("waft.exposure.id", &exposure_id(number, variant)),
            text("waft.experiment", "cta-copy"), text("waft.rule", "copy-test"), text("waft.unit.kind", "visitor"),
            text("user_agent.name", "Firefox"),
            text("waft.snapshot.digest", &"ab".repeat(32)), text("waft.page_view.id", "p1"),
            int("waft.phase", 2), int("waft.point", 4_294_967_295), int("waft.snapshot.version", 7),
            int("waft.sequence", 3), text("waft.unit.visitor", &format!("v{number}")), text("waft.unit.account", "a1"),
        ],
    })
}

/// An exposure of now.
pub(crate) fn exposure(number: u64, variant: &str) -> Value {
    exposure_at(number, variant, now(), now())
}

/// A request with these records.
pub(crate) fn request(records: &[Value]) -> String {
    json!({ "resourceLogs": [{
        "resource": { "attributes": [text("service.name", "shop"), text("telemetry.sdk.name", "waft")] },
        "scopeLogs": [{ "scope": { "name": "waft", "version": "0.1.0" }, "logRecords": records }],
    }] })
    .to_string()
}
