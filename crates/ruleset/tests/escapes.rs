//! JSON's escapes in rulesets: what they mean, and where what comes behind them is.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

const BASE: &str = "project: shop\nenvironments: { production: {} }\n";

#[test]
fn json_escapes_of_two_halves_are_one_character() {
    let read = |escaped: &str| {
        let text = format!(
            r#"{{"flags":{{"new":{{"type":"string","variants":{{"a":"{escaped}"}},"whenOff":"a","default":"a"}}}}}}"#
        );
        let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        let files = [file("0.yaml", BASE), file("1.json", &text)];
        let value = |(ruleset, _): (ruleset::Ruleset, _)| {
            ruleset.flags.iter().find(|flag| flag.name == "new").unwrap().item.base.variants[0].1.clone()
        };
        ruleset::check(&files, &ruleset::World::still()).map(value)
    };
    assert_eq!(read(r"\ud83d\ude00\u00e9\uD83D\uDE01").unwrap(), "\u{1f600}\u{e9}\u{1f601}");
    assert_eq!(read(r"\\ud83d\\ude00").unwrap(), r"\ud83d\ude00");
    for half in [r"\ud83d", r"\ude00\ud83d", r"\ud83d\ud83d\ude00", r"\ud83d\\ude00", r"\ud83dé"] {
        assert_eq!(read(half).unwrap_err()[0].code.name(), "SYNTAX", "{half}");
    }
}

#[test]
fn a_column_behind_escapes_is_that_of_the_text() {
    for (line, before) in [
        (1, r#""variants":{"a":"\ud83d\ude00"},"#),
        (1, r#""variants":{"a":"\ud83d\ude00\u00e9\\\ud83d\ude01é😀"},"#),
        (2, "\"variants\":{\"a\":\"\\ud83d\\ude00\"},\n "),
        (2, "\"variants\":{\"a\":\"\\ud83d\\ude00\"},\r\n "),
        (2, "\n\"variants\":{\"a\":\"\\ud83d\\ude00\\ud83d\\ude00\"},"),
        (3, "\"variants\":{\"a\":\"\\ud83d\\ude00\"},\n\"description\": \"\\ud83d\\ude00\",\n\"meta\": {},"),
        (1, r#""variants":{"a":"\u0061\t\n"},"#),
    ] {
        let text = format!(r#"{{"flags":{{"new":{{"type":"string",{before}"whenOf":"a","default":"a"}}}}}}"#);
        let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        let files = [file("0.yaml", BASE), file("1.json", &text)];
        let found = ruleset::check(&files, &ruleset::World::still()).unwrap_err();
        let at = text.find("\"whenOf\"").unwrap();
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let expected = (line, text[start..at].chars().count() + 1);
        let place = found.iter().find(|finding| finding.code.name() == "UNKNOWN_FIELD").unwrap().place;
        assert_eq!((place.line, place.column), expected, "{text}");
    }
}
