//! What several commands read.

use serde_json::json;
use waft::{Program, Refusal, Trust, verify};

use crate::host::Host;
use crate::source::SourceFile;
use crate::trust;

/// A file's bytes, or a message that names it.
pub(super) fn file(host: &dyn Host, path: &str) -> Result<Vec<u8>, String> {
    host.read(path).map_err(|error| format!("{path}: {error}"))
}

/// A file's text.
pub(super) fn text(host: &dyn Host, path: &str) -> Result<String, String> {
    String::from_utf8(file(host, path)?).map_err(|_| format!("{path}: not UTF-8 text"))
}

/// The files of a ruleset.
pub(super) fn sources(host: &dyn Host, path: &str) -> Result<Vec<SourceFile>, String> {
    let names = host.list(path).map_err(|error| format!("{path}: {error}"))?;
    if names.is_empty() {
        return Err(format!("{path}: no ruleset files; expected *.yaml, *.yml or *.json"));
    }
    names.into_iter().map(|name| Ok(SourceFile { bytes: file(host, &name)?, name })).collect()
}

/// A file's trust.
pub(super) fn read_trust(host: &dyn Host, path: &str) -> Result<Trust, String> {
    trust::read(&text(host, path)?).map_err(|error| format!("{path}: {error}"))
}

/// A moment that was given as RFC 3339, or the present one, in milliseconds since 1970.
pub(super) fn moment(host: &dyn Host, option: &str, text: Option<&str>) -> Result<i64, String> {
    match text {
        None => Ok(host.now()),
        Some(text) => waft::date::parse(text.as_bytes())
            .ok_or_else(|| format!("{option} {text}: expected RFC 3339, such as 2026-12-01T08:00Z")),
    }
}

/// A verified snapshot's program, or the refusal.
pub(super) fn program(bytes: Vec<u8>, trust: &Trust, now: i64) -> Result<Program, Refusal> {
    verify(bytes, trust, now, None).and_then(Program::new)
}

/// Tells a refusal: the code as JSON for scripts, and a sentence for people.
pub(super) fn refuse(host: &dyn Host, path: &str, refusal: Refusal) -> super::Exit {
    host.out(&json!({ "code": refusal.code.name() }).to_string());
    super::fail(host, &format!("{path}: refused, {}", crate::refusal::sentence(refusal)))
}
