//! Every finding has an input of its own: what is found, and at which line and column.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use waft_ruleset as ruleset;
use waft_ruleset::finding::{Finding, Severity};
use waft_ruleset::source::SourceFile;

/// What every case is put into. `#` marks where a case's text goes.
const BASE: &str = "project: shop
environments: { production: {}, staging: {} }
units: { visitor: { attribute: id }, account: { attribute: account } }
attributes: { id: string, account: string, country: string, plan: { enum: [free, pro] }, age: number, beta: boolean, since: date, app: semver, tags: list }
layers: { line: { unit: visitor } }
";

/// Uses everything that the base declares, so that nothing is unused.
const USE: &str = "segments:
  all-used: { country: { is: DE }, plan: { is: pro }, age: { gt: 1 }, beta: { is: true }, since: { exists: true }, app: { gt: 1.0.0 }, tags: { has: a } }
flags:
  used:
    type: boolean
    whenOff: off
    rules: [{ id: a, if: { segment: all-used }, serve: on }, { id: b, experiment: used }]
    default: off
experiments:
  used: { unit: visitor, layer: { line: [0%-10%] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }
";

/// A finding's code, where it is (line within the case, column), and the ruleset that has it.
const CASES: &[(&str, usize, usize, &str)] = &[
    ("SYNTAX", 1, 1, "\"unclosed"),
    ("DUPLICATE_KEY", 2, 1, "metrics: {}\nmetrics: {}"),
    ("YAML_FEATURE", 1, 10, "metrics: &anchor {}"),
    ("YAML_FEATURE", 1, 10, "metrics: !!map {}"),
    ("YAML_FEATURE", 1, 12, "metrics: { <<: { a: b } }"),
    ("UNKNOWN_FIELD", 1, 1, "flag: {}"),
    ("EXPECTED_MAP", 1, 10, "metrics: [a]"),
    ("INVALID_NAME", 2, 3, "flags:\n  \"no spaces\": { type: boolean, whenOff: off, default: off }"),
    ("UNKNOWN_TYPE", 2, 16, "flags:\n  new: { type: bool, whenOff: off, default: off }"),
    ("MISSING_FIELD", 2, 8, "flags:\n  new: { type: boolean, default: off }"),
    ("MISSING_FIELD", 2, 8, "flags:\n  new: { type: string, whenOff: a, default: a }"),
    ("UNKNOWN_FIELD", 2, 10, "flags:\n  new: { typ: boolean, type: boolean, whenOff: off, default: off }"),
    ("UNKNOWN_VARIANT", 2, 48, "flags:\n  new: { type: boolean, default: off, whenOff: of }"),
    ("EXPECTED_TEXT", 2, 34, "flags:\n  new: { type: boolean, whenOff: false, default: off }"),
    ("EXPECTED_BOOLEAN", 2, 19, "flags:\n  new: { enabled: on, type: boolean, whenOff: off, default: off }"),
    ("VARIANT_COUNT", 2, 35, "flags:\n  new: { type: boolean, variants: {}, whenOff: off, default: off }"),
    ("VARIANT_TYPE", 2, 40, "flags:\n  new: { type: boolean, variants: { a: 1 }, whenOff: a, default: a }"),
    ("METADATA_TYPE", 2, 44, "flags:\n  new: { type: boolean, metadata: { owner: [a] }, whenOff: null, default: on }"),
    (
        "INEXACT_NUMBER",
        2,
        40,
        "flags:\n  new: { type: number, variants: { a:  9007199254740993 }, whenOff: a, default: a }",
    ),
    (
        "UNKNOWN_ENVIRONMENT",
        2,
        16,
        "flags:\n  new: { in: { prod: { default: on } }, type: boolean, whenOff: off, default: off }",
    ),
    (
        "MISSING_FIELD",
        5,
        7,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { serve: on }\n    whenOff: off\n    default: off",
    ),
    (
        "ACTION_COUNT",
        5,
        7,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { id: a }\n    whenOff: off\n    default: off",
    ),
    (
        "DUPLICATE_RULE",
        6,
        7,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { id: a, if: { age: { is: 1 } }, serve: on }\n    - { id: a, serve: on }\n    whenOff: off\n    default: off",
    ),
    (
        "UNREACHABLE_RULE",
        6,
        7,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { id: a, serve: on }\n    - { id: b, serve: off }\n    whenOff: off\n    default: off",
    ),
    (
        "INVALID_ON_UNKNOWN",
        5,
        27,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { id: a, onUnknown: off, serve: on }\n    whenOff: off\n    default: off",
    ),
    (
        "UNKNOWN_EXPERIMENT",
        5,
        28,
        "flags:\n  new:\n    type: boolean\n    rules:\n    - { id: a, experiment: usde }\n    whenOff: off\n    default: off",
    ),
    (
        "EXPERIMENT_USED_TWICE",
        2,
        3,
        "flags:\n  zwei: { type: boolean, whenOff: off, default: off, rules: [{ id: a, experiment: used }] }",
    ),
    ("UNKNOWN_ATTRIBUTE", 2, 10, "segments:\n  new: { contry: { is: DE } }"),
    ("UNKNOWN_SEGMENT", 2, 19, "segments:\n  new: { segment: al-used }"),
    ("SEGMENT_CYCLE", 2, 3, "segments:\n  new: { segment: two }\n  two: { segment: new }"),
    ("EMPTY_CONDITION", 2, 8, "segments:\n  new: {}"),
    ("EMPTY_LIST", 2, 15, "segments:\n  new: { any: [] }"),
    ("EXPECTED_LIST", 2, 15, "segments:\n  new: { any: { age: { is: 1 } } }"),
    ("EXPECTED_OPERATOR", 2, 19, "segments:\n  new: { country: DE }"),
    ("UNKNOWN_OPERATOR", 2, 21, "segments:\n  new: { country: { gt: 5 } }"),
    ("TYPE_CLASH", 2, 25, "segments:\n  new: { country: { is: 5 } }"),
    ("TYPE_CLASH", 2, 21, "segments:\n  new: { age: { is: \"5\" } }"),
    ("INEXACT_NUMBER", 2, 21, "segments:\n  new: { age: { is: 90071992547409930 } }"),
    ("NOT_IN_ENUM", 2, 22, "segments:\n  new: { plan: { is: por } }"),
    ("INVALID_SEMVER", 2, 21, "segments:\n  new: { app: { gt: 2.4 } }"),
    ("INVALID_SEMVER", 2, 21, "segments:\n  new: { app: { gt: v2.4.0 } }"),
    ("INVALID_DATE", 2, 26, "segments:\n  new: { since: { after: 2026-02-30 } }"),
    ("INVALID_BETWEEN", 2, 26, "segments:\n  new: { age: { between: [5, 1] } }"),
    ("EMPTY_TEXT", 2, 31, "segments:\n  new: { country: { contains: \"\" } }"),
    ("DUPLICATE_VALUE", 2, 30, "segments:\n  new: { country: { in: [DE, DE] } }"),
    ("UNUSED_SEGMENT", 2, 3, "segments:\n  new: { age: { is: 1 } }"),
    ("UNKNOWN_TYPE", 2, 8, "attributes:\n  new: strin"),
    ("RESERVED_NAME", 2, 3, "attributes:\n  segment: string"),
    ("UNUSED_ATTRIBUTE", 2, 3, "attributes:\n  new: string"),
    (
        "PRIVATE_READABLE",
        2,
        3,
        "attributes:\n  email: { type: string, private: true }\nsegments:\n  new: { email: { endsWith: x } }",
    ),
    (
        "UNIT_PRIVATE",
        4,
        21,
        "attributes:\n  email: { type: string, private: true }\nunits:\n  new: { attribute: email }",
    ),
    ("MISSING_FIELD", 2, 10, "attributes:\n  email: { private: true }"),
    ("UNKNOWN_ATTRIBUTE", 2, 21, "units:\n  new: { attribute: ids }"),
    ("UNKNOWN_UNIT", 2, 16, "layers:\n  new: { unit: visitr }"),
    ("UNUSED_LAYER", 2, 3, "layers:\n  new: { unit: visitor }"),
    (
        "UNUSED_EXPERIMENT",
        2,
        3,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "UNKNOWN_UNIT",
        2,
        16,
        "experiments:\n  new: { unit: visitr, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "UNKNOWN_LAYER",
        2,
        34,
        "experiments:\n  new: { unit: visitor, layer: { lin: [0%-5%] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "INVALID_LAYER",
        2,
        32,
        "experiments:\n  new: { unit: visitor, layer: line, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "LAYER_UNIT",
        2,
        34,
        "experiments:\n  new: { unit: account, layer: { line: [50%-60%] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "INVALID_RANGE",
        2,
        41,
        "experiments:\n  new: { unit: visitor, layer: { line: [60%-50%] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "INVALID_SHARE",
        2,
        74,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 100 } }] }",
    ),
    (
        "SPLIT_SUM",
        2,
        68,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 99.9% } }] }",
    ),
    (
        "INVALID_PHASE",
        2,
        40,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 0, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "INVALID_DATE",
        2,
        49,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 1969-01-01, split: { on: 100% } }] }",
    ),
    (
        "PHASE_ORDER",
        2,
        34,
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-02, to: 2026-01-01T00:00Z, split: { on: 100% } }] }",
    ),
    (
        "PHASE_OVERLAP",
        4,
        7,
        "experiments:\n  new: { unit: visitor, phases: [\n      { id: 1, from: 2026-01-01, split: { on: 100% } },\n      { id: 2, from: 2026-01-02, split: { on: 100% } }] }",
    ),
    (
        "UNKNOWN_VARIANT",
        4,
        79,
        "flags:\n  new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, experiment: new }] }\nexperiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 50%, of: 50% } }] }",
    ),
    ("EXPECTED_MAP", 2, 9, "environments:\n  test: hello"),
    ("EXPECTED_MAP", 2, 20, "environments:\n  test: { require: 2 }"),
    ("INVALID_COUNT", 2, 33, "environments:\n  test: { require: { publisher: 0 } }"),
    ("EXPECTED_MAP", 2, 19, "environments:\n  test: { limits: [20%] }"),
    ("INVALID_SHARE", 2, 28, "environments:\n  test: { limits: { moved: 20 } }"),
    ("INVALID_COUNT", 2, 28, "environments:\n  test: { limits: { flags: 5% } }"),
    ("UNKNOWN_FIELD", 2, 21, "environments:\n  test: { limits: { change: 5% } }"),
    ("INVALID_DURATION", 2, 20, "environments:\n  test: { expires: 400 }"),
    ("EXPECTED_TEXT", 2, 38, "layers:\n  new: { unit: visitor, description: { a: b } }"),
    ("EXPECTED_MAP", 2, 43, "metrics:\n  new: { conversion: a, better: up, meta: hello }"),
    ("MISSING_FIELD", 2, 22, "metrics:\n  new: { conversion: \"\", better: up }"),
    ("DUPLICATE_VALUE", 3, 23, "metrics:\n  one: { count: a, better: up }\n  new: { ratio: [one, one], better: up }"),
    ("RESERVED_NAME", 2, 3, "attributes:\n  if: string"),
    ("TYPE_CLASH", 2, 24, "attributes:\n  new: { type: number, enum: [a] }"),
    ("DUPLICATE_VALUE", 2, 20, "attributes:\n  new: { enum: [a, a] }"),
    ("LIST_TYPE", 2, 21, "lists:\n  new: { attribute: beta, ids: [a] }"),
    ("LIST_TYPE", 2, 21, "lists:\n  new: { attribute: tags, ids: [a] }"),
    ("LIST_FIELD", 2, 35, "lists:\n  new: { attribute: id, ids: [a], column: b }"),
    ("LIST_ID", 2, 31, "lists:\n  new: { attribute: id, ids: [\"\"] }"),
    ("INVALID_SALT", 2, 31, "layers:\n  new: { unit: visitor, salt: \"\" }"),
    ("INVALID_SIZE", 2, 24, "segments:\n  new: { tags: { size: {} } }"),
    ("INVALID_SIZE", 2, 24, "segments:\n  new: { tags: { size: { gte: 5, is: 2 } } }"),
    ("DUPLICATE_VALUE", 2, 37, "segments:\n  new: { country: { startsWith: [a, a] } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { age: { gt: 5, lt: 5 } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { age: { between: [1, 5], gte: 6 } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { app: { gte: 2.0.0, lt: 2.0.0 } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { since: { after: 2026-02-01, before: 2026-01-01 } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { country: { exists: false, is: DE } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { country: { in: [DE], notIn: [DE, FR] } }"),
    ("CONTRADICTION", 2, 3, "segments:\n  new: { tags: { has: a, hasNone: [a, b] } }"),
    (
        "CONTRADICTION",
        2,
        3,
        "holdouts:\n  new: { unit: visitor, share: 5%, from: 2026-01-01, except: { beta: { is: true, isNot: true } } }",
    ),
    (
        "DUPLICATE_TARGET",
        2,
        93,
        "flags:\n  new: { type: boolean, whenOff: off, default: off, targets: { on: { visitor: [a] }, off: { visitor: [b, a] } } }",
    ),
    (
        "OFF_CAN_BE_SKIPPED",
        4,
        7,
        "flags:\n  new:\n    rules:\n    - { id: a, if: { all: [{ age: { exists: true } }, { age: { lt: 5 } }] }, serve: off }\n    - { id: b, serve: on }\n    type: boolean\n    whenOff: off\n    default: off",
    ),
    (
        "STEP_UNITS",
        4,
        75,
        "flags:\n  new:\n    rules:\n    - { id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01, units: 5000 }] }\n    type: boolean\n    whenOff: off\n    default: off",
    ),
    (
        "STEP_UNITS",
        4,
        104,
        "flags:\n  new:\n    rules:\n    - { id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }, { to: 9%, after: approval, units: 5000 }] }\n    type: boolean\n    whenOff: off\n    default: off",
    ),
    (
        "INVALID_DATE",
        4,
        77,
        "flags:\n  new:\n    rules:\n    - { id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2105-01-01 }, { to: 9%, after: 520w }] }\n    type: boolean\n    whenOff: off\n    default: off",
    ),
    (
        "CORRELATED_SALT",
        3,
        61,
        "flags:\n  one: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, salt: x, steps: [{ to: 5%, at: 2026-01-01 }] }] }\n  two: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, salt: x, steps: [{ to: 5%, at: 2026-01-01 }] }] }",
    ),
    ("CORRELATED_SALT", 2, 3, "layers:\n  new: { unit: visitor, salt: shop/line }"),
    (
        "CORRELATED_SALT",
        2,
        3,
        "experiments:\n  new: { unit: visitor, salt: shop/used, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
    (
        "CORRELATED_SALT",
        5,
        61,
        "metrics: { m: { count: a, better: up } }\nexperiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }\nflags:\n  new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, salt: shop/new, guard: { m: { worse: 5% } }, steps: [{ to: 5%, at: 2026-01-01 }] }, { id: b, experiment: new }] }",
    ),
    (
        "LAYER_OVERLAP",
        4,
        41,
        "flags:\n  new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, experiment: new }] }\nexperiments:\n  new: { unit: visitor, layer: { line: [5%-15%] }, phases: [{ id: 1, from: 2026-01-01, split: { on: 100% } }] }",
    ),
];

