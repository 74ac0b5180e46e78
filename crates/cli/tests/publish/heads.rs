//! Heads: beside snapshots, and alone.

use std::fs;

use serde_json::json;

use crate::bench::{Bench, files};
use crate::origin::{Fate, Origin, Stored};

/// Version 1 is live in `site`, with a head that names it.
fn published() -> Bench {
    let bench = Bench::with_heads();
    bench.point("head.waft", 1, &[]);
    bench.put("site", &["1.waft", "--head", "head.waft"]);
    bench
}

#[test]
fn a_head_lies_beside_its_snapshot_and_before_it_in_one_file() {
    let bench = published();
    let found = files(&bench.path("site"));
    assert_eq!((found.len(), &*found[0], &*found[1], &*found[3]), (4, "current.waft", "head.waft", "snapshot.waft"));
    assert_eq!(bench.read("site/head.waft"), bench.read("head.waft"));
    assert_eq!(bench.read("site/current.waft"), [bench.read("head.waft"), bench.read("1.waft")].concat());
    let told = bench.taken(&bench.path("site/current.waft"));
    assert_eq!((&told["snapshot"]["version"], &told["pointer"]["version"]), (&json!(1), &json!(1)));
    // Again, it is all there.
    let told = bench.put("site", &["1.waft", "--head", "head.waft"]);
    assert_eq!((&told["written"], &told["head"]["live"]), (&json!([]), &json!(true)), "{told}");
}

#[test]
fn a_kill_is_published_alone() {
    let bench = published();
    bench.kill("kill", "new", "head.waft");
    let told = bench.put("site", &["--head", "head.waft"]);
    assert_eq!(told["written"], json!(["head.waft", "current.waft"]));
    assert_eq!(told["head"]["kills"], json!({ "number": 1, "flags": ["new"] }));
    for file in ["site/head.waft", "site/current.waft"] {
        assert_eq!(bench.taken(&bench.path(file))["kills"]["flags"], json!(["new"]), "{file}");
    }
    assert!(bench.read("site/current.waft").ends_with(&bench.read("1.waft")));
}

#[test]
fn a_snapshot_alone_renews_both_in_one() {
    let bench = published();
    let told = bench.publish(2, "site", &[]);
    assert_eq!(told["written"].as_array().unwrap().last(), Some(&json!("current.waft")));
    assert_eq!(bench.read("site/current.waft"), [bench.read("head.waft"), bench.read("2.waft")].concat());
    assert_eq!(bench.taken(&bench.path("site/current.waft"))["snapshot"]["version"], 2);
    // Where there is no head, pages do without one.
    bench.publish(1, "plain", &[]);
    assert_eq!(files(&bench.path("plain")).len(), 2);
}

#[test]
fn of_each_part_the_highest_number_stays() {
    let bench = published();
    fs::copy(bench.path("head.waft"), bench.path("other.waft")).unwrap();
    bench.kill("kill", "new", "head.waft");
    bench.put("site", &["--head", "head.waft"]);
    bench.point("other.waft", 2, &[]);
    let told = bench.put("site", &["2.waft", "--head", "other.waft"]);
    assert_eq!(
        (&told["head"]["pointer"]["version"], &told["head"]["kills"]["number"]),
        (&json!(2), &json!(1)),
        "{told}"
    );
    let told = bench.put("site", &["--head", "head.waft"]);
    assert_eq!((&told["written"], &told["head"]["live"]), (&json!([]), &json!(false)), "{told}");
}

