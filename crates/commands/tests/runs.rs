//! `waft release run` on a clock that is moved: what goes out, what waits, and what a wrong clock, ramps and the end of a release's life do.
//! crates/cli/tests/publish/runs.rs runs the program.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::delivery::{Key, Place, approve, propose, publish, reject, rollback, run, unblock};
use waft_commands::host::{Destination, Host as _};
use waft_commands::{Exit, diff};
use waft_compile::keys;

const RULES: &str = "project: shop
environments: { live: { limits: { moved: 50% }, expires: 40d } }
attributes: { id: string, country: string }
units: { visitor: { attribute: id } }
metrics: { errors: { conversion: error, better: down } }
flags:
  button: { type: boolean, whenOff: off, default: on }
  header:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: up
        ramp: on
        unit: visitor
        guard: { errors: { worse: 5% } }
        steps:
          - { to: 5%, at: 2026-11-20 }
          - { to: 25%, after: 6d }
";
const TRIAL: &str = "  till: { type: boolean, whenOff: off, default: off, rules: [{ id: test, experiment: price }] }
experiments:
  price: { unit: visitor, phases: [{ id: 1, from: 2026-11-20T00:00Z, split: { on: 50%, off: 50% } }] }
";
const DAY: i64 = 86_400;

fn shop() -> Memory {
    let people: String = (0..1_000).map(|one| format!("v{one}\n")).collect();
    let host = Memory::with(&[("rules/a.yaml", RULES), ("people.csv", &format!("id\n{people}"))]);
    let key = keys::from_seed([1; 32]);
    let kid = keys::to_text(&keys::kid(&key.pk));
    host.put("ci.pem", key.to_pem());
    let trust = json!({
        "project": "shop", "environment": "live", "keys": { &kid: keys::to_text(key.pk.as_ref()) }, "holders": { &kid: "ci" },
        "require": [{ "role": "publisher", "keys": [kid] }],
    });
    host.put("trust.json", trust.to_string());
    host
}

fn place() -> Place {
    Place { records: "releases".to_owned(), trust: "trust.json".to_owned() }
}

fn to() -> Destination {
    Destination { to: "site".to_owned(), ..Destination::default() }
}

fn key() -> Key {
    Key { file: "ci.pem".to_owned(), role: "publisher".to_owned(), ..Key::default() }
}

fn options() -> run::Options {
    run::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        to: to(),
        keys: vec!["ci.pem".to_owned()],
        population: Some("people.csv".to_owned()),
        json: true,
        ..run::Options::default()
    }
}

/// The state, the version, and all that was told.
fn ran(host: &Memory, options: &run::Options) -> (String, Option<u64>, Json) {
    let exit = run::run(options, host);
    let (out, err) = host.said();
    let told: Json = serde_json::from_str(out.last().unwrap()).unwrap_or_else(|_| panic!("{out:?} {err:?}"));
    assert_eq!(told["exit"], exit as u8, "{told}");
    (told["state"].as_str().unwrap().to_owned(), told["version"].as_u64(), told)
}

fn edit(host: &Memory, from: &str, to: &str) {
    let rules = String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap();
    assert!(rules.contains(from), "{from}\n{rules}");
    host.put("rules/a.yaml", rules.replace(from, to));
}

fn rules(host: &Memory) -> String {
    String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap()
}

#[test]
fn ends_of_lives_are_put_off_before_a_quarter_is_left() {
    let host = shop();
    edit(&host, "          - { to: 25%, after: 6d }\n", "");
    assert_eq!(ran(&host, &options()).1, Some(1));
    host.wait(29 * DAY);
    assert_eq!(ran(&host, &options()).0, "unchanged");
    host.wait(2 * DAY);
    let (state, version, told) = ran(&host, &options());
    assert_eq!((state.as_str(), version), ("published", Some(2)), "{told}");
    assert_eq!(ran(&host, &options()).0, "unchanged");
}

/// What `waft report --format json` prints of the ramp, as far as it is read.
fn report(host: &Memory, day: u32, verdict: &str) -> run::Options {
    let text = json!({ "set": "shop/live", "asOf": format!("2026-11-{day}T00:00:00Z"), "studies": [{
        "kind": "ramp", "name": "header/up", "phase": 1, "arms": [{ "variant": "on", "units": 900 }],
        "metrics": [{ "metric": "errors", "comparisons": [{ "variant": "on", "verdict": verdict }] }],
    }] });
    host.put("report.json", text.to_string());
    run::Options { report: Some("report.json".to_owned()), ..options() }
}

