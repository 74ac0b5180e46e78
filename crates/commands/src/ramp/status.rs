//! `waft ramp status`: where ramps are, and what holds their next steps.

use serde::Serialize;
use waft_ruleset::Ramp;
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::ramp::{Hold, Next};

use super::found::{self, Found, Known};
use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;

#[derive(Serialize)]
struct Told {
    ramp: String,
    environments: Vec<String>,
    /// The present share.
    #[serde(skip_serializing_if = "Option::is_none")]
    share: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// `done`, `dated`, `paused`, `harmed`, `held` or `due`.
    state: &'static str,
    /// The share of the next step.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// When it begins; or since when the ramp is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// What holds it, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    by: Vec<String>,
}

/// Prints each ramp and what comes next in it.
pub fn status(known: &Known, json: bool, host: &dyn Host) -> Exit {
    match told(known, host) {
        Ok(told) if json => input::print(host, &told),
        Ok(told) => told.iter().for_each(|told| host.out(&line(told))),
        Err(message) => return fail(host, &message),
    }
    Exit::Done
}

fn told(known: &Known, host: &dyn Host) -> Result<Vec<Told>, String> {
    let (ruleset, _) = known.read(host)?;
    let now = found::now(host);
    let measured = known.measured(host, &ruleset.project)?;
    let released = known.released(host, &ruleset).unwrap_or_else(|error| {
        host.err(&format!("waft: warning: {error}: holds are told as if pages had each step since its date"));
        Vec::new()
    });
    let told = |found: Found<'_>| {
        let next = known.next(&found, measured.as_ref(), released.as_slice(), now);
        let Found { name, environments, ramp, .. } = found;
        let reached = ramp.reached(now);
        let step = step(&next).and_then(|step| ramp.plan.get(step));
        Told {
            ramp: name,
            environments: environments.into_iter().map(str::to_owned).collect(),
            share: reached.map(|(share, _)| share.to_string()),
            since: reached.map(|(_, at)| text_of_seconds(at.into())),
            state: next.name(),
            next: step.map(|step| step.to.to_string()),
            at: match next {
                Next::Dated { at, .. } | Next::Paused(at) => Some(text_of_seconds(at.into())),
                Next::Done | Next::Harmed(_) | Next::Held { .. } | Next::Due { .. } => None,
            },
            by: holds(&next),
        }
    };
    Ok(known.find(&ruleset, measured.as_ref())?.into_iter().map(told).collect())
}

fn line(told: &Told) -> String {
    let reached = match (&told.share, &told.since) {
        (Some(share), Some(since)) => format!("{share} since {since}"),
        _ => "not begun".to_owned(),
    };
    let (next, at) = (told.next.as_deref().unwrap_or_default(), told.at.as_deref().unwrap_or_default());
    let by = told.by.join(", ");
    let next = match told.state {
        "dated" => format!("{next} at {at}"),
        "paused" => format!("paused since {at}"),
        "harmed" => format!("stopped, {by}"),
        "held" => format!("{next} held: {by}"),
        "due" => format!("{next} is due: `waft ramp advance` or `waft release run` dates it"),
        _ => "done".to_owned(),
    };
    format!("{} ({}): {reached}; {next}", told.ramp, told.environments.join(", "))
}

fn step(next: &Next) -> Option<usize> {
    match next {
        Next::Dated { step, .. } | Next::Held { step, .. } | Next::Due { step } => Some(*step),
        Next::Done | Next::Paused(_) | Next::Harmed(_) => None,
    }
}

/// What holds a step, in words.
pub(super) fn holds(next: &Next) -> Vec<String> {
    match next {
        Next::Held { by, .. } => by.iter().map(hold).collect(),
        Next::Harmed(metrics) => metrics.iter().map(|metric| format!("guardrail {metric} is harmed")).collect(),
        Next::Done | Next::Dated { .. } | Next::Paused(_) | Next::Due { .. } => Vec::new(),
    }
}

fn hold(hold: &Hold) -> String {
    match hold {
        Hold::Release => "the step before it is not live yet".to_owned(),
        Hold::Time(until) => format!("until {}", text_of_seconds((*until).into())),
        Hold::Approval => "waits for an approval".to_owned(),
        Hold::Units { wanted, seen: Some(seen) } => format!("{seen} of {wanted} units seen"),
        Hold::Units { wanted, seen: None } => format!("waits for {wanted} units, which nobody counted"),
        Hold::Guard(metric) => format!("guardrail {metric} is not known to be safe"),
    }
}

/// What lint tells of a ramp whose next step is in no snapshot yet.
pub(crate) fn note(name: &str, ramp: &Ramp) -> Option<String> {
    let step = ramp.plan.get(ramp.steps.len()).filter(|_| ramp.paused.is_none())?;
    let to = step.to;
    Some(format!(
        "the ramp `{name}` rises to {to} only once `waft release run` or `waft ramp advance` has dated that step"
    ))
}
