//! What is kept of a log record: an exposure or an event, checked, with its times as they were told. Clocks are corrected when rows
//! are read (crates/report/src/query/clocks.sql): one receipt alone does not tell a slow clock from a slow network.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::checks::{Checks, Verdict};
use super::otlp;
use super::store::Value as Stored;

/// The digits of an id, and of a digest.
const ID: RangeInclusive<usize> = 32..=32;
const DIGEST: RangeInclusive<usize> = 2..=128;
/// The longest unit that the engine randomises, and the longest name of an event, in bytes.
const TEXT_BYTES: usize = waft::limits::UNIT_BYTES;
/// The longest name, in bytes: a ruleset has no longer ones. Two of them, and what is between, are a project and its environment
/// (`shop/production`), or a ramp's flag and rule. PostgreSQL's indexes hold no more than 2,704 bytes of a row.
const NAME_BYTES: usize = 100;
const NAMES_BYTES: usize = 2 * NAME_BYTES + 1;
/// The longest properties of an event, in bytes of JSON.
const PROPERTIES_BYTES: usize = 8_192;
/// The most `waft.unit.<name>` of one record, and the longest name of one.
const UNITS: usize = 32;
const UNIT_NAME_BYTES: usize = 64;

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
    pub(crate) browser: Option<String>,
    pub(crate) moment: Moment,
    pub(crate) verdict: Verdict,
    pub(crate) trusted: bool,
    /// Whether it named another id.
    renamed: bool,
}

/// Something happened that a metric counts.
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) value: Option<f64>,
    pub(crate) properties: Option<String>,
    pub(crate) units: String,
    pub(crate) set_id: Option<String>,
    pub(crate) moment: Moment,
    pub(crate) trusted: bool,
}

/// When it happened, where in its page view, and when it was sent and received; milliseconds since 1970. Of the copy that was
/// received first; `again` has the others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) page_view: Option<String>,
    pub(crate) sequence: Option<i64>,
    /// By the sender's clock.
    pub(crate) time: i64,
    /// By the sender's clock, too; `None` if it did not say.
    pub(crate) sent_at: Option<i64>,
    /// Whether something stands between the page and here that may have waited.
    pub(crate) forwarded: bool,
    pub(crate) first_received: i64,
    pub(crate) last_received: i64,
    pub(crate) receipts: i64,
    /// Copies that were received later, as the JSON array that is stored.
    pub(crate) again: Option<String>,
}

/// How a request came here.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    /// When, in milliseconds since 1970.
    pub(crate) received: i64,
    /// Whether through something that may have waited.
    pub(crate) forwarded: bool,
}

impl Row {
    /// Says of a row what it is held against, and whose it is. Whether it named another id than its own.
    pub(crate) fn mark(&mut self, checks: &Checks, trusted: bool) -> bool {
        match self {
            Self::Exposure(exposure) => {
                exposure.verdict = checks.verdict(exposure);
                exposure.trusted = trusted;
                exposure.renamed
            }
            Self::Event(event) => {
                event.trusted = trusted;
                false
            }
        }
    }