#[test]
fn steps_of_ramps_are_dated_when_their_hold_has_passed() {
    let host = shop();
    assert_eq!(ran(&host, &options()).1, Some(1));
    host.wait(2 * DAY);
    let (state, _, told) = ran(&host, &options());
    assert!(
        state == "unchanged" && told["ramps"][0].as_str().unwrap().contains("header/up: held, until 2026-11-30"),
        "{told}"
    );
    host.wait(4 * DAY);
    let (state, _, told) = ran(&host, &report(&host, 30, "unknown"));
    assert!(
        state == "unchanged" && told["ramps"][0].as_str().unwrap().contains("errors is not known to be safe"),
        "{told}"
    );
    // A check that fails leaves the file as it was.
    let before = rules(&host);
    host.put("rules/a.test.yaml", "at: 2026-12-01\ncases: [{ name: no such flag, expect: { knob: on } }]\n");
    let (state, _, told) = ran(&host, &report(&host, 30, "safe"));
    assert!(state == "failed" && told["message"].as_str().unwrap().contains("knob"), "{told}");
    assert_eq!(rules(&host), before);
    host.take("a.test.yaml");
    let (state, version, told) = ran(&host, &report(&host, 30, "safe"));
    assert_eq!((state.as_str(), version), ("published", Some(2)), "{told}");
    assert!(rules(&host).contains("{ to: 25%, at: 2026-11-30T00:00:00Z, after: 6d }"), "{}", rules(&host));
    assert_eq!(ran(&host, &options()).0, "unchanged");
    // Who did not commit the file is told, and given the date that took effect.
    let dated = rules(&host);
    host.put("rules/a.yaml", before);
    let (state, _, told) = ran(&host, &options());
    assert_eq!((state.as_str(), rules(&host)), ("unchanged", dated), "{told}");
    let ramps = told["ramps"][0].as_str().unwrap();
    assert!(ramps.ends_with("commit the file, whose step has `at: 2026-11-30T00:00:00Z` now"), "{ramps}");
    // A report that is too old holds ramps, and nothing else.
    edit(
        &host,
        "{ to: 25%, at: 2026-11-30T00:00:00Z, after: 6d }",
        "{ to: 25%, at: 2026-11-30T00:00:00Z, after: 6d }\n          - { to: 50%, after: 1d }",
    );
    edit(&host, "off, default: on", "off, default: off");
    host.wait(2 * DAY);
    let free = run::Options { population: None, ..report(&host, 30, "safe") };
    edit(&host, "limits: { moved: 50% }, ", "");
    let (state, version, told) = ran(&host, &free);
    assert_eq!((state.as_str(), version), ("published", Some(3)), "{told}");
    assert!(
        told["ramps"][0].as_str().unwrap().contains("more than a day ago")
            && rules(&host).contains("{ to: 50%, after: 1d }"),
        "{told}"
    );
}

/// From now on pages ask for an approver, too.
fn ask_for_approver(host: &Memory) -> Key {
    let key = keys::from_seed([2; 32]);
    let kid = keys::to_text(&keys::kid(&key.pk));
    host.put("alice.pem", key.to_pem());
    let mut trust: Json = serde_json::from_slice(&host.read("trust.json").unwrap()).unwrap();
    trust["keys"][&kid] = json!(keys::to_text(key.pk.as_ref()));
    trust["holders"][&kid] = json!("alice");
    trust["require"].as_array_mut().unwrap().push(json!({ "role": "approver", "keys": [kid] }));
    host.put("trust.json", trust.to_string());
    Key { file: "alice.pem".to_owned(), role: "approver".to_owned(), ..Key::default() }
}

