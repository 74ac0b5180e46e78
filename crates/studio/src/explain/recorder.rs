//! Records an evaluation and tells it as JSON.

use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};
use waft::buckets::Bound;
use waft::rule::Action;
use waft::{Decision, Program, Step, Subject, Trace, Truth, evaluate};

use super::tree::{self, Condition, Kind, number};
use super::words;
use crate::ruleset::Share;

/// A decision and the steps to it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What `evaluate` decides, by the same run.
    pub decision: Decision,
    /// The rules that were tried, in order: `{rule, result, condition? | except?, experiment? | ramp? | holdout?}`; or, in place of
    /// them, `{preview, result}` where a signed preview shows the variant.
    pub rules: Vec<Json>,
}

/// Keeps every step.
#[derive(Debug, Default)]
struct Recorder(Vec<Step>);

impl Trace for Recorder {
    fn step(&mut self, step: Step) {
        self.0.push(step);
    }
}

/// Decides a flag and keeps why. `context` is where the values shown come from.
pub fn explain(
    program: &Program,
    flag: u32,
    subject: &mut Subject,
    context: &Map<String, Json>,
    now: i64,
) -> Explanation {
    let mut recorder = Recorder::default();
    subject.forget();
    let decision = evaluate(program, flag, subject, now, &mut recorder);
    let mut rules = Vec::new();
    if recorder.0.contains(&Step::Preview) {
        rules.push(json!({ "preview": true, "result": true }));
    }
    let record = program.flag(flag);
    for steps in recorder.0.split_inclusive(is_before_rule(&recorder.0)) {
        let Some(Step::Rule { id, index }) = steps.iter().find(|step| matches!(step, Step::Rule { .. })) else {
            continue;
        };
        let Some(rule) = record.as_ref().and_then(|flag| program.rule_of(flag, *index)) else { break };
        let truths = Truths::of(steps);
        let mut told = Map::new();
        told.insert("rule".into(), program.str(*id).into());
        let condition = tree::read(program, rule.condition_place());
        // The condition of a holdout says who is excepted; all others take part, those of whom it is not known too.
        let (name, result) = match (rule.action(), truths.condition) {
            (Action::Holdout(_), found) => (
                "except",
                Some(if found == Some(Truth::True) && condition.is_some() { Truth::False } else { Truth::True }),
            ),
            (_, found) => ("condition", found),
        };
        told.insert("result".into(), result.map_or(Json::Null, truth));
        if let Some(condition) = condition {
            told.insert(name.into(), tell(program, &condition, &truths, context));
        }
        if let Some((kind, entry)) = tell_entry(program, flag, &rule.action(), steps) {
            told.insert(kind.into(), entry);
        }
        rules.push(Json::Object(told));
    }
    Explanation { decision, rules }
}

/// Decides a segment and tells its condition as [`explain`] tells a rule's.
pub fn explain_segment(
    program: &Program,
    index: u16,
    subject: &mut Subject,
    context: &Map<String, Json>,
    now: i64,
) -> Option<(Truth, Json)> {
    let (_, _, code) = program.segment(usize::from(index))?;
    let mut recorder = Recorder::default();
    subject.forget();
    let truth = waft::condition::decide_segment(program, index, subject, now, &mut recorder);
    let truths = Truths::of(&recorder.0);
    Some((truth, tell(program, &tree::read(program, code)?, &truths, context)))
}

/// Splits steps before each rule but the first.
fn is_before_rule(steps: &[Step]) -> impl FnMut(&Step) -> bool + '_ {
    let mut index = 0;
    move |_| {
        index += 1;
        matches!(steps.get(index), Some(Step::Rule { .. }))
    }
}

/// What each operation came out to, by its word of code.
struct Truths {
    operations: HashMap<u32, Truth>,
    condition: Option<Truth>,
}

impl Truths {
    fn of(steps: &[Step]) -> Self {
        let mut truths = Truths { operations: HashMap::new(), condition: None };
        for step in steps {
            match step {
                Step::Operation { at, truth } => {
                    truths.operations.insert(*at, *truth);
                }
                Step::Condition { truth } => truths.condition = Some(*truth),
                _ => {}
            }
        }
        truths
    }
}

/// A truth as JSON: unknown is null.
pub fn truth(truth: Truth) -> Json {
    match truth {
        Truth::False => false.into(),
        Truth::True => true.into(),
        Truth::Unknown => Json::Null,
    }
}