fn check(texts: &[&str]) -> Vec<Finding> {
    let files: Vec<SourceFile> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| SourceFile { name: format!("{index}.yaml"), bytes: text.as_bytes().to_vec() })
        .collect();
    match ruleset::check(&files, &ruleset::World::still()) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    }
}

#[test]
fn the_base_of_the_cases_is_sound() {
    assert_eq!(check(&[BASE, USE]), Vec::new());
}

#[test]
fn every_case_is_found_at_its_place() {
    let mut wrong = String::new();
    for (code, line, column, text) in CASES {
        let findings = check(&[BASE, USE, text]);
        let found = findings.iter().any(|finding| {
            finding.code.name() == *code
                && finding.file == "2.yaml"
                && (finding.place.line, finding.place.column) == (*line, *column)
        });
        if !found {
            let _ = writeln!(wrong, "{code} at {line}:{column} in\n{text}\nfound {findings:#?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn findings_of_whole_files_and_limits() {
    let codes = |texts: &[&str]| check(texts).iter().map(|finding| finding.code.name()).collect::<BTreeSet<_>>();
    assert!(codes(&["flags: {}"]).contains("MISSING_FIELD"));
    assert!(codes(&[BASE, USE, BASE]).contains("DUPLICATE_NAME"));
    let not_utf8 = SourceFile { name: "x".to_owned(), bytes: vec![b'a', 0xff] };
    assert!(
        ruleset::check(&[not_utf8], &ruleset::World::still())
            .unwrap_err()
            .iter()
            .any(|finding| finding.code.name() == "NOT_UTF8")
    );
    // As PowerShell's `>` writes.
    let utf16 = "\u{feff}project: p\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = SourceFile { name: "x".to_owned(), bytes: utf16 };
    let found = ruleset::check(&[utf16], &ruleset::World::still()).unwrap_err();
    assert!(found[0].message.ends_with("is not UTF-8: the file looks like UTF-16 (little-endian)"), "{}", found[0]);
    let large = SourceFile { name: "x".to_owned(), bytes: vec![b' '; (4 << 20) + 1] };
    assert!(
        ruleset::check(&[large], &ruleset::World::still())
            .unwrap_err()
            .iter()
            .any(|finding| finding.code.name() == "FILE_TOO_LARGE")
    );

    let values: Vec<String> = (0..4_097).map(|value| format!("v{value}")).collect();
    let many = format!("segments: {{ new: {{ country: {{ in: [{}] }} }} }}", values.join(","));
    assert!(codes(&[BASE, USE, &many]).contains("TOO_MANY_VALUES"));
    let rules: Vec<String> =
        (0..256).map(|rule| format!("{{ id: r{rule}, if: {{ age: {{ is: 1 }} }}, serve: on }}")).collect();
    let many =
        format!("flags: {{ new: {{ type: boolean, whenOff: off, default: off, rules: [{}] }} }}", rules.join(","));
    assert!(codes(&[BASE, USE, &many]).contains("TOO_MANY_RULES"));
    let phases: Vec<String> =
        (1..=256).map(|id| format!("{{ id: {id}, from: 2026-01-01, split: {{ on: 100% }} }}")).collect();
    let many = format!("experiments: {{ new: {{ unit: visitor, phases: [{}] }} }}", phases.join(","));
    assert!(codes(&[BASE, USE, &many]).contains("TOO_MANY_PHASES"));
    let steps: Vec<String> = (1..=256)
        .map(|step| {
            format!("{{ to: {}.{:02}%, at: 2026-01-01T{:02}:{:02}Z }}", step / 100, step % 100, step / 60, step % 60)
        })
        .collect();
    let many = format!(
        "flags: {{ new: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: a, ramp: on, unit: visitor, steps: [{}] }}] }} }}",
        steps.join(",")
    );
    assert!(codes(&[BASE, USE, &many]).contains("TOO_MANY"));
    let attributes: Vec<String> = (0..4_097).map(|index| format!("a{index}: string")).collect();
    let many = format!("attributes: {{ {} }}", attributes.join(", "));
    assert!(codes(&[BASE, USE, &many]).contains("TOO_MANY"));
}

#[test]
fn what_is_meant_is_no_finding() {
    // Two environments never meet in one snapshot.
    let ramp = "[{ id: a, ramp: on, unit: visitor, salt: x, steps: [{ to: 5%, at: 2026-01-01 }] }]";
    let twice = format!(
        "flags: {{ new: {{ type: boolean, whenOff: off, default: off, rules: {ramp}, in: {{ staging: {{ rules: {ramp} }} }} }} }}"
    );
    assert_eq!(check(&[BASE, USE, &twice]), Vec::new());
    // What asks only whether something is there is never unknown, in a segment either.
    let known = "segments: { known: { age: { exists: true } } }
flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, if: { segment: known }, serve: off }, { id: b, serve: on }] } }";
    assert_eq!(check(&[BASE, USE, known]), Vec::new());
    // Bounds side by side are narrowed, in any order.
    let narrow = "segments: { s: { tags: { size: { gt: 5, gte: 1, lt: 9 } }, age: { gte: 5, lte: 5 } } }";
    assert!(check(&[BASE, USE, narrow]).iter().all(|finding| finding.code.name() == "UNUSED_SEGMENT"));
}

