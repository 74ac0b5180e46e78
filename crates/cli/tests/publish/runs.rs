//! `waft release run` as it is run: by one, by several at once, killed, and with receivers that do not answer.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::{Bench, files};
use crate::delivery::{digest, done, edit, release, shop};
use crate::guide::commands;
use crate::origin::{Fate, Origin};

/// Pages ask for `ci` alone.
pub(crate) fn deployed() -> Bench {
    let bench = shop();
    let mut trust: Value = serde_json::from_slice(&bench.read("trust.json")).unwrap();
    trust["require"].as_array_mut().unwrap().truncate(1);
    fs::write(bench.path("trust.json"), trust.to_string()).unwrap();
    bench
}

/// Runs, and reads what is printed as JSON.
fn run(bench: &Bench, arguments: &str) -> (i32, Value) {
    let all = format!("release run rules --trust trust.json --json {arguments}");
    let output = bench.waft(&all.split_whitespace().collect::<Vec<_>>()).output().unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), told)
}

fn state(bench: &Bench, arguments: &str) -> (i32, String, Value) {
    let (exit, told) = run(bench, arguments);
    assert_eq!(told["exit"], exit, "{told}");
    (exit, told["state"].as_str().unwrap().to_owned(), told)
}

fn records(bench: &Bench) -> Vec<String> {
    files(&bench.path("releases")).into_iter().filter(|name| name.ends_with(".yaml")).collect()
}

pub(crate) fn other(bench: &Bench) {
    edit(bench, "default: on", "default: off");
    edit(bench, "new: on", "new: off");
}

const CI: &str = "--key ci.pem --to site";

#[test]
fn rules_that_pass_go_out_once_and_what_fails_leaves_what_is_live() {
    let bench = deployed();
    let (exit, name, told) = state(&bench, &format!("{CI} --source 3f2c1a9"));
    assert_eq!((exit, name.as_str(), &told["version"]), (0, "published", &1.into()), "{told}");
    assert_eq!((&told["record"], &told["source"]), (&"releases/0002.yaml".into(), &"3f2c1a9".into()));
    assert_eq!(told["published"]["live"], true, "{told}");
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 1);
    let (exit, name, told) = state(&bench, CI);
    assert_eq!((exit, name.as_str(), &told["version"]), (0, "unchanged", &1.into()), "{told}");
    assert_eq!(records(&bench).len(), 2);
    // A test that fails, one of a flag that there is not, and rules that cannot be read.
    let wrong = [
        ("default: on", "default: off", "rule tests: 0 passed, 1 failed"),
        ("new: on", "old: on", "rule tests"),
        ("flags:", "flogs:", "error[UNKNOWN_FIELD]"),
    ];
    for (from, to, part) in wrong {
        edit(&bench, from, to);
        let (exit, name, told) = state(&bench, CI);
        assert!(exit == 1 && name == "failed" && told["message"].as_str().unwrap().contains(part), "{told}");
        edit(&bench, to, from);
    }
    assert_eq!((records(&bench).len(), bench.adopted(&bench.path("site/snapshot.waft"))), (2, 1));
    other(&bench);
    let (exit, _, told) = state(&bench, CI);
    assert_eq!((exit, &told["version"]), (0, &2.into()), "{told}");
    assert!(done(&bench, "verify").contains("4 steps verified"));
    // What is needed and not there.
    for arguments in [
        "--key other.pem --to site",
        "--key alice.pem --to site",
        "--key ci.pem --to site --webhook https://hooks.example",
    ] {
        let (exit, name, told) = state(&bench, arguments);
        assert_eq!((exit, name.as_str()), (2, "usage"), "{told}");
    }
}

#[test]
fn where_somebody_approves_it_is_proposed_once_and_published_once_approved() {
    let bench = shop();
    let (exit, name, told) = state(&bench, CI);
    assert_eq!((exit, name.as_str()), (3, "waits"), "{told}");
    assert!(told["waitsFor"][0].as_str().unwrap().contains("1 signature as approver"), "{told}");
    assert!(!bench.path("site").exists());
    assert_eq!((state(&bench, CI).0, records(&bench).len()), (3, 1));
    done(&bench, &format!("approve --key alice.pem --digest {}", digest(&bench)));
    let (exit, name, told) = state(&bench, CI);
    assert_eq!((exit, name.as_str(), &told["version"]), (0, "published", &1.into()), "{told}");
    assert_eq!(records(&bench), ["0001.yaml", "0002.yaml", "0003.yaml"]);
    // What was rejected is not proposed again each night.
    other(&bench);
    assert_eq!(state(&bench, CI).0, 3);
    done(&bench, "reject --key bob.pem --why dark");
    let (exit, name, told) = state(&bench, CI);
    assert!(exit == 6 && name == "blocked" && told["message"].as_str().unwrap().contains("0005.yaml): dark"), "{told}");
    done(&bench, "verify");
}

