//! Records of releases: what is proposed, approved, rejected and verified, with bad input at each step. crates/cli/tests/publish/delivery.rs
//! publishes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::delivery::{
    Key, Place, approve, history, propose, publish, reject, rollback, status, trust, verify,
};
use waft_commands::host::{Destination, Host as _};
use waft_commands::sign::Step;
use waft_commands::trust::change;
use waft_commands::{Exit, build, sign};
use waft_compile::keys;

const RULES: &str = "project: shop
environments: { live: {} }
attributes: { id: string }
units: { visitor: { attribute: id } }
flags:
  checkout: { type: boolean, whenOff: off, rules: [{ id: test, experiment: till }], default: on }
experiments:
  till: { unit: visitor, phases: [{ id: 1, from: 2026-12-01T00:00Z, split: { on: 50%, off: 50% } }] }
";
/// The holders of keys, with their roles and seeds.
const HOLDERS: [(&str, &str, u8); 4] =
    [("ci", "publisher", 1), ("alice", "approver", 2), ("bob", "approver", 3), ("ruth", "root", 4)];
const DAY: i64 = 86_400;

/// Keys, a trust that names who holds them, rules, and one table of people.
fn shop() -> Memory {
    let host = Memory::with(&[("rules/a.yaml", RULES), ("people.csv", "id\nv1\nv2\nv3\n")]);
    let (mut public, mut holders) = (json!({}), json!({}));
    let mut roles = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for (name, role, seed) in HOLDERS {
        let key = keys::from_seed([seed; 32]);
        let kid = keys::to_text(&keys::kid(&key.pk));
        host.put(&format!("{name}.pem"), key.to_pem());
        public[&kid] = json!(keys::to_text(key.pk.as_ref()));
        holders[&kid] = json!(name);
        roles.entry(role).or_default().push(kid);
    }
    let require: Vec<Json> = roles.iter().map(|(role, keys)| json!({ "role": role, "keys": keys })).collect();
    let trust =
        json!({ "project": "shop", "environment": "live", "keys": public, "holders": holders, "require": require });
    host.put("trust.json", trust.to_string());
    host
}

fn place() -> Place {
    Place { records: "releases".to_owned(), trust: "trust.json".to_owned() }
}

fn key(name: &str, role: &str) -> Key {
    Key { file: format!("{name}.pem"), role: role.to_owned(), ..Key::default() }
}

type Ended = (Exit, String);

fn ended(exit: Exit, host: &Memory) -> Ended {
    let (out, err) = host.said();
    (exit, [out, err].concat().join("\n"))
}

fn proposal(live: Option<&str>) -> propose::Options {
    propose::Options {
        ruleset: "rules".to_owned(),
        place: place(),
        live: live.map(str::to_owned),
        key: Some(key("ci", "publisher")),
        ..propose::Options::default()
    }
}

fn proposed(host: &Memory, live: Option<&str>) -> Ended {
    ended(propose::run(&proposal(live), host), host)
}

fn digest(host: &Memory) -> String {
    status::run(&status::Options { place: place(), live: None, json: true }, host);
    let told: Json = serde_json::from_str(&host.said().0.join("\n")).unwrap();
    told["digest"].as_str().unwrap().to_owned()
}

fn approval(host: &Memory, name: &str, live: Option<&str>) -> approve::Options {
    approve::Options {
        place: place(),
        live: live.map(str::to_owned),
        key: key(name, "approver"),
        digest: Some(digest(host)),
        ..approve::Options::default()
    }
}

fn approved(host: &Memory, name: &str, live: Option<&str>) -> Ended {
    let options = approval(host, name, live);
    ended(approve::run(&options, host), host)
}

fn published(host: &Memory) -> Ended {
    let options = publish::Options { place: place(), proposal: None, to: Destination::default() };
    ended(publish::run(&options, host), host)
}

fn verified(host: &Memory, documents: &[&str]) -> Ended {
    let trust_documents = documents.iter().map(|one| (*one).to_owned()).collect();
    let (records, trust) = ("releases".to_owned(), "trust.json".to_owned());
    ended(verify::run(&verify::Options { records, trust, trust_documents }, host), host)
}

fn record(host: &Memory, number: u32) -> String {
    String::from_utf8(host.read(&format!("releases/{number:04}.yaml")).unwrap()).unwrap()
}

