//! `waft eval` and `waft explain` decide as a page does: at its moment, with its preview token; and `waft inspect` tells each trial's own.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::{Memory, NOW};
use serde_json::{Value as Json, json};
use waft_commands::{Exit, Question, build, eval, explain, inspect, sign, token};
use waft_compile::keys;
use waft_ruleset::clock;

/// What begins two minutes after the clock's moment, and one of each trial. The experiment's split is the snapshot's first.
const RULESET: &str = "project: shop
environments: { test: {} }
attributes: { id: string }
units: { visitor: { attribute: id } }
metrics: { m: { count: a, better: up } }
holdouts: { winter: { unit: visitor, share: 5%, from: 2026-01-01 } }
experiments: { e: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { off: 50%, on: 50% } }] } }
flags:
  soon: { type: boolean, whenOff: off, default: off, rules: [{ id: r, from: 2026-11-24T00:02:00Z, serve: on }] }
  trials:
    type: boolean
    whenOff: off
    holdout: winter
    rules:
      - { id: plain, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }] }
      - { id: watched, ramp: on, unit: visitor, guard: { m: { worse: 5% } }, steps: [{ to: 5%, at: 2026-01-01 }] }
      - { id: test, experiment: e }
    default: off
";

fn at(seconds: i64) -> String {
    clock::text(NOW + seconds * 1_000)
}

/// A snapshot, `s.waft`, that was made so many seconds after the clock's moment.
fn shop(issued: i64) -> Memory {
    let host = Memory::with(&[("a.yaml", RULESET)]);
    let (publisher, previewer) = (keys::from_seed([7; 32]), keys::from_seed([9; 32]));
    host.put("k.pem", publisher.to_pem());
    host.put("p.pem", previewer.to_pem());
    let [own, shown] = [&publisher, &previewer].map(|pair| keys::to_text(&keys::kid(&pair.pk)));
    let trust = json!({
        "project": "shop", "environment": "test",
        "keys": { own.as_str(): keys::to_text(publisher.pk.as_ref()), shown.as_str(): keys::to_text(previewer.pk.as_ref()) },
        "require": [{ "role": "publisher", "keys": [own] }, { "role": "preview", "keys": [shown] }],
    });
    host.put("trust.json", trust.to_string());
    let options = build::Options {
        ruleset: "a.yaml".to_owned(),
        environment: "test".to_owned(),
        version: 1,
        issued: Some(at(issued)),
        out: "s.waft".to_owned(),
        ..build::Options::default()
    };
    assert_eq!(build::run(&options, &host), Exit::Done, "{:?}", host.said());
    let (snapshot, key, role) = ("s.waft".to_owned(), "k.pem".to_owned(), "publisher".to_owned());
    assert_eq!(
        sign::run(
            &sign::Options {
                snapshot,
                signer: sign::Signer::Keys { files: vec![key], passphrase: None },
                role,
                ..sign::Options::default()
            },
            &host
        ),
        Exit::Done
    );
    host.said();
    host
}

fn token(host: &Memory, expires: i64) -> String {
    let options = token::Options {
        snapshot: "s.waft".to_owned(),
        shown: vec!["soon=on".to_owned()],
        trust: "trust.json".to_owned(),
        key: "p.pem".to_owned(),
        expires: Some(at(expires)),
        now: Some(at(-86_400)),
    };
    assert_eq!(token::run(&options, host), Exit::Done, "{:?}", host.said());
    host.said().0.remove(0)
}

fn question(context: &str, now: Option<i64>, preview: Option<String>) -> Question {
    Question {
        snapshot: "s.waft".to_owned(),
        trust: "trust.json".to_owned(),
        context: context.to_owned(),
        flag: Some("soon".to_owned()),
        now: now.map(at),
        preview,
    }
}

