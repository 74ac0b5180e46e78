//! `waft keygen`: a new Ed25519 key.

use std::io::{self, ErrorKind};

use ed25519_compact::KeyPair;
use serde_json::json;

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::secret;
use waft_compile::keys;

/// Where the key goes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The PEM file to make.
    pub out: String,
    /// Whether the secret is encrypted with a passphrase.
    pub encrypt: bool,
    /// The file of the passphrase; a variable of the environment if absent, or what is typed.
    pub passphrase: Option<String>,
}

/// Makes a key, keeps the secret in a file that must not exist yet, and prints the public half for TRUST.json.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let (key, kid) = match new(host) {
        Ok(made) => made,
        Err(error) => return fail(host, &format!("cannot get random bytes: {error}")),
    };
    let pem = if options.encrypt {
        match secret::encrypted(host, &key, &options.out, options.passphrase.as_deref()) {
            Ok(pem) => pem,
            Err(message) => return fail(host, &message),
        }
    } else {
        key.to_pem()
    };
    match host.create(&options.out, pem.as_bytes(), true) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return fail(host, &format!("{}: already exists; a key is never overwritten", options.out));
        }
        Err(error) => return fail(host, &format!("{}: {error}", options.out)),
    }
    let public = json!({ "kid": kid, "publicKey": keys::to_text(key.pk.as_ref()) });
    host.json(&public.to_string());
    Exit::Done
}

/// A key and its id. One in 64 ids begins with a hyphen, and would be taken for an option wherever it is an argument: then the next key is
/// made.
fn new(host: &dyn Host) -> io::Result<(KeyPair, String)> {
    loop {
        let key = keys::from_seed(host.random()?);
        let kid = keys::to_text(&keys::kid(&key.pk));
        if !kid.starts_with('-') {
            return Ok((key, kid));
        }
    }
}
