//! `waft ramp`: what it says, and what it writes into a ruleset's text.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use serde_json::Value as Json;
use waft_commands::host::Host as _;
use waft_commands::ramp::{Change, Known, run, status};
use waft_commands::{Exit, lint};

/// The moment is 2026-11-24.
const RULES: &str = "# Who sees what.
project: shop
environments: { production: {}, staging: {} }
attributes: { id: string }
units: { visitor: { attribute: id } }
metrics: { errors: { conversion: error, better: down } }
flags:
  header:   # the new one
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: up
        ramp: on   # by and by
        unit: visitor
        guard: { errors: { worse: 5% } }
        steps:
          - { to: 5%, at: 2026-11-20 }      # a few
          - { to: 25%, after: 2d, units: 5000 } # many
          - to: 50% # half
            after: 1d
          - {to: 100%,after: approval}
  footer:
    { type: boolean, whenOff: off, default: off, rules: [{ id: up, ramp: \"on\", unit: visitor,
      steps: [{ to: '5%', at: 2026-11-20 }, { to: 25%, after: 10d }, { to: 50%, after: 1d }, { to: 75%, at: '2026-12-20' }] }] }
";

fn world() -> Memory {
    Memory::with(&[("rules/a.yaml", RULES)])
}

fn known(ramp: &str) -> Known {
    Known { ruleset: "rules".to_owned(), ramp: Some(ramp.to_owned()), ..Known::default() }
}

fn advance() -> Change {
    Change::Advance { at: None, force: false }
}

fn text(host: &Memory) -> String {
    String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap()
}

/// The lines that differ, before and after.
fn changed(before: &str, after: &str) -> (Vec<String>, Vec<String>) {
    let only = |one: &str, other: &str| {
        let other: Vec<&str> = other.lines().collect();
        one.lines().filter(|line| !other.contains(line)).map(str::to_owned).collect()
    };
    (only(before, after), only(after, before))
}

/// Runs a change that must succeed; returns what is said and the lines that it wrote.
fn done(host: &Memory, change: &Change, known: &Known) -> (String, Vec<String>) {
    let before = text(host);
    let exit = run(change, known, host);
    let (_, err) = host.said();
    assert_eq!(exit, Exit::Done, "{err:?}");
    (err.join("\n"), changed(&before, &text(host)).1)
}

/// Runs a change that must fail and write nothing.
fn refused(host: &Memory, change: &Change, known: &Known) -> String {
    let before = text(host);
    assert_eq!(run(change, known, host), Exit::Failed);
    assert_eq!(text(host), before);
    host.said().1.join("\n")
}

#[test]
fn status_tells_where_each_ramp_is_and_what_holds_it() {
    let host = world();
    assert_eq!(status(&Known { ruleset: "rules".to_owned(), ..Known::default() }, false, &host), Exit::Done);
    assert_eq!(
        host.said().0,
        [
            "header/up (production, staging): 5% since 2026-11-20T00:00:00Z; 25% held: waits for 5000 units, which nobody counted, guardrail errors is not known to be safe",
            "footer/up (production, staging): 5% since 2026-11-20T00:00:00Z; 25% at 2026-11-30T00:00:00Z",
        ]
    );
    let evidence = Known { units: Some(5_000), safe: vec!["errors".to_owned()], ..known("header") };
    status(&evidence, true, &host);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    assert_eq!(told[0]["state"], "due");
    assert_eq!((&told[0]["share"], &told[0]["next"]), (&Json::from("5%"), &Json::from("25%")));
    assert_eq!(status(&known("heder"), false, &host), Exit::Failed);
    assert_eq!(host.said().1, ["waft: heder: no such ramp; the ruleset has header/up, footer/up"]);
}

