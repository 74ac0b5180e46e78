//! `waft release` as it is run: from a proposal to pages, and what goes wrong on the way.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, files};
use crate::guide::commands;
use crate::origin::{Fate, Origin};

/// With keys of `ci` (publisher) and `alice` and `bob` (approver, one of whom must sign), and rules with a test.
pub(crate) fn shop() -> Bench {
    let bench = Bench::new();
    fs::rename(bench.path("key.pem"), bench.path("ci.pem")).unwrap();
    let mut trust: Value = serde_json::from_slice(&bench.read("trust.json")).unwrap();
    let publisher = trust["require"][0]["keys"][0].as_str().unwrap().to_owned();
    trust["holders"] = json!({ publisher: "ci" });
    let mut approvers = Vec::new();
    for name in ["alice", "bob"] {
        let made: Value =
            serde_json::from_slice(&bench.done(&["keygen", "--out", &format!("{name}.pem")]).stdout).unwrap();
        let kid = made["kid"].as_str().unwrap();
        trust["keys"][kid] = made["publicKey"].clone();
        trust["holders"][kid] = name.into();
        approvers.push(kid.to_owned());
    }
    trust["require"].as_array_mut().unwrap().push(json!({ "role": "approver", "keys": approvers }));
    fs::write(bench.path("trust.json"), trust.to_string()).unwrap();
    fs::create_dir(bench.path("rules")).unwrap();
    fs::rename(bench.path("rules.yaml"), bench.path("rules/rules.yaml")).unwrap();
    let tests = "at: 2026-12-01\ncases: [{ name: everybody has it, expect: { new: on } }]\n";
    fs::write(bench.path("rules/rules.test.yaml"), tests).unwrap();
    fs::write(bench.path("people.csv"), "id\na\nb\nc\n").unwrap();
    bench
}

/// Runs a command of releases: its exit code, and all that it said.
pub(crate) fn release(bench: &Bench, arguments: &str) -> (i32, String) {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let trust: &[&str] = if arguments[0] == "history" { &[] } else { &["--trust", "trust.json"] };
    let output = bench.waft(&[&["release"], &arguments[..], trust].concat()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), text)
}

pub(crate) fn done(bench: &Bench, arguments: &str) -> String {
    let (exit, text) = release(bench, arguments);
    assert_eq!(exit, 0, "{arguments}: {text}");
    text
}

pub(crate) fn digest(bench: &Bench) -> String {
    let (_, text) = release(bench, "status");
    text.lines().find_map(|line| line.strip_prefix("digest ")).unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// Changes the rules, so that there is something to propose.
pub(crate) fn edit(bench: &Bench, from: &str, to: &str) {
    for file in ["rules/rules.yaml", "rules/rules.test.yaml"] {
        let text = String::from_utf8(bench.read(file)).unwrap().replace(from, to);
        fs::write(bench.path(file), text).unwrap();
    }
}

/// Version 1 proposed, approved and published to a place; then other rules, proposed on it and approved.
fn second(bench: &Bench, to: &str) {
    done(bench, "propose rules --key ci.pem");
    done(bench, &format!("approve --key alice.pem --digest {}", digest(bench)));
    done(bench, &format!("publish --to {to}"));
    let live = bench.path("live.waft");
    let assembled = files(&bench.path("releases")).into_iter().find(|name| name.starts_with("production-1-")).unwrap();
    if to.starts_with("http") {
        // What a page would fetch.
        fs::copy(bench.path(&format!("releases/{assembled}")), &live).unwrap();
    } else {
        fs::copy(bench.path(to).join("snapshot.waft"), &live).unwrap();
    }
}

#[test]
fn proposal_waits_for_an_approver_and_is_published_with_both_signatures() {
    let bench = shop();
    let text = done(&bench, "propose rules --key ci.pem --why opening --source 3f2c1a9");
    assert!(text.contains("nothing is live: the first release, of 1 flag"), "{text}");
    assert!(
        text.contains("releases/0001.yaml: version 1 in production is proposed")
            && text.contains("waits for 1 signature as approver"),
        "{text}"
    );
    assert_eq!(release(&bench, "status").0, 3);
    let (exit, text) = release(&bench, "publish --to site");
    assert!(
        exit == 3 && text.contains("version 1 waits for 1 signature as approver (alice, bob can sign)"),
        "{exit} {text}"
    );
    assert!(!bench.path("site").exists());
    // Nobody signs what they did not look at; the key of a publisher is none of an approver.
    let (exit, text) = release(&bench, "approve --key alice.pem");
    assert!(
        exit == 2 && text.contains("nobody can be asked here: look at the above, then give --digest"),
        "{exit} {text}"
    );
    let (exit, text) = release(&bench, "approve --key alice.pem --digest other");
    assert!(exit == 1 && text.contains("it is another one than was looked at; nothing was signed"), "{exit} {text}");
    // One of 64 digests begins with a hyphen.
    let (exit, text) = release(&bench, "approve --key alice.pem --digest -Q5n");
    assert!(exit == 1 && text.contains("--digest -Q5n: the proposal has the digest"), "{exit} {text}");
    let (exit, text) = release(&bench, &format!("approve --key ci.pem --digest {}", digest(&bench)));
    assert!(exit == 1 && text.contains("this key counts as publisher in the trust, not as approver"), "{exit} {text}");
    assert_eq!(files(&bench.path("releases")).iter().filter(|name| name.ends_with(".yaml")).count(), 1);
    let text = done(&bench, &format!("approve --key alice.pem --rebuild rules --digest {}", digest(&bench)));
    assert!(
        text.contains("rules: gives the same bytes")
            && text.contains("releases/0002.yaml: version 1 is approved; publish it next"),
        "{text}"
    );
    let text = done(&bench, "publish --to site");
    assert!(text.contains("releases/0003.yaml: version 1 in production is published"), "{text}");
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 1);
    // Again: nothing happens.
    let text = done(&bench, "publish --to site");
    assert!(text.contains("releases/0003.yaml: version 1 was published already, and is live"), "{text}");
    let text = done(&bench, "history");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].contains(" propose version 1 in production by ci (publisher): opening"), "{text}");
    assert!(
        lines[2].contains(" release (0001) version 1 in production by ci (publisher), alice (approver): opening"),
        "{text}"
    );
    assert!(done(&bench, "verify").contains("3 records, unchanged and without a gap; 3 steps verified"));
    let log = String::from_utf8(bench.read("releases/log.jsonl")).unwrap();
    let kinds: Vec<Value> =
        log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone()).collect();
    assert_eq!(kinds, ["propose", "approve", "release"]);
}

