//! `waft guard` with the publisher's key: a release that does harm is taken back, and a ramp is paused; by itself where that key is all that pages
//! ask for, and as a proposal elsewhere.

use serde_json::{Value, json};

use crate::database::Kind;
use crate::guards::{Watch, rules};

const ALONE: &[&str] = &["publisher", "kill", "freshness"];
const APPROVED: &[&str] = &["publisher", "approver", "kill", "freshness"];
const KEYS: [&str; 4] = ["--publisher-key", "publisher.pem", "--freshness-key", "freshness.pem"];
const KILL: [&str; 6] =
    ["--kill-key", "kill.pem", "--publisher-key", "publisher.pem", "--freshness-key", "freshness.pem"];

/// The rules before there was a ramp.
fn before() -> String {
    let rules = rules(", then: rollback");
    rules.split("    rules:\n").next().unwrap().to_owned()
}

/// Proposes rules, has them approved if pages ask for it, and publishes them.
fn release(watch: &Watch, rules: &str) {
    watch.write("rules.yaml", rules);
    let live = if watch.path("public").exists() { &["--live", "public"][..] } else { &[] };
    let trusting = ["--trust", "trust.json"];
    watch.done(&[&["release", "propose", "rules.yaml", "--key", "publisher.pem"], &trusting[..], live].concat());
    if watch.path("approver.pem").exists() {
        approve(watch, live);
    }
    watch
        .done(&[&["release", "publish", "--to", "public", "--freshness-key", "freshness.pem"], &trusting[..]].concat());
}

