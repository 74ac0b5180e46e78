//! Sums to results: which estimates are made, what is withheld, and how long still.

use std::collections::BTreeMap;

use waft_ruleset::clock;
use waft_stats::{
    Alpha, Difference, Direction, Effect, Estimate, Evidence, Guardrail, Interval, SampleRatio, Sequence, Standing,
    sequence_power, sequence_units, too_many_crossovers,
};

use crate::estimates::{Estimates, Own};
use crate::results::{
    Apart, ArmUnits, ArmValue, Arrival, Cell, Comparison, Day, Fixed, KillOf, MetricOf, PlanOf, Range, Results, Split,
    Verdict, Withheld,
};
use crate::stops;
use crate::sum::{Part, Sum, total};
use crate::trial::{DAY_MS, Of, Question, Role, Terms, Trial};
use crate::words;

/// How many lines a list has at most that anybody can make longer. Days are few.
const LINES: usize = 500;
/// Over how many days the pace is taken.
const PACE_DAYS: i64 = 7;

/// One trial and its sums.
pub(crate) struct Analysis<'s> {
    pub(crate) trial: &'s Trial,
    pub(crate) sums: Vec<&'s Sum>,
    /// Units of each arm.
    pub(crate) units: Vec<u64>,
    pub(crate) sample_ratio: Option<SampleRatio>,
}

impl<'s> Analysis<'s> {
    pub(crate) fn of(trial: &'s Trial, sums: Vec<&'s Sum>) -> Self {
        let units_of = |variant: &str| {
            let own = sums.iter().filter(|sum| sum.part == Part::Units && sum.variant == variant);
            total(own.map(|sum| sum.units))
        };
        let units: Vec<u64> = trial.arms.iter().map(|arm| units_of(&arm.variant)).collect();
        let sample_ratio = SampleRatio::new(&units, &trial.weights());
        Self { trial, sums, units, sample_ratio }
    }

    /// All but what units were.
    pub(crate) fn results(&self, now: i64) -> Results {
        let Trial { kind, name, phase, unit, from, to, plan, opens, stopped, kills, .. } = self.trial;
        let all = total(self.units.iter().copied());
        let weights: f64 = self.trial.weights().iter().sum();
        let arms = self.trial.arms.iter().zip(&self.units).map(|(arm, units)| ArmUnits {
            variant: arm.variant.clone(),
            planned: arm.weight / weights,
            units: *units,
            share: if all > 0 { *units as f64 / all as f64 } else { 0.0 },
        });
        let others = self
            .sums
            .iter()
            .filter(|sum| sum.part == Part::Units && self.trial.arms.iter().all(|arm| arm.variant != sum.variant));
        let (unshared, strangers): (Vec<_>, Vec<_>) = others
            .map(|sum| (sum.variant.clone(), sum.units))
            .partition(|(variant, _)| self.trial.unshared.contains(variant));
        let (strangers, strangers_more) = listed(strangers, self.more("variants"));
        let mut results = Results {
            kind: *kind,
            name: name.clone(),
            phase: *phase,
            unit: unit.clone(),
            from: clock::text(*from),
            to: to.map(clock::text),
            ended: to.is_some_and(|to| to <= now),
            stopped: stopped.as_ref().map(KillOf::from),
            opens: opens.map(clock::text),
            kills: kills.iter().map(KillOf::from).collect(),
            apart: Apart { exposures: self.counted(Part::Apart), events: self.counted(Part::EventsApart) },
            days: u64::try_from((self.trial.ends() - self.trial.began()) / DAY_MS).unwrap_or(0),
            arms: arms.collect(),
            strangers,
            strangers_more,
            unshared,
            crossed: self.counted(Part::Crossed),
            is_crossed: self.is_crossed(),
            sample_ratio: self.sample_ratio.map(|ratio| self.split(&ratio)),
            plan: PlanOf {
                written: plan.written,
                units: plan.units,
                detect: plan.detect,
                power: plan.power,
                alpha: plan.alpha.value(),
                at_least_days: plan.at_least as f64 / DAY_MS as f64,
            },
            metrics: self.trial.questions.iter().map(|question| self.metric(question)).collect(),
            breakdowns: Vec::new(),
            looks: 0,
            arrival: self.arrival(),
            answer: String::new(),
        };
        results.answer = stops::answer(&results);
        results
    }

