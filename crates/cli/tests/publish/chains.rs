//! Trust documents.

use std::fs;

use serde_json::{Value, json};

use crate::bench::{Bench, files};
use crate::origin::Origin;

/// `trust-0001.waft`, `trust-0002.waft`, and 2.waft that only a key of theirs has signed.
fn rotated() -> Bench {
    let bench = Bench::with_heads();
    let made = bench.done(&["keygen", "--out", "new.pem"]);
    fs::write(bench.path("new.json"), &made.stdout).unwrap();
    let old: Value = serde_json::from_slice(&bench.read("trust.json")).unwrap();
    let old = old["require"][0]["keys"][0].as_str().unwrap().to_owned();
    bench.done(&["trust", "rotate", "trust.json", &format!("{old}=new.json"), "--key", "root.pem"]);
    bench.done(&["trust", "rotate", "trust-0001.waft", "--min-version", "1", "--key", "root.pem"]);
    bench.done(&["build", "rules.yaml", "--environment", "production", "--version", "2", "--out", "2.waft"]);
    bench.done(&["sign", "2.waft", "--key", "new.pem", "--role", "publisher"]);
    bench
}

#[test]
fn they_go_first_and_lead_to_the_keys_of_the_rest() {
    let (bench, origin) = (rotated(), Origin::start());
    bench.publish(1, &origin.url, &[]);
    assert!(bench.refuse(2, &origin.url, &[]).contains("2.waft: refused, none of its signatures"));
    let both = ["--trust-documents", "trust-0002.waft", "trust-0001.waft"];
    let told = bench.put(&origin.url, &[&["2.waft"], &both[..]].concat());
    let written = told["written"].as_array().unwrap();
    assert_eq!((&written[..2], &told["trust"]), (&[json!("trust-0001.waft"), json!("trust-0002.waft")][..], &json!(2)));
    assert_eq!(origin.file("trust-0001.waft").cache, "public, max-age=31536000, immutable");
    assert_eq!(origin.file("trust-0002.waft").bytes, bench.read("trust-0002.waft"));
    // From then on it is enough that they are there.
    origin.with(|state| state.files.remove("snapshot.waft"));
    bench.publish(2, &origin.url, &[]);
    assert_eq!(bench.put(&origin.url, &both)["written"], json!([]));
}

#[test]
fn one_that_is_published_never_changes() {
    let bench = rotated();
    bench.put("site", &["--trust-documents", "trust-0001.waft"]);
    let before = bench.read("site/trust-0001.waft");
    fs::create_dir(bench.path("other")).unwrap();
    bench.done(&["trust", "rotate", "trust.json", "--min-version", "1", "--key", "root.pem", "--out", "other"]);
    let message = bench.refuse_put("site", &["--trust-documents", "other/trust-0001.waft"]);
    assert!(message.contains("trust-0001.waft: holds something else, and a trust document never changes"), "{message}");
    assert_eq!(bench.read("site/trust-0001.waft"), before);
    fs::write(bench.path("site/trust-0001.waft"), "junk").unwrap();
    let message = bench.refuse_put("site", &["--trust-documents", "trust-0001.waft"]);
    assert!(message.contains("trust-0001.waft, which is published, is refused by pages"), "{message}");
    assert!(message.contains("holds something else"), "{message}");
}

#[test]
fn one_that_pages_would_not_take_is_refused() {
    let bench = rotated();
    let check = |files_: &[&str], expected: &str| {
        let message = bench.refuse_put("site", &[&["--trust-documents"], files_].concat());
        assert!(message.contains(expected), "{message}");
        assert!(!bench.path("site").exists() || files(&bench.path("site")).is_empty(), "{expected}");
    };
    check(&["trust-0002.waft"], "trust-0002.waft: refused, a document in between is missing");
    check(&["1.waft"], "1.waft: not a trust document");
    check(&["none.waft"], "none.waft: No such file");
    bench.done(&["trust", "rotate", "trust-0002.waft", "--min-version", "2"]);
    check(&["trust-0001.waft", "trust-0002.waft", "trust-0003.waft"], "trust-0003.waft: refused, ");
    let shown = bench.done(&["trust", "show", "trust-0002.waft", "--json"]).stdout;
    fs::write(bench.path("trust.json"), shown).unwrap();
    check(&["trust-0001.waft"], "the page's trust is number 2 already");
    let plain = Bench::new();
    fs::write(plain.path("trust-0001.waft"), bench.read("trust-0001.waft")).unwrap();
    let message = plain.refuse_put("site", &["--trust-documents", "trust-0001.waft"]);
    assert!(message.contains("pages whose trust has no role root take no trust documents"), "{message}");
}

