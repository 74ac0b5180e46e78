//! `waft trust`: the documents by which keys rotate. [`change`] writes the next one, [`show`], [`review`] and [`verify`] read
//! them.

#[cfg(feature = "arguments")]
pub mod arguments;
pub mod change;
pub(crate) mod difference;
pub mod reach;
pub mod review;
pub mod show;
pub mod verify;

use waft::envelope::{Envelope, Kind};

use crate::host::Host;
use crate::input;
use crate::release::Expected;
use waft_compile::trust_document::{Document, Role};
use waft_compile::{keys, refusal};
use waft_ruleset::counted;

/// A trust document's content; `None` if the bytes are of another kind. One that is damaged is an error.
pub(crate) fn document(path: &str, bytes: &[u8]) -> Result<Option<Document>, String> {
    if !Envelope::read(bytes).is_ok_and(|envelope| envelope.kind == Kind::Trust) {
        return Ok(None);
    }
    Document::read(bytes).map(Some).map_err(|refused| format!("{path}: {}", refusal::of_trust(refused)))
}

/// What a file says: a trust document, or TRUST.json.
pub(crate) fn read(host: &dyn Host, path: &str) -> Result<Document, String> {
    let bytes = input::file(host, path)?;
    let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if without_mark.trim_ascii_start().starts_with(b"{") {
        let text = String::from_utf8(bytes).map_err(|_| format!("{path}: not UTF-8 text"))?;
        return Document::from_json(&text).map_err(|error| format!("{path}: {error}"));
    }
    document(path, &bytes)?.ok_or_else(|| format!("{path}: neither a trust document nor TRUST.json"))
}

/// A line that says what a document is.
pub(crate) fn told(document: &Document) -> String {
    let Document { project, environment, number, epoch, min_version, .. } = document;
    let roles: Vec<String> = document.roles.iter().map(|(name, role)| format!("{name} {}", of(role))).collect();
    format!(
        "project {project}, environment {environment}, trust number {number}, epoch {epoch}, minVersion {min_version}; {}",
        roles.join("; ")
    )
}

/// `2 of 3 (alice, bob, carol)`.
pub(crate) fn of(role: &Role) -> String {
    let names: Vec<String> = role.keys.iter().map(|(kid, holder)| name(kid, &holder.name)).collect();
    format!("{} of {} ({})", role.at_least, role.keys.len(), names.join(", "))
}

/// Who holds a key: a name, or the key's id.
pub(crate) fn name(kid: &[u8; 16], name: &str) -> String {
    if name.is_empty() { keys::to_text(kid) } else { name.to_owned() }
}

/// What a role still lacks, for people: `1 more signature as approver (alice, bob can sign)`. `open` are the holders of its other keys.
pub(crate) fn lack(role: &str, have: usize, need: usize, open: &[String]) -> String {
    let signature = if have == 0 { "signature" } else { "more signature" };
    let who = if open.is_empty() { "no other key" } else { &open.join(", ") };
    format!("{} as {role} ({who} can sign)", counted(need - have, signature))
}

/// Compares a document with what its signer expects.
pub(crate) fn check(document: &Document, expected: &Expected) -> Result<(), String> {
    let Document { project, environment, number, .. } = document;
    let Expected { project: of_project, environment: of_environment, version, trust } = expected;
    let differs = |option: &str, wanted: &str, is: &str| {
        Err(format!("--expect-{option} {wanted}: the trust document's {option} is {is}; nothing was written"))
    };
    match (of_project, of_environment, version, trust) {
        (Some(wanted), ..) if wanted != project => differs("project", wanted, project),
        (_, Some(wanted), ..) if wanted != environment => differs("environment", wanted, environment),
        (_, _, Some(wanted), _) if wanted != number => differs("version", &wanted.to_string(), &number.to_string()),
        (.., Some(_)) => {
            Err("--trust: `waft trust verify` compares a trust document with the one before it".to_owned())
        }
        (.., None) => Ok(()),
    }
}
