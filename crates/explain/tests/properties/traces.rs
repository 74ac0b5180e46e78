//! Traces of random rulesets: no line says what another one, or the decision, contradicts.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use waft::program::FlagIndex;
use waft::{Decision, Program, Session, Truth};
use waft_explain::context;
use waft_explain::explanation;
use waft_explain::segments;

use crate::program;
use crate::random::{DAYS, Random, milli, ruleset, some_context};

/// What pages hand over that is of no use, or of another type than was declared.
fn junk(random: &mut Random, context: &mut Map<String, Json>) {
    for name in ["id", "s", "n", "d", "v", "l"] {
        if random.below(6) == 0 {
            let long = "x".repeat(1_025);
            let values = [json!(null), json!(""), json!(true), json!(1.5), json!({}), json!(["x", 1]), json!(long)];
            context.insert(name.to_owned(), random.pick(&values).clone());
        }
    }
}

/// A decision, and its rules as JSON has them.
struct Explained {
    decision: Decision,
    rules: Vec<Json>,
}

fn explain(
    program: &Program,
    flag: FlagIndex,
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
) -> Explained {
    let explained = explanation::explain(program, flag, session, context, now);
    let rules = explained.rules.iter().map(|rule| serde_json::to_value(rule).unwrap());
    Explained { decision: explained.decision, rules: rules.collect() }
}

fn explained(
    random: &mut Random,
    rulesets: usize,
    mut check: impl FnMut(&Program, FlagIndex, &Explained, &dyn Fn(&str) -> String),
) {
    for _ in 0..rulesets {
        let written = ruleset(random);
        let program = program(&written);
        for _ in 0..10 {
            let mut context = some_context(random);
            junk(random, &mut context);
            let mut session = context::session(&program, &context);
            let now = milli(random.below(DAYS));
            for flag in program.flags() {
                let explained = explain(&program, flag, &mut session, &context, now);
                let told = |what: &str| {
                    let trace = Json::from(explained.rules.clone());
                    let context = Json::from(context.clone());
                    format!("{what}: f{} for {context} at {now}\n{trace:#}\n{written:#}", flag.0)
                };
                check(&program, flag, &explained, &told);
            }
        }
    }
}

fn truth(told: &Json) -> Truth {
    match told.get("result") {
        Some(Json::Bool(result)) => (*result).into(),
        Some(Json::Null) => Truth::Unknown,
        other => panic!("{other:?} is no result"),
    }
}

/// Checks a condition and all below it; adds why anything is unknown.
fn check_condition(told: &Json, reasons: &mut BTreeSet<String>) -> Result<(), String> {
    let list = |key: &str| told.get(key).and_then(Json::as_array).map(Vec::as_slice);
    let parts: Vec<&Json> = match (list("all").or(list("any")), told.get("not").or(told.get("condition"))) {
        (Some(parts), _) => parts.iter().collect(),
        (None, Some(part)) => vec![part],
        (None, None) => Vec::new(),
    };
    parts.iter().try_for_each(|part| check_condition(part, reasons))?;
    let truths = parts.iter().map(|part| truth(part));
    let expected = match (told.get("all"), told.get("any"), told.get("not"), told.get("condition")) {
        (Some(_), ..) => truths.fold(Truth::True, Truth::and),
        (_, Some(_), ..) => truths.fold(Truth::False, Truth::or),
        (_, _, Some(part), _) => !truth(part),
        (_, _, _, Some(part)) => truth(part),
        _ => truth(told),
    };
    if truth(told) != expected {
        return Err(format!("{:?} over parts that come to {expected:?} in {told:#}", truth(told)));
    }
    let why = told.get("why").and_then(Json::as_str);
    if why.is_some() != (parts.is_empty() && expected == Truth::Unknown) {
        return Err(format!("why is {why:?} in {told:#}"));
    }
    if let Some(share) = told.get("share").filter(|share| !share.is_null()) {
        check_point(share, truth(told) == Truth::True)?;
    }
    reasons.extend(why.map(str::to_owned));
    Ok(())
}

/// The numbers that are shown say themselves whether the point is inside.
fn check_point(told: &Json, inside: bool) -> Result<(), String> {
    let number = |value: &Json| value.as_f64().unwrap();
    let point = number(&told["point"]);
    let ranges: Vec<(f64, f64)> = match told.get("ranges").and_then(Json::as_array) {
        Some(ranges) => ranges.iter().map(|range| (number(&range[0]), number(&range[1]))).collect(),
        None => vec![(told.get("from").map_or(0.0, number), number(&told["below"]))],
    };
    if ranges.iter().any(|(from, below)| *from <= point && point < *below) != inside {
        return Err(format!("{inside} is told of {told}"));
    }
    Ok(())
}