#[test]
fn what_is_said_about_a_long_text_is_short() {
    let long = "x".repeat(100_000);
    for text in [
        format!("segments: {{ new: {{ \"{long}\": {{ is: a }} }} }}"),
        format!("segments: {{ new: {{ country: {{ matches: \"{long}\" }} }} }}"),
        format!("segments: {{ new: {{ plan: {{ is: \"{long}\" }} }} }}"),
        format!("flags: {{ \"{long}\": {{ \"{long}\": a }} }}"),
    ] {
        let findings = check(&[BASE, USE, &text]);
        assert!(findings.iter().any(|finding| finding.severity == Severity::Error));
        assert!(findings.iter().all(|finding| finding.to_string().len() < 2_000));
    }
}

#[test]
fn ten_thousand_levels_are_a_finding_and_no_overflow() {
    for (open, close) in [("[", "]"), ("{ not: ", " }"), ("{ a: ", "}")] {
        let deep = format!("segments: {{ new: {}x{} }}", open.repeat(10_000), close.repeat(10_000));
        let findings = check(&[BASE, USE, &deep]);
        assert!(findings.iter().any(|finding| finding.code.name() == "TOO_DEEP"), "{findings:#?}");
    }
    let conditions = format!("segments: {{ new: {}{{ age: {{ is: 1 }} }}{} }}", "{ not: ".repeat(40), " }".repeat(40));
    assert!(check(&[BASE, USE, &conditions]).iter().any(|finding| finding.code.name() == "TOO_DEEP"));
}

