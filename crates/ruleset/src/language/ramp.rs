//! Ramps: a variant for a share of units that rises by steps.

use super::metric;
use super::reader::{self, Fields, duration, instant, list, share, unit};
use crate::finding::{Code, Findings};
use crate::ramp::{self, Places, Ramp, Step, Wait};
use crate::share::Share;
use crate::source::{Entry, Node};
use crate::types::Named;

/// The most steps of a ramp: a snapshot counts them as it counts phases, in a byte.
const STEPS: usize = 255;

/// The fields of a rule that belong to its ramp.
pub(crate) struct Written<'n> {
    pub(crate) ramp: &'n Entry,
    pub(crate) variant: usize,
    pub(crate) unit: Option<&'n Entry>,
    pub(crate) salt: Option<&'n Entry>,
    pub(crate) guard: Option<&'n Entry>,
    pub(crate) steps: Option<&'n Entry>,
    pub(crate) paused: Option<&'n Entry>,
}

pub(crate) fn read(
    written: &Written<'_>,
    place: &Node,
    units: &[Named<usize>],
    findings: &mut Findings,
) -> Option<Ramp> {
    if written.unit.is_none() {
        findings.add(place.place, Code::MissingField, "the ramp has no `unit`", "name the unit that it comes to");
    }
    let unit = unit(written.unit, units, findings);
    let salt = reader::salt(written.salt, findings);
    let guard = match written.guard {
        None => Vec::new(),
        Some(field) => metric::guards(&field.value, "guard", findings)?,
    };
    let paused = match written.paused {
        None => None,
        Some(field) => Some(instant(&field.value, findings)?),
    };
    let Some(steps) = written.steps else {
        let remedy = "add `steps: [{ to: 5%, at: 2026-12-01T08:00Z }, ...]`";
        findings.add(place.place, Code::MissingField, "the ramp has no `steps`", remedy);
        return None;
    };
    let plan = read_steps(&steps.value, !guard.is_empty(), findings)?;
    let begins = |step: &Step| step.at.filter(|at| paused.is_none_or(|paused| *at < paused)).map(|at| (step.to, at));
    let steps_dated: Vec<(Share, u32)> = plan.iter().map_while(begins).collect();
    if let (true, Some(field)) = (steps_dated.is_empty(), written.paused) {
        let remedy = "give the first step a later date instead, or remove `paused`";
        findings.add(field.place, Code::RampStart, "the ramp is paused before its first step", remedy);
        return None;
    }
    let place = |field: &Entry| (field.place, field.value.place);
    let written_at = ramp::Written { ramp: place(written.ramp), paused: written.paused.map(place) };
    let waiting = plan.len() - steps_dated.len();
    Some(Ramp {
        variant: written.variant,
        unit: unit?,
        salt,
        guard,
        steps: steps_dated,
        waiting,
        plan,
        paused,
        written: Box::new(written_at),
    })
}

fn read_steps(node: &Node, is_guarded: bool, findings: &mut Findings) -> Option<Vec<Step>> {
    let items = list(node, "steps", false, findings)?;
    if items.len() > STEPS {
        findings.add(node.place, Code::TooMany, format!("{} steps", items.len()), format!("at most {STEPS}"));
        return None;
    }
    let mut plan: Vec<Step> = Vec::new();
    for item in items {
        let mut step = read_step(item, findings)?;
        let last = plan.last();
        if let Some(last) = last.filter(|last| step.to <= last.to) {
            let message = format!("a step to {} after one to {}", step.to, last.to);
            let remedy = "a ramp only rises; to take it back, write `enabled: false` in the flag";
            findings.add(item.place, Code::RampFalls, message, remedy);
        }
        let Some(last) = last else {
            if step.wait != Wait::Date {
                let remedy = "write `at: 2026-12-01T08:00Z` alone";
                findings.add(node.place, Code::RampStart, "the first step has no date of its own", remedy);
                return None;
            }
            plan.push(step);
            continue;
        };
        match (last.at, step.at, step.wait) {
            (None, Some(_), _) => {
                let message = "a step with a date after one that waits for a release";
                findings.add(item.place, Code::RampOrder, message, "date the step before, or use `after`");
            }
            (Some(earlier), Some(at), _) if at <= earlier => {
                let remedy = "put the steps in order of time";
                findings.add(item.place, Code::RampOrder, "a step before the one above it", remedy);
            }
            // Nobody needs to be at work for it.
            (Some(earlier), None, Wait::Hold(seconds)) if !is_guarded => {
                step.at = earlier.checked_add(seconds).filter(|at| *at != u32::MAX);
                if step.at.is_none() {
                    findings.add(item.place, Code::InvalidDate, "a step after 2106", "begin it earlier");
                    return None;
                }
            }
            _ => {}
        }
        plan.push(step);
    }
    if plan.is_empty() { None } else { Some(plan) }
}

fn read_step(node: &Node, findings: &mut Findings) -> Option<Step> {
    let mut fields = Fields::of(node, "step", findings)?;
    let to = fields.require("to", "say which share it rises to, such as 25%", findings);
    let (at, after, sample) = (fields.take("at"), fields.take("after"), fields.take("units"));
    fields.finish(findings);
    let share = to.and_then(|field| share(&field.value, "to", findings));
    let is_approval = after.is_some_and(|after| after.value.text() == Some("approval"));
    let units = sample.map_or(Some(0), |sample| reader::count(&sample.value, "units", "units: 5000", findings));
    if let Some(sample) = sample.filter(|_| after.is_none() || is_approval) {
        let message = "`units` says nothing beside a date or an approval: the step waits for that alone";
        findings.add(sample.place, Code::StepUnits, message, "write `units` beside `after: 48h`, or remove it");
    }
    let wait = match (after, sample) {
        (None, _) if at.is_some() => Wait::Date,
        (None, _) => {
            let remedy = "write `at: 2026-12-01T08:00Z`, `after: 48h` or `after: approval`";
            findings.add(node.place, Code::StepTime, "a step has neither `at` nor `after`", remedy);
            return None;
        }
        (Some(_), _) if is_approval => Wait::Approval,
        (Some(after), sample) => {
            let seconds = (duration(&after.value, "after", findings)? / 1_000) as u32;
            if sample.is_some() { Wait::Units(seconds, units?) } else { Wait::Hold(seconds) }
        }
    };
    let began = match at {
        None => None,
        Some(at) => Some(instant(&at.value, findings)?),
    };
    let to = to?;
    let places = Places { step: node.place, to: (to.place, to.value.place), at: at.map(|at| at.value.place) };
    Some(Step { to: share?, wait, at: began, places })
}
