//! What `waft guard` acts on.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shop;

use shop::november;
use waft_report::{Cause, Trial, Watched, again, read, report, watched};
use waft_ruleset::{Kill, Then};

const RULESET: &str = r#"
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string }
metrics:
  bought: { conversion: purchase, better: up }
  error: { conversion: js_error, better: down }
experiments:
  till:
    unit: visitor
    metrics: { primary: [bought], guardrails: { error: { worse: 20%, then: off } } }
    phases:
      - { id: 1, from: 2026-11-01, to: 2026-11-05T00:00Z, split: { a: 50%, b: 50% } }
      - { id: 2, from: 2026-11-05, split: { a: 50%, b: 50% } }
flags:
  till: { type: string, variants: { a: a, b: b }, whenOff: a, default: b, rules: [{ id: test, experiment: till }] }
  header:
    type: boolean
    whenOff: off
    default: off
    rules:
      - id: rise
        ramp: on
        unit: visitor
        guard: { error: { worse: 20% } }
        steps: [{ to: 10%, at: 2026-11-01 }, { to: 50%, at: 2026-11-10 }]
"#;

fn kill(flag: &str, at: i64, until: Option<i64>) -> Kill {
    Kill {
        flag: flag.to_owned(),
        at: november(at),
        until: until.map(november),
        by: "alice".to_owned(),
        why: None,
        record: "releases/0001.yaml".to_owned(),
    }
}

fn on(kills: &[Kill]) -> Vec<Trial> {
    shop::trials_on(RULESET, kills, 24)
}

/// What is wrong on the 24th with these rows of `name,phase`.
fn seen(kills: &[Kill], of: &str, rows: &str) -> Vec<Watched> {
    let rows: String = rows.lines().map(|row| format!("{of},{}\n", row.trim())).collect();
    let sums = read(&format!("experiment,phase,variant,metric,part,units,nonzero,x,xx\n{rows}")).unwrap();
    watched(&report("shop/production", &on(kills), &sums, november(24)))
}

/// The causes of one trial, with what is to be done.
fn causes(all: &[Watched], name: &str) -> Vec<(Cause, Then)> {
    let own = all.iter().filter(|watched| watched.says.starts_with(name));
    own.map(|watched| (watched.cause, watched.then)).collect()
}

const HARM: &str = "b,,units,10000,0,0,0
    a,,units,10000,0,0,0
    b,bought,all,10000,1000,1000,1000
    a,bought,all,10000,500,500,500
    b,error,all,10000,1000,1000,1000
    a,error,all,10000,2000,2000,2000";

#[test]
fn running_trials_are_judged_as_the_report_does() {
    let all = seen(&[], "till,2", HARM);
    assert_eq!(causes(&all, "till, phase 2"), [(Cause::Worse, Then::Notify), (Cause::Harmed, Then::Off)]);
    let harmed = all.iter().find(|watched| watched.cause == Cause::Harmed).unwrap();
    assert_eq!((harmed.metric.as_deref(), harmed.variant.as_deref()), (Some("error"), Some("a")));
    assert!(harmed.says.starts_with("till, phase 2: a harms error: +10.00 points (between "), "{harmed:?}");
    assert_eq!(on(&[])[harmed.trial].flags, ["till"]);
    // A phase that is over is nobody's concern, whatever it found.
    assert_eq!(causes(&seen(&[], "till,1", HARM), "till, phase 1"), []);
    // Nothing is said of guardrails where units are lost.
    let lost = HARM.replace("a,,units,10000", "a,,units,5000");
    assert_eq!(causes(&seen(&[], "till,2", &lost), "till, phase 2"), [(Cause::SampleRatio, Then::Notify)]);
}

#[test]
fn guardrail_without_data_is_no_harm() {
    let none = [(Cause::NoData, Then::Notify)];
    assert_eq!(causes(&seen(&[], "till,2", "a,,units,3,0,0,0"), "till, phase 2"), none);
    assert_eq!(causes(&seen(&[], "none,1", "a,,units,3,0,0,0"), "header/rise"), none);
    // Units, and no error at all: is it tracked? One, and it is.
    let quiet = HARM.replace("error,all,10000,2000,2000,2000", "error,all,10000,0,0,0");
    let quiet = quiet.replace("error,all,10000,1000,1000,1000", "error,all,10000,0,0,0");
    let all = seen(&[], "till,2", &quiet);
    assert_eq!(causes(&all, "till, phase 2")[1..], none);
    assert!(all.iter().any(|watched| watched.says.contains("is the event tracked?")), "{all:?}");
    let rare = quiet.replace("b,error,all,10000,0,0,0", "b,error,all,10000,1,1,1");
    assert_eq!(causes(&seen(&[], "till,2", &rare), "till, phase 2"), [(Cause::Worse, Then::Notify)]);
}

#[test]
fn what_was_killed_is_told_as_long_as_it_is_off() {
    let harmed = [(Cause::Harmed, Then::Off)];
    assert_eq!(causes(&seen(&[kill("till", 9, None)], "till,2", HARM), "till, phase 2"), harmed);
    assert_eq!(causes(&seen(&[kill("till", 9, Some(10))], "till,2", HARM), "till, phase 2"), []);
}

#[test]
fn ramp_that_came_back_begins_anew() {
    let opens = |kills: &[Kill]| {
        let mut trials = on(kills);
        again(&mut trials);
        trials.iter().find(|trial| trial.name == "header/rise").unwrap().opens
    };
    assert_eq!(opens(&[]), None);
    assert_eq!(opens(&[kill("header", 9, Some(12))]), Some(november(12)));
    assert_eq!(opens(&[kill("header", 9, Some(12)), kill("header", 13, None)]), None);
    assert_eq!(opens(&[kill("till", 9, Some(12))]), None);
}