/// What pages load: the version that is built and signed beside the process.
fn live(host: &Memory, version: u64) {
    let (ruleset, environment, out) = ("rules".to_owned(), "live".to_owned(), "live.waft".to_owned());
    assert_eq!(
        build::run(&build::Options { ruleset, environment, version, out, ..build::Options::default() }, host),
        Exit::Done
    );
    for (name, role) in [("ci", "publisher"), ("alice", "approver")] {
        let signer = sign::Signer::Keys { files: vec![format!("{name}.pem")], passphrase: None };
        let options = sign::Options {
            snapshot: "live.waft".to_owned(),
            signer,
            role: role.to_owned(),
            ..sign::Options::default()
        };
        assert_eq!(sign::run(&options, host), Exit::Done);
    }
    host.said();
}

fn edit(host: &Memory, from: &str, to: &str) {
    let rules = String::from_utf8(host.read("rules/a.yaml").unwrap()).unwrap();
    assert!(rules.contains(from));
    host.put("rules/a.yaml", rules.replace(from, to));
}

#[test]
fn record_has_a_whole_second_while_time_passes() {
    let host = shop();
    host.tick(1);
    proposed(&host, None);
    let record = record(&host, 1);
    assert!(record.contains("at: 2026-11-24T00:00:00Z\n"), "{record}");
}

#[test]
fn record_says_what_why_who_and_on_what() {
    let host = shop();
    live(&host, 7);
    edit(&host, "default: on", "default: off");
    let options = propose::Options {
        why: Some("fewer: \"clicks\"".to_owned()),
        source: Some("3f2c1a9".to_owned()),
        population: Some("people.csv".to_owned()),
        ..proposal(Some("live.waft"))
    };
    let (exit, text) = ended(propose::run(&options, &host), &host);
    assert_eq!(exit, Exit::Done, "{text}");
    assert!(
        text.contains("version 8 in live is proposed")
            && text.contains("it waits for 1 signature as approver (alice, bob can sign)"),
        "{text}"
    );
    let written = record(&host, 1);
    for part in [
        "kind: propose\nat: 2026-11-24T00:00:00Z\nproject: \"shop\"\nenvironment: \"live\"\nversion: 8\n",
        "source: \"3f2c1a9\"\nwhy: \"fewer: \\\"clicks\\\"\"\nbase: {\"digest\":\"",
        "\"version\":7}\nsnapshot: \"live-8-",
        "checks:\n  - \"lint: no errors\"\n  - \"nothing that has started is changed, against version 7\"\n  - \"rule tests: there are none\"\n",
        "changes:\n  - ",
        "effect:\n  - ",
        "\"name\":\"ci\",\"role\":\"publisher\",\"signature\":\"",
    ] {
        assert!(written.contains(part), "{part}\n{written}");
    }
    // Names come from the trust, and the approver's record has what was shown.
    let (exit, text) = approved(&host, "bob", Some("live.waft"));
    assert_eq!(exit, Exit::Done, "{text}");
    let written = record(&host, 2);
    assert!(
        written.contains("kind: approve\nprevious: ")
            && written.contains("proposal: \"0001\"")
            && written.contains("\"name\":\"bob\""),
        "{written}"
    );
    assert!(written.contains("changes:\n  - "), "{written}");
    // Once is enough.
    let (exit, text) = approved(&host, "bob", Some("live.waft"));
    assert!(exit == Exit::Done && text.contains("bob (approver) has signed it already; nothing was written"), "{text}");
    assert_eq!(verified(&host, &[]).0, Exit::Done);
    assert_eq!(published(&host), (Exit::Usage, "waft: `waft release publish` and `waft release run` need a network and locks of files, which the npm package does not have: use the native program".to_owned()));
}

