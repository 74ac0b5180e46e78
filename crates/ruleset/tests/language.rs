//! Findings of the language beyond its core: each has an input of its own, in which `¶` marks where it is found.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use std::collections::BTreeSet;

use waft_ruleset::finding::Finding;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

/// What every case is put beside.
const BASE: &str = "project: shop
environments: { production: {} }
units: { visitor: { attribute: id }, account: { attribute: account } }
attributes: { id: string, account: string, age: number, ok: boolean, since: date, app: semver, tags: list }
layers: { line: { unit: visitor, resting: { 40%-50%: 2026-12-01T00:00Z } } }
metrics: { buys: { conversion: purchase, better: up }, orders: { count: purchase, better: up }, share: { ratio: [orders, buys], better: up } }
flags:
  base: { type: boolean, whenOff: off, default: off, rules: [{ id: t, experiment: base }] }
  plain: { type: boolean, whenOff: off, default: on }
experiments:
  base:
    { unit: visitor, layer: { line: [0%-10%] }, salt: pepper, metrics: { primary: [share] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }
segments:
  used: { age: { gt: 1 }, ok: { is: true }, since: { exists: true }, app: { gt: 1.0.0 }, tags: { has: a } }
";

/// The moment of every case.
const NOW: &str = "2026-11-24";

const CASES: &[(&str, &str)] = &[
    // Lists.
    ("MISSING_FIELD", "lists: { vip: ¶{ ids: [a] } }"),
    ("UNKNOWN_ATTRIBUTE", "lists: { vip: { ids: [a], attribute: ¶acount } }"),
    ("LIST_SOURCE", "lists: { ¶vip: { attribute: account } }"),
    ("LIST_SOURCE", "lists: { ¶vip: { attribute: account, ids: [a], file: good.csv } }"),
    ("LIST_PATH", "lists: { vip: { attribute: account, file: ¶../secret.csv } }"),
    ("LIST_PATH", "lists: { vip: { attribute: account, file: ¶/etc/passwd } }"),
    ("LIST_FILE", "lists: { vip: { attribute: account, file: ¶absent.csv } }"),
    ("LIST_ENCODING", "lists: { vip: { attribute: account, file: ¶latin.csv } }"),
    ("LIST_COLUMN", "lists: { vip: { attribute: account, file: ¶table.csv, column: accont } }"),
    ("LIST_ID", "lists: { vip: { attribute: account, file: ¶long.csv } }"),
    ("LIST_DUPLICATES", "lists: { vip: { attribute: account, file: ¶twice.csv } }"),
    ("LIST_DUPLICATES", "lists: { vip: { attribute: account, ids: [a, b, ¶a] } }"),
    ("EMPTY_LIST", "lists: { vip: { attribute: account, file: ¶empty.csv } }"),
    ("UNUSED_LIST", "lists: { ¶vip: { attribute: account, ids: [a] } }"),
    ("UNKNOWN_LIST", "segments: { new: { list: ¶vip } }"),
    // Conditions.
    ("UNKNOWN_FLAG", "segments: { new: { flag: { ¶bse: on } } }"),
    ("UNKNOWN_VARIANT", "segments: { new: { flag: { base: ¶onn } } }"),
    ("EMPTY_CONDITION", "segments: { new: { flag: ¶{} } }"),
    ("UNKNOWN_UNIT", "segments: { new: { share: { of: ¶visitr, part: 0%-10%, salt: a } } }"),
    ("INVALID_RANGE", "segments: { new: { share: { of: visitor, part: ¶10%, salt: a } } }"),
    ("MISSING_FIELD", "segments: { new: { share: ¶{ of: visitor, part: 0%-10% } } }"),
    (
        "CORRELATED_SALT",
        "segments:\n  one: { share: { of: visitor, part: 0%-10%, salt: a } }\n  two: { share: { of: visitor, part: ¶0%-20%, salt: a, correlate: true } }",
    ),
    ("INVALID_REGEX", "attributes: { mail: string }\nsegments: { new: { mail: { matches: ¶'a(?=b)' } } }"),
    ("INVALID_REGEX", "attributes: { mail: string }\nsegments: { new: { mail: { matches: ¶'(a' } } }"),
    ("REGEX_TOO_LARGE", "attributes: { mail: string }\nsegments: { new: { mail: { matches: ¶'(a|b)*a(a|b){14}$' } } }"),
    (
        "REGEX_TOO_LARGE",
        "attributes: { mail: string }\nsegments: { new: { mail: { matches: ¶'((a{1,100}){1,100}){1,100}' } } }",
    ),
    ("INVALID_DURATION", "segments: { new: { since: { within: ¶30 days } } }"),
    ("INVALID_DURATION", "segments: { new: { since: { within: ¶0d } } }"),
    ("INVALID_SIZE", "segments: { new: { tags: { size: ¶-1 } } }"),
    ("INVALID_SIZE", "segments: { new: { tags: { size: ¶{ gte: 5, lte: 2 } } } }"),
    ("UNKNOWN_OPERATOR", "segments: { new: { tags: { ¶is: a } } }"),
    ("EMPTY_LIST", "segments: { new: { tags: { hasAny: ¶[] } } }"),
    (
        "CONTRADICTION",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, if: { age: { gt: 5, lt: 3 } }, serve: on }] } }",
    ),
    (
        "CONTRADICTION",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, if: { all: [{ ok: { is: true } }, { ok: { is: false } }] }, serve: on }] } }",
    ),
    (
        "SEGMENT_CYCLE",
        "segments: { ¶one: { segment: two }, two: { segment: one } }\nflags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, if: { segment: one }, serve: on }] } }",
    ),
    // Units and layers.
    ("UNIT_TYPE", "units: { new: { attribute: ¶app } }"),
    ("UNIT_TYPE", "units: { new: { attribute: ¶tags } }"),
    (
        "INVALID_NAME",
        "units: { ¶uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu: { attribute: id } }",
    ),
    ("INVALID_RANGE", "layers: { new: { unit: visitor, resting: { ¶40: 2026-12-01 } } }"),
    ("INVALID_DATE", "layers: { new: { unit: visitor, resting: { 40%-50%: ¶soon } } }"),
    ("RESTED", "layers: { new: { unit: visitor, resting: { ¶40%-50%: 2026-01-01T00:00Z } } }"),
    (
        "LAYER_RESTING",
        "experiments: { new: { unit: visitor, layer: { line: [¶45%-60%] }, phases: [{ id: 1, from: 2026-11-25, split: { on: 100% } }] } }",
    ),
    // Ends that are bare dates: each is one finding, wherever it stands.
    ("BARE_END", "segments: { new: { since: { between: [2026-01-01, ¶2026-12-31] } } }"),
    ("BARE_END", "layers: { new: { unit: visitor, resting: { 40%-50%: ¶2027-01-15 } } }"),
    ("BARE_END", "holdouts: { q: { unit: visitor, share: 5%, from: 2026-01-01, to: ¶2027-02-01 } }"),
    (
        "BARE_END",
        "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, to: ¶2027-02-01, split: { on: 100% } }] } }",
    ),
    (
        "BARE_END",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, to: ¶2027-01-01, serve: on }] } }",
    ),
    // Dates of rules.
    (
        "PHASE_ORDER",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, from: 2027-01-01, to: 2027-01-01T00:00Z, serve: on }] } }",
    ),
    (
        "INVALID_DATE",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, from: ¶soon, serve: on }] } }",
    ),
    (
        "INVALID_DATE",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, to: ¶2027-01-01T00:00:00.5Z, serve: on }] } }",
    ),
    (
        "RULE_OVER",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, to: 2026-02-01T00:00Z, serve: on }] } }",
    ),
    (
        "NEVER_RUNS",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, to: 2027-01-01T00:00Z, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2027-01-01 }] }] } }",
    ),
    // Holdouts.
    ("MISSING_FIELD", "holdouts: { q: ¶{ unit: visitor, share: 5% } }"),
    ("HOLDOUT_SHARE", "holdouts: { ¶q: { unit: visitor, share: 60%, from: 2026-01-01 } }"),
    ("HOLDOUT_SHARE", "holdouts: { ¶q: { unit: visitor, share: 0%, from: 2026-01-01 } }"),
    ("PHASE_ORDER", "holdouts: { ¶q: { unit: visitor, share: 5%, from: 2026-02-01, to: 2026-01-01T00:00Z } }"),
    ("HOLDOUT_OVER", "holdouts: { ¶q: { unit: visitor, share: 5%, from: 2026-01-01, to: 2026-02-01T00:00Z } }"),
    ("UNUSED_HOLDOUT", "holdouts: { ¶q: { unit: visitor, share: 5%, from: 2026-01-01 } }"),
    ("UNKNOWN_METRIC", "holdouts: { q: { unit: visitor, share: 5%, from: 2026-01-01, metrics: [¶buy] } }"),
    ("UNKNOWN_HOLDOUT", "flags: { new: { holdout: ¶q, type: boolean, whenOff: off, default: off } }"),
    // Metrics.
    ("METRIC_KIND", "metrics: { ¶new: { better: up } }"),
    ("METRIC_KIND", "metrics: { ¶new: { count: a, mean: b, better: up } }"),
    ("METRIC_DIRECTION", "metrics: { new: { count: a, better: ¶more } }"),
    ("METRIC_FIELD", "metrics: { new: { conversion: a, ¶value: amount, better: up } }"),
    ("METRIC_FIELD", "metrics: { new: { ratio: [buys, orders], ¶cap: 99%, better: up } }"),
    ("METRIC_RATIO", "metrics: { new: { ratio: ¶[buys], better: up } }"),
    ("METRIC_RATIO", "metrics: { new: { ratio: [¶share, buys], better: up } }"),
    ("UNKNOWN_METRIC", "metrics: { new: { ratio: [¶buy, orders], better: up } }"),
    ("UNUSED_METRIC", "metrics: { ¶new: { count: a, better: up } }"),
    ("INVALID_DURATION", "metrics: { new: { count: a, within: ¶7, better: up } }"),
    // Experiments.
    (
        "UNKNOWN_METRIC",
        "experiments: { new: { unit: visitor, metrics: { primary: [¶buy] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] } }",
    ),
    (
        "MISSING_FIELD",
        "experiments: { new: { unit: visitor, metrics: { guardrails: { buys: ¶{} } }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] } }",
    ),
    (
        "PLAN_RANGE",
        "experiments: { new: { unit: visitor, plan: ¶{ detect: 4%, power: 100%, units: 10 }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] } }",
    ),
    (
        "INVALID_COUNT",
        "experiments: { new: { unit: visitor, plan: { detect: 4%, units: ¶many }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] } }",
    ),
    (
        "EXPERIMENT_OVER",
        "experiments: { ¶new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, to: 2026-02-01T00:00Z, split: { on: 100% } }] } }",
    ),
    (
        "CORRELATED_SALT",
        "experiments: { ¶new: { unit: visitor, salt: pepper, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] } }",
    ),
    // Flags.
    ("UNKNOWN_PURPOSE", "flags: { new: { meta: { purpose: ¶fun }, type: boolean, whenOff: off, default: off } }"),
    ("INVALID_DATE", "flags: { new: { meta: { removeBy: ¶soon }, type: boolean, whenOff: off, default: off } }"),
    ("OVERDUE", "flags: { new: { meta: { removeBy: ¶2026-01-01 }, type: boolean, whenOff: off, default: off } }"),
    ("UNKNOWN_FIELD", "flags: { new: { meta: { ¶ownr: me }, type: boolean, whenOff: off, default: off } }"),
    ("UNKNOWN_FLAG", "flags: { new: { requires: { ¶bas: on }, type: boolean, whenOff: off, default: off } }"),
    ("UNKNOWN_VARIANT", "flags: { new: { requires: { base: ¶maybe }, type: boolean, whenOff: off, default: off } }"),
    (
        "RANDOMISED_REQUIREMENT",
        "flags: { new: { requires: { base: ¶on }, type: boolean, whenOff: off, default: off } }",
    ),
    (
        "PREREQUISITE_CYCLE",
        "flags:\n  ¶one: { requires: { two: on }, type: boolean, whenOff: off, default: off }\n  two: { type: boolean, whenOff: off, default: off, rules: [{ id: a, if: { flag: { one: on } }, serve: on }] }",
    ),
    (
        "UNKNOWN_UNIT",
        "flags: { new: { targets: { on: { ¶visitr: [a] } }, type: boolean, whenOff: off, default: off } }",
    ),
    (
        "UNKNOWN_VARIANT",
        "flags: { new: { targets: { ¶onn: { visitor: [a] } }, type: boolean, whenOff: off, default: off } }",
    ),
    (
        "INVALID_ID",
        "flags: { new: { targets: { on: { visitor: [¶1.5] } }, type: boolean, whenOff: off, default: off } }",
    ),
    ("UNUSED_VARIANT", "flags: { ¶new: { type: string, variants: { a: A, b: B }, whenOff: a, default: a } }"),
    (
        "INEXACT_NUMBER",
        "flags: { new: { type: object, variants: { a: { id: ¶9007199254740993 } }, whenOff: a, default: a } }",
    ),
    (
        "INEXACT_NUMBER",
        "flags: { new: { type: number, variants: { a: ¶12345678901234567890123 }, whenOff: a, default: a } }",
    ),
    (
        "OFF_CAN_BE_SKIPPED",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, if: { age: { lt: 18 } }, serve: off }, { id: b, serve: on }] } }",
    ),
    // Ramps.
    (
        "RAMP_FIELD",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, serve: on, ¶steps: [] }] } }",
    ),
    (
        "MISSING_FIELD",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, ramp: on, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    ),
    (
        "MISSING_FIELD",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, ramp: on, unit: visitor }] } }",
    ),
    (
        "STEP_TIME",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [¶{ to: 5% }] }] } }",
    ),
    (
        "RAMP_START",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: ¶[{ to: 5%, after: approval }] }] } }",
    ),
    (
        "RAMP_FALLS",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01 }, ¶{ to: 5%, after: 2d }] }] } }",
    ),
    (
        "RAMP_ORDER",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-02 }, ¶{ to: 9%, at: 2026-12-01 }] }] } }",
    ),
    (
        "RAMP_ORDER",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-02 }, { to: 6%, after: approval }, ¶{ to: 9%, at: 2026-12-05 }] }] } }",
    ),
    (
        "RAMP_WHOLE",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, ramp: on, unit: visitor, steps: [{ to: 100%, at: 2026-01-01 }] }] } }",
    ),
    (
        "RAMP_OVER",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }, { to: 100%, at: 2026-02-01 }] }] } }",
    ),
    (
        "INVALID_COUNT",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01 }, { to: 9%, after: 2d, units: ¶0 }] }] } }",
    ),
    (
        "GUARD_THEN",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, guard: { buys: { worse: 5%, then: ¶panic } }, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    ),
    (
        "RAMP_CONTROL",
        "flags: { new: { type: string, variants: { control: a, b: b }, whenOff: b, default: b, rules: [¶{ id: a, ramp: control, unit: visitor, guard: { buys: { worse: 5% } }, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    ),
    (
        "UNKNOWN_METRIC",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, guard: { ¶buy: { worse: 5% } }, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    ),
    (
        "ACTION_COUNT",
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [¶{ id: a, ramp: on, serve: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    ),
];

fn asset(path: &str) -> Result<Vec<u8>, String> {
    Ok(match path {
        "good.csv" => b"\xef\xbb\xbfa-1\r\na-2\r\n\r\n  a-3 \r\n".to_vec(),
        "table.csv" => b"name,account\nAnn,a-1\n\"Bo, B.\",a-2\n".to_vec(),
        "latin.csv" => b"caf\xe9\n".to_vec(),
        "long.csv" => vec![b'x'; 1_025],
        "twice.csv" => b"a\nb\na\n".to_vec(),
        "empty.csv" => b"\r\n\r\n".to_vec(),
        _ => return Err("no such file".to_owned()),
    })
}

fn check(texts: &[&str]) -> Result<(ruleset::Ruleset, Vec<Finding>), Vec<Finding>> {
    let files: Vec<SourceFile> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| SourceFile { name: format!("{index}.yaml"), bytes: text.as_bytes().to_vec() })
        .collect();
    ruleset::check(&files, &World { now: waft::date::parse(NOW.as_bytes()), asset: &asset })
}

fn findings(texts: &[&str]) -> Vec<Finding> {
    match check(texts) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    }
}

