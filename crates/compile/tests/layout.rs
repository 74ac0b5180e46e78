//! How the compiler lays a table out: flags of one shape say nothing twice, and flags of any shape are found.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fmt::Write as _;

use waft::Program;
use waft::program::FlagIndex;
use waft::table::Section;
use waft_compile::{compile, snapshot};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

/// Flags with so many rules each; a rule is named like its flag, so that each can be told whose it is.
fn program(flags: &[(String, usize)]) -> Program {
    let mut text = "project: layout\nenvironments: { test: {} }\nattributes: { s: string }\nflags:\n".to_owned();
    for (key, rules) in flags {
        writeln!(text, "  {key}:\n    type: boolean\n    whenOff: off\n    default: off\n    rules:").unwrap();
        for rule in 0..*rules {
            writeln!(text, "      - {{ id: {key}-{rule}, if: {{ s: {{ is: {key} }} }}, serve: on }}").unwrap();
        }
    }
    let file = SourceFile { name: "layout.yaml".to_owned(), bytes: text.into_bytes() };
    let (ruleset, _) = ruleset::check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    snapshot::unverified_body("layout", "test", &compile(&ruleset, 0).unwrap().body).unwrap()
}

fn check(flags: &[(String, usize)], steps: usize) {
    let program = program(flags);
    assert_eq!(program.count(Section::Steps), steps);
    for (key, rules) in flags {
        let flag = program.flag(program.find(key.as_bytes()).unwrap()).unwrap();
        assert_eq!(program.str(flag.key), key);
        for rule in 0..*rules {
            assert_eq!(program.str(program.rule_of(&flag, rule as u8).unwrap().id), format!("{key}-{rule}"));
        }
    }
    assert_eq!(program.find(b"nobody"), None);
}

#[test]
fn flags_of_one_shape_are_a_step_apart() {
    let flags: Vec<_> = (0..300).map(|index| (format!("flag-{index:03}"), 2)).collect();
    check(&flags, 1);
    // The compressor finds one record, 300 times.
    let program = program(&flags);
    let first = program.flag(FlagIndex(0)).unwrap();
    let body = program.snapshot().body();
    let record: Vec<u8> =
        [first.key.0, first.code, first.variants].iter().flat_map(|word| word.to_le_bytes()).collect();
    assert_eq!(body.whole().unwrap().windows(record.len()).filter(|window| *window == record).count(), flags.len());
}

#[test]
fn most_flags_of_one_shape_are_enough() {
    let flag =
        |index| if index % 5 == 0 { (format!("long-flag-{index:03}"), 3) } else { (format!("flag-{index:03}"), 1) };
    check(&(0..300).map(flag).collect::<Vec<_>>(), 1);
}

#[test]
fn flags_of_many_shapes_are_found_without_steps() {
    let flag = |index: usize| (format!("f{index}{}", "x".repeat(index * 7 % 13)), 1 + index * 5 % 7);
    check(&(0..300).map(flag).collect::<Vec<_>>(), 0);
    check(&[flag(1)], 0);
}
