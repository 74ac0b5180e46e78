//! Kills that other work on the same head, or its age, might undo: none is lost without a word.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims};

use crate::bench::Bench;
use crate::origin::Origin;

const DAY: u64 = 86_400;
const KILL: [&str; 4] = ["--kill", "new", "--kill-key", "kill.pem"];

/// Version 1 is live in `site`, with a pointer to it.
fn published() -> Bench {
    let bench = Bench::with_heads();
    bench.put("site", &["1.waft", "--freshness-key", "freshness.pem"]);
    bench
}

/// What pages take of the kill list that is published.
fn live(bench: &Bench, file: &str) -> Value {
    bench.taken(&bench.path(file))["kills"].clone()
}

/// The number and the flags of a list.
fn list(told: &Value) -> (u64, Vec<&str>) {
    let flags = told["flags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap());
    (told["number"].as_u64().unwrap(), flags.collect())
}

#[test]
fn a_list_that_did_not_start_from_the_published_one_does_not_undo_it() {
    let bench = published();
    fs::copy(bench.path("site/head.waft"), bench.path("own.waft")).unwrap();
    // Two lists are signed in one place, while another is published from elsewhere.
    bench.kill("kill", "mine", "own.waft");
    bench.put("site", &KILL);
    for (flag, number) in [("other", 2), ("third", 3)] {
        bench.kill("kill", flag, "own.waft");
        let message = bench.refuse_put("site", &["--head", "own.waft"]);
        assert!(message.contains(&format!("kill list 1 is published, and this one is {number}")), "{message}");
        assert!(message.contains("new would be killed no longer: start from the published head"), "{message}");
    }
    assert_eq!(list(&live(&bench, "site/head.waft")), (1, vec!["new"]));
    // Nor does it, where that was meant, by two commands: one does it of the published list, as the message says.
    fs::copy(bench.path("site/head.waft"), bench.path("meant.waft")).unwrap();
    bench.kill("unkill", "new", "meant.waft");
    bench.kill("kill", "later", "meant.waft");
    let message = bench.refuse_put("site", &["--head", "meant.waft"]);
    assert!(message.contains("If new is to be on again, `waft publish --unkill new` with --kill-key"), "{message}");
    bench.put("site", &["--unkill", "new", "--kill", "later", "--kill-key", "kill.pem"]);
    assert_eq!(list(&live(&bench, "site/head.waft")), (3, vec!["later"]));
    bench.put("site", &["--unkill", "later", "--kill", "new", "--kill-key", "kill.pem"]);
    // What is published, and taken back in the next list, is.
    fs::copy(bench.path("site/head.waft"), bench.path("own.waft")).unwrap();
    bench.kill("unkill", "new", "own.waft");
    bench.put("site", &["--head", "own.waft"]);
    assert_eq!(list(&live(&bench, "site/head.waft")), (6, vec![]));
}

#[test]
fn a_head_that_was_taken_away_or_damaged_is_made_anew_of_what_is_in_front_of_the_snapshot() {
    for damage in [None, Some(&b"junk"[..]), Some(&b""[..])] {
        let bench = published();
        bench.put("site", &[&KILL[..], &["--freshness-key", "freshness.pem"]].concat());
        let head = bench.path("site/head.waft");
        fs::remove_file(&head).unwrap();
        if let Some(bytes) = damage {
            fs::write(&head, bytes).unwrap();
        }
        // Renewing the pointer, as somebody does each hour, loses no kill.
        let output =
            bench.done(&["publish", "--to", "site", "--trust", "trust.json", "--freshness-key", "freshness.pem"]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains("it is made anew of what current.waft has"), "{message}");
        assert_eq!(list(&live(&bench, "site/head.waft")), (1, vec!["new"]));
        fs::remove_file(&head).unwrap();
        bench.put("site", &["--kill", "other", "--kill-key", "kill.pem"]);
        assert_eq!(list(&live(&bench, "site/head.waft")), (2, vec!["new", "other"]));
    }
    // Of what is damaged in both nobody knows which number the last list had.
    let bench = published();
    bench.put("site", &KILL);
    for name in ["site/head.waft", "site/current.waft"] {
        fs::write(bench.path(name), "junk").unwrap();
    }
    for arguments in [&KILL[..], &["--freshness-key", "freshness.pem"]] {
        let message = bench.refuse_put("site", arguments);
        assert!(message.contains("head.waft: what is there is no head, "), "{message}");
        assert!(message.contains("restore it; or, if no kill list was ever published here, remove it"), "{message}");
    }
    assert_eq!(bench.read("site/head.waft"), b"junk");
}

#[test]
fn a_snapshot_for_later_than_it_was_made_is_live_once_its_time_has_come() {
    let bench = published();
    let times = ["--issued", "2026-01-01", "--not-before", "2026-01-02", "--expires", "2040-01-01"];
    let build = ["build", "rules.yaml", "--environment", "production", "--version", "5", "--out", "5.waft"];
    bench.done(&[&build[..], &times].concat());
    bench.done(&["sign", "5.waft", "--key", "key.pem", "--role", "publisher"]);
    bench.put("site", &["5.waft"]);
    // It is what a pointer names, and what a kill is published beside; and an older one does not take its place.
    let told = bench.put("site", &[&KILL[..], &["--freshness-key", "freshness.pem"]].concat());
    assert_eq!((&told["head"]["pointer"]["version"], &told["head"]["kills"]["flags"]), (&json!(5), &json!(["new"])));
    let message = bench.refuse(2, "site", &[]);
    assert!(message.contains("version 5 is live, and pages refuse to go back to 2"), "{message}");
}

/// A head with a list of the flag `new` that was signed so many days ago, for 400.
fn signed_before(bench: &Bench, days: u64, head: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (project, environment) = ("shop".to_owned(), "production".to_owned());
    let issued = now - days * DAY;
    let claims = Claims { project, environment, version: 3, issued, not_before: None, expires: issued + 400 * DAY };
    let key = keys::from_pem(&String::from_utf8(bench.read("kill.pem")).unwrap()).unwrap();
    let list = snapshot::sign(&snapshot::kills(&claims, &["new".to_owned()].into()), &key, "kill").unwrap();
    fs::write(bench.path(head), list).unwrap();
}

#[test]
fn a_list_whose_end_is_near_is_told_and_signed_again() {
    let (bench, origin) = (published(), Origin::start());
    bench.put(&origin.url, &["1.waft", "--freshness-key", "freshness.pem"]);
    let refresh = ["publish", "--to", &origin.url, "--trust", "trust.json", "--freshness-key", "freshness.pem"];
    let warned = |expected: bool| {
        let message = String::from_utf8(bench.done(&refresh).stderr).unwrap();
        assert_eq!(
            message.contains("first visits refuse it and its head from then on: sign it again"),
            expected,
            "{message}"
        );
    };
    signed_before(&bench, 200, "list.waft");
    bench.put(&origin.url, &["--head", "list.waft"]);
    warned(false);
    // Killed already, and not signed again while there is time.
    assert_eq!(bench.put(&origin.url, &KILL)["written"], json!([]));
    for days in [310, 401] {
        signed_before(&bench, days, "list.waft");
        origin.with(|state| {
            let head = state.files.get_mut("head.waft").unwrap();
            head.bytes = bench.read("list.waft");
        });
        if days < 400 {
            warned(true);
        } else {
            let message = bench.refuse_put(&origin.url, &refresh[5..]);
            assert!(message.contains("the kill list is refused") && message.contains("sign it again"), "{message}");
        }
        let told = bench.put(&origin.url, &[&KILL[..], &["--freshness-key", "freshness.pem"]].concat());
        assert_eq!(told["head"]["kills"], json!({ "number": 4, "flags": ["new"] }), "{told}");
        warned(false);
    }
}

#[test]
fn a_trust_that_took_the_key_of_kills_out_does_not_end_them_in_silence() {
    let bench = published();
    bench.put("site", &KILL);
    let old = bench.trust();
    let mut rotate = vec!["trust", "rotate", "trust.json", "--key", "root.pem"];
    let pairs: Vec<String> = ["freshness", "kill"]
        .iter()
        .map(|role| {
            let made = bench.done(&["keygen", "--out", &format!("{role}-2.pem")]).stdout;
            fs::write(bench.path(&format!("{role}-2.json")), made).unwrap();
            let require = old["require"].as_array().unwrap();
            let kid = require.iter().find(|one| one["role"] == *role).unwrap()["keys"][0].as_str().unwrap();
            format!("{kid}={role}-2.json")
        })
        .collect();
    rotate.extend(pairs.iter().map(String::as_str));
    bench.done(&rotate);
    let documents = ["--trust-documents", "trust-0001.waft", "--freshness-key", "freshness-2.pem"];
    let message = bench.refuse_put("site", &documents);
    assert!(
        message.contains("the kill list is refused, none of its signatures was made with a key that trust lists"),
        "{message}"
    );
    assert!(message.contains("kill again what is to stay off, by `waft publish --kill`; or `--unkill`"), "{message}");
    let none = ["--unkill", "new", "--kill-key", "kill-2.pem", "--dry-run"];
    bench.done(&[&["publish", "--to", "site", "--trust", "trust.json"], &documents[..], &none].concat());
    fs::copy(bench.path("site/head.waft"), bench.path("own.waft")).unwrap();
    let sign = ["unkill", "new", "--head", "own.waft", "--trust", "trust.json", "--trust-documents", "trust-0001.waft"];
    bench.done(&[&sign[..], &["--key", "kill-2.pem"]].concat());
    let again = ["--kill", "new", "--kill-key", "kill-2.pem"];
    let told = bench.put("site", &[&documents[..], &again].concat());
    assert_eq!((&told["trust"], &told["head"]["kills"]["flags"]), (&json!(1), &json!(["new"])), "{told}");
}
