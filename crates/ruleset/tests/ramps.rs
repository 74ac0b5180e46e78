//! Ramps: which steps are in a snapshot, and what holds the next one.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset::finding::Finding;
use waft_ruleset::ramp::{Evidence, Hold, Next, Verdict};
use waft_ruleset::source::SourceFile;
use waft_ruleset::{Action, Ramp, Share, World};

const DAY: u32 = 86_400;
/// 2026-11-20, when ramps begin here.
const START: u32 = 1_795_132_800;

fn read(fields: &str, now: Option<i64>) -> Result<(Ramp, Vec<Finding>), Vec<Finding>> {
    let text = format!(
        "project: shop
environments: {{ production: {{}} }}
attributes: {{ id: string }}
units: {{ visitor: {{ attribute: id }} }}
metrics: {{ errors: {{ conversion: error, better: down }}, sales: {{ conversion: sale, better: up }} }}
flags:
  new:
    type: boolean
    whenOff: off
    default: off
    rules:
      - {{ id: up, ramp: on, unit: visitor, {fields} }}
"
    );
    let file = SourceFile { name: "rules.yaml".to_owned(), bytes: text.into_bytes() };
    let asset = |_: &str| Err("none".to_owned());
    let (ruleset, warnings) = waft_ruleset::check(&[file], &World { now, asset: &asset })?;
    let Action::Ramp(ramp) = &ruleset.flags[0].item.base.rules[0].item.action else { panic!() };
    Ok((ramp.clone(), warnings))
}

fn ramp(fields: &str) -> Ramp {
    read(fields, None).unwrap_or_else(|findings| panic!("{fields}: {findings:#?}")).0
}

/// Days after the start at which steps of the snapshot begin.
fn days(ramp: &Ramp) -> Vec<u32> {
    ramp.steps.iter().map(|(_, at)| (at - START) / DAY).collect()
}

const GUARD: &str = "guard: { errors: { worse: 5% }, sales: { worse: 2% } }, ";
const SAFE: &[(&str, Verdict)] = &[("errors", Verdict::Safe), ("sales", Verdict::Safe)];

fn next(ramp: &Ramp, day: u32, units: Option<u64>, approved: bool, guards: &[(&str, Verdict)]) -> Next {
    let guards: Vec<(String, Verdict)> = guards.iter().map(|(name, verdict)| ((*name).to_owned(), *verdict)).collect();
    ramp.next(START + day * DAY, &Evidence { units, approved, guards: &guards, ..Evidence::default() })
}

#[test]
fn a_ramp_without_guard_goes_on_by_itself_until_it_has_to_wait() {
    let steps = "steps: [{ to: 5%, at: 2026-11-20 }, { to: 10%, after: 2d }, { to: 20%, after: 1d }, { to: 50%, after: approval }, { to: 100%, after: 1d }]";
    let own = ramp(steps);
    assert_eq!((days(&own), own.waiting), (vec![0, 2, 3], 2));
    // Once the approved step has a date, what follows it has one, too.
    let approved = ramp(&steps.replace("after: approval", "after: approval, at: 2026-11-30"));
    assert_eq!((days(&approved), approved.waiting), (vec![0, 2, 3, 10, 11], 0));
    assert_eq!(next(&approved, 0, None, false, &[]), Next::Dated { step: 1, at: START + 2 * DAY });
    assert_eq!(next(&approved, 11, None, false, &[]), Next::Done);
}

#[test]
fn a_guarded_ramp_has_its_current_step_at_most() {
    let steps = "steps: [{ to: 5%, at: 2026-11-20 }, { to: 10%, after: 2d }, { to: 20%, after: 1d }]";
    let guarded = ramp(&format!("{GUARD}{steps}"));
    assert_eq!((days(&guarded), guarded.waiting), (vec![0], 2));
    let dated = ramp(&format!("{GUARD}{}", steps.replace("after: 2d", "after: 2d, at: 2026-11-23")));
    assert_eq!((days(&dated), dated.waiting), (vec![0, 3], 1));
    // A date that was written ahead is asked about, until it is there.
    for (now, expected) in [(None, 0), (Some(2), 1), (Some(3), 0)] {
        let now = now.map(|day: u32| i64::from(START + day * DAY) * 1_000);
        let fields = format!("{GUARD}{}", steps.replace("after: 2d", "at: 2026-11-23"));
        let (_, warnings) = read(&fields, now).unwrap();
        let ahead = warnings.iter().filter(|finding| finding.code.name() == "GUARD_AHEAD").count();
        assert_eq!(ahead, expected, "{now:?}: {warnings:#?}");
    }
}

#[test]
fn a_step_is_due_once_nothing_holds_it() {
    let own = ramp(&format!("{GUARD}steps: [{{ to: 5%, at: 2026-11-20 }}, {{ to: 25%, after: 2d, units: 5000 }}]"));
    let guards = ["errors", "sales"].map(|name| Hold::Guard(name.to_owned()));
    let units = |seen| Hold::Units { wanted: 5_000, seen };
    let held = |by: &[Hold]| Next::Held { step: 1, by: by.to_vec() };
    let early = Hold::Time(START + 2 * DAY);
    assert_eq!(
        next(&own, 1, None, false, &[]),
        held(&[early.clone(), units(None), guards[0].clone(), guards[1].clone()])
    );
    assert_eq!(next(&own, 1, Some(5_000), true, SAFE), held(&[early]));
    assert_eq!(next(&own, 2, Some(4_999), true, SAFE), held(&[units(Some(4_999))]));
    // What nobody has measured is not safe.
    assert_eq!(next(&own, 2, Some(5_000), true, &SAFE[..1]), held(&guards[1..]));
    assert_eq!(next(&own, 2, Some(5_000), false, SAFE), Next::Due { step: 1 });
    let harmed = [("errors", Verdict::Safe), ("sales", Verdict::Harmed)];
    assert_eq!(next(&own, 99, Some(9_999), true, &harmed), Next::Harmed(vec!["sales".to_owned()]));
    // Before the first step nobody is compared.
    let later = ramp(&format!("{GUARD}steps: [{{ to: 5%, at: 2026-11-22 }}, {{ to: 25%, after: 2d }}]"));
    assert_eq!(next(&later, 1, None, false, &harmed), Next::Dated { step: 0, at: START + 2 * DAY });
}