#[test]
fn advance_writes_a_date_beside_what_the_step_waited_for() {
    let host = world();
    let held = refused(&host, &advance(), &known("header/up"));
    assert_eq!(
        held,
        "waft: header/up: held, waits for 5000 units, which nobody counted, guardrail errors is not known to be safe; --force goes on all the same"
    );
    let safe = Known { units: Some(6_000), safe: vec!["errors".to_owned()], approved: false, ..known("header/up") };
    let (told, lines) = done(&host, &advance(), &safe);
    assert_eq!(told, "rules/a.yaml: header/up: rises to 25% at 2026-11-24T00:00:00Z; release it next");
    assert_eq!(lines, ["          - { to: 25%, at: 2026-11-24T00:00:00Z, after: 2d, units: 5000 } # many"]);
    // The next one has a hold of its own, and is written in a block.
    assert!(refused(&host, &advance(), &safe).contains("held, until 2026-11-25T00:00:00Z;"));
    host.wait(2 * 86_400);
    let (_, lines) = done(&host, &advance(), &safe);
    assert_eq!(lines, ["            at: 2026-11-26T00:00:00Z"]);
    assert!(
        text(&host)
            .contains("          - to: 50% # half\n            at: 2026-11-26T00:00:00Z\n            after: 1d\n")
    );
    // An approval is asked for, however long nobody looked.
    host.wait(90 * 86_400);
    assert!(refused(&host, &advance(), &safe).contains("held, waits for an approval;"));
    let (_, lines) = done(&host, &advance(), &Known { approved: true, ..safe.clone() });
    assert_eq!(lines, ["          - {to: 100%, at: 2027-02-24T00:00:00Z,after: approval}"]);
    assert!(refused(&host, &advance(), &safe).contains("its last step has begun"));
    // All else is as it was, comments too.
    let (before, _) = changed(RULES, &text(&host));
    assert_eq!(before.len(), 2, "{before:#?}");
}

#[test]
fn what_is_harmed_does_not_rise_and_what_goes_by_itself_needs_nobody() {
    let host = world();
    let harmed = Known { harmed: vec!["errors".to_owned()], ..known("header") };
    let force = Change::Advance { at: None, force: true };
    assert!(refused(&host, &force, &harmed).contains("guardrail errors is harmed: take it back"));
    // What is misspelt would hold nothing.
    let misspelt = Known { harmed: vec!["error".to_owned()], ..known("header") };
    assert!(refused(&host, &force, &misspelt).contains("--harmed error: no such guardrail: did you mean `errors`?"));
    assert!(refused(&host, &force, &known("footer")).contains("begins by itself, at 2026-11-30T00:00:00Z"));
    let at = Change::Advance { at: Some("2026-11-24T08:00Z".to_owned()), force: true };
    assert_eq!(
        done(&host, &at, &known("header")).1,
        ["          - { to: 25%, at: 2026-11-24T08:00:00Z, after: 2d, units: 5000 } # many"]
    );
    let past = Change::Advance { at: Some("2026-11-19".to_owned()), force: true };
    let host = world();
    assert!(refused(&host, &past, &known("header")).contains("error[RAMP_ORDER]"));
    let wrong = Change::Advance { at: Some("soon".to_owned()), force: true };
    assert!(refused(&host, &wrong, &known("header")).contains("--at soon: expected RFC 3339"));
}

#[test]
fn a_pause_moves_what_was_to_come_by_its_length() {
    let host = world();
    let (told, lines) = done(&host, &Change::Pause, &known("footer"));
    assert_eq!(told, "rules/a.yaml: footer/up: paused at 2026-11-24T00:00:00Z; release it next");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("ramp: \"on\", paused: 2026-11-24T00:00:00Z, unit: visitor,"), "{lines:?}");
    assert!(refused(&host, &Change::Pause, &known("footer")).contains("it is paused already"));
    assert!(refused(&host, &advance(), &known("footer")).contains("it is paused: `waft ramp resume` first"));
    host.wait(9 * 86_400);
    status(&known("footer"), false, &host);
    assert!(host.said().0[0].ends_with("5% since 2026-11-20T00:00:00Z; paused since 2026-11-24T00:00:00Z"));
    let (told, _) = done(&host, &Change::Resume, &known("footer"));
    assert_eq!(told, "rules/a.yaml: footer/up: goes on, 777600 seconds later; release it next");
    let steps = "steps: [{ to: '5%', at: 2026-11-20 }, { to: 25%, at: 2026-12-09T00:00:00Z, after: 10d }, { to: 50%, after: 1d }, { to: 75%, at: '2026-12-29T00:00:00Z' }] }] }";
    assert!(text(&host).contains(steps), "{}", text(&host));
    assert!(!text(&host).contains("paused"));
    assert!(refused(&host, &Change::Resume, &known("footer")).contains("it is not paused"));
    // In a block, and of a ramp that waits anyway: the text is as before.
    let host = world();
    let (_, lines) = done(&host, &Change::Pause, &known("header"));
    assert_eq!(lines, ["        paused: 2026-11-24T00:00:00Z"]);
    assert!(text(&host).contains("ramp: on   # by and by\n        paused: 2026-11-24T00:00:00Z\n        unit"));
    host.wait(60);
    assert_eq!(done(&host, &Change::Resume, &known("header")).0, "rules/a.yaml: header/up: goes on; release it next");
    assert_eq!(text(&host), RULES);
}

