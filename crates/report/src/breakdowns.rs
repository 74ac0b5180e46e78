//! Results by what units were when they entered: the same comparisons, of parts of all units. They explain, and decide nothing.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::analysis::Analysis;
use crate::results::{BreakdownOf, Is, OfValue, ValueOf};
use crate::sum::{Part, Sum, total};
use crate::trial::{Plan, Question, Role, Trial};

impl Analysis<'_> {
    /// Results by each breakdown, in their order.
    pub(crate) fn breakdowns(&self) -> Vec<BreakdownOf> {
        self.trial.breakdowns.iter().map(|name| self.breakdown(name)).collect()
    }

    fn breakdown(&self, name: &str) -> BreakdownOf {
        let mut of: BTreeMap<(Is, &str), Vec<Sum>> = BTreeMap::new();
        for sum in &self.sums {
            if let (Some(part), Some(value)) = (whole(sum.part), value_of(name, &sum.cell)) {
                of.entry(value).or_default().push(Sum { part, cell: String::new(), ..(*sum).clone() });
            }
        }
        let mut values: Vec<ValueOf> = of.into_iter().map(|((is, value), sums)| self.value(is, value, sums)).collect();
        values.sort_by_key(|value| (value.is, Reverse(total(value.units.iter().copied()))));
        let more = self.sums.iter().filter(|sum| sum.part == Part::MoreValues && sum.cell == name);
        let segment = name.strip_prefix("segment/");
        BreakdownOf {
            by: segment.unwrap_or(name).to_owned(),
            segment: segment.is_some(),
            more: total(more.map(|sum| sum.units)),
            values,
        }
    }

    /// What the sums of a part of all units say. Where nothing may be said of all, nothing is of a part.
    fn value(&self, is: Is, value: &str, mut sums: Vec<Sum>) -> ValueOf {
        if self.is_crossed() {
            sums.extend(self.sums.iter().filter(|sum| sum.part == Part::Crossed).map(|sum| (*sum).clone()));
        }
        let trial = self.part();
        let mut analysis = Analysis::of(&trial, sums.iter().collect());
        let split = analysis.sample_ratio;
        analysis.sample_ratio = self.sample_ratio.filter(|whole| whole.is_alarm()).or(split);
        let metrics = trial.questions.iter().map(|question| analysis.metric(question));
        ValueOf {
            is,
            value: value.to_owned(),
            units: analysis.units.clone(),
            p: split.map(|split| split.p()),
            alarm: split.is_some_and(|split| split.is_alarm()),
            metrics: metrics
                .map(|metric| OfValue { metric: metric.metric, arms: metric.arms, comparisons: metric.comparisons })
                .collect(),
        }
    }

    /// The same trial over some of its units: no metric decides, and nothing was planned of them. The units for which intervals are narrowest stay
    /// those of the whole: how many of them turn out to be in a part is of the data in view, by which a sequence must not be chosen.
    fn part(&self) -> Trial {
        let primary = self.trial.questions.iter().filter(|question| question.role == Role::Primary);
        Trial {
            questions: primary.map(|question| Question { role: Role::Secondary, ..question.clone() }).collect(),
            breakdowns: Vec::new(),
            plan: Plan { written: false, detect: None, ..self.trial.plan },
            ..self.trial.clone()
        }
    }
}

/// What a part of the sums by value is of all.
const fn whole(part: Part) -> Option<Part> {
    match part {
        Part::UnitsByValue => Some(Part::Units),
        Part::AllByValue => Some(Part::All),
        Part::KnownByValue => Some(Part::Known),
        Part::NewByValue => Some(Part::New),
        _ => None,
    }
}

/// What a cell says of a breakdown, if it is of that one: `plan=pro`, `plan=` where it is unknown, or `plan` for all other values.
fn value_of<'c>(name: &str, cell: &'c str) -> Option<(Is, &'c str)> {
    match cell.strip_prefix(name)? {
        "" => Some((Is::Other, "")),
        "=" => Some((Is::Unknown, "")),
        rest => rest.strip_prefix('=').map(|value| (Is::Value, value)),
    }
}

/// How many comparisons by value have an interval.
pub(crate) fn looks(breakdowns: &[BreakdownOf]) -> u64 {
    let values = breakdowns.iter().flat_map(|breakdown| &breakdown.values);
    let comparisons = values.flat_map(|value| &value.metrics).flat_map(|metric| &metric.comparisons);
    comparisons.filter(|comparison| comparison.difference.is_some()).count() as u64
}
