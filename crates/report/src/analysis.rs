//! Sums to results: which estimates are made, what is withheld, and how long still.

use waft_stats::{
    Conversions, Difference, Direction, Effect, Estimate, Evidence, Guardrail, History, Interval, Pairs, SampleRatio,
    Sequence, Standing, Values, adjust, sequence_power, sequence_units, too_many_crossovers,
};
use waft_studio::clock;

use crate::results::{
    ArmUnits, ArmValue, Arrival, Cell, Comparison, Day, Fixed, MetricOf, PlanOf, Range, Report, Results, Split,
    Verdict, Withheld,
};
use crate::study::{Of, Question, Role, Study, Terms};
use crate::sum::{Part, Sum};
use crate::words;

const DAY_MS: i64 = 86_400_000;
/// Over how many days the pace is taken.
const PACE_DAYS: i64 = 7;

/// What the sums say of the studies, as of a moment in milliseconds since 1970.
pub fn report(set: &str, studies: &[Study], sums: &[Sum], now: i64) -> Report {
    let mut unknown: Vec<(String, u64)> = Vec::new();
    let known = |sum: &Sum| studies.iter().any(|study| study.name == sum.experiment && study.phase == sum.phase);
    for sum in sums.iter().filter(|sum| sum.part == Part::Units && !known(sum)) {
        let name = format!("{}, phase {}", sum.experiment, sum.phase);
        match unknown.iter_mut().find(|(other, _)| *other == name) {
            Some((_, units)) => *units = units.saturating_add(sum.units),
            None => unknown.push((name, sum.units)),
        }
    }
    let results = studies.iter().map(|study| Analysis::of(study, sums).results(now)).collect();
    Report { set: set.to_owned(), as_of: clock::text(now), studies: results, unknown }
}

/// One study and its sums.
struct Analysis<'s> {
    study: &'s Study,
    sums: Vec<&'s Sum>,
    /// Units of each arm.
    units: Vec<u64>,
    sample_ratio: Option<SampleRatio>,
    crossed: u64,
}

impl<'s> Analysis<'s> {
    fn of(study: &'s Study, sums: &'s [Sum]) -> Self {
        let sums: Vec<&Sum> =
            sums.iter().filter(|sum| sum.experiment == study.name && sum.phase == study.phase).collect();
        let units_of = |variant: &str| {
            let own = sums.iter().filter(|sum| sum.part == Part::Units && sum.variant == variant);
            own.map(|sum| sum.units).sum()
        };
        let units: Vec<u64> = study.arms.iter().map(|arm| units_of(&arm.variant)).collect();
        let weights: Vec<f64> = study.arms.iter().map(|arm| arm.weight).collect();
        let sample_ratio = SampleRatio::new(&units, &weights);
        let crossed = sums.iter().filter(|sum| sum.part == Part::Crossed).map(|sum| sum.units).sum();
        Self { study, sums, units, sample_ratio, crossed }
    }

    fn results(&self, now: i64) -> Results {
        let Study { kind, name, phase, unit, from, to, plan, .. } = self.study;
        let total: u64 = self.units.iter().sum();
        let weights: f64 = self.study.arms.iter().map(|arm| arm.weight).sum();
        let arms = self.study.arms.iter().zip(&self.units).map(|(arm, units)| ArmUnits {
            variant: arm.variant.clone(),
            planned: arm.weight / weights,
            units: *units,
            share: if total > 0 { *units as f64 / total as f64 } else { 0.0 },
        });
        let strangers = self
            .sums
            .iter()
            .filter(|sum| sum.part == Part::Units && self.study.arms.iter().all(|arm| arm.variant != sum.variant));
        let mut results = Results {
            kind: *kind,
            name: name.clone(),
            phase: *phase,
            unit: unit.clone(),
            from: clock::text(*from),
            to: to.map(clock::text),
            ended: to.is_some_and(|to| to <= now),
            days: u64::try_from((self.study.ends() - from) / DAY_MS).unwrap_or(0),
            arms: arms.collect(),
            strangers: strangers.map(|sum| (sum.variant.clone(), sum.units)).collect(),
            crossed: self.crossed,
            sample_ratio: self.sample_ratio.map(|ratio| self.split(&ratio)),
            plan: PlanOf {
                written: plan.written,
                units: plan.units,
                detect: plan.detect,
                power: plan.power,
                alpha: plan.alpha.value(),
                at_least_days: plan.at_least as f64 / DAY_MS as f64,
            },
            metrics: self.study.questions.iter().map(|question| self.metric(question)).collect(),
            arrival: Arrival {
                exposures: self.counted(Part::Exposures),
                receipts: self.counted(Part::Receipts),
                late: self.counted(Part::Late),
                skewed: self.counted(Part::Skewed),
                outdated: self.counted(Part::Outdated),
            },
            answer: String::new(),
        };
        results.answer = words::answer(&results);
        results
    }