#[test]
fn several_at_once_lose_no_version() {
    let bench = deployed();
    let start = |records: &str| {
        let line = format!("release run rules --trust trust.json {CI} --records {records}");
        bench.waft(&line.split(' ').collect::<Vec<_>>()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let all: Vec<_> = (0..4).map(|_| start("releases")).collect();
    let codes: Vec<_> = all.into_iter().map(|one| one.wait_with_output().unwrap().status.code()).collect();
    assert_eq!(codes, [Some(0); 4]);
    assert_eq!(records(&bench).len(), 2);
    // On machines that do not share records: whoever loses is told so, and its next run goes on.
    for folder in ["one", "two"] {
        fs::create_dir(bench.path(folder)).unwrap();
        for file in files(&bench.path("releases")) {
            fs::copy(bench.path("releases").join(&file), bench.path(folder).join(file)).unwrap();
        }
    }
    other(&bench);
    let both = ["one", "two"].map(start).map(|one| one.wait_with_output().unwrap().status.code().unwrap());
    assert!(both.contains(&0) && both.iter().all(|code| matches!(code, 0 | 4)), "{both:?}");
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 2);
    // One that is held for long.
    let held = fs::File::create(bench.path("releases/.waft-release.lock")).unwrap();
    held.lock().unwrap();
    let (exit, name, told) = state(&bench, &format!("{CI} --wait 0"));
    assert!(exit == 4 && name == "lost", "{told}");
}

/// Killed at each request in turn: the next run completes it, with one release.
#[test]
fn run_that_is_killed_at_any_step_is_completed_by_the_next() {
    let (bench, origin) = (deployed(), Origin::start());
    let arguments = format!("--key ci.pem --to {}", origin.url);
    let mut killed = 0;
    for (at, after) in (1..).flat_map(|at| [(at, false), (at, true)]) {
        origin.with(|state| (state.files.clear(), state.process = None));
        let _ = fs::remove_dir_all(bench.path("releases"));
        origin.fates(move |number, _| if number == at { Fate::Killed { after } } else { Fate::Done });
        let line = format!("release run rules --trust trust.json {arguments}");
        if !origin.has_killed(bench.waft(&line.split(' ').collect::<Vec<_>>())) {
            break;
        }
        killed += 1;
        origin.fates(|_, _| Fate::Done);
        let (exit, name, told) = state(&bench, &arguments);
        assert_eq!((exit, name.as_str()), (0, "published"), "{at} {told}");
        fs::write(bench.path("live.waft"), origin.file("snapshot.waft").bytes).unwrap();
        assert_eq!(bench.adopted(&bench.path("live.waft")), 1, "{at}");
        assert_eq!(records(&bench), ["0001.yaml", "0002.yaml"], "{at}");
        assert_eq!(state(&bench, &arguments).1, "unchanged", "{at}");
    }
    assert!(killed > 10, "{killed}");
}

#[test]
fn store_that_fails_is_told_and_the_next_run_goes_on() {
    let (bench, origin) = (deployed(), Origin::start());
    let arguments = format!("--key ci.pem --timeout 1 --to {}", origin.url);
    for what in ["GET snapshot.waft", "PUT snapshot.waft"] {
        origin.fates(move |_, asked| if asked == what { Fate::Status(403) } else { Fate::Done });
        let (exit, name, told) = state(&bench, &arguments);
        assert_eq!((exit, name.as_str()), (5, "store"), "{told}");
    }
    origin.fates(|_, _| Fate::Done);
    let (exit, _, told) = state(&bench, &arguments);
    assert_eq!((exit, &told["version"]), (0, &1.into()), "{told}");
    assert_eq!(records(&bench).len(), 2);
}

/// Nobody who is told slowly, or not at all, keeps a release from pages.
#[test]
fn receivers_that_hang_or_fail_change_nothing() {
    let bench = deployed();
    let (hangs, fails) = (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), Origin::start());
    fails.fates(|_, _| Fate::Status(500));
    fs::write(bench.path("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let url = format!("http://{}/", hangs.local_addr().unwrap());
    let started = Instant::now();
    let (exit, name, told) = state(
        &bench,
        &format!("{CI} --webhook {url} --webhook {} --webhook-secret-file secret --notify-timeout 2", fails.url),
    );
    assert_eq!((exit, name.as_str()), (0, "published"), "{told}");
    assert_eq!(told["untold"].as_array().unwrap().len(), 2, "{told}");
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    assert_eq!(bench.adopted(&bench.path("site/snapshot.waft")), 1);
}

/// Takes one message, and answers that it was taken.
fn receiver() -> (String, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let taking = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut text, mut part) = (String::new(), [0; 4_096]);
        let is_whole = |text: &str| {
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length =
                head.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
            (body.len() >= length).then_some(())
        };
        while is_whole(&text).is_none() {
            let read = stream.read(&mut part).unwrap();
            text += std::str::from_utf8(&part[..read]).unwrap();
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        text
    });
    (url, taking)
}

