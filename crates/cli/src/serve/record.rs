//! What is kept of a log record: an exposure or an event, checked and with its time corrected.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::otlp;
use super::store::Value as Stored;

/// The digits of an id, and of a digest.
const ID: RangeInclusive<usize> = 32..=32;
const DIGEST: RangeInclusive<usize> = 2..=128;
/// The longest attribute, in bytes: that of the longest unit the engine randomises.
const TEXT_BYTES: usize = waft::limits::UNIT_BYTES;
/// The longest properties of an event, in bytes of JSON.
const PROPERTIES_BYTES: usize = 8_192;
/// The most `waft.unit.<name>` of one record, and the longest name of one.
const UNITS: usize = 32;
const UNIT_NAME_BYTES: usize = 64;
/// How old an event may be when it arrives: a browser's storage can sleep that long, and no snapshot lives longer.
const OLDEST_MS: i64 = 400 * 24 * 3_600_000;

/// A row to store.
pub(crate) enum Row {
    Exposure(Exposure),
    Event(Event),
}

/// A unit met a randomised variant. The columns are described in schema.sql.
pub(crate) struct Exposure {
    pub(crate) id: String,
    pub(crate) experiment: String,
    pub(crate) phase: i64,
    pub(crate) variant: String,
    pub(crate) rule: Option<String>,
    pub(crate) flag: String,
    pub(crate) unit_kind: String,
    pub(crate) unit: String,
    pub(crate) units: String,
    pub(crate) set_id: String,
    pub(crate) snapshot_version: Option<i64>,
    pub(crate) snapshot_digest: Option<String>,
    pub(crate) point: Option<i64>,
    pub(crate) page_view: Option<String>,
    pub(crate) sequence: Option<i64>,
    pub(crate) browser: Option<String>,
    pub(crate) moment: Moment,
}

/// Something happened that a metric counts.
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) properties: Option<String>,
    pub(crate) units: String,
    pub(crate) set_id: Option<String>,
    pub(crate) page_view: Option<String>,
    pub(crate) sequence: Option<i64>,
    pub(crate) moment: Moment,
}

/// When it happened, by the collector's clock; milliseconds, and since 1970 where it is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) time: i64,
    /// What the client's clock was behind; 0 if it did not say when it sent.
    pub(crate) skew: i64,
    /// From happening to sending, by the client's clock.
    pub(crate) late: Option<i64>,
    pub(crate) first_received: i64,
    pub(crate) last_received: i64,
    pub(crate) receipts: i64,
}

impl Row {
    /// What is kept of a record that arrived at `received` (ms). `None` if it is neither an exposure nor an event; what
    /// is wrong with it, if it cannot be stored.
    pub(crate) fn of(record: otlp::Record, received: i64) -> Result<Option<Row>, String> {
        let moment = Moment::corrected(record.time_unix_nano, record.observed_time_unix_nano, received);
        let mut attributes = Attributes(record.attributes.unwrap_or_default());
        if let Some(id) = attributes.hex(otlp::EXPOSURE_ID, ID)? {
            Exposure::read(id, attributes, moment).map(|exposure| Some(Row::Exposure(exposure)))
        } else if let Some(id) = attributes.hex(otlp::EVENT_ID, ID)? {
            Event::read(id, attributes, moment).map(|event| Some(Row::Event(event)))
        } else if record.event_name.as_deref() == Some("waft.track") {
            Err(format!("{}: missing: send it as stringValue", otlp::EVENT_ID))
        } else {
            Ok(None)
        }
    }
}

impl Exposure {
    fn read(id: String, mut from: Attributes, moment: Moment) -> Result<Self, String> {
        let unit_kind = from.required("waft.unit.kind")?;
        let snapshot_version = match from.integer("waft.snapshot.version", waft::limits::VERSION)? {
            Some(version) => Some(version),
            None => from.text("feature_flag.version")?.and_then(|version| version.parse().ok()),
        };
        Ok(Self {
            id,
            experiment: from.required("waft.experiment")?,
            phase: from.integer("waft.phase", u32::MAX.into())?.ok_or("waft.phase: missing: send it as intValue")?,
            variant: from.required("feature_flag.result.variant")?,
            rule: from.text("waft.rule")?,
            flag: from.required("feature_flag.key")?,
            unit: from.required("feature_flag.context.id")?,
            set_id: from.required("feature_flag.set.id")?,
            snapshot_version,
            snapshot_digest: from.hex("waft.snapshot.digest", DIGEST)?,
            point: from.integer("waft.point", u32::MAX.into())?,
            page_view: from.text("waft.page_view.id")?,
            sequence: from.integer("waft.sequence", waft::limits::VERSION)?,
            browser: from.text("user_agent.name")?,
            units: from.units()?,
            unit_kind,
            moment,
        })
    }

