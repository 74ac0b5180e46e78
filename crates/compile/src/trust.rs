//! TRUST.json: a page's trust as people write it.

use serde_json::{Map, Value};
use waft::trust::{Key, Requirement, Trust};
use waft::{Code, Refusal, limits};
use waft_ruleset::suggestion;

use crate::keys;

/// What a trust has, as `Trust` of the package declares it.
const FIELDS: [&str; 10] =
    ["project", "environment", "keys", "require", "epoch", "minVersion", "maxJump", "number", "holders", "maxStale"];
/// What one requirement has.
const REQUIREMENT_FIELDS: [&str; 3] = ["role", "keys", "atLeast"];

/// Reads TRUST.json. The message says what is wrong and what is expected.
pub fn read(text: &str) -> Result<Trust, String> {
    from_json(&parse(text)?)
}

/// The JSON of a trust's text, which may begin with a byte-order mark.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| format!("trust is not JSON: {error}"))
}

/// Reads the JSON of a trust: `{ project, environment, keys: {kid: publicKey}, require: [{ role, keys, atLeast }],
/// epoch?, minVersion?, maxJump?, number?, maxStale?, holders? }`. A field that is none of them is refused: a misspelt `atLeast` would ask
/// for fewer signatures than somebody meant.
pub fn from_json(json: &Value) -> Result<Trust, String> {
    let text = |field: &str| {
        json.get(field)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| format!("trust.{field}: expected a string"))
    };
    let number = |field: &str, default: u64| match json.get(field) {
        None => Ok(default),
        Some(value) => value.as_u64().ok_or_else(|| format!("trust.{field}: expected a whole number")),
    };
    let require =
        json.get("require").and_then(Value::as_array).ok_or("trust.require: expected a list of requirements")?;
    check_fields(json, "trust", &FIELDS)?;
    check_kept(json)?;
    let require = require
        .iter()
        .enumerate()
        .map(|(index, requirement)| {
            read_requirement(json, requirement).map_err(|error| format!("trust.require[{index}]{error}"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let (min_version, max_jump) = (number("minVersion", 0)?, number("maxJump", limits::MAX_JUMP)?);
    Trust::new(text("project")?, text("environment")?, min_version, max_jump, require).map_err(
        |Refusal { code, .. }| {
            debug_assert_eq!(code, Code::InvalidTrust);
            "trust.require: needs at least one requirement, each with as many keys as `atLeast` (1 or more) asks for, \
         and no key in two roles; at most 16 requirements of 64 keys"
                .to_owned()
        },
    )
}

/// Refuses a map that has a field of another name.
fn check_fields(json: &Value, of: &str, known: &[&str]) -> Result<(), String> {
    let fields = json.as_object().into_iter().flat_map(Map::keys);
    fields.into_iter().find(|field| !known.contains(&field.as_str())).map_or(Ok(()), |field| {
        Err(format!("{of}.{field}: there is no such field: {}", suggestion(field, known.iter().copied())))
    })
}

/// What a page alone reads, and would take for what it is not: by a `maxStale` that is no number nothing ends.
fn check_kept(json: &Value) -> Result<(), String> {
    let is_whole = |value: &Value| value.as_u64().is_some();
    let is_names = |value: &Value| value.as_object().is_some_and(|names| names.values().all(Value::is_string));
    let check = |field: &str, is_right: &dyn Fn(&Value) -> bool, what: &str| match json.get(field) {
        Some(value) if !is_right(value) => Err(format!("trust.{field}: expected {what}")),
        Some(_) | None => Ok(()),
    };
    check("maxStale", &is_whole, "a whole number of seconds")?;
    check("epoch", &|value| value.is_string() || is_whole(value), "a whole number, or a text")?;
    check("holders", &is_names, "names by the ids of keys")
}

fn read_requirement(trust: &Value, json: &Value) -> Result<Requirement, String> {
    check_fields(json, "", &REQUIREMENT_FIELDS)?;
    let role = json.get("role").and_then(Value::as_str).ok_or(".role: expected a string")?.as_bytes().to_vec();
    let at_least = match json.get("atLeast") {
        None => 1,
        Some(value) => {
            value.as_u64().and_then(|value| usize::try_from(value).ok()).ok_or(".atLeast: expected a whole number")?
        }
    };
    let kids = json.get("keys").and_then(Value::as_array).ok_or(".keys: expected a list of key ids")?;
    let keys = kids.iter().map(|kid| read_key(trust, kid)).collect::<Result<_, String>>()?;
    Ok(Requirement { role, at_least, keys })
}

fn read_key(trust: &Value, kid: &Value) -> Result<Key, String> {
    let kid = kid.as_str().ok_or(".keys: expected key ids as strings")?;
    let public = trust
        .get("keys")
        .and_then(|keys| keys.get(kid))
        .and_then(Value::as_str)
        .and_then(keys::from_text::<32>)
        .ok_or_else(|| format!(".keys: `{kid}` is not in trust.keys as a public key of 32 bytes in base64url"))?;
    let expected = keys::kid(&ed25519_compact::PublicKey::new(public));
    match keys::from_text::<16>(kid) {
        Some(kid) if kid == expected => Ok(Key { kid, public }),
        _ => Err(format!(".keys: `{kid}` is not the id of its public key, `{}` is", keys::to_text(&expected))),
    }
}
