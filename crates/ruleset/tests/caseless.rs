//! Texts that differ by case alone.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset::caseless;

#[test]
fn letters_of_any_script_are_the_same_in_either_case() {
    for (one, other) in [
        ("Straße", "STRAẞE"),
        ("Ärger", "ÄRGER"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Привет", "ПРИВЕТ"),
        ("Kelvin", "kelvin"),
        ("ǆ", "ǅ"),
    ] {
        assert_eq!(caseless(one), caseless(other), "{one}");
    }
    assert_eq!(caseless("Visitor ID é"), caseless("visitor id É"));
    assert_ne!(caseless("e"), caseless("é"));
    assert_eq!(caseless("Visitor_ID 7"), "visitor_id 7");
    assert_eq!(caseless(""), "");
}

#[test]
fn what_the_standard_library_makes_of_one_character_is_the_same() {
    let differ = |character: &char| {
        let mut lower = character.to_lowercase();
        let small = lower.next().filter(|_| lower.next().is_none());
        small.is_some_and(|small| caseless(&character.to_string()) != caseless(&small.to_string()))
    };
    let differing: Vec<char> = (0..=0x10_ffff).filter_map(char::from_u32).filter(differ).collect();
    // Those of a newer Unicode than that of patterns.
    assert!(differing.len() < 100 && differing.iter().all(|character| *character >= '\u{a7ce}'), "{differing:?}");
}