    fn arrival(&self) -> Arrival {
        Arrival {
            exposures: self.counted(Part::Exposures),
            receipts: self.counted(Part::Receipts),
            late: self.counted(Part::Late),
            skewed: self.counted(Part::Skewed),
            uncorrected: self.counted(Part::Uncorrected),
            outdated: self.counted(Part::Outdated),
            contradicted: self.counted(Part::Contradicted),
        }
    }

    fn counted(&self, part: Part) -> u64 {
        total(self.sums.iter().filter(|sum| sum.part == part).map(|sum| sum.units))
    }

    /// What a list was cut short by.
    fn more(&self, list: &str) -> u64 {
        total(self.sums.iter().filter(|sum| sum.part == Part::More && sum.cell == list).map(|sum| sum.units))
    }

    fn split(&self, ratio: &SampleRatio) -> Split {
        let (by_version, versions_more) = self.cells(Part::UnitsByVersion, self.more("versions"));
        let (by_browser, browsers_more) = self.cells(Part::UnitsByBrowser, self.more("browsers"));
        Split {
            alarm: ratio.is_alarm(),
            ln_bayes_factor: ratio.ln_bayes_factor(),
            p: ratio.p(),
            by_day: self.days_entered(),
            by_version,
            by_browser,
            versions_more,
            browsers_more,
        }
    }

    /// The largest parts of all units, in order of their numbers or names, and how many more there are.
    fn cells(&self, part: Part, more: u64) -> (Vec<Cell>, u64) {
        let mut of: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
        for sum in self.sums.iter().filter(|sum| sum.part == part) {
            let Some(at) = self.trial.arms.iter().position(|arm| arm.variant == sum.variant) else { continue };
            let units = of.entry(&sum.cell).or_insert_with(|| vec![0; self.trial.arms.len()]);
            if let Some(units) = units.get_mut(at) {
                *units = units.saturating_add(sum.units);
            }
        }
        let cells = of.into_iter().collect();
        let (mut cells, more) = largest(cells, more, |(_, units)| total(units.iter().copied()));
        cells.sort_unstable_by_key(|(cell, _)| (cell.parse::<i64>().ok(), *cell));
        let weights = self.trial.weights();
        let cell = |(cell, units): (&str, Vec<u64>)| {
            let ratio = SampleRatio::new(&units, &weights)?;
            Some(Cell { of: cell.to_owned(), units, p: ratio.p(), alarm: ratio.is_alarm() })
        };
        (cells.into_iter().filter_map(cell).collect(), more)
    }

    fn days_entered(&self) -> Vec<Cell> {
        let named = |cell: Cell| Cell {
            of: words::day(cell.of.parse().map_or(0, |day: i64| day.saturating_mul(DAY_MS))),
            ..cell
        };
        self.cells(Part::UnitsByDay, 0).0.into_iter().map(named).collect()
    }

    pub(crate) fn metric(&self, question: &Question) -> MetricOf {
        let estimates = Estimates::of(self.trial, &self.sums, question);
        let alarm = self.sample_ratio.is_some_and(|ratio| ratio.is_alarm());
        let arms = self.trial.arms.iter().zip(&estimates.arms).map(|(arm, own)| ArmValue {
            variant: arm.variant.clone(),
            units: own.units,
            nonzero: own.nonzero,
            // Who reads both figures has read the difference.
            mean: own.estimate.map(Estimate::mean).filter(|_| !self.is_crossed() && !alarm),
        });
        let cap = |part: Part| {
            let mut own = self.sums.iter().filter(|sum| sum.part == part && sum.metric == question.metric);
            own.next().map(|sum| sum.x)
        };
        let pairs = self.trial.arms.iter().zip(&estimates.arms).enumerate().skip(1);
        let control = estimates.arms.first();
        MetricOf {
            metric: question.metric.clone(),
            role: question.role,
            then: question.then,
            more_is_better: question.more_is_better,
            is_share: is_share(question),
            is_ratio: matches!(question.terms, Terms::Ratio(..)),
            meaning: words::meaning(&question.terms),
            cap: cap(Part::Cap),
            cap_of_y: cap(Part::CapOfY),
            adjusted: estimates.adjusted,
            arms: arms.collect(),
            comparisons: pairs
                .filter_map(|(at, (arm, own))| Some(self.compare(question, &arm.variant, at, own, control?)))
                .collect(),
        }
    }

