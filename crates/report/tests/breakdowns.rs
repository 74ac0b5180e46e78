//! Results by what units were: what is said of parts, and what is said of how many there are.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod shop;

use std::fmt::Write;

use shop::november;
use waft_report::{Dialect, Is, Results, Verdict, Withheld, page, read, report, sql, steps, text};

const RULESET: &str = r#"
project: shop
environments: { production: {} }
units: { visitor: { attribute: visitorId } }
attributes: { visitorId: string, plan: string, orders: number }
segments: { regulars: { orders: { gte: 3 } } }
metrics:
  bought: { conversion: purchase, within: 7d, better: up }
  spent: { mean: purchase, within: 7d, better: up }
experiments:
  till:
    unit: visitor
    metrics: { primary: [bought], secondary: [spent] }
    breakdown: [plan, { segment: regulars }]
    plan: { detect: 10%, units: 20000, atLeast: 14d }
    phases: [{ id: 2, from: 2026-11-05, split: { a: 50%, b: 50% } }]
flags:
  till: { type: string, variants: { a: a, b: b }, whenOff: a, default: b, rules: [{ id: test, experiment: till }] }
"#;

/// Units and conversions of the control and of a, of all and by value.
fn told(all: [(u64, u64); 2], values: &[(&str, [(u64, u64); 2])]) -> Results {
    let mut rows = "experiment,phase,variant,metric,part,cell,units,nonzero,x\n".to_owned();
    let mut add = |cell: &str, [units, metric]: [&str; 2], both: [(u64, u64); 2]| {
        for (variant, (count, bought)) in ["b", "a"].into_iter().zip(both) {
            writeln!(rows, "till,2,{variant},,{units},\"{cell}\",{count},,").unwrap();
            writeln!(rows, "till,2,{variant},bought,{metric},\"{cell}\",{count},{bought},{bought}").unwrap();
        }
    };
    add("", ["units", "all"], all);
    for (cell, both) in values {
        add(cell, ["units by value", "all by value"], *both);
    }
    writeln!(rows, "till,2,,,more values,plan,7,900,").unwrap();
    let trials = shop::trials_on(RULESET, &[], 24);
    let told = report("shop/production", &trials, &read(&rows).unwrap(), november(24));
    told.trials.into_iter().next().unwrap()
}

#[test]
fn parts_are_compared_and_decide_nothing() {
    let results = told(
        [(10_000, 1_000), (10_000, 1_000)],
        &[
            ("plan=", [(50, 5), (50, 5)]),
            ("plan=free", [(3_000, 300), (3_000, 300)]),
            ("plan=pro=2", [(6_500, 650), (6_500, 950)]),
            ("plan", [(450, 45), (450, 45)]),
            ("segment/regulars=in", [(4_000, 400), (4_000, 405)]),
            ("segment/regulars=out", [(6_000, 600), (6_000, 595)]),
            // Of no breakdown that the ruleset has.
            ("planet=earth", [(1_000, 1), (1_000, 1)]),
        ],
    );
    let [plan, regulars] = &results.breakdowns[..] else { panic!("{results:?}") };
    let order: Vec<(Is, &str, &[u64])> =
        plan.values.iter().map(|value| (value.is, value.value.as_str(), value.units.as_slice())).collect();
    assert_eq!(
        order,
        [
            (Is::Value, "pro=2", [6_500, 6_500].as_slice()),
            (Is::Value, "free", &[3_000, 3_000]),
            (Is::Other, "", &[450, 450]),
            (Is::Unknown, "", &[50, 50]),
        ]
    );
    assert_eq!((plan.by.as_str(), plan.segment, plan.more), ("plan", false, 7));
    assert_eq!((regulars.by.as_str(), regulars.segment, regulars.more), ("regulars", true, 0));
    let of = |value: usize| &plan.values[value].metrics[0].comparisons[0];
    assert_eq!(plan.values[0].metrics.len(), 1, "secondary metrics are not told apart");
    assert_eq!((of(0).verdict, of(1).verdict), (Verdict::Better, Verdict::Unknown));
    assert_eq!((of(3).verdict, of(3).refusal), (Verdict::Withheld, Some(Withheld::FewUnits)));
    // Nothing is planned of a part: neither the fixed interval, nor power, nor days.
    assert!(of(0).fixed.is_none() && of(0).power.is_none() && of(0).days.is_empty(), "{:?}", of(0));
    // Of four and two, one has too few units.
    assert_eq!(results.looks, 5);
    // The whole decides.
    assert_eq!(results.answer, "No conclusion yet.");
    assert_eq!(results.metrics[0].comparisons[0].verdict, Verdict::Unknown);
}

