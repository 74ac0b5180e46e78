//! All trials in one report.

use std::collections::{BTreeMap, HashMap, HashSet};

use waft_ruleset::clock;

use crate::analysis::{Analysis, listed};
use crate::breakdowns;
use crate::results::{Report, Results};
use crate::sum::{Part, Sum, total};
use crate::trial::Trial;

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
