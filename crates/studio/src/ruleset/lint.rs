//! What can be seen only when the whole ruleset is known.

use std::collections::HashSet;

use super::types::{Action, Condition, Named, Range, Ruleset};
use crate::finding::{Findings, Place};

/// The most flags, experiments or segments of a ruleset.
const MOST: usize = 65_535;
/// The most attributes, and the most segments: operations have 12 bits for either.
const SLOTS: usize = 4_096;

/// Adds findings about how the parts of a ruleset fit together.
pub(super) fn lint(ruleset: &Ruleset, findings: &mut Findings) {
    check_limits(ruleset, findings);
    check_experiments(ruleset, findings);
    check_layers(ruleset, findings);
    check_use(ruleset, findings);
    check_private(ruleset, findings);
}

fn check_limits(ruleset: &Ruleset, findings: &mut Findings) {
    let mut check = |what: &str, count: usize, most: usize, place: Option<Place>| {
        if let (true, Some(place)) = (count > most, place) {
            findings.error(place, "TOO_MANY", format!("{count} {what}"), format!("at most {most}"));
        }
    };
    check("flags", ruleset.flags.len(), MOST, ruleset.flags.last().map(|flag| flag.place));
    check("experiments", ruleset.experiments.len(), MOST, ruleset.experiments.last().map(|named| named.place));
    check("attributes", ruleset.attributes.len(), SLOTS, ruleset.attributes.last().map(|named| named.place));
    check("segments", ruleset.segments.len(), SLOTS, ruleset.segments.last().map(|named| named.place));
    check("units", ruleset.units.len(), 255, ruleset.units.last().map(|named| named.place));
    if ruleset.environments.is_empty() && !ruleset.project.is_empty() {
        let message = "the ruleset names no environment";
        findings.error(
            Place { file: 0, line: 1, column: 1 },
            "MISSING_FIELD",
            message,
            "add `environments: { production: {} }`",
        );
    }
}

/// An experiment is named by exactly one rule of one flag, and splits between that flag's variants.
fn check_experiments(ruleset: &Ruleset, findings: &mut Findings) {
    for (index, experiment) in ruleset.experiments.iter().enumerate() {
        let users: Vec<&Named<super::Flag>> = ruleset
            .flags
            .iter()
            .filter(|flag| {
                flag.item
                    .bodies()
                    .any(|body| body.rules.iter().any(|rule| rule.item.action == Action::Experiment(index)))
            })
            .collect();
        let twice = ruleset
            .flags
            .iter()
            .flat_map(|flag| flag.item.bodies())
            .find_map(|body| body.rules.iter().filter(|rule| rule.item.action == Action::Experiment(index)).nth(1));
        if let Some(rule) = twice {
            let message = format!("experiment `{}` is named by two rules of one flag", experiment.name);
            findings.error(
                rule.place,
                "EXPERIMENT_USED_TWICE",
                message,
                "name it in one rule, with `any` in its condition",
            );
        }
        match users.as_slice() {
            [] => {
                let message = format!("experiment `{}` is named by no rule", experiment.name);
                findings.warning(
                    experiment.place,
                    "UNUSED_EXPERIMENT",
                    message,
                    "add a rule with `experiment:`, or remove it",
                );
            }
            [flag] => check_split(experiment, flag, findings),
            [first, second, ..] => {
                let message = format!(
                    "experiment `{}` is named by the flags `{}` and `{}`",
                    experiment.name, first.name, second.name
                );
                findings.error(
                    second.place,
                    "EXPERIMENT_USED_TWICE",
                    message,
                    "give each flag an experiment of its own",
                );
            }
        }
    }
}

fn check_split(experiment: &Named<super::Experiment>, flag: &Named<super::Flag>, findings: &mut Findings) {
    for (variant, _, place) in experiment.item.phases.iter().flat_map(|phase| &phase.split) {
        for body in flag.item.bodies() {
            if !body.variants.iter().any(|(key, _)| key == variant) {
                let remedy = super::reader::suggestion(variant, body.variants.iter().map(|(key, _)| key.as_str()));
                let message = format!("the flag `{}` has no variant `{variant}`", flag.name);
                findings.error(*place, "UNKNOWN_VARIANT", message, remedy);
                break;
            }
        }
    }
}

