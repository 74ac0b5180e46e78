//! `waft sign`: adds signatures to a snapshot or a trust document, in place.

use ed25519_compact::{KeyPair, PublicKey};
use waft::body::Body;
use waft::envelope::{Envelope, Kind};
use waft::manifest::Manifest;

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::release::{self, Expected};
use crate::{again, input, secret, trust};
use waft_compile::{keys, refusal, snapshot};
use waft_ruleset::nearest;

/// What to sign, with what, and as whom.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The file of the snapshot or trust document.
    pub snapshot: String,
    /// Who signs.
    pub signer: Signer,
    /// The role that the signer takes.
    pub role: String,
    /// What the snapshot should be.
    pub expected: Expected,
}

/// Who signs.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The secret keys' PEM files.
    Keys {
        /// Those files.
        files: Vec<String>,
        /// The file of their passphrase, if they are encrypted.
        passphrase: Option<String>,
    },
    /// A key that is elsewhere, by the file of its public half.
    External {
        /// That file.
        public: String,
        /// What is asked of it.
        step: Step,
    },
}

impl Default for Signer {
    fn default() -> Self {
        Signer::Keys { files: Vec::new(), passphrase: None }
    }
}

/// A signature that is made elsewhere takes two runs.
#[derive(Clone, Debug)]
pub enum Step {
    /// Write the bytes to sign into this file.
    ToSign(String),
    /// Add the signature of this file.
    Signature(String),
}

/// Signs. The file is replaced whole, or not at all.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match sign(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn sign(options: &Options, host: &dyn Host) -> Result<(), String> {
    let Options { snapshot: path, signer, role, .. } = options;
    if role.is_empty() || !role.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return Err(format!("--role {role}: expected lower-case letters, digits and hyphens, such as publisher"));
    }
    let pairs = match signer {
        Signer::Keys { files, passphrase } => {
            let read = |file: &String| secret::key_with(host, file, passphrase.as_deref());
            files.iter().map(read).collect::<Result<Vec<_>, _>>()?
        }
        Signer::External { .. } => Vec::new(),
    };
    // Several may sign at once: none of their signatures is lost.
    again::settled(path, || {
        let bytes = input::file(host, path)?;
        check(options, host, &bytes)?;
        match signer {
            Signer::Keys { .. } => with_keys(host, path, &bytes, &pairs, role),
            Signer::External { public, step } => {
                let key = input::public_key(host, public)?;
                check_role(path, &bytes, &key, role)?;
                external(host, path, &bytes, &key, role, step)
            }
        }
    })
}

/// Nobody should vouch for what is cut or damaged, nor for what they did not expect. Whoever signs sees what it is before.
fn check(options: &Options, host: &dyn Host, bytes: &[u8]) -> Result<(), String> {
    let Options { snapshot: path, role, expected, .. } = options;
    let is_root = Some(role.as_str()) == Kind::Trust.role();
    if let Some(document) = trust::document(path, bytes)? {
        if !is_root {
            return Err(format!("{path}: a trust document, which only root signs: --role root"));
        }
        host.err(&format!("{path}: {}", trust::told(&document)));
        return trust::check(&document, expected).map_err(|message| format!("{path}: {message}"));
    }
    let refused = |refusal| format!("{path}: {}", refusal::sentence(refusal));
    let envelope = Envelope::read(bytes).map_err(refused)?;
    let other = match envelope.kind {
        Kind::Snapshot | Kind::Trust => None,
        Kind::Preview => Some("a preview token, not a snapshot: `waft token` makes and signs one"),
        Kind::Pointer => Some("a freshness pointer, not a snapshot: `waft head refresh` makes and signs one"),
        Kind::Kills => Some("a kill list, not a snapshot: `waft kill` makes and signs one"),
    };
    if let Some(other) = other {
        return Err(format!("{path}: {other}"));
    }
    // What they would sign of it counts nowhere.
    let others = [
        (Kind::Trust, "trust documents"),
        (Kind::Kills, "kill lists"),
        (Kind::Pointer, "freshness pointers"),
        (Kind::Preview, "preview tokens"),
    ];
    if let Some((_, signs)) = others.into_iter().find(|(kind, _)| kind.role() == Some(role.as_str())) {
        return Err(format!("{path}: a snapshot, and {role} signs {signs} alone: use another role, and its key"));
    }
    if let Some(meant) = nearest(role, ["publisher", "approver"].into_iter()).filter(|meant| *meant != role) {
        host.err(&format!(
            "waft: warning: --role {role}: did you mean {meant}? It counts where the trust has a role of that name"
        ));
    }
    let Manifest { length, chunk, digests, .. } = Manifest::read(envelope.payload).map_err(refused)?;
    let body = Body::new(envelope.body.to_vec(), length, chunk, digests.to_vec());
    body.and_then(|body| body.whole().map(drop)).map_err(refused)?;
    host.err(&format!("{path}: {}", release::told(&envelope)));
    release::check(host, &release::claims(&envelope), expected).map_err(|message| format!("{path}: {message}"))
}

