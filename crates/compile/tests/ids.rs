//! Ids in targets and lists: in which ways one is written, which ones nobody can have, and which ones stand twice. Whom they match is in
//! tests/vectors/ids.json.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft::program::{FlagIndex, Slot};
use waft::{NoTrace, Session, Value, evaluate};
use waft_compile::{compile, snapshot};
use waft_ruleset::finding::{Finding, Severity};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, Ruleset, World};

const BASE: &str = "project: ids
environments: { test: {} }
attributes: { text: string, digits: number, tier: { enum: [free, pro] } }
units: { visitor: { attribute: text }, device: { attribute: digits }, seat: { attribute: tier } }
";

type Checked = Result<(Ruleset, Vec<Finding>), Vec<Finding>>;

fn check(text: &str, csv: &str) -> Checked {
    let file = SourceFile { name: "ids.yaml".to_owned(), bytes: format!("{BASE}{text}").into_bytes() };
    ruleset::check(&[file], &World { now: None, asset: &|_| Ok(csv.as_bytes().to_vec()) })
}

/// Codes of what is found, without what is not used.
fn codes(checked: &Checked) -> Vec<&'static str> {
    let findings = checked.as_ref().map_or_else(|findings| findings, |(_, findings)| findings);
    findings.iter().map(|finding| finding.code.name()).filter(|code| !code.starts_with("UNUSED")).collect()
}

fn targets(unit: &str, ids: &str) -> Checked {
    check(
        &format!(
            "flags: {{ f: {{ type: boolean, whenOff: off, default: off, targets: {{ on: {{ {unit}: [{ids}] }} }} }} }}"
        ),
        "",
    )
}

fn written(attribute: &str, ids: &str) -> Checked {
    check(&format!("lists: {{ l: {{ attribute: {attribute}, ids: [{ids}] }} }}"), "")
}

fn from_file(attribute: &str, csv: &str) -> Checked {
    check(&format!("lists: {{ l: {{ attribute: {attribute}, file: ids.csv }} }}"), csv)
}

/// As they are written in YAML, each twice: as a target and in a list.
const POSSIBLE: [(&str, &str, &[&str]); 3] = [
    (
        "visitor",
        "text",
        &[
            "101",
            "\"101\"",
            "'007'",
            "\"1e3\"",
            "\"+1\"",
            "\"1.0\"",
            "\"-0\"",
            "abc",
            "-5",
            "0",
            "\"9007199254740993\"",
            "9007199254740991",
            "\"true\"",
            "ü",
            "\"\\ufffd\"",
            "\" \"",
            "v1.0",
        ],
    ),
    (
        "device",
        "digits",
        &["101", "\"101\"", "0", "\"0\"", "-5", "\"-5\"", "9007199254740991", "\"-9007199254740991\""],
    ),
    ("seat", "tier", &["free", "\"pro\""]),
];

/// A unit, its attribute, and ids with their findings.
type Impossible = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// What no page's id is, with the finding.
const IMPOSSIBLE: [Impossible; 3] = [
    // As text they would be ids: whoever writes them without quotes is asked.
    (
        "visitor",
        "text",
        &[
            ("007", "INVALID_ID"),
            ("1e3", "INVALID_ID"),
            ("1.0", "INVALID_ID"),
            ("1.5", "INVALID_ID"),
            ("+1", "INVALID_ID"),
            ("-0", "INVALID_ID"),
            ("0x1F", "INVALID_ID"),
            ("0o17", "INVALID_ID"),
            ("9007199254740992", "INVALID_ID"),
            ("-9007199254740992", "INVALID_ID"),
            ("9007199254740993", "INVALID_ID"),
            ("18446744073709551616", "INVALID_ID"),
            (".5", "INVALID_ID"),
            ("\"\"", "INVALID_ID"),
            ("true", "INVALID_ID"),
            ("~", "INVALID_ID"),
            ("[a]", "INVALID_ID"),
            ("{ a: b }", "INVALID_ID"),
            ("LONG", "INVALID_ID"),
            ("WIDE", "INVALID_ID"),
        ],
    ),
    (
        "device",
        "digits",
        &[
            ("abc", "INVALID_ID"),
            ("007", "INVALID_ID"),
            ("\"007\"", "INVALID_ID"),
            ("\"1e3\"", "INVALID_ID"),
            ("1e3", "INVALID_ID"),
            ("\"\"", "INVALID_ID"),
            ("\"1.0\"", "INVALID_ID"),
            ("1.0", "INVALID_ID"),
            ("\"1.5\"", "INVALID_ID"),
            ("\"+1\"", "INVALID_ID"),
            ("\"-0\"", "INVALID_ID"),
            ("-0", "INVALID_ID"),
            ("-0.0", "INVALID_ID"),
            ("\" 1\"", "INVALID_ID"),
            ("\"1 \"", "INVALID_ID"),
            ("\"1_000\"", "INVALID_ID"),
            ("\"٣\"", "INVALID_ID"),
            ("9007199254740992", "INVALID_ID"),
            ("\"9007199254740992\"", "INVALID_ID"),
            ("\"-9007199254740992\"", "INVALID_ID"),
            ("\"-\"", "INVALID_ID"),
            ("\"99999999999999999999\"", "INVALID_ID"),
            ("\"-007\"", "INVALID_ID"),
            ("0x1F", "INVALID_ID"),
            ("NaN", "INVALID_ID"),
            ("LONG", "INVALID_ID"),
        ],
    ),
    (
        "seat",
        "tier",
        &[
            ("team", "NOT_IN_ENUM"),
            ("Free", "NOT_IN_ENUM"),
            ("101", "NOT_IN_ENUM"),
            ("\"\"", "INVALID_ID"),
            ("1e3", "INVALID_ID"),
        ],
    ),
];