#[test]
fn json_line_ends_and_marks_stay() {
    let host = world();
    let windows = format!("\u{feff}{}", RULES.replace('\n', "\r\n"));
    host.put("rules/a.yaml", &windows);
    done(&host, &Change::Pause, &known("header"));
    let after = text(&host);
    assert!(
        after.contains("ramp: on   # by and by\r\n        paused: 2026-11-24T00:00:00Z\r\n        unit"),
        "{after:?}"
    );
    done(&host, &Change::Resume, &known("header"));
    assert_eq!(text(&host), windows);
    // JSON's keys and texts are in quotes; a text before them has characters of several bytes.
    let json = r#"{"project":"shop","environments":{"production":{}},"attributes":{"id":"string"},"units":{"visitor":{"attribute":"id"}},
"flags":{"header":{"type":"boolean","whenOff":"off","default":"off","description":"ü😀","rules":[{"id":"up","ramp":"on","unit":"visitor",
"steps":[{"to":"5%","at":"2026-11-20"},{"to":"9%","after":"approval"},{"to":"50%","after":"approval"}]}]}}}"#;
    host.put("rules/a.yaml", json);
    done(&host, &Change::Advance { at: None, force: true }, &known("header"));
    let expected = json.replace("\"9%\",", "\"9%\", \"at\": \"2026-11-24T00:00:00Z\",");
    assert_eq!(text(&host), expected);
    host.wait(1);
    done(&host, &Change::Pause, &known("header"));
    let paused = expected.replace("\"on\",", "\"on\", \"paused\": \"2026-11-24T00:00:01Z\",");
    assert_eq!(text(&host), paused);
    done(&host, &Change::Resume, &known("header"));
    assert_eq!(text(&host), expected);
}

#[test]
fn a_ramp_that_is_written_for_an_environment_is_changed_there() {
    let host = world();
    let staging = "    in:\n      staging:\n        rules:\n          - { id: up, ramp: on, unit: visitor, steps: [{ to: 9%, at: 2026-11-01 }, { to: 90%, after: approval }] }\n";
    host.put("rules/a.yaml", RULES.replace("  footer:", &format!("{staging}  footer:")));
    let force = Change::Advance { at: None, force: true };
    assert!(refused(&host, &force, &known("header")).contains("name one with --environment"));
    let there = Known { environment: Some("staging".to_owned()), ..known("header") };
    assert!(done(&host, &force, &there).1[0].contains("{ to: 90%, at: 2026-11-24T00:00:00Z, after: approval }"));
    let nowhere = Known { environment: Some("moon".to_owned()), ..known("header") };
    assert!(refused(&host, &force, &nowhere).contains("no such environment"));
}

#[test]
fn lint_says_who_dates_the_next_step() {
    let host = world();
    lint::run(&lint::Options { ruleset: "rules".to_owned(), ..lint::Options::default() }, &host);
    let (out, err) = host.said();
    assert_eq!(out, Vec::<String>::new());
    assert_eq!(
        err,
        [
            "rules/a.yaml:13:9: note: the ramp `header/up` rises to 25% only once `waft release run` or `waft ramp advance` has dated that step",
            "rules: 0 errors, 0 warnings",
        ]
    );
}