fn status(watch: &Watch) -> Value {
    let output =
        watch.waft(&["release", "status", "--trust", "trust.json", "--json", "--live", "public"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"))
}

fn approve(watch: &Watch, live: &[&str]) {
    let output = watch.waft(&["release", "status", "--trust", "trust.json", "--json"]).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let digest = told["digest"].as_str().unwrap();
    let own = ["release", "approve", "--trust", "trust.json", "--key", "approver.pem", "--digest", digest];
    watch.done(&[&own, live].concat());
}

/// What is live, how often something was recorded, and whether the history is whole.
fn live(watch: &Watch) -> (Value, usize) {
    watch.done(&["release", "verify", "--trust", "trust.json"]);
    let history = watch.done(&["release", "history"]).stdout;
    (status(watch)["live"]["version"].clone(), String::from_utf8(history).unwrap().lines().count())
}

#[test]
fn release_that_does_harm_is_taken_back_once() {
    for (keys, action, again) in [(&KILL[..], "killed", "off"), (&KEYS[..], "rolled-back", "rolled-back")] {
        let watch = Watch::of(Kind::Sqlite, ALONE);
        release(&watch, &before());
        release(&watch, &rules(", then: rollback"));
        watch.fill(4, 0);
        let (code, told) = watch.look(keys);
        let found = &told["found"][0];
        assert_eq!((code, &found["action"], &found["then"]), (1, &json!(action), &json!("rollback")), "{told}");
        assert_eq!((&found["release"]["version"], &found["release"]["rulesOf"]), (&json!(3), &json!(1)), "{told}");
        let says = found["advice"].as_str().unwrap();
        assert!(says.starts_with("version 3 is live, with the rules of version 1 (releases/"), "{says}");
        // Pages take it, with a fresh pointer; the record says why.
        let (version, records) = live(&watch);
        assert_eq!(version, 3);
        watch.done(&["verify", "public/snapshot.waft", "--trust", "trust.json"]);
        let head = watch.done(&["verify", "public/head.waft", "--trust", "trust.json"]).stdout;
        assert_eq!(serde_json::from_slice::<Value>(&head).unwrap()["pointer"]["version"], 3);
        assert_eq!(watch.killed(), if action == "killed" { json!(["checkout"]) } else { Value::Null });
        let told = String::from_utf8(watch.done(&["release", "history"]).stdout).unwrap();
        assert!(
            told.contains("version 3 in production with the rules of 1") && told.contains("waft guard: checkout/rise"),
            "{told}"
        );
        // The rules have the ramp still: it stays as it is, and nothing further back comes.
        for _ in 0..2 {
            let (code, told) = watch.look(keys);
            assert_eq!((code, &told["found"][0]["action"]), (1, &json!(again)), "{told}");
            assert_eq!(told["found"][0]["release"]["version"], 3, "{told}");
        }
        assert_eq!(live(&watch), (json!(3), records));
        // Nor do these rules return by themselves.
        let run = ["release", "run", "rules.yaml", "--trust", "trust.json", "--key", "publisher.pem", "--to", "public"];
        assert_eq!(watch.waft(&run).output().unwrap().status.code(), Some(6));
    }
}

#[test]
fn what_pages_take_only_with_an_approval_is_proposed_and_goes_live_once_it_is_approved() {
    let watch = Watch::of(Kind::Sqlite, APPROVED);
    release(&watch, &before());
    release(&watch, &rules(", then: rollback"));
    watch.fill(4, 0);
    let (code, told) = watch.look(&KILL);
    let found = &told["found"][0];
    assert_eq!((code, &found["action"]), (1, &json!("killed")), "{told}");
    assert_eq!((&found["release"]["version"], watch.killed()), (&json!(3), json!(["checkout"])), "{told}");
    let says = found["advice"].as_str().unwrap();
    assert!(says.contains("version 3 takes the release back, and waits for 1 signature as approver"), "{says}");
    let (version, records) = live(&watch);
    assert_eq!(version, 2);
    assert_eq!(
        (&status(&watch)["state"], &status(&watch)["signed"]),
        (&json!("waits"), &json!([format!("{} (publisher)", kid(&watch))]))
    );
    // It is not proposed again.
    let (_, told) = watch.look(&KILL);
    assert_eq!(
        (&told["found"][0]["action"], &told["found"][0]["release"]["version"]),
        (&json!("off"), &json!(3)),
        "{told}"
    );
    assert_eq!(live(&watch), (json!(2), records));
    approve(&watch, &["--live", "public"]);
    let (_, told) = watch.look(&KILL);
    assert_eq!(told["found"][0]["release"]["rulesOf"], 1, "{told}");
    assert_eq!(live(&watch), (json!(3), records + 2));
}

/// The publisher, who has no name.
fn kid(watch: &Watch) -> String {
    let trust: Value = serde_json::from_slice(&std::fs::read(watch.path("trust.json")).unwrap()).unwrap();
    trust["require"][0]["keys"][0].as_str().unwrap().to_owned()
}

#[test]
fn what_people_decided_stands() {
    // Without the key of kills, it waits; and what was rejected is not proposed again.
    let watch = Watch::of(Kind::Sqlite, APPROVED);
    release(&watch, &before());
    release(&watch, &rules(", then: rollback"));
    watch.fill(4, 0);
    let (code, told) = watch.look(&KEYS);
    assert_eq!((code, &told["found"][0]["action"]), (3, &json!("waits")), "{told}");
    watch.done(&[
        "release",
        "reject",
        "--trust",
        "trust.json",
        "--key",
        "approver.pem",
        "--why",
        "it is the collector",
    ]);
    let (_, records) = live(&watch);
    let (_, told) = watch.look(&KEYS);
    let says = told["found"][0]["advice"].as_str().unwrap();
    assert!(says.starts_with("version 3 was rejected (releases/") && says.ends_with(": it is the collector"), "{says}");
    assert_eq!(live(&watch), (json!(2), records));
}

/// A roll-back that is rejected, or not even that: what people proposed in its place stays, however often the guard looks.
#[test]
fn proposal_in_the_place_of_a_rollback_is_not_superseded() {
    for is_rejected in [true, false] {
        let watch = Watch::of(Kind::Sqlite, APPROVED);
        release(&watch, &before());
        release(&watch, &rules(", then: rollback"));
        watch.fill(4, 0);
        let (_, told) = watch.look(&KEYS);
        assert_eq!(told["found"][0]["release"]["version"], 3, "{told}");
        let trusting = ["--trust", "trust.json", "--key"];
        if is_rejected {
            watch.done(&[&["release", "reject"], &trusting[..], &["approver.pem", "--why", "mended"]].concat());
        }
        let more = "  other: { type: boolean, whenOff: off, default: on }\n";
        watch.write("rules.yaml", &format!("{}{more}", rules(", then: rollback")));
        let propose = [&["release", "propose", "rules.yaml", "--live", "public"], &trusting[..], &["publisher.pem"]];
        watch.done(&propose.concat());
        let (version, records) = live(&watch);
        let (code, told) = watch.look(&KEYS);
        let found = &told["found"][0];
        assert_eq!((code, &found["action"], &found["release"]), (3, &json!("waits"), &Value::Null), "{told}");
        let says = "a roll-back of version 2 was proposed, and another proposal took its place";
        assert_eq!(found["advice"], says, "{told}");
        assert_eq!(live(&watch), (version, records));
        // It goes live as it was proposed.
        assert_eq!(status(&watch)["version"], 4);
        approve(&watch, &["--live", "public"]);
        watch.done(&[
            "release",
            "publish",
            "--to",
            "public",
            "--trust",
            "trust.json",
            "--freshness-key",
            "freshness.pem",
        ]);
        assert_eq!(live(&watch).0, 4);
    }
}

#[test]
fn release_that_did_not_bring_the_harm_stays() {
    let watch = Watch::of(Kind::Sqlite, ALONE);
    release(&watch, &rules(", then: rollback"));
    let more = "  other: { type: boolean, whenOff: off, default: on }\n";
    release(&watch, &format!("{}{more}", rules(", then: rollback")));
    watch.fill(4, 0);
    let (code, told) = watch.look(&KEYS);
    let found = &told["found"][0];
    assert_eq!((code, &found["action"], &found["release"]), (3, &json!("waits"), &Value::Null), "{told}");
    let says = found["advice"].as_str().unwrap();
    assert!(says.starts_with("version 2 did not change checkout, which version 1 has as well"), "{says}");
    assert_eq!(live(&watch).0, 2);
    // With the key of kills it is off at least.
    let (code, told) = watch.look(&KILL);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("killed")), "{told}");
    // What people release after that is theirs.
    release(&watch, &format!("{}{}", rules(", then: rollback"), more.replace("default: on", "default: off")));
    let (_, told) = watch.look(&KILL);
    assert_eq!(told["found"][0]["release"], Value::Null, "{told}");
    assert_eq!(live(&watch).0, 3);
}