#[test]
fn a_pointer_that_does_not_name_them_is_told() {
    let bench = rotated();
    let shown = bench.done(&["trust", "show", "trust-0002.waft", "--json"]).stdout;
    let before = bench.read("trust.json");
    let told = |more: &[&str]| {
        fs::write(bench.path("trust.json"), &shown).unwrap();
        bench.point("head.waft", 2, more);
        fs::write(bench.path("trust.json"), &before).unwrap();
        let arguments = ["publish", "2.waft", "--head", "head.waft", "--to", "site", "--trust", "trust.json"];
        let documents = ["--trust-documents", "trust-0001.waft", "trust-0002.waft"];
        String::from_utf8(bench.done(&[&arguments[..], &documents].concat()).stderr).unwrap()
    };
    let remedy = "pages look for trust number 2 once a pointer names it: `waft head refresh --trust-number 2`";
    let message = told(&[]);
    assert!(message.contains(remedy), "{message}");
    let message = told(&["--trust-number", "2"]);
    assert!(message.contains("writing head.waft") && !message.contains(remedy), "{message}");
}

/// A thief of the publisher's key pushed versions up, and the pointer went along.
#[test]
fn after_a_theft_numbers_begin_again_under_a_new_epoch() {
    let bench = Bench::with_heads();
    bench.snapshot(900_000, "stolen.waft");
    let keys = ["--freshness-key", "freshness.pem", "--kill", "new", "--kill", "gone", "--kill-key", "kill.pem"];
    bench.put("site", &[&["stolen.waft"], &keys[..]].concat());
    let trust: Value = serde_json::from_slice(&bench.read("trust.json")).unwrap();
    let mut replaced = Vec::new();
    for role in ["publisher", "freshness", "kill"] {
        let made = bench.done(&["keygen", "--out", &format!("{role}-2.pem")]).stdout;
        fs::write(bench.path(&format!("{role}-2.json")), made).unwrap();
        let one = trust["require"].as_array().unwrap().iter().find(|one| one["role"] == role).unwrap();
        replaced.push(format!("{}={role}-2.json", one["keys"][0].as_str().unwrap()));
    }
    let mut rotate = vec!["trust", "rotate", "trust.json", "--new-epoch", "--key", "root.pem"];
    rotate.extend(replaced.iter().map(String::as_str));
    bench.done(&rotate);
    bench.done(&["build", "rules.yaml", "--environment", "production", "--version", "1", "--out", "1.waft"]);
    bench.done(&["sign", "1.waft", "--key", "publisher-2.pem", "--role", "publisher"]);
    let keys = ["--freshness-key", "freshness-2.pem", "--kill", "new", "--kill-key", "kill-2.pem"];
    let told = bench.put("site", &[&["1.waft", "--trust-documents", "trust-0001.waft"], &keys[..]].concat());
    let pointer = &told["head"]["pointer"];
    assert_eq!(
        (&pointer["version"], &pointer["trust"], &pointer["kills"]),
        (&json!(1), &json!(1), &json!(1)),
        "{told}"
    );
    // Lists begin again with 1, and what the thief had killed besides is back: the history says so.
    assert_eq!(told["recorded"], json!(["releases/0002.yaml"]), "{told}");
    let record = String::from_utf8(bench.read("releases/0002.yaml")).unwrap();
    assert!(record.contains("kind: unkill\n") && record.contains("flags: [\"gone\"]\nlist: 1\n"), "{record}");
    let told = bench.put("site", &["--kill", "late", "--kill-key", "kill-2.pem"]);
    assert_eq!(told["recorded"], json!(["releases/0003.yaml"]), "{told}");
    fs::write(bench.path("trust.json"), bench.done(&["trust", "show", "trust-0001.waft", "--json"]).stdout).unwrap();
    let told = bench.taken(&bench.path("site/current.waft"));
    assert_eq!((&told["snapshot"]["version"], &told["kills"]["flags"]), (&json!(1), &json!(["late", "new"])), "{told}");
}

#[test]
fn one_that_the_oldest_pages_could_not_reach_is_refused() {
    let bench = Bench::with_heads();
    let mut last = "trust.json".to_owned();
    let mut documents = Vec::new();
    for number in 1..=65_u64 {
        bench.done(&["trust", "rotate", &last, "--min-version", &number.to_string(), "--key", "root.pem"]);
        last = format!("trust-{number:04}.waft");
        documents.push(last.clone());
    }
    let given = |count: usize| {
        let names = documents[..count].iter().map(String::as_str);
        ["--trust-documents"].into_iter().chain(names).collect::<Vec<_>>()
    };
    bench.put("site", &given(64));
    let message = bench.refuse_put("site", &given(65));
    assert!(message.contains("take 64 trust documents at a start"), "{message}");
    assert!(message.contains("build pages with a later trust, and give --trust that one"), "{message}");
    assert!(!bench.path("site/trust-0065.waft").exists());
}
