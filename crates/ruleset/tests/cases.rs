//! Files of rule tests: what is found in bad ones and where, and that pkg/rule-tests.schema.json says the same.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value as Json, json};
use waft_ruleset::cases::{self, Case, Check};
use waft_ruleset::finding::{Finding, Findings};
use waft_ruleset::source::{self, SourceFile};
use waft_ruleset::{self as ruleset, Ruleset, World};

const RULESET: &str = "project: shop
environments: { staging: {}, production: {} }
attributes: { id: string, plan: { enum: [guest, crew] }, age: number, beta: boolean, since: date, app: semver, tags: list }
units: { visitor: { attribute: id } }
flags:
  headline:
    type: string
    variants: { plain: Hello, bold: Ahoy }
    whenOff: plain
    rules: [{ id: crew, if: { plan: { is: crew } }, serve: bold }]
    default: plain
    in: { staging: { variants: { plain: Hello }, rules: [] } }
  limit: { type: number, variants: { low: 1, high: 2.5 }, whenOff: low, default: low }
";

fn checked() -> Ruleset {
    let file = SourceFile { name: "rules.yaml".to_owned(), bytes: RULESET.as_bytes().to_vec() };
    ruleset::check(&[file], &World::still()).unwrap().0
}

fn read(name: &str, text: &str) -> (Vec<Case>, Vec<Finding>) {
    let mut findings = Findings::new(vec![name.to_owned()]);
    let file = SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let root = source::read(0, &file, &mut findings);
    let cases = root.map_or_else(Vec::new, |root| cases::read(&root, &checked(), &mut findings));
    (cases, findings.into_sorted())
}

const HEAD: &str = "environment: production\nat: 2026-12-01T08:00Z\ncases:\n";

