//! What a guard does with releases: what it signs is what it read, and what people decided stands. crates/cli/tests/serve/taken.rs runs the program.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod gone;
mod holds;
#[path = "../host/mod.rs"]
mod host;
mod trusts;
mod vouched;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_commands::delivery::guarded::{self, Outcome, Taken};
use waft_commands::delivery::{Key, Place, approve, propose, publish, reject, rollback, run, status, unblock};
use waft_commands::head::kill::{self, Change};
use waft_commands::host::{Destination, Host as _};
use waft_commands::ramp::Known;
use waft_compile::keys;

const RULES: &str = "project: shop
environments: { live: {} }
attributes: { id: string }
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
        guard: { errors: { worse: 5%, then: hold } }
        steps:
          - { to: 5%, at: 2026-11-20 }
          - { to: 25%, at: 2026-12-20 }
";
const WITHOUT: &str = "        guard: { errors: { worse: 5%, then: hold } }\n";
const HOLDERS: [(&str, &str, u8); 4] =
    [("ci", "publisher", 1), ("alice", "approver", 2), ("oncall", "kill", 3), ("ruth", "root", 4)];

/// Pages ask for the roles that are named, beside kill and root.
fn shop(roles: &[&str]) -> Memory {
    let host = Memory::with(&[("rules/a.yaml", RULES)]);
    let (mut public, mut holders, mut require) = (json!({}), json!({}), Vec::new());
    for (name, role, seed) in HOLDERS {
        let key = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&key.pk));
        host.put(&format!("{name}.pem"), key.to_pem());
        public[&kid] = json!(keys::to_text(key.pk.as_ref()));
        holders[&kid] = json!(name);
        if roles.contains(&role) || matches!(role, "kill" | "root") {
            require.push(json!({ "role": role, "keys": [kid] }));
        }
    }
    public.as_object_mut().unwrap().retain(|kid, _| require.iter().any(|one| one["keys"][0] == *kid));
    holders.as_object_mut().unwrap().retain(|kid, _| public.get(kid).is_some());
    let trust =
        json!({ "project": "shop", "environment": "live", "keys": public, "holders": holders, "require": require });
    host.put("trust.json", trust.to_string());
    let next = keys::from_seed([9; 32]);
    host.put("next.pem", next.to_pem());
    host.put("next.json", json!({ "publicKey": keys::to_text(next.pk.as_ref()) }).to_string());
    host
}

fn alone() -> Memory {
    shop(&["publisher"])
}

fn approved() -> Memory {
    shop(&["publisher", "approver"])
}

fn place() -> Place {
    Place { records: "releases".to_owned(), trust: "trust.json".to_owned() }
}

fn to() -> Destination {
    Destination { to: "site".to_owned(), ..Destination::default() }
}

fn key(name: &str, role: &str) -> Key {
    Key { file: format!("{name}.pem"), role: role.to_owned(), ..Key::default() }
}

fn done(host: &Memory, exit: Exit) -> String {
    let told = host.said().1.join("\n");
    assert_eq!(exit, Exit::Done, "{told}");
    told
}

fn live(host: &Memory) -> Option<String> {
    host.read("site/snapshot.waft").is_ok().then(|| "site/snapshot.waft".to_owned())
}

fn rules(host: &Memory) -> String {
    String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap()
}

fn edit(host: &Memory, from: &str, to: &str) {
    let text = rules(host);
    assert!(text.contains(from), "{from}\n{text}");
    host.put("rules/a.yaml", text.replace(from, to));
}

fn proposal(host: &Memory) -> propose::Options {
    propose::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        live: live(host),
        key: Some(key("ci", "publisher")),
        ..propose::Options::default()
    }
}

fn proposed(host: &Memory) {
    done(host, propose::run(&proposal(host), host));
}

fn state(host: &Memory) -> Json {
    status::run(&status::Options { place: place(), live: live(host), json: true }, host);
    serde_json::from_str(&host.said().0.join("\n")).unwrap()
}

fn approve(host: &Memory) {
    let digest = state(host)["digest"].as_str().map(str::to_owned);
    let options = approve::Options {
        place: place(),
        live: live(host),
        key: key("alice", "approver"),
        digest,
        ..approve::Options::default()
    };
    done(host, approve::run(&options, host));
}

fn publish(host: &Memory) {
    done(host, publish::run(&publish::Options { place: place(), proposal: None, to: to() }, host));
}

/// Proposes the rules as they are, and publishes them a minute later.
fn release(host: &Memory) {
    proposed(host);
    if !state(host)["waitsFor"].as_array().unwrap().is_empty() {
        approve(host);
    }
    publish(host);
    host.wait(60);
}

