//! What is wrong with experiments and ramps: by the analysis of `waft report`.

use serde_json::{Value, json};
use waft_report::{Report, Rise, Trial, Watched};
use waft_ruleset::Then;
use waft_ruleset::ramp::Next;

use super::action::quoted;
use super::condition::{Action, Cause, Condition};
use super::options::Options;

/// For how long nobody is told that a guardrail has no data, in milliseconds.
const YOUNG: i64 = 24 * 3_600_000;

/// The conditions of a report, at a moment in milliseconds since 1970.
pub(crate) fn conditions(report: &Report, trials: &[Trial], now: i64) -> Vec<Condition> {
    waft_report::watched(report).into_iter().filter_map(|watched| condition(watched, trials, now)).collect()
}

fn condition(watched: Watched, trials: &[Trial], now: i64) -> Option<Condition> {
    let Watched { cause, trial, metric, variant, then, says } = watched;
    let trial = trials.get(trial)?;
    let cause = match cause {
        waft_report::Cause::Harmed => Cause::Harmed,
        waft_report::Cause::Worse => Cause::Worse,
        waft_report::Cause::SampleRatio => Cause::SampleRatio,
        waft_report::Cause::Crossed => Cause::Crossed,
        waft_report::Cause::NoData => Cause::NoData,
    };
    let mut about: Vec<(&'static str, Value)> =
        vec![("study", trial.name.clone().into()), ("phase", trial.phase.into())];
    about.extend(metric.map(|metric| ("metric", metric.into())));
    about.extend(variant.map(|variant| ("variant", variant.into())));
    let flags = if then == Then::Notify { Vec::new() } else { trial.flags.clone() };
    let is_told = cause != Cause::NoData || now.saturating_sub(trial.began()) >= YOUNG;
    let stopped = trial.stopped.as_ref().map(|kill| kill.flag.clone());
    Some(Condition {
        cause,
        about,
        says,
        then,
        flags,
        advice: None,
        release: None,
        stopped,
        action: Action::None,
        is_told,
    })
}

/// A ramp whose next step nothing holds any more.
pub(crate) fn due(rise: &Rise, options: &Options) -> Option<Condition> {
    let Rise { name, share, to, units, safe, next, .. } = rise;
    let (Next::Due { .. }, Some(to)) = (next, to) else { return None };
    let safe: String = safe.iter().map(|metric| format!(" --safe {}", quoted(metric))).collect();
    let (ruleset, ramp) = (quoted(&options.source.ruleset), quoted(name));
    let records = options.records.as_deref().map_or(String::new(), |folder| format!(" --records {}", quoted(folder)));
    let says = format!(
        "{name} has {share}, and nothing holds its step to {to}: release what this writes: waft ramp advance {ruleset} {ramp} --units \
         {units}{safe}{records}"
    );
    let about = vec![("study", name.clone().into()), ("to", to.to_string().into())];
    Some(Condition { about, ..Condition::of(Cause::Due, says) })
}

/// A ramp as JSON: where it is, and what is known of its guardrails.
pub(crate) fn json(rise: &Rise) -> Value {
    let Rise { name, share, to, units, safe, harmed, next } = rise;
    let to = to.map(|to| to.to_string());
    json!({ "study": name, "share": share.to_string(), "to": to, "next": next.name(), "units": units, "safe": safe, "harmed": harmed })
}
