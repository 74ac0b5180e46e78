//! The dates of rules: the start of one that has begun is fixed, and its end may move to a time in the future.

use std::collections::BTreeMap;

use waft::Program;
use waft::program::Second;
use waft::rule::Action;

use super::text::Text;
use crate::trials::{Dates, PASSED, TO_COME};
use waft_ruleset::finding::{Code, Findings};

/// A rule as it is written.
pub(super) struct Dated {
    dates: Dates,
    /// When it, or its trial, begins.
    begins: Second,
    serves: bool,
    /// Whether the flag is enabled.
    on: bool,
}

/// By flag and id.
type Rules = BTreeMap<(String, String), Dated>;

/// The rules of a program, without those that the compiler put in front of them.
pub(super) fn all(program: &Program) -> Rules {
    let mut rules = Rules::new();
    for flag in program.flags().filter_map(|index| program.flag(index)) {
        for rule in program.rules(&flag).skip(flag.prelude.into()) {
            let dates = Dates::of(&rule);
            let trial = match rule.action() {
                Action::Experiment(at) | Action::Ramp(at, _) | Action::Holdout(at) => program.trial(&flag, at),
                Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => None,
            };
            let first = trial.and_then(|trial| program.phase(&trial, 0)).map_or(Second(0), |phase| phase.from);
            let (begins, serves) = (dates.from.max(first), matches!(rule.action(), Action::Serve(_)));
            let key = (program.str(flag.key).to_owned(), program.str(rule.id).to_owned());
            rules.insert(key, Dated { dates, begins, serves, on: flag.enabled });
        }
    }
    rules
}

pub(super) fn lint([live, next]: &[Rules; 2], text: &Text<'_>, now: i64, findings: &mut Findings) {
    for ((flag, id), after) in next.iter().filter(|(_, after)| after.on) {
        let place = text.place_of_rule(flag, id);
        let (from, to) = (after.dates.from, after.dates.to);
        let Some(before) = live.get(&(flag.clone(), id.clone())) else {
            // What an experiment or a ramp starts with is told of those.
            if after.serves && from != Second(0) && after.dates.have_begun(now) && !after.dates.are_over(now) {
                let message = format!("the rule `{id}` of the flag `{flag}` is new, and starts in the past");
                findings.add(place, Code::StartsInPast, message, "start it at a time in the future");
            }
            continue;
        };
        if !before.on || before.begins.milli() > now {
            continue;
        }
        let mut add = |what: &str, remedy| {
            let message = format!("{what} of the rule `{id}` of the flag `{flag}` changed after it started");
            findings.add(place, Code::PhaseNeeded, message, remedy);
        };
        if before.dates.from != from {
            add("the start", PASSED);
        }
        if before.dates.to != to {
            match (before.dates.are_over(now), after.dates.are_over(now)) {
                (true, _) => add("the end", PASSED),
                (false, true) => add("the end", TO_COME),
                (false, false) => {}
            }
        }
    }
}