#[test]
fn signature_over_another_version_counts_nowhere() {
    let host = shop();
    assert_eq!(proposed(&host, None).0, Exit::Done);
    assert_eq!(approved(&host, "alice", None).0, Exit::Done);
    let of_first = record(&host, 2);
    edit(&host, "default: on", "default: off");
    assert_eq!(proposed(&host, None).0, Exit::Done);
    // Alice's approval of version 1, written as if it were of version 2.
    let signature = of_first.split("\"signature\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let of_bob = approval(&host, "bob", None);
    assert_eq!(approved(&host, "alice", None).0, Exit::Done);
    let (path, bytes) = host.take("0004.yaml");
    let text = String::from_utf8(bytes).unwrap();
    let own = text.split("\"signature\":\"").nth(1).unwrap().split('"').next().unwrap();
    host.put(&path, text.replace(own, &signature));
    let approved = ended(approve::run(&of_bob, &host), &host);
    for (exit, text) in [published(&host), verified(&host, &[]), approved] {
        assert_eq!(exit, Exit::Failed);
        assert!(
            text.contains("releases/0004.yaml: the signature of alice (approver) is not over this snapshot"),
            "{text}"
        );
    }
}

/// Bob's key is in a token: what is to be signed goes there, and the signature comes back.
#[test]
fn key_that_is_elsewhere_approves_in_two_runs() {
    let host = shop();
    assert_eq!(proposed(&host, None).0, Exit::Done);
    let bob = keys::from_seed([3; 32]);
    host.put("bob.pub.pem", bob.pk.to_pem());
    let run = |step: Step| {
        let key = Key { file: "bob.pub.pem".to_owned(), external: Some(step), ..key("bob", "approver") };
        ended(approve::run(&approve::Options { key, ..approval(&host, "bob", None) }, &host), &host)
    };
    let (exit, text) = run(Step::ToSign("message".to_owned()));
    assert!(exit == Exit::Waits && text.contains("nothing is live: the first release"), "{text}");
    assert!(host.read("releases/0002.yaml").is_err());
    host.put("signature", *bob.sk.sign(b"something else", None));
    let (exit, text) = run(Step::Signature("signature".to_owned()));
    assert!(exit == Exit::Failed && text.contains("not a signature of this key over what --to-sign wrote"), "{text}");
    host.put("signature", *bob.sk.sign(host.read("message").unwrap(), None));
    let (exit, text) = run(Step::Signature("signature".to_owned()));
    assert!(exit == Exit::Done && text.contains("version 1 is approved; publish it next"), "{text}");
    assert!(record(&host, 2).contains("\"name\":\"bob\""));
    assert_eq!(verified(&host, &[]).0, Exit::Done);
}

#[test]
fn clock_that_is_two_days_wrong_is_noticed() {
    let host = shop();
    // The proposer's is ahead: nobody may sign what would move the clocks of pages.
    host.wait(2 * DAY);
    assert_eq!(proposed(&host, None).0, Exit::Done);
    host.wait(-2 * DAY);
    let (exit, text) = approved(&host, "alice", None);
    assert!(
        exit == Exit::Failed && text.contains("more than five minutes after 2026-11-24T00:00:00Z on this machine"),
        "{text}"
    );
    host.wait(2 * DAY);
    assert_eq!(approved(&host, "alice", None).0, Exit::Done);
    host.wait(-2 * DAY);
    let (exit, text) = published(&host);
    assert!(exit == Exit::Failed && text.contains("more than five minutes after"), "{text}");
    let (exit, text) = verified(&host, &[]);
    assert!(
        exit == Exit::Done && text.contains("releases/0001.yaml: its time, 2026-11-26T00:00:00Z, is in the future"),
        "{text}"
    );
}

#[test]
fn key_that_was_lost_or_stolen_is_replaced_and_the_history_is_verified_by_the_trust_of_its_time() {
    let host = shop();
    assert_eq!(proposed(&host, None).0, Exit::Done);
    assert_eq!(approved(&host, "alice", None).0, Exit::Done);
    // Alice's key was stolen: the next trust is without her.
    let options = change::Options {
        from: Some("trust.json".to_owned()),
        remove: vec!["alice".to_owned()],
        keys: vec!["ruth.pem".to_owned()],
        ..change::Options::default()
    };
    assert_eq!(change::run(&options, &host), Exit::Done, "{:?}", host.said());
    host.said();
    // The change is a link of the chain, too, and its record says who signed it.
    let recorded = |document: &str| {
        let options = trust::Options { document: document.to_owned(), place: place(), why: Some("stolen".to_owned()) };
        ended(trust::run(&options, &host), &host)
    };
    let (exit, text) = recorded("trust.json");
    assert!(exit == Exit::Failed && text.contains("trust.json: refused, "), "{text}");
    let (exit, text) = recorded("trust-0001.waft");
    assert!(exit == Exit::Done && text.contains("releases/0003.yaml: trust document 1 is recorded"), "{text}");
    assert!(text.contains("alice"), "{text}");
    assert!(recorded("trust-0001.waft").1.contains("is recorded already, in releases/0003.yaml"));
    assert!(record(&host, 3).contains("\"name\":\"ruth\",\"role\":\"root\""));
    let after = Place { trust: "trust-0001.waft".to_owned(), ..place() };
    let options = publish::Options { place: after.clone(), proposal: None, to: Destination::default() };
    let (exit, text) = ended(publish::run(&options, &host), &host);
    assert!(
        exit == Exit::Waits
            && text.contains("the trust lists the key of alice (approver) no longer, and it does not count"),
        "{text}"
    );
    assert!(text.contains("waits for 1 signature as approver (bob can sign)"), "{text}");
    let (exit, text) =
        ended(approve::run(&approve::Options { place: after, ..approval(&host, "bob", None) }, &host), &host);
    assert_eq!(exit, Exit::Done, "{text}");
    // What she signed is live, and the next release replaces it.
    live(&host, 5);
    edit(&host, "default: on", "default: off");
    let options = propose::Options {
        place: Place { trust: "trust-0001.waft".to_owned(), records: "others".to_owned() },
        ..proposal(Some("live.waft"))
    };
    let (exit, text) = ended(propose::run(&options, &host), &host);
    assert!(exit == Exit::Done && text.contains("live.waft: pages with this trust would refuse it, "), "{text}");
    for documents in [&[][..], &["trust-0001.waft"]] {
        let (exit, text) = verified(&host, documents);
        assert!(
            exit == Exit::Done && text.contains("4 records, unchanged and without a gap; 4 steps verified"),
            "{text}"
        );
    }
    // Another document in its place is noticed.
    host.take("releases/trust-live-0001.waft");
    let (exit, text) = verified(&host, &["trust-0001.waft"]);
    assert!(exit == Exit::Failed && text.contains("releases/trust-live-0001.waft: "), "{text}");
}

/// docs/releases.md: 5 is the store that cannot be read, or serves something else.
#[test]
fn what_pages_load_is_the_store() {
    let host = shop();
    let (exit, text) = proposed(&host, Some("site/live.waft"));
    let remedy = "name what pages load; before the first release, leave it out";
    assert!(exit == Exit::Store && text.contains("--live site/live.waft: ") && text.contains(remedy), "{text}");
    let (exit, text) = proposed(&host, Some("trust.json"));
    assert!(exit == Exit::Store && text.contains("trust.json: refused, it is not a well-formed snapshot"), "{text}");
}

#[test]
fn changed_snapshot_or_record_is_found() {
    for (file, said) in [
        ("0001.yaml", "releases/0001.yaml: was changed after releases/0002.yaml was written"),
        (".waft", "releases/live-1-"),
    ] {
        let host = shop();
        assert_eq!(proposed(&host, None).0, Exit::Done);
        assert_eq!(approved(&host, "alice", None).0, Exit::Done);
        let (path, mut bytes) = host.take(file);
        match file {
            ".waft" => *bytes.last_mut().unwrap() ^= 1,
            _ => bytes.extend(b"# x\n"),
        }
        host.put(&path, bytes);
        for (exit, text) in [published(&host), verified(&host, &[])] {
            assert!(exit == Exit::Failed && text.contains(said), "{file}: {text}");
        }
    }
}

/// No record comes after it that would miss it.
#[test]
fn last_record_that_is_missing_or_changed_is_found_by_the_log() {
    let host = shop();
    assert_eq!(proposed(&host, None).0, Exit::Done);
    assert_eq!(approved(&host, "alice", None).0, Exit::Done);
    let (path, bytes) = host.take("0002.yaml");
    let (exit, text) = verified(&host, &[]);
    let missing = "releases/0002.yaml: is missing, and releases/log.jsonl has it as it was: restore it";
    assert!(exit == Exit::Failed && text.contains(missing), "{text}");
    host.put(&path, [&bytes[..], b"# x\n"].concat());
    let (exit, text) = verified(&host, &[]);
    assert!(exit == Exit::Failed && text.contains("releases/0002.yaml: was changed, and releases/log.jsonl"), "{text}");
    host.put(&path, &bytes);
    assert_eq!(verified(&host, &[]).0, Exit::Done);
    // One that somebody writes while the others are verified.
    host.take("0002.yaml");
    host.meanwhile("0001.yaml: its time, ", &path, &bytes);
    host.wait(-1);
    let (exit, text) = verified(&host, &[]);
    assert!(exit == Exit::Done && text.contains("1 record, unchanged"), "{text}");
    assert_eq!(verified(&host, &[]).0, Exit::Done);
    host.take("log.jsonl");
    assert_eq!(verified(&host, &[]).0, Exit::Done);
}

#[test]
fn rejected_and_superseded_proposals_are_out_of_the_way() {
    let host = shop();
    assert_eq!(proposed(&host, None).0, Exit::Done);
    let rejection = |name: &str| reject::Options {
        place: place(),
        proposal: None,
        key: key(name, ""),
        why: "too early".to_owned(),
    };
    let (exit, text) = ended(reject::run(&rejection("ruth"), &host), &host);
    assert!(
        exit == Exit::Failed && text.contains("ruth.pem: the trust lists this key in no role that signs releases"),
        "{text}"
    );
    for why in ["", " "] {
        let unsaid = reject::Options { why: why.to_owned(), ..rejection("bob") };
        let (exit, text) = ended(reject::run(&unsaid, &host), &host);
        assert!(exit == Exit::Usage && text.contains("--why: expected the reason"), "{text}");
    }
    let (exit, text) = ended(reject::run(&rejection("bob"), &host), &host);
    assert!(exit == Exit::Done && text.contains("version 1 is rejected by bob (rejected)"), "{text}");
    let (exit, text) = published(&host);
    assert!(
        exit == Exit::Blocked && text.contains("proposal 0001 was rejected (releases/0002.yaml): too early"),
        "{text}"
    );
    // The next one has a version of its own.
    assert!(proposed(&host, None).1.contains("version 2 in live is proposed"));
    assert!(proposed(&host, None).1.contains("releases/0003.yaml: version 2 is superseded"));
    let options = approve::Options { proposal: Some("0003".to_owned()), ..approval(&host, "alice", None) };
    let (exit, text) = ended(approve::run(&options, &host), &host);
    assert!(exit == Exit::Blocked && text.contains("proposal 0003 was superseded by 0004, version 3"), "{text}");
    // By its number, with or without the zeros of its file.
    let options = approve::Options { proposal: Some("9".to_owned()), ..approval(&host, "alice", None) };
    let (exit, text) = ended(approve::run(&options, &host), &host);
    assert!(
        exit == Exit::Usage && text.contains("proposal 0009: there is no such proposal; the last is 0004"),
        "{text}"
    );
    let options = approve::Options { proposal: Some("3".to_owned()), ..approval(&host, "alice", None) };
    assert_eq!(ended(approve::run(&options, &host), &host).0, Exit::Blocked);
    assert_eq!(verified(&host, &[]).0, Exit::Done);
    history::run(&history::Options { records: "releases".to_owned(), json: true }, &host);
    assert_eq!(host.said().0.len(), 4);
}

#[test]
fn approval_needs_the_live_snapshot_that_it_was_proposed_on_and_the_same_sources() {
    let host = shop();
    live(&host, 7);
    edit(&host, "default: on", "default: off");
    assert_eq!(proposed(&host, Some("live.waft")).0, Exit::Done);
    edit(&host, "default: off", "default: on");
    let options = approve::Options { rebuild: Some("rules".to_owned()), ..approval(&host, "alice", Some("live.waft")) };
    let (exit, text) = ended(approve::run(&options, &host), &host);
    assert!(exit == Exit::Failed && text.contains("rules: gives other bytes than the proposal has"), "{text}");
    let (exit, text) = approved(&host, "alice", None);
    assert!(
        exit == Exit::Lost && text.contains("proposal 0001 was made when version 7 was live, and now nothing is"),
        "{text}"
    );
    live(&host, 9);
    let (exit, text) = approved(&host, "alice", Some("live.waft"));
    assert!(
        exit == Exit::Lost
            && text.contains(
                "was made when version 7 was live, and now version 9 is: its signatures lapse; propose again"
            ),
        "{text}"
    );
    assert!(proposed(&host, Some("live.waft")).1.contains("nothing to propose"));
}

#[test]
fn what_has_started_stops_a_proposal() {
    let host = shop();
    live(&host, 7);
    host.wait(10 * DAY);
    edit(&host, "split: { on: 50%, off: 50% }", "split: { on: 90%, off: 10% }");
    let (exit, text) = proposed(&host, Some("live.waft"));
    assert!(
        exit == Exit::Failed && text.contains("error[PHASE_NEEDED]") && text.contains("nothing was proposed"),
        "{text}"
    );
    assert!(host.read("releases/0001.yaml").is_err());
    let options =
        propose::Options { place: place(), live: Some("live.waft".to_owned()), ..propose::Options::default() };
    let (exit, text) = ended(rollback::run(&options, None, &host), &host);
    assert!(exit == Exit::Failed && text.contains("no record of a release before version 7, which is live"), "{text}");
}