#[test]
fn what_fails_a_check_is_not_proposed() {
    let bench = shop();
    for command in ["status", "history", "verify", "reject --why x --key alice.pem"] {
        let (exit, text) = release(&bench, command);
        assert!(exit == 1 && text.contains("releases: there are no records: `waft release propose`"), "{exit} {text}");
    }
    for live in ["site", "http://127.0.0.1:1/snapshot.waft"] {
        let (exit, text) = release(&bench, &format!("propose rules --key ci.pem --live {live}"));
        assert!(exit == 5 && text.matches(live).count() == 1 && text.contains("leave it out"), "{exit} {text}");
    }
    edit(&bench, "default: on", "default: off");
    let (exit, text) = release(&bench, "propose rules --key ci.pem");
    assert!(exit == 1 && text.contains("rule tests: 0 passed, 1 failed; nothing was proposed"), "{exit} {text}");
    edit(&bench, "default: off", "defalt: off");
    let (exit, text) = release(&bench, "propose rules --key ci.pem");
    assert!(exit == 1 && text.contains("error[UNKNOWN_FIELD]"), "{exit} {text}");
    assert!(!bench.path("releases").exists());
}

#[test]
fn population_comes_through_a_pipe() {
    let bench = shop();
    second(&bench, "site");
    edit(&bench, "new: on", "new: off");
    edit(&bench, "default: on", "default: off");
    let propose = "$0 release propose rules --key ci.pem --live site/snapshot.waft --trust trust.json --population <(cat people.csv)";
    let mut shell = Command::new("bash");
    shell.args(["-c", propose, env!("CARGO_BIN_EXE_waft")]).current_dir(bench.path("."));
    let output = shell.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("moved: 3 rows (100 %)"), "{output:?}");
}

