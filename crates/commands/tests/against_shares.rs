//! `waft lint --against`: what may change of holdouts and ramps that are live, and what is new and starts in the past.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;
mod live;

use live::{LIVE, changed, check, check_from};

#[test]
fn a_running_holdout_keeps_all_but_its_end() {
    let change = |from: &str, to: &str, found: &[&str]| check(&[(from, to)], found);
    let [share, salt] =
        ["PHASE_NEEDED the share of the holdout `winter`", "PHASE_NEEDED the salt of the holdout `winter`"];
    change("share: 5%", "share: 6%", &[share]);
    change("share: 5%", "share: 4%", &[share]);
    change("share: 5%", "share: 5%, salt: own", &[salt]);
    change("winter: { unit: visitor", "winter: { unit: account", &["PHASE_NEEDED the unit of the holdout `winter`"]);
    change(
        "share: 5%, from: 2026-11-01",
        "share: 5%, from: 2026-11-02",
        &["PHASE_NEEDED the start of the holdout `winter`"],
    );
    change(", except: { segment: crew }", "", &["PHASE_NEEDED the exception of the holdout `winter`"]);
    change("to: 2027-02-01T00:00Z", "to: 2026-11-25T00:00Z", &[]);
    change("to: 2027-02-01T00:00Z", "to: 2027-03-01T00:00Z", &[]);
    change(", to: 2027-02-01T00:00Z", "", &[]);
    change("to: 2027-02-01T00:00Z", "to: 2026-11-23T00:00Z", &["PHASE_NEEDED the end of the holdout `winter`"]);
}

#[test]
fn flags_may_join_a_running_holdout_and_not_leave_it() {
    let pay = "  pay:\n    type: string\n";
    check(&[(pay, "  pay:\n    type: string\n    holdout: winter\n")], &[]);
    check(
        &[("    whenOff: plain\n    holdout: winter\n", "    whenOff: plain\n")],
        &["PHASE_NEEDED the flags of the holdout `winter`"],
    );
    // Over, it lets go of them.
    let over = changed(LIVE, &[("to: 2027-02-01T00:00Z", "to: 2026-11-20T00:00Z")]);
    check_from(&over, &[("    whenOff: plain\n    holdout: winter\n", "    whenOff: plain\n")], &[]);
    check_from(
        &over,
        &[("to: 2026-11-20T00:00Z", "to: 2027-02-01T00:00Z")],
        &["PHASE_NEEDED the end of the holdout `winter`"],
    );
}

const STEPS: &str = "steps: [{ to: 5%, at: 2026-11-10 }, { to: 25%, at: 2026-11-20 }, { to: 50%, at: 2026-12-10 }]";

#[test]
fn a_running_ramp_keeps_what_it_has_reached() {
    let with = |steps: &str, found: &[&str]| check(&[(STEPS, &format!("steps: [{steps}]"))], found);
    with("{ to: 5%, at: 2026-11-10 }, { to: 25%, at: 2026-11-20 }, { to: 75%, at: 2026-11-30 }", &[]);
    with("{ to: 5%, at: 2026-11-10 }, { to: 30%, at: 2026-11-21 }", &[]);
    with("{ to: 25%, at: 2026-11-20 }, { to: 50%, at: 2026-12-10 }", &[]);
    let found = &["PHASE_NEEDED the share of the ramp `header/up`"];
    with("{ to: 5%, at: 2026-11-10 }, { to: 20%, at: 2026-11-20 }", found);
    with("{ to: 5%, at: 2026-11-10 }, { to: 25%, at: 2026-12-20 }", found);
    with("{ to: 30%, at: 2026-12-20 }", found);
    // Of one that has reached everybody, nothing else.
    let done = "{ to: 50%, at: 2026-11-01 }, { to: 100%, at: 2026-11-05 }";
    check(&[(done, "{ to: 50%, at: 2026-11-01 }")], &["PHASE_NEEDED the share of the ramp `done/up`"]);
    check(
        &[(
            "{ id: up, ramp: on, unit: visitor, steps: [{ to: 50%",
            "{ id: up, ramp: off, unit: account, steps: [{ to: 50%",
        )],
        &[],
    );
}

