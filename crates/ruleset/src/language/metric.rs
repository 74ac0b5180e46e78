//! Metrics, and what experiments and ramps say about them. Decisions depend on none of it; the report does.

use super::reader::{self, Fields, describe, duration, list, share, text};
use crate::finding::{Code, Findings, Place};
use crate::guard::{Guard, Then};
use crate::readings::Readings;
use crate::share::Share;
use crate::source::{Entry, Node};
use crate::types::{Metric, MetricKind, Plan};

/// `revenue: { mean: purchase, value: amount, within: 7d, cap: 99.9%, cuped: 14d, better: up }`.
pub(crate) fn read(entry: &Entry, findings: &mut Findings) -> Option<Metric> {
    let mut fields = Fields::of(&entry.value, "metric", findings)?;
    let (conversion, count, mean, ratio) =
        (fields.take("conversion"), fields.take("count"), fields.take("mean"), fields.take("ratio"));
    let value = fields.take("value");
    let (within, written_cap, cuped) = (fields.take("within"), fields.take("cap"), fields.take("cuped"));
    let better = fields.require("better", "say whether more is better: `up` or `down`", findings);
    reader::meta(&mut fields, findings);
    describe(&mut fields, findings);
    fields.finish(findings);

    let event = |field: &Entry, findings: &mut Findings| {
        let name = text(&field.value, &field.key, findings)?;
        if name.is_empty() {
            let message = format!("`{}` names nothing that a page tracks", field.key);
            findings.add(
                field.value.place,
                Code::MissingField,
                message,
                "write the name of an event, or of its property",
            );
        }
        Some(name.to_owned())
    };
    let kind = match (conversion, count, mean, ratio) {
        (Some(field), None, None, None) => MetricKind::Conversion(event(field, findings)?),
        (None, Some(field), None, None) => MetricKind::Count(event(field, findings)?),
        (None, None, Some(field), None) => {
            let property = match value {
                None => None,
                Some(value) => Some(event(value, findings)?),
            };
            MetricKind::Mean(event(field, findings)?, property)
        }
        (None, None, None, Some(field)) => MetricKind::Ratio(pair(&field.value, findings)?),
        _ => {
            let remedy = "write one of `conversion`, `count`, `mean` and `ratio`";
            findings.add(entry.place, Code::MetricKind, "a metric is computed in exactly one way", remedy);
            return None;
        }
    };
    let cap = match written_cap {
        None => None,
        Some(field) => Some(share(&field.value, "cap", findings)?),
    };
    let time = |field: Option<&Entry>, findings: &mut Findings| match field {
        None => Some(None),
        Some(field) => duration(&field.value, &field.key, findings).map(Some),
    };
    let (within, cuped) = (time(within, findings)?, time(cuped, findings)?);
    let misplaced = match kind {
        MetricKind::Mean(..) => None,
        MetricKind::Count(_) => value,
        MetricKind::Conversion(_) | MetricKind::Ratio(_) => value.or(written_cap),
    };
    if let Some(field) = misplaced {
        let message = format!("`{}` says nothing about this kind of metric", field.key);
        findings.add(
            field.place,
            Code::MetricField,
            message,
            "remove it; `value` is for `mean`, `cap` also for `count`",
        );
    }
    let more_is_better = match better.and_then(|field| field.value.text().map(|text| (text, field.value.place))) {
        Some(("up", _)) => true,
        Some(("down", _)) => false,
        other => {
            let place = other.map_or(entry.place, |(_, place)| place);
            findings.add(place, Code::MetricDirection, "better: expected `up` or `down`", "say whether more is better");
            return None;
        }
    };
    Some(Metric { kind, within, cap, cuped, more_is_better })
}

fn pair(node: &Node, findings: &mut Findings) -> Option<[(String, Place); 2]> {
    let names = names(node, "ratio", findings)?;
    <[_; 2]>::try_from(names)
        .inspect_err(|_| {
            findings.add(node.place, Code::MetricRatio, "ratio: expected two metrics", "write it as [revenue, orders]");
        })
        .ok()
}

