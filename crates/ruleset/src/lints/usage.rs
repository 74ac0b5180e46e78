//! What a ruleset declares and does not use, and what it uses that everybody can read.

use std::collections::BTreeSet;

use crate::finding::{Code, Findings, Place};
use crate::order::ordered;
use crate::readings::Breakdown;
use crate::types::{Action, Condition, FlagBody, MetricKind, Named, Rule, Ruleset};

/// What conditions name, by index.
#[derive(Default)]
struct Used {
    attributes: BTreeSet<usize>,
    segments: BTreeSet<usize>,
    lists: BTreeSet<usize>,
}

impl Used {
    fn by(ruleset: &Ruleset) -> Self {
        let mut used = Used::default();
        for condition in ruleset.conditions() {
            condition.walk(&mut |part| match part {
                Condition::Segment(index) => {
                    used.segments.insert(*index);
                }
                Condition::List(index) => {
                    used.lists.insert(*index);
                }
                Condition::Test(test) => {
                    used.attributes.insert(test.attribute);
                }
                Condition::All(_)
                | Condition::Any(_)
                | Condition::Not(_)
                | Condition::Flag(_)
                | Condition::Share(_) => {}
            });
        }
        used
    }
}

/// Every metric that something names, with the place.
pub(crate) fn metrics_named(ruleset: &Ruleset) -> Vec<(&str, Place)> {
    let mut named: Vec<(&str, Place)> = Vec::new();
    for experiment in &ruleset.experiments {
        let readings = &experiment.item.readings;
        named.extend(readings.primary.iter().chain(&readings.secondary).map(|(name, place)| (name.as_str(), *place)));
        named.extend(readings.guardrails.iter().map(|guard| (guard.metric.as_str(), guard.place)));
    }
    for holdout in &ruleset.holdouts {
        named.extend(holdout.item.metrics.iter().map(|(name, place)| (name.as_str(), *place)));
    }
    let bodies = ruleset.flags.iter().flat_map(|flag| flag.item.bodies());
    for rule in bodies.flat_map(|body| &body.rules) {
        if let Action::Ramp(ramp) = &rule.item.action {
            named.extend(ramp.guard.iter().map(|guard| (guard.metric.as_str(), guard.place)));
        }
    }
    named
}

pub(crate) fn lint_unused(ruleset: &Ruleset, findings: &mut Findings) {
    let mut used = Used::by(ruleset);
    for breakdown in ruleset.experiments.iter().flat_map(|experiment| &experiment.item.readings.breakdown) {
        match breakdown {
            Breakdown::Attribute(index, _) => used.attributes.insert(*index),
            Breakdown::Segment(index, _) => used.segments.insert(*index),
        };
    }
    let bodies = || ruleset.flags.iter().flat_map(|flag| flag.item.bodies());
    let mut attributes = used.attributes;
    attributes.extend(ruleset.units.iter().map(|unit| unit.item));
    attributes.extend(ruleset.lists.iter().map(|list| list.item.attribute));
    let holdouts: BTreeSet<usize> = ordered(bodies().filter_map(|body| body.holdout));
    let experiments = bodies().flat_map(|body| &body.rules).filter_map(|rule| match rule.item.action {
        Action::Experiment(index) => Some(index),
        Action::Serve(_) | Action::Ramp(_) => None,
    });
    let experiments: BTreeSet<usize> = ordered(experiments);
    let layers: BTreeSet<usize> =
        ordered(ruleset.experiments.iter().filter_map(|named| Some(named.item.layer.as_ref()?.0)));
    let mut metrics: BTreeSet<&str> = ordered(metrics_named(ruleset).into_iter().map(|(name, _)| name));
    for metric in &ruleset.metrics {
        if let MetricKind::Ratio(parts) = &metric.item.kind {
            metrics.extend(parts.iter().map(|(name, _)| name.as_str()));
        }
    }

    let remove = "remove it, or use it";
    unused(
        &ruleset.attributes,
        |index, _| attributes.contains(&index),
        findings,
        Code::UnusedAttribute,
        "no condition asks for the attribute",
        remove,
    );
    unused(
        &ruleset.segments,
        |index, _| used.segments.contains(&index),
        findings,
        Code::UnusedSegment,
        "no rule asks for the segment",
        "remove it, or keep it for preview",
    );
    unused(
        &ruleset.lists,
        |index, _| used.lists.contains(&index),
        findings,
        Code::UnusedList,
        "no condition asks for the list",
        remove,
    );
    unused(
        &ruleset.layers,
        |index, _| layers.contains(&index),
        findings,
        Code::UnusedLayer,
        "no experiment lies in the layer",
        remove,
    );
    unused(
        &ruleset.holdouts,
        |index, _| holdouts.contains(&index),
        findings,
        Code::UnusedHoldout,
        "no flag takes part in the holdout",
        remove,
    );
    unused(
        &ruleset.experiments,
        |index, _| experiments.contains(&index),
        findings,
        Code::UnusedExperiment,
        "no rule names the experiment",
        "add a rule with `experiment:`, or remove it",
    );
    unused(
        &ruleset.metrics,
        |_, name| metrics.contains(name),
        findings,
        Code::UnusedMetric,
        "nothing is measured by the metric",
        remove,
    );
    for flag in &ruleset.flags {
        let served = |key: &str| flag.item.bodies().any(|body| serves(ruleset, body, key));
        for (key, _) in flag.item.base.variants.iter().filter(|(key, _)| !served(key)) {
            let message = format!("the variant `{key}` of the flag `{}` is never served", flag.name);
            findings.add(flag.place, Code::UnusedVariant, message, remove);
        }
    }
}

fn unused<T>(
    list: &[Named<T>],
    is_used: impl Fn(usize, &str) -> bool,
    findings: &mut Findings,
    code: Code,
    what: &str,
    remedy: &str,
) {
    for (_, named) in list.iter().enumerate().filter(|(index, named)| !is_used(*index, &named.name)) {
        findings.add(named.place, code, format!("{what} `{}`", named.name), remedy);
    }
}

/// Whether some rule, target or fallback of a flag can serve a variant. A boolean flag's own two always count.
fn serves(ruleset: &Ruleset, body: &FlagBody, key: &str) -> bool {
    let is = |index: usize| body.variants.get(index).is_some_and(|(own, _)| own == key);
    let by_rule = |rule: &Named<Rule>| match &rule.item.action {
        Action::Serve(variant) => is(*variant),
        Action::Ramp(ramp) => is(ramp.variant),
        Action::Experiment(index) => ruleset.experiments.get(*index).is_some_and(|experiment| {
            experiment.item.phases.iter().flat_map(|phase| &phase.split).any(|(variant, _, _)| variant == key)
        }),
    };
    body.kind == waft::program::ValueType::Boolean
        || body.when_off.is_some_and(is)
        || is(body.default)
        || body.rules.iter().any(by_rule)
        || body.targets.iter().any(|target| is(target.variant))
}

/// The conditions of a snapshot can be read by anybody: constants compared with a private attribute are public.
pub(crate) fn lint_private(ruleset: &Ruleset, findings: &mut Findings) {
    let used = Used::by(ruleset).attributes;
    for (index, attribute) in ruleset.attributes.iter().enumerate() {
        if attribute.item.private && used.contains(&index) {
            let message =
                format!("conditions on the private attribute `{}` can be read in the snapshot", attribute.name);
            findings.add(
                attribute.place,
                Code::PrivateReadable,
                message,
                "keep personal values out of conditions; a list holds fingerprints",
            );
        }
    }
}
