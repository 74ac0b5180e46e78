//! Ramps: a variant for a share of units that rises by steps.

use super::metric;
use super::reader::{self, Fields, duration, instant, list, share, unit};
use crate::finding::{Code, Findings};
use crate::share::Share;
use crate::source::{Entry, Node};
use crate::types::{Named, Ramp};

/// The most steps of a ramp: a snapshot counts them as it counts phases, in a byte.
const STEPS: usize = 255;

/// The fields of a rule that belong to its ramp.
pub(crate) struct Written<'n> {
    pub(crate) variant: usize,
    pub(crate) unit: Option<&'n Entry>,
    pub(crate) salt: Option<&'n Entry>,
    pub(crate) guard: Option<&'n Entry>,
    pub(crate) steps: Option<&'n Entry>,
}

/// When a step begins.
enum When {
    /// At a second since 1970.
    At(u32),
    /// So many seconds after the step before.
    After(u32),
    /// When somebody releases it: after an approval, or after so many units.
    Release,
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
    let Some(steps) = written.steps else {
        let remedy = "add `steps: [{ to: 5%, at: 2026-12-01T08:00Z }, ...]`";
        findings.add(place.place, Code::MissingField, "the ramp has no `steps`", remedy);
        return None;
    };
    let (steps, waiting) = read_steps(&steps.value, findings)?;
    Some(Ramp { variant: written.variant, unit: unit?, salt, guard, steps, waiting })
}

fn read_steps(node: &Node, findings: &mut Findings) -> Option<(Vec<(Share, u32)>, usize)> {
    let items = list(node, "steps", false, findings)?;
    if items.len() > STEPS {
        findings.add(node.place, Code::TooMany, format!("{} steps", items.len()), format!("at most {STEPS}"));
        return None;
    }
    let mut dated: Vec<(Share, u32)> = Vec::new();
    let mut last: Option<Share> = None;
    let mut waiting = 0;
    for item in items {
        let (to, when) = read_step(item, findings)?;
        if last.is_some_and(|last| to <= last) {
            let message = format!("a step to {to} after one to {}", last.unwrap_or(to));
            findings.add(
                item.place,
                Code::RampFalls,
                message,
                "a ramp only rises; to take it back, write `enabled: false` in the flag",
            );
        }
        last = Some(to);
        let earlier = dated.last().map(|(_, at)| *at);
        let at = match when {
            When::At(at) => Some(at),
            When::After(seconds) => match earlier.map(|at| at.checked_add(seconds).filter(|at| *at != u32::MAX)) {
                Some(None) => {
                    findings.add(item.place, Code::InvalidDate, "a step after 2106", "begin it earlier");
                    return None;
                }
                at => at.flatten(),
            },
            When::Release => None,
        };
        match (at, earlier) {
            _ if waiting > 0 => {
                waiting += 1;
                if matches!(when, When::At(_)) {
                    let message = "a step with a date after one that waits for a release";
                    findings.add(item.place, Code::RampOrder, message, "date the step before, or use `after`");
                }
            }
            (Some(at), Some(earlier)) if at <= earlier => {
                findings.add(
                    item.place,
                    Code::RampOrder,
                    "a step before the one above it",
                    "put the steps in order of time",
                );
            }
            (Some(at), _) => dated.push((to, at)),
            (None, _) => waiting += 1,
        }
    }
    if dated.is_empty() {
        findings.add(node.place, Code::RampStart, "the first step has no date", "add `at: 2026-12-01T08:00Z`");
        return None;
    }
    Some((dated, waiting))
}

fn read_step(node: &Node, findings: &mut Findings) -> Option<(Share, When)> {
    let mut fields = Fields::of(node, "step", findings)?;
    let to = fields.require("to", "say which share it rises to, such as 25%", findings);
    let (at, after, sample) = (fields.take("at"), fields.take("after"), fields.take("units"));
    fields.finish(findings);
    let to = to.and_then(|field| share(&field.value, "to", findings));
    if let Some(sample) = sample {
        reader::count(&sample.value, "units", "units: 5000", findings);
        if at.is_some() || after.is_some_and(|after| after.value.text() == Some("approval")) {
            let message = "`units` says nothing beside a date or an approval: the step waits for that alone";
            findings.add(sample.place, Code::StepUnits, message, "write `units` beside `after: 48h`, or remove it");
        }
    }
    let when = match (at, after) {
        (Some(at), None) => When::At(instant(&at.value, findings)?),
        (None, Some(after)) if after.value.text() == Some("approval") => When::Release,
        (None, Some(after)) => {
            let milli = duration(&after.value, "after", findings)?;
            if sample.is_some() { When::Release } else { When::After((milli / 1_000) as u32) }
        }
        _ => {
            let remedy = "write `at: 2026-12-01T08:00Z`, `after: 48h` or `after: approval`";
            findings.add(node.place, Code::StepTime, "a step has either `at` or `after`", remedy);
            return None;
        }
    };
    Some((to?, when))
}
