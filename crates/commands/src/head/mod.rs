//! `waft kill`, `waft unkill`, `waft head refresh`, `waft head show`, and what `waft verify` does with a head.

pub mod kill;
mod phases;
pub mod refresh;
pub mod show;
pub(crate) mod verified;

use std::io::ErrorKind;

use ed25519_compact::KeyPair;
use waft::head::file::Head;
use waft::kind::Kind;
use waft::{Code, Refusal, Trust};
use waft_compile::head::Documents;
use waft_compile::snapshot::Claims;
use waft_compile::{keys, refusal, snapshot};

use crate::host::Host;
use crate::{again, secret};

/// The secret key of a PEM file: one that the trust lists for documents of a kind.
pub fn key(host: &dyn Host, path: &str, kind: Kind, trust: &Trust) -> Result<KeyPair, String> {
    let pair = secret::key(host, path)?;
    check_listed(kind, trust, &keys::kid(&pair.pk)).map_err(|message| format!("{path}: {message}"))?;
    Ok(pair)
}

/// A head's file as it was read.
struct Found {
    documents: Documents,
    /// None if there is no such file.
    bytes: Option<Vec<u8>>,
}

/// A head's documents. A file that does not exist is an empty one.
fn read(host: &dyn Host, path: &str) -> Result<Found, String> {
    let bytes = match host.read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Found { documents: Documents::default(), bytes: None });
        }
        Err(error) => return Err(format!("{path}: {error}")),
    };
    let refused = |refused| format!("{path}: not a head, {}", refusal::sentence(refused));
    if Head::read(&bytes).map_err(refused)?.snapshot.is_some() {
        return Err(format!("{path}: a snapshot, or a head with one behind it: name the file of the head alone"));
    }
    let documents = Documents::read(&bytes).map_err(refused)?;
    Ok(Found { documents, bytes: Some(bytes) })
}

/// Writes a head in the place of what was read. `None` if that is something else by now, such as a kill that a refresh must not undo.
fn write(host: &dyn Host, path: &str, before: &Found, documents: &Documents) -> Result<Option<()>, String> {
    let bytes = documents.to_bytes().map_err(|refused| format!("{path}: {}", refusal::sentence(refused)))?;
    again::write(host, path, before.bytes.as_deref(), &bytes)
}

/// What a verified document says. One that was signed by keys which no longer count is as none: pages that have this trust dropped it, and
/// whoever rotates keys must be able to go on.
fn unless_revoked<T>(found: Option<Result<T, Refusal>>) -> Result<Option<T>, Refusal> {
    match found {
        Some(Err(refused)) if matches!(refused.code, Code::UnknownKey | Code::RoleMissing) => Ok(None),
        found => found.transpose(),
    }
}

/// What a new document claims.
fn claims(trust: &Trust, version: u64, issued: u64, expires: u64) -> Claims {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (project, environment) = (text(trust.project()), text(trust.environment()));
    Claims { project, environment, version, issued, not_before: None, expires }
}

/// Signs a document in the role that is its own. A key that the trust does not list in it is told before anything is written.
fn sign(document: &[u8], kind: Kind, trust: &Trust, pair: &KeyPair) -> Result<Vec<u8>, String> {
    check_listed(kind, trust, &keys::kid(&pair.pk))?;
    snapshot::sign(document, pair, kind.role().unwrap_or_default()).map_err(refusal::sentence)
}

/// Refuses a key, by its id, that the trust does not list in the role of a kind.
pub fn check_listed(kind: Kind, trust: &Trust, kid: &[u8; 16]) -> Result<(), String> {
    let role = kind.role().unwrap_or_default();
    if trust.require().iter().any(|one| one.kind() == kind && one.key(kid).is_some()) {
        return Ok(());
    }
    let kid = keys::to_text(kid);
    Err(format!(
        "the trust does not list the key {kid} in the role {role}: add {{\"role\":\"{role}\",\"keys\":[\"{kid}\"]}} to require, and \
         its public half to keys"
    ))
}
