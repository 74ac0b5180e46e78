//! Flags: variants, rules, and what environments replace.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;
use waft::program::ValueType;

use super::condition;
use super::id;
use super::names::Names;
use super::ramp;
use super::reader::{self, Fields, boolean, check_name, describe, list, resolve, skip, text};
use super::test::VALUES;
use crate::finding::{Code, Findings, Place};
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::{Action, Attribute, Environment, Experiment, Flag, FlagBody, Holdout, Named, Rule, Target};

/// The most variants of a flag: the engine's 255 stands for none.
const VARIANTS: usize = 254;
/// The most rules of a flag; the compiler may add some in front.
const RULES: usize = 200;
/// What flags are for.
const PURPOSES: [&str; 4] = ["release", "experiment", "ops", "permission"];

/// What flags may name.
pub(crate) struct Scope<'r> {
    /// What conditions may name.
    pub names: Names<'r>,
    /// Experiments.
    pub experiments: &'r [Named<Experiment>],
    /// Holdouts.
    pub holdouts: &'r [Named<Holdout>],
    /// Environments.
    pub environments: &'r [Named<Environment>],
}

/// Reads one flag and its forms in environments that replace keys.
pub(crate) fn read(entry: &Entry, scope: &Scope<'_>, findings: &mut Findings) -> Option<Flag> {
    let entries = Fields::of(&entry.value, "flag", findings).and_then(|_| entry.value.entries())?;
    let own: Vec<&Entry> = entries.iter().filter(|field| field.key != "in").collect();
    let base = read_body(own.clone(), entry.value.place, scope, findings);
    let mut replaced = Vec::new();
    if let Some(within) = entries.iter().find(|field| field.key == "in") {
        for environment in Fields::of(&within.value, "in", findings).and_then(|_| within.value.entries())? {
            let index = resolve(
                &environment.key,
                environment.place,
                scope.environments,
                Code::UnknownEnvironment,
                "environment",
                findings,
            );
            let keys = Fields::of(&environment.value, "in", findings).and_then(|_| environment.value.entries());
            let (Some(index), Some(keys)) = (index, keys) else { continue };
            let kept = own.iter().copied().filter(|field| keys.iter().all(|key| key.key != field.key));
            let body = read_body(kept.chain(keys).collect(), environment.place, scope, findings)?;
            replaced.push((index, body));
        }
    }
    Some(Flag { base: base?, replaced })
}

fn read_body(entries: Vec<&Entry>, place: Place, scope: &Scope<'_>, findings: &mut Findings) -> Option<FlagBody> {
    let mut fields = Fields::merged(entries, place, "flag");
    let kind = fields.require("type", "add `type: boolean`, `string`, `number` or `object`", findings);
    let enabled = match fields.take("enabled") {
        None => Some(true),
        Some(field) => boolean(&field.value, "enabled", findings),
    };
    let variants = fields.take("variants");
    let when_off = fields.require("whenOff", "name the variant served when the flag is off", findings);
    let default = fields.require("default", "name the variant served when no rule matches", findings);
    let rules = fields.take("rules");
    let (holdout, requires, targets) = (fields.take("holdout"), fields.take("requires"), fields.take("targets"));
    let remove_by = fields.take("meta").map(|field| meta(&field.value, findings));
    describe(&mut fields, findings);
    fields.finish(findings);

    let kind = kind.and_then(|field| value_type(&field.value, findings))?;
    let variants = match variants {
        Some(field) => read_variants(kind, &field.value, findings)?,
        None if kind == ValueType::Boolean => {
            vec![("off".to_owned(), Json::Bool(false)), ("on".to_owned(), Json::Bool(true))]
        }
        None => {
            findings.add(
                place,
                Code::MissingField,
                "flag has no `variants`",
                "add `variants: { name: value }`; only boolean flags have on and off of themselves",
            );
            return None;
        }
    };
    let when_off = when_off.and_then(|field| variant(&field.value, &variants, findings));
    let default = default.and_then(|field| variant(&field.value, &variants, findings));
    let rules = match rules {
        None => Vec::new(),
        Some(field) => read_rules(&field.value, &variants, scope, findings)?,
    };
    let holdout = match holdout {
        None => None,
        Some(field) => {
            let name = text(&field.value, "holdout", findings)?;
            Some(resolve(name, field.value.place, scope.holdouts, Code::UnknownHoldout, "holdout", findings)?)
        }
    };
    let requires = match requires {
        None => Vec::new(),
        Some(field) => condition::flags(&field.value, "requires", scope.names.flags, findings)?,
    };
    let targets = match targets {
        None => Vec::new(),
        Some(field) => read_targets(&field.value, &variants, scope, findings)?,
    };
    Some(FlagBody {
        kind,
        enabled: enabled?,
        variants,
        when_off: when_off?,
        default: default?,
        rules,
        requires,
        targets,
        holdout,
        remove_by: remove_by.flatten(),
    })
}