#[test]
fn people_are_told_what_changed_and_by_whom_it_waits() {
    let bench = shop();
    fs::write(bench.path("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let (url, taking) = receiver();
    let arguments = format!("{CI} --webhook {url} --webhook-secret-file secret --source 3f2c1a9");
    let (exit, _, told) = state(&bench, &arguments);
    assert_eq!((exit, told["untold"].as_array().unwrap().len()), (3, 0), "{told}");
    let message = taking.join().unwrap();
    assert!(message.to_lowercase().contains("webhook-id: msg_") && message.contains("v1,"), "{message}");
    let body: Value = serde_json::from_str(message.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!((&body["type"], &body["data"]["version"]), (&"release.waits".into(), &1.into()), "{body}");
    assert_eq!(body["data"]["source"], "3f2c1a9");
    assert!(
        body["data"]["changes"][0].as_str().unwrap().contains("the first release")
            && body["data"]["waitsFor"][0].is_string()
    );
    // Nobody is there any more, and nobody is told a second time of the same proposal.
    let (exit, _, told) = state(&bench, &arguments);
    assert_eq!((exit, told["untold"].as_array().unwrap().len()), (3, 0), "{told}");
}

#[test]
fn what_exceeds_limits_goes_out_only_with_an_approval() {
    let bench = deployed();
    let limits = "limits: { moved: 20%, flags: 1 }";
    let rules = String::from_utf8(bench.read("rules/rules.yaml")).unwrap();
    let rules = rules.replace("production: {}", &format!("production: {{ {limits} }}"));
    assert!(rules.contains(limits), "{rules}");
    fs::write(bench.path("rules/rules.yaml"), rules).unwrap();
    assert_eq!(state(&bench, CI).0, 0);
    other(&bench);
    let (exit, _, told) = state(&bench, CI);
    assert!(exit == 2 && told["message"].as_str().unwrap().contains("give a --population"), "{told}");
    let (exit, _, told) = state(&bench, &format!("{CI} --population people.csv"));
    assert!(exit == 1 && told["message"].as_str().unwrap().contains("100 % get another value, and 20% may"), "{told}");
    assert_eq!((records(&bench).len(), bench.adopted(&bench.path("site/snapshot.waft"))), (2, 1));
    // Somebody who saw it may.
    let propose = "propose rules --live site/snapshot.waft --population people.csv";
    let text = done(&bench, &format!("{propose} --key ci.pem"));
    assert!(text.contains("warning: exceeds a limit: 100 %") && text.contains("it waits for an approval"), "{text}");
    let (exit, text) = release(&bench, "publish --to site");
    assert!(exit == 3 && text.contains("an approval, as it exceeds limits"), "{exit} {text}");
    done(&bench, propose);
    let approve = "approve --key ci.pem --role publisher --live site/snapshot.waft";
    let text = done(&bench, &format!("{approve} --digest {}", digest(&bench)));
    assert!(text.contains("exceeds a limit, which your signature allows"), "{text}");
    assert_eq!(state(&bench, CI).1, "published");
    done(&bench, "verify");
}

#[test]
fn environment_asks_for_signatures_beside_those_of_pages() {
    let bench = deployed();
    let rules = String::from_utf8(bench.read("rules/rules.yaml")).unwrap();
    let asks =
        |count: u8| rules.replace("production: {}", &format!("production: {{ require: {{ publisher: {count} }} }}"));
    fs::write(bench.path("rules/rules.yaml"), asks(2)).unwrap();
    let (exit, _, told) = state(&bench, CI);
    assert!(
        exit == 1
            && told["message"]
                .as_str()
                .unwrap()
                .contains("asks for 2 signatures of publisher, and the trust lists 1 key"),
        "{told}"
    );
    fs::write(bench.path("rules/rules.yaml"), asks(1)).unwrap();
    assert_eq!(state(&bench, CI).0, 0);
}

#[test]
fn each_command_of_deployment_runs() {
    let bench = deployed();
    let programs = Path::new(env!("CARGO_BIN_EXE_waft")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let lines = commands("Deployment: releases that go out by themselves", &["deployment"]);
    assert!(lines.len() >= 3, "{lines:?}");
    for line in lines {
        if line.contains("9be04d2") {
            other(&bench);
        }
        let mut shell = Command::new("bash");
        shell.args(["-c", line]).current_dir(bench.path("")).stdin(Stdio::null()).env("PATH", &path);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
    assert_eq!(bench.adopted(&bench.path("public/flags/snapshot.waft")), 4);
}