/// Each night in a fresh checkout: nobody commits the date that the step got.
#[test]
fn step_that_waits_for_approval_keeps_its_date() {
    let host = shop();
    edit(&host, "limits: { moved: 50% }, ", "");
    let night = |day: u32| {
        host.put("rules/a.yaml", RULES.replace("limits: { moved: 50% }, ", ""));
        ran(&host, &run::Options { population: None, ..report(&host, day, "safe") })
    };
    assert_eq!(night(24).1, Some(1));
    let alice = ask_for_approver(&host);
    host.wait(6 * DAY);
    let (state, version, told) = night(30);
    assert_eq!((state.as_str(), version), ("waits", Some(2)), "{told}");
    let ramps = told["ramps"][0].as_str().unwrap();
    assert!(ramps.ends_with("header/up: rises to 25% at 2026-11-30T00:00:00Z; commit the file"), "{ramps}");
    let dated = rules(&host);
    host.wait(DAY / 2);
    let (state, version, told) = night(30);
    assert_eq!((state.as_str(), version, rules(&host)), ("waits", Some(2), dated), "{told}");
    // Whose guardrail is harmed by now is not dated, and who could still approve it is told.
    host.put("rules/a.yaml", RULES.replace("limits: { moved: 50% }, ", ""));
    let harmed = run::Options { population: None, json: false, ..report(&host, 30, "harmed") };
    assert_eq!(run::run(&harmed, &host), Exit::Done);
    let err = host.said().1.concat();
    assert!(
        err.contains("warning: releases/0003.yaml: version 2 is still proposed, which these rules are not"),
        "{err}"
    );
    let approve = approve::Options {
        place: place(),
        live: Some("site/snapshot.waft".to_owned()),
        key: alice.clone(),
        digest: told["digest"].as_str().map(str::to_owned),
        ..approve::Options::default()
    };
    assert_eq!(approve::run(&approve, &host), Exit::Done, "{:?}", host.said());
    host.said();
    host.wait(DAY / 4);
    let (state, version, told) = night(30);
    assert_eq!((state.as_str(), version), ("published", Some(2)), "{told}");
    host.put("rules/a.yaml", RULES);
    let live = live(&host);
    assert!(live.contains("25% from 2026-11-30T00:00:00Z"), "{live}");
}

/// A shop whose step was dated, proposed and rejected; and its rules before.
fn rejected() -> (Memory, String) {
    let host = shop();
    edit(&host, "limits: { moved: 50% }, ", "");
    let clean = rules(&host);
    assert_eq!(ran(&host, &run::Options { population: None, ..options() }).1, Some(1));
    let alice = ask_for_approver(&host);
    host.wait(6 * DAY);
    assert_eq!(night(&host).0, "waits");
    let reject = reject::Options { place: place(), proposal: None, key: alice, why: "not before Monday".to_owned() };
    assert_eq!(reject::run(&reject, &host), Exit::Done, "{:?}", host.said());
    host.said();
    (host, clean)
}

/// A run by a report with which the next step is due.
fn night(host: &Memory) -> (String, Option<u64>, Json) {
    ran(host, &run::Options { population: None, ..report(host, 30, "safe") })
}

/// What was rejected is not proposed again with the next night's date.
#[test]
fn step_that_was_rejected_stays_so() {
    let (host, clean) = rejected();
    host.put("rules/a.yaml", &clean);
    host.wait(DAY / 2);
    let (state, _, told) = night(&host);
    assert!(state == "blocked" && told["message"].as_str().unwrap().contains("not before Monday"), "{told}");
    assert_eq!(rules(&host), clean);
}

/// A step that was dated and not released is taken out of the file again, unless somebody changed that file since.
#[test]
fn file_that_somebody_changed_meanwhile_is_left_as_it_is() {
    let (host, clean) = rejected();
    host.wait(DAY / 2);
    for theirs in [None, Some(format!("{clean}  other: {{ type:\n"))] {
        host.put("rules/a.yaml", &clean);
        if let Some(theirs) = &theirs {
            host.meanwhile("commit the file", "rules/a.yaml", theirs);
        }
        let options = run::Options { population: None, json: false, ..report(&host, 30, "safe") };
        assert_ne!(run::run(&options, &host), Exit::Done);
        let told = host.said().1.join("\n");
        let warning = "rules/a.yaml: was changed meanwhile, and is left as it is: a step of a ramp is dated there";
        assert_eq!(told.contains(warning), theirs.is_some(), "{told}");
        assert_eq!(rules(&host), theirs.unwrap_or_else(|| clean.clone()), "{told}");
    }
}

#[test]
fn wrong_clocks_release_nothing() {
    let host = shop();
    host.wait(2 * DAY);
    assert_eq!(ran(&host, &options()).1, Some(1));
    host.wait(-2 * DAY);
    let (state, _, told) = ran(&host, &options());
    assert!(
        state == "failed"
            && told["message"].as_str().unwrap().contains("version 1, which is live, was made at 2026-11-26T00:00:00Z"),
        "{told}"
    );
    host.wait(2 * DAY);
    assert_eq!(ran(&host, &options()).0, "unchanged");
}

