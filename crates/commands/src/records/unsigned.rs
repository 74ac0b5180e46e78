//! The snapshots that records name: they lie beside them, without signatures.

use std::io::ErrorKind;

use waft::body::Body;
use waft::envelope::Envelope;
use waft::manifest::{Manifest, digest_of};

use super::step::Step;
use crate::host::Host;
use waft_compile::{keys, refusal};

/// The digest of a snapshot, as records have it.
pub(crate) fn digest(envelope: &Envelope<'_>) -> String {
    keys::to_text(&digest_of(&[envelope.protected, envelope.payload]))
}

/// Whether a snapshot's body is the one that its manifest names. What is shown is read from the body, and signatures and digests are over
/// the manifest.
pub(crate) fn check_body(path: &str, envelope: &Envelope<'_>) -> Result<(), String> {
    let refused = |one| format!("{path}: {}", refusal::sentence(one));
    let Manifest { length, chunk, digests, .. } = Manifest::read(envelope.payload).map_err(refused)?;
    let body = Body::new(envelope.body.to_vec(), length, chunk, digests.to_vec());
    body.and_then(|body| body.whole().map(drop)).map_err(refused)
}

/// The path of a file of a folder.
pub(crate) fn beside(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

/// Whether the snapshot of a record's step is not there: somebody made room.
pub(crate) fn is_gone(host: &dyn Host, folder: &str, step: &Step) -> bool {
    let read = host.read_at_most(&beside(folder, &step.snapshot), 1);
    read.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// The snapshot of a record's step: the very bytes that were proposed.
pub(crate) fn read(host: &dyn Host, folder: &str, file: &str, step: &Step) -> Result<Vec<u8>, String> {
    let path = beside(folder, &step.snapshot);
    let bytes = host.read(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{path}: is gone, the snapshot of {file}: restore it from a backup"),
        _ => format!("{path}: {error}"),
    })?;
    let envelope = Envelope::read(&bytes).map_err(|one| format!("{path}: {}", refusal::sentence(one)))?;
    let found = digest(&envelope);
    check_body(&path, &envelope)?;
    if found != step.digest || keys::from_text::<32>(&found).is_none() {
        return Err(format!("{path}: is not the snapshot of {file}, whose digest is {}: restore it", step.digest));
    }
    Ok(bytes)
}
