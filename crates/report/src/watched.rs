//! What `waft guard` acts on: of the trials that are running, what somebody must know now.
//!
//! It is the report's own analysis, looked at for what is wrong. [`again`] is the one difference: a ramp whose flag came back is judged by
//! what happened since.

use waft_ruleset::Then;

use crate::results::{Comparison, MetricOf, Report, Results, Verdict, Withheld};
use crate::trial::{Kind, Role, Trial};
use crate::words;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A guardrail is known to be harmed.
    Harmed,
    /// A primary metric is known to be worse.
    Worse,
    /// Units are not split as planned.
    SampleRatio,
    /// Above 1 % of units met several variants.
    Crossed,
    /// A guardrail that nothing is known of: nobody may rely on it.
    NoData,
}

/// Something that is wrong with a trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What.
    pub cause: Cause,
    /// Which trial: its place in the report.
    pub trial: usize,
    /// The metric, if it is about one.
    pub metric: Option<String>,
    /// The variant, if it is about one.
    pub variant: Option<String>,
    /// What the ruleset wants done.
    pub then: Then,
    /// The same in a sentence.
    pub says: String,
}

/// Lets a ramp whose flag was killed and came back begin anew: what was harmed before was acted on, and somebody has mended it since.
pub fn again(trials: &mut [Trial]) {
    for trial in trials.iter_mut().filter(|trial| trial.kind == Kind::Ramp && trial.stopped.is_none()) {
        let back = trial.kills.iter().filter_map(|kill| kill.until).max();
        trial.opens = back.filter(|back| *back > trial.from).or(trial.opens);
    }
}

/// All that is wrong with what is running, in the order of the report. A trial that a kill has ended is asked for its guardrails alone, as
/// long as the flag is off.
pub fn watched(report: &Report) -> Vec<Watched> {
    let mut all = Vec::new();
    for (trial, results) in report.trials.iter().enumerate() {
        let is_off = results.stopped.as_ref().is_some_and(|kill| kill.until.is_none());
        if results.ended && !is_off {
            continue;
        }
        let title = words::title(results);
        let about = |cause, says| Watched { cause, trial, metric: None, variant: None, then: Then::Notify, says };
        if !is_off && results.sample_ratio.as_ref().is_some_and(|split| split.alarm) {
            let says =
                format!("{title}: sample ratio mismatch (SRM); its guardrails are not judged until that is mended");
            all.push(about(Cause::SampleRatio, says));
        }
        if !is_off && results.is_crossed {
            let says = format!(
                "{title}: over 1 % of {}s saw more than one variant; its guardrails are not judged",
                results.unit
            );
            all.push(about(Cause::Crossed, says));
        }
        for metric in &results.metrics {
            for comparison in &metric.comparisons {
                let Some((cause, says)) = judged(results, metric, comparison, is_off) else { continue };
                let then = if cause == Cause::Harmed { metric.then } else { Then::Notify };
                let (metric, variant) = (Some(metric.metric.clone()), Some(comparison.variant.clone()));
                all.push(Watched { metric, variant, then, ..about(cause, format!("{title}: {says}")) });
            }
        }
    }
    all
}

fn judged(results: &Results, metric: &MetricOf, comparison: &Comparison, is_off: bool) -> Option<(Cause, String)> {
    let (name, variant) = (&metric.metric, words::arm(results, &comparison.variant));
    let difference = comparison.difference.as_ref().map_or(String::new(), |range| words::range(metric, range));
    match (metric.role, comparison.verdict) {
        (Role::Guardrail(margin), Verdict::Harmed) => {
            let margin = words::percent(margin, 1);
            Some((Cause::Harmed, format!("{variant} harms {name}: {difference}, more than {margin} worse")))
        }
        (Role::Guardrail(_), Verdict::Withheld | Verdict::Unknown) if !is_off && is_blind(metric, comparison) => {
            let why = match comparison.refusal {
                Some(Withheld::FewUnits) => words::why(results, Withheld::FewUnits),
                Some(Withheld::ImpossibleSums) => words::why(results, Withheld::ImpossibleSums),
                _ => format!("no {} has ever had a value other than 0: is the event tracked?", results.unit),
            };
            Some((Cause::NoData, format!("the guardrail {name} has no data for {variant}: {why}")))
        }
        (Role::Primary, Verdict::Worse) => Some((Cause::Worse, format!("{variant} is worse in {name}: {difference}"))),
        (Role::Primary | Role::Secondary | Role::Guardrail(_), _) => None,
    }
}

/// Whether nothing is known of a guardrail. Rare events are data: few errors are what is hoped for.
fn is_blind(metric: &MetricOf, comparison: &Comparison) -> bool {
    match comparison.refusal {
        Some(Withheld::FewUnits | Withheld::ImpossibleSums) => true,
        Some(Withheld::FewConversions | Withheld::NothingVaries) => metric.arms.iter().all(|arm| arm.nonzero == 0),
        Some(Withheld::SampleRatio | Withheld::Crossovers | Withheld::Early | Withheld::Stopped) | None => false,
    }
}
