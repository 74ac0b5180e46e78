//! `waft keygen`: a new Ed25519 key.

use std::io::ErrorKind;

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
    let seed = match host.random() {
        Ok(seed) => seed,
        Err(error) => return fail(host, &format!("cannot get random bytes: {error}")),
    };
    let key = keys::from_seed(seed);
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
    let public = json!({ "kid": keys::to_text(&keys::kid(&key.pk)), "publicKey": keys::to_text(key.pk.as_ref()) });
    host.json(&public.to_string());
    Exit::Done
}
