//! How the parts of a ruleset fit together: limits, experiments, layers, metrics, rules and dates.

use std::collections::BTreeSet;

use waft::limits;

use super::{skipped, usage};
use crate::finding::{Code, Findings, Place};
use crate::ramp::Ramp;
use crate::share::Share;
use crate::suggestion::suggestion;
use crate::types::{Action, Experiment, Flag, FlagBody, INLINE_IDS, MetricKind, Named, Range, Ruleset};

/// The most experiments: each is named by one flag.
const EXPERIMENTS: usize = limits::FLAGS;

/// Adds findings about how the parts of a ruleset fit together.
pub(crate) fn lint(ruleset: &Ruleset, now: Option<i64>, findings: &mut Findings) {
    check_limits(ruleset, findings);
    check_experiments(ruleset, findings);
    check_layers(ruleset, findings);
    check_metrics(ruleset, findings);
    for flag in &ruleset.flags {
        flag.item.bodies().for_each(|body| {
            check_rules(ruleset, body, findings);
            skipped::lint(ruleset, body, findings);
        });
    }
    if let Some(now) = now {
        check_time(ruleset, now, findings);
    }
}

fn check_limits(ruleset: &Ruleset, findings: &mut Findings) {
    let mut check = |what: &str, count: usize, most: usize, place: Option<Place>| {
        if let (true, Some(place)) = (count > most, place) {
            findings.add(place, Code::TooMany, format!("{count} {what}"), format!("at most {most}"));
        }
    };
    check("flags", ruleset.flags.len(), limits::FLAGS, ruleset.flags.last().map(|flag| flag.place));
    check("experiments", ruleset.experiments.len(), EXPERIMENTS, ruleset.experiments.last().map(|named| named.place));
    check(
        "attributes",
        ruleset.attributes.len(),
        limits::ATTRIBUTES,
        ruleset.attributes.last().map(|named| named.place),
    );
    check("segments", ruleset.segments.len(), limits::SEGMENTS, ruleset.segments.last().map(|named| named.place));
    check("lists", ruleset.lists.len(), limits::LISTS, ruleset.lists.last().map(|named| named.place));
    check("layers", ruleset.layers.len(), limits::LAYERS, ruleset.layers.last().map(|named| named.place));
    for experiment in &ruleset.experiments {
        let ranges = experiment.item.layer.as_ref().map_or(0, |(_, ranges)| ranges.len());
        check("ranges of an experiment", ranges, limits::RANGES, Some(experiment.place));
    }
    let in_files = ruleset.lists.iter().filter(|list| list.item.ids.len() > INLINE_IDS);
    let (files, last) = in_files.fold((0, None), |(count, _), list| (count + 1, Some(list.place)));
    check("lists of more than 4,096 ids", files, limits::LIST_FILES, last);
    check("units", ruleset.units.len(), limits::UNITS, ruleset.units.last().map(|named| named.place));
    if ruleset.environments.is_empty() && !ruleset.project.is_empty() {
        let message = "the ruleset names no environment";
        findings.add(
            Place { file: 0, line: 1, column: 1 },
            Code::MissingField,
            message,
            "add `environments: { production: {} }`",
        );
    }
}

/// An experiment is named by exactly one rule of one flag, and splits between that flag's variants.
fn check_experiments(ruleset: &Ruleset, findings: &mut Findings) {
    for holdout in &ruleset.holdouts {
        if ruleset.experiments.iter().any(|experiment| experiment.name == holdout.name) {
            let message = format!("an experiment is called `{}`, too: exposures name them alike", holdout.name);
            findings.add(
                holdout.place,
                Code::DuplicateName,
                message,
                "rename one; a written `salt` keeps everybody in place",
            );
        }
    }
    // By experiment: the flags that name it, and a second rule of one form of a flag.
    let mut users: Vec<Vec<&Named<Flag>>> = vec![Vec::new(); ruleset.experiments.len()];
    for flag in &ruleset.flags {
        for body in flag.item.bodies() {
            let mut named = BTreeSet::new();
            for rule in &body.rules {
                let Action::Experiment(index) = &rule.item.action else { continue };
                if !named.insert(*index) {
                    let name = ruleset.experiments.get(*index).map_or("", |experiment| experiment.name.as_str());
                    let message = format!("experiment `{name}` is named by two rules of one flag");
                    let remedy = "name it in one rule, with `any` in its condition";
                    findings.add(rule.place, Code::ExperimentUsedTwice, message, remedy);
                }
                if let Some(flags) = users.get_mut(*index)
                    && flags.last().is_none_or(|last| last.name != flag.name)
                {
                    flags.push(flag);
                }
            }
        }
    }
    for (experiment, users) in ruleset.experiments.iter().zip(&users) {
        match users.as_slice() {
            [] => {}
            [flag] => check_split(experiment, flag, findings),
            [first, second, ..] => {
                let message = format!(
                    "experiment `{}` is named by the flags `{}` and `{}`",
                    experiment.name, first.name, second.name
                );
                findings.add(
                    second.place,
                    Code::ExperimentUsedTwice,
                    message,
                    "give each flag an experiment of its own",
                );
            }
        }
    }
}

