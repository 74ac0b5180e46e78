//! The exit codes that docs/releases.md lists: each row is run, and each code has a row. Those of docs/report.md are those of the help.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use crate::bench::{Bench, files};
use crate::delivery::{digest, done, edit, release, shop};
use crate::runs::{deployed, other};

const RELEASES: &str = include_str!("../../../../docs/releases.md");
const REPORT: &str = include_str!("../../../../docs/report.md");

/// The cells of the rows below a table's head.
fn table(text: &'static str, head: &str) -> Vec<Vec<&'static str>> {
    let (_, after) = text.split_once(head).unwrap_or_else(|| panic!("{head}"));
    let rows = after.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect()).collect()
}

/// Runs `waft release run`, and returns how it ended. The same without `--json` ends with the same code.
fn run(bench: &Bench, arguments: &str) -> (i32, String) {
    let line = format!("release run rules --trust trust.json {arguments}");
    let mut words: Vec<&str> = line.split_whitespace().collect();
    words.push("--json");
    let output = bench.waft(&words).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let (exit, state) = (output.status.code().unwrap(), told["state"].as_str().unwrap().to_owned());
    assert_eq!(told["exit"], exit, "{told}");
    let is_failure = ![0, 3].contains(&exit);
    assert_eq!(told["error"]["code"].as_str(), is_failure.then(|| state.to_ascii_uppercase()).as_deref(), "{told}");
    if is_failure {
        words.pop();
        assert_eq!(bench.waft(&words).output().unwrap().status.code(), Some(exit), "{line}");
    }
    (exit, state)
}

const CI: &str = "--key ci.pem --to site";

fn deployments() -> Vec<(i32, String)> {
    let bench = deployed();
    let mut seen = vec![run(&bench, CI), run(&bench, CI)];
    edit(&bench, "flags:", "flogs:");
    seen.push(run(&bench, CI));
    edit(&bench, "flogs:", "flags:");
    // A key, one of another role, a secret, and people that are missing: also where nobody would be counted.
    other(&bench);
    for wrong in [
        "--key nothing.pem --to site",
        "--key alice.pem --to site",
        "--key ci.pem --to site --webhook https://hooks.example",
        "--key ci.pem --to site --population nothing.csv",
    ] {
        let ended = run(&bench, wrong);
        assert_eq!(ended, (2, "usage".to_owned()), "{wrong}");
        seen.push(ended);
    }
    let held = fs::File::create(bench.path("releases/.waft-release.lock")).unwrap();
    held.lock().unwrap();
    seen.push(run(&bench, &format!("{CI} --wait 0")));
    drop(held);
    seen.push(run(&bench, "--key ci.pem --to http://127.0.0.1:1/ --timeout 1"));
    let bench = shop();
    seen.push(run(&bench, CI));
    done(&bench, "reject --key bob.pem --why dark");
    seen.push(run(&bench, CI));
    seen
}

#[test]
fn each_row_of_runs_is_met() {
    let rows = table(RELEASES, "| exit code | `state` in `--json` | meaning |");
    let listed: BTreeSet<(i32, String)> = rows.iter().map(|row| (row[0].parse().unwrap(), row[1].to_owned())).collect();
    assert_eq!(deployments().into_iter().collect::<BTreeSet<_>>(), listed);
}

/// By the commands beside `run`.
#[test]
fn each_row_of_releases_is_met() {
    let mut seen = BTreeSet::new();
    let mut ends = |bench: &Bench, line: &str, expected: i32| {
        let (exit, text) = release(bench, line);
        assert_eq!(exit, expected, "{line}: {text}");
        seen.insert(exit);
    };
    let bench = shop();
    ends(&bench, "publish --to site", 1);
    ends(&bench, "propose rules --key ci.pem", 0);
    ends(&bench, "status", 3);
    ends(&bench, "publish --to site", 3);
    ends(&bench, "approve --key alice.pem --role publisher --digest x", 1);
    ends(&bench, "approve --key alice.pem", 2);
    ends(&bench, "approve --key alice.pem --population nothing.csv --digest x", 2);
    ends(&bench, "approve", 2);
    done(&bench, &format!("approve --key alice.pem --digest {}", digest(&bench)));
    ends(&bench, "publish --to http://127.0.0.1:1/ --timeout 1", 5);
    done(&bench, "publish --to site");
    let live = "--live site/snapshot.waft";
    other(&bench);
    ends(&bench, &format!("propose rules --key ci.pem {live} --population nothing.csv"), 2);
    done(&bench, &format!("propose rules --key ci.pem {live}"));
    // Somebody whose records are elsewhere was first.
    fs::create_dir(bench.path("two")).unwrap();
    for file in files(&bench.path("releases")) {
        fs::copy(bench.path("releases").join(&file), bench.path("two").join(file)).unwrap();
    }
    let approval = format!("approve --key alice.pem {live} --digest {}", digest(&bench));
    done(&bench, &format!("{approval} --records two"));
    done(&bench, "publish --to site --records two");
    ends(&bench, &approval, 4);
    done(&bench, "reject --key bob.pem --why dark");
    ends(&bench, "publish --to site", 6);
    let listed: BTreeSet<i32> =
        table(RELEASES, "| exit code | meaning |").iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(seen, listed);
}

#[test]
fn each_code_of_reports_is_in_the_help() {
    let help = Bench::new().done(&["report", "--help"]).stdout;
    let help = String::from_utf8(help).unwrap();
    let told: BTreeSet<(String, String)> = help
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- ")?.split_once(':'))
        .filter_map(|(name, about)| {
            let (code, _) = about.trim().strip_prefix("Exit code ")?.split_once(':')?;
            Some((name.to_owned(), code.to_owned()))
        })
        .collect();
    let rows = table(REPORT, "| `--fail-on` | exit code | found |");
    let listed: BTreeSet<_> = rows.iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    assert_eq!(told, listed);
}
