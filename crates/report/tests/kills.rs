//! What a kill ends, and what is said of it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shop;

use shop::november;
use waft_report::{Found, Report, Results, Trial, Verdict, Withheld, found, page, read, report, text};
use waft_ruleset::Kill;

const RULESET: &str = r#"
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string }
metrics:
  bought: { conversion: purchase, within: 7d, better: up }
  error: { conversion: js_error, within: 1d, better: down }
holdouts:
  winter: { unit: visitor, share: 5%, from: 2026-11-01, metrics: [bought] }
experiments:
  till:
    unit: visitor
    metrics: { primary: [bought], guardrails: { error: { worse: 20% } } }
    plan: { detect: 10%, units: 20000, atLeast: 4d }
    phases:
      - { id: 1, from: 2026-11-01, to: 2026-11-05T00:00Z, split: { a: 50%, b: 50% } }
      - { id: 2, from: 2026-11-05, split: { a: 50%, b: 50% } }
  behind: { unit: visitor, metrics: { primary: bought }, phases: [{ id: 1, from: 2026-11-01, split: { on: 50%, off: 50% } }] }
  beside: { unit: visitor, metrics: { primary: bought }, phases: [{ id: 1, from: 2026-11-01, split: { on: 50%, off: 50% } }] }
flags:
  till: { type: string, variants: { a: a, b: b }, whenOff: a, default: b, holdout: winter, rules: [{ id: test, experiment: till }] }
  # Off with it: `a` is what it is when it is off.
  behind: { type: boolean, whenOff: off, default: off, requires: { middle: on }, rules: [{ id: test, experiment: behind }] }
  middle: { type: boolean, whenOff: off, default: on, requires: { till: b } }
  # And on with it.
  beside: { type: boolean, whenOff: off, default: off, requires: { till: a }, rules: [{ id: test, experiment: beside }] }
  header:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: rise
        ramp: on
        unit: visitor
        guard: { error: { worse: 20%, then: hold } }
        steps: [{ to: 10%, at: 2026-11-01 }, { to: 50%, at: 2026-11-10 }, { to: 75%, at: 2026-11-20 }]
"#;

/// A kill from one day to another.
fn kill(flag: &str, at: i64, until: Option<i64>) -> Kill {
    Kill {
        flag: flag.to_owned(),
        at: november(at),
        until: until.map(november),
        by: "alice".to_owned(),
        why: Some("orders <fail>".to_owned()),
        record: "releases/0001.yaml".to_owned(),
    }
}

fn on(day: i64, kills: &[Kill]) -> Vec<Trial> {
    shop::trials_on(RULESET, kills, day)
}

/// From when exposures of a trial count, when it ends, whether by a kill, and how many other kills it has, on the 24th. In days.
fn of(name: &str, phase: u32, kills: &[Kill]) -> (Option<i64>, i64, bool, usize) {
    let all = on(24, kills);
    let trial = all.iter().find(|trial| trial.name == name && trial.phase == phase).unwrap();
    let day = |milli: i64| (milli - november(1)) / 86_400_000 + 1;
    // What windows wait for has happened by then, too.
    assert!(trial.stopped.is_none() || trial.as_of == trial.ends(), "{trial:?}");
    (trial.opens.map(day), day(trial.ends()), trial.stopped.is_some(), trial.kills.len())
}

#[test]
fn kill_ends_the_phase_in_which_it_happens() {
    assert_eq!(of("till", 2, &[]), (None, 24, false, 0));
    assert_eq!(of("till", 2, &[kill("till", 9, None)]), (None, 9, true, 0));
    // Also once it is back: that needs a new phase.
    assert_eq!(of("till", 2, &[kill("till", 9, Some(10))]), (None, 9, true, 0));
    assert_eq!(of("till", 2, &[kill("till", 12, None), kill("till", 9, Some(10))]), (None, 9, true, 0));
    // What ended before is as it was.
    assert_eq!(of("till", 1, &[kill("till", 9, None)]), (None, 5, false, 0));
    assert_eq!(of("till", 1, &[kill("till", 5, None)]), (None, 5, false, 0));
    // Another's, and one that has not happened yet.
    assert_eq!(of("till", 2, &[kill("header", 9, None), kill("none", 9, None)]), (None, 24, false, 0));
    assert_eq!(of("till", 2, &[kill("till", 25, None)]), (None, 24, false, 0));
}

