//! Ramps under `waft release run`: holds count from when pages got a step, an approval of the release approves its step, and what took effect is the
//! truth.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_commands::delivery::{Key, Place, approve, publish, reject, run};
use waft_commands::host::{Destination, Host as _};
use waft_commands::ramp::{Known, status};
use waft_compile::keys;

const DAY: i64 = 86_400;

/// The moment is 2026-11-24.
fn rules(steps: &str) -> String {
    format!(
        "project: shop
environments: {{ live: {{}} }}
attributes: {{ id: string }}
units: {{ visitor: {{ attribute: id }} }}
metrics: {{ errors: {{ conversion: error, better: down }} }}
flags:
  button: {{ type: boolean, whenOff: off, default: on }}
  header:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: up
        ramp: on
        unit: visitor
        guard: {{ errors: {{ worse: 5% }} }}
        steps:
          - {{ to: 5%, at: 2026-11-20 }}
{steps}"
    )
}

const HOLDS: &str = "          - { to: 25%, after: 4d }
          - { to: 50%, after: 4d }
";
const APPROVALS: &str = "          - { to: 25%, after: approval }
          - { to: 50%, after: approval }
";

/// Pages ask for the publisher, and for an approver, too, if that is said.
fn shop(steps: &str, is_approved: bool) -> Memory {
    let host = Memory::with(&[("rules/a.yaml", &rules(steps))]);
    let (mut public, mut require) = (json!({}), Vec::new());
    for (name, role, seed) in [("ci", "publisher", 1), ("alice", "approver", 2)] {
        let key = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&key.pk));
        host.put(&format!("{name}.pem"), key.to_pem());
        if role == "publisher" || is_approved {
            public[&kid] = json!(keys::to_text(key.pk.as_ref()));
            require.push(json!({ "role": role, "keys": [kid] }));
        }
    }
    let trust = json!({ "project": "shop", "environment": "live", "keys": public, "require": require });
    host.put("trust.json", trust.to_string());
    host
}

fn place() -> Place {
    Place { records: "releases".to_owned(), trust: "trust.json".to_owned() }
}

/// A night, by a report in which the guardrail is safe: the state, the version, and what was told of ramps.
fn night(host: &Memory) -> (String, Option<u64>, String) {
    let as_of = waft_ruleset::clock::text(host.now());
    let text = json!({ "set": "shop/live", "asOf": as_of, "studies": [{
        "kind": "ramp", "name": "header/up", "phase": 1, "arms": [{ "variant": "on", "units": 900 }],
        "metrics": [{ "metric": "errors", "comparisons": [{ "variant": "on", "verdict": "safe" }] }],
    }] });
    host.put("report.json", text.to_string());
    let options = run::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        to: Destination { to: "site".to_owned(), ..Destination::default() },
        keys: vec!["ci.pem".to_owned()],
        report: Some("report.json".to_owned()),
        json: true,
        ..run::Options::default()
    };
    run::run(&options, host);
    let (out, err) = host.said();
    let told: Json = serde_json::from_str(out.last().unwrap()).unwrap_or_else(|_| panic!("{out:?} {err:?}"));
    let state = told["state"].as_str().unwrap().to_owned();
    assert!(!matches!(state.as_str(), "failed" | "usage" | "blocked"), "{told}");
    let ramps: Vec<&str> = told["ramps"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    (state, told["version"].as_u64(), ramps.join("\n"))
}

/// The same in a fresh checkout, to which nobody committed a date.
fn fresh(host: &Memory, steps: &str) -> (String, Option<u64>, String) {
    host.put("rules/a.yaml", rules(steps));
    night(host)
}

fn text(host: &Memory) -> String {
    String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap()
}

fn live(host: &Memory) -> Option<String> {
    host.read("site/snapshot.waft").is_ok().then(|| "site/snapshot.waft".to_owned())
}

fn alice() -> Key {
    Key { file: "alice.pem".to_owned(), role: "approver".to_owned(), ..Key::default() }
}