    /// In the order of `store::EXPOSURES`.
    pub(crate) fn values(&self) -> Vec<Stored<'_>> {
        let mut values = vec![
            Stored::Text(&self.id),
            Stored::Text(&self.experiment),
            Stored::Integer(self.phase),
            Stored::Text(&self.variant),
            text_or_null(self.rule.as_deref()),
            Stored::Text(&self.flag),
            Stored::Text(&self.unit_kind),
            Stored::Text(&self.unit),
            Stored::Text(&self.units),
            Stored::Text(&self.set_id),
            integer_or_null(self.snapshot_version),
            text_or_null(self.snapshot_digest.as_deref()),
            integer_or_null(self.point),
            text_or_null(self.page_view.as_deref()),
            integer_or_null(self.sequence),
            text_or_null(self.browser.as_deref()),
        ];
        values.extend(self.moment.values());
        values
    }
}

impl Event {
    fn read(id: String, mut from: Attributes, moment: Moment) -> Result<Self, String> {
        let properties = from.bounded_text("waft.event.properties", PROPERTIES_BYTES)?;
        if properties.as_deref().is_some_and(|text| serde_json::from_str::<Map<String, Value>>(text).is_err()) {
            return Err("waft.event.properties: expected the text of a JSON object".to_owned());
        }
        Ok(Self {
            id,
            name: from.required("waft.event.name")?,
            value: from.number("waft.event.value")?,
            properties,
            set_id: from.text("feature_flag.set.id")?,
            page_view: from.text("waft.page_view.id")?,
            sequence: from.integer("waft.sequence", waft::limits::VERSION)?,
            units: from.units()?,
            moment,
        })
    }

    /// In the order of `store::EVENTS`.
    pub(crate) fn values(&self) -> Vec<Stored<'_>> {
        let mut values = vec![
            Stored::Text(&self.id),
            Stored::Text(&self.name),
            self.value.map_or(Stored::Null, Stored::Real),
            text_or_null(self.properties.as_deref()),
            Stored::Text(&self.units),
            text_or_null(self.set_id.as_deref()),
            text_or_null(self.page_view.as_deref()),
            integer_or_null(self.sequence),
        ];
        values.extend(self.moment.values());
        values
    }
}

fn text_or_null(text: Option<&str>) -> Stored<'_> {
    text.map_or(Stored::Null, Stored::Text)
}

fn integer_or_null(integer: Option<i64>) -> Stored<'static> {
    integer.map_or(Stored::Null, Stored::Integer)
}

impl Moment {
    /// Corrects the sender's clock: time + (received - observed), where `observed` is the moment of sending. Without
    /// it the time is taken as it is; without a time, the moment of sending is. A corrected time that cannot be,
    /// because it lies after its arrival or over 400 days before, becomes the time of arrival: as the smallest time of
    /// an exposure is kept, one wild clock must not spoil it.
    fn corrected(time: Option<otlp::Int>, observed: Option<otlp::Int>, received: i64) -> Self {
        let ms = |nanos: Option<otlp::Int>| nanos.map(|nanos| nanos.0 / 1_000_000).filter(|ms| *ms > 0);
        let (happened, observed) = (ms(time), ms(observed));
        let skew = observed.map_or(0, |observed| received.saturating_sub(observed));
        let time = happened.or(observed).map_or(received, |time| time.saturating_add(skew));
        let possible = received.saturating_sub(OLDEST_MS)..=received;
        Self {
            time: if possible.contains(&time) { time } else { received },
            skew,
            late: observed.zip(happened).map(|(observed, happened)| observed.saturating_sub(happened)),
            first_received: received,
            last_received: received,
            receipts: 1,
        }
    }

    /// The last columns of both tables.
    fn values(&self) -> [Stored<'static>; 6] {
        [
            Stored::Integer(self.time),
            Stored::Integer(self.skew),
            integer_or_null(self.late),
            Stored::Integer(self.first_received),
            Stored::Integer(self.last_received),
            Stored::Integer(self.receipts),
        ]
    }
}

/// The attributes of one record; each is taken out once.
struct Attributes(Vec<otlp::KeyValue>);

impl Attributes {
    /// The value of a key. Nothing, if it has none of the kinds that we read.
    fn take(&mut self, key: &str) -> Option<otlp::AnyValue> {
        self.0.iter_mut().find(|attribute| attribute.key == key)?.value.take()
    }