#[test]
fn the_base_of_the_cases_is_sound() {
    let found = findings(&[
        BASE,
        "flags: { seg: { type: boolean, whenOff: off, default: off, rules: [{ id: a, if: { segment: used }, serve: on }] } }",
    ]);
    assert_eq!(found, Vec::new());
}

#[test]
fn every_case_is_found_where_it_is_marked() {
    let mut wrong = String::new();
    for (code, marked) in CASES {
        let before = &marked[..marked.find('¶').expect("a mark")];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        let text = marked.replace('¶', "");
        let found = findings(&[BASE, &text]);
        let is_it = |finding: &Finding| {
            finding.code.name() == *code
                && finding.file == "1.yaml"
                && (finding.place.line, finding.place.column) == (line, column)
        };
        if !found.iter().any(is_it) {
            let _ = writeln!(wrong, "{code} at {line}:{column} in\n{text}\nfound:");
            found.iter().for_each(|finding| {
                let _ = writeln!(wrong, "  {finding}");
            });
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn lists_are_read_without_marks_line_ends_and_blanks() {
    let list = |text: &str| check(&[BASE, text]).unwrap().0.lists[0].item.ids.clone();
    assert_eq!(list("lists: { vip: { attribute: account, file: good.csv } }"), ["a-1", "a-2", "a-3"]);
    assert_eq!(list("lists: { vip: { attribute: account, file: table.csv, column: account } }"), ["a-1", "a-2"]);
    assert_eq!(list("lists: { vip: { attribute: account, ids: [b, a] } }"), ["a", "b"]);
}

#[test]
fn segments_nest_only_so_deep_in_whatever_order_they_stand() {
    let chain = |names: Vec<usize>| {
        let link = |index: &usize| match index {
            0 => "  s0: { age: { is: 1 } }\n".to_owned(),
            index => format!("  s{index}: {{ segment: s{} }}\n", index - 1),
        };
        format!("segments:\n{}", names.iter().map(link).collect::<String>())
    };
    let deepest = usize::from(waft::limits::SEGMENT_DEPTH) - 1;
    for (count, sound) in [(deepest, true), (deepest + 1, false), (200, false)] {
        for names in [(0..count).collect::<Vec<_>>(), (0..count).rev().collect()] {
            let found = findings(&[BASE, &chain(names)]);
            assert_eq!(found.iter().all(|finding| finding.code.name() != "TOO_DEEP"), sound, "{count} segments");
        }
    }
}

fn codes(texts: &[&str]) -> BTreeSet<&'static str> {
    findings(texts).iter().map(|finding| finding.code.name()).collect()
}

#[test]
fn a_mistake_is_found_once() {
    // The experiment is declared, the attribute would be used.
    let split = "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 90% } }] } }
flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, experiment: new }] } }";
    assert_eq!(codes(&[BASE, split]), BTreeSet::from(["SPLIT_SUM"]));
    let regex = "attributes: { new: string }