/// Who owns a flag, what for, and until when. Only the date is checked.
fn meta(node: &Node, findings: &mut Findings) -> Option<(i64, Place)> {
    let mut fields = Fields::of(node, "meta", findings)?;
    let remove_by = fields.take("removeBy");
    let purpose = fields.take("purpose");
    skip(&mut fields, &["owner", "description", "links", "hypothesis", "tags"]);
    fields.finish(findings);
    if let Some(purpose) = purpose
        && !purpose.value.text().is_some_and(|text| PURPOSES.contains(&text))
    {
        let remedy = format!("expected one of: {}", PURPOSES.join(", "));
        findings.add(purpose.value.place, Code::UnknownPurpose, "there is no such purpose of a flag", remedy);
    }
    let remove_by = remove_by?;
    let milli = remove_by.value.text().and_then(|text| waft::date::parse(text.as_bytes()));
    if milli.is_none() {
        findings.add(remove_by.value.place, Code::InvalidDate, "removeBy: expected a date", "write 2027-03-01");
    }
    milli.map(|milli| (milli, remove_by.value.place))
}

/// `{ bold: { visitor: [v1, v2] } }`.
fn read_targets(
    node: &Node,
    variants: &[(String, Json)],
    scope: &Scope<'_>,
    findings: &mut Findings,
) -> Option<Vec<Target>> {
    let mut targets: Vec<Target> = Vec::new();
    let mut seen: HashMap<(usize, String), Option<usize>> = HashMap::new();
    for entry in Fields::of(node, "targets", findings).and_then(|_| node.entries())? {
        let variant = variant_of(Some(&entry.key), entry.place, variants, findings);
        for unit in Fields::of(&entry.value, "targets", findings).and_then(|_| entry.value.entries())? {
            let attribute = resolve(&unit.key, unit.place, scope.names.units, Code::UnknownUnit, "unit", findings)
                .and_then(|unit| scope.names.units.get(unit))
                .map(|unit| unit.item)?;
            let item = &scope.names.attributes.get(attribute)?.item;
            let ids = read_ids(unit, item, findings)?;
            let taken = |id: &String| seen.get(&(attribute, id.clone())).is_some_and(|first| *first != variant);
            if ids.iter().any(taken) {
                let message = format!("an id of `{}` is a target of two variants, and gets the first", unit.key);
                findings.add(unit.place, Code::DuplicateTarget, message, "name each id once");
            }
            for id in &ids {
                seen.entry((attribute, id.clone())).or_insert(variant);
            }
            targets.push(Target { variant: variant?, attribute, ids });
        }
    }
    Some(targets)
}

/// The ids of a target, each once.
fn read_ids(unit: &Entry, attribute: &Attribute, findings: &mut Findings) -> Option<Vec<String>> {
    let items = list(&unit.value, &unit.key, false, findings)?;
    if items.len() > VALUES {
        let message = format!("{}: {} ids", unit.key, items.len());
        findings.add(unit.value.place, Code::TooManyValues, message, format!("at most {VALUES}"));
        return None;
    }
    let possible = id::Possible::of(attribute);
    let (mut ids, mut known, mut whole) = (Vec::new(), HashSet::new(), true);
    for item in items {
        match id::read(item, &unit.key, findings) {
            Some(id) if !possible.admits(&id) => {
                possible.refuse(&id, 0, item.place, findings);
                whole = false;
            }
            Some(id) if known.insert(id.clone()) => ids.push(id),
            Some(_) => {
                let message = "an id that stands twice, as 101 and \"101\" do";
                findings.add(item.place, Code::DuplicateValue, message, "remove one of the two");
            }
            None => whole = false,
        }
    }
    whole.then_some(ids)
}

fn value_type(node: &Node, findings: &mut Findings) -> Option<ValueType> {
    let name = text(node, "type", findings)?;
    Some(match name {
        "boolean" => ValueType::Boolean,
        "string" => ValueType::String,
        "number" => ValueType::Number,
        "object" => ValueType::Object,
        _ => {
            let known = ["boolean", "string", "number", "object"];
            findings.add(
                node.place,
                Code::UnknownType,
                format!("there is no value type `{name}`"),
                suggestion(name, known.into_iter()),
            );
            return None;
        }
    })
}

fn read_variants(kind: ValueType, node: &Node, findings: &mut Findings) -> Option<Vec<(String, Json)>> {
    let entries = Fields::of(node, "variants", findings).and_then(|_| node.entries())?;
    if entries.is_empty() || entries.len() > VARIANTS {
        findings.add(
            node.place,
            Code::VariantCount,
            format!("{} variants", entries.len()),
            format!("write 1 to {VARIANTS}"),
        );
        return None;
    }
    let mut variants = Vec::new();
    for entry in entries {
        check_name(&entry.key, entry.place, findings);
        let fits = matches!(
            (kind, &entry.value.kind),
            (ValueType::Boolean, Kind::Scalar(Scalar::Boolean(_)))
                | (ValueType::String, Kind::Scalar(Scalar::Text(_)))
                | (ValueType::Number, Kind::Scalar(Scalar::Number(..)))
                | (ValueType::Object, Kind::List(_) | Kind::Map(_))
        );
        if !fits {
            let kind = crate::types::value_type_name(kind);
            let message = format!("variant `{}` is {}, the flag's type is {kind}", entry.key, entry.value.describe());
            findings.add(entry.value.place, Code::VariantType, message, "match the flag's type; put text in quotes");
        }
        check_numbers(&entry.value, findings);
        variants.push((entry.key.clone(), entry.value.to_json()));
    }
    Some(variants)
}