/// What is found, at which line and column of the whole file, and what is said; behind it whether the schema sees it, too.
const BAD: &[(&str, usize, usize, &str, &str, bool)] = &[
    (
        "UNKNOWN_FIELD",
        4,
        16,
        "a case has no field `expct`: did you mean `expect`?",
        "  - { name: a, expct: { headline: bold } }",
        true,
    ),
    ("MISSING_FIELD", 4, 5, "the case expects nothing", "  - { name: a, context: { id: v } }", true),
    ("MISSING_FIELD", 4, 5, "a case has no `name`", "  - { expect: { headline: bold } }", true),
    (
        "UNKNOWN_FLAG",
        4,
        27,
        "there is no flag `hedline`: did you mean `headline`?",
        "  - { name: a, expect: {  hedline: bold } }",
        false,
    ),
    (
        "UNKNOWN_VARIANT",
        4,
        36,
        "there is no variant `blod`: did you mean `bold`?",
        "  - { name: a, expect: { headline: blod } }",
        false,
    ),
    (
        "UNKNOWN_VARIANT",
        4,
        72,
        "there is no variant `bold`: expected one of: plain",
        "  - { name: a, environment: [production, staging], expect: { headline: bold } }",
        false,
    ),
    (
        "UNKNOWN_ENVIRONMENT",
        4,
        29,
        "there is no environment `prodution`: did you mean `production`?",
        "  - { name: a, environment: prodution, expect: { headline: bold } }",
        false,
    ),
    (
        "UNKNOWN_ATTRIBUTE",
        4,
        27,
        "there is no attribute `pln`: did you mean `plan`?",
        "  - { name: a, context: { pln: crew }, expect: { headline: bold } }",
        false,
    ),
    (
        "NOT_IN_ENUM",
        4,
        33,
        "`crow` is none of the attribute's values: did you mean `crew`?",
        "  - { name: a, context: { plan: crow }, expect: { headline: bold } }",
        false,
    ),
    (
        "TYPE_CLASH",
        4,
        31,
        "expected a string, found a number",
        "  - { name: a, context: { id: 101 }, expect: { headline: bold } }",
        false,
    ),
    (
        "TYPE_CLASH",
        4,
        32,
        "expected a number, found text",
        "  - { name: a, context: { age: old }, expect: { headline: bold } }",
        false,
    ),
    (
        "TYPE_CLASH",
        4,
        33,
        "expected a list of texts, found a list",
        "  - { name: a, context: { tags: [1] }, expect: { headline: bold } }",
        false,
    ),
    (
        "INVALID_DATE",
        4,
        34,
        "`soon` is no RFC 3339 date",
        "  - { name: a, context: { since: soon }, expect: { headline: bold } }",
        false,
    ),
    (
        "INVALID_SEMVER",
        4,
        32,
        "2.4 is a number, not a version",
        "  - { name: a, context: { app: 2.4 }, expect: { headline: bold } }",
        false,
    ),
    (
        "INVALID_DATE",
        4,
        20,
        "at: expected an RFC 3339 instant",
        "  - { name: a, at: tomorrow, expect: { headline: bold } }",
        false,
    ),
    (
        "UNKNOWN_FIELD",
        4,
        38,
        "what is expected of a flag has no field `varient`: did you mean `variant`?",
        "  - { name: a, expect: { headline: { varient: bold } } }",
        true,
    ),
    (
        "UNKNOWN_REASON",
        4,
        46,
        "there is no reason `SPLITT`: did you mean `SPLIT`?",
        "  - { name: a, expect: { headline: { reason: SPLITT } } }",
        true,
    ),
    (
        "UNKNOWN_RULE",
        4,
        44,
        "there is no rule `crow`: did you mean `crew`?",
        "  - { name: a, expect: { headline: { rule: crow } } }",
        false,
    ),
    (
        "UNKNOWN_VARIANT",
        4,
        42,
        "no variant of the flag has the value 3: expected one of: 1, 2.5",
        "  - { name: a, expect: { limit: { value: 3 } } }",
        false,
    ),
    (
        "EXPECTED_TEXT",
        4,
        33,
        "limit: expected a variant, found a number",
        "  - { name: a, expect: { limit: 1 } }",
        true,
    ),
    ("EMPTY_LIST", 4, 36, "headline: nothing is expected", "  - { name: a, expect: { headline: {} } }", true),
    ("EMPTY_LIST", 4, 24, "expect: an empty map", "  - { name: a, expect: {} }", true),
    (
        "MISSING_FIELD",
        4,
        5,
        "a case about a population has `population` and `shares` alone",
        "  - { name: a, population: p.csv, expect: { headline: bold } }",
        true,
    ),
    (
        "LIST_PATH",
        4,
        28,
        "`../p.csv` leaves the ruleset's folder",
        "  - { name: a, population: ../p.csv, shares: { headline: { bold: 1% } } }",
        true,
    ),
    (
        "INVALID_RANGE",
        4,
        63,
        "expected a range of shares, the lower one first: write it as 40%-55%",
        "  - { name: a, population: p.csv, shares: { headline: { bold: half } } }",
        true,
    ),
    (
        "UNKNOWN_VARIANT",
        4,
        57,
        "there is no variant `blod`: did you mean `bold`?",
        "  - { name: a, population: p.csv, shares: { headline: { blod: 50% } } }",
        false,
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> Validator {
    let schema: Json =
        serde_json::from_str(&fs::read_to_string(root().join("pkg/rule-tests.schema.json")).unwrap()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn to_json(text: &str) -> Json {
    let mut findings = Findings::new(vec!["x".to_owned()]);
    let file = SourceFile { name: "x".to_owned(), bytes: text.as_bytes().to_vec() };
    source::read(0, &file, &mut findings).unwrap().to_json()
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_remedy() {
    let (validator, mut wrong) = (validator(), Vec::new());
    for (code, line, column, said, case, is_seen) in BAD {
        let text = format!("{HEAD}{case}\n");
        let (_, findings) = read("a.test.yaml", &text);
        let expected = format!("a.test.yaml:{line}:{column}: error[{code}]: ");
        let is_told = |finding: &Finding| {
            let told = finding.to_string();
            told.starts_with(&expected) && told.contains(said)
        };
        if !findings.iter().any(is_told) {
            wrong.push(format!("{expected}{said}\n{case}\nfound {findings:#?}"));
        }
        assert_eq!(validator.is_valid(&to_json(&text)), !is_seen, "{case}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_moment_is_asked_for_where_there_is_none_and_only_there() {
    let codes = |text: &str| read("a.test.yaml", text).1.iter().map(|found| found.code.name()).collect::<Vec<_>>();
    assert_eq!(codes("cases: [{ name: a, expect: { headline: plain } }]"), ["MISSING_FIELD"]);
    assert_eq!(codes("at: x\ncases: [{ name: a, expect: { headline: plain } }]"), ["INVALID_DATE"]);
    assert_eq!(codes("at: 2026-01-01\ncases: [{ name: a, expect: { headline: plain } }]"), [""; 0]);
    for broken in ["[]", "cases: {}", "cases: []", "at: 2026-01-01", "case: [{}]", "cases: [a]"] {
        assert!(!codes(broken).is_empty(), "{broken}");
        assert!(!validator().is_valid(&to_json(broken)), "{broken}");
    }
}

#[test]
fn what_is_written_is_read() {
    let text = "$schema: x
description: d
environment: production
at: 2026-12-01T08:00Z
cases:
  - name: a
    description: d
    environment: [staging, production]
    at: 2026-12-02T08:00:00.5Z
    context: { id: v, plan: null, age: 1.5, beta: true, since: 1700000000000, app: 1.2.3, tags: [a, b] }
    expect: { headline: plain, limit: { variant: null, value: 1.0, reason: DEFAULT, rule: targets } }
  - { name: b, population: lists/p.csv, shares: { headline: { bold: 48%-52%, plain: 50% } } }
";
    assert!(validator().is_valid(&to_json(text)));
    for name in ["rules/a.test.yaml", "rules/a.test.json"] {
        let (cases, findings) = read(name, text);
        assert_eq!(findings, Vec::new());
        let [first, second] = &cases[..] else { panic!("{cases:?}") };
        assert_eq!((first.environments.as_slice(), first.at), (&[0, 1][..], 1_796_198_400_500));
        let Check::Decisions { context, expected } = &first.check else { panic!("{first:?}") };
        let who = json!({ "id": "v", "plan": null, "age": 1.5, "beta": true, "since": 1_700_000_000_000i64, "app": "1.2.3", "tags": ["a", "b"] });
        assert_eq!(Json::from(context.clone()), who);
        assert_eq!(expected[0].variant, Some(Some("plain".to_owned())));
        assert_eq!((expected[1].variant.clone(), expected[1].value.clone()), (Some(None), Some(json!(1.0))));
        let Check::Shares { population, expected, .. } = &second.check else { panic!("{second:?}") };
        assert_eq!((population.as_str(), second.environments.as_slice()), ("rules/lists/p.csv", &[1][..]));
        let [bold, plain] = &expected[0].within[..] else { panic!("{expected:?}") };
        assert_eq!([bold.from.0, bold.to.0, plain.from.0, plain.to.0], [480_000, 520_000, 500_000, 500_000]);
    }
}

#[test]
fn files_are_told_apart_by_their_names() {
    assert!(["a.test.yaml", "f/b.test.yml", "c.test.json"].into_iter().all(cases::is_test));
    assert!(!["a.yaml", "test.yaml", "a.test", "a.test.yaml.bak"].into_iter().any(cases::is_test));
}

#[test]
fn values_are_the_same_however_they_are_written() {
    for (one, other, is_same) in [
        (json!(1), json!(1.0), true),
        (json!({ "a": [1, "x"] }), json!({ "a": [1.0, "x"] }), true),
        (json!({ "a": 1 }), json!({ "a": 1, "b": null }), false),
        (json!([1]), json!([1, 1]), false),
        (json!("1"), json!(1), false),
    ] {
        assert_eq!((cases::is_same(&one, &other), cases::is_same(&other, &one)), (is_same, is_same), "{one} {other}");
    }
}

#[test]
fn mutated_files_never_panic() {
    let whole = format!("{HEAD}{}", BAD.iter().map(|bad| format!("{}\n", bad.4)).collect::<String>());
    let mut state = 17u64;
    let mut next = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for _ in 0..2_000 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..=next(6) {
            let at = next(bytes.len());
            match next(3) {
                0 => bytes[at] = b" :{}[],&*!|>%@`\"'#-\n\t0a"[next(23)],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\n :{}[]-"[next(8)]),
            }
        }
        std::hint::black_box(read("m.test.yaml", &String::from_utf8(bytes).unwrap()));
    }
}
