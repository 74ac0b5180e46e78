//! Rules: for whom, when, and what each does.

use serde_json::Value as Json;

use super::condition;
use super::names::Scope;
use super::ramp;
use super::reader::{self, Fields, check_name, describe, list, resolve, text};
use super::variant::variant;
use crate::finding::{Code, Findings, Place};
use crate::source::{Entry, Kind, Node};
use crate::types::{Action, Named, OnUnknown, Rule};

/// The most rules of a flag; the compiler may add some in front.
const RULES: usize = 200;
/// What the compiler calls the rules that it puts in front.
pub(crate) const OWN_IDS: [&str; 3] = ["requires", "targets", "holdout"];

/// The rules of a flag.
pub(crate) fn read(
    node: &Node,
    variants: &[(String, Json)],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Vec<Named<Rule>>> {
    let items = match &node.kind {
        Kind::List(items) => items.as_slice(),
        _ => list(node, "rules", false, findings)?,
    };
    if items.len() > RULES {
        findings.add(node.place, Code::TooManyRules, format!("{} rules", items.len()), format!("at most {RULES}"));
        return None;
    }
    let mut rules: Vec<Named<Rule>> = Vec::new();
    let mut whole = true;
    for item in items {
        let Some(rule) = read_rule(item, variants, scope, findings) else {
            whole = false;
            continue;
        };
        if rules.iter().any(|other| other.name == rule.name) {
            let message = format!("two rules have the id `{}`", rule.name);
            findings.add(rule.place, Code::DuplicateRule, message, "give each rule of a flag its own id");
        }
        if let Some(catch_all) = rules.iter().find(|other| other.item.is_final()) {
            let message = format!("rule `{}` is never reached: rule `{}` always serves", rule.name, catch_all.name);
            findings.add(rule.place, Code::UnreachableRule, message, "move it up, or remove it");
        }
        rules.push(rule);
    }
    whole.then_some(rules)
}

/// When a rule applies: seconds since 1970.
type Dates = Option<(Option<u32>, Option<u32>)>;

/// The fields of a rule of which it has exactly one, and those that come with a ramp.
struct Does<'n> {
    serve: Option<&'n Entry>,
    experiment: Option<&'n Entry>,
    ramp: Option<&'n Entry>,
    of_ramp: [Option<&'n Entry>; 5],
}

fn read_rule(
    node: &Node,
    variants: &[(String, Json)],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Named<Rule>> {
    let mut fields = Fields::of(node, "rule", findings)?;
    let id = fields.require("id", "give the rule an id that stays", findings);
    let condition = fields.take("if");
    let (serve, experiment, ramp) = (fields.take("serve"), fields.take("experiment"), fields.take("ramp"));
    let (on_unknown, from, to) = (fields.take("onUnknown"), fields.take("from"), fields.take("to"));
    let of_ramp = ["unit", "salt", "guard", "steps", "paused"].map(|name| fields.take(name));
    if let (None, Some(field)) = (ramp, of_ramp.into_iter().flatten().next()) {
        let message = format!("`{}` belongs to a ramp, and the rule has none", field.key);
        findings.add(field.place, Code::RampField, message, "add `ramp: on`, or remove it");
    }
    describe(&mut fields, findings);
    fields.finish(findings);

    let id = id.and_then(|field| read_id(field, findings));
    let condition = match condition {
        None => None,
        Some(field) => Some(condition::read(&field.value, &scope.names, findings)?),
    };
    let dates = read_dates(from, to, node.place, findings)?;
    let on_unknown = on_unknown.map_or(Some(None), |field| read_on_unknown(field, findings).map(Some))?;
    let action = read_action(&Does { serve, experiment, ramp, of_ramp }, node, variants, scope, findings)?;
    Some(Named { name: id?, place: node.place, item: Rule { condition, dates, action, on_unknown } })
}

fn read_id(field: &Entry, findings: &mut Findings) -> Option<String> {
    let name = text(&field.value, "id", findings)?;
    check_name(name, field.value.place, findings);
    if OWN_IDS.contains(&name) {
        let message = format!("a rule called `{name}` looks like what decides for a flag's `{name}`");
        let remedy = "give it another id; a ramp keeps everybody in place with its old salt written, project/flag/rule";
        findings.add(field.value.place, Code::ReservedId, message, remedy);
    }
    Some(name.to_owned())
}

fn read_dates(from: Option<&Entry>, to: Option<&Entry>, rule: Place, findings: &mut Findings) -> Option<Dates> {
    if from.is_none() && to.is_none() {
        return Some(None);
    }
    let from = from.map_or(Some(None), |field| reader::instant(&field.value, findings).map(Some))?;
    let to = to.map_or(Some(None), |field| reader::end(&field.value, findings).map(Some))?;
    if to.is_some() && to <= from {
        findings.add(rule, Code::PhaseOrder, "the rule ends before it starts", "put `to` after `from`");
    }
    Some(Some((from, to)))
}

fn read_on_unknown(field: &Entry, findings: &mut Findings) -> Option<OnUnknown> {
    match field.value.text() {
        Some("stop") => Some(OnUnknown::Stop),
        Some("skip") => Some(OnUnknown::Skip),
        _ => {
            findings.add(
                field.value.place,
                Code::InvalidOnUnknown,
                "onUnknown: expected `skip` or `stop`",
                "`stop` serves the off variant",
            );
            None
        }
    }
}

fn read_action(
    does: &Does<'_>,
    rule: &Node,
    variants: &[(String, Json)],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Action> {
    match (does.serve, does.experiment, does.ramp) {
        (Some(field), None, None) => Some(Action::Serve(variant(&field.value, variants, findings)?)),
        (None, None, Some(field)) => {
            let [unit, salt, guard, steps, paused] = does.of_ramp;
            let variant = variant(&field.value, variants, findings)?;
            let written = ramp::Written { ramp: field, variant, unit, salt, guard, steps, paused };
            ramp::read(&written, rule, scope.names.units, findings).map(Action::Ramp)
        }
        (None, Some(field), None) => {
            let name = text(&field.value, "experiment", findings)?;
            resolve(name, field.value.place, scope.experiments, Code::UnknownExperiment, "experiment", findings)
                .map(Action::Experiment)
        }
        _ => {
            findings.add(
                rule.place,
                Code::ActionCount,
                "a rule does exactly one thing",
                "give it one of `serve`, `ramp` and `experiment`",
            );
            None
        }
    }
}