#[test]
fn the_interval_of_a_part_is_that_of_a_metric_that_explains() {
    let whole = told([(10_000, 1_000), (10_000, 1_300)], &[("plan=free", [(10_000, 1_000), (10_000, 1_300)])]);
    let (all, part) = (&whole.metrics[0], &whole.breakdowns[0].values[0].metrics[0]);
    // One primary metric and one treatment: alpha is the same, and so is the interval of all units as one part.
    assert_eq!(all.comparisons[0].difference, part.comparisons[0].difference);
    assert_eq!(all.arms[1].mean, part.arms[1].mean);
}

#[test]
fn the_interval_of_a_part_does_not_depend_on_how_large_a_part_it_turns_out_to_be() {
    let part = [("plan=free", [(3_000, 300), (3_000, 390)])];
    let of = |all| told(all, &part).breakdowns[0].values[0].metrics[0].comparisons[0].difference;
    let [small, large] = [[(30_000, 3_000); 2], [(4_000, 400); 2]].map(of);
    assert!(small.is_some());
    assert_eq!(small, large);
}

#[test]
fn where_nothing_is_said_of_all_nothing_is_of_parts() {
    let part = [("plan=free", [(5_000, 500), (5_000, 900)])];
    let lost = told([(10_000, 1_000), (12_000, 1_000)], &part);
    let value = &lost.breakdowns[0].values[0];
    assert_eq!(value.metrics[0].comparisons[0].refusal, Some(Withheld::SampleRatio));
    assert!(!value.alarm && value.metrics[0].arms.iter().all(|arm| arm.mean.is_none()));
    assert_eq!(lost.looks, 0);
    // A part whose own split is off shows where units are lost.
    let here = told([(10_000, 1_000), (10_000, 1_000)], &[("plan=free", [(5_000, 500), (4_000, 900)])]);
    let value = &here.breakdowns[0].values[0];
    assert!(value.alarm && value.p.unwrap() < 1e-9);
    assert_eq!(value.metrics[0].comparisons[0].refusal, Some(Withheld::SampleRatio));
}

#[test]
fn text_and_page_warn_of_many_looks() {
    let results = told(
        [(10_000, 1_000), (10_000, 1_000)],
        &[
            ("plan=<b>free", [(3_000, 300), (3_000, 300)]),
            ("plan=pro", [(6_500, 650), (6_500, 950)]),
            ("plan", [(450, 45), (450, 45)]),
            ("plan=", [(50, 5), (50, 5)]),
            ("segment/regulars=in", [(4_000, 400), (4_000, 405)]),
            ("segment/regulars=out", [(6_000, 600), (5_000, 595)]),
        ],
    );
    let whole = waft_report::Report {
        set: "shop/production".to_owned(),
        as_of: "2026-11-24T00:00:00Z".to_owned(),
        trials: vec![results],
        unknown: Vec::new(),
        unknown_more: 0,
        warnings: Vec::new(),
    };
    let text = text(&whole);
    for said in [
        "4 comparisons by value, each with an error rate of 5 %: on average, up to 0.2 of them differ by chance alone.",
        "by plan:\n    pro, 6,500 against 6,500 visitors\n      bought, a: better, +4.62 points (between",
        "    <b>free, 3,000 against 3,000 visitors\n      bought, a: no conclusion yet, ",
        "    7 other values, 450 against 450 visitors\n",
        "    not known, 50 against 50 visitors\n      withheld: a variant has fewer than 100 visitors",
        "by regulars:\n    not in regulars, 6,000 against 5,000 visitors: sample ratio mismatch (SRM)\n    in regulars, 4,000",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let page = page(&whole);
    for said in
        ["4 comparisons by value", "&lt;b&gt;free", "7 other values", "not known", "not in regulars", "By segment"]
    {
        assert!(page.contains(said), "{said}\n{page}");
    }
}

#[test]
fn only_what_is_broken_down_asks_for_it() {
    let trials = shop::trials_on(RULESET, &[], 24);
    let plain = shop::trials_on(&RULESET.replace("    breakdown: [plan, { segment: regulars }]\n", ""), &[], 24);
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::Clickhouse] {
        let [with, without] = [&trials, &plain].map(|trials| sql(dialect, "shop/production", trials));
        assert!(with.contains("'segment/regulars' AS name") && with.contains("units by value"));
        assert!(!without.contains("by value") && !without.contains("breaks"), "{without}");
        assert!(!with.contains("{breakdown") && !with.contains("{told}") && !with.contains("{large"), "{with}");
    }
    // A database of before has no such column.
    assert!(!sql(Dialect::Sqlite, "shop/production", &plain).contains("x.breakdown"));
    let tables = steps("shop/production", &trials).tables;
    for kept in ["entry", "member", "label"] {
        assert!(tables.iter().any(|table| table.starts_with(&format!("CREATE TEMP TABLE {kept} "))), "{kept}");
    }
}