    fn counted(&self, part: Part) -> u64 {
        self.sums.iter().filter(|sum| sum.part == part).map(|sum| sum.units).sum()
    }

    fn split(&self, ratio: &SampleRatio) -> Split {
        Split {
            alarm: ratio.is_alarm(),
            ln_bayes_factor: ratio.ln_bayes_factor(),
            p: ratio.p(),
            by_day: self.cells(Part::UnitsByDay),
            by_version: self.cells(Part::UnitsByVersion),
            by_browser: self.cells(Part::UnitsByBrowser),
        }
    }

    /// The parts of all units, in order of their numbers or names.
    fn cells(&self, part: Part) -> Vec<Cell> {
        let own: Vec<&&Sum> = self.sums.iter().filter(|sum| sum.part == part).collect();
        let mut cells: Vec<&str> = own.iter().map(|sum| sum.cell.as_str()).collect();
        cells.sort_unstable_by_key(|cell| (cell.parse::<i64>().ok(), *cell));
        cells.dedup();
        let weights: Vec<f64> = self.study.arms.iter().map(|arm| arm.weight).collect();
        let cell = |cell: &str| {
            let of = |variant: &str| {
                own.iter().filter(|sum| sum.cell == cell && sum.variant == variant).map(|sum| sum.units).sum()
            };
            let units: Vec<u64> = self.study.arms.iter().map(|arm| of(&arm.variant)).collect();
            let ratio = SampleRatio::new(&units, &weights)?;
            let name = if part == Part::UnitsByDay {
                words::day(cell.parse().map_or(0, |day: i64| day.saturating_mul(DAY_MS)))
            } else {
                cell.to_owned()
            };
            Some(Cell { of: name, units, p: ratio.p(), alarm: ratio.is_alarm() })
        };
        cells.into_iter().filter_map(cell).collect()
    }

    fn metric(&self, question: &Question) -> MetricOf {
        let estimates = Estimates::of(self, question);
        let arms = self.study.arms.iter().zip(&estimates.arms).map(|(arm, own)| ArmValue {
            variant: arm.variant.clone(),
            units: own.units,
            nonzero: own.nonzero,
            mean: own.estimate.map(Estimate::mean),
        });
        let capped = matches!(&question.terms, Terms::One(term) if term.cap.is_some());
        let cap = self.sums.iter().find(|sum| sum.part == Part::Cap && sum.metric == question.metric);
        let pairs = self.study.arms.iter().zip(&estimates.arms).enumerate().skip(1);
        let control = estimates.arms.first();
        MetricOf {
            metric: question.metric.clone(),
            role: question.role,
            more_is_better: question.more_is_better,
            is_share: matches!(&question.terms, Terms::One(term) if term.of == Of::Whether),
            meaning: words::meaning(&question.terms),
            cap: capped.then(|| cap.map_or(0.0, |sum| sum.x)),
            adjusted: estimates.adjusted,
            arms: arms.collect(),
            comparisons: pairs
                .filter_map(|(at, (arm, own))| Some(self.compare(question, &arm.variant, at, own, control?)))
                .collect(),
        }
    }