/// What `waft report --format json` prints of the ramp, as far as it is read.
fn report(set: &str, as_of: &str, units: u64, verdict: &str) -> String {
    format!(
        r#"{{"set":"{set}","asOf":"{as_of}","studies":[
          {{"kind":"experiment","name":"header/up","arms":[],"metrics":[]}},
          {{"kind":"ramp","name":"header/up","phase":1,"arms":[{{"variant":"control","units":{units}}},{{"variant":"on","units":{units}}}],
            "metrics":[{{"metric":"errors","role":{{"guardrail":0.05}},"comparisons":[{{"variant":"on","verdict":"{verdict}"}}]}}]}}]}}"#
    )
}

#[test]
fn a_report_says_what_holds_and_what_is_due_is_dated_without_a_name() {
    let host = world();
    let all = Known { ruleset: "rules".to_owned(), report: Some("report.json".to_owned()), ..Known::default() };
    let said = |host: &Memory, text: &str| {
        host.put("report.json", text);
        let exit = run(&advance(), &all, host);
        (exit, host.said().1.join("\n"))
    };
    let now = "2026-11-24T00:00:00Z";
    let held = said(&host, &report("shop/production", now, 2_000, "unknown"));
    let expected = "header/up: held, 4000 of 5000 units seen, guardrail errors is not known to be safe";
    assert_eq!(held, (Exit::Done, expected.to_owned()));
    let harmed = said(&host, &report("shop/production", now, 3_000, "harmed"));
    assert_eq!(harmed, (Exit::Done, "header/up: held, guardrail errors is harmed".to_owned()));
    assert_eq!(text(&host), RULES);
    let due = said(&host, &report("shop/production", "2026-11-23T01:00:00Z", 3_000, "safe"));
    assert_eq!(due, (Exit::Done, format!("rules/a.yaml: header/up: rises to 25% at {now}; release it next")));
    assert!(text(&host).contains("{ to: 25%, at: 2026-11-24T00:00:00Z, after: 2d, units: 5000 } # many"));
    // An approval is nothing that a report has.
    host.wait(2 * 86_400);
    let later = report("shop/production", "2026-11-26T00:00:00Z", 9_000, "safe");
    assert!(said(&host, &later).1.contains("rises to 50%"));
    host.wait(86_400);
    let (exit, told) = said(&host, &later);
    assert_eq!((exit, told.as_str()), (Exit::Done, "header/up: held, waits for an approval"));
    // One that is old, of something else, or none.
    let wrong = |text: &str, expected: &str| {
        let (exit, told) = said(&host, text);
        assert_eq!(exit, Exit::Failed);
        assert!(told.contains(expected), "{told}");
    };
    wrong(
        &report("shop/production", now, 1, "safe"),
        "a report of 2026-11-24T00:00:00Z, more than a day ago: make a new one",
    );
    wrong(&later.replace("2026-", "2027-"), "a report of 2027-11-2");
    wrong(&later.replace("shop/", "shed/"), "a report of the project `shed`, not `shop`");
    wrong(&later.replace("/production", "/moon"), "--environment moon: the ruleset has no such environment");
    wrong("{}", "expected what `waft report --format json` prints");
    let staging = Known { environment: Some("staging".to_owned()), ..all.clone() };
    host.put("report.json", &later);
    assert_eq!(run(&advance(), &staging, &host), Exit::Failed);
    assert!(host.said().1[0].contains("report.json: a report of `production`, not of `staging`"));
}

/// What stops a ramp depends on no history: it may be what is wrong.
#[test]
fn ramp_is_paused_where_the_history_cannot_be_read() {
    let host = world();
    host.put("releases/0001.yaml", "junk");
    let known = Known { records: Some("releases".to_owned()), ..known("header") };
    assert_eq!(status(&known, true, &host), Exit::Done);
    let (out, err) = host.said();
    assert!(out.concat().contains("\"header/up\"") && err.concat().contains("warning: releases/0001.yaml"), "{err:?}");
    assert_eq!(run(&advance(), &known, &host), Exit::Failed);
    host.said();
    assert!(done(&host, &Change::Pause, &known).0.contains("paused at 2026-11-24"));
    assert!(done(&host, &Change::Resume, &known).0.contains("goes on"));
}