fn tell(program: &Program, condition: &Condition, truths: &Truths, context: &Map<String, Json>) -> Json {
    let result = truths.operations.get(&condition.at).copied();
    let mut told = Map::new();
    told.insert("words".into(), words::phrase(program, condition).into());
    told.insert("result".into(), result.map_or(Json::Null, truth));
    let parts = |parts: &[Condition]| -> Json {
        parts.iter().map(|part| tell(program, part, truths, context)).collect::<Vec<_>>().into()
    };
    match &condition.kind {
        Kind::All(all) => {
            told.insert("all".into(), parts(all));
        }
        Kind::Any(any) => {
            told.insert("any".into(), parts(any));
        }
        Kind::Not(part) => {
            told.insert("not".into(), tell(program, part, truths, context));
        }
        Kind::Segment(index) => {
            if let Some((name, _, code)) = program.segment(usize::from(*index)) {
                told.insert("segment".into(), program.str(name).into());
                if let Some(inside) = tree::read(program, code) {
                    told.insert("condition".into(), tell(program, &inside, truths, context));
                }
            }
        }
        Kind::Flag(flag, _) => {
            let key = program.flag(*flag).map_or("?", |flag| program.str(flag.key));
            told.insert("flag".into(), key.into());
        }
        Kind::Share { unit, .. } => {
            if let Some((_, slot)) = program.unit(usize::from(*unit)) {
                tell_attribute(program, slot, context, &mut told);
            }
        }
        Kind::List(slot, index) => {
            let list = program.list(*index).map_or("?", |list| program.str(list.name));
            told.insert("list".into(), list.into());
            tell_attribute(program, *slot, context, &mut told);
        }
        Kind::Test { slot, .. } => tell_attribute(program, *slot, context, &mut told),
        Kind::Unknown(number) => {
            told.insert("operator".into(), (*number).into());
        }
    }
    Json::Object(told)
}

/// The attribute that was asked for, and its value or that it is missing.
fn tell_attribute(program: &Program, slot: u16, context: &Map<String, Json>, told: &mut Map<String, Json>) {
    let attribute = words::name(program, slot);
    told.insert("attribute".into(), attribute.into());
    match context.get(attribute) {
        None | Some(Json::Null) => told.insert("missing".into(), true.into()),
        Some(value) => told.insert("value".into(), value.clone()),
    };
}

/// What an experiment, a ramp or a holdout compared, under its kind's name.
fn tell_entry(program: &Program, flag: u32, action: &Action, steps: &[Step]) -> Option<(&'static str, Json)> {
    let (kind, at) = match action {
        Action::Experiment(at) => ("experiment", at),
        Action::Ramp(at, _) => ("ramp", at),
        Action::Holdout(at) => ("holdout", at),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return None,
    };
    let entry = program.experiment(&program.flag(flag)?, *at)?;
    let mut told = Map::new();
    told.insert("key".into(), program.str(entry.key).into());
    for step in steps {
        match step {
            Step::NoPhase => {
                told.insert("stopped".into(), "no phase is running".into());
            }
            Step::NoUnit { unit } => {
                let name = program.unit(usize::from(*unit)).map_or("?", |(name, _)| program.str(name));
                told.insert("stopped".into(), format!("the context has no usable {name}").into());
            }
            Step::Sticky => {
                told.insert("remembered".into(), true.into());
            }
            Step::Half { point, on } => {
                told.insert("half".into(), json!({ "point": percent(*point), "below": 50, "inside": on }));
            }
            Step::Layer { layer, point, inside } => {
                let name = program.layer(*layer).map_or("?", |(name, _)| program.str(name));
                told.insert("layer".into(), json!({ "name": name, "point": percent(*point), "inside": inside }));
            }
            Step::Point { purpose, point, bound } => {
                told.insert(
                    purpose.name().into(),
                    json!({ "point": percent(*point), "below": share(*bound), "inside": bound.covers(*point) }),
                );
            }
            Step::Preview | Step::Rule { .. } | Step::Operation { .. } | Step::Condition { .. } => {}
        }
    }
    Some((kind, Json::Object(told)))
}

/// A point as a percentage with three decimals: rounded down, so that it never seems to have reached a bound.
fn percent(point: u32) -> Json {
    number((f64::from(point) / 4_294_967_296.0 * 100_000.0).floor() / 1_000.0)
}

/// A bound as the share that was written, in percent.
fn share(bound: Bound) -> Json {
    number(f64::from(Share::of(bound).0) / 10_000.0)
}
