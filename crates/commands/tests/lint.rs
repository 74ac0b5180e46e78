//! `waft lint` and `waft layer allocate` as they are called: what is printed, and how they end.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use std::fmt::Write as _;

use host::Memory;
use serde_json::{Value as Json, json};
use waft_commands::{Exit, layer, lint};

const SOUND: &str = "project: shop
environments: { production: {} }
attributes: { id: string, country: string }
units: { visitor: { attribute: id } }
layers: { line: { unit: visitor } }
experiments:
  a: { unit: visitor, layer: { line: [0%-30%] }, phases: [{ id: 1, from: 2026-11-01, coverage: 50%, split: { on: 100% } }] }
  b: { unit: visitor, layer: { line: [40%-90%] }, phases: [{ id: 1, from: 2026-12-01, split: { on: 100% } }] }
flags:
  a: { type: boolean, whenOff: off, rules: [{ id: t, if: { country: { is: DE } }, experiment: a }], default: off }
  b: { type: boolean, whenOff: off, rules: [{ id: t, experiment: b }], default: off }
";
/// A warning, and an error. The file's name has what would end a part of an annotation.
const RESTED: (&str, &str) =
    ("line: { unit: visitor }", "line: { unit: visitor, resting: { 30%-40%: 2026-11-01T00:00Z } }");
const FEWER: (&str, &str) = ("coverage: 50%", "coverage: 40%");

fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SOUND.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn options(format: lint::Format) -> lint::Options {
    lint::Options { ruleset: "next".to_owned(), format, ..lint::Options::default() }
}

/// How `waft lint next --against live.waft` ends, and what it prints: the live ruleset is the sound one.
fn lint(options: &lint::Options, next: &str) -> (Exit, Vec<String>, Vec<String>) {
    let host = Memory::with(&[("live.yaml", SOUND), ("next/50%, all.yaml", next)]);
    host.build("live.yaml", "production", "live.waft");
    let exit = lint::run(&lint::Options { against: Some("live.waft".to_owned()), ..options.clone() }, &host);
    let (out, err) = host.said();
    (exit, out, err)
}

#[test]
fn text_is_a_line_for_each_finding() {
    let (exit, out, err) = lint(&options(lint::Format::Text), &changed(&[RESTED, FEWER]));
    assert_eq!(
        out,
        [
            "next/50%, all.yaml:5:45: warning[RESTED]: 30%-40% of the layer `line` has rested: remove the line: the range is free",
            "next/50%, all.yaml:7:3: error[PHASE_NEEDED]: the coverage of phase 1 of the experiment `a` changed after it started: it may only rise; to take in fewer, end the phase and append a new one",
        ]
    );
    assert_eq!((exit, err), (Exit::Failed, vec!["next: 1 error, 1 warning".to_owned()]));
}

#[test]
fn json_is_an_array_of_findings() {
    let (exit, out, err) = lint(&options(lint::Format::Json), &changed(&[RESTED, FEWER]));
    let found: Json = serde_json::from_str(&out.join("\n")).unwrap();
    let expected = json!([
        {
            "severity": "warning", "code": "RESTED", "file": "next/50%, all.yaml", "line": 5, "column": 45,
            "message": "30%-40% of the layer `line` has rested", "remedy": "remove the line: the range is free",
        },
        {
            "severity": "error", "code": "PHASE_NEEDED", "file": "next/50%, all.yaml", "line": 7, "column": 3,
            "message": "the coverage of phase 1 of the experiment `a` changed after it started",
            "remedy": "it may only rise; to take in fewer, end the phase and append a new one",
        },
    ]);
    assert_eq!((exit, found), (Exit::Failed, expected));
    assert_eq!(err, ["next: 1 error, 1 warning"]);
    let (exit, out, _) = lint(&options(lint::Format::Json), SOUND);
    assert_eq!((exit, out), (Exit::Done, vec!["[]".to_owned()]));
}

