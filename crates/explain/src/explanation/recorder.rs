//! Records an evaluation and tells it as JSON.

use serde_json::{Map, Value as Json, json};
use waft::condition::flags_of_segment;
use waft::program::{FlagIndex, Second};
use waft::rule::{Action, Rule};
use waft::{Decision, Program, Reason, Session, Step, Trace, Truth, decide_segment, evaluate};

use super::entry;
use super::found::{Found, Inside, tell_why};
use super::why::Why;
use crate::condition;
use crate::value::truth;
use waft_ruleset::clock::text_of_seconds;

/// A decision and the steps to it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What `evaluate` decides, by the same run.
    pub decision: Decision,
    /// The rules that were tried, in order: `{rule, result, from?, to?, outside?, why?, stops?, condition? | except?, experiment? | ramp? | holdout?}`; or, in
    /// place of them, `{preview, result}` where a signed preview shows the variant.
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
    flag: FlagIndex,
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
) -> Explanation {
    let mut recorder = Recorder::default();
    session.forget();
    let decision = evaluate(program, flag, session, now, &mut recorder);
    let found = Found::new(program, session, context, now, &recorder.0);
    let own = own_steps(&recorder.0);
    let mut rules = Vec::new();
    if own.contains(&Step::Preview) {
        rules.push(json!({ "preview": true, "result": true }));
    }
    let Some(record) = program.flag(flag) else { return Explanation { decision, rules } };
    for steps in own.split_inclusive(is_before_rule(&own)) {
        let Some(Step::Rule { id, index }) = steps.iter().find(|step| matches!(step, Step::Rule { .. })) else {
            continue;
        };
        let Some(rule) = program.rule_of(&record, *index) else { break };
        let came_out = steps.iter().find_map(|step| match step {
            Step::Condition { truth } => Some(*truth),
            _ => None,
        });
        let mut told = Map::new();
        told.insert("rule".into(), program.str(*id).into());
        if steps.contains(&Step::Outside) {
            tell_dates(&rule, Some(now), &mut told);
            told.insert("result".into(), false.into());
            rules.push(Json::Object(told));
            continue;
        }
        tell_dates(&rule, None, &mut told);
        let condition = condition::read(program, rule.condition_span());
        // The condition of a holdout says who is excepted; all others take part, those of whom it is not known too.
        let (name, result) = match rule.action() {
            Action::Holdout(_) => ("except", Some(Truth::from(came_out != Some(Truth::True) || condition.is_none()))),
            _ => ("condition", came_out),
        };
        if let Some(result) = result {
            told.insert("result".into(), truth(result));
        }
        if result == Some(Truth::Unknown) {
            let why = match (rule.action(), &condition) {
                (Action::Unknown, _) => Some(Why::UnknownAction),
                (_, None) => Some(Why::Unreadable),
                (_, Some(_)) => None,
            };
            tell_why(why, &mut told);
            if decision.rule == Some(*index) && decision.reason == Reason::Default {
                told.insert("stops".into(), true.into());
            }
        }
        if let Some(condition) = condition {
            told.insert(name.into(), found.tell(&condition, Inside::RULE));
        }
        if let Some((kind, entry)) = entry::tell(&found, &record, &rule, steps) {
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
    session: &mut Session,
    context: &Map<String, Json>,
    now: i64,
) -> Option<(Truth, Json)> {
    let code = program.segment(usize::from(index))?.condition;
    let mut recorder = Recorder::default();
    session.forget();
    let asked = flags_of_segment(program, index);
    let truth = decide_segment(program, index, &asked, session, now, &mut recorder);
    let found = Found::new(program, session, context, now, &recorder.0);
    Some((truth, found.tell(&condition::read(program, code)?, Inside::RULE.within(index)?)))
}

/// A rule's dates; and where it does not apply at a moment, that it does not, and why.
fn tell_dates(rule: &Rule<'_>, outside: Option<i64>, told: &mut Map<String, Json>) {
    let Some([from, to]) = rule.dates() else { return };
    if from != Second(0) {
        told.insert("from".into(), text_of_seconds(from.0.into()).into());
    }
    if to != Second::NEVER {
        told.insert("to".into(), text_of_seconds(to.0.into()).into());
    }
    if let Some(now) = outside {
        let begins = now < from.milli();
        let (word, second) = if begins { ("begins", from) } else { ("ended", to) };
        told.insert("outside".into(), true.into());
        told.insert("note".into(), format!("{word} {}", text_of_seconds(second.0.into())).into());
    }
}

/// The steps of the flag itself, without those of flags that it asks for.
fn own_steps(steps: &[Step]) -> Vec<Step> {
    let mut others = false;
    let own = steps.iter().filter(|step| {
        others = match step {
            Step::Need { .. } => true,
            Step::Needed { .. } => false,
            _ => return !others,
        };
        false
    });
    own.copied().collect()
}

/// Splits steps before each rule but the first.
fn is_before_rule(steps: &[Step]) -> impl FnMut(&Step) -> bool + '_ {
    let mut index = 0;
    move |_| {
        index += 1;
        matches!(steps.get(index), Some(Step::Rule { .. }))
    }
}