/// The variant, the moment, and what the person at the terminal is told.
fn evaluated(host: &Memory, question: Question) -> (String, String, String) {
    assert_eq!(eval::run(&eval::Options { question, trace: false }, host), Exit::Done, "{:?}", host.said());
    let (out, err) = host.said();
    let told: Json = serde_json::from_str(&out.join("\n")).unwrap();
    let field = |name: &str| told["soon"][name].as_str().unwrap().to_owned();
    (field("variant"), field("moment"), err.join("\n"))
}

#[test]
fn a_page_whose_clock_is_behind_decides_when_the_snapshot_was_made_and_so_does_eval() {
    for (issued, now, variant, moment) in [
        (240, None, "on", 240),
        (60, None, "off", 60),
        (-60, None, "off", 0),
        (240, Some(0), "off", 0),
        (-60, Some(180), "on", 180),
    ] {
        let host = shop(issued);
        let (decided, told, said) = evaluated(&host, question("{}", now, None));
        assert_eq!((decided.as_str(), told), (variant, at(moment)), "{issued} {now:?}");
        assert_eq!(said.contains("when the snapshot was made"), now.is_none() && issued > 0, "{said}");
        let options = explain::Options { question: question("{}", now, None), json: false };
        assert_eq!(explain::run(&options, &host), Exit::Done);
        let said = host.said().0;
        assert_eq!(said[0], format!("at {}", at(moment)));
        assert!(said[1].starts_with(&format!("soon: {variant} ")), "{said:?}");
    }
}

#[test]
fn a_token_that_a_page_refuses_shows_what_the_page_shows() {
    let host = shop(-86_400);
    let check = |preview: String, now, variant: &str, said: &str| {
        let (decided, _, told) = evaluated(&host, question("{}", now, Some(preview)));
        assert_eq!((decided.as_str(), told.contains(said)), (variant, true), "{told}");
        assert_eq!(told.is_empty(), said.is_empty());
    };
    check(token(&host, 60), None, "on", "");
    check(token(&host, 60), Some(59), "on", "");
    check(token(&host, 60), Some(60), "off", "--preview: the token is over: decided without it");
    check(token(&host, -60), None, "off", "--preview: the token is over: decided without it");
    let theirs = token(&host, 60);
    // The key is taken back, as a page does that is deployed anew.
    let mut trust: Json =
        serde_json::from_slice(&waft_commands::host::Host::read(&host, "trust.json").unwrap()).unwrap();
    trust["require"].as_array_mut().unwrap().pop();
    host.put("trust.json", trust.to_string());
    check(theirs.clone(), None, "off", "--preview: refused, ");
    // Half of one is a slip of whoever copied it.
    let options = eval::Options { question: question("{}", None, Some(theirs[..80].to_owned())), trace: false };
    assert_eq!(eval::run(&options, &host), Exit::Failed);
}