    fn bounded_text(&mut self, key: &str, most: usize) -> Result<Option<String>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        checked_text(key, value, most).map(Some)
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, String> {
        self.bounded_text(key, TEXT_BYTES)
    }

    fn required(&mut self, key: &str) -> Result<String, String> {
        match self.text(key)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(format!("{key}: empty")),
            None => Err(format!("{key}: missing: send it as stringValue")),
        }
    }

    /// Hexadecimal digits, made lower case; how many of them, at least and at most.
    fn hex(&mut self, key: &str, digits: RangeInclusive<usize>) -> Result<Option<String>, String> {
        let Some(mut text) = self.text(key)? else { return Ok(None) };
        if !digits.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("{key}: expected {} to {} hexadecimal digits", digits.start(), digits.end()));
        }
        text.make_ascii_lowercase();
        Ok(Some(text))
    }

    fn integer(&mut self, key: &str, most: u64) -> Result<Option<i64>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.int_value {
            Some(otlp::Int(int)) if u64::try_from(int).is_ok_and(|int| int <= most) => Ok(Some(int)),
            Some(otlp::Int(int)) => Err(format!("{key}: {int} is outside 0 to {most}")),
            None => Err(format!("{key}: expected an intValue")),
        }
    }

    fn number(&mut self, key: &str) -> Result<Option<f64>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let number = value.double_value.map(|number| number.0).or(value.int_value.map(|int| int.0 as f64));
        let number = number.filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| format!("{key}: expected a finite doubleValue"))
    }

    /// All `waft.unit.<name>` as a JSON object with sorted names.
    fn units(&mut self) -> Result<String, String> {
        let mut units = Map::new();
        for attribute in &mut self.0 {
            let Some(name) = attribute.key.strip_prefix("waft.unit.") else { continue };
            let Some(value) = attribute.value.take() else { continue };
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            if name.is_empty() || name.len() > UNIT_NAME_BYTES || !name.bytes().all(plain) {
                return Err(format!("waft.unit.*: a name is 1 to {UNIT_NAME_BYTES} of A-Z a-z 0-9 _ - ."));
            }
            let unit = checked_text(&attribute.key, value, TEXT_BYTES)?;
            units.insert(name.to_owned(), Value::String(unit));
        }
        if units.len() > UNITS {
            return Err(format!("waft.unit.*: {} units, at most {UNITS} are stored", units.len()));
        }
        Ok(Value::Object(units).to_string())
    }
}

/// A string of at most `most` bytes. U+0000 is refused: SQL functions end a text there.
fn checked_text(key: &str, value: otlp::AnyValue, most: usize) -> Result<String, String> {
    match value.string_value {
        Some(text) if text.len() > most => Err(format!("{key}: {} bytes, at most {most} are stored", text.len())),
        Some(text) if text.contains('\0') => Err(format!("{key}: contains U+0000")),
        Some(text) => Ok(text),
        None => Err(format!("{key}: expected a stringValue")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_corrected_and_impossible_times_become_the_arrival() {
        const RECEIVED: i64 = 1_700_000_000_000;
        const HOUR: i64 = 3_600_000;
        let check = |time: i64, observed: i64, expected: i64| {
            let nanos = |ms: i64| Some(otlp::Int(ms.saturating_mul(1_000_000)));
            assert_eq!(Moment::corrected(nanos(time), nanos(observed), RECEIVED).time, expected, "{time} {observed}");
        };
        check(RECEIVED - 5_000, RECEIVED, RECEIVED - 5_000);
        check(RECEIVED - HOUR - 5_000, RECEIVED - HOUR, RECEIVED - 5_000); // an hour behind
        check(RECEIVED + HOUR - 5_000, RECEIVED + HOUR, RECEIVED - 5_000); // an hour ahead
        check(5_000, 9_000, RECEIVED - 4_000); // a clock that starts in 1970
        check(RECEIVED - 5_000, 0, RECEIVED - 5_000); // moment of sending unknown
        check(0, RECEIVED - HOUR, RECEIVED); // time unknown
        check(0, 0, RECEIVED);
        check(RECEIVED + 5_000, RECEIVED, RECEIVED); // happened after it was sent
        check(RECEIVED - OLDEST_MS - 1, RECEIVED, RECEIVED); // too old
        check(i64::MAX, i64::MIN, RECEIVED);
        check(i64::MIN, i64::MAX, RECEIVED);
    }
}