/// Reports numbers that would change on their way through JavaScript: whole ones past 2^53.
fn check_numbers(node: &Node, findings: &mut Findings) {
    match &node.kind {
        Kind::Scalar(Scalar::Number(number, _)) => {
            let value = number.as_f64().unwrap_or(f64::INFINITY);
            if value.abs() > 9_007_199_254_740_991.0 || number.as_f64().is_none() {
                let message = format!("{number} is past 2^53 and not exact");
                findings.add(node.place, Code::InexactNumber, message, "write it as text");
            }
        }
        Kind::List(items) => items.iter().for_each(|item| check_numbers(item, findings)),
        Kind::Map(entries) => entries.iter().for_each(|entry| check_numbers(&entry.value, findings)),
        Kind::Scalar(_) => {}
    }
}

fn variant(node: &Node, variants: &[(String, Json)], findings: &mut Findings) -> Option<usize> {
    variant_of(node.text(), node.place, variants, findings)
}

fn variant_of(name: Option<&str>, place: Place, variants: &[(String, Json)], findings: &mut Findings) -> Option<usize> {
    let Some(name) = name else {
        findings.add(place, Code::ExpectedText, "expected a variant's name", "name a variant, such as `on`");
        return None;
    };
    let found = variants.iter().position(|(key, _)| key == name);
    if found.is_none() {
        let remedy = suggestion(name, variants.iter().map(|(key, _)| key.as_str()));
        findings.add(place, Code::UnknownVariant, format!("there is no variant `{name}`"), remedy);
    }
    found
}

fn read_rules(
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
        if let Some(catch_all) = rules.iter().find(|other| is_final(&other.item)) {
            let message = format!("rule `{}` is never reached: rule `{}` always serves", rule.name, catch_all.name);
            findings.add(rule.place, Code::UnreachableRule, message, "move it up, or remove it");
        }
        rules.push(rule);
    }
    whole.then_some(rules)
}

fn is_final(rule: &Rule) -> bool {
    rule.condition.is_none() && rule.dates.is_none() && matches!(rule.action, Action::Serve(_))
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
    let of_ramp = ["unit", "salt", "guard", "steps"].map(|name| fields.take(name));
    if let (None, Some(field)) = (ramp, of_ramp.into_iter().flatten().next()) {
        let message = format!("`{}` belongs to a ramp, and the rule has none", field.key);
        findings.add(field.place, Code::RampField, message, "add `ramp: on`, or remove it");
    }
    describe(&mut fields, findings);
    fields.finish(findings);

    let id = id.and_then(|field| {
        let name = text(&field.value, "id", findings)?;
        check_name(name, field.value.place, findings);
        Some(name.to_owned())
    });
    let condition = match condition {
        None => None,
        Some(field) => Some(condition::read(&field.value, &scope.names, findings)?),
    };
    let dates = match (from, to) {
        (None, None) => None,
        (from, to) => {
            let from = from.map_or(Some(None), |field| reader::instant(&field.value, findings).map(Some))?;
            let to = to.map_or(Some(None), |field| reader::end(&field.value, findings).map(Some))?;
            if to.is_some() && to <= from {
                findings.add(node.place, Code::PhaseOrder, "the rule ends before it starts", "put `to` after `from`");
            }
            Some((from, to))
        }
    };
    let stop_on_unknown = match on_unknown {
        None => false,
        Some(field) => match field.value.text() {
            Some("stop") => true,
            Some("skip") => false,
            _ => {
                findings.add(
                    field.value.place,
                    Code::InvalidOnUnknown,
                    "onUnknown: expected `skip` or `stop`",
                    "`stop` serves the off variant",
                );
                return None;
            }
        },
    };
    let action = match (serve, experiment, ramp) {
        (Some(field), None, None) => Action::Serve(variant(&field.value, variants, findings)?),
        (None, None, Some(field)) => {
            let [unit, salt, guard, steps] = of_ramp;
            let variant = variant(&field.value, variants, findings)?;
            let written = ramp::Written { variant, unit, salt, guard, steps };
            Action::Ramp(ramp::read(&written, node, scope.names.units, findings)?)
        }
        (None, Some(field), None) => {
            let name = text(&field.value, "experiment", findings)?;
            let found =
                resolve(name, field.value.place, scope.experiments, Code::UnknownExperiment, "experiment", findings);
            Action::Experiment(found?)
        }
        _ => {
            findings.add(
                node.place,
                Code::ActionCount,
                "a rule does exactly one thing",
                "give it one of `serve`, `ramp` and `experiment`",
            );
            return None;
        }
    };
    Some(Named { name: id?, place: node.place, item: Rule { condition, dates, action, stop_on_unknown } })
}