/// Experiments in one layer exclude each other.
fn check_layers(ruleset: &Ruleset, findings: &mut Findings) {
    for (layer, _) in ruleset.layers.iter().enumerate() {
        let mut taken: Vec<(Range, &str)> = Vec::new();
        for experiment in &ruleset.experiments {
            let Some((index, ranges)) = &experiment.item.layer else { continue };
            if *index != layer {
                continue;
            }
            for range in ranges {
                if let Some((other, name)) =
                    taken.iter().find(|(other, _)| other.from < range.to && range.from < other.to)
                {
                    let message = format!(
                        "{}-{} of the layer overlaps {}-{} of the experiment `{name}`",
                        range.from, range.to, other.from, other.to
                    );
                    findings.error(range.place, "LAYER_OVERLAP", message, "choose a range that is free");
                }
                taken.push((*range, &experiment.name));
            }
        }
    }
}

fn conditions(ruleset: &Ruleset) -> impl Iterator<Item = &Condition> {
    let rules = ruleset.flags.iter().flat_map(|flag| flag.item.bodies()).flat_map(|body| &body.rules);
    let of_segments = ruleset.segments.iter().map(|segment| &segment.item.condition);
    rules.filter_map(|rule| rule.item.condition.as_ref()).chain(of_segments)
}

fn visit(condition: &Condition, attributes: &mut HashSet<usize>, segments: &mut HashSet<usize>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().for_each(|part| visit(part, attributes, segments))
        }
        Condition::Not(part) => visit(part, attributes, segments),
        Condition::Segment(index) => {
            segments.insert(*index);
        }
        Condition::Test(test) => {
            attributes.insert(test.attribute);
        }
    }
}

fn check_use(ruleset: &Ruleset, findings: &mut Findings) {
    let (mut attributes, mut segments) = (HashSet::new(), HashSet::new());
    conditions(ruleset).for_each(|condition| visit(condition, &mut attributes, &mut segments));
    attributes.extend(ruleset.units.iter().map(|unit| unit.item));
    for (index, attribute) in ruleset.attributes.iter().enumerate().filter(|(index, _)| !attributes.contains(index)) {
        let _ = index;
        let message = format!("no condition asks for the attribute `{}`", attribute.name);
        findings.warning(attribute.place, "UNUSED_ATTRIBUTE", message, "remove it, or use it");
    }
    for (_, segment) in ruleset.segments.iter().enumerate().filter(|(index, _)| !segments.contains(index)) {
        let message = format!("no rule asks for the segment `{}`", segment.name);
        findings.warning(segment.place, "UNUSED_SEGMENT", message, "remove it, or keep it for preview");
    }
    for layer in ruleset.layers.iter().enumerate().filter_map(|(index, layer)| {
        let used = ruleset
            .experiments
            .iter()
            .any(|experiment| experiment.item.layer.as_ref().is_some_and(|(at, _)| *at == index));
        (!used).then_some(layer)
    }) {
        let message = format!("no experiment lies in the layer `{}`", layer.name);
        findings.warning(layer.place, "UNUSED_LAYER", message, "remove it, or use it");
    }
}

/// The conditions of a snapshot can be read by anybody: constants compared with a private attribute are public.
fn check_private(ruleset: &Ruleset, findings: &mut Findings) {
    let mut used = HashSet::new();
    conditions(ruleset).for_each(|condition| visit(condition, &mut used, &mut HashSet::new()));
    for (index, attribute) in ruleset.attributes.iter().enumerate() {
        if attribute.item.private && used.contains(&index) {
            let message =
                format!("conditions on the private attribute `{}` can be read in the snapshot", attribute.name);
            findings.warning(attribute.place, "PRIVATE_READABLE", message, "keep personal values out of conditions");
        }
    }
}
