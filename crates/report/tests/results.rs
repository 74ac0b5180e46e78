//! Sums to words: what is said of them, and what is not.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shop;

use shop::november;
use waft_report::{Comparison, Report, Results, Role, Sum, Trial, Verdict, Withheld, page, read, report, text};

const RULESET: &str = r#"
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string }
metrics:
  bought: { conversion: purchase, within: 7d, better: up }
  spent: { mean: purchase, within: 7d, cuped: 14d, better: up }
  error: { conversion: js_error, within: 1d, better: down }
holdouts:
  winter: { unit: visitor, share: 5%, from: 2026-11-01, metrics: [bought] }
experiments:
  till:
    unit: visitor
    metrics: { primary: [bought], secondary: [spent], guardrails: { error: { worse: 20% } } }
    plan: { detect: 10%, units: 20000, atLeast: 14d }
    phases:
      - { id: 1, from: 2026-11-01, to: 2026-11-05T00:00Z, split: { a: 50%, b: 50% } }
      - { id: 2, from: 2026-11-05, split: { a: 50%, b: 50% } }
flags:
  till:
    type: string
    variants: { a: a, b: b }
    whenOff: a
    default: b
    holdout: winter
    rules: [{ id: test, experiment: till }]
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
      - { id: quiet, ramp: on, unit: visitor, steps: [{ to: 10%, at: 2026-11-01 }] }
"#;

fn trials_on(day: i64) -> Vec<Trial> {
    shop::trials_on(RULESET, &[], day)
}

/// A report of the sums of `till`, phase 2, on a day.
fn told(day: i64, rows: &str) -> Report {
    let rows: String = rows.lines().map(|row| format!("till,2,{}\n", row.trim())).collect();
    let sums = read(&format!("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\n{rows}"));
    report("shop/production", &trials_on(day), &sums.unwrap(), november(day))
}

fn till(report: &Report) -> &Results {
    report.trials.iter().find(|trial| trial.name == "till" && trial.phase == 2).unwrap()
}

/// The comparison of a metric.
fn of<'r>(report: &'r Report, metric: &str) -> &'r Comparison {
    &till(report).metrics.iter().find(|known| known.metric == metric).unwrap().comparisons[0]
}

/// Units of b (the control, as the flag's default) and a, and how many of them bought.
fn bought(b: (u64, u64), a: (u64, u64)) -> String {
    let row = |variant: &str, (units, converted): (u64, u64)| {
        format!(
            "{variant},,units,,{units},0,0,0,0,0,0\n{variant},bought,all,,{units},{converted},{converted},{converted},0,0,0\n"
        )
    };
    format!("{}{}", row("b", b), row("a", a))
}

#[test]
fn what_is_compared() {
    let of = |day: i64| -> Vec<(String, u32, String, Option<i64>, i64)> {
        let told = |trial: &Trial| (trial.name.clone(), trial.phase, trial.control().to_owned(), trial.to, trial.as_of);
        trials_on(day).iter().map(told).collect()
    };
    let (first, second) = (november(5), november(20));
    let trial = |name: &str, phase, control: &str, to, as_of| (name.to_owned(), phase, control.to_owned(), to, as_of);
    assert_eq!(of(0), []);
    assert_eq!(
        of(24),
        [
            trial("till", 2, "b", None, november(24)),
            trial("till", 1, "b", Some(first), november(24)),
            trial("winter", 1, "held", None, november(24)),
            // Controls are let go from the 20th on: nothing after that is a comparison.
            trial("header/rise", 1, "control", Some(second), second),
        ]
    );
    assert_eq!(of(15).last().unwrap().4, november(15));
    assert_eq!(trials_on(24)[0].ends(), november(24));
    assert_eq!(trials_on(24)[1].ends(), first);
}

#[test]
fn a_difference_that_is_there_is_told_once_the_plan_allows() {
    let rows = bought((10_000, 1_000), (10_000, 1_300));
    let early = told(10, &rows);
    assert_eq!((of(&early, "bought").verdict, of(&early, "bought").refusal), (Verdict::Unknown, Some(Withheld::Early)));
    assert_eq!(till(&early).answer, "No conclusion yet.");
    let late = told(24, &rows);
    assert_eq!((of(&late, "bought").verdict, of(&late, "bought").refusal), (Verdict::Better, None));
    assert_eq!(till(&late).answer, "`a` is better: bought +30.0 %.");
    let worse = told(24, &bought((10_000, 1_300), (10_000, 1_000)));
    assert_eq!(till(&worse).answer, "`a` is worse: bought \u{2212}23.1 %.");
}

