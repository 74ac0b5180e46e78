//! `waft lint --against`: the dates of rules that have begun.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod live;

use live::{LIVE, changed, check as check_live, check_from};

/// A ruleset with a flag of one rule, which is added to what is live. It is 2026-11-24.
fn with(rule: &str) -> String {
    let flag = format!(
        "flags:\n  aflag: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: r{rule} }}, {{ id: rest, serve: off }}] }}\n"
    );
    changed(LIVE, &[("flags:\n", &flag)])
}

/// What a change of the rule's dates is found to be.
#[track_caller]
fn check(from: &str, to: &str, found: &[&str]) {
    for action in [", serve: on", ", ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-10-01 }]"] {
        let (live, next) = (format!("{from}{action}"), format!("{to}{action}"));
        check_from(&with(&live), &[(&format!("id: r{live}"), &format!("id: r{next}"))], found);
    }
}

const START: &str = "PHASE_NEEDED the start of the rule `r`";
const END: &str = "PHASE_NEEDED the end of the rule `r`";

#[test]
fn a_rule_that_is_given_an_end_to_come_is_nobodys_change() {
    // Of an experiment and a ramp that run.
    check_live(
        &[(
            "{ id: test, if: { segment: euro, age: { gte: 18 } }",
            "{ id: test, to: 2026-12-24T00:00Z, if: { segment: euro, age: { gte: 18 } }",
        )],
        &[],
    );
    check_live(&[("{ id: up, ramp: new", "{ id: up, to: 2026-12-24T00:00Z, ramp: new")], &[]);
    check_live(
        &[(
            "{ id: test, if: { segment: euro, age: { gte: 18 } }",
            "{ id: test, to: 2026-11-20T00:00Z, if: { segment: euro, age: { gte: 18 } }",
        )],
        &["PHASE_NEEDED the end of the rule `test`"],
    );
}

#[test]
fn an_end_may_be_set_moved_and_taken_away_while_it_is_to_come() {
    check("", ", to: 2026-12-01T00:00Z", &[]);
    check(", from: 2026-11-01", ", from: 2026-11-01, to: 2026-12-01T00:00Z", &[]);
    check(", to: 2026-12-01T00:00Z", ", to: 2026-12-24T00:00Z", &[]);
    check(", to: 2026-12-01T00:00Z", "", &[]);
}

#[test]
fn a_start_may_move_while_it_is_to_come() {
    check(", from: 2026-12-01", ", from: 2026-12-02", &[]);
    check(", from: 2026-12-01", ", from: 2027-01-01, to: 2027-02-01T00:00Z", &[]);
}

#[test]
fn a_serving_rule_keeps_a_start_that_has_begun_and_an_end_that_has_come() {
    let check = |from: &str, to: &str, found: &[&str]| {
        let (live, next) = (format!("{from}, serve: on"), format!("{to}, serve: on"));
        check_from(&with(&live), &[(&format!("id: r{live}"), &format!("id: r{next}"))], found);
    };
    check(", from: 2026-11-01", ", from: 2026-11-02", &[START]);
    check(", from: 2026-11-01", ", from: 2026-12-01", &[START]);
    check(", from: 2026-11-01", "", &[START]);
    check("", ", from: 2026-12-01", &[START]);
    check("", ", to: 2026-11-20T00:00Z", &[END]);
    check(", to: 2026-11-20T00:00Z", ", to: 2026-12-20T00:00Z", &[END]);
    check(", to: 2026-11-20T00:00Z", "", &[END]);
    // A flag that is off serves nobody.
    let off = |rule: &str| {
        with(rule).replace(
            "{ type: boolean, whenOff: off, default: off, rules: [{ id: r",
            "{ enabled: false, type: boolean, whenOff: off, default: off, rules: [{ id: r",
        )
    };
    check_from(&off(", from: 2026-11-01, serve: on"), &[("id: r, from: 2026-11-01", "id: r, from: 2026-11-02")], &[]);
    // What it is for, and whether there is one, may change at any time.
    check_from(
        &with(", from: 2026-11-01, serve: on"),
        &[("id: r, from: 2026-11-01, serve: on", "id: r, from: 2026-11-01, if: { segment: crew }, serve: on")],
        &[],
    );
    check_from(&with(", from: 2026-11-01, serve: on"), &[("{ id: r, from: 2026-11-01, serve: on }, ", "")], &[]);
}

#[test]
fn a_new_rule_that_starts_in_the_past_is_told() {
    let add = |rule: &str, found: &[&str]| {
        check_from(
            &with(", serve: off"),
            &[(
                "rules: [{ id: r, serve: off }",
                &format!("rules: [{{ id: new{rule}, serve: on }}, {{ id: r, serve: off }}"),
            )],
            found,
        );
    };
    add(", from: 2026-11-01", &["STARTS_IN_PAST the rule `new`"]);
    add(", from: 2026-12-01", &[]);
    add(", to: 2026-12-01T00:00Z", &[]);
    add("", &[]);
}

#[test]
fn an_experiment_whose_rule_has_not_begun_has_not_started() {
    let experiment = "experiments:\n  aexp: { unit: visitor, phases: [{ id: 1, from: 2026-11-01, split: { on: 50%, off: 50% } }] }\n";
    let live = |dates: &str| changed(&with(&format!("{dates}, experiment: aexp")), &[("experiments:\n", experiment)]);
    let split = (
        "{ id: 1, from: 2026-11-01, split: { on: 50%, off: 50% } }",
        "{ id: 1, from: 2026-11-01, split: { on: 40%, off: 60% } }",
    );
    check_from(&live(", from: 2026-12-01"), &[split], &[]);
    check_from(&live(""), &[split], &["PHASE_NEEDED the split of phase 1 of the experiment `aexp`"]);
    // One whose rule is over may go.
    check_from(
        &live(", to: 2026-11-20T00:00Z"),
        &[(experiment, "experiments:\n"), (", experiment: aexp", ", serve: on")],
        &[],
    );
}