#[test]
fn kill_before_a_phase_keeps_it_from_beginning_until_the_flag_is_back() {
    let before = |until| kill("till", 3, until);
    assert_eq!(of("till", 1, &[before(None)]), (None, 3, true, 0));
    assert_eq!(of("till", 2, &[before(None)]), (Some(5), 5, true, 0));
    assert_eq!(of("till", 2, &[before(Some(4))]), (None, 24, false, 0));
    assert_eq!(of("till", 2, &[before(Some(5))]), (None, 24, false, 0));
    assert_eq!(of("till", 2, &[before(Some(7))]), (Some(7), 24, false, 0));
    assert_eq!(of("till", 2, &[before(Some(7)), kill("till", 9, None)]), (Some(7), 9, true, 0));
    // In the second in which it begins, twice; and one that will be back after the report.
    assert_eq!(of("till", 2, &[kill("till", 5, Some(5)), kill("till", 5, None)]), (Some(5), 5, true, 0));
    assert_eq!(of("till", 2, &[before(Some(30))]), (Some(5), 5, true, 0));
    assert_eq!(of("till", 1, &[kill("till", 0, Some(8))]), (Some(5), 5, false, 0));
}

#[test]
fn flags_that_require_it_are_off_with_it() {
    let kills = [kill("till", 9, None)];
    assert_eq!(of("behind", 1, &kills), (None, 9, true, 0));
    assert_eq!(of("beside", 1, &kills), (None, 24, false, 0));
}

#[test]
fn ramp_goes_on_and_a_holdout_is_told() {
    let rise = |kills: &[Kill]| of("header/rise", 1, kills);
    assert_eq!(rise(&[]), (None, 20, false, 0));
    assert_eq!(rise(&[kill("header", 9, None)]), (None, 9, true, 0));
    assert_eq!(rise(&[kill("header", 9, Some(10))]), (None, 20, false, 1));
    assert_eq!(rise(&[kill("header", 9, Some(10)), kill("header", 12, None)]), (None, 12, true, 1));
    assert_eq!(rise(&[kill("header", 21, None)]), (None, 20, false, 0));
    assert_eq!(rise(&[kill("header", 0, None)]), (None, 1, true, 0));
    assert_eq!(of("winter", 1, &[kill("till", 9, None), kill("header", 9, None)]), (None, 24, false, 1));
    assert_eq!(of("winter", 1, &[kill("till", 0, Some(1))]), (None, 24, false, 0));
}

/// A report of `till`, phase 2, on the 24th, of these rows.
fn told(kills: &[Kill], rows: &str) -> Report {
    let rows: String = rows.lines().map(|row| format!("till,2,{}\n", row.trim())).collect();
    let sums = read(&format!("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\n{rows}"));
    report("shop/production", &on(24, kills), &sums.unwrap(), november(24))
}

fn till(report: &Report) -> &Results {
    report.trials.iter().find(|trial| trial.name == "till" && trial.phase == 2).unwrap()
}

const ROWS: &str = "b,,units,,10000,0,0,0,0,0,0
    a,,units,,10000,0,0,0,0,0,0
    b,bought,all,,10000,1000,1000,1000,0,0,0
    a,bought,all,,10000,1300,1300,1300,0,0,0
    b,error,all,,10000,1000,1000,1000,0,0,0
    a,error,all,,10000,2000,2000,2000,0,0,0";

