//! All trials in one report.

use std::collections::{BTreeMap, HashMap, HashSet};

use waft_ruleset::{clock, counted, suggestion};

use crate::analysis::{Analysis, listed};
use crate::breakdowns;
use crate::results::{Report, Results};
use crate::sum::{Part, Sum, total};
use crate::trial::Trial;

/// The rows of metrics that a trial does not ask about, a sentence each: the query is an old one, or somebody's own.
pub fn unasked(trials: &[Trial], sums: &[Sum]) -> Vec<String> {
    let mut counts: BTreeMap<(&str, u32, &str), usize> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| !sum.metric.is_empty()) {
        *counts.entry((&sum.experiment, sum.phase, &sum.metric)).or_default() += 1;
    }
    let told = counts.into_iter().filter_map(|((name, phase, metric), count)| {
        let trial = trials.iter().find(|trial| (trial.name.as_str(), trial.phase) == (name, phase))?;
        let known = || trial.questions.iter().map(|question| question.metric.as_str());
        if known().any(|known| known == metric) {
            return None;
        }
        let (rows, remedy) = (counted(count, "row"), suggestion(metric, known()));
        Some(format!(
            "{name}, phase {phase}: {rows} of the metric `{metric}`, which it does not have, and which count for nothing: {remedy}"
        ))
    });
    told.collect()
}

/// What the sums say of the trials, as of a moment in milliseconds since 1970.
pub fn report(set: &str, trials: &[Trial], sums: &[Sum], now: i64) -> Report {
    let mut unknown: BTreeMap<(&str, u32), u64> = BTreeMap::new();
    let known: HashSet<(&str, u32)> = trials.iter().map(|trial| (trial.name.as_str(), trial.phase)).collect();
    let known = |sum: &Sum| known.contains(&(sum.experiment.as_str(), sum.phase));
    for sum in sums.iter().filter(|sum| sum.part == Part::Units && !known(sum)) {
        let units = unknown.entry((&sum.experiment, sum.phase)).or_default();
        *units = units.saturating_add(sum.units);
    }
    let unknown: Vec<_> =
        unknown.into_iter().map(|((name, phase), units)| (format!("{name}, phase {phase}"), units)).collect();
    let more = sums.iter().filter(|sum| sum.part == Part::More && sum.experiment.is_empty());
    let (unknown, unknown_more) = listed(unknown, total(more.map(|sum| sum.units)));
    // Once for all trials: there may be many of both.
    let mut of: HashMap<(&str, u32), Vec<&Sum>> = HashMap::new();
    for sum in sums {
        of.entry((&sum.experiment, sum.phase)).or_default().push(sum);
    }
    let own = |trial: &Trial| of.get(&(trial.name.as_str(), trial.phase)).cloned().unwrap_or_default();
    let results = |trial: &Trial| {
        let analysis = Analysis::of(trial, own(trial));
        let breakdowns = analysis.breakdowns();
        Results { looks: breakdowns::looks(&breakdowns), breakdowns, ..analysis.results(now) }
    };
    Report {
        set: set.to_owned(),
        as_of: clock::text(now),
        trials: trials.iter().map(results).collect(),
        unknown,
        unknown_more,
        warnings: Vec::new(),
    }
}
