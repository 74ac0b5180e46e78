//! Where lint warns of what is probably not meant, and where it does not.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

const BASE: &str = "project: shop
environments: { production: {}, staging: {} }
units: { visitor: { attribute: id }, browser: { attribute: id }, account: { attribute: account } }
attributes: { id: string, account: string, age: number, country: string }
";

/// How often a finding is made of a ruleset at a moment.
fn count_at(code: &str, now: &str, text: &str) -> usize {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
    let files = [file("base.yaml", BASE), file("case.yaml", text)];
    let now = waft::date::parse(now.as_bytes());
    let findings = match ruleset::check(&files, &ruleset::World { now, ..ruleset::World::still() }) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    };
    let others: Vec<&str> = findings
        .iter()
        .map(|finding| finding.code.name())
        .filter(|other| *other != code && !other.starts_with("UNUSED") && !other.ends_with("OVER"))
        .collect();
    assert!(others.is_empty(), "{others:?} in {text}");
    findings.iter().filter(|finding| finding.code.name() == code).count()
}

fn check(code: &str, expected: usize, text: &str) {
    assert_eq!(count_at(code, "2026-06-01", text), expected, "{code} in {text}");
}

#[test]
fn a_rule_that_turns_off_is_skipped_and_what_follows_turns_on() {
    let check = |expected: usize, rules: &str, rest: &str| {
        let text = format!(
            "segments: {{ old: {{ age: {{ lt: 5 }} }} }}
experiments: {{ e: {{ unit: visitor, phases: [{{ id: 1, from: 2026-01-01, split: {{ off: 50%, on: 50% }} }}] }}, \
             none: {{ unit: visitor, phases: [{{ id: 1, from: 2026-01-01, split: {{ off: 100% }} }}] }} }}
flags: {{ new: {{ type: boolean, whenOff: off, rules: [{rules}], {rest} }} }}"
        );
        check("OFF_CAN_BE_SKIPPED", expected, &text);
    };
    let off = "{ id: a, if: { age: { lt: 5 } }, serve: off }";
    let on = "{ id: z, serve: on }";
    check(1, &format!("{off}, {on}"), "default: off");
    check(0, &format!("{off}, {{ id: z, serve: off }}"), "default: off");
    // It says what is meant.
    for word in ["skip", "stop"] {
        check(
            0,
            &format!("{{ id: a, if: {{ age: {{ lt: 5 }} }}, serve: off, onUnknown: {word} }}, {on}"),
            "default: on",
        );
    }
    // The default turns on, too, unless nobody comes to it.
    check(1, off, "default: on");
    check(0, &format!("{off}, {{ id: z, serve: off }}"), "default: on");
    // Also in an environment.
    check(1, off, "default: off, in: { staging: { default: on } }");
    check(0, off, "default: off, in: { staging: { default: off } }");
    check(1, "{ id: a, if: { segment: old }, serve: off }", "default: on");
    check(1, "{ id: a, if: { share: { of: visitor, part: 0%-5%, salt: s } }, serve: off }", "default: on");
    check(0, "{ id: a, if: { age: { exists: true } }, serve: off }", "default: on");
    // A ramp turns off by and by; one that serves the off variant turns nothing on.
    let ramp = |id: &str, variant: &str, rest: &str| {
        format!("{{ id: {id}, {rest} ramp: {variant}, unit: visitor, steps: [{{ to: 5%, at: 2026-01-01 }}] }}")
    };
    check(1, &ramp("a", "off", "if: { age: { lt: 5 } },"), "default: on");
    check(0, &format!("{off}, {}", ramp("b", "off", "")), "default: off");
    check(1, &format!("{off}, {}", ramp("b", "on", "")), "default: off");
    check(1, &format!("{off}, {{ id: b, experiment: e }}"), "default: off");
    check(0, &format!("{off}, {{ id: b, experiment: none }}"), "default: off");
    // What never applies at the same time does not matter.
    let dated = |dates: &str, rest: &str| {
        format!("{{ id: a, {dates}, if: {{ age: {{ lt: 5 }} }}, serve: off }}, {{ id: z, {rest}, serve: on }}")
    };
    check(0, &dated("to: 2026-02-01T00:00Z", "from: 2026-02-01T00:00Z"), "default: off");
    check(1, &dated("to: 2026-02-01T00:00:01Z", "from: 2026-02-01T00:00Z"), "default: off");
}