    /// What is kept of a record. `None` if it is neither an exposure nor an event; what is wrong with it, if it cannot be
    /// stored.
    pub(crate) fn of(record: otlp::Record, arrival: Arrival) -> Result<Option<Row>, String> {
        let mut moment = Moment::of(record.time_unix_nano, record.observed_time_unix_nano, arrival);
        let mut attributes = Attributes(record.attributes.unwrap_or_default());
        moment.page_view = attributes.text("waft.page_view.id", NAME_BYTES)?;
        moment.sequence = attributes.integer("waft.sequence", waft::limits::VERSION)?;
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
    fn read(named: String, mut from: Attributes, moment: Moment) -> Result<Self, String> {
        let unit_kind = from.required("waft.unit.kind", UNIT_NAME_BYTES)?;
        let snapshot_version = match from.integer("waft.snapshot.version", waft::limits::VERSION)? {
            Some(version) => Some(version),
            None => from.text("feature_flag.version", NAME_BYTES)?.and_then(|version| version.parse().ok()),
        };
        let mut exposure = Self {
            id: String::new(),
            experiment: from.required("waft.experiment", NAMES_BYTES)?,
            phase: from.integer("waft.phase", u32::MAX.into())?.ok_or("waft.phase: missing: send it as intValue")?,
            variant: from.required("feature_flag.result.variant", NAME_BYTES)?,
            rule: from.text("waft.rule", NAME_BYTES)?,
            flag: from.required("feature_flag.key", NAME_BYTES)?,
            unit: from.required("feature_flag.context.id", TEXT_BYTES)?,
            set_id: from.required("feature_flag.set.id", NAMES_BYTES)?,
            snapshot_version,
            snapshot_digest: from.hex("waft.snapshot.digest", DIGEST)?,
            point: from.integer("waft.point", u32::MAX.into())?,
            browser: from.text("user_agent.name", NAME_BYTES)?,
            units: from.units()?,
            unit_kind,
            moment,
            verdict: Verdict::default(),
            trusted: false,
            renamed: false,
        };
        let window = from.text("waft.window", NAME_BYTES)?.unwrap_or_default();
        exposure.id = exposure.own_id(&window)?;
        exposure.renamed = exposure.id != named;
        Ok(exposure)
    }

    /// The id that its parts make, whatever it says: who could name one could take the place of another's row.
    fn own_id(&self, window: &str) -> Result<String, String> {
        let names = self.set_id.split_once('/').filter(|(_, environment)| !environment.contains('/'));
        let (project, environment) = names.ok_or("feature_flag.set.id: expected project/environment")?;
        let phase = self.phase.to_string();
        let parts =
            [project, environment, &self.experiment, &phase, &self.unit_kind, &self.unit, &self.variant, window];
        let id = waft::exposure::id(&parts.map(str::as_bytes));
        Ok(String::from_utf8_lossy(&id).into_owned())
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
            text_or_null(self.browser.as_deref()),
        ];
        values.extend(self.moment.values());
        values.extend([Stored::Text(self.verdict.name()), Stored::Integer(self.trusted.into())]);
        values
    }
}

impl Event {
    fn read(id: String, mut from: Attributes, moment: Moment) -> Result<Self, String> {
        let properties = from.text("waft.event.properties", PROPERTIES_BYTES)?;
        let properties = properties.map(|text| properties_of(&text)).transpose()?;
        Ok(Self {
            id,
            name: from.required("waft.event.name", TEXT_BYTES)?,
            value: from.number("waft.event.value")?,
            properties,
            set_id: from.text("feature_flag.set.id", NAMES_BYTES)?,
            units: from.units()?,
            moment,
            trusted: false,
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
        ];
        values.extend(self.moment.values());
        values.push(Stored::Integer(self.trusted.into()));
        values
    }
}

fn text_or_null(text: Option<&str>) -> Stored<'_> {
    text.map_or(Stored::Null, Stored::Text)
}

fn integer_or_null(integer: Option<i64>) -> Stored<'static> {
    integer.map_or(Stored::Null, Stored::Integer)
}

/// How much earlier than its first receipt a later one may make a row, in milliseconds. A page that was offline for longer had met
/// what it tells now; it is not believed, as anybody can say so of anybody.
pub(crate) const EARLIER_MS: i64 = 30 * 24 * 3_600_000;

impl Moment {
    /// Whether this copy, received later, would move a row by too much: by the time that it waited on its device, or, where that is
    /// not what counts, by its device's clock. As `Table::upsert` has it.
    pub(crate) fn is_too_early_for(&self, first: &Self) -> bool {
        let waited = self.sent_at.map_or(0, |sent_at| sent_at.saturating_sub(self.time));
        let by_wait = self.first_received.saturating_sub(waited);
        let time = if self.sent_at.is_none() || self.forwarded { by_wait.min(self.time) } else { by_wait };
        time < first.first_received.saturating_sub(EARLIER_MS)
    }