#[test]
fn however_late_somebody_looks_one_step_begins_and_no_approval_is_passed_over() {
    let steps = |first: &str| {
        format!(
            "{GUARD}steps: [{{ to: 5%, at: 2026-11-20 }}, {{ to: 10%, after: 1d{first} }}, {{ to: 20%, after: approval }}, {{ to: 50%, after: 1d }}]"
        )
    };
    // Three weeks later, the second step; the third waits for somebody, whatever has been approved before; the fourth behind it.
    assert_eq!(next(&ramp(&steps("")), 21, None, false, SAFE), Next::Due { step: 1 });
    let second = ramp(&steps(", at: 2026-12-11"));
    assert_eq!(next(&second, 21, None, false, SAFE), Next::Held { step: 2, by: vec![Hold::Approval] });
    assert_eq!(next(&second, 21, None, true, SAFE), Next::Due { step: 2 });
    let third = ramp(&steps(", at: 2026-12-11").replace("approval", "approval, at: 2026-12-12"));
    assert_eq!(next(&third, 22, None, true, SAFE), Next::Held { step: 3, by: vec![Hold::Time(START + 23 * DAY)] });
}

#[test]
fn a_paused_ramp_stays_where_it_is() {
    let steps = "steps: [{ to: 5%, at: 2026-11-20 }, { to: 10%, after: 2d }, { to: 20%, at: 2026-11-30 }]";
    let paused = ramp(&format!("paused: 2026-11-21, {steps}"));
    assert_eq!((days(&paused), paused.waiting), (vec![0], 2));
    assert_eq!(paused.reached(START + 99 * DAY), Some((Share(50_000), START)));
    assert_eq!(next(&paused, 99, None, true, &[]), Next::Paused(START + DAY));
    // A pause that is to come lets begin what comes before it.
    let later = ramp(&format!("paused: 2026-11-25, {steps}"));
    assert_eq!(days(&later), [0, 2]);
    assert_eq!(next(&later, 0, None, false, &[]), Next::Dated { step: 1, at: START + 2 * DAY });
    for (fields, code) in
        [(format!("paused: 2026-11-20, {steps}"), "RAMP_START"), (format!("paused: true, {steps}"), "INVALID_DATE")]
    {
        let findings = read(&fields, None).unwrap_err();
        assert!(findings.iter().any(|finding| finding.code.name() == code), "{fields}: {findings:#?}");
    }
}

#[test]
fn a_launch_at_100_percent_is_asked_about_once_it_is_over() {
    let codes = |day: u32| {
        let (_, warnings) =
            read("steps: [{ to: 100%, at: 2026-11-21 }]", Some(i64::from(START + day * DAY) * 1_000)).unwrap();
        warnings.iter().map(|finding| finding.code.name()).filter(|code| code.starts_with("RAMP")).collect::<Vec<_>>()
    };
    assert_eq!(codes(0), Vec::<&str>::new());
    assert_eq!(codes(1), ["RAMP_WHOLE"]);
}

#[test]
fn steps_that_make_no_order_are_refused() {
    for (steps, code) in [
        ("{ to: 5%, after: 2d }, { to: 9%, after: 2d }", "RAMP_START"),
        ("{ to: 5%, at: 2026-11-20, after: 2d }", "RAMP_START"),
        (
            "{ to: 5%, at: 2026-11-20 }, { to: 9%, after: approval }, { to: 10%, after: 1d, at: 2026-11-30 }",
            "RAMP_ORDER",
        ),
        ("{ to: 5%, at: 2026-11-20 }, { to: 9%, after: 2d, at: 2026-11-19 }", "RAMP_ORDER"),
        ("{ to: 5%, at: 2026-11-20 }, { to: 9%, after: approval, units: 5, at: 2026-11-29 }", "STEP_UNITS"),
        ("{ to: 5%, at: 2026-11-20 }, { to: 9%, units: 5 }", "STEP_TIME"),
    ] {
        let findings = read(&format!("steps: [{steps}]"), None).unwrap_err();
        assert!(findings.iter().any(|finding| finding.code.name() == code), "{steps}: {findings:#?}");
    }
}

#[test]
fn a_guardrail_is_safe_only_by_all_its_comparisons() {
    use Verdict::{Harmed, Safe, Unknown};
    let of = |comparisons: &[Verdict]| Verdict::of_all(comparisons.iter().copied());
    assert_eq!(of(&[]), Unknown);
    assert_eq!(of(&[Safe, Safe]), Safe);
    for order in [[Safe, Unknown], [Unknown, Safe]] {
        assert_eq!(of(&order), Unknown);
    }
    for order in [[Harmed, Safe], [Safe, Harmed], [Unknown, Harmed], [Harmed, Unknown]] {
        assert_eq!(of(&order), Harmed);
    }
}