#[test]
fn nothing_is_told_of_too_little() {
    let check = |rows: &str, refusal| {
        let report = told(24, rows);
        let found = of(&report, "bought");
        assert_eq!((found.verdict, found.refusal), (Verdict::Withheld, Some(refusal)), "{rows}");
        let figures = &till(&report).metrics[0].arms;
        let is_hidden = matches!(refusal, Withheld::SampleRatio | Withheld::Crossovers);
        assert!(!is_hidden || figures.iter().all(|arm| arm.mean.is_none()), "{figures:?}");
        assert!(found.difference.is_none() && found.lift.is_none() && found.fixed.is_none() && found.days.is_empty());
    };
    check(&bought((99, 50), (105, 50)), Withheld::FewUnits);
    check(&bought((1_000, 9), (1_000, 40)), Withheld::FewConversions);
    check(&bought((1_000, 500), (1_300, 600)), Withheld::SampleRatio);
    check(&(bought((1_000, 500), (1_000, 600)) + ",,crossed,,21,0,0,0,0,0,0"), Withheld::Crossovers);
    check(&bought((1_000, 1_000), (1_000, 1_000)), Withheld::NothingVaries);
    check(&bought((1_000, 1_001), (1_000, 600)), Withheld::ImpossibleSums);
    // Of a sum, which may be skewed, 25 that are there.
    let sums = |variant: &str, nonzero: u64| format!("{variant},spent,new,,1000,{nonzero},{nonzero},{nonzero},0,0,0\n");
    let report = told(24, &(bought((1_000, 500), (1_000, 500)) + &sums("b", 24) + &sums("a", 90)));
    assert_eq!(of(&report, "spent").refusal, Some(Withheld::FewConversions));
    // 20 in 2,020 are under one percent.
    let few = told(24, &(bought((1_000, 500), (1_000, 600)) + ",,crossed,,20,0,0,0,0,0,0"));
    assert_eq!(of(&few, "bought").verdict, Verdict::Better);
}

#[test]
fn alarm_says_where() {
    let rows = bought((5_000, 500), (6_000, 600))
        + "b,,units by day,20762,2500,0,0,0,0,0,0\na,,units by day,20762,2500,0,0,0,0,0,0
           b,,units by day,20763,2500,0,0,0,0,0,0\na,,units by day,20763,3500,0,0,0,0,0,0";
    let report = told(24, &rows);
    let split = till(&report).sample_ratio.as_ref().unwrap();
    let alarms: Vec<&str> = split.by_day.iter().filter(|cell| cell.alarm).map(|cell| cell.of.as_str()).collect();
    assert_eq!((split.alarm, alarms), (true, vec!["2026-11-06"]));
    assert!(till(&report).answer.starts_with("Do not read these results"));
    assert!(text(&report).contains("2026-11-06: 2,500 against 3,500"));
}

#[test]
fn guardrails_are_safe_harmed_or_not_yet_known() {
    let check = |control: u64, treatment: u64, verdict| {
        let errors = |variant: &str, count: u64| format!("{variant},error,all,,50000,{count},{count},{count},0,0,0\n");
        let rows = bought((50_000, 5_000), (50_000, 5_000)) + &errors("b", control) + &errors("a", treatment);
        assert_eq!(of(&told(24, &rows), "error").verdict, verdict, "{control} {treatment}");
    };
    check(5_000, 5_000, Verdict::Safe);
    check(5_000, 7_000, Verdict::Harmed);
    check(5_000, 5_900, Verdict::Unknown);
    // Few where it is good is no reason to keep quiet.
    check(10, 1_500, Verdict::Harmed);
}

#[test]
fn phase_that_was_too_short_stays_too_short() {
    let rows = bought((10_000, 1_000), (10_000, 1_300));
    let rows: String = rows.lines().map(|row| format!("till,1,{row}\n")).collect();
    let sums = read(&format!("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\n{rows}")).unwrap();
    let report = report("shop/production", &trials_on(24), &sums, november(24));
    let phase = report.trials.iter().find(|trial| trial.phase == 1 && trial.name == "till").unwrap();
    assert_eq!((phase.ended, phase.days), (true, 4));
    assert_eq!(phase.metrics[0].comparisons[0].refusal, Some(Withheld::Early));
    assert!(!text(&report).contains("more units"));
}

#[test]
fn days_of_too_little_are_left_out() {
    let day = |variant: &str, day: i64, units: u64, nonzero: u64| {
        format!("{variant},bought,day since,{day},{units},{nonzero},{nonzero},{nonzero},0,0,0\n")
    };
    let rows = bought((10_000, 1_000), (10_000, 1_000))
        + &day("b", 0, 9_000, 400)
        + &day("a", 0, 9_000, 500)
        + &day("b", 1, 8_000, 6)
        + &day("a", 1, 8_000, 6)
        + &day("b", 9_000_000_000_000_000_000, 90, 60)
        + &day("a", 9_000_000_000_000_000_000, 90, 60);
    let report = told(24, &rows);
    let days: Vec<i64> = of(&report, "bought").days.iter().map(|day| day.day).collect();
    assert_eq!(days, [0]);
}