    fn compare(&self, question: &Question, variant: &str, at: usize, treatment: &Own, control: &Own) -> Comparison {
        let plan = &self.trial.plan;
        let alpha = match question.role {
            Role::Primary => {
                plan.alpha.share(self.trial.primary_metrics(), self.trial.treatments().len().try_into().unwrap_or(1))
            }
            Role::Secondary | Role::Guardrail(_) => plan.alpha,
        };
        let mut comparison = withheld(variant, alpha);
        let (sequence, evidence) =
            match (Sequence::new(alpha, self.planned(at)), self.evidence(question, treatment, control)) {
                (Some(sequence), Ok(evidence)) => (sequence, evidence),
                (_, Err(withheld)) => return Comparison { refusal: Some(withheld), ..comparison },
                (None, _) => return comparison,
            };
        let (Some(own), Some(base)) = (treatment.estimate, control.estimate) else {
            return Comparison { refusal: Some(Withheld::ImpossibleSums), ..comparison };
        };
        let Some(difference) = Difference::absolute(own, base) else {
            return Comparison { refusal: Some(Withheld::NothingVaries), ..comparison };
        };
        let interval = difference.interval(&sequence);
        let lift = Difference::relative(own, base);
        comparison.difference = Some(range(difference.value(), interval));
        // Of a loss, a share would have the wrong sign.
        comparison.lift = lift.filter(|_| base.mean() > 0.0).map(|lift| range(lift.value(), lift.interval(&sequence)));
        // Without a plan nothing was fixed before, and a kill was not planned.
        let winner = match &self.trial.stopped {
            Some(_) => Err(Withheld::Stopped),
            None => evidence.winner().map_err(Withheld::from),
        };
        let is_planned = self.trial.plan.written && winner.is_ok();
        comparison.fixed = difference.fixed(&sequence).filter(|_| is_planned).map(|fixed| Fixed {
            low: fixed.interval.low,
            high: fixed.interval.high,
            p: fixed.p,
        });
        comparison.verdict = match question.role {
            Role::Guardrail(margin) => standing(question, margin, [own, base], &sequence),
            Role::Primary | Role::Secondary => match (interval.is_significant(), winner) {
                (false, _) => Verdict::Unknown,
                (true, Err(refusal)) => {
                    comparison.refusal = Some(refusal);
                    Verdict::Unknown
                }
                (true, Ok(())) if (difference.value() > 0.0) == question.more_is_better => Verdict::Better,
                (true, Ok(())) => Verdict::Worse,
            },
        };
        if question.role == Role::Primary {
            self.time_to_go(&mut comparison, at, &difference, base, &sequence);
            comparison.days = self.days(question, variant, &sequence);
        }
        comparison
    }

    /// The planned units of the control and one arm.
    fn planned(&self, at: usize) -> u64 {
        let weights: f64 = self.trial.weights().iter().sum();
        let pair: f64 = [0, at].iter().filter_map(|at| self.trial.arms.get(*at)).map(|arm| arm.weight).sum();
        (self.trial.plan.units as f64 * pair / weights).round().max(1.0) as u64
    }

    fn evidence(&self, question: &Question, treatment: &Own, control: &Own) -> Result<Evidence, Withheld> {
        let evidence = Evidence {
            sample_ratio: self.sample_ratio.ok_or(Withheld::FewUnits)?,
            units: [treatment.units, control.units],
            conversions: [treatment.nonzero, control.nonzero],
            skewed: !is_share(question),
            phases: 1,
            elapsed: u64::try_from(self.trial.ends() - self.trial.began()).unwrap_or(0),
            at_least: self.trial.plan.at_least,
        };
        evidence.lift()?;
        if self.is_crossed() { Err(Withheld::Crossovers) } else { Ok(evidence) }
    }

    /// Whether too many met several variants for anything to be said.
    pub(crate) fn is_crossed(&self) -> bool {
        let crossed = self.counted(Part::Crossed);
        too_many_crossovers(crossed, total(self.units.iter().copied()).saturating_add(crossed))
    }

