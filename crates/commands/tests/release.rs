//! What is built and signed: only what was meant, and nothing that a page could not answer later.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use serde_json::{Value as Json, json};
use waft_commands::host::Host as _;
use waft_commands::{Exit, Expected, build, inspect, keygen, sign, token, verify};
use waft_compile::keys;

use host::Memory;

const RULESET: &str = "project: shop
environments: { test: {}, day: { expires: 1d }, asks: { require: { publisher: 2 }, limits: { moved: 20% } } }
attributes: { id: string }
flags:
  new: { type: boolean, whenOff: off, default: on }
";

/// With a key, `k.pem`, and a trust, `trust.json`, to which fields are added.
fn shop(trust: Json) -> Memory {
    let host = Memory::with(&[("a.yaml", RULESET)]);
    assert_eq!(
        keygen::run(&keygen::Options { out: "k.pem".to_owned(), ..keygen::Options::default() }, &host),
        Exit::Done
    );
    let key: Json = serde_json::from_str(&host.said().0[0]).unwrap();
    let kid = key["kid"].as_str().unwrap();
    let mut whole = json!({ "project": "shop", "environment": "test", "keys": { kid: key["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid] }] });
    whole.as_object_mut().unwrap().extend(trust.as_object().unwrap().clone());
    host.put("trust.json", whole.to_string());
    host
}

fn options(version: u64) -> build::Options {
    let (ruleset, environment, out) = ("a.yaml".to_owned(), "test".to_owned(), "s.waft".to_owned());
    build::Options { ruleset, environment, version, out, ..build::Options::default() }
}

/// How it ended, and what was told.
fn built(host: &Memory, options: &build::Options) -> (Exit, String) {
    let exit = build::run(options, host);
    (exit, host.said().1.join("\n"))
}

fn signed(host: &Memory, expected: Expected) -> (Exit, String) {
    let (snapshot, key, role) = ("s.waft".to_owned(), "k.pem".to_owned(), "publisher".to_owned());
    let exit = sign::run(
        &sign::Options { snapshot, signer: sign::Signer::Keys { files: vec![key], passphrase: None }, role, expected },
        host,
    );
    (exit, host.said().1.join("\n"))
}

fn verified(host: &Memory, now: Option<&str>, seen_version: Option<u64>) -> (Exit, Json) {
    let (snapshot, trust, now) = ("s.waft".to_owned(), "trust.json".to_owned(), now.map(str::to_owned));
    let exit = verify::run(&verify::Options { snapshot, trust, seen_version, seen_digest: None, now }, host);
    (exit, serde_json::from_str(&host.said().0[0]).unwrap())
}

fn inspected(host: &Memory) -> Json {
    assert_eq!(inspect::run(&inspect::Options { snapshot: "s.waft".to_owned() }, host), Exit::Done);
    serde_json::from_str(&host.said().0[0]).unwrap()
}

/// The host's moment, 2026-11-24, and some seconds.
fn at(seconds: i64) -> Option<String> {
    Some(waft_ruleset::clock::text(host::NOW + seconds * 1_000))
}

#[test]
fn nothing_is_made_in_the_future() {
    let host = shop(json!({}));
    for (seconds, expected) in [(-86_400, Exit::Done), (300, Exit::Done), (301, Exit::Failed), (1 << 31, Exit::Failed)]
    {
        let options = build::Options { issued: at(seconds), expires: at(1 << 32), ..options(1) };
        let (exit, told) = built(&host, &options);
        assert_eq!((exit, told.contains("five minutes")), (expected, expected == Exit::Failed), "{seconds}: {told}");
    }
    // What somebody else built is not signed either.
    let claims = |issued: u64| waft_compile::snapshot::Claims {
        project: "shop".to_owned(),
        environment: "test".to_owned(),
        version: 1,
        issued,
        not_before: None,
        expires: issued + 10,
    };
    let now = host::NOW as u64 / 1_000;
    for (issued, expected) in
        [(now, Exit::Done), (now + 300, Exit::Done), (now + 301, Exit::Failed), (u64::MAX >> 12, Exit::Failed)]
    {
        host.put("s.waft", waft_compile::snapshot::seal(&claims(issued), &[], &[]));
        let before = waft_commands::host::Host::read(&host, "s.waft").unwrap();
        let (exit, told) = signed(&host, Expected::default());
        assert_eq!(exit, expected, "{issued}: {told}");
        let is_same = waft_commands::host::Host::read(&host, "s.waft").unwrap() == before;
        assert_eq!(is_same, expected == Exit::Failed);
    }
    // Nor what would expire before it is valid.
    let never = waft_compile::snapshot::Claims { not_before: Some(now + 20), ..claims(now) };
    host.put("s.waft", waft_compile::snapshot::seal(&never, &[], &[]));
    assert_eq!(signed(&host, Expected::default()).0, Exit::Failed);
}

#[test]
fn what_is_vouched_for_is_told_and_is_what_was_expected() {
    let host = shop(json!({}));
    let (exit, told) = built(&host, &options(7));
    assert_eq!(exit, Exit::Done);
    let digest = inspected(&host)["digest"].as_str().unwrap().to_owned();
    for part in ["project shop", "environment test", "version 7", digest.as_str()] {
        assert!(told.contains(part), "{part}: {told}");
        assert!(signed(&host, Expected::default()).1.contains(part));
    }
    let expect = |project: Option<&str>, environment: Option<&str>, version: Option<u64>| Expected {
        project: project.map(str::to_owned),
        environment: environment.map(str::to_owned),
        version,
        trust: None,
    };
    for right in [expect(Some("shop"), Some("test"), Some(7)), expect(None, Some("test"), None)] {
        assert_eq!(signed(&host, right.clone()).0, Exit::Done);
        assert_eq!(built(&host, &build::Options { expected: right, ..options(7) }).0, Exit::Done);
    }
    let before = waft_commands::host::Host::read(&host, "s.waft").unwrap();
    for wrong in [
        expect(Some("shop2"), None, None),
        expect(Some("shop"), Some("production"), None),
        expect(Some("shop"), Some("test"), Some(8)),
        expect(Some(""), None, None),
        expect(None, None, Some(0)),
    ] {
        assert_eq!(signed(&host, wrong.clone()).0, Exit::Failed, "{wrong:?}");
        assert_eq!(built(&host, &build::Options { expected: wrong, ..options(7) }).0, Exit::Failed);
    }
    assert_eq!(waft_commands::host::Host::read(&host, "s.waft").unwrap(), before, "nothing was written");
}

#[test]
fn an_environment_says_when_its_snapshots_expire() {
    let host = shop(json!({}));
    let expires = |environment: &str, expires: Option<String>| {
        let options = build::Options { environment: environment.to_owned(), expires, ..options(1) };
        let (exit, told) = built(&host, &options);
        assert_eq!(exit, Exit::Done, "{told}");
        (inspected(&host)["expires"].as_str().unwrap().to_owned(), told)
    };
    assert_eq!(expires("test", None).0, at(400 * 86_400).unwrap());
    assert_eq!(expires("day", None).0, at(86_400).unwrap());
    assert_eq!(expires("day", at(2 * 86_400)).0, at(2 * 86_400).unwrap());
    assert!(!expires("day", None).1.contains("NOT_OBEYED"));
    let told = expires("asks", None).1;
    assert_eq!(told.matches("a.yaml:2:").count(), 2, "{told}");
    assert!(told.contains("NOT_OBEYED") && told.contains("`require`") && told.contains("`limits`"), "{told}");
    let late = build::Options { environment: "day".to_owned(), not_before: at(86_400), ..options(1) };
    let (exit, told) = built(&host, &late);
    assert!(exit == Exit::Failed && told.contains("`expires` of the environment"), "{told}");
}

#[test]
fn no_version_leads_out_of_reach_of_the_floor() {
    const MOST: u64 = waft::limits::VERSION;
    let cases = [
        (json!({}), 1_000_000, true),
        (json!({}), 1_000_001, false),
        (json!({}), MOST, false),
        (json!({ "minVersion": 5_000_000 }), 6_000_000, true),
        (json!({ "minVersion": 5_000_000 }), 6_000_001, false),
        (json!({ "maxJump": 10 }), 10, true),
        (json!({ "maxJump": 10 }), 11, false),
        (json!({ "minVersion": MOST }), MOST, true),
    ];
    for (trust, version, is_taken) in cases {
        let host = shop(trust.clone());
        let expected = if is_taken { Exit::Done } else { Exit::Failed };
        let within = Expected { trust: Some("trust.json".to_owned()), ..Expected::default() };
        let with_trust = built(&host, &build::Options { expected: within.clone(), ..options(version) });
        assert_eq!(with_trust.0, expected, "{trust} {version}: {}", with_trust.1);
        assert_eq!(with_trust.1.contains("maxJump"), !is_taken);
        let (exit, told) = built(&host, &options(version));
        assert_eq!((exit, told.contains("above 1000000")), (Exit::Done, version > 1_000_000), "{told}");
        assert_eq!(signed(&host, within).0, expected);
        assert_eq!(signed(&host, Expected::default()).0, Exit::Done);
        for seen in [None, Some(version)] {
            let (exit, told) = verified(&host, None, seen);
            assert_eq!(
                (exit, told["code"].as_str()),
                (expected, (!is_taken).then_some("VERSION_JUMP")),
                "{trust} {version}"
            );
        }
    }
    // Below the floor, or of another project: no page takes it.
    let host = shop(json!({ "minVersion": 5 }));
    let within = Expected { trust: Some("trust.json".to_owned()), ..Expected::default() };
    assert_eq!(built(&host, &build::Options { expected: within.clone(), ..options(4) }).0, Exit::Failed);
    let other = build::Options { environment: "day".to_owned(), expected: within, ..options(5) };
    assert_eq!(built(&host, &other).0, Exit::Failed);
}

#[test]
fn roles_that_sign_other_documents_sign_no_snapshot() {
    let host = shop(json!({}));
    built(&host, &options(1));
    let before = host.read("s.waft").unwrap();
    let with = |role: &str| {
        let signer = sign::Signer::Keys { files: vec!["k.pem".to_owned()], passphrase: None };
        let options = sign::Options {
            snapshot: "s.waft".to_owned(),
            signer,
            role: role.to_owned(),
            expected: Expected::default(),
        };
        let exit = sign::run(&options, &host);
        (exit, host.said().1.join("\n"))
    };
    for (role, signs) in [
        ("root", "trust documents"),
        ("kill", "kill lists"),
        ("freshness", "freshness pointers"),
        ("preview", "preview tokens"),
    ] {
        let (exit, told) = with(role);
        let expected = format!("s.waft: a snapshot, and {role} signs {signs} alone: use another role");
        assert!(exit == Exit::Failed && told.contains(&expected), "{told}");
        assert_eq!(host.read("s.waft").unwrap(), before);
    }
    let (exit, told) = with("publsher");
    assert!(exit == Exit::Done && told.contains("warning: --role publsher: did you mean publisher?"), "{told}");
    host.put("s.waft", &before);
    for role in ["publisher", "auditor"] {
        let (exit, told) = with(role);
        assert!(exit == Exit::Done && !told.contains("did you mean"), "{told}");
        host.put("s.waft", &before);
    }
}

#[test]
fn a_key_whose_id_looks_like_an_option_is_not_kept() {
    let id = |seed: u8| keys::to_text(&keys::kid(&keys::from_seed([seed; 32]).pk));
    let (odd, good): (Vec<u8>, Vec<u8>) = (1..=u8::MAX).partition(|seed| id(*seed).starts_with('-'));
    assert!(odd.len() > 1, "{odd:?}");
    let host = Memory::default();
    host.chance(&[&good[..1], &odd[..]].concat());
    let options = keygen::Options { out: "k.pem".to_owned(), ..keygen::Options::default() };
    assert_eq!(keygen::run(&options, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0[0]).unwrap();
    assert_eq!(told["kid"], id(good[0]));
    assert_eq!(host.read("k.pem").unwrap(), keys::from_seed([good[0]; 32]).to_pem().as_bytes());
}

#[test]
fn a_token_lasts_thirty_days_at_most() {
    let host = shop(json!({}));
    assert_eq!(
        keygen::run(&keygen::Options { out: "p.pem".to_owned(), ..keygen::Options::default() }, &host),
        Exit::Done
    );
    let preview: Json = serde_json::from_str(&host.said().0[0]).unwrap();
    // The same seed makes the same key: previews need one of their own.
    let own = keys::from_seed([9; 32]);
    host.put("p.pem", own.to_pem());
    let kid = keys::to_text(&keys::kid(&own.pk));
    let key = preview["kid"].as_str().unwrap();
    let trust = json!({ "project": "shop", "environment": "test",
        "keys": { key: preview["publicKey"], kid.as_str(): keys::to_text(own.pk.as_ref()) },
        "require": [{ "role": "publisher", "keys": [key] }, { "role": "preview", "keys": [kid] }] });
    host.put("trust.json", trust.to_string());
    built(&host, &options(1));
    signed(&host, Expected::default());
    let options = |now, expires| token::Options {
        snapshot: "s.waft".to_owned(),
        shown: vec!["new=off".to_owned()],
        trust: "trust.json".to_owned(),
        key: "p.pem".to_owned(),
        expires: at(expires),
        now: at(now),
    };
    for (now, expires, expected) in [
        (0, 30 * 86_400, Exit::Done),
        (0, 30 * 86_400 + 1, Exit::Failed),
        (-86_400, 30 * 86_400, Exit::Failed),
        (301, 86_400, Exit::Failed),
        (0, 0, Exit::Failed),
        (0, 1 << 36, Exit::Failed),
    ] {
        assert_eq!(token::run(&options(now, expires), &host), expected, "{now} {expires}: {:?}", host.said());
    }
    host.said();
    // Of a past in which it was over.
    for (now, expires, is_over) in [(-86_400, -1, true), (-86_400, 1, false)] {
        assert_eq!(token::run(&options(now, expires), &host), Exit::Done);
        let told = host.said().1.join("\n");
        assert_eq!(told.contains("warning: the token is over by this machine's clock"), is_over, "{told}");
    }
}