/// Where the unit's ids are not known its share is simulated, and never taken for less than it may be.
#[test]
fn population_without_the_unit_counts_by_the_upper_end() {
    let host = shop();
    assert_eq!(ran(&host, &options()).1, Some(1));
    host.put("countries.csv", "country\nde\nfr\n");
    let options = run::Options { population: Some("countries.csv".to_owned()), ..options() };
    edit(&host, "to: 5%,", "to: 60%,");
    edit(&host, "to: 25%,", "to: 70%,");
    let (state, _, told) = ran(&host, &options);
    assert!(
        state == "failed" && told["message"].as_str().unwrap().contains("% get another value, and 50% may"),
        "{told}"
    );
    // No people at all are no proof.
    host.put("nobody.csv", "id\n");
    let (state, _, told) = ran(&host, &run::Options { population: Some("nobody.csv".to_owned()), ..options });
    assert!(state == "usage" && told["message"].as_str().unwrap().contains("with people in it"), "{told}");
}

#[test]
fn history_and_store_that_disagree_are_told() {
    let host = shop();
    assert_eq!(ran(&host, &options()).1, Some(1));
    host.take("snapshot.waft");
    let (state, _, told) = ran(&host, &options());
    assert!(state == "store" && told["message"].as_str().unwrap().contains("version 1 was published"), "{told}");
}

/// What was taken back stays back at night, until the rules differ or somebody signs.
#[test]
fn rules_that_were_taken_back_are_blocked() {
    let host = shop();
    assert_eq!(ran(&host, &options()).1, Some(1));
    edit(&host, "off, default: on", "off, default: off");
    let free = run::Options { source: Some("9be04d2".to_owned()), ..options() };
    edit(&host, "moved: 50%", "moved: 100%");
    assert_eq!(ran(&host, &free).1, Some(2));
    rolled_back(&host);
    let (state, _, told) = ran(&host, &free);
    assert!(
        state == "blocked"
            && told["message"]
                .as_str()
                .unwrap()
                .contains("version 2, 9be04d2, which was taken back (releases/0006.yaml): revert 9be04d2"),
        "{told}"
    );
    // Who proposes it by hand is warned, and so is who approves.
    let by_hand = propose::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        live: Some("site/snapshot.waft".to_owned()),
        ..propose::Options::default()
    };
    assert_eq!(propose::run(&by_hand, &host), Exit::Done);
    assert!(
        host.said()
            .1
            .concat()
            .contains("warning: rules: these are the rules of version 2, 9be04d2, which was taken back")
    );
    // A tree that differs goes out, and so does the old one once somebody has signed.
    edit(&host, "to: 5%,", "to: 6%,");
    assert_eq!(ran(&host, &free).1, Some(5));
    edit(&host, "to: 6%,", "to: 6.5%,");
    edit(&host, "off, default: off", "off, default: on");
    assert_eq!(ran(&host, &free).1, Some(6));
    let unblock = unblock::Options { place: place(), version: Some(2), key: key(), why: "mended".to_owned() };
    assert_eq!(unblock::run(&unblock, &host), Exit::Done, "{:?}", host.said());
    assert_eq!(unblock::run(&unblock, &host), Exit::Failed);
    assert!(host.said().1.concat().contains("version 2: is not blocked"));
}

fn rolled_back(host: &Memory) -> String {
    let back = propose::Options {
        place: place(),
        live: Some("site/snapshot.waft".to_owned()),
        key: Some(key()),
        ..propose::Options::default()
    };
    assert_eq!(rollback::run(&back, None, host), Exit::Done, "{:?}", host.said());
    let text = host.said().1.join("\n");
    let publish = publish::Options { place: place(), proposal: None, to: to() };
    assert_eq!(publish::run(&publish, host), Exit::Done, "{:?}", host.said());
    host.said();
    text
}

/// The experiment and the ramp as pages have them, in words.
fn live(host: &Memory) -> String {
    let options = diff::Options {
        before: "site/snapshot.waft".to_owned(),
        after: "rules".to_owned(),
        json: true,
        ..diff::Options::default()
    };
    diff::run(&options, host);
    host.said().0.join("\n")
}