    /// As it was told. What has no time happened when it was sent, and what has neither, when it was received.
    fn of(time: Option<otlp::Int>, observed: Option<otlp::Int>, Arrival { received, forwarded }: Arrival) -> Self {
        let ms = |nanos: Option<otlp::Int>| nanos.map(|nanos| nanos.0 / 1_000_000).filter(|ms| *ms > 0);
        let (happened, sent_at) = (ms(time), ms(observed));
        Self {
            page_view: None,
            sequence: None,
            time: happened.or(sent_at).unwrap_or(received),
            sent_at,
            forwarded,
            first_received: received,
            last_received: received,
            receipts: 1,
            again: None,
        }
    }

    /// The last columns of both tables.
    fn values(&self) -> [Stored<'_>; 9] {
        [
            text_or_null(self.page_view.as_deref()),
            integer_or_null(self.sequence),
            Stored::Integer(self.time),
            integer_or_null(self.sent_at),
            Stored::Integer(self.forwarded.into()),
            Stored::Integer(self.first_received),
            Stored::Integer(self.last_received),
            Stored::Integer(self.receipts),
            text_or_null(self.again.as_deref()),
        ]
    }
}

/// A number as it is stored: within these its square is a number, and a sum of squares, too. Smaller ones are 0, of larger ones
/// there are none.
const SMALLEST: f64 = 1e-100;
const LARGEST: f64 = 1e100;

fn kept(number: f64) -> Option<f64> {
    let size = number.abs();
    if size < SMALLEST { Some(0.0) } else { Some(number).filter(|_| size <= LARGEST) }
}

/// Properties as they are stored: written anew, so that nothing is in them that JSON does not need (a line break would look like the
/// end of a row where rows are lines), each name once, and no number or character that a database cannot hold.
fn properties_of(text: &str) -> Result<String, String> {
    const KEY: &str = "waft.event.properties";
    let mut value: Value = serde_json::from_str(text)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| format!("{KEY}: expected the text of a JSON object"))?;
    tidy(&mut value).map_err(|number| format!("{KEY}: {number}: at most {LARGEST:e} is stored"))?;
    Ok(value.to_string())
}

/// The number that is too large, if there is one. Nested as deep as serde reads, which is 128.
fn tidy(value: &mut Value) -> Result<(), serde_json::Number> {
    const NUL: char = '\0';
    const INSTEAD: &str = "\u{fffd}";
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) if number.is_f64() => {
            let float = number.as_f64().unwrap_or_default();
            let stored = kept(float).ok_or_else(|| number.clone())?;
            if stored == 0.0 {
                *value = Value::from(0);
            }
        }
        Value::Number(_) => {}
        Value::String(text) => {
            if text.contains(NUL) {
                *text = text.replace(NUL, INSTEAD);
            }
        }
        Value::Array(values) => values.iter_mut().try_for_each(tidy)?,
        Value::Object(values) => {
            if values.keys().any(|key| key.contains(NUL)) {
                *values =
                    std::mem::take(values).into_iter().map(|(key, value)| (key.replace(NUL, INSTEAD), value)).collect();
            }
            values.values_mut().try_for_each(tidy)?;
        }
    }
    Ok(())
}

/// The attributes of one record; each is taken out once.
struct Attributes(Vec<otlp::KeyValue>);

impl Attributes {
    /// The value of a key. Nothing, if it has none of the kinds that we read.
    fn take(&mut self, key: &str) -> Option<otlp::AnyValue> {
        self.0.iter_mut().find(|attribute| attribute.key == key)?.value.take()
    }

