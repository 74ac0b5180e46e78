//! What records say that nobody signed whose key counted: it is told, and spares or allows nothing.

use serde_json::json;
use waft_commands::Exit;
use waft_commands::delivery::guarded::Outcome;
use waft_commands::delivery::{Place, run, trust, unblock, verify};
use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host as _;
use waft_compile::keys;

use super::trusts::rotate;
use super::{Memory, alone, back, done, edit, key, place, release, running, state, turned, turning, two, version};

/// A trust in which keys of one's own count, as whoever may write records can make one.
fn stranger(host: &Memory) -> Place {
    let (mut public, mut require) = (json!({}), Vec::new());
    for (name, role, seed) in [("mallory", "publisher", 7), ("mallet", "kill", 8)] {
        let pair = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&pair.pk));
        host.put(&format!("{name}.pem"), pair.to_pem());
        public[&kid] = json!(keys::to_text(pair.pk.as_ref()));
        require.push(json!({ "role": role, "keys": [kid] }));
    }
    let trust = json!({ "project": "shop", "environment": "live", "keys": public, "require": require });
    host.put("mallory.json", trust.to_string());
    Place { trust: "mallory.json".to_owned(), ..place() }
}

fn kills(host: &Memory, trust: &str) {
    turned(
        host,
        &kill::Options {
            head: "elsewhere/head.waft".to_owned(),
            trust: trust.to_owned(),
            key: "mallet.pem".to_owned(),
            ..turning(Change::Kill, "button")
        },
    );
}

fn unblocks(host: &Memory, place: Place, key: waft_commands::delivery::Key) {
    let options = unblock::Options { place, version: Some(2), key, why: "ok".to_owned() };
    done(host, unblock::run(&options, host));
    host.wait(60);
}

/// The second release is in harm.
fn harmful(host: &Memory) {
    edit(host, "default: on }", "default: off }");
    release(host);
}

#[test]
fn kill_by_a_key_that_does_not_count_spares_no_release() {
    let host = alone();
    two(&host);
    kills(&host, &stranger(&host).trust);
    harmful(&host);
    let taken = back(&host, &["button"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 3, rules_of: Some(1), .. }), "{:?}", taken.spared);
    let told = host.said().1.join("\n");
    assert!(told.contains("which the trust does not list in the role kill"), "{told}");
    assert!(told.contains("no release stands because of it"), "{told}");
}

#[test]
fn unblock_by_a_key_that_does_not_count_allows_nothing() {
    for is_late in [false, true] {
        let host = alone();
        two(&host);
        harmful(&host);
        assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
        if is_late {
            // The key that was taken out names the trust in which it counted: one without root follows no document.
            let mut old: serde_json::Value = serde_json::from_slice(&host.read("trust.json").unwrap()).unwrap();
            old["require"].as_array_mut().unwrap().retain(|one| one["role"] != "root");
            let root = keys::to_text(&keys::kid(&keys::from_seed([4; 32]).pk));
            old["keys"].as_object_mut().unwrap().remove(&root);
            old["holders"].as_object_mut().unwrap().remove(&root);
            host.put("old.json", old.to_string());
            let options = trust::Options { document: rotate(&host, "ci"), place: place(), why: None };
            done(&host, trust::run(&options, &host));
            unblocks(&host, Place { trust: "old.json".to_owned(), ..place() }, key("ci", "publisher"));
        } else {
            let place = stranger(&host);
            unblocks(&host, place, key("mallory", "publisher"));
        }
        let why = match is_late {
            true => "names trust number 0, and 1 was recorded before it: it counts for nothing",
            false => "in no role of releases: it counts for nothing",
        };
        let who = if is_late { "next" } else { "ci" };
        assert_eq!(run::run(&running(who), &host), Exit::Blocked);
        let told = host.said().1.join("\n");
        assert!(told.contains("which was taken back") && told.contains(why), "{told}");
        assert_eq!(state(&host)["blocked"][0]["version"], 2);
    }
}

/// The guard believes no unblock, either, that `waft release run` does not: somebody released the rules all the same.
#[test]
fn rules_that_a_stranger_unblocked_are_taken_back_again() {
    let host = alone();
    two(&host);
    harmful(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    let place = stranger(&host);
    unblocks(&host, place, key("mallory", "publisher"));
    release(&host);
    let taken = back(&host, &["button"]);
    assert!(matches!(taken.outcome, Outcome::Published { version: 5, .. }), "{:?}", taken.outcome);
    let told = host.said().1.join("\n");
    assert!(told.contains("in no role of releases: it counts for nothing"), "{told}");
}

/// Whoever turns flags off does not let a release go, says `verify`, too.
#[test]
fn unblock_by_a_key_of_another_role_is_no_unblock() {
    let host = alone();
    two(&host);
    harmful(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    let mut other: serde_json::Value = serde_json::from_slice(&host.read("trust.json").unwrap()).unwrap();
    let oncall = keys::to_text(&keys::kid(&keys::from_seed([3; 32]).pk));
    other["require"].as_array_mut().unwrap().retain(|one| one["role"] != "kill");
    let publisher = other["require"].as_array_mut().unwrap().iter_mut().find(|one| one["role"] == "publisher").unwrap();
    publisher["keys"] = json!([oncall]);
    let ci = keys::to_text(&keys::kid(&keys::from_seed([1; 32]).pk));
    other["keys"].as_object_mut().unwrap().remove(&ci);
    other["holders"].as_object_mut().unwrap().remove(&ci);
    host.put("other.json", other.to_string());
    unblocks(&host, Place { trust: "other.json".to_owned(), ..place() }, key("oncall", "publisher"));
    assert_eq!(run::run(&running("ci"), &host), Exit::Blocked);
    let told = host.said().1.join("\n");
    assert!(told.contains("lists the key of oncall (unblocked) in no role of releases"), "{told}");
    let options =
        verify::Options { records: "releases".to_owned(), trust: "trust.json".to_owned(), trust_documents: Vec::new() };
    assert_ne!(verify::run(&options, &host), Exit::Done);
    let told = host.said().1.join("\n");
    assert!(told.contains("the key of oncall (unblocked) counts in no role that signs releases"), "{told}");
}

/// Snapshots of long ago may be gone: what they were cannot be compared, and releases go on.
#[test]
fn snapshot_that_is_gone_blocks_nothing_and_is_told() {
    let host = alone();
    two(&host);
    harmful(&host);
    assert!(matches!(back(&host, &["button"]).outcome, Outcome::Published { version: 3, .. }));
    let record = String::from_utf8(host.read("releases/0004.yaml").unwrap()).unwrap();
    let snapshot =
        record.split(|one: char| one.is_whitespace() || one == '"').find(|word| word.starts_with("live-2-")).unwrap();
    let (path, bytes) = host.take(snapshot);
    edit(&host, "to: 25%,", "to: 30%,");
    let told = done(&host, run::run(&running("ci"), &host));
    let gone = format!(
        "{path}: is gone, so that nobody can tell whether these are the rules of version 2, which was taken back: restore it"
    );
    assert!(told.contains(&gone), "{told}");
    assert_eq!(version(&host), 4);
    // Once it is back, its rules are blocked again.
    host.put(&path, bytes);
    edit(&host, "to: 30%,", "to: 25%,");
    assert_eq!(run::run(&running("ci"), &host), Exit::Blocked);
}
