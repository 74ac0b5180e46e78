//! An evaluation context as JSON.

use serde_json::{Map, Value as Json};
use waft::{Program, Session, Value, limits};
use waft_ruleset::double;

/// A longer text counts as present and of no type, as in a page (pkg/src/engine/context.ts).
const LONGEST: usize = limits::TEXT_LENGTH;

/// Prepares a JSON object's attributes for a program. `null` is missing; what is no attribute of the program is not
/// looked at.
pub fn session(program: &Program, context: &Map<String, Json>) -> Session {
    let mut session = Session::new(program);
    fill(program, &mut session, context);
    session
}

/// Sets a JSON object's attributes in the selected context of a session.
pub fn fill(program: &Program, session: &mut Session, context: &Map<String, Json>) {
    for slot in program.slots() {
        let Some(attribute) = program.attribute(slot) else { continue };
        match context.get(program.str(attribute.name)) {
            None | Some(Json::Null) => {}
            Some(json) => value(json, &mut |value| session.set(program, slot, value)),
        }
    }
}

/// Hands on what a JSON value is to a page.
pub(crate) fn value(json: &Json, give: &mut dyn FnMut(Value<'_>)) {
    let texts;
    give(match json {
        Json::Null => Value::Missing,
        Json::String(text) if text.len() > LONGEST && text.encode_utf16().count() > LONGEST => Value::Other,
        Json::String(text) => Value::String(text.as_bytes()),
        Json::Bool(boolean) => Value::Boolean(*boolean),
        Json::Number(number) => number.as_f64().map_or(Value::Other, Value::Number),
        Json::Array(list) => {
            texts = encode(list);
            texts.as_deref().map_or(Value::Other, Value::List)
        }
        Json::Object(_) => Value::Other,
    })
}

/// A list of texts as [`Value::List`] has it; nothing if an item is no text, or if they are too long.
fn encode(list: &[Json]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for item in list {
        let text = item.as_str()?;
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    // The page counts two bytes for the number of texts in front.
    (bytes.len() + 2 <= LONGEST).then_some(bytes)
}

/// Whether a value is a list of texts, of whatever length.
pub(crate) fn is_texts(value: &Json) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(Json::is_string))
}

/// Reads a context's JSON text, and takes what a page takes.
pub fn read(text: &str) -> Result<Map<String, Json>, String> {
    let read = |text: &str| serde_json::from_str(text);
    match read(text).or_else(|error| read(&as_pages_read(text)).map_err(|_| error)) {
        Ok(Json::Object(context)) => Ok(context),
        Ok(_) => Err("context: expected an object such as {\"country\":\"DE\"}".to_owned()),
        Err(error) => Err(format!("context is not JSON: {error}")),
    }
}

/// JSON's text with what serde_json refuses and `JSON.parse` takes written as what a page tells its engine: half a surrogate pair is
/// U+FFFD, and a number beyond all doubles is of no type, for which pkg/src/studio.ts, too, writes `{}`.
fn as_pages_read(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut inside) = (text, false);
    while let Some(first) = rest.chars().next() {
        let pair = [surrogate(rest), rest.get(6..).and_then(surrogate)];
        let (written, length) = match (first, inside, pair) {
            ('\\', true, [Some(0xd800..0xdc00), Some(0xdc00..)]) => (None, 12),
            ('\\', true, [Some(_), _]) => (Some("\\ufffd"), 6),
            ('\\', true, [None, _]) => (None, rest.chars().take(2).map(char::len_utf8).sum()),
            ('-' | '0'..='9', false, _) => {
                let end = rest.find(|char: char| !matches!(char, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
                let number = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
                (double::parse(number).is_some_and(f64::is_infinite).then_some("{}"), number.len())
            }
            _ => (None, first.len_utf8()),
        };
        inside ^= first == '"';
        let (own, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        out.push_str(written.unwrap_or(own));
        rest = after;
    }
    out
}

/// Half a surrogate pair that a text begins with, escaped.
fn surrogate(text: &str) -> Option<u16> {
    let digits =
        text.strip_prefix("\\u")?.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xd800..0xe000).contains(unit))
}