segments: { new: { new: { matches: \"[\" } } }
flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, if: { segment: new }, serve: on }] } }";
    assert_eq!(codes(&[BASE, regex]), BTreeSet::from(["INVALID_REGEX"]));
}

#[test]
fn numbers_that_json_does_not_have_are_no_text() {
    for number in [
        ".nan",
        ".NaN",
        ".inf",
        "-.Inf",
        "+.INF",
        "1e999",
        "-1e999",
        "1e-400",
        "-.1E-400",
        "0x10000000000000000",
        "0o7777777777777777777777",
    ] {
        let object = format!(
            "flags: {{ new: {{ type: object, variants: {{ a: {{ b: {number} }} }}, whenOff: a, default: a }} }}"
        );
        assert_eq!(codes(&[BASE, &object]), BTreeSet::from(["INEXACT_NUMBER"]), "{number}");
    }
    for text in ["1.2.3", "0x", "0xg", "0o8", "nan", "inf", "1-2", ".", "+", "+0x1", "\".nan\""] {
        let string = format!("flags: {{ new: {{ type: string, variants: {{ a: {text} }}, whenOff: a, default: a }} }}");
        assert_eq!(codes(&[BASE, &string]), BTreeSet::from(["UNUSED_SEGMENT"]), "{text}");
    }
}

#[test]
fn keys_are_what_is_written() {
    let text = "flags:\n  007: { type: boolean, whenOff: off, default: off }\n  1.10: { type: boolean, whenOff: off, default: off }";
    let names: Vec<String> = check(&[BASE, text]).unwrap().0.flags.iter().map(|flag| flag.name.clone()).collect();
    assert!(names.contains(&"007".to_owned()) && names.contains(&"1.10".to_owned()), "{names:?}");
}

#[test]
fn findings_hold_no_control_characters() {
    let found = findings(&[BASE, "flags: { \"\\e[2J\\n::error::x\": { type: boolean, whenOff: off, default: off } }"]);
    assert!(!found.is_empty());
    assert!(found.iter().all(|finding| !finding.to_string().chars().any(char::is_control)), "{found:?}");
}

#[test]
fn thirty_thousand_flags_are_read() {
    let flags: String =
        (0..30_000).map(|index| format!("  f{index}: {{ type: boolean, whenOff: off, default: off }}\n")).collect();
    assert!(check(&[BASE, &format!("flags:\n{flags}")]).is_ok());
}
