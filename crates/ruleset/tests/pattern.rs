//! Patterns as they are written, matched as tables.
#![allow(missing_docs, clippy::unwrap_used)]

use waft_ruleset::pattern::compile;

fn matches(written: &str, text: &str) -> bool {
    waft::pattern::matches(&compile(written).unwrap(), text.as_bytes())
}

#[test]
fn classes_keep_their_space_where_spaces_do_not_count() {
    assert!(matches(r"(?x) \s [ \S ] # a space, and something else", "a b"));
    assert!(!matches(r"(?x) ^ \S $", " "));
}

#[test]
fn long_repetitions_are_minimal() {
    for (written, texts) in [
        (r"^[a-z]{1,900}$", [("a".repeat(900), true), ("a".repeat(901), false)]),
        (r"(abcdefgh){200}", [("abcdefgh".repeat(200), true), ("abcdefgh".repeat(199), false)]),
    ] {
        // A state for each place in the repetition, one row of a few classes each.
        assert!(compile(written).unwrap().len() < 32 << 10);
        for (text, answer) in texts {
            assert_eq!(matches(written, &text), answer, "{written}");
        }
    }
}