#[test]
fn a_byte_order_mark_and_crlf_are_read() {
    let with_mark = format!("\u{feff}{}", BASE.replace('\n', "\r\n"));
    assert_eq!(check(&[&with_mark, USE]), Vec::new());
}

#[test]
fn a_finding_names_the_place_the_matter_and_the_remedy() {
    let findings = check(&[BASE, USE, "segments:\n  new: { contry: { is: DE } }"]);
    let text = findings.iter().find(|finding| finding.code.name() == "UNKNOWN_ATTRIBUTE").unwrap().to_string();
    assert_eq!(text, "2.yaml:2:10: error[UNKNOWN_ATTRIBUTE]: there is no attribute `contry`: did you mean `country`?");
    let findings = check(&[BASE, USE, CASES.iter().find(|case| case.0 == "SPLIT_SUM").unwrap().3]);
    let finding = findings.iter().find(|finding| finding.code.name() == "SPLIT_SUM").unwrap();
    assert_eq!(finding.message, "split weights sum to 99.9%, expected 100%");
    assert_eq!(finding.remedy, "add 0.1% to one variant");
    assert_eq!(finding.severity, Severity::Error);
}

#[test]
fn mutated_rulesets_never_panic() {
    let whole = format!("{BASE}{USE}");
    let mut state = 9u64;
    let mut next = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for _ in 0..3_000 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..=next(4) {
            if bytes.is_empty() {
                break;
            }
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] = b" :{}[],&*!|>%@`\"'#-\n\t0a"[next(23)],
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at + 1),
                _ => bytes.insert(at, b"\n :{}[]-"[next(8)]),
            }
        }
        let file = SourceFile { name: "mutated".to_owned(), bytes };
        std::hint::black_box(ruleset::check(&[file], &ruleset::World::still()).is_ok());
    }
}
