//! What is wrong with experiments and ramps: by the analysis of `waft report`.

use serde_json::Value;
use waft_report::{Report, Trial, Watched};
use waft_ruleset::Then;

use super::condition::{Action, Cause, Condition};

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
    Some(Condition { cause, about, says, then, flags, stopped, action: Action::None, is_told })
}
