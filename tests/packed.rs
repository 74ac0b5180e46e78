//! A decision crosses the border as one number: what the engine packs is what pkg/src/engine/packed.ts takes apart.
#![allow(missing_docs, clippy::unwrap_used)]

use waft::{Decision, ErrorCode, Reason, limits};

#[path = "../crates/engine/src/packed.rs"]
mod packed;

use packed::{DRAWN, EXPOSED, INDEX, MISSING, REASON, RULE, TIMED, WANTED, pack};

#[test]
fn typescript_has_the_same_constants() {
    let source = include_str!("../pkg/src/engine/packed.ts");
    let theirs: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("export const ")).collect();
    let bit = |name, flag: u32| format!("{name} = 1 << {};", flag.trailing_zeros());
    let ours = [
        format!("INDEX = {INDEX};"),
        format!("RULE = {RULE};"),
        format!("REASON = {REASON};"),
        bit("EXPOSED", EXPOSED),
        bit("WANTED", WANTED),
        bit("TIMED", TIMED),
        format!("MISSING = {MISSING};"),
        format!("COMPLETE = {} << MISSING;", u32::BITS),
    ];
    assert_eq!(theirs, ours);
}

#[test]
fn exports_have_the_same_letters() {
    let rust = include_str!("../crates/engine/src/exports.rs");
    let ours: Vec<String> = rust
        .lines()
        .filter_map(|line| line.strip_prefix("    \"")?.split_once("\" fn "))
        .map(|(letter, rest)| format!("{} = '{letter}';", rest.split('(').next().unwrap().to_uppercase()))
        .collect();
    let source = include_str!("../pkg/src/engine/exports.ts");
    let theirs: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("export const ")).collect();
    assert_eq!(ours.len(), 22);
    assert_eq!(theirs, ours);
}

#[test]
fn no_part_of_a_decision_reaches_into_another() {
    let widest = Decision {
        variant: Ok(254),
        reason: Reason::Error,
        rule: Some(254),
        prelude: 0,
        valid_until: 0,
        missing: 1 << (limits::UNITS - 1),
    };
    assert_eq!(pack(&widest, true, true), 254 | 254 << RULE | 5 << REASON | EXPOSED | WANTED | TIMED | 31 << MISSING);
    let last =
        Decision { variant: Err(ErrorCode::ParseError), rule: None, valid_until: i64::MAX, missing: 0, ..widest };
    assert_eq!(pack(&last, false, false), INDEX | INDEX << RULE | 5 << REASON | 32 << MISSING);
    let drawn = Decision { variant: Ok(3), reason: Reason::Split, rule: Some(2), ..last };
    assert_eq!(pack(&drawn, true, false), DRAWN | 3 | 2 << RULE);
    // What the compiler put in front of the written rules has no number.
    let numbered = |rule| pack(&Decision { rule: Some(rule), prelude: 2, ..last }, false, false) >> RULE & INDEX;
    assert_eq!([1, 2, 3].map(numbered), [INDEX, 0, 1]);
}
