//! A shop's trials in November 2026.

use waft_report::{Trial, trials};
use waft_ruleset::Kill;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{World, check};

/// Midnight of a day of November 2026, in milliseconds since 1970.
pub(crate) fn november(day: i64) -> i64 {
    1_793_491_200_000 + (day - 1) * 86_400_000
}

/// What a ruleset compares on a day of November.
pub(crate) fn trials_on(ruleset: &str, kills: &[Kill], day: i64) -> Vec<Trial> {
    let file = SourceFile { name: "shop.yaml".to_owned(), bytes: ruleset.as_bytes().to_vec() };
    let (ruleset, _) = check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:?}"));
    trials(&ruleset, 0, kills, november(day))
}