fn reject(host: &Memory, why: &str) {
    let key = key("alice", "approver");
    done(host, reject::run(&reject::Options { place: place(), proposal: None, key, why: why.to_owned() }, host));
}

fn version(host: &Memory) -> Json {
    state(host)["live"]["version"].clone()
}

/// By the key of whoever is on call.
fn turning(change: Change, flag: &str) -> kill::Options {
    kill::Options {
        change,
        flags: vec![flag.to_owned()],
        head: "site/head.waft".to_owned(),
        trust: "trust.json".to_owned(),
        trust_documents: Vec::new(),
        key: "oncall.pem".to_owned(),
        snapshot: None,
        records: "releases".to_owned(),
        why: None,
        expires: None,
    }
}

fn turned(host: &Memory, options: &kill::Options) {
    done(host, kill::run(options, host));
    host.wait(60);
}

fn turn(host: &Memory, change: Change, flag: &str) {
    turned(host, &turning(change, flag));
}

fn options() -> guarded::Options {
    guarded::Options { place: place(), to: to(), key: key("ci", "publisher"), why: "waft guard: header/up".to_owned() }
}

/// An unattended run, with the key of somebody.
fn running(who: &str) -> run::Options {
    run::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        to: to(),
        keys: vec![format!("{who}.pem")],
        ..run::Options::default()
    }
}

fn held(host: &Memory) -> Result<Outcome, String> {
    let known = Known {
        ramp: Some("header/up".to_owned()),
        ruleset: "rules".to_owned(),
        environment: Some("live".to_owned()),
        ..Known::default()
    };
    let outcome = guarded::hold(&options(), &known, host);
    host.wait(60);
    outcome
}

fn back(host: &Memory, flags: &[&str]) -> Taken {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    let taken = guarded::rollback(&options(), &flags, host);
    host.wait(60);
    taken.unwrap_or_else(|error| panic!("{error}"))
}

fn stands(outcome: &Outcome) -> &str {
    let Outcome::Stands(why) = outcome else { panic!("{outcome:?}") };
    why
}

/// The rules that a run tests and the rules that it signs are the same, too.
#[test]
fn run_signs_what_it_checked() {
    let host = alone();
    release(&host);
    edit(&host, "default: on }", "default: off }");
    let wanted = rules(&host);
    host.put(
        "rules/a.test.yaml",
        "at: 2026-12-01\ncases: [{ name: off, context: { id: a }, expect: { button: off } }]\n",
    );
    host.meanwhile("header/up", "rules/a.yaml", wanted.replace("default: off }", "default: on }"));
    done(&host, run::run(&running("ci"), &host));
    assert_eq!(version(&host), 2);
}

/// Rules whose flags all change with the next release.
fn two(host: &Memory) {
    host.put("rules/a.yaml", RULES.replace(WITHOUT, ""));
    release(host);
}

#[test]
fn kill_that_had_ended_is_no_reason_to_leave_a_release() {
    let host = alone();
    two(&host);
    turn(&host, Change::Kill, "button");
    turn(&host, Change::Unkill, "button");
    edit(&host, "default: on }", "default: off }");
    release(&host);
    let taken = back(&host, &["button"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 3, rules_of: Some(1), .. }), "{:?}", taken.outcome);
    assert!(taken.spared.is_empty(), "{:?}", taken.spared);
}

#[test]
fn release_made_while_the_flag_was_off_stands() {
    let host = alone();
    two(&host);
    turn(&host, Change::Kill, "button");
    edit(&host, "default: on }", "default: off }");
    release(&host);
    turn(&host, Change::Unkill, "button");
    let taken = back(&host, &["button"]);
    assert_eq!((taken.spared.len(), version(&host)), (1, json!(2)), "{:?}", taken.spared);
    assert!(taken.spared["button"].contains("was released after button had been turned off"), "{:?}", taken.spared);
}

/// One flag was off when the release was made, and another was not changed by it: neither is its fault.
#[test]
fn each_flag_is_judged_alone() {
    let host = alone();
    two(&host);
    turn(&host, Change::Kill, "button");
    edit(&host, "default: on }", "default: off }");
    release(&host);
    let taken = back(&host, &["button", "header"]);
    assert_eq!(version(&host), 2, "{:?}", taken.outcome);
    assert!(taken.spared["header"].contains("version 2 did not change header"), "{:?}", taken.spared);
    // A flag that it did change is reason enough, and the others are told.
    edit(&host, "to: 25%,", "to: 30%,");
    release(&host);
    let taken = back(&host, &["button", "header"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 4, rules_of: Some(2), .. }), "{:?}", taken.outcome);
    assert_eq!(taken.spared.keys().collect::<Vec<_>>(), ["button"]);
    // The same once it is live, and for one that came to harm later.
    let taken = back(&host, &["button", "header"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 4, .. }), "{:?}", taken.outcome);
    assert!(taken.spared["button"].contains("version 4, which is a roll-back, did not change button"));
}