fn check_split(experiment: &Named<Experiment>, flag: &Named<Flag>, findings: &mut Findings) {
    for (variant, _, place) in experiment.item.phases.iter().flat_map(|phase| &phase.split) {
        for body in flag.item.bodies() {
            if !body.variants.iter().any(|(key, _)| key == variant) {
                let remedy = suggestion(variant, body.variants.iter().map(|(key, _)| key.as_str()));
                let message = format!("the flag `{}` has no variant `{variant}`", flag.name);
                findings.add(*place, Code::UnknownVariant, message, remedy);
                break;
            }
        }
    }
}

/// Experiments in one layer exclude each other, and leave alone what rests.
fn check_layers(ruleset: &Ruleset, findings: &mut Findings) {
    for (layer, named) in ruleset.layers.iter().enumerate() {
        let mut taken: Vec<(Range, &str)> = Vec::new();
        for experiment in &ruleset.experiments {
            let Some((index, ranges)) = &experiment.item.layer else { continue };
            if *index != layer {
                continue;
            }
            let started = experiment.item.phases.first().map_or(0, |phase| phase.from);
            for range in ranges {
                let overlaps = |other: &Range| other.from < range.to && range.from < other.to;
                if let Some((other, name)) = taken.iter().find(|(other, _)| overlaps(other)) {
                    let message = format!(
                        "{}-{} of the layer overlaps {}-{} of the experiment `{name}`",
                        range.from, range.to, other.from, other.to
                    );
                    findings.add(range.place, Code::LayerOverlap, message, "choose a range that is free");
                }
                if let Some((other, until)) =
                    named.item.resting.iter().find(|(other, until)| overlaps(other) && started < *until)
                {
                    let message = format!(
                        "{}-{} of the layer rests until {}",
                        other.from,
                        other.to,
                        crate::clock::text_of_seconds((*until).into())
                    );
                    findings.add(range.place, Code::LayerResting, message, "start later, or choose another range");
                }
                taken.push((*range, &experiment.name));
            }
        }
    }
}

fn check_metrics(ruleset: &Ruleset, findings: &mut Findings) {
    let find = |name: &str| ruleset.metrics.iter().find(|metric| metric.name == name);
    let check = |name: &str, place: Place, findings: &mut Findings| {
        if find(name).is_none() {
            let remedy = suggestion(name, ruleset.metrics.iter().map(|metric| metric.name.as_str()));
            findings.unknown(place, Code::UnknownMetric, "metric", name, remedy);
        }
    };
    for metric in &ruleset.metrics {
        let MetricKind::Ratio(parts) = &metric.item.kind else { continue };
        for (name, place) in parts {
            check(name, *place, findings);
            if find(name).is_some_and(|part| matches!(part.item.kind, MetricKind::Ratio(_))) {
                findings.add(
                    *place,
                    Code::MetricRatio,
                    format!("`{name}` is a ratio itself"),
                    "name a count, mean or conversion",
                );
            }
        }
    }
    for (name, place) in usage::metrics_named(ruleset) {
        check(name, place, findings);
    }
}