    fn compare(&self, question: &Question, variant: &str, at: usize, treatment: &Own, control: &Own) -> Comparison {
        let plan = &self.study.plan;
        let alpha = match question.role {
            Role::Primary => {
                plan.alpha.share(self.study.primary_metrics(), self.study.treatments().len().try_into().unwrap_or(1))
            }
            Role::Secondary | Role::Guardrail(_) => plan.alpha,
        };
        let mut comparison = Comparison {
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
        };
        let (sequence, evidence) = match (Sequence::new(alpha, self.planned(at)), self.evidence(treatment, control)) {
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
        comparison.lift = lift.map(|lift| range(lift.value(), lift.interval(&sequence)));
        comparison.fixed = difference.fixed(&sequence).map(|fixed| Fixed {
            low: fixed.interval.low,
            high: fixed.interval.high,
            p: fixed.p,
        });
        comparison.verdict = match question.role {
            Role::Guardrail(margin) => match Guardrail::relative(direction(question), margin)
                .map_or(Standing::Unknown, |guardrail| guardrail.standing(own, base, &sequence))
            {
                Standing::Safe => Verdict::Safe,
                Standing::Harmed => Verdict::Harmed,
                Standing::Unknown => Verdict::Unknown,
            },
            Role::Primary | Role::Secondary => match (interval.is_significant(), evidence.winner()) {
                (false, _) => Verdict::Unknown,
                (true, Err(refusal)) => {
                    comparison.refusal = Some(refusal.into());
                    Verdict::Unknown
                }
                (true, Ok(())) if (difference.value() > 0.0) == question.more_is_better => Verdict::Better,
                (true, Ok(())) => Verdict::Worse,
            },
        };
        if question.role == Role::Primary {
            self.time_to_go(&mut comparison, &difference, base, &sequence);
            comparison.days = self.days(question, variant, &sequence);
        }
        comparison
    }

    /// The planned units of the control and one arm.
    fn planned(&self, at: usize) -> u64 {
        let weights: f64 = self.study.arms.iter().map(|arm| arm.weight).sum();
        let pair: f64 = [0, at].iter().filter_map(|at| self.study.arms.get(*at)).map(|arm| arm.weight).sum();
        (self.study.plan.units as f64 * pair / weights).round().max(1.0) as u64
    }

    fn evidence(&self, treatment: &Own, control: &Own) -> Result<Evidence, Withheld> {
        let evidence = Evidence {
            sample_ratio: self.sample_ratio.ok_or(Withheld::FewUnits)?,
            units: [treatment.units, control.units],
            conversions: [treatment.nonzero, control.nonzero],
            phases: 1,
            elapsed: u64::try_from(self.study.as_of - self.study.from).unwrap_or(0),
            at_least: self.study.plan.at_least,
        };
        evidence.lift()?;
        let all = self.units.iter().sum::<u64>().saturating_add(self.crossed);
        if too_many_crossovers(self.crossed, all) { Err(Withheld::Crossovers) } else { Ok(evidence) }
    }

    /// Power for the planned effect by now, and what is missing to the planned power.
    fn time_to_go(&self, comparison: &mut Comparison, seen: &Difference, control: Estimate, sequence: &Sequence) {
        let plan = &self.study.plan;
        let Some(effect) = plan.detect.and_then(|detect| Effect::seen(detect * control.mean(), seen)) else { return };
        comparison.power = Some(sequence_power(&effect, sequence, seen.units()));
        let Some(needed) = sequence_units(&effect, sequence, plan.power) else { return };
        let to_go = needed.saturating_sub(seen.units());
        comparison.units_to_go = Some(to_go);
        let pace = self.pace() * seen.units() as f64 / self.units.iter().sum::<u64>().max(1) as f64;
        comparison.days_to_go =
            (pace > 0.0 && self.study.to.is_none_or(|to| to > self.study.as_of)).then(|| (to_go as f64 / pace).ceil());
    }

    /// Units of all arms that entered per day, over the last whole days.
    fn pace(&self) -> f64 {
        let today = self.study.as_of.div_euclid(DAY_MS);
        let first = (today - PACE_DAYS).max(self.study.from.div_euclid(DAY_MS));
        let recent = self.sums.iter().filter(|sum| {
            sum.part == Part::UnitsByDay && sum.cell.parse().is_ok_and(|day| (first..today).contains(&day))
        });
        recent.map(|sum| sum.units).sum::<u64>() as f64 / (today - first).max(1) as f64
    }

    fn days(&self, question: &Question, variant: &str, sequence: &Sequence) -> Vec<Day> {
        let Terms::One(term) = &question.terms else { return Vec::new() };
        let of = |variant: &str, day: i64| {
            self.sums.iter().find(|sum| {
                sum.part == Part::DaySince
                    && sum.metric == question.metric
                    && sum.variant == variant
                    && sum.cell.parse() == Ok(day)
            })
        };
        let estimate = |sum: &Sum| match term.of {
            Of::Whether => Conversions::new(sum.units, sum.nonzero)?.estimate(),
            Of::Count | Of::Value | Of::Property(_) => Values::from_sums(sum.units, sum.x, sum.xx)?.estimate(),
        };
        let day = |day: i64| {
            let (own, base) = (estimate(of(variant, day)?)?, estimate(of(self.study.control(), day)?)?);
            let difference = Difference::absolute(own, base)?;
            let difference_of = range(difference.value(), difference.interval(sequence));
            Some(Day { day, units: difference.units(), difference: difference_of })
        };
        let last =
            self.sums.iter().filter(|sum| sum.part == Part::DaySince).filter_map(|sum| sum.cell.parse().ok()).max();
        last.map_or(Vec::new(), |last| (0..=last).filter_map(day).collect())
    }
}

/// What an arm has of a metric.
struct Own {
    units: u64,
    nonzero: u64,
    estimate: Option<Estimate>,
}

struct Estimates {
    arms: Vec<Own>,
    adjusted: bool,
}

impl Estimates {
    fn of(analysis: &Analysis<'_>, question: &Question) -> Self {
        let parts: Vec<Parts<'_>> =
            analysis.study.arms.iter().map(|arm| Parts::of(analysis, question, &arm.variant)).collect();
        let histories: Option<Vec<History>> =
            if question.terms.before() > 0 { parts.iter().map(Parts::history).collect() } else { None };
        let adjusted = histories.and_then(|histories| adjust(&histories));
        let estimates: Vec<Option<Estimate>> = match &adjusted {
            Some(values) => values.iter().map(|values| values.estimate()).collect(),
            None => parts.iter().map(|parts| parts.estimate(&question.terms)).collect(),
        };
        let own = |(parts, estimate): (&Parts<'_>, Option<Estimate>)| Own {
            units: parts.rows.iter().map(|row| row.units).sum(),
            nonzero: parts.rows.iter().map(|row| row.nonzero).sum(),
            estimate,
        };
        Self { arms: parts.iter().zip(estimates).map(own).collect(), adjusted: adjusted.is_some() }
    }
}

/// The rows of one metric in one arm: `all`, or `known` and `new`.
struct Parts<'s> {
    rows: Vec<&'s Sum>,
}

impl<'s> Parts<'s> {
    fn of(analysis: &Analysis<'s>, question: &Question, variant: &str) -> Self {
        let own = analysis.sums.iter().filter(|sum| {
            sum.metric == question.metric
                && sum.variant == variant
                && matches!(sum.part, Part::All | Part::Known | Part::New)
        });
        Self { rows: own.copied().collect() }
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

fn direction(question: &Question) -> Direction {
    if question.more_is_better { Direction::Up } else { Direction::Down }
}

fn range(value: f64, Interval { low, high }: Interval) -> Range {
    Range { value, low, high }
}