/// A key signs in one role only.
fn check_role(path: &str, bytes: &[u8], key: &PublicKey, role: &str) -> Result<(), String> {
    let envelope = Envelope::read(bytes).map_err(|refusal| format!("{path}: {}", refusal::sentence(refusal)))?;
    let kid = keys::kid(key);
    let earlier = envelope.signatures.into_iter().find(|other| other.kid == kid);
    match earlier.filter(|earlier| earlier.role != role.as_bytes()) {
        None => Ok(()),
        Some(earlier) => Err(format!(
            "{path}: this key has signed as {}, and a key signs in one role only: use another key for {role}",
            String::from_utf8_lossy(earlier.role)
        )),
    }
}

/// `None` if somebody else wrote the file meanwhile.
fn with_keys(host: &dyn Host, path: &str, bytes: &[u8], pairs: &[KeyPair], role: &str) -> Result<Option<()>, String> {
    let mut signed = bytes.to_vec();
    for pair in pairs {
        check_role(path, &signed, &pair.pk, role)?;
        signed = snapshot::sign(&signed, pair, role).map_err(|one| format!("{path}: {}", refusal::sentence(one)))?;
    }
    if again::write(host, path, Some(bytes), &signed)?.is_none() {
        return Ok(None);
    }
    for pair in pairs {
        host.err(&format!("{path}: signed as {role} by {}", keys::to_text(&keys::kid(&pair.pk))));
    }
    Ok(Some(()))
}

/// `None` if somebody else wrote the file meanwhile.
fn external(
    host: &dyn Host,
    path: &str,
    bytes: &[u8],
    key: &PublicKey,
    role: &str,
    step: &Step,
) -> Result<Option<()>, String> {
    let refused = |one| format!("{path}: {}", refusal::sentence(one));
    match step {
        Step::ToSign(to) => {
            let message = snapshot::to_sign(bytes, key, role).map_err(refused)?;
            host.write(to, &message).map_err(|error| format!("{to}: {error}"))?;
            host.err(&format!(
                "{to}: {} bytes to sign with Ed25519, not hashed before; then --signature FILE",
                message.len()
            ));
        }
        Step::Signature(from) => {
            let signature = input::file(host, from)?.try_into().map_err(|other: Vec<u8>| {
                format!("{from}: {} bytes; an Ed25519 signature has 64, and no encoding around them", other.len())
            })?;
            let signed = snapshot::attach(bytes, key, role, signature).map_err(|_| {
                format!("{from}: not a signature of this key over what --to-sign wrote for {path} and the role {role}; nothing was written")
            })?;
            if again::write(host, path, Some(bytes), &signed)?.is_none() {
                return Ok(None);
            }
            host.err(&format!("{path}: signed as {role} by {}", keys::to_text(&keys::kid(key))));
        }
    }
    Ok(Some(()))
}
