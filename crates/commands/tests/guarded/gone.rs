//! Records whose snapshots are gone, as somebody made room: each command says so, and goes on where it can.

use serde_json::json;
use waft_commands::Exit;
use waft_commands::delivery::guarded::Outcome;
use waft_commands::delivery::{approve, propose, publish, reject, rollback, run, status};
use waft_commands::host::Host as _;

use crate::host::Memory;
use crate::{
    alone, approved, back, done, edit, key, place, proposal, proposed, release, running, state, to, two, version,
};

/// The snapshot of a version, and those of its lists.
fn prune(host: &Memory, version: u64) {
    host.take_all(&format!("releases/live-{version}-"));
}

fn refused(host: &Memory, exit: Exit) -> String {
    assert_eq!(exit, Exit::Failed);
    host.said().1.join("\n")
}

/// Rules with another default, which are proposed.
fn open(host: &Memory) {
    edit(host, "default: on }", "default: off }");
    proposed(host);
}

#[test]
fn open_proposal_has_lapsed_and_a_new_one_takes_its_place() {
    let host = approved();
    two(&host);
    open(&host);
    prune(&host, 2);
    let told = state(&host);
    assert_eq!((&told["state"], &told["waitsFor"]), (&json!("lapsed"), &json!([])), "{told}");
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("releases/live-2-") && message.contains("restore it, or propose again"), "{message}");
    let options = status::Options { place: place(), live: None, json: false };
    assert_eq!(status::run(&options, &host), Exit::Lost);
    let lines = host.said().0.join("\n");
    assert!(lines.contains(", lapsed") && lines.contains("restore it, or propose again"), "{lines}");
    // Nobody can sign it, or publish it.
    let rejection =
        reject::Options { place: place(), proposal: None, key: key("alice", "approver"), why: "no".to_owned() };
    let approval = approve::Options {
        place: place(),
        live: Some("site/snapshot.waft".to_owned()),
        key: key("alice", "approver"),
        ..approve::Options::default()
    };
    let publication = publish::Options { place: place(), proposal: None, to: to() };
    for command in
        [&(|| reject::run(&rejection, &host)) as &dyn Fn() -> Exit, &|| publish::run(&publication, &host), &|| {
            approve::run(&approval, &host)
        }]
    {
        let told = refused(&host, command());
        assert!(told.contains("is gone, and nobody can sign or publish it: restore it, or propose again"), "{told}");
    }
    // A run, too, proposes anew, and not each night.
    assert_eq!(run::run(&running("ci"), &host), Exit::Waits);
    let told = host.said().1.join("\n");
    assert!(told.contains("warning: proposal ") && told.contains("version 3 is proposed"), "{told}");
    assert_eq!(run::run(&running("ci"), &host), Exit::Waits);
    assert_eq!((&state(&host)["state"], &state(&host)["version"]), (&json!("waits"), &json!(3)));
}

#[test]
fn ended_proposal_is_told_without_its_signatures() {
    let host = alone();
    two(&host);
    prune(&host, 1);
    let told = state(&host);
    assert_eq!((&told["state"], &told["signed"]), (&json!("published"), &json!([])), "{told}");
    let options = status::Options { place: place(), live: None, json: false };
    assert_eq!(status::run(&options, &host), Exit::Done);
    let told = host.said().1.join("\n");
    assert!(told.contains("is gone, so that nobody can tell who signed it: restore it from a backup"), "{told}");
    // What is released next needs none of it.
    edit(&host, "default: on }", "default: off }");
    done(&host, run::run(&running("ci"), &host));
    assert_eq!(version(&host), 2);
}

#[test]
fn rejected_rules_whose_snapshot_is_gone_are_told() {
    let host = approved();
    two(&host);
    open(&host);
    crate::reject(&host, "too early");
    assert_eq!(run::run(&running("ci"), &host), Exit::Blocked);
    host.said();
    prune(&host, 2);
    assert_eq!(run::run(&running("ci"), &host), Exit::Waits);
    let told = host.said().1.join("\n");
    assert!(told.contains("whether these are the rules of version 2, which was rejected: restore it"), "{told}");
}

#[test]
fn roll_back_to_what_is_gone_names_what_is_kept() {
    let host = alone();
    two(&host);
    for (from, to) in [("default: on }", "default: off }"), ("to: 25%,", "to: 30%,"), ("to: 30%,", "to: 35%,")] {
        edit(&host, from, to);
        release(&host);
    }
    prune(&host, 3);
    let options = propose::Options { ruleset: String::new(), ..proposal(&host) };
    for version in [None, Some(3)] {
        let told = refused(&host, rollback::run(&options, version, &host));
        assert!(told.contains("waft: version 3 (releases/0006.yaml): its snapshot, releases/live-3-"), "{told}");
        assert!(told.contains("is gone: restore it from a backup; or name one that is kept, by --to: 2, 1"), "{told}");
    }
    done(&host, rollback::run(&options, Some(2), &host));
    let told = state(&host);
    assert_eq!(told["version"], 5, "{told}");
    // Whoever reads it may have the records elsewhere.
    let check = told["checks"][0].as_str().unwrap();
    assert!(check.starts_with("the rules of version 2, ") && check.ends_with(" (record 0004)"), "{check}");
    [1, 2].iter().for_each(|version| prune(&host, *version));
    let told = refused(&host, rollback::run(&options, Some(2), &host));
    assert!(told.ends_with("restore it from a backup; no other release is kept"), "{told}");
}

/// Its own and what people proposed: neither can be approved any more.
#[test]
fn guard_proposes_again_what_is_gone() {
    let host = approved();
    two(&host);
    edit(&host, "default: on }", "default: off }");
    release(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Waits { version: 3, .. }));
    prune(&host, 3);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Waits { version: 4, .. }));
    let told = host.said().1.join("\n");
    assert!(told.contains("its snapshot, releases/live-3-"), "{told}");
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Waits { version: 4, .. }));
    crate::reject(&host, "another way");
    edit(&host, "to: 25%,", "to: 30%,");
    proposed(&host);
    prune(&host, 5);
    host.said();
    // A rejected roll-back stays rejected.
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Stands(_)));
    assert!(host.read("site/snapshot.waft").is_ok());
}