#[test]
fn change_is_told_from_the_bytes_of_both_and_what_moved_meanwhile_lapses() {
    let bench = shop();
    second(&bench, "site");
    let text = done(&bench, "propose rules --key ci.pem --live site/snapshot.waft");
    assert!(text.contains("the rules of version 1, which is live: nothing to propose"), "{text}");
    let (exit, text) = release(&bench, "propose rules --key ci.pem");
    assert!(
        exit == 2 && text.contains("--live SNAPSHOT: version 1 was published (releases/0003.yaml)"),
        "{exit} {text}"
    );
    edit(&bench, "default: on", "default: off");
    edit(&bench, "new: on", "new: off");
    let text = done(&bench, "propose rules --key ci.pem --live site/snapshot.waft --population people.csv");
    assert!(text.contains("flag new: changed") && text.contains("  default: on -> off"), "{text}");
    assert!(text.contains("moved: 3 rows (100 %)"), "{text}");
    let approve = format!(
        "approve --key alice.pem --live site/snapshot.waft --population people.csv --digest {}",
        digest(&bench)
    );
    let text = done(&bench, &approve);
    assert!(
        text.contains("flag new") && text.contains("checked by who proposed it: rule tests: 1 passed, 0 failed"),
        "{text}"
    );
    // Somebody publishes beside the process.
    bench.done(&["build", "rules", "--environment", "production", "--version", "5", "--out", "other.waft"]);
    bench.done(&["sign", "other.waft", "--key", "ci.pem", "--role", "publisher"]);
    bench.done(&["sign", "other.waft", "--key", "alice.pem", "--role", "approver"]);
    bench.done(&["publish", "other.waft", "--to", "site", "--trust", "trust.json"]);
    let (exit, text) = release(&bench, "publish --to site");
    assert!(
        exit == 4 && text.contains("version 5 is live, and version 2 was proposed on another: its signatures lapse"),
        "{exit} {text}"
    );
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 5);
    let (exit, text) = release(&bench, "status --live site/snapshot.waft");
    assert!(exit == 4 && text.contains("lapsed"), "{exit} {text}");
    let (exit, _) =
        release(&bench, &format!("approve --key bob.pem --live site/snapshot.waft --digest {}", digest(&bench)));
    assert_eq!(exit, 4);
    // The next one is above both, and `waft publish` heeds the base, too.
    edit(&bench, "new: { type", "other: { type: boolean, whenOff: off, default: on }\n  new: { type");
    let text = done(&bench, "propose rules --key ci.pem --live site/snapshot.waft");
    assert!(
        text.contains("version 6 in production is proposed")
            && text.contains("releases/0004.yaml: version 2 is superseded"),
        "{text}"
    );
    let (exit, text) =
        release(&bench, &format!("approve 0004 --key bob.pem --live site/snapshot.waft --digest {}", digest(&bench)));
    assert!(exit == 6 && text.contains("proposal 0004 was superseded by 0006, version 6"), "{exit} {text}");
    done(&bench, "reject --key bob.pem --why no");
    let (exit, text) = release(&bench, "publish --to site");
    assert!(exit == 6 && text.contains("proposal 0006 was rejected (releases/0007.yaml): no"), "{exit} {text}");
    done(&bench, "verify");
}

/// A store that fails, and one whose answers do: 5, and once it works the same command goes on.
#[test]
fn store_that_fails_is_told_and_the_same_command_goes_on() {
    let (bench, origin) = (shop(), Origin::start());
    done(&bench, "propose rules --key ci.pem");
    done(&bench, &format!("approve --key alice.pem --digest {}", digest(&bench)));
    origin.fates(|_, what| if what == "PUT snapshot.waft" { Fate::Status(403) } else { Fate::Done });
    let (exit, text) = release(&bench, &format!("publish --timeout 1 --to {}", origin.url));
    assert!(exit == 5 && text.contains("status 403"), "{exit} {text}");
    assert!(!bench.path("releases/0003.yaml").exists());
    origin.fates(|_, _| Fate::Done);
    done(&bench, &format!("publish --to {}", origin.url));
    assert!(bench.path("releases/0003.yaml").exists());
}

/// Killed at each request in turn: pages have the old or the new, and the same command completes it with one record.
#[test]
fn publisher_that_is_killed_at_any_step_is_completed_by_the_next() {
    let (bench, origin) = (shop(), Origin::start());
    done(&bench, "propose rules --key ci.pem");
    done(&bench, &format!("approve --key alice.pem --digest {}", digest(&bench)));
    let publish = format!("publish --to {}", origin.url);
    let mut killed = 0;
    for (at, after) in (1..).flat_map(|at| [(at, false), (at, true)]) {
        origin.with(|state| (state.files.clear(), state.process = None));
        let _ = fs::remove_file(bench.path("releases/0003.yaml"));
        origin.fates(move |number, _| if number == at { Fate::Killed { after } } else { Fate::Done });
        let arguments = ["release", "publish", "--to", &origin.url, "--trust", "trust.json"];
        if !origin.has_killed(bench.waft(&arguments)) {
            break;
        }
        killed += 1;
        assert!(!bench.path("releases/0003.yaml").exists(), "{at}");
        origin.fates(|_, _| Fate::Done);
        done(&bench, &publish);
        fs::write(bench.path("live.waft"), origin.file("snapshot.waft").bytes).unwrap();
        assert_eq!(bench.adopted(&bench.path("live.waft")), 1, "{at}");
        let records: Vec<String> =
            files(&bench.path("releases")).into_iter().filter(|name| name.ends_with(".yaml")).collect();
        assert_eq!(records, ["0001.yaml", "0002.yaml", "0003.yaml"], "{at}");
    }
    assert!(killed > 10, "{killed}");
    // Killed behind all requests, before the record.
    fs::remove_file(bench.path("releases/0003.yaml")).unwrap();
    done(&bench, &publish);
    assert!(bench.path("releases/0003.yaml").exists());
    done(&bench, "verify");
}