#[test]
fn a_running_ramp_keeps_unit_salt_audience_variant_and_guard() {
    let ramp = "        ramp: new\n        unit: visitor\n";
    let change = |to: &str, found: &str| check(&[(ramp, to)], &[found]);
    change("        ramp: old\n        unit: visitor\n", "PHASE_NEEDED the variant of the ramp `header/up`");
    change("        ramp: new\n        unit: account\n", "PHASE_NEEDED the unit of the ramp `header/up`");
    change(
        "        ramp: new\n        unit: visitor\n        salt: own\n",
        "PHASE_NEEDED the salt of the ramp `header/up`",
    );
    change(
        "        ramp: new\n        unit: visitor\n        guard: { js-error: { worse: 5% } }\n",
        "PHASE_NEEDED `guard` of the ramp `header/up`",
    );
    check(&[("guard: { js-error: { worse: 5% } }, ", "")], &["PHASE_NEEDED `guard` of the ramp `pay/up`"]);
    check(&[("guard: { js-error: { worse: 5% } }", "guard: { js-error: { worse: 9% } }")], &[]);
    check(
        &[("if: { country: { is: DE } }", "if: { country: { in: [DE, AT] } }")],
        &["PHASE_NEEDED the audience of the ramp `header/up`"],
    );
    // What a ramp serves is compared with nothing, unless it is monitored.
    check(
        &[(
            "  header:\n    type: string\n    variants: { old: Old, new: New }",
            "  header:\n    type: string\n    variants: { old: Old, new: Newer }",
        )],
        &[],
    );
    check(
        &[(
            "  pay:\n    type: string\n    variants: { old: Old, new: New }",
            "  pay:\n    type: string\n    variants: { old: Old, new: Newer }",
        )],
        &["PHASE_NEEDED the value of `new` of the ramp `pay/up`"],
    );
}

#[test]
fn a_ramp_that_is_whole_or_switched_off_may_be_replaced() {
    let done = "rules: [{ id: up, ramp: on, unit: visitor, steps: [{ to: 50%, at: 2026-11-01 }, { to: 100%, at: 2026-11-05 }] }]";
    check(&[(done, "rules: [{ id: all, serve: on }]")], &[]);
    check(
        &[
            ("if: { country: { is: DE } }\n        ramp: new", "serve: new\n        #"),
            (STEPS, "#"),
            ("        unit: visitor\n        #", "        #"),
        ],
        &["RUNNING_REMOVED the ramp `header/up`"],
    );
    let off = changed(LIVE, &[("  header:\n    type: string\n", "  header:\n    type: string\n    enabled: false\n")]);
    check_from(&off, &[(STEPS, "steps: [{ to: 1%, at: 2026-12-10 }]"), ("    enabled: false\n", "")], &[]);
    // Switched off and changed in one release, or changed in the next.
    check(
        &[
            ("  header:\n    type: string\n", "  header:\n    type: string\n    enabled: false\n"),
            (STEPS, "steps: [{ to: 1%, at: 2026-12-10 }]"),
        ],
        &[],
    );
    check_from(
        &off,
        &[
            ("      - id: up\n        if", "      - id: again\n        if"),
            (STEPS, "steps: [{ to: 1%, at: 2026-12-10 }]"),
        ],
        &[],
    );
}

#[test]
fn what_is_new_starts_after_its_release() {
    let experiment =
        "experiments:\n  new: { unit: visitor, phases: [{ id: 1, from: 2026-11-23, split: { on: 100% } }] }\n";
    let flag = "flags:\n  new: { type: boolean, whenOff: off, rules: [{ id: t, experiment: new }], default: off }\n";
    let found = ["STARTS_IN_PAST phase 1 of the experiment `new` is new, and starts in the past"];
    check(&[("experiments:\n", experiment), ("flags:\n", flag)], &found);
    let ramp = "flags:\n  new: { type: boolean, whenOff: off, rules: [{ id: up, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-11-10 }, { to: 50%, at: 2026-11-20 }] }], default: off }\n";
    check(&[("flags:\n", ramp)], &["STARTS_IN_PAST the ramp `new/up` is new, and starts at 50% at once"]);
    let holdout = [
        ("holdouts:\n", "holdouts:\n  more: { unit: visitor, share: 5%, from: 2026-11-23 }\n"),
        ("  pay:\n    type: string\n", "  pay:\n    type: string\n    holdout: more\n"),
    ];
    check(&holdout, &["STARTS_IN_PAST the holdout `more` is new"]);
    // What was planned comes earlier than it can.
    check(&[("from: 2026-12-20", "from: 2026-11-23")], &["STARTS_IN_PAST phase 1 of the experiment `later` is new"]);
}
