//! Records of kills that are signed while they are published.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use waft::envelope::Envelope;
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims};

use crate::bench::{Bench, files};
use crate::origin::{Fate, Origin};

const KILL: [&str; 4] = ["--kill", "new", "--kill-key", "kill.pem"];

fn text(bench: &Bench, record: &str) -> String {
    String::from_utf8(bench.read(&format!("releases/{record}"))).unwrap()
}

#[test]
fn published_kill_has_a_record_also_if_an_earlier_run_wrote_none() {
    let bench = Bench::with_heads();
    bench.put("site", &["1.waft", "--freshness-key", "freshness.pem"]);
    let told = bench.put("site", &[&KILL[..], &["--why", "orders fail"]].concat());
    assert_eq!(told["recorded"], json!(["releases/0001.yaml"]), "{told}");
    let record = text(&bench, "0001.yaml");
    assert!(record.contains("flags: [\"new\"]\nlist: 1\n") && record.contains("why: \"orders fail\""), "{record}");
    // Killed between the head and the record.
    fs::remove_file(bench.path("releases/0001.yaml")).unwrap();
    let told = bench.put("site", &KILL);
    assert_eq!((&told["written"], &told["recorded"]), (&json!([]), &json!(["releases/0001.yaml"])), "{told}");
    assert!(bench.put("site", &KILL)["recorded"].is_null());
    // Both at once; and somewhere else.
    let both = ["--unkill", "new", "--kill", "other", "--kill-key", "kill.pem"];
    assert_eq!(bench.put("site", &both)["recorded"], json!(["releases/0002.yaml", "releases/0003.yaml"]));
    let told = bench.put("site", &[&KILL[..], &["--records", "elsewhere"]].concat());
    assert_eq!(told["recorded"], json!(["elsewhere/0001.yaml"]));
    // What cannot be recorded is published, and told. A rehearsal writes nothing.
    fs::write(bench.path("releases/0002.yaml"), "kind: kill\n").unwrap();
    let message = bench.refuse_put("site", &["--kill", "third", "--kill-key", "kill.pem"]);
    assert!(message.contains("the kill list is published; but releases has no record of it"), "{message}");
    assert!(message.contains("releases/0002.yaml:1:1: `at` is missing"), "{message}");
    assert!(bench.taken(&bench.path("site/head.waft")).to_string().contains("third"));
    bench.done(&[
        "publish",
        "--dry-run",
        "--to",
        "site",
        "--trust",
        "trust.json",
        "--kill",
        "x",
        "--kill-key",
        "kill.pem",
        "--records",
        "dry",
    ]);
    assert!(!bench.path("dry").exists());
    assert!(
        bench.refuse_put("site", &[&KILL[..], &["--why", "two\nlines"]].concat()).contains("--why: expected one line")
    );
}

/// Whoever made the snapshot had a clock that was ahead: no pointer is signed, and a kill goes out.
#[test]
fn kill_waits_for_no_clock() {
    let bench = Bench::with_heads();
    bench.put("site", &["1.waft", "--freshness-key", "freshness.pem"]);
    let made = bench.read("2.waft");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = Claims {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        version: 2,
        issued: now + 3_600,
        not_before: None,
        expires: now + 86_400,
    };
    let sealed = snapshot::seal(&claims, Envelope::read(&made).unwrap().body, &[]);
    let key = keys::from_pem(&String::from_utf8(bench.read("key.pem")).unwrap()).unwrap();
    fs::write(bench.path("2.waft"), snapshot::sign(&sealed, &key, "publisher").unwrap()).unwrap();
    let message = bench.refuse(2, "site", &["--freshness-key", "freshness.pem"]);
    assert!(message.contains("check the clock of this machine; no pointer was signed"), "{message}");
    bench.publish(2, "site", &[]);
    let told = bench.put("site", &[&KILL[..], &["--freshness-key", "freshness.pem"]].concat());
    assert_eq!((&told["head"]["kills"]["flags"], &told["recorded"]), (&json!(["new"]), &json!(["releases/0001.yaml"])));
    assert_eq!(bench.taken(&bench.path("site/head.waft"))["pointer"]["version"], 1, "{told}");
}

/// A store that fails behind the head: the kill is live.
#[test]
fn kill_that_is_live_has_a_record_whatever_fails_behind_it() {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    bench.put(&origin.url, &["1.waft", "--freshness-key", "freshness.pem"]);
    origin.fates(|_, what| if what == "PUT current.waft" { Fate::Status(403) } else { Fate::Done });
    let message = bench.refuse_put(&origin.url, &KILL);
    assert!(message.contains("head.waft is live; recorded in releases/0001.yaml"), "{message}");
    origin.fates(|_, what| if what == "PUT head.waft" { Fate::Status(403) } else { Fate::Done });
    let message = bench.refuse_put(&origin.url, &["--kill", "other", "--kill-key", "kill.pem"]);
    assert!(!message.contains("recorded") && !bench.path("releases/0002.yaml").exists(), "{message}");
}

#[test]
fn published_kills_at_once_have_one_record_each() {
    let bench = Bench::with_heads();
    bench.publish(1, "site", &[]);
    let flags = ["a", "b", "c", "d", "e"];
    let children = flags.map(|flag| bench.start_put("site", &["--kill", flag, "--kill-key", "kill.pem"]));
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let all: String = files(&bench.path("releases")).iter().map(|record| text(&bench, record)).collect();
    for flag in flags {
        assert_eq!(all.matches(&format!("\"{flag}\"")).count(), 1, "{all}");
    }
    assert!(!all.contains("kind: unkill"), "{all}");
}