/// Ids of 1,025 bytes stand under a word, as nobody reads them.
fn long(id: &str) -> String {
    id.replace("LONG", &"a".repeat(1_025)).replace("WIDE", &format!("{}a", "ü".repeat(512)))
}

#[test]
fn ids_are_text_or_the_digits_of_whole_numbers() {
    for (unit, attribute, ids) in POSSIBLE {
        for id in ids {
            assert_eq!(codes(&targets(unit, id)), [""; 0], "{unit}: {id}");
            assert_eq!(codes(&written(attribute, id)), [""; 0], "{attribute}: {id}");
        }
    }
    let longest = ["a".repeat(1_024), "ü".repeat(512)];
    assert!(
        longest.iter().all(|id| codes(&targets("visitor", id)).is_empty() && codes(&written("text", id)).is_empty())
    );
}

#[test]
fn ids_that_nobody_can_have_are_found() {
    for (unit, attribute, ids) in IMPOSSIBLE {
        for (id, code) in ids {
            let id = &long(id);
            assert_eq!(codes(&targets(unit, id)), [*code], "{unit}: {id}");
            assert!(targets(unit, id).is_err(), "{unit}: {id}");
            // What has always been said of lists stays so.
            let code = if id == "\"\"" || id.len() > 1_000 { "LIST_ID" } else { code };
            assert_eq!(codes(&written(attribute, id)), [code], "{attribute}: {id}");
            assert!(written(attribute, id).is_err(), "{attribute}: {id}");
        }
    }
}

#[test]
fn ids_of_files_that_nobody_can_have_are_found() {
    for (attribute, csv) in [
        ("text", "101\n007\n1e3\n1.0\n+1\nabc\n"),
        ("digits", "101\n-5\n0\n9007199254740991\n"),
        ("tier", "free\r\npro\r\n"),
    ] {
        assert_eq!(codes(&from_file(attribute, csv)), [""; 0], "{attribute}: {csv}");
    }
    for id in ["abc", "007", "1e3", "1.0", "+1", "-0", "9007199254740992", "0x1F", "1 000", "１"] {
        assert_eq!(codes(&from_file("digits", &format!("101\n{id}\n102\n"))), ["INVALID_ID"], "{id}");
    }
    assert_eq!(codes(&from_file("tier", "free\nteam\n")), ["NOT_IN_ENUM"]);
    assert_eq!(codes(&from_file("text", &format!("a\n{}\n", "a".repeat(1_025)))), ["LIST_ID"]);
    // The first, and how many there are: nobody reads a line for each of a million.
    let all: String = (0..200_000).map(|index| format!("acct-{index}\n")).collect();
    let findings = from_file("digits", &all).unwrap_err();
    assert_eq!(codes(&Err(findings.clone())), ["INVALID_ID"]);
    let text = findings.iter().find(|finding| finding.severity == Severity::Error).unwrap().to_string();
    assert!(text.contains("`acct-0` is never the id of a number (and 199999 more"), "{text}");
}

#[test]
fn one_id_in_two_ways_stands_twice() {
    for (unit, attribute) in [("visitor", "text"), ("device", "digits")] {
        for twice in ["101, \"101\"", "\"101\", 101", "101, 101", "-5, \"-5\""] {
            assert_eq!(codes(&targets(unit, twice)), ["DUPLICATE_VALUE"], "{unit}: {twice}");
            assert_eq!(codes(&written(attribute, twice)), ["LIST_DUPLICATES"], "{attribute}: {twice}");
        }
        assert_eq!(codes(&targets(unit, "101, \"102\", 103")), [""; 0]);
    }
    assert_eq!(codes(&targets("visitor", "101, \"0101\", \"101 \"")), [""; 0]);
    let two = |on: &str, off: &str| {
        let flag = "type: boolean, whenOff: off, default: off";
        check(&format!("flags: {{ f: {{ {flag}, targets: {{ on: {{ {on} }}, off: {{ {off} }} }} }} }}"), "")
    };
    assert_eq!(codes(&two("visitor: [101]", "visitor: [102, \"101\"]")), ["DUPLICATE_TARGET"]);
    assert_eq!(codes(&two("device: [\"101\"]", "device: [101]")), ["DUPLICATE_TARGET"]);
    // Another unit's id is another id.
    assert_eq!(codes(&two("visitor: [101]", "device: [101]")), [""; 0]);
}

/// A rule has room for 4,095 words: a target of more is two rules.
#[test]
fn a_target_has_as_many_ids_as_a_condition() {
    let ids = |count: usize| (0..count).map(|id| (7 * id).to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(codes(&targets("device", &ids(4_097))), ["TOO_MANY_VALUES"]);
    let (ruleset, _) = targets("device", &ids(4_096)).unwrap();
    let compiled = compile(&ruleset, 0).unwrap();
    let program = snapshot::unverified_body("ids", "test", &compiled.body).unwrap();
    let mut session = Session::new(&program);
    let mut is_on = |value: Value<'_>| {
        session.set(&program, Slot(1), value);
        evaluate(&program, FlagIndex(0), &mut session, 0, &mut NoTrace).rule.is_some()
    };
    for id in (0..4_096 * 7).step_by(7) {
        assert!(is_on(Value::Number(f64::from(id))) && is_on(Value::String(id.to_string().as_bytes())), "{id}");
        assert!(!is_on(Value::Number(f64::from(id + 1))), "{id}");
    }
    assert!(!is_on(Value::Number(4_096.0 * 7.0)));
}
