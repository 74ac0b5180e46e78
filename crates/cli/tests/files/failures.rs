//! What scripts are told: each command that prints JSON prints an object with the error if it fails, and ends as it would without.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bench::{Bench, has};

/// Each command that takes `--json` or `--format json`, a line of it that fails, its exit code, and the code and file of the error.
const FAILING: &[(&str, &str, i32, &str, Option<&str>)] = &[
    ("lint", "lint nothing --format json", 1, "FAILED", Some("nothing")),
    ("test", "test rules --format json", 1, "FAILED", Some("rules")),
    ("refs", "refs nothing --rules rules --format json", 1, "FAILED", Some("nothing")),
    ("explain", "explain a.waft --trust nothing.json --context {} --json", 1, "FAILED", Some("nothing.json")),
    ("diff", "diff rules wrong --json", 1, "UNKNOWN_FIELD", Some("wrong/waft.yaml")),
    ("promote", "promote staging production --rules rules --json", 1, "FAILED", None),
    ("release run", "release run rules --trust nothing.json --to site --json", 2, "USAGE", Some("nothing.json")),
    ("release status", "release status --trust nothing.json --json", 1, "FAILED", Some("releases")),
    ("release history", "release history --records nothing --json", 1, "FAILED", Some("nothing")),
    ("ramp status", "ramp status rules no-flag --json", 1, "FAILED", Some("rules")),
    ("trust show", "trust show nothing.waft --json", 1, "FAILED", Some("nothing.waft")),
    ("report", "report rules --environment production --stats nothing.csv --format json", 1, "FAILED", None),
    (
        "guard",
        "guard rules --environment production --db postgres://nobody@/ --once --webhook x --json",
        2,
        "USAGE",
        None,
    ),
];

/// The subcommands whose help names an option for JSON: `release run`, ...
fn with_json(bench: &Bench, command: &str, found: &mut BTreeSet<String>) {
    let help = String::from_utf8(bench.sh(&format!("$W {command} --help")).stdout).unwrap();
    if help.contains("--json") || help.contains("- json:") || help.contains(" json,") {
        found.insert(command.trim().to_owned());
    }
    let Some((_, rest)) = help.split_once("\nCommands:\n") else { return };
    let names = rest.lines().take_while(|line| line.starts_with("  "));
    for name in names.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next()) {
        with_json(bench, &format!("{command} {name}"), found);
    }
}

#[test]
fn each_command_that_prints_json_prints_its_error() {
    let bench = Bench::new();
    bench.put("wrong/waft.yaml", "project: shop\nenvironments: { production: {} }\nflogs: {}\n");
    let mut found = BTreeSet::new();
    with_json(&bench, "", &mut found);
    let listed: BTreeSet<String> = FAILING.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert!(found.is_subset(&listed), "without a case: {:?}", found.difference(&listed));
    for (name, line, exit, code, file) in FAILING.iter().filter(|(name, ..)| has(name)) {
        assert!(found.contains(*name), "{name}");
        let (plain, output) =
            (line.replace(" --json", "").replace(" --format json", ""), bench.sh(&format!("$W {line}")));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {output:?}"));
        assert_eq!((output.status.code(), &told["exit"]), (Some(*exit), &(*exit).into()), "{line}: {told}");
        assert_eq!(bench.sh(&format!("$W {plain}")).status.code(), Some(*exit), "{plain}");
        let error = &told["error"];
        assert_eq!((error["code"].as_str(), error["file"].as_str()), (Some(*code), *file), "{line}: {told}");
        assert!(!error["message"].as_str().unwrap().is_empty() && !output.stderr.is_empty(), "{line}: {output:?}");
    }
}

#[test]
fn error_of_a_finding_has_its_place_and_remedy() {
    let bench = Bench::new();
    bench.put("wrong/waft.yaml", "project: shop\nenvironments: { production: {} }\nflogs: {}\n");
    let output = bench.sh("$W diff rules wrong --json");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["error"]["line"], &told["error"]["column"]), (&3.into(), &1.into()), "{told}");
    assert_eq!(told["error"]["remedy"], "did you mean `flags`?", "{told}");
    assert!(told["findings"].as_array().unwrap().iter().any(|one| one["code"] == "UNKNOWN_FIELD"), "{told}");
}

#[test]
fn arguments_that_are_not_understood_are_told_as_json_too() {
    let bench = Bench::new();
    for line in ["diff rules --json", "lint --format json", "release history --json --recrods x", "trust --json"] {
        let output = bench.sh(&format!("$W {line}"));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line}: {output:?}"));
        assert_eq!((output.status.code(), &told["exit"]), (Some(2), &2.into()), "{line}: {told}");
        assert_eq!(told["error"]["code"], "USAGE", "{told}");
        assert!(told["error"]["message"].as_str().unwrap().len() > 10, "{told}");
        assert!(told["error"]["remedy"].as_str().unwrap().len() > 5, "{told}");
    }
    // Help is no failure, and what is no option is none.
    assert!(!String::from_utf8(bench.sh("$W diff --json --help").stdout).unwrap().starts_with('{'));
    assert!(bench.sh("$W init -- --json && $W init -- --json").stdout.iter().all(|byte| *byte != b'{'));
}

#[test]
fn refusal_of_a_snapshot_keeps_its_code() {
    let bench = Bench::new();
    bench.done("$W build $B --out a.waft && $W keygen --out a.pem > a.json && $W keygen --out r.pem > r.json");
    let trust = "$W trust init --project shop --environment production --add publisher:ci=a.json --add root:r=r.json";
    bench.done(&format!("{trust} && $W trust show trust-0001.waft --json > trust.json"));
    let output = bench.sh("$W explain a.waft --trust trust.json --context '{}' --json");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &told["code"]), (Some(1), &"UNSIGNED".into()), "{told}");
    assert_eq!((&told["error"]["code"], &told["error"]["file"]), (&"UNSIGNED".into(), &"a.waft".into()), "{told}");
}