    fn text(&mut self, key: &str, most: usize) -> Result<Option<String>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        checked_text(key, value, most).map(Some)
    }

    fn required(&mut self, key: &str, most: usize) -> Result<String, String> {
        match self.text(key, most)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(format!("{key}: empty")),
            None => Err(format!("{key}: missing: send it as stringValue")),
        }
    }

    /// Hexadecimal digits, made lower case; how many of them, at least and at most.
    fn hex(&mut self, key: &str, digits: RangeInclusive<usize>) -> Result<Option<String>, String> {
        let Some(mut text) = self.text(key, TEXT_BYTES)? else { return Ok(None) };
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
        let number = number.ok_or_else(|| format!("{key}: expected a finite doubleValue"))?;
        kept(number).map(Some).ok_or_else(|| format!("{key}: {number:e}: at most {LARGEST:e} is stored"))
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
    fn numbers_are_kept_that_sums_can_be_made_of() {
        for (number, stored) in [
            (49.9, Some(49.9)),
            (-49.9, Some(-49.9)),
            (1e100, Some(1e100)),
            (-1e100, Some(-1e100)),
            (1e-100, Some(1e-100)),
            (1e-200, Some(0.0)),
            (-1e-200, Some(0.0)),
            (5e-324, Some(0.0)),
            (-0.0, Some(0.0)),
            (1.1e100, None),
            (-1e308, None),
        ] {
            assert_eq!(kept(number), stored, "{number:e}");
            assert!(kept(number).is_none_or(|number| number != 0.0 || number.is_sign_positive()), "{number:e}");
        }
    }

    #[test]
    fn properties_are_written_anew() {
        let check = |text: &str, stored: &str| assert_eq!(properties_of(text).as_deref(), Ok(stored), "{text}");
        check("{\"a\":\n{ \"b\" : 1 }\r}", r#"{"a":{"b":1}}"#);
        check(r#"{"a":1e-400,"b":-1e-200,"c":-0.0,"d":-0}"#, r#"{"a":0,"b":0,"c":0,"d":0}"#);
        check(r#"{"a":1,"a":2}"#, r#"{"a":2}"#);
        check(
            r#"{"a\u0000":"\u0000","b":["\\u0000",-5.5]}"#,
            "{\"a\u{fffd}\":\"\u{fffd}\",\"b\":[\"\\\\u0000\",-5.5]}",
        );
        check(r#"{"a":18446744073709551615,"b":1e100}"#, r#"{"a":18446744073709551615,"b":1e+100}"#);
        for text in [
            r#"{"a":1e101}"#,
            r#"{"a":[{"b":-1e300}]}"#,
            r#"{"a":1e999}"#,
            "[]",
            "1",
            "{\"a\":NaN}",
            r#"{"a":"\ud800"}"#,
        ] {
            assert!(properties_of(text).is_err(), "{text}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(properties_of(&deep).is_err());
    }

    #[test]
    fn times_are_kept_as_they_were_told() {
        const RECEIVED: i64 = 1_700_000_000_000;
        let check = |time: i64, observed: i64, expected: (i64, Option<i64>)| {
            let nanos = |ms: i64| Some(otlp::Int(ms.saturating_mul(1_000_000)));
            let arrival = Arrival { received: RECEIVED, forwarded: false };
            let moment = Moment::of(nanos(time), nanos(observed), arrival);
            assert_eq!((moment.time, moment.sent_at), expected, "{time} {observed}");
        };
        check(RECEIVED - 5_000, RECEIVED - 4_000, (RECEIVED - 5_000, Some(RECEIVED - 4_000)));
        check(RECEIVED + 3_600_000, RECEIVED + 3_600_009, (RECEIVED + 3_600_000, Some(RECEIVED + 3_600_009)));
        check(5_000, 9_000, (5_000, Some(9_000))); // a clock that starts in 1970
        check(RECEIVED - 5_000, 0, (RECEIVED - 5_000, None)); // moment of sending unknown
        check(0, RECEIVED - 9, (RECEIVED - 9, Some(RECEIVED - 9))); // time unknown
        check(0, 0, (RECEIVED, None));
        check(i64::MAX, i64::MIN, (i64::MAX / 1_000_000, None));
        check(i64::MIN, i64::MAX, (i64::MAX / 1_000_000, Some(i64::MAX / 1_000_000)));
    }
}
