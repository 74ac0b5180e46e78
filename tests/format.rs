//! docs/snapshot-format.md against the code: neither changes alone.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

use waft::error::Code;
use waft::limits;
use waft::operators::Operator;
use waft::table::Section;

fn document() -> String {
    fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/snapshot-format.md")).unwrap()
}

/// The cells of a table's rows whose first cell is a number.
fn rows(document: &str, heading: &str) -> Vec<Vec<String>> {
    document
        .lines()
        .skip_while(|line| !line.starts_with(heading))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>())
        .filter(|cells| cells[0].parse::<u32>().is_ok())
        .collect()
}

#[test]
fn sections_are_documented_with_their_numbers_and_sizes() {
    let told: Vec<(u32, String, usize)> = rows(&document(), "| number | section")
        .iter()
        .map(|cells| (cells[0].parse().unwrap(), cells[1].clone(), cells[2].parse().unwrap()))
        .collect();
    let known: Vec<(u32, String, usize)> =
        Section::ALL.iter().map(|section| (*section as u32, format!("{section:?}"), section.record_size())).collect();
    assert_eq!(told, known);
}

#[test]
fn operators_are_documented_with_their_numbers() {
    let told: Vec<(u32, String)> = rows(&document(), "| number | operator")
        .iter()
        .map(|cells| (cells[0].parse().unwrap(), cells[1].clone()))
        .collect();
    let known: Vec<(u32, String)> =
        Operator::ALL.iter().map(|operator| (*operator as u32, format!("{operator:?}"))).collect();
    assert_eq!(told, known);
}

#[test]
fn every_operator_comes_back_from_its_number() {
    for operator in Operator::ALL {
        assert_eq!(Operator::from_number(operator as u8), Some(operator));
    }
    let known = (0..=255).filter(|number| Operator::from_number(*number).is_some()).count();
    assert_eq!(known, Operator::ALL.len());
}

#[test]
fn every_refusal_of_verification_is_documented() {
    let document = document();
    for code in Code::ALL {
        assert!(document.contains(&format!("`{}`", code.name())), "{} is not documented", code.name());
    }
}

/// Those that the widths of fields set stand as numbers; crates/explain/tests/limits builds what lies at them and past them.
#[test]
fn limits_are_documented() {
    let document = document();
    let spaced = |number: u64| {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
        groups.join(",")
    };
    let known = [
        ("snapshot", limits::SNAPSHOT_BYTES as u64, " bytes"),
        ("body that is checked whole before it is adopted", limits::WHOLE_BYTES as u64, " bytes"),
        ("manifest", limits::MANIFEST_BYTES as u64, " bytes"),
        ("signatures", limits::SIGNATURES as u64, ""),
        ("version", limits::VERSION, ""),
        ("results on a condition's stack", limits::CONDITION_STACK as u64, ""),
        ("segments within segments", u64::from(limits::SEGMENT_DEPTH), ""),
        ("rules of a flag, those in front included", u64::from(u8::MAX), ""),
        // The last number stands for none.
        ("variants of a flag", u64::from(u8::MAX) - 1, ""),
        ("nesting of CBOR values", u64::from(limits::CBOR_DEPTH), ""),
        ("flags", limits::FLAGS as u64, ""),
        ("attributes", limits::ATTRIBUTES as u64, ""),
        ("units", limits::UNITS as u64, &format!(", with names of at most {} bytes", limits::UNIT_NAME_BYTES)),
        ("segments", limits::SEGMENTS as u64, ""),
        ("lists", limits::LISTS as u64, ""),
        ("layers", limits::LAYERS as u64, ""),
        ("gates", limits::GATES as u64, ""),
        ("ranges of a gate", limits::RANGES as u64, ""),
        ("name of a flag, a variant or an attribute", limits::NAME_BYTES as u64, " bytes"),
        ("salt, and what one is made of", limits::SALT_BYTES as u64, " bytes"),
        ("unit", limits::UNIT_BYTES as u64, " bytes"),
        ("text of a context", limits::TEXT_LENGTH as u64, " UTF-16 units, a list as many bytes"),
        (
            "requirements of a trust",
            limits::TRUST_REQUIREMENTS as u64,
            &format!(", of at most {} keys", limits::TRUST_KEYS),
        ),
        ("trust document", limits::TRUST_DOCUMENT_BYTES as u64, " bytes"),
        (
            "trust documents of one start",
            limits::TRUST_DOCUMENTS as u64,
            &format!(", of at most {} bytes together", spaced(limits::TRUST_BYTES as u64)),
        ),
        ("life of a preview token", limits::PREVIEW_SECONDS, " seconds"),
        ("head", limits::HEAD_BYTES as u64, " bytes"),
        ("life of a freshness pointer", limits::POINTER_SECONDS, " seconds"),
        ("words of one rule", u64::from(limits::RULE_WORDS), ""),
        ("words of all segments", u64::from(limits::SEGMENT_WORDS), ""),
        ("words of one decision", u64::from(limits::DECISION_WORDS), ""),
        (
            "list files",
            limits::LIST_FILES as u64,
            &format!(", of at most {} bytes each", spaced(limits::LIST_BYTES as u64)),
        ),
        ("a pattern's table", limits::PATTERN_BYTES as u64, " bytes"),
    ];
    let known: Vec<String> =
        known.iter().map(|(name, limit, unit)| format!("| {name} | {}{unit} |", spaced(*limit))).collect();
    let told: Vec<&str> = document
        .lines()
        .skip_while(|line| !line.starts_with("## 7."))
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(told, known);
}