#[test]
fn odd_tables_are_refused_or_come_to_an_end() {
    let twice = bought((10, 1), (10, 1));
    let rows: String =
        [&twice, &twice].iter().flat_map(|rows| rows.lines()).map(|row| format!("till,2,{row}\n")).collect();
    let table = format!("experiment,phase,variant,metric,part,cell,units,nonzero,x,xx,y,yy,xy\n{rows}");
    assert!(read(&table).unwrap_err().starts_with("two rows for `till`, phase 2, `b`"));
    let most = u64::MAX;
    let report = told(
        24,
        &format!("b,,units,,{most},0,0,0,0,0,0\na,,units,,{most},0,0,0,0,0,0\n\u{1b}[2J,,units,,7,0,0,0,0,0,0"),
    );
    assert_eq!(till(&report).arms[0].units, most);
    assert!(!text(&report).contains('\u{1b}'));
}

#[test]
fn loss_has_no_lift() {
    let spent = |variant: &str, sum: f64| format!("{variant},spent,new,,1000,900,{sum},{},0,0,0\n", sum * sum);
    let report = told(24, &(bought((1_000, 500), (1_000, 500)) + &spent("b", -20_000.0) + &spent("a", -10_000.0)));
    let found = of(&report, "spent");
    assert!(found.difference.unwrap().value == 10.0 && found.lift.is_none());
}

#[test]
fn history_is_taken_out_of_a_mean() {
    // y is what x was before, and x is y and a little: adjusted, next to nothing is left to vary.
    let part = |variant: &str, x: f64, xx: f64, xy: f64| {
        format!(
            "{variant},spent,known,,1000,1000,{x},{xx},10000,200000,{xy}\n{variant},spent,new,,500,500,5500,60500.5,0,0,0\n"
        )
    };
    let rows = bought((1_500, 500), (1_500, 500))
        + &part("b", 11_000.0, 221_000.5, 210_000.0)
        + &part("a", 11_500.0, 232_250.5, 215_000.0);
    let report = told(24, &rows);
    let metric = till(&report).metrics.iter().find(|metric| metric.metric == "spent").unwrap();
    assert!(metric.adjusted);
    // The same units without a history.
    let all = |variant: &str, x: f64, xx: f64| {
        format!("{variant},spent,all,,1500,1500,{},{},0,0,0\n", x + 5_500.0, xx + 60_500.5)
    };
    let plain = bought((1_500, 500), (1_500, 500)) + &all("b", 11_000.0, 221_000.5) + &all("a", 11_500.0, 232_250.5);
    let plain = told(24, &plain);
    let width = |report: &Report| {
        let range = of(report, "spent").difference.unwrap();
        range.high - range.low
    };
    assert!(width(&report) < width(&plain) / 2.0, "{} {}", width(&report), width(&plain));
}

#[test]
fn how_long_still() {
    let rows = bought((2_000, 200), (2_000, 200))
        + &(0..7).map(|day| format!("b,,units by day,{},140,0,0,0,0,0,0\n", 20_774 + day)).collect::<String>();
    let report = told(24, &rows);
    let found = of(&report, "bought");
    let (units, days) = (found.units_to_go.unwrap(), found.days_to_go.unwrap());
    assert!(found.power.unwrap() < 0.1 && units > 10_000, "{found:?}");
    // The last seven whole days before the 24th are days 20,774 to 20,780 since 1970, of 140 units each.
    assert_eq!(days, (units as f64 / 140.0).ceil());
}

#[test]
fn primary_metrics_and_arms_share_alpha_and_the_others_do_not() {
    let report = told(24, &bought((2_000, 200), (2_000, 200)));
    assert_eq!(of(&report, "bought").alpha, 0.05);
    let mut more = trials_on(24);
    more[0].questions[1].role = Role::Primary;
    more[0].arms.push(waft_report::Arm { variant: "c".to_owned(), weight: 1.0 });
    let sums: Vec<Sum> = Vec::new();
    let report = waft_report::report("shop/production", &more, &sums, november(24));
    let alphas: Vec<f64> = report.trials[0].metrics.iter().map(|metric| metric.comparisons[1].alpha).collect();
    assert_eq!(alphas, [0.0125, 0.0125, 0.05]);
}

#[test]
fn page_escapes_what_it_is_given_and_asks_for_nothing() {
    let mut report = told(24, &(bought((2_000, 200), (2_000, 200)) + "<b>x</b>,,units,,5,0,0,0,0,0,0"));
    report.unknown.push(("<script>alert(1)</script>".to_owned(), 3));
    let page = page(&report);
    assert!(!page.contains("<script") && !page.contains("<b>x"), "{page}");
    for outside in ["src=", "url(", "@import", "http://", "https://"] {
        assert!(!page.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside}");
    }
}