#[test]
fn an_audience_is_drawn_where_what_it_asks_for_is() {
    let trials = "experiments: { e: { unit: visitor, phases: [{ id: 1, from: 2026-01-01, to: 2026-09-01T00:00Z, split: { off: 50%, on: 50% } }] } }
holdouts: { h: { unit: visitor, share: 5%, from: 2026-01-01, to: 2026-09-01T00:00Z }, i: { unit: visitor, share: 5%, from: 2026-01-01 } }
segments: { asks: { flag: { g: on } }, part: { share: { of: visitor, part: 0%-20%, salt: s } }, old: { age: { lt: 5 } } }
";
    let text = |flags: &[&str]| {
        let flags: Vec<String> = flags
            .iter()
            .map(|flag| {
                let (name, rest) = flag.split_once(' ').unwrap();
                format!("  {name}: {{ type: boolean, whenOff: off, default: off, {rest} }}")
            })
            .collect();
        format!("{trials}flags:\n{}", flags.join("\n"))
    };
    let check = |expected: usize, flags: &[&str]| check("RANDOMISED_REQUIREMENT", expected, &text(flags));
    let drawn = "g rules: [{ id: a, experiment: e }]";
    check(1, &[drawn, "f requires: { g: on }"]);
    check(0, &[drawn, "f requires: { g: [on, off] }"]);
    // Through a condition, and through a segment, once for each place.
    check(1, &[drawn, "f rules: [{ id: a, if: { flag: { g: on } }, serve: on }]"]);
    check(0, &[drawn, "f rules: [{ id: a, if: { flag: { g: [off, on] } }, serve: on }]"]);
    check(
        1,
        &[
            drawn,
            "f rules: [{ id: a, if: { not: { segment: asks } }, serve: on }]",
            "i rules: [{ id: a, if: { segment: asks }, serve: on }]",
        ],
    );
    // Through another flag: its own requirement, and whoever requires it.
    check(
        2,
        &[drawn, "m requires: { g: on }, rules: [{ id: a, if: { segment: old }, serve: on }]", "f requires: { m: on }"],
    );
    check(1, &[drawn, "m requires: { g: on }", "f requires: { m: on }"]);
    // A ramp, a share, a share of a segment.
    check(
        1,
        &[
            "g rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }] }]",
            "f requires: { g: on }",
        ],
    );
    check(
        1,
        &[
            "g rules: [{ id: a, if: { share: { of: visitor, part: 0%-5%, salt: t } }, serve: on }]",
            "f requires: { g: on }",
        ],
    );
    check(1, &["g rules: [{ id: a, if: { segment: part }, serve: on }]", "f requires: { g: on }"]);
    check(0, &["g rules: [{ id: a, if: { segment: old }, serve: on }]", "f requires: { g: on }"]);
    // A holdout, unless both take part in it.
    let held = "g holdout: h, rules: [{ id: a, serve: on }]";
    check(1, &[held, "f requires: { g: on }"]);
    check(1, &[held, "f requires: { g: on }, holdout: i"]);
    check(0, &[held, "f requires: { g: on }, holdout: h"]);
    // In the environment that both are in.
    let there =
        "g in: { staging: { rules: [{ id: a, experiment: e }] } }, rules: [{ id: a, if: { segment: old }, serve: on }]";
    check(1, &[there, "f requires: { g: on }"]);
    check(0, &[there, "f requires: { g: on }, in: { staging: { requires: null } }"]);
    check(1, &[there, "f in: { staging: { requires: { g: on } } }"]);
    check(0, &[there, "f in: { production: { requires: { g: on } } }"]);
    // Off, or served before anybody is drawn.
    check(0, &["g enabled: false, rules: [{ id: a, experiment: e }]", "f requires: { g: off }"]);
    let end = |code: &str, now: &str, flags: &[&str]| count_at(code, now, &text(flags));
    assert_eq!(end("RANDOMISED_REQUIREMENT", "2026-08-31", &[drawn, "f requires: { g: on }"]), 1);
    assert_eq!(end("RANDOMISED_REQUIREMENT", "2026-09-01", &[drawn, "f requires: { g: on }"]), 0);
    assert_eq!(end("RANDOMISED_REQUIREMENT", "2026-09-01", &[held, "f requires: { g: on }"]), 0);
    let whole = "g rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }, { to: 100%, at: 2026-08-01 }] }]";
    assert_eq!(end("RANDOMISED_REQUIREMENT", "2026-07-01", &[whole, "f requires: { g: on }"]), 1);
    assert_eq!(end("RANDOMISED_REQUIREMENT", "2026-08-01", &[whole, "f requires: { g: on }"]), 0);
}