#[test]
fn rules_that_somebody_unblocked_stay() {
    let host = alone();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    let unblock =
        unblock::Options { place: place(), version: Some(2), key: key("ci", "publisher"), why: "ok".to_owned() };
    done(&host, unblock::run(&unblock, &host));
    release(&host);
    let taken = back(&host, &["button"]);
    assert!(stands(&taken.outcome).contains("somebody signed may come back"), "{:?}", taken.outcome);
    assert_eq!(version(&host), 4);
}

/// What would wait as well leaves the place to what people proposed, and its approvals; it comes once that is decided.
#[test]
fn rollback_that_would_wait_takes_the_place_of_nothing() {
    let host = approved();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    edit(&host, "to: 25%,", "to: 30%,");
    proposed(&host);
    approve(&host);
    let before = state(&host);
    let taken = back(&host, &["button"]);
    assert!(stands(&taken.outcome).starts_with("version 3 is proposed (releases/"), "{:?}", taken.outcome);
    assert_eq!(state(&host), before);
    reject(&host, "take it back first");
    let taken = back(&host, &["button"]);
    assert!(matches!(taken.outcome, Outcome::Waits { version: 4, .. }), "{:?}", taken.outcome);
}

/// Without that, the first build at night ends what waits for an approver, and the harm goes on.
#[test]
fn run_takes_the_place_of_no_rollback() {
    let host = approved();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Waits { version: 3, .. }));
    edit(&host, "to: 25%,", "to: 30%,");
    let before = state(&host);
    assert_eq!(run::run(&running("ci"), &host), Exit::Blocked);
    let told = host.said().1.concat();
    assert!(told.contains("version 3 is proposed (releases/") && told.contains("which takes version 2 back"), "{told}");
    assert_eq!(state(&host), before);
    // Nor does it get in the way of its publication.
    approve(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    assert_eq!(run::run(&running("ci"), &host), Exit::Waits);
}

/// The ramp would rise, although its guardrail is harmed.
#[test]
fn run_takes_the_place_of_no_hold() {
    let host = approved();
    release(&host);
    assert!(matches!(held(&host), Ok(Outcome::Waits { version: 2, .. })));
    let paused = rules(&host);
    // The checkout of CI has not got the pause, or more than that.
    for others in [RULES.to_owned(), paused.replace("default: on }", "default: off }")] {
        host.put("rules/a.yaml", &others);
        let before = state(&host);
        assert_eq!(run::run(&running("ci"), &host), if others == RULES { Exit::Done } else { Exit::Blocked });
        let told = host.said().1.concat();
        let is_told =
            told.contains("version 2 is proposed (releases/") && told.contains("which holds a ramp of version 1");
        assert!(is_told || others == RULES, "{told}");
        assert_eq!(state(&host), before);
    }
    // With the pause alone a run goes on with it.
    host.put("rules/a.yaml", &paused);
    approve(&host);
    done(&host, run::run(&running("ci"), &host));
    assert_eq!(version(&host), 2);
}

/// A hold freezes what has come: back with it would be up with the ramp.
#[test]
fn rollback_after_a_hold_takes_back_what_did_harm() {
    for by_guard in [true, false] {
        let host = alone();
        release(&host);
        edit(&host, "default: on }", "default: off }");
        release(&host);
        assert!(matches!(held(&host), Ok(Outcome::Published { version: 3, .. })));
        if by_guard {
            let taken = back(&host, &["button"]);
            assert!(
                matches!(taken.outcome, Outcome::Published { version: 4, rules_of: Some(1), .. }),
                "{:?}",
                taken.outcome
            );
            // Once.
            assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 4, .. }));
        } else {
            let options = propose::Options { ruleset: String::new(), ..proposal(&host) };
            done(&host, rollback::run(&options, None, &host));
            publish(&host);
        }
        assert_eq!(version(&host), 4);
        // None of both comes back by itself.
        host.put("rules/a.yaml", RULES.replace("default: on }", "default: off }"));
        assert_eq!(run::run(&running("ci"), &host), Exit::Blocked);
    }
}

/// A roll-back that is live and not recorded is recorded, and was made once.
#[test]
fn rollback_that_was_not_recorded_is_recorded_by_the_next_look() {
    let host = alone();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    host.take("releases/0006.yaml");
    let taken = back(&host, &["button"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 3, rules_of: Some(1), .. }), "{:?}", taken.outcome);
    assert!(host.read("releases/0006.yaml").is_ok());
}
