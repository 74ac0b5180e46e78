//! Dates, instants and durations as docs/ruleset.md, sections 1 and 3, has them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

#[test]
fn date_texts() {
    for (text, milli) in [
        ("1970-01-01", 0),
        ("1970-01-02T00:00Z", 86_400_000),
        ("1970-01-01t00:00:01z", 1_000),
        ("1970-01-01 00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.0019999Z", 1),
        ("1970-01-01T01:00+01:00", 0),
        ("1969-12-31T23:59-00:01", 0),
        ("1970-01-01T23:59+23:59", 0),
        ("2024-02-29", 1_709_164_800_000),
        ("0000-01-01", -62_167_219_200_000),
        ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ] {
        assert_eq!(waft::date::parse(text.as_bytes()), Some(milli), "{text}");
    }
    for text in [
        "1970-01-01T00:00:60Z",
        "2016-12-31T23:59:60Z",
        "1970-01-01T24:00Z",
        "1970-01-01T00:60Z",
        "1970-01-01T00:00",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00Z",
        "1970-W01-1",
        "19700101",
        "1970-001",
        "1970-1-1",
        "70-01-01",
        "10000-01-01",
        "-0001-01-01",
        "2023-02-29",
        "1970-00-01",
        "1970-13-01",
        "1970-01-00",
        "1970-04-31",
        "1970-01-01T00:00+24:00",
        "1970-01-01T00:00+01:60",
        "1970-01-01T00:00+0100",
        "1970-01-01T00:00+01",
        "1970-01-01Z",
        " 1970-01-01",
        "1970-01-01 ",
        "",
        "1970-01-01T00:00ZZ",
        "1970-01-01_00:00Z",
    ] {
        assert_eq!(waft::date::parse(text.as_bytes()), None, "{text}");
    }
}

/// Whether a ruleset has a finding.
fn finds(code: &str, part: &str) -> bool {
    let base = "project: shop\nenvironments: { production: {} }\nattributes: { id: string, since: date }\nunits: { visitor: { attribute: id } }\n";
    let file = SourceFile { name: "a.yaml".to_owned(), bytes: format!("{base}{part}").into_bytes() };
    let findings = match ruleset::check(&[file], &ruleset::World::still()) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    };
    findings.iter().any(|finding| finding.code.name() == code)
}

#[test]
fn ten_years_are_3653_days() {
    for (text, is_duration) in [
        ("1s", true),
        ("3653d", true),
        ("3654d", false),
        ("521w", true),
        ("522w", false),
        ("87672h", true),
        ("87673h", false),
        ("315619200s", true),
        ("315619201s", false),
        ("0s", false),
        ("1.5h", false),
        ("-1d", false),
        ("1y", false),
        ("d", false),
        ("10", false),
    ] {
        let part = format!("segments: {{ s: {{ since: {{ within: {text} }} }} }}");
        assert_eq!(!finds("INVALID_DURATION", &part), is_duration, "{text}");
    }
}

#[test]
fn instants_are_whole_seconds_of_32_bits_but_the_last() {
    for (text, is_instant) in [
        ("1970-01-01T00:00:00Z", true),
        ("1969-12-31T23:59:59Z", false),
        ("2106-02-07T06:28:14Z", true),
        ("2106-02-07T06:28:15Z", false),
        ("2106-02-07T06:28:16Z", false),
        ("2026-01-01T00:00:00.000Z", true),
        ("2026-01-01T00:00:00.001Z", false),
    ] {
        let part = format!("holdouts: {{ h: {{ unit: visitor, share: 5%, from: {text} }} }}");
        assert_eq!(!finds("INVALID_DATE", &part), is_instant, "{text}");
    }
}