#[test]
fn ramp_is_paused_in_the_rules_and_in_pages() {
    let watch = Watch::of(Kind::Sqlite, ALONE);
    let text = rules(", then: hold");
    let (start, _) = text.rsplit_once("{ to: 50%, at: ").unwrap();
    release(&watch, &format!("{start}{{ to: 50%, at: 2099-01-01 }}]\n"));
    watch.fill(4, 0);
    // Somebody is at work: nothing of that is released.
    let rules = std::fs::read_to_string(watch.path("rules.yaml")).unwrap();
    watch.write("rules.yaml", &format!("{rules}  other: {{ type: boolean, whenOff: off, default: on }}\n"));
    let (code, told) = watch.look(&KEYS);
    let found = &told["found"][0];
    assert_eq!((code, &found["action"]), (3, &json!("waits")), "{told}");
    assert!(found["advice"].as_str().unwrap().contains("differs from version 1, which is live"), "{told}");
    assert!(!std::fs::read_to_string(watch.path("rules.yaml")).unwrap().contains("paused"));
    watch.write("rules.yaml", &rules);
    let (code, told) = watch.look(&KEYS);
    let found = &told["found"][0];
    assert_eq!((code, &found["action"], &found["release"]["version"]), (1, &json!("held"), &json!(2)), "{told}");
    assert!(std::fs::read_to_string(watch.path("rules.yaml")).unwrap().contains("        paused: 20"));
    let (version, records) = live(&watch);
    assert_eq!(version, 2);
    let (code, told) = watch.look(&KEYS);
    assert_eq!((code, &told["found"][0]["action"]), (1, &json!("held")), "{told}");
    assert_eq!(live(&watch), (json!(2), records));
}

/// The guard's next look reads the pause that it wrote itself, and is not done with that: pages have it once somebody has approved it.
#[test]
fn pause_that_waits_for_an_approval_goes_live_once_it_has_it() {
    let watch = Watch::of(Kind::Sqlite, APPROVED);
    let text = rules(", then: hold");
    let (start, _) = text.rsplit_once("{ to: 50%, at: ").unwrap();
    release(&watch, &format!("{start}{{ to: 50%, at: 2099-01-01 }}]\n"));
    watch.fill(4, 0);
    for _ in 0..2 {
        let (code, told) = watch.look(&KEYS);
        let found = &told["found"][0];
        assert_eq!((code, &found["action"], &found["release"]["version"]), (3, &json!("waits"), &json!(2)), "{told}");
        assert!(std::fs::read_to_string(watch.path("rules.yaml")).unwrap().contains("        paused: 20"));
        assert_eq!(live(&watch).0, 1);
    }
    approve(&watch, &["--live", "public"]);
    for _ in 0..2 {
        let (code, told) = watch.look(&KEYS);
        let found = &told["found"][0];
        assert_eq!((code, &found["action"], &found["release"]["version"]), (1, &json!("held"), &json!(2)), "{told}");
        assert_eq!(live(&watch).0, 2);
    }
}