/// Names of metrics; whether they exist is seen when all are read.
pub(crate) fn names(node: &Node, what: &str, findings: &mut Findings) -> Option<Vec<(String, Place)>> {
    let items = list(node, what, true, findings)?;
    reader::once(items, findings);
    items.iter().map(|item| text(item, what, findings).map(|name| (name.to_owned(), item.place))).collect()
}

/// `{ js-error: { worse: 5%, then: off }, ... }`.
pub(crate) fn guards(node: &Node, what: &'static str, findings: &mut Findings) -> Option<Vec<Guard>> {
    let entries = Fields::of(node, what, findings).and_then(|_| node.entries())?;
    let mut guards = Vec::new();
    for entry in entries {
        let mut fields = Fields::of(&entry.value, what, findings)?;
        let worse = fields.require("worse", "say how much worse it may get, such as 5%", findings);
        let then = fields.take("then").map(|field| then(&field.value, findings)).unwrap_or_default();
        fields.finish(findings);
        let worse = share(&worse?.value, "worse", findings)?;
        guards.push(Guard { metric: entry.key.clone(), place: entry.place, worse, then });
    }
    if guards.is_empty() {
        findings.add(node.place, Code::EmptyList, format!("{what}: no metric"), "name one, or remove the field");
        return None;
    }
    Some(guards)
}

fn then(node: &Node, findings: &mut Findings) -> Then {
    node.text().and_then(Then::named).unwrap_or_else(|| {
        let remedy = "`notify` tells people, `hold` stops the ramp where it is, `off` turns the flag off, `rollback` takes the release back";
        findings.add(node.place, Code::GuardThen, "then: expected `notify`, `hold`, `off` or `rollback`", remedy);
        Then::default()
    })
}

/// `{ primary: [purchase], secondary: [basket], guardrails: { js-error: { worse: 5% } } }`.
pub(crate) fn readings(node: &Node, findings: &mut Findings) -> Option<Readings> {
    let mut fields = Fields::of(node, "metrics", findings)?;
    let (primary, secondary) = (fields.take("primary"), fields.take("secondary"));
    let guardrails = fields.take("guardrails");
    fields.finish(findings);
    let named = |field: Option<&Entry>, findings: &mut Findings| match field {
        None => Some(Vec::new()),
        Some(field) => names(&field.value, &field.key, findings),
    };
    let (primary, secondary) = (named(primary, findings), named(secondary, findings));
    let guardrails = match guardrails {
        None => Vec::new(),
        Some(field) => guards(&field.value, "guardrails", findings)?,
    };
    Some(Readings { primary: primary?, secondary: secondary?, guardrails, breakdown: Vec::new() })
}

/// `{ detect: 4%, power: 80%, alpha: 5%, units: 120000, atLeast: 14d }`.
pub(crate) fn plan(node: &Node, findings: &mut Findings) -> Option<Plan> {
    let mut fields = Fields::of(node, "plan", findings)?;
    let detect = fields.require("detect", "say which relative effect matters, such as 4%", findings);
    let units = fields.require("units", "say how many units in all are planned", findings);
    let (power, alpha, at_least) = (fields.take("power"), fields.take("alpha"), fields.take("atLeast"));
    fields.finish(findings);
    let detect = detect.and_then(|field| share(&field.value, "detect", findings));
    let or = |field: Option<&Entry>, default: Share, findings: &mut Findings| match field {
        None => Some(default),
        Some(field) => share(&field.value, &field.key, findings),
    };
    let (power, alpha) = (or(power, Plan::POWER, findings)?, or(alpha, Plan::ALPHA, findings)?);
    let at_least = match at_least {
        None => None,
        Some(field) => Some(duration(&field.value, "atLeast", findings)?),
    };
    let units = units.and_then(|field| reader::count(&field.value, "units", "units: 120000", findings));
    let sound = |share: Share| share.0 > 0 && share < Share::ALL;
    if !sound(power) || !sound(alpha) || detect.is_some_and(|detect| detect.0 == 0) {
        let message = "power and alpha lie between 0% and 100%, and detect above 0%";
        findings.add(node.place, Code::PlanRange, message, "write detect: 4%, power: 80%, alpha: 5%");
    }
    Some(Plan { detect: detect?, power, alpha, units: units?, at_least })
}
