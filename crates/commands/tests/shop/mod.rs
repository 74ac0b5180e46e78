//! A shop with a key for each role, whose heads are written.

use serde_json::json;
use waft_commands::head::kill::{self, Change};
use waft_commands::{Exit, Expected, build, sign};
use waft_compile::keys;

use crate::host::Memory;

pub(crate) const RULESET: &str = "project: shop
environments: { live: {} }
flags:
  checkout: { type: boolean, whenOff: off, default: on }
";

const ROLES: [(&str, u8); 3] = [("publisher", 1), ("freshness", 2), ("kill", 3)];

/// With a key for each role, a trust that lists them, and version 7, signed.
pub(crate) fn shop() -> Memory {
    let host = Memory::with(&[("a.yaml", RULESET)]);
    let (mut public, mut require) = (json!({}), Vec::new());
    for (role, seed) in ROLES {
        let key = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&key.pk));
        host.put(&format!("{role}.pem"), key.to_pem());
        public[&kid] = json!(keys::to_text(key.pk.as_ref()));
        require.push(json!({ "role": role, "keys": [kid] }));
    }
    let trust = json!({ "project": "shop", "environment": "live", "keys": public, "require": require });
    host.put("trust.json", trust.to_string());
    released(&host, 7);
    host
}

pub(crate) fn released(host: &Memory, version: u64) {
    let (ruleset, environment, out) = ("a.yaml".to_owned(), "live".to_owned(), "s.waft".to_owned());
    let options = build::Options { ruleset, environment, version, out, ..build::Options::default() };
    assert_eq!(build::run(&options, host), Exit::Done);
    let (snapshot, role) = ("s.waft".to_owned(), "publisher".to_owned());
    let signer = sign::Signer::Keys { files: vec!["publisher.pem".to_owned()], passphrase: None };
    assert_eq!(sign::run(&sign::Options { snapshot, signer, role, expected: Expected::default() }, host), Exit::Done);
    host.said();
}

pub(crate) fn kill_options(change: Change, flags: &[&str]) -> kill::Options {
    kill::Options {
        change,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        head: "head.waft".to_owned(),
        trust: "trust.json".to_owned(),
        trust_documents: Vec::new(),
        key: "kill.pem".to_owned(),
        snapshot: None,
        records: "releases".to_owned(),
        why: None,
        expires: None,
    }
}