    /// Power for the planned effect by now, and what is missing to the planned power.
    fn time_to_go(
        &self,
        comparison: &mut Comparison,
        at: usize,
        seen: &Difference,
        control: Estimate,
        sequence: &Sequence,
    ) {
        let plan = &self.trial.plan;
        let Some(effect) = plan.detect.and_then(|detect| Effect::seen(detect * control.mean(), seen)) else { return };
        comparison.power = Some(sequence_power(&effect, sequence, seen.units()));
        let Some(needed) = sequence_units(&effect, sequence, plan.power) else { return };
        let to_go = needed.saturating_sub(seen.units());
        comparison.units_to_go = Some(to_go);
        let pair = total([0, at].iter().filter_map(|at| self.units.get(*at).copied()));
        let pace = self.pace() * pair as f64 / total(self.units.iter().copied()).max(1) as f64;
        comparison.days_to_go =
            (pace > 0.0 && self.trial.to.is_none_or(|to| to > self.trial.as_of)).then(|| (to_go as f64 / pace).ceil());
    }

    /// Units of all arms that entered per day, over the last whole days.
    fn pace(&self) -> f64 {
        let today = self.trial.as_of.div_euclid(DAY_MS);
        let first = (today - PACE_DAYS).max(self.trial.from.div_euclid(DAY_MS));
        let recent = self.sums.iter().filter(|sum| {
            sum.part == Part::UnitsByDay && sum.cell.parse().is_ok_and(|day| (first..today).contains(&day))
        });
        total(recent.map(|sum| sum.units)) as f64 / (today - first).max(1) as f64
    }

    /// The difference day by day; of days of which it may be told.
    fn days(&self, question: &Question, variant: &str, sequence: &Sequence) -> Vec<Day> {
        let of = |variant: &str| -> BTreeMap<i64, &Sum> {
            let own = self
                .sums
                .iter()
                .filter(|sum| sum.part == Part::DaySince && sum.metric == question.metric && sum.variant == variant);
            own.filter_map(|sum| Some((sum.cell.parse().ok()?, *sum))).collect()
        };
        let own = |sum: &Sum| Own::of(sum, &question.terms);
        let (treatment, control) = (of(variant), of(self.trial.control()));
        let day = |(day, sum): (&i64, &&Sum)| {
            let (treatment, control) = (own(sum), own(control.get(day)?));
            self.evidence(question, &treatment, &control).ok()?;
            let difference = Difference::absolute(treatment.estimate?, control.estimate?)?;
            let units = difference.units();
            Some(Day { day: *day, units, difference: range(difference.value(), difference.interval(sequence)) })
        };
        treatment.iter().filter_map(day).collect()
    }
}

/// The largest of a list of which anybody can make more lines, and how many are left out.
fn largest<T>(mut lines: Vec<T>, more: u64, units: impl Fn(&T) -> u64) -> (Vec<T>, u64) {
    let over = lines.len().saturating_sub(LINES);
    if over > 0 {
        lines.sort_by_key(|line| std::cmp::Reverse(units(line)));
        lines.truncate(LINES);
    }
    (lines, more.saturating_add(over as u64))
}

/// Names with their units, in order of their names.
pub(crate) fn listed(lines: Vec<(String, u64)>, more: u64) -> (Vec<(String, u64)>, u64) {
    let (mut lines, more) = largest(lines, more, |(_, units)| *units);
    lines.sort_unstable();
    (lines, more)
}

/// Whether it is a share of units.
fn is_share(question: &Question) -> bool {
    matches!(&question.terms, Terms::One(term) if term.of == Of::Whether)
}

/// A comparison of which nothing is said yet.
fn withheld(variant: &str, alpha: Alpha) -> Comparison {
    Comparison {
        variant: variant.to_owned(),
        alpha: alpha.value(),
        verdict: Verdict::Withheld,
        refusal: None,
        difference: None,
        lift: None,
        fixed: None,
        power: None,
        units_to_go: None,
        days_to_go: None,
        days: Vec::new(),
    }
}

/// Where a guardrail with this margin stands.
fn standing(question: &Question, margin: f64, [own, base]: [Estimate; 2], sequence: &Sequence) -> Verdict {
    let standing = Guardrail::relative(direction(question), margin)
        .map_or(Standing::Unknown, |guardrail| guardrail.standing(own, base, sequence));
    match standing {
        Standing::Safe => Verdict::Safe,
        Standing::Harmed => Verdict::Harmed,
        Standing::Unknown => Verdict::Unknown,
    }
}

fn direction(question: &Question) -> Direction {
    if question.more_is_better { Direction::Up } else { Direction::Down }
}

fn range(value: f64, Interval { low, high }: Interval) -> Range {
    Range { value, low, high }
}