#[test]
fn github_is_annotations_whose_parts_are_escaped() {
    let (exit, out, _) = lint(&options(lint::Format::Github), &changed(&[RESTED, FEWER]));
    assert_eq!(
        (exit, out),
        (
            Exit::Failed,
            vec![
                "::warning file=next/50%25%2C all.yaml,line=5,col=45,title=RESTED::30%25-40%25 of the layer `line` has rested: remove the line: the range is free".to_owned(),
                "::error file=next/50%25%2C all.yaml,line=7,col=3,title=PHASE_NEEDED::the coverage of phase 1 of the experiment `a` changed after it started: it may only rise; to take in fewer, end the phase and append a new one".to_owned(),
            ]
        )
    );
    let (_, out, _) = lint(&options(lint::Format::Github), &changed(&[("project: shop", "project: shed")]));
    assert_eq!(
        out,
        [
            "::error file=next/50%25%2C all.yaml,line=1,col=1,title=OTHER_PROJECT::the live snapshot is for the project `shop`: compare with a snapshot of this project"
        ]
    );
}

#[test]
fn warnings_fail_only_where_they_are_denied() {
    let ends =
        |deny_warnings, next: &str| lint(&lint::Options { deny_warnings, ..options(lint::Format::Text) }, next).0;
    let warned = changed(&[RESTED]);
    assert_eq!([false, true].map(|deny| ends(deny, SOUND)), [Exit::Done, Exit::Done]);
    assert_eq!([false, true].map(|deny| ends(deny, &warned)), [Exit::Done, Exit::Failed]);
    assert_eq!([false, true].map(|deny| ends(deny, &changed(&[FEWER]))), [Exit::Failed, Exit::Failed]);
    // What runs and goes is a warning.
    let gone = changed(&[
        (", experiment: a", ", serve: on"),
        (
            "\n  a: { unit: visitor, layer: { line: [0%-30%] }, phases: [{ id: 1, from: 2026-11-01, coverage: 50%, split: { on: 100% } }] }",
            "",
        ),
    ]);
    assert_eq!([false, true].map(|deny| ends(deny, &gone)), [Exit::Done, Exit::Failed]);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let said = |files: &[(&str, &str)], against: &str| {
        let host = Memory::with(files);
        if files.iter().any(|(name, _)| *name == "live.yaml") {
            host.build("live.yaml", "production", "live.waft");
        }
        let against = Some(against.to_owned());
        let exit =
            lint::run(&lint::Options { against, ruleset: "next.yaml".to_owned(), ..lint::Options::default() }, &host);
        assert_eq!(exit, Exit::Failed);
        host.said().1
    };
    assert_eq!(said(&[("next.yaml", SOUND)], "gone.waft"), ["waft: gone.waft: there is no such file"]);
    assert_eq!(said(&[], "gone.waft"), ["waft: next.yaml: no ruleset files; expected *.yaml, *.yml or *.json"]);
    assert_eq!(said(&[("next.yaml", SOUND), ("text.waft", "text")], "text.waft").len(), 1);
    let staging = changed(&[("production", "staging")]);
    assert_eq!(
        said(&[("live.yaml", SOUND), ("next.yaml", &staging)], "live.waft"),
        ["waft: the live snapshot is for `production`, an environment that the ruleset does not have"]
    );
}

#[test]
fn a_sound_ruleset_that_fits_into_no_snapshot_is_a_finding() {
    let mut next = SOUND.to_owned();
    next.push_str("  large:\n    type: boolean\n    whenOff: off\n    default: off\n    rules:\n");
    // 4,500 words of a rule, which has room for 4,095.
    let tests: Vec<String> =
        (0..1_500).map(|number| format!("{{ country: {{ startsWith: \"{number}\" }} }}")).collect();
    writeln!(next, "      - {{ id: r, if: {{ any: [{}] }}, serve: on }}", tests.join(", ")).unwrap();
    let (exit, out, _) = lint(&options(lint::Format::Text), &next);
    let found: Vec<&String> = out.iter().filter(|line| line.contains("SNAPSHOT_TOO_LARGE")).collect();
    let line = next.lines().position(|line| line == "  large:").unwrap() + 1;
    assert_eq!(
        found,
        [&format!(
            "next/50%, all.yaml:{line}:3: error[SNAPSHOT_TOO_LARGE]: the condition of rule `r` of flag `large` is too large: make parts of it segments: see docs/snapshot-format.md, limits"
        )]
    );
    assert_eq!(exit, Exit::Failed);
}

