//! Flags of a model: what they serve, by which rules, and when that changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use waft_ruleset::order::ordered;
use waft_ruleset::ramp::{Ramp, Wait};
use waft_ruleset::types::value_type_name;
use waft_ruleset::{Action, Condition, Flag, FlagBody, Named, Rule, Ruleset};

use super::super::texts::{Texts, field};
use super::figures::{fraction, milli};

/// A flag in the environment, and where its name is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ModelFlag {
    /// As pages call it.
    pub key: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// `boolean`, `string`, `number` or `object`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The keys of its variants.
    pub variants: Vec<String>,
    /// What is said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The experiment that a rule of it names: the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Whether its rules are tried.
    pub enabled: bool,
    /// The keys that the environment has in place of the flag's own: its `in`.
    pub replaced: Vec<String>,
    /// The variant served when it is off; without one, the caller's default is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when_off: Option<String>,
    /// The variant served when no rule decides.
    pub default: String,
    /// The holdout that it takes part in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holdout: Option<String>,
    /// Its rules, in the order in which they are tried.
    pub rules: Vec<ModelRule>,
    /// The moments at which its rules, or those of flags that it asks for, begin, end or take more in.
    pub moments: Vec<f64>,
}

/// A rule of a flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelRule {
    /// As it is written.
    pub id: String,
    /// `serve`, `experiment` or `ramp`.
    pub does: &'static str,
    /// The variant, or the experiment's name.
    pub serves: String,
    /// Its first moment, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The first moment after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// What rises.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp: Option<ModelRamp>,
}

/// A share that rises.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelRamp {
    /// The unit that it comes to.
    pub unit: String,
    /// Whether as many as get it are kept back to compare.
    pub monitored: bool,
    /// From when on no step begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<f64>,
    /// All steps, as they are planned.
    pub steps: Vec<ModelStep>,
}

/// A step of a ramp.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelStep {
    /// The share that it rises to.
    pub share: f64,
    /// When it begins; of one that waits, when it would at the earliest, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// Whether it begins by itself.
    pub begins: bool,
    /// For how long it waits behind the step before, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<f64>,
    /// How many units have to be seen first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<f64>,
    /// Whether somebody has to approve it.
    pub approval: bool,
}

pub(super) fn of(moments: &Moments<'_>, named: &Named<Flag>, texts: &Texts<'_>) -> ModelFlag {
    let (ruleset, environment) = (moments.ruleset, moments.environment);
    let Named { name, place, item } = named;
    let body = item.within(environment);
    let entry = texts.entry("flags", *place, name);
    let meta = entry.and_then(|node| field(node, "meta"));
    let described = meta.and_then(|meta| field(meta, "description")?.text().map(str::to_owned));
    let own = ruleset.environments.get(environment).map_or("", |named| named.name.as_str());
    let within = entry.and_then(|node| field(field(node, "in")?, own)?.entries());
    let variant = |index: usize| body.variants.get(index).map(|(key, _)| key.clone());
    let rules: Vec<ModelRule> = body.rules.iter().map(|named| rule(ruleset, body, named)).collect();
    ModelFlag {
        key: name.clone(),
        file: texts.file(*place),
        line: place.line,
        kind: value_type_name(body.kind),
        variants: body.variants.iter().map(|(key, _)| key.clone()).collect(),
        description: texts.text("flags", *place, name, "description").or(described),
        experiment: rules.iter().find(|rule| rule.does == "experiment").map(|rule| rule.serves.clone()),
        enabled: body.enabled,
        replaced: within.unwrap_or_default().iter().map(|entry| entry.key.clone()).collect(),
        when_off: body.when_off.and_then(variant),
        default: variant(body.default).unwrap_or_default(),
        holdout: body.holdout.and_then(|index| Some(ruleset.holdouts.get(index)?.name.clone())),
        rules,
        moments: moments.seconds(name).into_iter().map(milli).collect(),
    }
}

fn rule(ruleset: &Ruleset, body: &FlagBody, Named { name, item, .. }: &Named<Rule>) -> ModelRule {
    let variant = |index: usize| body.variants.get(index).map(|(key, _)| key.clone());
    let (does, serves, ramp) = match &item.action {
        Action::Serve(index) => ("serve", variant(*index), None),
        Action::Experiment(index) => {
            ("experiment", ruleset.experiments.get(*index).map(|named| named.name.clone()), None)
        }
        Action::Ramp(ramp) => ("ramp", variant(ramp.variant), Some(self::ramp(ruleset, ramp))),
    };
    let (from, to) = item.dates.unwrap_or_default();
    ModelRule {
        id: name.clone(),
        does,
        serves: serves.unwrap_or_default(),
        from: from.map(milli),
        to: to.map(milli),
        ramp,
    }
}