#[test]
fn experiment_is_not_published_back_into_its_phase() {
    let bench = Bench::with_heads();
    let rules = "project: shop\nenvironments: { production: {} }\nattributes: { id: string }\nunits: { one: { attribute: id } }\n\
        experiments:\n  till: { unit: one, phases: [{ id: 1, from: 2026-01-01, split: { on: 50%, off: 50% } }] }\n\
        flags:\n  new: { type: boolean, whenOff: off, default: off, rules: [{ id: test, experiment: till }] }\n";
    fs::write(bench.path("rules.yaml"), rules).unwrap();
    bench.snapshot(4, "4.waft");
    bench.put("site", &["4.waft", "--freshness-key", "freshness.pem"]);
    bench.put("site", &KILL);
    let back = ["--unkill", "new", "--kill-key", "kill.pem"];
    let message = bench.refuse_put("site", &back);
    assert!(
        message.contains("new: phase 1 of its experiment till began at 2026-01-01T00:00:00Z, before the kill"),
        "{message}"
    );
    assert_eq!(bench.taken(&bench.path("site/head.waft"))["kills"]["number"], 1);
    // With the release that ends it, at once.
    fs::write(bench.path("rules.yaml"), rules.replace("split: { on", "to: 2026-06-01T00:00Z, split: { on")).unwrap();
    bench.snapshot(5, "5.waft");
    assert_eq!(
        bench.put("site", &[&["5.waft", "--freshness-key", "freshness.pem"], &back[..]].concat())["head"]["kills"]["flags"],
        json!([])
    );
}

/// The pointer has ended, and the kill is there: what is asked for holds.
#[test]
fn kill_that_is_published_already_is_no_failure_after_the_pointer_has_ended() {
    let bench = Bench::with_heads();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    bench.point("head.waft", 1, &["--expires", &waft_ruleset::clock::text_of_seconds(now + 3)]);
    bench.put("site", &["1.waft", "--head", "head.waft"]);
    bench.put("site", &KILL);
    while SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() < now + 3 {
        thread::sleep(Duration::from_millis(50));
    }
    let before = bench.read("site/head.waft");
    let publish = [&["publish", "--to", "site", "--trust", "trust.json"], &KILL[..]].concat();
    let output = bench.done(&publish);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("head.waft: the pointer is refused, ") && told.contains("--freshness-key"), "{told}");
    assert_eq!(bench.read("site/head.waft"), before);
    let told = bench.put("site", &[&KILL[..], &["--freshness-key", "freshness.pem"]].concat());
    assert_eq!(told["head"]["pointer"]["kills"], 1, "{told}");
    // One that is published anew must not have ended.
    let message = bench.refuse_put("other", &["1.waft", "--head", "head.waft"]);
    assert!(message.contains("the pointer is refused, "), "{message}");
}

/// Who has a key that was taken out, and the folder of the history, ends no experiment in a report that is given the trust.
#[test]
fn report_leaves_out_a_kill_whose_key_was_out_by_then() {
    let bench = Bench::with_heads();
    let rules = "project: shop
environments: { production: {} }
attributes: { id: string }
units: { one: { attribute: id } }
flags:
  new: { type: boolean, whenOff: off, default: on, rules: [{ id: test, experiment: till }] }
experiments:
  till: { unit: one, phases: [{ id: 1, from: 2026-01-01T00:00Z, split: { on: 50%, off: 50% } }] }
";
    fs::write(bench.path("tested.yaml"), rules).unwrap();
    fs::create_dir(bench.path("none")).unwrap();
    let kid = bench.trust()["require"][2]["keys"][0].as_str().unwrap().to_owned();
    fs::write(bench.path("next.json"), bench.done(&["keygen", "--out", "next.pem"]).stdout).unwrap();
    bench.done(&["trust", "rotate", "trust.json", &format!("{kid}=next.json"), "--key", "root.pem"]);
    bench.done(&["release", "trust", "trust-0001.waft", "--trust", "trust.json"]);
    bench.kill("kill", "new", "head.waft");
    let query = |arguments: &[&str]| {
        let asked = ["report", "tested.yaml", "--environment", "production", "--print-sql", "sqlite"];
        let now = ["--now", "2100-01-01T00:00Z"];
        String::from_utf8(bench.done(&[&asked[..], &now, arguments].concat()).stdout).unwrap()
    };
    let without = query(&["--records", "none"]);
    assert_ne!(query(&["--records", "releases"]), without);
    assert_eq!(query(&["--records", "releases", "--trust", "trust.json"]), without);
    let output = bench.waft(&["release", "verify", "--trust", "trust.json"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && told.contains("0002.yaml: its list is signed by the key"), "{told}");
    // So does one with the document itself, where the history has no record of it.
    let list =
        ["kill", "new", "--head", "other.waft", "--trust", "trust.json", "--key", "kill.pem", "--records", "bare"];
    bench.done(&list);
    let asked = ["--records", "bare", "--trust", "trust.json"];
    assert_ne!(query(&asked), without);
    assert_eq!(query(&[&asked[..], &["--trust-documents", "trust-0001.waft"]].concat()), without);
}