/// Phase 2 runs when the rules of phase 1 come back: neither phase does then, and nobody is put into one again by the old rules.
#[test]
fn what_changed_since_is_stopped_and_never_returns_to_an_older_phase() {
    let host = shop();
    host.put("rules/a.yaml", rules(&host) + TRIAL);
    let free = run::Options { population: None, ..options() };
    edit(&host, "limits: { moved: 50% }, ", "");
    assert_eq!(ran(&host, &free).1, Some(1));
    let first = rules(&host);
    let phase = "split: { on: 50%, off: 50% } }";
    let second = "{ id: 2, from: 2026-12-02T00:00Z, split: { on: 90%, off: 10% } }";
    edit(&host, phase, &format!("to: 2026-12-01T00:00Z, {phase}, {second}"));
    edit(&host, "off, default: on", "off, default: off");
    host.wait(DAY);
    assert_eq!(ran(&host, &free).1, Some(2));
    host.wait(10 * DAY);
    let text = rolled_back(&host);
    assert!(text.contains("the experiment `price` is stopped: the end of phase 1 changed since"), "{text}");
    assert!(text.contains("end its phase with `to: 2026-12-05T00:00:00Z`"), "{text}");
    let told = live(&host);
    assert!(told.contains("2026-12-05T00:00:00Z"), "{told}");
    // The rules of version 1 as they were would let phase 1 run on.
    host.put("rules/a.yaml", &first);
    let (state, _, told) = ran(&host, &free);
    assert!(state == "failed" && told["message"].as_str().unwrap().contains("the end of phase 1"), "{told}");
    edit(&host, phase, &format!("to: 2026-12-05T00:00Z, {phase}"));
    let (state, _, told) = ran(&host, &free);
    assert_eq!(state, "unchanged", "{told}");
}

/// Trials with equal phases have one run of records in a snapshot: ending one would end the other.
#[test]
fn what_cannot_be_stopped_alone_is_refused() {
    let host = shop();
    let phases = "phases: [{ id: 1, from: 2026-11-20T00:00Z, split: { on: 50%, off: 50% } }]";
    let trials = TRIAL.replace(
        "experiments:",
        "  other: { type: boolean, whenOff: off, default: off, rules: [{ id: test, experiment: twin }] }\nexperiments:",
    );
    host.put("rules/a.yaml", format!("{}{trials}  twin: {{ unit: visitor, {phases} }}\n", rules(&host)));
    let free = run::Options { population: None, ..options() };
    edit(&host, "limits: { moved: 50% }, ", "");
    assert_eq!(ran(&host, &free).1, Some(1));
    edit(
        &host,
        "price: { unit: visitor, phases: [{ id: 1, from: 2026-11-20T00:00Z,",
        "price: { unit: visitor, phases: [{ id: 1, from: 2026-11-20T00:00Z, to: 2026-11-25T00:00Z,",
    );
    assert_eq!(ran(&host, &free).1, Some(2));
    host.wait(2 * DAY);
    let back = propose::Options {
        place: place(),
        live: Some("site/snapshot.waft".to_owned()),
        key: Some(key()),
        ..propose::Options::default()
    };
    assert_eq!(rollback::run(&back, None, &host), Exit::Failed);
    let text = host.said().1.concat();
    assert!(
        text.contains(
            "the experiment `price` would have to be stopped, and has the same phases as the experiment `twin`"
        ),
        "{text}"
    );
}

/// A ramp that has risen since would fall back to an older step: it takes nobody.
#[test]
fn ramp_that_has_risen_since_takes_nobody() {
    let host = shop();
    edit(&host, "limits: { moved: 50% }, ", "");
    let free = run::Options { population: None, ..options() };
    assert_eq!(ran(&host, &free).1, Some(1));
    edit(&host, "to: 25%, after: 6d", "to: 25%, at: 2026-11-25");
    host.wait(2 * DAY);
    assert_eq!(ran(&host, &free).1, Some(2));
    let text = rolled_back(&host);
    assert!(text.contains("the ramp `header/up` is stopped: the share changed since"), "{text}");
    let told = live(&host);
    assert!(told.contains("\"0% from 2026-11-20T00:00:00Z\""), "{told}");
    // Whoever rolls back again goes further back than to what was taken back.
    let back =
        propose::Options { place: place(), live: Some("site/snapshot.waft".to_owned()), ..propose::Options::default() };
    assert_eq!(rollback::run(&back, None, &host), Exit::Failed);
    assert!(host.said().1.concat().contains("no record of a release before version 3"));
}
