//! What `waft eval` and `waft explain` print, and how they end, over files that are kept in memory.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::{Exit, Question, eval, explain, keygen, sign};
use waft_explain::context;

const RULESET: &str = "project: shop
environments: { test: {} }
attributes: { id: string, plan: string, n: number }
lists: { big: { file: big.csv, attribute: id } }
flags:
  headline: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { plan: { is: crew } }, serve: on }] }
  listed: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { list: big }, serve: on }] }
";

/// A signed snapshot, `s.waft`, with the file of its list beside it.
fn shop() -> Memory {
    let ids: String = (0..5_000).map(|id| format!("a-{id}\n")).collect();
    let host = Memory::with(&[("a.yaml", RULESET), ("big.csv", &ids)]);
    assert_eq!(
        keygen::run(&keygen::Options { out: "k.pem".to_owned(), ..keygen::Options::default() }, &host),
        Exit::Done
    );
    let key: Json = serde_json::from_str(&host.said().0[0]).unwrap();
    host.build("a.yaml", "test", "s.waft");
    let (snapshot, key_file, role) = ("s.waft".to_owned(), "k.pem".to_owned(), "publisher".to_owned());
    let options = sign::Options {
        snapshot,
        signer: sign::Signer::Keys { files: vec![key_file], passphrase: None },
        role,
        ..sign::Options::default()
    };
    assert_eq!(sign::run(&options, &host), Exit::Done);
    let kid = key["kid"].as_str().unwrap();
    let trust = json!({
        "project": "shop", "environment": "test", "keys": { kid: key["publicKey"] },
        "require": [{ "role": "publisher", "keys": [kid] }],
    });
    host.put("trust.json", trust.to_string());
    host.said();
    host
}

fn question(context: &str, flag: Option<&str>) -> Question {
    Question {
        snapshot: "s.waft".to_owned(),
        trust: "trust.json".to_owned(),
        context: context.to_owned(),
        flag: flag.map(str::to_owned),
        now: None,
        preview: None,
    }
}

type Ended = (Exit, String, String);

fn ended(exit: Exit, host: &Memory) -> Ended {
    let (out, err) = host.said();
    (exit, out.join("\n"), err.join("\n"))
}

fn run_eval(host: &Memory, context: &str, flag: Option<&str>) -> Ended {
    ended(eval::run(&eval::Options { question: question(context, flag), trace: false }, host), host)
}

fn run_explain(host: &Memory, context: &str, flag: Option<&str>, json: bool) -> Ended {
    ended(explain::run(&explain::Options { question: question(context, flag), json }, host), host)
}

#[test]
fn a_flag_that_was_asked_for_by_name_and_does_not_exist_is_a_failure() {
    let host = shop();
    let not_found = json!({ "hedline": { "reason": "ERROR", "errorCode": "FLAG_NOT_FOUND" } });
    let message = "waft: --flag hedline: the snapshot has no such flag: did you mean `headline`?";
    let (exit, out, err) = run_eval(&host, "{}", Some("hedline"));
    assert_eq!(
        (exit, serde_json::from_str::<Json>(&out).unwrap(), err.as_str()),
        (Exit::Failed, not_found.clone(), message)
    );
    let (exit, out, err) = run_explain(&host, "{}", Some("hedline"), true);
    assert_eq!((exit, serde_json::from_str::<Json>(&out).unwrap(), err.as_str()), (Exit::Failed, not_found, message));
    let (exit, out, err) = run_explain(&host, "{}", Some("hedline"), false);
    assert_eq!((exit, out.as_str(), err.as_str()), (Exit::Failed, "", message));
    let (exit, _, err) = run_eval(&host, "{}", Some("nope"));
    let others = "waft: --flag nope: the snapshot has no such flag: expected one of: headline, listed";
    assert_eq!((exit, err.as_str()), (Exit::Failed, others));
    let (exit, out, err) = run_eval(&host, "{}", Some("headline"));
    assert_eq!((exit, err.as_str()), (Exit::Done, ""));
    assert!(out.contains("\"variant\": \"off\""));
}

#[test]
fn a_list_file_that_is_absent_or_damaged_is_told_where_it_matters() {
    let host = shop();
    let context = r#"{"id":"a-7"}"#;
    let (exit, out, err) = run_explain(&host, context, Some("listed"), false);
    let listed = "at 2026-11-24T00:00:00Z\nlisted: on = true (TARGETING_MATCH)\n  [x] rule r\n    [x] id is in the list big (is \"a-7\")";
    assert_eq!((exit, out.as_str(), err.as_str()), (Exit::Done, listed, ""));

    let (path, whole) = host.take(".list");
    let unknown = "at 2026-11-24T00:00:00Z\nlisted: off = false (DEFAULT)\n  [?] rule r\n    [?] id is in the list big (is \"a-7\", the list is not loaded)";
    let damaged = vec![whole[..whole.len() - 1].to_vec()];
    for (file, problem) in
        [(vec![], "there is no such file"), (damaged, "damaged: not the file that the snapshot names")]
    {
        file.iter().for_each(|bytes| host.put(&path, bytes));
        let message = format!(
            "waft: {path}: {problem}: who is in this list is unknown until the file that `waft build` wrote is beside the snapshot"
        );
        let (exit, out, err) = run_explain(&host, context, Some("listed"), false);
        assert_eq!((exit, out.as_str(), err.as_str()), (Exit::Done, unknown, message.as_str()));
        let (exit, _, err) = run_eval(&host, context, None);
        assert_eq!((exit, err.as_str()), (Exit::Done, message.as_str()));
        // Nobody asked for it.
        let (exit, _, err) = run_eval(&host, context, Some("headline"));
        assert_eq!((exit, err.as_str()), (Exit::Done, ""));
    }
}

#[test]
fn a_context_is_read_as_a_page_reads_it() {
    let host = shop();
    let check = |context: &str, note: &str| {
        let (exit, out, err) = run_explain(&host, context, Some("headline"), false);
        assert_eq!((exit, err.as_str()), (Exit::Done, ""), "{context}");
        assert_eq!(out.lines().last().unwrap(), format!("    {note}"), "{context}");
    };
    check(r#"{"plan":"\ud800"}"#, "[ ] plan is crew (is \"\u{fffd}\")");
    check(r#"{"plan":"a\\\uDC00\ud83d\ude00\ud83d\n"}"#, "[ ] plan is crew (is \"a\\\\\u{fffd}\u{1f600}\u{fffd}\\n\")");
    check(r#"{"plan":1e999}"#, "[?] plan is crew (is {}, not a text)");
    check(r#"{"plan":[-1e999,"1e999"],"n":1e308}"#, "[?] plan is crew (is [{},\"1e999\"], not a text)");
    for wrong in
        [r#"{"plan":"\ud80"}"#, r#"{"plan":"\ud8é0"}"#, r#"{"plan":1e999x}"#, r#"{"plan":"\"#, "\\", "1e999 1", ""]
    {
        assert!(context::read(wrong).unwrap_err().starts_with("context is not JSON: "), "{wrong}");
    }
}