#[test]
fn a_flag_that_takes_too_long_to_decide_is_a_finding() {
    let mut next = SOUND.to_owned();
    next.push_str("  large:\n    type: boolean\n    whenOff: off\n    default: off\n    rules:\n");
    let tests: Vec<String> = (0..700).map(|number| format!("{{ country: {{ startsWith: \"{number}\" }} }}")).collect();
    for rule in 0..70 {
        writeln!(next, "      - {{ id: r{rule}, if: {{ any: [{}] }}, serve: on }}", tests.join(", ")).unwrap();
    }
    let (exit, out, _) = lint(&options(lint::Format::Text), &next);
    let found: Vec<&String> = out.iter().filter(|line| line.contains("DECISION_TOO_LARGE")).collect();
    assert!(
        found.len() == 1
            && found[0].contains("flag `large` and the 0 flags it needs have 147070 words, at most 131072"),
        "{found:?}"
    );
    assert_eq!(exit, Exit::Failed);
}

fn allocate(ruleset: &str, layer: &str, share: &str) -> (Exit, Vec<String>, Vec<String>) {
    let host = Memory::with(&[("next.yaml", ruleset)]);
    let [ruleset, layer, share] = ["next.yaml", layer, share].map(str::to_owned);
    let exit = layer::run(&layer::Options { ruleset, layer, share }, &host);
    let (out, err) = host.said();
    (exit, out, err)
}

#[test]
fn a_layer_gives_away_what_is_free() {
    let gives = |ruleset: &str, share: &str, line: &str| {
        assert_eq!(allocate(ruleset, "line", share), (Exit::Done, vec![line.to_owned()], vec![]), "{share}");
    };
    gives(SOUND, "10%", "layer: { line: [30%-40%] }");
    gives(SOUND, "2.5%", "layer: { line: [30%-32.5%] }");
    gives(SOUND, "15%", "layer: { line: [30%-40%, 90%-95%] }");
    gives(SOUND, "20%", "layer: { line: [30%-40%, 90%-100%] }");
    // One range that is large enough comes before several.
    gives(&changed(&[("[40%-90%]", "[35%-80%]")]), "15%", "layer: { line: [80%-95%] }");
    assert_eq!(
        allocate(SOUND, "line", "20.5%"),
        (Exit::Failed, vec![], vec!["waft: the layer `line` has 20% left, not 20.5%".to_owned()])
    );
}

#[test]
fn what_rests_is_not_given_away_until_it_has_rested() {
    let resting =
        changed(&[("line: { unit: visitor }", "line: { unit: visitor, resting: { 30%-35%: 2027-01-15T00:00Z } }")]);
    assert_eq!(
        allocate(&resting, "line", "5%"),
        (
            Exit::Done,
            vec!["layer: { line: [35%-40%] }".to_owned()],
            vec!["30%-35% rests until 2027-01-15T00:00:00Z".to_owned()]
        )
    );
    assert_eq!(allocate(&resting, "line", "16%").0, Exit::Failed);
    let (exit, out, _) = allocate(&changed(&[RESTED]), "line", "10%");
    assert_eq!((exit, out), (Exit::Done, vec!["layer: { line: [30%-40%] }".to_owned()]));
}

#[test]
fn a_layer_or_share_that_is_none_is_said() {
    let fails = |ruleset: &str, layer: &str, share: &str, message: &str| {
        assert_eq!(allocate(ruleset, layer, share), (Exit::Failed, vec![], vec![message.to_owned()]));
    };
    fails(SOUND, "lane", "10%", "waft: --layer lane: the ruleset has line");
    let without = "project: shop\nenvironments: { production: {} }\n";
    fails(without, "line", "10%", "waft: --layer line: the ruleset has no layers");
    for share in ["10", "0%", "101%", "-1%", ""] {
        fails(SOUND, "line", share, &format!("waft: --share {share}: expected a share such as 20%"));
    }
}