/// Alice approves what is proposed, and it is published.
fn deliver(host: &Memory) {
    let name = |line: &str| line.strip_prefix("digest ").map(str::to_owned);
    let status = waft_commands::delivery::status::Options { place: place(), live: None, json: false };
    waft_commands::delivery::status::run(&status, host);
    let digest = host.said().0.iter().find_map(|line| name(line));
    let options =
        approve::Options { place: place(), live: live(host), key: alice(), digest, ..approve::Options::default() };
    assert_eq!(approve::run(&options, host), Exit::Done, "{:?}", host.said());
    let to = Destination { to: "site".to_owned(), ..Destination::default() };
    let options = publish::Options { place: place(), proposal: None, to };
    assert_eq!(publish::run(&options, host), Exit::Done, "{:?}", host.said());
    host.said();
}

/// What `waft ramp status` says holds the next step.
fn held(host: &Memory, records: Option<&str>) -> Json {
    let known = Known {
        ruleset: "rules".to_owned(),
        safe: vec!["errors".to_owned()],
        records: records.map(str::to_owned),
        ..Known::default()
    };
    assert_eq!(status(&known, true, host), Exit::Done);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    told[0]["by"].clone()
}

#[test]
fn hold_counts_from_the_release_and_not_from_a_date_before_it() {
    let host = shop(HOLDS, true);
    // The step of the 20th is in pages since the 26th.
    assert_eq!(night(&host).0, "waits");
    host.wait(2 * DAY);
    deliver(&host);
    host.wait(DAY);
    let (state, _, ramps) = night(&host);
    assert_eq!((state.as_str(), ramps.as_str()), ("unchanged", "header/up: held, until 2026-11-30T00:00:00Z"));
    assert_eq!(held(&host, Some("releases")), json!(["until 2026-11-30T00:00:00Z"]));
    // Without a history it counts from the date.
    assert_eq!(held(&host, None), Json::Null);
    // While the second step waits for Alice, nothing is held from its date on.
    host.wait(3 * DAY);
    assert_eq!((night(&host).0.as_str(), night(&host).1), ("waits", Some(2)));
    assert!(text(&host).contains("{ to: 25%, at: 2026-11-30T00:00:00Z, after: 4d }"), "{}", text(&host));
    assert_eq!(held(&host, Some("releases")), json!(["the step before it is not live yet"]));
    host.wait(6 * DAY);
    let (state, version, ramps) = night(&host);
    assert_eq!((state.as_str(), version), ("waits", Some(2)), "{ramps}");
    assert_eq!(ramps, "header/up: held, the step before it is not live yet");
    deliver(&host);
    assert_eq!(held(&host, Some("releases")), json!(["until 2026-12-10T00:00:00Z"]));
    host.wait(4 * DAY);
    assert_eq!((night(&host).0.as_str(), night(&host).1), ("waits", Some(3)));
    // A snapshot that is gone tells nothing, and holds nothing for ever.
    host.take_all("releases/live-");
    assert_eq!(held(&host, Some("releases")), Json::Null);
}

/// Who has to sign the release approves its step by that: one at a time, and what is rejected holds nothing but the step.
#[test]
fn approval_of_the_release_is_that_of_its_step() {
    let host = shop(APPROVALS, true);
    assert_eq!(night(&host).0, "waits");
    // Not before the one before it is in pages.
    assert!(!text(&host).contains("approval, at") && !text(&host).contains("at: 2026-11-24"), "{}", text(&host));
    deliver(&host);
    host.wait(DAY);
    let (state, version, ramps) = fresh(&host, APPROVALS);
    assert_eq!((state.as_str(), version), ("waits", Some(2)), "{ramps}");
    assert!(ramps.contains("header/up: rises to 25% at 2026-11-25T00:00:00Z"), "{ramps}");
    let options = reject::Options { place: place(), proposal: None, key: alice(), why: "not yet".to_owned() };
    assert_eq!(reject::run(&options, &host), Exit::Done, "{:?}", host.said());
    host.said();
    host.wait(DAY);
    let (state, _, ramps) = fresh(&host, APPROVALS);
    assert_eq!((state.as_str(), ramps.as_str()), ("unchanged", "header/up: held, waits for an approval"));
    // Other changes go on, without the step.
    host.put("rules/a.yaml", rules(APPROVALS).replace("default: on }", "default: off }"));
    let (state, version, ramps) = night(&host);
    assert_eq!((state.as_str(), version), ("waits", Some(3)), "{ramps}");
    deliver(&host);
    host.wait(DAY);
    host.put("rules/a.yaml", rules(APPROVALS).replace("default: on }", "default: off }"));
    let (state, version, ramps) = night(&host);
    assert_eq!((state.as_str(), version), ("waits", Some(4)), "{ramps}");
    assert!(ramps.contains("header/up: rises to 25% at 2026-11-27T00:00:00Z"), "{ramps}");
}

