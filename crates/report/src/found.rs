//! What a report found that somebody may want to stop at.

use crate::results::{Report, Verdict};
use crate::trial::Role;
use crate::words;

/// A kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Units are not split as planned.
    SampleRatio,
    /// Above 1 % of units met several variants.
    Crossed,
    /// A guardrail is known to be harmed.
    Harmed,
    /// A primary metric is known to be worse.
    Worse,
    /// Exposures of what the ruleset does not have.
    Unknown,
    /// A trial that nobody has met.
    Empty,
    /// A trial that a kill has ended.
    Stopped,
}

/// All that was found, each with what it is about.
pub fn found(report: &Report) -> Vec<(Found, String)> {
    let mut all = Vec::new();
    for results in &report.trials {
        let title = words::title(results);
        if results.sample_ratio.as_ref().is_some_and(|split| split.alarm) {
            all.push((Found::SampleRatio, title.clone()));
        }
        if results.is_crossed {
            all.push((Found::Crossed, title.clone()));
        }
        for metric in &results.metrics {
            for comparison in &metric.comparisons {
                let about = || format!("{title}: {} with {}", metric.metric, comparison.variant);
                match (comparison.verdict, metric.role) {
                    (Verdict::Harmed, _) => all.push((Found::Harmed, about())),
                    (Verdict::Worse, Role::Primary) => all.push((Found::Worse, about())),
                    (Verdict::Worse, Role::Secondary | Role::Guardrail(_))
                    | (Verdict::Better | Verdict::Safe | Verdict::Unknown | Verdict::Withheld, _) => {}
                }
            }
        }
        if results.strangers_more > 0 || !results.strangers.is_empty() {
            all.push((Found::Unknown, format!("{title}: variants")));
        }
        match &results.stopped {
            Some(_) => all.push((Found::Stopped, title)),
            None if !words::is_met(results) => all.push((Found::Empty, title)),
            None => {}
        }
    }
    if !report.unknown.is_empty() {
        all.push((Found::Unknown, "experiments".to_owned()));
    }
    all
}
