//! An evaluation context as JSON.

use serde_json::{Map, Value as Json};
use waft::table::Section;
use waft::{Program, Subject, Value};

/// A longer text counts as present and of no type, as in a page (pkg/src/context.ts). In UTF-16 units; for a list, in bytes of its
/// encoding.
const LONGEST: usize = 65_536;

/// Prepares a JSON object's attributes for a program. `null` is missing; what is no attribute of the program is not
/// looked at.
pub fn subject(program: &Program, context: &Map<String, Json>) -> Subject {
    let mut subject = Subject::new(program);
    fill(program, &mut subject, context);
    subject
}

/// Sets a JSON object's attributes in the selected context of a subject.
pub fn fill(program: &Program, subject: &mut Subject, context: &Map<String, Json>) {
    for slot in 0..program.count(Section::Attributes) {
        let Some((name, _)) = program.attribute(slot) else { continue };
        let value = match context.get(program.str(name)) {
            None | Some(Json::Null) => continue,
            Some(Json::String(text)) if text.len() > LONGEST && text.encode_utf16().count() > LONGEST => Value::Other,
            Some(Json::String(text)) => Value::String(text.as_bytes()),
            Some(Json::Bool(boolean)) => Value::Boolean(*boolean),
            Some(Json::Number(number)) => number.as_f64().map_or(Value::Other, Value::Number),
            Some(Json::Array(list)) => match encode(list) {
                Some(texts) => {
                    subject.set(program, slot, Value::List(&texts));
                    continue;
                }
                None => Value::Other,
            },
            Some(Json::Object(_)) => Value::Other,
        };
        subject.set(program, slot, value);
    }
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

/// Reads a context's JSON text.
pub fn read(text: &str) -> Result<Map<String, Json>, String> {
    match serde_json::from_str(text) {
        Ok(Json::Object(context)) => Ok(context),
        Ok(_) => Err("context: expected an object such as {\"country\":\"DE\"}".to_owned()),
        Err(error) => Err(format!("context is not JSON: {error}")),
    }
}
