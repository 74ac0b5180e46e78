//! Our figures for the oracles of tests/oracles/stats: a line of JSON in, a line of JSON out, until the input ends.
//! A question that has no answer gets `null`; one that is not understood ends the program.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{self, Write};

use serde_json::{Value, json};
use waft_stats::{
    Alpha, Conversions, Difference, Direction, Effect, Estimate, Guardrail, History, Interval, Pairs, SampleRatio,
    Sequence, Standing, Values, adjust, cap, fixed_power, fixed_units, sequence_power, sequence_units,
};

fn main() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = match question["ask"].as_str().unwrap() {
            "difference" => difference(&question),
            "sample ratio" => sample_ratio(&question),
            "sequence" => sequence_widths(&question),
            "power" => power(&question),
            "share" => share(&question),
            "cap" => capped(&question),
            other => panic!("nothing is known of '{other}'"),
        };
        writeln!(out, "{answer}").unwrap();
        out.flush().unwrap();
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}

fn sequence(question: &Value) -> Sequence {
    Sequence::new(Alpha::new(number(&question["alpha"])).unwrap(), count(&question["planned"])).unwrap()
}

/// `{ units, sum, squares }`.
fn values(arm: &Value) -> Option<Values> {
    Values::from_sums(count(&arm["units"]), number(&arm["sum"]), number(&arm["squares"]))
}

/// `{ units, x, xx, y, yy, xy }`, plain sums.
fn pairs(arm: &Value) -> Option<Pairs> {
    let of = |name: &str| number(&arm[name]);
    Pairs::from_sums(count(&arm["units"]), (of("x"), of("xx")), (of("y"), of("yy")), of("xy"))
}

/// `{ known, missing }`.
fn history(arm: &Value) -> Option<History> {
    Some(History { known: pairs(&arm["known"])?, missing: values(&arm["missing"])? })
}

fn estimates(question: &Value) -> Option<[Estimate; 2]> {
    let arms = [&question["treatment"], &question["control"]];
    match question["metric"].as_str().unwrap() {
        "conversions" => {
            let of = |arm: &Value| Conversions::new(count(&arm["units"]), count(&arm["converted"]))?.estimate();
            Some([of(arms[0])?, of(arms[1])?])
        }
        "values" => Some([values(arms[0])?.estimate()?, values(arms[1])?.estimate()?]),
        "ratio" => Some([pairs(arms[0])?.ratio()?, pairs(arms[1])?.ratio()?]),
        "cuped" => {
            let adjusted = adjust(&[history(arms[0])?, history(arms[1])?])?;
            Some([adjusted[0].estimate()?, adjusted[1].estimate()?])
        }
        other => panic!("there is no metric '{other}'"),
    }
}

fn ends(interval: Interval) -> Value {
    json!([interval.low, interval.high])
}

fn figures(difference: Option<Difference>, sequence: &Sequence) -> Value {
    difference.map_or(Value::Null, |difference| {
        let fixed = difference.fixed(sequence);
        json!({
            "value": difference.value(),
            "variance": difference.variance(),
            "interval": ends(difference.interval(sequence)),
            "bounds": ends(difference.bounds(sequence)),
            "fixed": fixed.map(|fixed| ends(fixed.interval)),
            "p": fixed.map(|fixed| fixed.p),
        })
    })
}

/// With `better` and `margin`, also a guardrail; the margin is in the metric's unit, or with `relative` a share.
fn difference(question: &Value) -> Value {
    let Some([treatment, control]) = estimates(question) else { return Value::Null };
    let sequence = sequence(question);
    let mut answer = json!({
        "means": [treatment.mean(), control.mean()],
        "variances": [treatment.variance(), control.variance()],
        "absolute": figures(Difference::absolute(treatment, control), &sequence),
        "relative": figures(Difference::relative(treatment, control), &sequence),
    });
    if let Some(better) = question["better"].as_str() {
        let direction = if better == "up" { Direction::Up } else { Direction::Down };
        let of = if question["relative"] == true { Guardrail::relative } else { Guardrail::absolute };
        let guardrail = of(direction, number(&question["margin"])).unwrap();
        answer["room"] = figures(guardrail.room(treatment, control), &sequence);
        answer["standing"] = match guardrail.standing(treatment, control, &sequence) {
            Standing::Harmed => "harmed",
            Standing::Safe => "safe",
            Standing::Unknown => "unknown",
        }
        .into();
    }
    answer
}

fn sample_ratio(question: &Value) -> Value {
    let units: Vec<u64> = question["units"].as_array().unwrap().iter().map(count).collect();
    let weights: Vec<f64> = question["weights"].as_array().unwrap().iter().map(number).collect();
    SampleRatio::new(&units, &weights).map_or(
        Value::Null,
        |found| json!({ "ln_bayes_factor": found.ln_bayes_factor(), "p": found.p(), "alarm": found.is_alarm() }),
    )
}

/// Half the widths in standard errors.
fn sequence_widths(question: &Value) -> Value {
    let (sequence, units) = (sequence(question), number(&question["units"]));
    json!({ "two_sided": sequence.two_sided(units), "one_sided": sequence.one_sided(units) })
}

fn power(question: &Value) -> Value {
    let variances = (number(&question["variances"][0]), number(&question["variances"][1]));
    let Some(effect) = Effect::new(number(&question["size"]), variances, number(&question["treatment_share"])) else {
        return Value::Null;
    };
    let (sequence, units, power) = (sequence(question), count(&question["units"]), number(&question["power"]));
    json!({
        "fixed_power": fixed_power(&effect, sequence.alpha(), units),
        "fixed_units": fixed_units(&effect, sequence.alpha(), power),
        "sequence_power": sequence_power(&effect, &sequence, units),
        "sequence_units": sequence_units(&effect, &sequence, power),
    })
}

fn share(question: &Value) -> Value {
    let of = |name: &str| u32::try_from(count(&question[name])).unwrap();
    json!(Alpha::new(number(&question["alpha"])).unwrap().share(of("primary_metrics"), of("treatments")).value())
}

fn capped(question: &Value) -> Value {
    let mut values: Vec<f64> = question["values"].as_array().unwrap().iter().map(number).collect();
    let limit = cap(&mut values, u32::try_from(count(&question["millionths"])).unwrap());
    json!({ "limit": limit, "values": values })
}