#[test]
fn what_no_page_would_take_is_not_published() {
    let bench = published();
    let before = bench.read("site/head.waft");
    let check = |arguments: &[&str], expected: &str| {
        let message = bench.refuse_put("site", arguments);
        assert!(message.starts_with("waft: ") && message.contains(expected), "{message}");
        assert_eq!(bench.read("site/head.waft"), before, "{expected}");
    };
    fs::copy(bench.path("head.waft"), bench.path("next.waft")).unwrap();
    bench.point("next.waft", 2, &[]);
    check(
        &["--head", "next.waft"],
        "the pointer names version 2, and version 1 is live: publish that snapshot with it",
    );
    bench.point("trusting.waft", 1, &["--trust-number", "4"]);
    check(&["--head", "trusting.waft"], "the pointer names trust number 4, and 0 is published: give --trust-documents");
    check(&["--head", "1.waft"], "name the file of the head alone");
    check(&["--head", "none.waft"], "none.waft: No such file");
    fs::write(bench.path("junk.waft"), "junk").unwrap();
    check(&["--head", "junk.waft"], "not a head, ");
    fs::write(bench.path("empty.waft"), "").unwrap();
    check(&["--head", "empty.waft"], "nothing to publish");
    let other = Bench::with_heads();
    other.kill("kill", "new", "head.waft");
    fs::write(bench.path("foreign.waft"), other.read("head.waft")).unwrap();
    check(
        &["--head", "foreign.waft"],
        "the kill list is refused, none of its signatures was made with a key that trust lists",
    );
    let plain = Bench::new();
    fs::write(plain.path("head.waft"), other.read("head.waft")).unwrap();
    assert!(plain.refuse_put("site", &["--head", "head.waft"]).contains("the trust lists no key in the role kill"));
    // Nothing to publish at all is for clap to tell.
    let output = bench.waft(&["publish", "--to", "site", "--trust", "trust.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn a_kill_that_would_be_left_out_is_told() {
    let bench = published();
    fs::copy(bench.path("head.waft"), bench.path("stale.waft")).unwrap();
    bench.kill("kill", "other", "stale.waft");
    bench.kill("kill", "new", "head.waft");
    bench.put("site", &["--head", "head.waft"]);
    let message = bench.refuse_put("site", &["--head", "stale.waft"]);
    assert!(message.contains("another kill list 1 was published: start from the published head"), "{message}");
    bench.kill("kill", "third", "head.waft");
    bench.put("site", &["--head", "head.waft"]);
    let message = bench.refuse_put("site", &["--head", "stale.waft"]);
    assert!(message.contains("kill list 2 is published, and this one is 1: other would not be killed"), "{message}");
    // A head with the same snapshot and without news does not fail.
    bench.put("site", &["1.waft"]);
}

#[test]
fn a_kill_does_not_wait_for_a_pointer() {
    let bench = Bench::with_heads();
    bench.publish(1, "site", &[]);
    bench.kill("kill", "new", "head.waft");
    let output = bench.done(&["publish", "--head", "head.waft", "--to", "site", "--trust", "trust.json"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("waft: warning: head.waft: the pointer is refused, it lacks a freshness pointer"),
        "{message}"
    );
    assert_eq!(bench.read("site/head.waft"), bench.read("head.waft"));
}

#[test]
fn heads_are_signed_as_they_are_published() {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    let told = bench.put(&origin.url, &["1.waft", "--freshness-key", "freshness.pem"]);
    assert_eq!((&told["head"]["pointer"]["version"], &told["head"]["live"]), (&json!(1), &json!(true)), "{told}");
    let kill = ["--kill", "new", "--kill", "other", "--kill-key", "kill.pem"];
    let told = bench.put(&origin.url, &kill);
    assert_eq!(told["written"], json!(["head.waft", "current.waft"]));
    assert_eq!(told["head"]["kills"], json!({ "number": 1, "flags": ["new", "other"] }));
    // Again, there is nothing to do; and of a lost response it is found out that it was done.
    assert_eq!(bench.put(&origin.url, &kill)["written"], json!([]));
    origin.fates(|_, what| if what == "PUT head.waft" { Fate::Twice } else { Fate::Done });
    let both = [
        "2.waft",
        "--unkill",
        "other",
        "--kill",
        "third",
        "--kill-key",
        "kill.pem",
        "--freshness-key",
        "freshness.pem",
    ];
    let told = bench.put(&origin.url, &both);
    assert_eq!(told["head"]["kills"], json!({ "number": 3, "flags": ["new", "third"] }), "{told}");
    let pointer = &told["head"]["pointer"];
    assert_eq!((&pointer["version"], &pointer["kills"]), (&json!(2), &json!(3)), "{told}");
    // A flag that does not exist is told, and killed.
    let arguments = [&["publish", "--to", &origin.url, "--trust", "trust.json"], &kill[..]].concat();
    let message = String::from_utf8(bench.done(&arguments).stderr).unwrap();
    assert!(message.contains("warning: other: version 2 has no such flag") && !message.contains("new: "), "{message}");
    let refuse = |arguments: &[&str], expected: &str| {
        let message = bench.refuse_put(&origin.url, arguments);
        assert!(message.contains(expected), "{message}");
    };
    refuse(&["--freshness-key", "kill.pem"], "kill.pem: the trust does not list the key");
    refuse(&["--kill", "new", "--kill-key", "none.pem"], "none.pem: No such file");
    let torn = ["--kill", "new", "--unkill", "new", "--kill-key", "kill.pem"];
    refuse(&torn, "--kill new and --unkill new: say one of the two");
    refuse(&["--kill", "new,other", "--kill-key", "kill.pem"], "\"new,other\": no flag can have this key");
    assert!(
        bench
            .refuse_put("empty", &["--freshness-key", "freshness.pem"])
            .contains("no snapshot that pages take is published")
    );
    for odd in
        [&["--kill", "new"][..], &["--kill-key", "kill.pem"], &["--head", "h", "--freshness-key", "freshness.pem"]]
    {
        let arguments = [&["publish", "--to", &origin.url, "--trust", "trust.json"], odd].concat();
        assert_eq!(bench.waft(&arguments).output().unwrap().status.code(), Some(2), "{odd:?}");
    }
}

#[test]
fn a_dry_run_tells_of_heads_and_writes_none() {
    let bench = published();
    let before = (bench.read("site/head.waft"), bench.read("site/current.waft"));
    bench.kill("kill", "new", "head.waft");
    let output = bench.done(&["publish", "--head", "head.waft", "--to", "site", "--trust", "trust.json", "--dry-run"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("head.waft  ") && lines[1].starts_with("current.waft  "), "{text}");
    assert!(lines.iter().all(|line| line.ends_with("  would be replaced")), "{text}");
    assert_eq!((bench.read("site/head.waft"), bench.read("site/current.waft")), before);
}

#[test]
fn several_may_share_a_folder_by_name() {
    let bench = published();
    let told = bench.put("site", &["1.waft", "--head", "head.waft", "--name", "eu"]);
    let written: Vec<_> = told["written"].as_array().unwrap()[1..].to_vec();
    assert_eq!(written, ["eu.waft", "eu-head.waft", "eu-current.waft"]);
}

#[test]
fn on_a_server_they_come_last_and_are_asked_for_each_time() {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    bench.point("head.waft", 1, &[]);
    let told = bench.put(&origin.url, &["1.waft", "--head", "head.waft"]);
    let written = origin.with(|state| {
        let puts = state.requests.iter().filter_map(|request| request.strip_prefix("PUT "));
        puts.map(str::to_owned).collect::<Vec<_>>()
    });
    let immutable = told["written"][0].as_str().unwrap();
    assert_eq!(written[3..], [immutable, "snapshot.waft", "head.waft", "current.waft"]);
    for name in ["head.waft", "current.waft"] {
        let Stored { cache, content_type, .. } = origin.file(name);
        assert_eq!((&*cache, &*content_type), ("no-cache", "application/octet-stream"), "{name}");
    }
    // What readers get is looked at: an old head is a failure, a newer one is not.
    let old = origin.file("head.waft");
    bench.kill("kill", "new", "head.waft");
    bench.put("site", &["1.waft", "--head", "head.waft"]);
    let message = bench.refuse_put("site", &["--head", "head.waft", "--url", &origin.url, "--timeout", "1"]);
    assert!(message.contains("head.waft: not the head that was published, 1 s after it was published"), "{message}");
    bench.put(&origin.url, &["--head", "head.waft"]);
    fs::write(bench.path("old.waft"), old.bytes).unwrap();
    bench.put("before", &["1.waft", "--head", "old.waft", "--url", &origin.url, "--timeout", "5"]);
}