fn ramp(ruleset: &Ruleset, ramp: &Ramp) -> ModelRamp {
    let mut before = None;
    let steps = ramp.plan.iter().enumerate().map(|(index, step)| {
        let (hold, units) = match step.wait {
            Wait::Date | Wait::Approval => (None, None),
            Wait::Hold(seconds) => (Some(seconds), None),
            Wait::Units(seconds, units) => (Some(seconds), Some(units)),
        };
        let earliest = before.zip(hold).map(|(before, hold): (u32, u32)| before.saturating_add(hold));
        let at = step.at.or(earliest);
        before = at;
        ModelStep {
            share: fraction(step.to),
            at: at.map(milli),
            begins: index < ramp.steps.len(),
            hold: hold.map(milli),
            units: units.map(|units| units as f64),
            approval: step.wait == Wait::Approval,
        }
    });
    ModelRamp {
        steps: steps.collect(),
        unit: ruleset.units.get(ramp.unit).map_or_else(String::new, |named| named.name.clone()),
        monitored: !ramp.guard.is_empty(),
        paused: ramp.paused.map(milli),
    }
}

/// When flags change by time: by themselves, and by the flags that they ask for, through segments too.
pub(super) struct Moments<'r> {
    ruleset: &'r Ruleset,
    environment: usize,
    /// The place of each flag, by its name.
    places: BTreeMap<&'r str, usize>,
}

/// What is left to look at for one flag. Each flag and each segment is looked at once, however many name it.
#[derive(Default)]
struct Looked<'r> {
    flags: BTreeSet<usize>,
    segments: BTreeSet<usize>,
    next: Vec<usize>,
    conditions: Vec<&'r Condition>,
    seconds: BTreeSet<u32>,
}

impl<'r> Moments<'r> {
    pub(super) fn of(ruleset: &'r Ruleset, environment: usize) -> Self {
        let places = ordered(ruleset.flags.iter().enumerate().map(|(at, named)| (named.name.as_str(), at)));
        Moments { ruleset, environment, places }
    }

    /// The seconds at which a flag changes, in order.
    fn seconds(&self, flag: &str) -> BTreeSet<u32> {
        let mut looked = Looked::default();
        self.ask(flag, &mut looked);
        while let Some(named) = looked.next.pop().and_then(|at| self.ruleset.flags.get(at)) {
            self.look(named.item.within(self.environment), &mut looked);
            while let Some(condition) = looked.conditions.pop() {
                condition.walk(&mut |part| match part {
                    Condition::Flag(named) => self.ask(&named.name, &mut looked),
                    Condition::Segment(index) if looked.segments.insert(*index) => {
                        looked.conditions.extend(self.ruleset.segments.get(*index).map(|named| &named.item.condition));
                    }
                    Condition::Segment(_) | Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {}
                    Condition::Share(_) | Condition::List(_) | Condition::Test(_) => {}
                });
            }
        }
        looked.seconds
    }

    fn ask(&self, flag: &str, looked: &mut Looked<'r>) {
        if let Some(at) = self.places.get(flag)
            && looked.flags.insert(*at)
        {
            looked.next.push(*at);
        }
    }

    /// Adds the seconds of a flag itself, and what it asks for.
    fn look(&self, body: &'r FlagBody, looked: &mut Looked<'r>) {
        for Named { item: rule, .. } in &body.rules {
            let (from, to) = rule.dates.unwrap_or_default();
            looked.seconds.extend(from.into_iter().chain(to));
            match &rule.action {
                Action::Serve(_) => {}
                Action::Ramp(ramp) => looked.seconds.extend(ramp.steps.iter().map(|(_, at)| *at)),
                Action::Experiment(index) => {
                    let phases = self.ruleset.experiments.get(*index).map_or(&[][..], |named| &named.item.phases);
                    phases.iter().for_each(|phase| looked.seconds.extend([phase.from].into_iter().chain(phase.to)));
                }
            }
            looked.conditions.extend(&rule.condition);
        }
        if let Some(named) = body.holdout.and_then(|index| self.ruleset.holdouts.get(index)) {
            looked.seconds.extend([named.item.from].into_iter().chain(named.item.to));
            looked.conditions.extend(&named.item.except);
        }
        body.requires.iter().for_each(|asked| self.ask(&asked.name, looked));
    }
}