fn check_rules(ruleset: &Ruleset, body: &FlagBody, findings: &mut Findings) {
    for rule in &body.rules {
        let ever = match &rule.item.action {
            Action::Serve(_) => true,
            Action::Experiment(index) => ruleset.experiments.get(*index).is_none_or(|experiment| {
                experiment.item.phases.iter().any(|phase| rule.item.applies_within(phase.from, phase.to))
            }),
            Action::Ramp(ramp) => ramp.steps.first().is_none_or(|(_, at)| rule.item.applies_within(*at, None)),
        };
        if !ever {
            let message = format!("the dates of rule `{}` leave nothing of its phases or steps", rule.name);
            findings.add(rule.place, Code::NeverRuns, message, "correct one or the other");
        }
        let Action::Ramp(ramp) = &rule.item.action else { continue };
        let serves_control = body.variants.get(ramp.variant).is_some_and(|(variant, _)| variant == "control");
        if !ramp.guard.is_empty() && serves_control {
            let message = format!(
                "the ramp `{}` releases a variant called `control`, as those that are kept back are",
                rule.name
            );
            let remedy = "rename the variant: a report could not tell them apart";
            findings.add(rule.place, Code::RampControl, message, remedy);
        }
    }
}

/// What is over, or overdue.
fn check_time(ruleset: &Ruleset, now: i64, findings: &mut Findings) {
    let passed = |second: u32| i64::from(second) * 1_000 <= now;
    for experiment in &ruleset.experiments {
        if experiment.item.phases.last().and_then(|phase| phase.to).is_some_and(passed) {
            let message = format!("all phases of the experiment `{}` are over", experiment.name);
            findings.add(experiment.place, Code::ExperimentOver, message, "serve the winner, and remove it");
        }
    }
    for holdout in ruleset.holdouts.iter().filter(|holdout| holdout.item.to.is_some_and(passed)) {
        findings.add(
            holdout.place,
            Code::HoldoutOver,
            format!("the holdout `{}` is over", holdout.name),
            "report it, and remove it",
        );
    }
    for layer in &ruleset.layers {
        for (range, _) in layer.item.resting.iter().filter(|(_, until)| passed(*until)) {
            let message = format!("{}-{} of the layer `{}` has rested", range.from, range.to, layer.name);
            findings.add(range.place, Code::Rested, message, "remove the line: the range is free");
        }
    }
    for flag in &ruleset.flags {
        for body in flag.item.bodies() {
            if let Some((_, place)) = body.remove_by.filter(|(by, _)| *by <= now) {
                let message = format!("the flag `{}` was to be removed by now", flag.name);
                findings.add(
                    place,
                    Code::Overdue,
                    message,
                    "remove the flag from the code and here, or give it a new date",
                );
            }
            for rule in &body.rules {
                if rule.item.dates.and_then(|(_, to)| to).is_some_and(passed) {
                    let message = format!("the rule `{}` is over", rule.name);
                    findings.add(rule.place, Code::RuleOver, message, "remove it");
                }
                let Action::Ramp(ramp) = &rule.item.action else { continue };
                check_ramp(&rule.name, rule.place, ramp, &passed, findings);
            }
        }
    }
}

/// A ramp that is over, or that people would take for a watched one. A launch at 100 % that is still to come is none of these.
fn check_ramp(name: &str, place: Place, ramp: &Ramp, passed: &dyn Fn(u32) -> bool, findings: &mut Findings) {
    let is_over = ramp.waiting == 0 && ramp.steps.last().is_some_and(|(share, at)| *share == Share::ALL && passed(*at));
    match ramp.steps.as_slice() {
        [_] if is_over => {
            let message = format!("the ramp `{name}` starts at 100%");
            findings.add(place, Code::RampWhole, message, "write `serve`, or start lower");
        }
        _ if is_over => {
            let message = format!("the ramp `{name}` has reached everybody");
            findings.add(place, Code::RampOver, message, "write `serve` in its place");
        }
        _ => {}
    }
    if ramp.guard.is_empty() {
        return;
    }
    for step in ramp.plan.iter().skip(1).filter(|step| step.at.is_some_and(|at| !passed(at))) {
        let message = format!("the ramp `{name}` rises to {} at a date, whatever its guardrails say then", step.to);
        let remedy = "write `after: 48h`: `waft release run` dates it once they are safe";
        findings.add(step.places.step, Code::GuardAhead, message, remedy);
    }
}
