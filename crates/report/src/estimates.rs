//! What each arm has of a metric: sums to estimates, adjusted by what units did before where that is known.

use waft_stats::{Conversions, Estimate, History, Pairs, Values, adjust};

use crate::sum::{Part, Sum, total};
use crate::trial::{Of, Question, Terms, Trial};

/// What an arm has of a metric.
pub(crate) struct Own {
    pub(crate) units: u64,
    pub(crate) nonzero: u64,
    pub(crate) estimate: Option<Estimate>,
}

impl Own {
    /// Of one row, as it is.
    pub(crate) fn of(row: &Sum, terms: &Terms) -> Self {
        let parts = Parts { rows: vec![row] };
        parts.own(parts.estimate(terms))
    }
}

/// What all arms have of one.
pub(crate) struct Estimates {
    /// The control first.
    pub(crate) arms: Vec<Own>,
    /// Whether by what units did before.
    pub(crate) adjusted: bool,
}

impl Estimates {
    /// Of a trial's sums.
    pub(crate) fn of(trial: &Trial, sums: &[&Sum], question: &Question) -> Self {
        let parts: Vec<Parts<'_>> = trial.arms.iter().map(|arm| Parts::of(sums, question, &arm.variant)).collect();
        let histories: Option<Vec<History>> =
            if question.terms.before() > 0 { parts.iter().map(Parts::history).collect() } else { None };
        let adjusted = histories.and_then(|histories| adjust(&histories));
        let estimates: Vec<Option<Estimate>> = match &adjusted {
            Some(values) => values.iter().map(|values| values.estimate()).collect(),
            None => parts.iter().map(|parts| parts.estimate(&question.terms)).collect(),
        };
        let arms = parts.iter().zip(estimates).map(|(parts, estimate)| parts.own(estimate)).collect();
        Self { arms, adjusted: adjusted.is_some() }
    }
}

/// The rows of one metric in one arm: `all`, or `known` and `new`.
struct Parts<'s> {
    rows: Vec<&'s Sum>,
}

impl<'s> Parts<'s> {
    fn of(sums: &[&'s Sum], question: &Question, variant: &str) -> Self {
        let own = sums.iter().filter(|sum| {
            sum.metric == question.metric
                && sum.variant == variant
                && matches!(sum.part, Part::All | Part::Known | Part::New)
        });
        Self { rows: own.copied().collect() }
    }

    fn own(&self, estimate: Option<Estimate>) -> Own {
        let counted = |of: fn(&Sum) -> u64| total(self.rows.iter().map(|row| of(row)));
        Own { units: counted(|row| row.units), nonzero: counted(|row| row.nonzero), estimate }
    }

    /// Parts by whether units have a history. Summed without one, all are as if they were new.
    fn history(&self) -> Option<History> {
        let mut history = History::default();
        for row in &self.rows {
            if row.part == Part::Known {
                history.known.merge(Pairs::from_sums(row.units, (row.x, row.xx), (row.y, row.yy), row.xy)?);
            } else {
                history.missing.merge(Values::from_sums(row.units, row.x, row.xx)?);
            }
        }
        Some(history)
    }

    fn estimate(&self, terms: &Terms) -> Option<Estimate> {
        match terms {
            Terms::One(term) if term.of == Of::Whether => {
                let mut all = Conversions::default();
                for row in &self.rows {
                    all.merge(Conversions::new(row.units, row.nonzero)?);
                }
                all.estimate()
            }
            Terms::One(_) => {
                let mut all = Values::default();
                for row in &self.rows {
                    all.merge(Values::from_sums(row.units, row.x, row.xx)?);
                }
                all.estimate()
            }
            Terms::Ratio(..) => {
                let mut all = Pairs::default();
                for row in &self.rows {
                    all.merge(Pairs::from_sums(row.units, (row.x, row.xx), (row.y, row.yy), row.xy)?);
                }
                all.ratio()
            }
        }
    }
}
