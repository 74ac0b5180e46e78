//! Experiments of a model: phases, the traffic that lets units in, and what is planned; and the layers that they share.

use serde::Serialize;
use waft_ruleset::{
    Action, Experiment, FlagBody, MetricKind, Named, Phase, Plan, Range, Rule, Ruleset, Share, control,
};

use super::figures::{fraction, milli};

const DAY: f64 = 86_400_000.0;

/// An experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ModelExperiment {
    /// As rules and reports call it.
    pub key: String,
    /// The unit that it randomises.
    pub unit: String,
    /// The flag whose rule names it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The rule's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Its layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The share of units that its ranges in the layer let in; all without one.
    pub reach: f64,
    /// The share of units that the flag's holdout keeps at the moment; whom that excepts are not counted.
    pub held: f64,
    /// Its phases, in order of time.
    pub phases: Vec<ModelPhase>,
    /// The place of the phase that runs at the moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<usize>,
    /// Its primary metrics.
    pub primary: Vec<String>,
    /// Whether the first of them is a conversion rate.
    pub is_rate: bool,
    /// How many days after the exposure its events count.
    pub window_days: f64,
    /// How large it is to be.
    pub plan: ModelPlan,
}

/// A period of an experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelPhase {
    /// Its number.
    pub id: u32,
    /// Its first moment.
    pub from: f64,
    /// The first moment after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// Whether it has begun at the moment.
    pub started: bool,
    /// The share of eligible units that it takes in.
    pub coverage: f64,
    /// The share of units that enter, of those whom the rule admits: by layer, coverage and holdout.
    pub traffic: f64,
    /// Variants and their shares, the control first.
    pub split: Vec<ModelShare>,
}

/// A variant's share.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelShare {
    /// The variant.
    pub variant: String,
    /// Its share.
    pub share: f64,
}

/// How large an experiment is to be; where that is not written, what the language says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct ModelPlan {
    /// The smallest relative effect that matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detect: Option<f64>,
    /// The chance to see it.
    pub power: f64,
    /// The chance of a false alarm.
    pub alpha: f64,
    /// How many units in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<f64>,
    /// How many days at least.
    pub at_least_days: f64,
}

/// Traffic that experiments share.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ModelLayer {
    /// As experiments call it.
    pub key: String,
    /// The unit that it divides.
    pub unit: String,
    /// All of it, in order: what experiments have, what rests, and what is free.
    pub ranges: Vec<ModelRange>,
}

/// A part of a layer, of an experiment, resting, or free.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct ModelRange {
    /// Where it starts.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// The experiment that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experiment: Option<String>,
    /// Until when it rests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<f64>,
}

pub(super) fn experiments(ruleset: &Ruleset, environment: usize, now: i64) -> Vec<ModelExperiment> {
    let mut all: Vec<ModelExperiment> =
        ruleset.experiments.iter().map(|named| experiment(ruleset, environment, named, now)).collect();
    for named in &ruleset.flags {
        let body = named.item.within(environment);
        for rule in &body.rules {
            if let Action::Experiment(index) = rule.item.action
                && let Some(own) = all.get_mut(index)
            {
                of_rule(ruleset, body, rule, now, own);
                own.flag = Some(named.name.clone());
            }
        }
    }
    all
}

/// What is said where the experiment is named.
fn of_rule(ruleset: &Ruleset, body: &FlagBody, rule: &Named<Rule>, now: i64, own: &mut ModelExperiment) {
    own.rule = Some(rule.name.clone());
    let holdout = body.holdout.and_then(|index| ruleset.holdouts.get(index));
    let held = |at: i64| {
        let running = holdout.filter(|named| runs(at, named.item.from, named.item.to));
        running.map_or(0.0, |named| fraction(named.item.share))
    };
    own.held = held(now);
    for phase in &mut own.phases {
        // What is to come is told as of its first moment, and what is over as of its last one.
        let last = phase.to.map_or(i64::MAX, |to| to as i64 - 1);
        phase.traffic *= 1.0 - held(now.max(phase.from as i64).min(last));
    }
}

