//! For tests/oracles/stats: reads questions as lines of JSON, and answers each with a line of what this crate says.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, Write, stdin, stdout};

use serde_json::{Value, json};
use waft_stats::cuped::Arm;
use waft_stats::sample_ratio::SampleRatio;
use waft_stats::{Difference, Estimate, Interval, Moments, Pair, Sequence, cuped, fixed, power};

fn main() {
    let mut out = stdout().lock();
    for line in stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        writeln!(out, "{}", answer(&question)).unwrap();
    }
}

fn answer(question: &Value) -> Value {
    let number = |name: &str| question[name].as_f64().unwrap_or_else(|| panic!("{name} of {question}"));
    let list =
        |name: &str| -> Vec<f64> { question[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
    match question["kind"].as_str().unwrap() {
        "split" => {
            let ratio = SampleRatio::new(&list("units"), &list("shares")).unwrap();
            json!({ "lnBayesFactor": ratio.ln_bayes_factor, "chiSquare": ratio.chi_square })
        }
        "units" => {
            json!({ "fixed": power::fixed_units(number("effect"), number("variance"), number("alpha"), number("power")) })
        }
        kind => {
            let arms: Vec<&Value> = question["arms"].as_array().unwrap().iter().collect();
            let [control, treatment] = estimates(kind, &arms)[..] else { panic!("two arms") };
            let (alpha, sequence) = (number("alpha"), Sequence::new(number("alpha"), number("planned")));
            let told = |difference: Difference| {
                json!({
                    "effect": difference.effect,
                    "sequence": ends(sequence.interval(&difference)),
                    "fixed": fixed::interval(&difference, alpha).map(ends),
                    "p": fixed::p_value(&difference),
                })
            };
            json!({
                "absolute": told(Difference::absolute(treatment, control)),
                "lift": Difference::lift(treatment, control).map(told),
            })
        }
    }
}

fn estimates(kind: &str, arms: &[&Value]) -> Vec<Estimate> {
    let number = |arm: &Value, name: &str| arm[name].as_f64().unwrap();
    let pair = |arm: &Value| {
        let [n, y, yy, x, xx, xy] = ["n", "y", "yy", "x", "xx", "xy"].map(|name| number(arm, name));
        Pair::from_sums(n, y, yy, x, xx, xy)
    };
    match kind {
        "proportion" => arms.iter().map(|arm| Estimate::proportion(number(arm, "n"), number(arm, "y"))).collect(),
        "mean" => {
            let moments = |arm: &&Value| Moments::from_sums(number(arm, "n"), number(arm, "y"), number(arm, "yy"));
            arms.iter().map(|arm| Estimate::mean(&moments(arm))).collect()
        }
        "ratio" => arms.iter().map(|arm| Estimate::ratio(&pair(arm)).unwrap()).collect(),
        "cuped" => {
            let known: Vec<Arm> =
                arms.iter().map(|arm| Arm { known: pair(arm), unknown: Moments::default() }).collect();
            cuped(&known)
        }
        _ => panic!("no kind is named {kind}"),
    }
}

fn ends(interval: Interval) -> [f64; 2] {
    [interval.low, interval.high]
}
