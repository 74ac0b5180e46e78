//! The attributes of a log record: taken out by name, and refused where they cannot be stored.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::otlp;

/// The longest unit that the engine randomises, and the longest name of an event, in bytes.
pub(crate) const TEXT_BYTES: usize = waft::limits::UNIT_BYTES;
/// The most `waft.unit.<name>` of one record, and the longest name of one.
const UNITS: usize = 32;
pub(crate) const UNIT_NAME_BYTES: usize = 64;
/// The most `waft.breakdown.<name>` of one record, the longest name of one, which may be a segment's (`segment/eu-pro`), and the longest
/// value, in bytes: pages send 100 UTF-16 units.
const BREAKDOWNS: usize = 8;
const BREAKDOWN_NAME_BYTES: usize = 8 + waft::limits::NAME_BYTES;
const BREAKDOWN_BYTES: usize = 300;

/// The attributes of one record; each is taken out once.
pub(crate) struct Attributes(pub(crate) Vec<otlp::KeyValue>);

impl Attributes {
    /// The value of a key. Nothing, if it has none of the kinds that we read.
    fn take(&mut self, key: &str) -> Option<otlp::AnyValue> {
        self.0.iter_mut().find(|attribute| attribute.key == key)?.value.take()
    }

    pub(crate) fn text(&mut self, key: &str, most: usize) -> Result<Option<String>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        checked_text(key, value, most).map(Some)
    }

    pub(crate) fn required(&mut self, key: &str, most: usize) -> Result<String, String> {
        match self.text(key, most)? {
            Some(text) if !text.is_empty() => Ok(text),
            Some(_) => Err(format!("{key}: empty")),
            None => Err(format!("{key}: missing: send it as stringValue")),
        }
    }

    /// Hexadecimal digits, made lower case; how many of them, at least and at most.
    pub(crate) fn hex(&mut self, key: &str, digits: RangeInclusive<usize>) -> Result<Option<String>, String> {
        let Some(mut text) = self.text(key, TEXT_BYTES)? else { return Ok(None) };
        if !digits.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("{key}: expected {} to {} hexadecimal digits", digits.start(), digits.end()));
        }
        text.make_ascii_lowercase();
        Ok(Some(text))
    }

    pub(crate) fn integer(&mut self, key: &str, most: u64) -> Result<Option<i64>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.int_value {
            Some(otlp::Int(int)) if u64::try_from(int).is_ok_and(|int| int <= most) => Ok(Some(int)),
            Some(otlp::Int(int)) => Err(format!("{key}: {int} is outside 0 to {most}")),
            None => Err(format!("{key}: expected an intValue")),
        }
    }

    pub(crate) fn number(&mut self, key: &str) -> Result<Option<f64>, String> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let number = value.double_value.map(|number| number.0).or(value.int_value.map(|int| int.0 as f64));
        let number = number.filter(|number| number.is_finite());
        let number = number.ok_or_else(|| format!("{key}: expected a finite doubleValue"))?;
        kept(number).map(Some).ok_or_else(|| format!("{key}: {number:e}: at most {LARGEST:e} is stored"))
    }

    /// All `waft.unit.<name>` as a JSON object with sorted names.
    pub(crate) fn units(&mut self) -> Result<String, String> {
        let units = self.named("waft.unit.", UNITS, [UNIT_NAME_BYTES, TEXT_BYTES], "_ - .")?;
        Ok(Value::Object(units).to_string())
    }

    /// All `waft.breakdown.<name>` in the same form, if there are any.
    pub(crate) fn breakdown(&mut self) -> Result<Option<String>, String> {
        let bytes = [BREAKDOWN_NAME_BYTES, BREAKDOWN_BYTES];
        let all = self.named("waft.breakdown.", BREAKDOWNS, bytes, "_ - . /")?;
        Ok((!all.is_empty()).then(|| Value::Object(all).to_string()))
    }

    /// All texts whose keys begin alike, by the rest of the key: at most so many, with names and texts of at most so many bytes.
    fn named(
        &mut self,
        prefix: &str,
        most: usize,
        [name_bytes, text_bytes]: [usize; 2],
        signs: &str,
    ) -> Result<Map<String, Value>, String> {
        let mut all = Map::new();
        for attribute in &mut self.0 {
            let Some(name) = attribute.key.strip_prefix(prefix) else { continue };
            let Some(value) = attribute.value.take() else { continue };
            let plain = |byte: char| byte.is_ascii_alphanumeric() || byte != ' ' && signs.contains(byte);
            if name.is_empty() || name.len() > name_bytes || !name.chars().all(plain) {
                return Err(format!("{prefix}*: a name is 1 to {name_bytes} of A-Z a-z 0-9 {signs}"));
            }
            let text = checked_text(&attribute.key, value, text_bytes)?;
            all.insert(name.to_owned(), Value::String(text));
        }
        if all.len() > most {
            return Err(format!("{prefix}*: {} of them, at most {most} are stored", all.len()));
        }
        Ok(all)
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
pub(crate) fn properties_of(text: &str) -> Result<String, String> {
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
}