/// Whether a rule serves somebody, by what is told of it alone.
fn serves(rule: &Json) -> Result<bool, String> {
    let entry = ["experiment", "ramp", "holdout"].iter().find_map(|kind| rule.get(kind));
    let inside = |point: &str| -> Result<Option<bool>, String> {
        let Some(told) = entry.and_then(|entry| entry.get(point)) else { return Ok(None) };
        check_point(told, told["inside"].as_bool().unwrap())?;
        Ok(told["inside"].as_bool())
    };
    let gates = ["layer", "coverage", "split", "ramp", "holdout"];
    let open = gates.iter().map(|gate| inside(gate)).collect::<Result<Vec<_>, _>>()?;
    // Of a monitored ramp, half of those that it has reached, and who was let go of the others.
    let half = inside("half")?.is_none_or(|on| on) || inside("released")?.unwrap_or(false);
    if rule.get("stops").is_some() {
        return Ok(true);
    }
    let Some(entry) = entry else { return Ok(truth(rule) == Truth::True) };
    if entry.get("remembered").is_some() {
        return Ok(true);
    }
    let decided = open.iter().any(Option::is_some);
    Ok(truth(rule) == Truth::True
        && entry.get("stopped").is_none()
        && decided
        && half
        && open.iter().all(|open| *open != Some(false)))
}

#[test]
fn every_result_follows_from_those_below_it() {
    let (mut random, mut reasons, mut outside) = (Random(23), BTreeSet::new(), 0);
    explained(&mut random, 400, |_, _, explained, told| {
        for rule in &explained.rules {
            if rule.get("outside").is_some() {
                let asked = ["condition", "stops", "why"].iter().any(|field| rule.get(field).is_some());
                assert!(!asked && truth(rule) == Truth::False, "{}", told("a rule outside its dates"));
                outside += 1;
                continue;
            }
            let excepted = rule.get("except");
            if let Some(condition) = rule.get("condition").or(excepted) {
                check_condition(condition, &mut reasons).unwrap_or_else(|wrong| panic!("{}", told(&wrong)));
            }
            let found = rule.get("condition").or(excepted).map(truth);
            let expected = match (excepted, found) {
                (Some(_), found) => Truth::from(found != Some(Truth::True)),
                (None, found) => found.unwrap_or(Truth::True),
            };
            assert_eq!(truth(rule), expected, "{}", told("a rule is what its condition is"));
        }
    });
    assert!(outside > 100, "{outside}");
    let known = ["empty", "missing", "too-long", "wrong-type"];
    assert_eq!(reasons.iter().map(String::as_str).collect::<Vec<_>>(), known);
}

#[test]
fn the_last_rule_that_is_told_is_the_one_that_decides() {
    let mut random = Random(29);
    explained(&mut random, 400, |program, flag, explained, told| {
        let served: Vec<bool> = explained
            .rules
            .iter()
            .map(|rule| serves(rule).unwrap_or_else(|wrong| panic!("{}", told(&wrong))))
            .collect();
        let (last, before) = served.split_last().map_or((false, &[][..]), |(last, before)| (*last, before));
        assert!(!before.contains(&true), "{}", told("a rule serves, and the next one is tried"));
        assert_eq!(last, explained.decision.rule.is_some(), "{}", told("the last rule"));
        if let Some(rule) = explained.decision.rule {
            let id = program.rule_of(&program.flag(flag).unwrap(), rule).unwrap().id;
            assert_eq!(explained.rules.last().unwrap()["rule"], program.str(id), "{}", told("the rule that decided"));
        }
    });
}

#[test]
fn a_segment_is_told_alike_whoever_asks() {
    let (mut random, mut asked) = (Random(31), 0);
    for _ in 0..100 {
        let program = program(&ruleset(&mut random));
        for _ in 0..10 {
            let mut context = some_context(&mut random);
            junk(&mut random, &mut context);
            let now = milli(random.below(DAYS));
            let told = segments::tell(&program, &mut context::session(&program, &context), &context, now);
            let told = serde_json::to_value(told).unwrap();
            for flag in program.flags() {
                let mut session = context::session(&program, &context);
                for rule in explain(&program, flag, &mut session, &context, now).rules {
                    each_segment(&rule, &mut |segment| {
                        asked += 1;
                        let alone =
                            told.as_array().unwrap().iter().find(|told| told["name"] == segment["segment"]).unwrap();
                        assert_eq!(
                            (&segment["result"], &segment["condition"]["words"]),
                            (&alone["matches"], &alone["words"])
                        );
                    });
                }
            }
        }
    }
    assert!(asked > 300, "{asked}");
}

fn each_segment(told: &Json, visit: &mut impl FnMut(&Json)) {
    match told {
        Json::Object(fields) => {
            if fields.contains_key("segment") {
                visit(told);
            }
            fields.values().for_each(|field| each_segment(field, visit));
        }
        Json::Array(items) => items.iter().for_each(|item| each_segment(item, visit)),
        _ => {}
    }
}
