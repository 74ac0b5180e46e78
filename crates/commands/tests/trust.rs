//! `waft trust`: what is written, what is told before, and what is refused.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use serde_json::Value as Json;
use waft_commands::host::Host as _;
use waft_commands::trust::{change, reach, show, verify};
use waft_commands::{Exit, Expected, inspect, sign};
use waft_compile::keys;

use host::Memory;

/// With the public halves of some keys as `NAME.json`, and their secret ones as `NAME.pem`.
fn world() -> Memory {
    let host = Memory::with(&[]);
    for (seed, name) in (1..).zip(["alice", "bob", "carol", "ci", "dan"]) {
        let pair = keys::from_seed([seed; 32]);
        host.put(&format!("{name}.pem"), pair.to_pem());
        host.put(&format!("{name}.json"), format!("{{\"publicKey\":\"{}\"}}", keys::to_text(pair.pk.as_ref())));
    }
    host
}

fn texts(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

const ADDED: &[&str] = &["root:alice=alice.json", "root:bob=bob.json", "root:carol=carol.json", "publisher:ci=ci.json"];

fn first() -> change::Options {
    let scope = Some(("shop".to_owned(), "production".to_owned()));
    let thresholds = texts(&["root=2"]);
    change::Options { scope, add: texts(ADDED), thresholds, out: Some("t".to_owned()), ..change::Options::default() }
}

fn after(from: &str) -> change::Options {
    change::Options { from: Some(from.to_owned()), ..change::Options::default() }
}

/// How it ended, and what was told.
fn changed(host: &Memory, options: &change::Options) -> (Exit, String) {
    let exit = change::run(options, host);
    (exit, host.said().1.join("\n"))
}

fn signed(host: &Memory, path: &str, names: &[&str]) -> (Exit, String) {
    let files = names.iter().map(|name| format!("{name}.pem")).collect();
    let options = sign::Options {
        snapshot: path.to_owned(),
        signer: sign::Signer::Keys { files, passphrase: None },
        role: "root".to_owned(),
        expected: Expected::default(),
    };
    let exit = sign::run(&options, host);
    (exit, host.said().1.join("\n"))
}

fn verified(host: &Memory, trust: &str, documents: &[&str]) -> (Exit, Json) {
    let options = verify::Options { trust: trust.to_owned(), documents: texts(documents), now: None };
    let exit = verify::run(&options, host);
    (exit, serde_json::from_str(&host.said().0[0]).unwrap())
}

/// With `t/trust-0001.waft`, signed by alice and bob, and `trust.json` made of it.
fn begun() -> Memory {
    let host = world();
    assert_eq!(changed(&host, &first()).0, Exit::Done);
    assert_eq!(signed(&host, "t/trust-0001.waft", &["alice", "bob"]).0, Exit::Done);
    assert_eq!(show::run(&show::Options { file: "t/trust-0001.waft".to_owned(), json: true }, &host), Exit::Done);
    let json = host.said().0.join("\n");
    host.put("trust.json", json);
    host
}

/// As some editors write TRUST.json: records of kills say who signed.
#[test]
fn holders_are_known_behind_a_byte_order_mark() {
    for mark in ["", "\u{feff}"] {
        let holders = reach::holders(&format!("{mark}{{\"holders\":{{\"kid\":\"alice\"}}}}"), []);
        assert_eq!(holders.get("kid").map(String::as_str), Some("alice"), "{mark:?}");
    }
}

#[test]
fn keys_rotate_through_documents_that_several_sign() {
    let host = begun();
    let (exit, told) =
        changed(&host, &change::Options { replace: texts(&["carol=dan.json"]), ..after("t/trust-0001.waft") });
    assert_eq!(exit, Exit::Done, "{told}");
    for part in [
        "root: removes the key of carol (",
        "root: adds the key of carol (",
        "needs signatures of 2 of 3 (",
        "t/trust-0002.waft",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // Nobody, one of two, and then both; alice and bob are in both thresholds.
    for (signer, code) in [(None, "UNSIGNED"), (Some("alice"), "ROLE_MISSING"), (Some("carol"), "ROLE_MISSING")] {
        if let Some(signer) = signer {
            assert_eq!(signed(&host, "t/trust-0002.waft", &[signer]).0, Exit::Done);
        }
        assert_eq!(verified(&host, "trust.json", &["t/trust-0002.waft"]).1["code"], code);
    }
    assert_eq!(signed(&host, "t/trust-0002.waft", &["dan"]).0, Exit::Done);
    for trust in ["trust.json", "t/trust-0001.waft"] {
        let (exit, told) = verified(&host, trust, &["t/trust-0002.waft"]);
        assert_eq!((exit, &told["number"]), (Exit::Done, &2.into()));
    }
    // A gap, and what is behind.
    assert_eq!(changed(&host, &change::Options { new_epoch: true, ..after("t/trust-0002.waft") }).0, Exit::Done);
    assert_eq!(signed(&host, "t/trust-0003.waft", &["alice", "dan"]).0, Exit::Done);
    let (exit, told) = verified(&host, "trust.json", &["t/trust-0003.waft"]);
    assert_eq!((exit, &told["code"], &told["number"]), (Exit::Failed, &"ROLE_MISSING".into(), &1.into()));
    let (exit, told) = verified(&host, "trust.json", &["t/trust-0001.waft", "t/trust-0002.waft", "t/trust-0003.waft"]);
    assert_eq!((exit, &told["number"], &told["epoch"]), (Exit::Done, &3.into(), &1.into()));
}

#[test]
fn a_document_never_expires_and_inspect_says_so() {
    let host = begun();
    let options = inspect::Options { snapshot: "t/trust-0001.waft".to_owned() };
    assert_eq!(inspect::run(&options, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    assert_eq!(told["expires"], "never", "{told}");
}

#[test]
fn a_document_is_told_before_it_is_signed_and_root_signs_nothing_else() {
    let host = begun();
    let (exit, told) = signed(&host, "t/trust-0001.waft", &["carol"]);
    assert_eq!(exit, Exit::Done);
    for part in ["project shop", "environment production", "trust number 1", "root 2 of 3 (", "publisher 1 of 1 (ci)"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let expecting = |expected: Expected, role: &str| {
        let signer = sign::Signer::Keys { files: texts(&["alice.pem"]), passphrase: None };
        let options =
            sign::Options { snapshot: "t/trust-0001.waft".to_owned(), signer, role: role.to_owned(), expected };
        (sign::run(&options, &host), host.said().1.join("\n"))
    };
    assert_eq!(expecting(Expected { version: Some(1), ..Expected::default() }, "root").0, Exit::Done);
    assert_eq!(expecting(Expected { version: Some(2), ..Expected::default() }, "root").0, Exit::Failed);
    assert_eq!(expecting(Expected { project: Some("x".to_owned()), ..Expected::default() }, "root").0, Exit::Failed);
    let (exit, told) = expecting(Expected::default(), "publisher");
    assert!(exit == Exit::Failed && told.contains("only root signs"), "{told}");
}

#[test]
fn what_would_lock_everybody_out_is_refused_and_nothing_is_written() {
    let host = begun();
    let from = || after("t/trust-0001.waft");
    let cases: &[(change::Options, &str)] = &[
        (change::Options { remove: texts(&["ci"]), ..from() }, "no role that signs snapshots"),
        (change::Options { remove: texts(&["alice", "bob"]), ..from() }, "root: 2 of 1 keys"),
        (change::Options { remove: texts(&["alice", "bob", "carol"]), ..from() }, "root: nobody"),
        (change::Options { thresholds: texts(&["root=4"]), ..from() }, "root: 4 of 3 keys"),
        (change::Options { thresholds: texts(&["root=0"]), ..from() }, "root: 0 of 3 keys"),
        (change::Options { thresholds: texts(&["approver=1"]), ..from() }, "nobody has the role approver"),
        (change::Options { thresholds: texts(&["root"]), ..from() }, "ROLE=N"),
        (change::Options { add: texts(&["approver:x=ci.json"]), ..from() }, "in the role publisher"),
        (change::Options { add: texts(&["publisher:ci=ci.json"]), ..from() }, "in the role publisher"),
        (change::Options { add: texts(&["Approver:x=dan.json"]), ..from() }, "lower-case"),
        (change::Options { add: texts(&["approver=dan.json"]), ..from() }, "ROLE:HOLDER=PUBLIC"),
        (change::Options { add: texts(&["approver:dan=t/trust-0001.waft"]), ..from() }, "not UTF-8"),
        (change::Options { add: texts(&["approver:dan=trust.json"]), ..from() }, "not an Ed25519 public key"),
        (change::Options { remove: texts(&["erin"]), ..from() }, "no key's id and no holder"),
        (change::Options { thresholds: texts(&["root=2"]), ..from() }, "nothing would change"),
        (change::Options { add: first().add[..3].to_vec(), ..first() }, "no role that signs snapshots"),
        (change::Options { add: texts(&["publisher:ci=ci.json"]), thresholds: Vec::new(), ..first() }, "root: nobody"),
        (change::Options { add: texts(&["approver:dan=dan.json"]), keys: texts(&["no.pem"]), ..from() }, "no.pem"),
        (first(), "already exists"),
        (after("ci.json"), "trust.require"),
        (after("ci.pem"), "neither a trust document nor TRUST.json"),
    ];
    for (options, expected) in cases {
        let (exit, told) = changed(&host, options);
        assert!(exit == Exit::Failed && told.contains(expected), "{expected}: {told}");
        assert!(host.read("t/trust-0002.waft").is_err(), "{expected}");
    }
}

#[test]
fn several_keys_of_one_holder_are_warned_of() {
    let host = world();
    let added =
        texts(&["root:alice=alice.json", "root:alice=bob.json", "publisher:alice=ci.json", "freshness:dan=dan.json"]);
    let (exit, told) = changed(&host, &change::Options { add: added, thresholds: Vec::new(), ..first() });
    assert_eq!(exit, Exit::Done, "{told}");
    assert_eq!(told.matches("warning: root: alice holds ").count(), 1, "{told}");
    assert!(
        told.contains(" and ") && told.contains("`waft trust remove-key`") && !told.contains("publisher: alice holds")
    );
    // Each change tells it until it is mended.
    let (_, told) = changed(&host, &change::Options { new_epoch: true, ..after("t/trust-0001.waft") });
    assert!(told.contains("warning: root: alice holds "), "{told}");
}

#[test]
fn a_dry_run_tells_and_writes_nothing_and_one_lost_key_is_warned_of() {
    let host = begun();
    let both = change::Options { remove: texts(&["carol"]), dry_run: true, ..after("t/trust-0001.waft") };
    let (exit, told) = changed(&host, &both);
    assert_eq!(exit, Exit::Done);
    for part in [
        "root: removes the key of carol (",
        "root: 2 of 2 must sign (before: 2 of 3)",
        "warning: root needs all of",
        "--dry-run",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(host.read("t/trust-0002.waft").is_err());
    // Without the role nothing asks pages to take documents.
    let asked =
        change::Options { add: texts(&["freshness:dan=dan.json"]), dry_run: true, ..after("t/trust-0001.waft") };
    for (options, is_warned) in [(&both, true), (&asked, false)] {
        let (_, told) = changed(&host, options);
        assert_eq!(told.contains("warning: freshness: nobody has the role, and pages take"), is_warned, "{told}");
    }
    // A floor never falls but under a new epoch.
    let floor = |from: &str, least, new_epoch| change::Options { min_version: Some(least), new_epoch, ..after(from) };
    assert_eq!(changed(&host, &floor("t/trust-0001.waft", 9, false)).0, Exit::Done);
    assert_eq!(changed(&host, &floor("t/trust-0002.waft", 8, false)).0, Exit::Failed);
    assert_eq!(changed(&host, &floor("t/trust-0002.waft", 8, true)).0, Exit::Done);
}

#[test]
fn an_earlier_trust_is_where_a_chain_can_start() {
    let host = world();
    let pair = keys::from_seed([4; 32]);
    let kid = keys::to_text(&keys::kid(&pair.pk));
    let json = serde_json::json!({ "project": "shop", "environment": "production", "minVersion": 5,
        "keys": { kid.as_str(): keys::to_text(pair.pk.as_ref()) }, "require": [{ "role": "publisher", "keys": [kid] }] });
    host.put("old.json", json.to_string());
    let options =
        change::Options { add: first().add[..3].to_vec(), thresholds: texts(&["root=2"]), ..after("old.json") };
    let (exit, told) = changed(&host, &options);
    assert_eq!(exit, Exit::Done, "{told}");
    assert_eq!(signed(&host, "trust-0001.waft", &["alice", "bob"]).0, Exit::Done);
    // Pages whose trust names no root take none: they have to be built with it.
    let (exit, told) = verified(&host, "old.json", &["trust-0001.waft"]);
    assert_eq!((exit, &told["code"]), (Exit::Failed, &"UNKNOWN_KEY".into()));
}