#[test]
fn stopped_experiment_says_so_and_names_no_winner() {
    let report = told(&[], ROWS);
    assert_eq!(till(&report).metrics[0].comparisons[0].verdict, Verdict::Better);
    let apart = format!("{ROWS}\n,,apart,1794182400000,12,0,0,0,0,0,0\n,,events apart,1794182400000,1,0,0,0,0,0,0");
    let report = told(&[kill("till", 9, None)], &apart);
    let results = till(&report);
    assert_eq!(results.answer, "Stopped by kill at 2026-11-09T00:00:00Z: no winner. `a` harms error.");
    assert_eq!((results.days, results.ended, results.to.as_deref()), (4, true, Some("2026-11-09T00:00:00Z")));
    let bought = &results.metrics[0].comparisons[0];
    assert_eq!((bought.verdict, bought.refusal), (Verdict::Unknown, Some(Withheld::Stopped)));
    assert!(bought.difference.is_some() && bought.fixed.is_none() && bought.days_to_go.is_none());
    let (text, page) = (text(&report), page(&report));
    for said in [
        "Stopped by kill at 2026-11-09T00:00:00Z: no winner.",
        "till` was killed at 2026-11-09T00:00:00Z by alice: orders <fail> (releases/0001.yaml)",
        "12 exposures and 1 event after it are set apart and count nowhere; once the flag is back, the experiment needs a new phase",
        "no winner",
        "what a kill has stopped names no winner",
    ] {
        assert!(text.contains(said), "{said}: {text}");
        let said = said.replace("till`", "<code>till</code>").replace('<', "&lt;").replace('>', "&gt;");
        let said = said.replace("&lt;code&gt;", "<code>").replace("&lt;/code&gt;", "</code>");
        assert!(page.contains(&said), "{said}: {page}");
    }
    let json = serde_json::to_value(&report).unwrap();
    let own = &json["studies"][0];
    assert_eq!(own["stopped"]["at"], "2026-11-09T00:00:00Z");
    assert_eq!((&own["apart"]["exposures"], &own["apart"]["events"]), (&12.into(), &1.into()));
    // The holdout tells it, too, and goes on.
    assert!(text.contains("`till`, a flag of this holdout, was killed at 2026-11-09T00:00:00Z by alice"), "{text}");
    let is =
        |found: Found| move |(kind, about): &&(Found, String)| *kind == found && about.starts_with("till, phase 2");
    let all = found(&report);
    assert_eq!(all.iter().filter(is(Found::Stopped)).count(), 1, "{all:?}");
    assert_eq!(all.iter().filter(is(Found::Harmed)).count(), 1, "{all:?}");
}

#[test]
fn experiment_that_was_killed_before_anybody_met_it_is_no_empty_one() {
    let report = told(&[kill("till", 3, None)], "b,,crossed,,0,0,0,0,0,0,0");
    assert_eq!(till(&report).answer, "Stopped by kill at 2026-11-03T00:00:00Z: no exposures before it, and no winner.");
    let all = found(&report);
    let own: Vec<Found> =
        all.iter().filter(|(_, about)| about.starts_with("till, phase 2")).map(|(found, _)| *found).collect();
    assert_eq!(own, [Found::Stopped]);
    let report = told(&[kill("till", 3, Some(7))], ROWS);
    let text = text(&report);
    assert!(text.contains("Its flag was killed when it started, and came back at 2026-11-07T00:00:00Z"), "{text}");
}

#[test]
fn warnings_are_in_text_page_and_json() {
    let mut report = told(&[], ROWS);
    report.warnings.push("releases/0002.yaml: <odd>".to_owned());
    assert!(text(&report).contains("warning: releases/0002.yaml: <odd>"));
    assert!(page(&report).contains("Warning: releases/0002.yaml: &lt;odd&gt;"));
    assert_eq!(serde_json::to_value(&report).unwrap()["warnings"][0], "releases/0002.yaml: <odd>");
}