#[test]
fn rules_come_back_under_a_higher_version_and_what_started_meanwhile_is_stopped() {
    let bench = shop();
    second(&bench, "site");
    edit(&bench, "default: on", "default: off");
    edit(&bench, "new: on", "new: off");
    let live = "--live site/snapshot.waft";
    done(&bench, &format!("propose rules --key ci.pem --source 9be04d2 {live}"));
    done(&bench, &format!("approve --key alice.pem {live} --digest {}", digest(&bench)));
    done(&bench, "publish --to site");
    let text = done(&bench, &format!("rollback --key ci.pem {live} --why slow"));
    assert!(text.contains("revert in the rules, or the next release brings it back: version 2, 9be04d2"), "{text}");
    assert!(text.contains("version 3 in production is proposed"), "{text}");
    done(&bench, &format!("approve --key bob.pem {live} --digest {}", digest(&bench)));
    done(&bench, "publish --to site");
    let value = |file: &str| {
        let output = bench.done(&["eval", file, "--trust", "trust.json", "--context", "{}", "--flag", "new"]);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()["new"]["value"].clone()
    };
    assert_eq!((value("site/snapshot.waft"), bench.adopted(&bench.path("site/snapshot.waft"))), (json!(true), 3));
    assert!(done(&bench, "history").contains("release (0007) version 3 in production with the rules of 1 by "));
    done(&bench, "verify");
    // An experiment that runs since then would end where it is, and its units go elsewhere.
    let rules = String::from_utf8(bench.read("rules/rules.yaml")).unwrap();
    let trial =
        "experiments:\n  till: { unit: one, phases: [{ id: 1, from: 2026-01-01, split: { on: 50%, off: 50% } }] }\n";
    let rules = rules.replace("default: off }", "default: off, rules: [{ id: test, experiment: till }] }") + trial;
    fs::write(bench.path("rules/rules.yaml"), rules).unwrap();
    fs::remove_file(bench.path("rules/rules.test.yaml")).unwrap();
    done(&bench, &format!("propose rules --key ci.pem {live}"));
    done(&bench, &format!("approve --key alice.pem {live} --digest {}", digest(&bench)));
    done(&bench, "publish --to site");
    // Version 2 was taken back, and version 1 came back as 3.
    let text = done(&bench, &format!("rollback --key ci.pem {live}"));
    assert!(text.contains("version 5 in production is proposed"), "{text}");
    assert!(done(&bench, "history").contains("version 5 in production with the rules of 3"));
}

/// From the last signature until pages have the earlier rules.
#[test]
fn way_back_takes_two_seconds_from_the_last_signature_at_most() {
    let bench = shop();
    second(&bench, "site");
    edit(&bench, "default: on", "default: off");
    edit(&bench, "new: on", "new: off");
    let live = "--live site/snapshot.waft";
    done(&bench, &format!("propose rules --key ci.pem {live}"));
    done(&bench, &format!("approve --key alice.pem {live} --digest {}", digest(&bench)));
    done(&bench, "publish --to site");
    done(&bench, &format!("rollback --key ci.pem {live} --why slow"));
    let approve = format!("approve --key bob.pem {live} --digest {}", digest(&bench));
    let started = Instant::now();
    done(&bench, &approve);
    done(&bench, "publish --to site");
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 3);
    let took = started.elapsed();
    println!("from the approval's start until it is live and verified: {} ms", took.as_millis());
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn each_command_of_delivery_runs() {
    let bench = shop();
    let programs = Path::new(env!("CARGO_BIN_EXE_waft")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let lines = commands("Delivery: releases that somebody approves", &["delivery"]);
    assert!(lines.len() >= 10, "{lines:?}");
    for (index, line) in lines.iter().enumerate() {
        if index > 0 && line.contains("release propose") {
            edit(&bench, "default: on", "default: off");
            edit(&bench, "new: on", "new: off");
        }
        let mut shell = Command::new("bash");
        shell.args(["-c", line]).current_dir(bench.path("")).stdin(Stdio::null()).env("PATH", &path);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
}