#[test]
fn a_long_row_of_flags_is_drawn_from_its_first_on() {
    let mut text = String::from(
        "flags:\n  f0: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-01-01 }] }] }\n",
    );
    for flag in 1..300 {
        let before = flag - 1;
        text += &format!("  f{flag}: {{ type: boolean, whenOff: off, default: on, requires: {{ f{before}: on }} }}\n");
    }
    check("RANDOMISED_REQUIREMENT", 299, &text);
}

#[test]
fn points_of_other_units_are_other_points() {
    let shares = |one: &str, other: &str| {
        let share = |unit: &str| format!("{{ share: {{ of: {unit}, part: 0%-5%, salt: x }} }}");
        format!("segments:\n  a: {}\n  b: {}", share(one), share(other))
    };
    check("CORRELATED_SALT", 1, &shares("visitor", "visitor"));
    check("CORRELATED_SALT", 0, &shares("visitor", "account"));
    // Two names of one id.
    check("CORRELATED_SALT", 1, &shares("visitor", "browser"));
    let holdouts = |one: &str, other: &str| {
        let holdout = |unit: &str| format!("{{ unit: {unit}, salt: x, share: 5%, from: 2026-01-01 }}");
        format!("holdouts:\n  a: {}\n  b: {}", holdout(one), holdout(other))
    };
    check("CORRELATED_SALT", 1, &holdouts("visitor", "browser"));
    check("CORRELATED_SALT", 0, &holdouts("visitor", "account"));
}

#[test]
fn only_an_attribute_that_is_empty_is_the_empty_text() {
    for (word, expected) in [
        ("isAnyCase", 0),
        ("is", 0),
        ("contains", 1),
        ("startsWith", 1),
        ("endsWith", 1),
        ("containsAnyCase", 1),
        ("startsWithAnyCase", 1),
        ("endsWithAnyCase", 1),
    ] {
        check("EMPTY_TEXT", expected, &format!("segments: {{ s: {{ country: {{ {word}: \"\" }} }} }}"));
    }
}

#[test]
fn rules_are_not_called_as_the_compiler_calls_its_own() {
    for (id, expected) in [("requires", 1), ("targets", 1), ("holdout", 1), ("require", 0), ("Holdout", 0)] {
        let text = format!(
            "flags: {{ new: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: {id}, serve: on }}] }} }}"
        );
        check("RESERVED_ID", expected, &text);
    }
}

#[test]
fn a_rule_whose_dates_leave_nothing_never_runs() {
    let check = |expected: usize, dates: &str, does: &str| {
        let phases = "[{ id: 1, from: 2026-01-01, to: 2026-02-01T00:00Z, split: { on: 100% } }, \
                      { id: 2, from: 2026-03-01, to: 2026-04-01T00:00Z, split: { on: 100% } }]";
        let text = format!(
            "experiments: {{ e: {{ unit: visitor, phases: {phases} }} }}
flags: {{ new: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: a, {dates}, {does} }}] }} }}"
        );
        check("NEVER_RUNS", expected, &text);
    };
    let (experiment, serve) = ("experiment: e", "serve: on");
    let ramp = "ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-02-01 }, { to: 9%, at: 2026-03-01 }]";
    for (dates, of_experiment, of_ramp) in [
        // Between two phases, and a second of each.
        ("from: 2026-02-01, to: 2026-03-01T00:00Z", 1, 0),
        ("from: 2026-01-31T23:59:59Z, to: 2026-03-01T00:00Z", 0, 0),
        ("from: 2026-02-01, to: 2026-03-01T00:00:01Z", 0, 0),
        ("to: 2026-01-01T00:00:00Z", 1, 1),
        ("to: 2026-01-01T00:00:01Z", 0, 1),
        ("from: 2026-04-01", 1, 0),
        ("from: 2026-03-31T23:59:59Z", 0, 0),
        ("to: 2026-02-01T00:00:00Z", 0, 1),
        ("to: 2026-02-01T00:00:01Z", 0, 0),
    ] {
        check(of_experiment, dates, experiment);
        check(of_ramp, dates, ramp);
        check(0, dates, serve);
    }
}
