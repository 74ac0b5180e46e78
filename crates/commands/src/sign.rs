//! `waft sign`: adds a signature to a snapshot, in place.

use waft::body::Body;
use waft::envelope::{Envelope, Kind};
use waft::manifest::Manifest;

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use crate::release::{self, Expected};
use waft_compile::{keys, refusal, snapshot};

/// What to sign, with what, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The snapshot's file.
    pub snapshot: String,
    /// The secret key's PEM file.
    pub key: String,
    /// The role that the signer takes.
    pub role: String,
    /// What the snapshot should be.
    pub expected: Expected,
}

/// Signs. The file is replaced whole, or not at all.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match sign(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn sign(options: &Options, host: &dyn Host) -> Result<(), String> {
    let Options { snapshot, key, role, expected } = options;
    if role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("--role {role}: expected lower-case letters, digits and hyphens, such as publisher"));
    }
    let pair = input::key(host, key)?;
    let bytes = input::file(host, snapshot)?;
    let refused = |refusal| format!("{snapshot}: {}", refusal::sentence(refusal));
    let envelope = Envelope::read(&bytes).map_err(refused)?;
    let other = match envelope.kind {
        Kind::Snapshot => None,
        Kind::Preview => Some("a preview token, not a snapshot: `waft token` makes and signs one"),
        Kind::Pointer => Some("a freshness pointer, not a snapshot: `waft head refresh` makes and signs one"),
        Kind::Kills => Some("a kill list, not a snapshot: `waft kill` makes and signs one"),
        Kind::Trust => Some("a trust document, not a snapshot"),
    };
    if let Some(other) = other {
        return Err(format!("{snapshot}: {other}"));
    }
    // Nobody should vouch for a body that is cut or damaged.
    let Manifest { length, chunk, digests, .. } = Manifest::read(envelope.payload).map_err(refused)?;
    let body = Body::new(envelope.body.to_vec(), length, chunk, digests.to_vec());
    body.and_then(|body| body.whole().map(drop)).map_err(refused)?;
    // Whoever signs sees what it is before it is signed.
    host.err(&format!("{snapshot}: {}", release::told(&envelope)));
    release::check(host, &release::claims(&envelope), expected).map_err(|message| format!("{snapshot}: {message}"))?;
    let kid = keys::kid(&pair.pk);
    let earlier = envelope.signatures.into_iter().find(|other| other.kid == kid);
    if let Some(earlier) = earlier.filter(|earlier| earlier.role != role.as_bytes()) {
        return Err(format!(
            "{snapshot}: this key has signed as {}, and a key signs in one role only: use another key for {role}",
            String::from_utf8_lossy(earlier.role)
        ));
    }
    let signed = snapshot::sign(&bytes, &pair, role).map_err(refused)?;
    host.write(snapshot, &signed).map_err(|error| format!("{snapshot}: {error}"))?;
    host.err(&format!("{snapshot}: signed as {role} by {}", keys::to_text(&keys::kid(&pair.pk))));
    Ok(())
}