/// Where nobody has to sign, nobody has approved.
#[test]
fn step_that_waits_for_an_approval_goes_out_by_itself_nowhere() {
    let host = shop(APPROVALS, false);
    assert_eq!(night(&host).1, Some(1));
    host.wait(DAY);
    let (state, _, ramps) = night(&host);
    assert_eq!((state.as_str(), ramps.as_str()), ("unchanged", "header/up: held, waits for an approval"));
}

/// Each night in a fresh checkout: what took effect is written again, and told, and nothing fails.
#[test]
fn step_that_is_live_without_its_date_in_the_rules_is_told_and_fails_nothing() {
    let host = shop(HOLDS, false);
    assert_eq!(night(&host).1, Some(1));
    host.wait(5 * DAY);
    let (state, version, _) = fresh(&host, HOLDS);
    assert_eq!((state.as_str(), version), ("published", Some(2)));
    let dated = text(&host);
    host.wait(DAY);
    let (state, _, ramps) = fresh(&host, HOLDS);
    assert_eq!((state.as_str(), text(&host)), ("unchanged", dated), "{ramps}");
    assert!(ramps.contains("header/up: rose to 25% at 2026-11-29T00:00:00Z, and nobody wrote that here"), "{ramps}");
    // The step behind it comes in its time, from a checkout that has neither.
    host.wait(4 * DAY);
    let (state, version, ramps) = fresh(&host, HOLDS);
    assert_eq!((state.as_str(), version), ("published", Some(3)), "{ramps}");
    host.wait(DAY);
    let (state, _, ramps) = fresh(&host, HOLDS);
    assert_eq!((state.as_str(), ramps.lines().count()), ("unchanged", 2), "{ramps}");
    assert!(text(&host).contains("{ to: 50%, at: 2026-12-04T00:00:00Z, after: 4d }"), "{}", text(&host));
}

/// Old snapshots are taken away now and then: one that was rejected long ago is asked for by nobody.
#[test]
fn snapshot_of_an_old_proposal_is_not_asked_for() {
    let host = shop(HOLDS, true);
    night(&host);
    deliver(&host);
    host.put("rules/a.yaml", rules(HOLDS).replace("default: on }", "default: off }"));
    assert_eq!(night(&host).1, Some(2));
    let options = reject::Options { place: place(), proposal: None, key: alice(), why: "no".to_owned() };
    assert_eq!(reject::run(&options, &host), Exit::Done);
    host.said();
    // Something else is published since, without a proposal.
    let old = host.read("site/snapshot.waft").unwrap();
    let snapshot = waft_commands::build::Options {
        ruleset: "rules".to_owned(),
        environment: "live".to_owned(),
        version: 9,
        out: "site/snapshot.waft".to_owned(),
        ..waft_commands::build::Options::default()
    };
    assert_eq!(waft_commands::build::run(&snapshot, &host), Exit::Done);
    host.said();
    assert_ne!(host.read("site/snapshot.waft").unwrap(), old);
    let names = String::from_utf8(host.read("releases/log.jsonl").unwrap()).unwrap();
    assert!(names.contains("\"version\":2"), "{names}");
    host.take_all("releases/live-2-");
    host.put("rules/a.yaml", rules(HOLDS));
    assert_eq!(night(&host).0, "waits");
}
