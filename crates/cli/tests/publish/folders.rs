//! Into a folder.

use std::fs;

use crate::bench::{Bench, files};

/// `snapshot-1-DIGEST.waft`, of what was printed.
fn immutable(bench: &Bench, told: &serde_json::Value) -> String {
    let inspected = bench.done(&["inspect", "1.waft"]);
    let inspected: serde_json::Value = serde_json::from_slice(&inspected.stdout).unwrap();
    assert_eq!(told["digest"], inspected["digest"], "{inspected}");
    told["written"][0].as_str().unwrap().to_owned()
}

#[test]
fn a_release_is_its_own_file_and_the_live_one() {
    let bench = Bench::new();
    let told = bench.publish(1, "site/flags", &[]);
    let name = immutable(&bench, &told);
    assert!(name.starts_with("snapshot-1-") && name.ends_with(".waft"), "{name}");
    assert_eq!(files(&bench.path("site/flags")), [&*name, "snapshot.waft"]);
    for file in [&*name, "snapshot.waft"] {
        assert_eq!(bench.read(&format!("site/flags/{file}")), bench.read("1.waft"), "{file}");
    }
    // Again, it is all there.
    let told = bench.publish(1, "site/flags", &[]);
    assert_eq!((told["written"].as_array().unwrap().len(), &told["live"]), (0, &true.into()));
    // And the next takes its place beside it.
    bench.publish(2, "site/flags", &[]);
    assert_eq!(files(&bench.path("site/flags")).len(), 3);
    assert_eq!(bench.adopted(&bench.path("site/flags/snapshot.waft")), 2);
}

#[test]
fn what_pages_would_refuse_is_not_published() {
    let bench = Bench::new();
    bench.publish(2, "site", &[]);
    let before = files(&bench.path("site"));
    let check = |version: u64, expected: &str| {
        let message = bench.refuse(version, "site", &[]);
        assert!(message.starts_with("waft: ") && message.contains(expected), "{message}");
        assert_eq!(files(&bench.path("site")), before, "{expected}");
        assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 2);
    };
    check(1, "version 2 is live, and pages refuse to go back to 1: build with a higher --version");
    let build = ["build", "rules.yaml", "--environment", "production", "--issued", "2026-11-01T00:00Z"];
    bench.done(&[&build[..], &["--version", "2", "--out", "4.waft"]].concat());
    check(4, "4.waft: refused, ");
    bench.done(&["sign", "4.waft", "--key", "key.pem", "--role", "publisher"]);
    check(4, "version 2 cannot follow what is live: ");
    bench.done(&[&build[..], &["--version", "4", "--expires", "2026-11-02T00:00Z", "--out", "4.waft"]].concat());
    bench.done(&["sign", "4.waft", "--key", "key.pem", "--role", "publisher"]);
    check(4, "4.waft: refused, ");
    check(9, "9.waft: No such file");
}

#[test]
fn a_dry_run_writes_nothing() {
    let bench = Bench::new();
    let output = bench.publisher(1, "site", &["--dry-run"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.lines().count() == 2, "{text}");
    assert!(text.lines().all(|line| line.ends_with("  would be written")), "{text}");
    assert!(!bench.path("site").exists());
    bench.publish(1, "site", &[]);
    let text = String::from_utf8(bench.publisher(2, "site", &["--dry-run"]).output().unwrap().stdout).unwrap();
    assert!(text.ends_with("would be replaced: version 1 is live\n"), "{text}");
    assert!(bench.refuse(1, "", &["--dry-run"]).contains("--to: expected a folder or a URL"));
}

#[test]
fn files_have_the_name_that_was_asked_for() {
    let bench = Bench::new();
    bench.publish(1, "site", &["--name", "checkout_eu"]);
    let found = files(&bench.path("site"));
    assert!(found[0].starts_with("checkout_eu-1-") && found[1] == "checkout_eu.waft", "{found:?}");
    for odd in ["", "../up", "a/b", "a.b", "ä", "a b"] {
        let output = bench.publisher(1, "site", &["--name", odd]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{odd}: {output:?}");
    }
}

#[test]
fn a_damaged_file_is_written_anew_and_one_with_more_signatures_stays() {
    let bench = Bench::new();
    let told = bench.publish(1, "site", &[]);
    let name = format!("site/{}", told["written"][0].as_str().unwrap());
    let whole = bench.read(&name);
    fs::write(bench.path(&name), &whole[..whole.len() - 1]).unwrap();
    fs::write(bench.path("site/snapshot.waft"), "junk").unwrap();
    assert_eq!(bench.publish(1, "site", &[])["written"].as_array().unwrap().len(), 2);
    assert_eq!((bench.read(&name), bench.read("site/snapshot.waft")), (whole.clone(), whole.clone()));
    // The digest is of what was signed, so the file with another signature has the same name.
    bench.done(&["keygen", "--out", "other.pem"]);
    bench.done(&["sign", "1.waft", "--key", "other.pem", "--role", "approver"]);
    assert_ne!(bench.read("1.waft"), whole);
    assert_eq!(bench.publish(1, "site", &[])["written"].as_array().unwrap().len(), 0);
    assert_eq!((bench.read(&name), bench.read("site/snapshot.waft")), (whole.clone(), whole));
}

#[test]
fn lists_go_first_and_must_be_whole() {
    let bench = Bench::new();
    let ids: String = (0..20_000).map(|id| format!("customer-{id}\n")).collect();
    fs::write(bench.path("ids.txt"), ids).unwrap();
    let rules = fs::read_to_string(bench.path("rules.yaml")).unwrap().replace(
        "flags:",
        "lists: { vip: { file: ids.txt, attribute: id } }\nflags:\n  vip: { type: boolean, whenOff: off, rules: [{ id: vip, if: { list: vip }, serve: on }], default: off }",
    );
    fs::write(bench.path("rules.yaml"), rules).unwrap();
    bench.snapshot(4, "4.waft");
    let list = files(&bench.path("")).into_iter().find(|name| name.ends_with(".list")).unwrap();
    let told = bench.publish(4, "site", &[]);
    assert_eq!(told["written"][0], *list);
    assert_eq!(bench.read(&list), bench.read(&format!("site/{list}")));
    fs::write(bench.path(&list), "junk").unwrap();
    assert!(bench.refuse(4, "site", &[]).contains("damaged: build the snapshot anew"));
    fs::remove_file(bench.path(&list)).unwrap();
    assert!(bench.refuse(4, "site", &[]).contains("No such file"));
}

#[test]
fn what_a_killed_publisher_left_goes_after_a_day() {
    let bench = Bench::new();
    fs::create_dir(bench.path("site")).unwrap();
    for (name, days) in [(".waft-old.tmp", 2), (".waft-new.tmp", 0), ("own.tmp", 2), (".waft-folder.tmp/x", 2)] {
        let path = bench.path("site").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "half").unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(days * 86_400);
        fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    }
    bench.publish(1, "site", &[]);
    let is_there = |name: &str| bench.path("site").join(name).exists();
    assert_eq!(
        [".waft-old.tmp", ".waft-new.tmp", "own.tmp", ".waft-folder.tmp/x"].map(is_there),
        [false, true, true, true]
    );
}