fn experiment(
    ruleset: &Ruleset,
    environment: usize,
    Named { name, item, .. }: &Named<Experiment>,
    now: i64,
) -> ModelExperiment {
    let Experiment { unit, layer, phases, readings, plan, .. } = item;
    let primary = readings.primary.first();
    let metric = primary.and_then(|(primary, _)| ruleset.metrics.iter().find(|named| named.name == *primary));
    let metric = metric.map(|named| &named.item);
    let (layer, ranges) = layer.as_ref().map_or((None, None), |(layer, ranges)| (Some(*layer), Some(ranges)));
    let wide = |range: &Range| f64::from(range.to.0 - range.from.0) / f64::from(Share::ALL.0);
    let reach = ranges.map_or(1.0, |ranges| ranges.iter().map(wide).sum());
    ModelExperiment {
        key: name.clone(),
        unit: ruleset.units.get(*unit).map_or_else(String::new, |named| named.name.clone()),
        flag: None,
        rule: None,
        layer: layer.and_then(|index| Some(ruleset.layers.get(index)?.name.clone())),
        reach,
        held: 0.0,
        phases: phases.iter().map(|one| phase(ruleset, environment, name, one, (now, reach))).collect(),
        running: phases.iter().position(|phase| runs(now, phase.from, phase.to)),
        primary: readings.primary.iter().map(|(name, _)| name.clone()).collect(),
        is_rate: metric.is_some_and(|metric| matches!(metric.kind, MetricKind::Conversion(_))),
        window_days: metric.and_then(|metric| metric.within).unwrap_or_default() as f64 / DAY,
        plan: ModelPlan {
            detect: plan.map(|plan| fraction(plan.detect)),
            power: fraction(plan.map_or(Plan::POWER, |plan| plan.power)),
            alpha: fraction(plan.map_or(Plan::ALPHA, |plan| plan.alpha)),
            units: plan.map(|plan| plan.units as f64),
            at_least_days: (plan.and_then(|plan| plan.at_least).unwrap_or_default() as f64 / DAY).ceil(),
        },
    }
}

/// A phase at a moment, of an experiment that its layer lets a share of units reach; the flag's holdout is not known yet.
fn phase(
    ruleset: &Ruleset,
    environment: usize,
    experiment: &str,
    phase: &Phase,
    (now, reach): (i64, f64),
) -> ModelPhase {
    let control = control(ruleset, environment, experiment, phase.split.iter().map(|(name, ..)| name.as_str()));
    let mut split = Vec::with_capacity(phase.split.len());
    for (variant, share, _) in &phase.split {
        let at = if variant == control { 0 } else { split.len() };
        split.insert(at, ModelShare { variant: variant.clone(), share: fraction(*share) });
    }
    ModelPhase {
        id: phase.id,
        from: milli(phase.from),
        to: phase.to.map(milli),
        started: i64::from(phase.from) * 1_000 <= now,
        coverage: fraction(phase.coverage),
        traffic: reach * fraction(phase.coverage),
        split,
    }
}

/// Whether something is running: from one second on, and before another.
fn runs(now: i64, from: u32, to: Option<u32>) -> bool {
    i64::from(from) * 1_000 <= now && to.is_none_or(|to| now < i64::from(to) * 1_000)
}

/// Layers at a moment: what rested is free again.
pub(super) fn layers(ruleset: &Ruleset, now: i64) -> Vec<ModelLayer> {
    let layer = |(index, Named { name, item, .. }): (usize, &Named<waft_ruleset::Layer>)| {
        let mut taken: Vec<ModelRange> = Vec::new();
        let mut add = |range: &Range, experiment: Option<String>, until: Option<f64>| {
            let range = ModelRange { from: fraction(range.from), to: fraction(range.to), experiment, until };
            let at = taken.iter().position(|other| other.from > range.from).unwrap_or(taken.len());
            taken.insert(at, range);
        };
        for Named { name, item, .. } in &ruleset.experiments {
            let own = item.layer.iter().filter(|(layer, _)| *layer == index);
            own.flat_map(|(_, ranges)| ranges).for_each(|range| add(range, Some(name.clone()), None));
        }
        let resting = item.resting.iter().filter(|(_, until)| now < i64::from(*until) * 1_000);
        resting.for_each(|(range, until)| add(range, None, Some(milli(*until))));
        ModelLayer {
            key: name.clone(),
            unit: ruleset.units.get(item.unit).map_or_else(String::new, |named| named.name.clone()),
            ranges: whole(taken),
        }
    };
    ruleset.layers.iter().enumerate().map(layer).collect()
}

/// Ranges in order, and what is free between them.
fn whole(taken: Vec<ModelRange>) -> Vec<ModelRange> {
    let (mut all, mut end) = (Vec::with_capacity(2 * taken.len() + 1), 0.0);
    let free = |from: f64, to: f64| (from < to).then_some(ModelRange { from, to, experiment: None, until: None });
    for range in taken {
        all.extend(free(end, range.from));
        end = range.to.max(end);
        all.push(range);
    }
    all.extend(free(end, 1.0));
    all
}