#[test]
fn a_context_is_text_or_a_file_or_what_is_piped_in() {
    let host = shop(-60);
    let context = r#"{"id":"v1"}"#;
    host.put("context.json", format!("\u{feff} {context}\n"));
    host.put("-", context);
    host.put("list.json", "[1]");
    host.put("latin.json", [b'{', 0xe9]);
    let exposed = |context: &str| {
        let question = Question { flag: Some("trials".to_owned()), ..question(context, None, None) };
        let exit = eval::run(&eval::Options { question, trace: false }, &host);
        let (out, err) = host.said();
        match exit {
            Exit::Done => Ok(serde_json::from_str::<Json>(&out.join("\n")).unwrap()["trials"]["exposures"][0].clone()),
            _ => Err(err.join("\n")),
        }
    };
    let expected = exposed(context);
    assert_eq!(expected.as_ref().unwrap()["unit"], "v1");
    for same in ["context.json", "-", "\n {\"id\": \"v1\"}"] {
        assert_eq!(exposed(same), expected, "{same}");
    }
    for (wrong, said) in [
        ("none.json", "--context: none.json: there is no such file: write JSON text, which begins with {"),
        ("", "--context: : there is no such file: write JSON text, which begins with {"),
        ("[]", "--context: []: there is no such file: write JSON text, which begins with {"),
        ("list.json", "--context: list.json: context: expected an object"),
        ("latin.json", "--context: latin.json: not UTF-8 text"),
        ("{", "--context: context is not JSON"),
    ] {
        let told = exposed(wrong).unwrap_err();
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn a_holdout_and_a_ramp_have_no_split_of_somebody_else() {
    let host = shop(-60);
    assert_eq!(inspect::run(&inspect::Options { snapshot: "s.waft".to_owned() }, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    let phase = |rule: &str, field: &str| {
        let rules = told["flags"]["trials"]["rules"].as_array().unwrap();
        let found = rules.iter().find(|one| one["id"] == rule).unwrap();
        found[field]["phases"][0].clone()
    };
    let splits = |rule: &str, field: &str| phase(rule, field).get("split").cloned();
    for (rule, field) in [("holdout", "holdout"), ("plain", "steps"), ("watched", "steps")] {
        assert_eq!(splits(rule, field), None, "{rule}");
        assert!(phase(rule, field)["coverage"].as_u64().unwrap() > 0);
    }
    assert_eq!(splits("test", "experiment").unwrap().as_array().unwrap().len(), 2);
}

#[test]
fn a_flag_needs_the_units_and_attributes_that_its_rules_ask_for() {
    let ruleset = "project: shop
environments: { test: {} }
attributes: { id: string, account: string, country: string, plan: string, age: number }
units: { visitor: { attribute: id }, company: { attribute: account } }
segments: { club: { if: { plan: { is: pro } } }, near: { if: { all: [{ segment: club }, { country: { is: DE } }] } } }
experiments: { e: { unit: company, sticky: true, phases: [{ id: 1, from: 2026-01-01, split: { off: 50%, on: 50% } }] } }
flags:
  fixed: { type: boolean, whenOff: off, default: on }
  close: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { segment: near }, serve: on }] }
  old: { type: boolean, enabled: false, whenOff: off, default: off, rules: [{ id: r, if: { age: { gt: 3 } }, serve: on }] }
  test: { type: boolean, whenOff: off, default: off, rules: [{ id: r, experiment: e }] }
  follows: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { flag: { test: on } }, serve: on }] }
";
    let host = Memory::with(&[("a.yaml", ruleset)]);
    host.build("a.yaml", "test", "s.waft");
    host.said();
    assert_eq!(inspect::run(&inspect::Options { snapshot: "s.waft".to_owned() }, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    let check = |flag: &str, attributes: Json, sticky: bool| {
        assert_eq!(told["flags"][flag]["needs"], json!({ "attributes": attributes, "sticky": sticky }), "{flag}");
    };
    check("fixed", json!([]), false);
    check("close", json!(["country", "plan"]), false);
    check("old", json!([]), false);
    check("test", json!(["account"]), true);
    check("follows", json!(["account"]), true);
}

#[test]
fn inspect_tells_breakdowns_and_metadata_as_what_they_are_and_lists_flags_of_the_rules_alone() {
    let ruleset = "project: shop
environments: { test: {} }
attributes: { id: string, plan: string }
units: { visitor: { attribute: id } }
segments: { club: { if: { plan: { is: pro } } } }
experiments:
  e: { unit: visitor, breakdown: [plan, { segment: club }], phases: [{ id: 1, from: 2026-01-01, split: { off: 50%, on: 50% } }] }
flags:
  new: { type: boolean, metadata: { owner: anna }, whenOff: off, default: off, rules: [{ id: r, experiment: e }] }
";
    let host = Memory::with(&[("a.yaml", ruleset)]);
    host.build("a.yaml", "test", "s.waft");
    host.said();
    assert_eq!(inspect::run(&inspect::Options { snapshot: "s.waft".to_owned() }, &host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    let flags: Vec<&String> = told["flags"].as_object().unwrap().keys().collect();
    assert_eq!(flags, ["new"]);
    assert_eq!(told["breakdowns"], json!({ "e": { "plan": "attribute", "segment/club": "segment" } }));
    assert_eq!(told["metadata"], json!({ "new": { "owner": "anna" } }));
}
