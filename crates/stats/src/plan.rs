//! How long a trial takes, or what it can find: before anything of it was measured, by the sequence that the report decides by.

use crate::{Alpha, Effect, MIN_CONVERSIONS, MIN_UNITS, Sequence, looks_power, sequence_power};

/// What takes longer is no plan.
pub const LONGEST_DAYS: u32 = 730;
/// More looks than this are as good as these: they are spread evenly.
const LOOKS: u32 = 60;
/// An effect of a hundred times the baseline.
const LARGEST: f64 = 100.0;

/// What a metric is without the treatment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Baseline {
    mean: f64,
    variance: f64,
    is_rate: bool,
}

impl Baseline {
    /// A conversion rate. `None` unless above 0 and below 1.
    pub fn rate(rate: f64) -> Option<Self> {
        (rate > 0.0 && rate < 1.0).then_some(Baseline { mean: rate, variance: rate * (1.0 - rate), is_rate: true })
    }

    /// A number per unit: its mean, and the variance of one unit. `None` for a mean of zero, of which no effect is a share, or where nothing
    /// varies.
    pub fn value(mean: f64, variance: f64) -> Option<Self> {
        let usable = mean != 0.0 && mean.is_finite() && variance > 0.0 && variance.is_finite();
        usable.then_some(Baseline { mean, variance, is_rate: false })
    }

    /// A relative effect, where the treatment has this share of both arms. Variances move with it: a rate's as rates do, and that of a number
    /// as if each unit's grew in proportion, which is the most that it does by mere growth.
    fn effect(&self, relative: f64, treatment_share: f64) -> Option<Effect> {
        let treated = self.mean * (1.0 + relative);
        let variance = match self.is_rate {
            true if treated >= 1.0 || treated <= 0.0 => return None,
            true => treated * (1.0 - treated),
            false => self.variance * (1.0 + relative).powi(2),
        };
        Effect::new(self.mean * relative, (variance, self.variance), treatment_share)
    }

    /// The largest relative effect that there can be.
    fn most(&self) -> f64 {
        if self.is_rate { ((1.0 - self.mean) / self.mean * 0.999).min(LARGEST) } else { LARGEST }
    }
}

/// Who enters, and when they count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inflow {
    per_day: f64,
    window: f64,
}

impl Inflow {
    /// Of `eligible` new units a day, each of `parts` (coverage, the layer's ranges, what no holdout keeps) lets in a share; they count once
    /// `window` days have passed. `None` unless units come, shares are above 0 and at most 1, and the window is not negative.
    pub fn new(eligible: f64, parts: &[f64], window: f64) -> Option<Self> {
        let per_day = parts.iter().fold(eligible, |units, part| units * part);
        let usable = eligible > 0.0 && eligible.is_finite() && window >= 0.0 && window.is_finite();
        (usable && parts.iter().all(|part| *part > 0.0 && *part <= 1.0)).then_some(Inflow { per_day, window })
    }

    /// Units that enter on a day.
    pub fn per_day(&self) -> f64 {
        self.per_day
    }

    /// Units that count at the end of a day; the first is day 1.
    pub fn by(&self, day: u32) -> f64 {
        self.per_day * (f64::from(day) - self.window).max(0.0)
    }
}

/// What is planned, for the comparison with the fewest units.
///
/// ```
/// use waft_stats::{Alpha, Baseline, Inflow, Plan};
///
/// // 10 % buy; of 4,000 visitors a day 60 % are in the layer's ranges, and a holdout keeps 5 %; a week counts.
/// let plan = Plan {
///     baseline: Baseline::rate(0.1).ok_or("no rate")?,
///     inflow: Inflow::new(4_000.0, &[0.6, 0.95], 7.0).ok_or("nobody comes")?,
///     weights: vec![0.5, 0.5],
///     alpha: Alpha::FIVE_PERCENT,
///     power: 0.8,
///     at_least: 14,
///     units: None,
/// };
/// let days = plan.days(0.1).ok_or("too small")?;
/// assert!(plan.found(0.1, days) >= Some(0.8) && plan.found(0.1, days - 1) < Some(0.8));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What is to be moved.
    pub baseline: Baseline,
    /// Who enters.
    pub inflow: Inflow,
    /// The shares of the arms, the control first; they need not sum to one.
    pub weights: Vec<f64>,
    /// Of this comparison: see [`Alpha::share`].
    pub alpha: Alpha,
    /// How often the effect is to be found.
    pub power: f64,
    /// Days before which no winner is named.
    pub at_least: u32,
    /// Units of all arms for which the sequence is narrowest, where that is written already. Otherwise what there is at the end.
    pub units: Option<u64>,
}

/// The control and the arm with the fewest units.
struct Pair {
    /// Of all units.
    share: f64,
    /// The treatment's, of both.
    treatment: f64,
}

impl Plan {
    /// How often a relative effect is found by the end of a day, with a look each day. `None` where there is no such effect, or no arm to
    /// compare.
    pub fn found(&self, effect: f64, day: u32) -> Option<f64> {
        let pair = self.pair()?;
        let effect = self.baseline.effect(effect, pair.treatment)?;
        let looks = self.looks(&pair, day);
        let Some(sequence) = self.sequence(&pair, day) else { return Some(0.0) };
        Some(looks_power(&effect, &sequence, &looks))
    }

    /// The first day by whose end a relative effect is found as often as planned. `None` where that takes more than [`LONGEST_DAYS`].
    pub fn days(&self, effect: f64) -> Option<u32> {
        let is_found = |day: u32| self.found(effect, day).is_some_and(|found| found >= self.power);
        let mut enough =
            (0..).map(|times| 1_u32 << times).take_while(|day| *day < LONGEST_DAYS).find(|day| is_found(*day));
        if enough.is_none() && is_found(LONGEST_DAYS) {
            enough = Some(LONGEST_DAYS);
        }
        let mut enough = enough?;
        let mut too_few = enough / 2;
        while enough - too_few > 1 {
            let middle = too_few + (enough - too_few) / 2;
            if is_found(middle) { enough = middle } else { too_few = middle }
        }
        Some(enough)
    }

    /// The smallest relative effect that is found as often as planned by the end of a day. `None` where none is, as while windows last.
    pub fn detectable(&self, day: u32) -> Option<f64> {
        let pair = self.pair()?;
        let sequence = self.sequence(&pair, day)?;
        let looks = self.looks(&pair, day);
        let last = *looks.last()?;
        let effect = |relative: f64| self.baseline.effect(relative, pair.treatment);
        // One look finds less than all of them, and is quick.
        let once = |relative: f64| {
            effect(relative).is_some_and(|effect| sequence_power(&effect, &sequence, last) >= self.power)
        };
        let all = |relative: f64| {
            effect(relative).is_some_and(|effect| looks_power(&effect, &sequence, &looks) >= self.power)
        };
        let most = self.baseline.most();
        if !once(most) {
            return None;
        }
        let above = smallest(0.0, most, 60, once);
        Some(smallest(above / 2.0, above, 10, all))
    }

    /// Units of all arms that count at the end of a day.
    pub fn units_by(&self, day: u32) -> u64 {
        self.inflow.by(day).floor() as u64
    }

    fn pair(&self) -> Option<Pair> {
        let (control, treatments) = self.weights.split_first()?;
        let least = treatments.iter().copied().filter(|weight| *weight > 0.0).reduce(f64::min)?;
        let all: f64 = self.weights.iter().sum();
        (*control > 0.0 && all.is_finite())
            .then(|| Pair { share: (control + least) / all, treatment: least / (control + least) })
    }

    /// Units of a pair at the end of a day.
    fn of_pair(&self, pair: &Pair, day: u32) -> u64 {
        (self.inflow.by(day) * pair.share).floor() as u64
    }

    fn sequence(&self, pair: &Pair, day: u32) -> Option<Sequence> {
        let planned =
            self.units.map_or_else(|| self.of_pair(pair, day), |units| (units as f64 * pair.share).round() as u64);
        Sequence::new(self.alpha, planned)
    }

    /// Units of the pair at each look until the end of a day: those at which a report says anything, and at which it may name a winner.
    fn looks(&self, pair: &Pair, day: u32) -> Vec<u64> {
        let least = pair.treatment.min(1.0 - pair.treatment);
        let says = |units: &u64| {
            let fewest = *units as f64 * least;
            fewest >= MIN_UNITS as f64
                && (!self.baseline.is_rate || fewest * self.baseline.mean >= MIN_CONVERSIONS as f64)
        };
        let first = self.at_least.max(1);
        let every = (day.saturating_sub(first) / LOOKS).max(1);
        // The last day counts, whatever the distance of the others.
        let mut days: Vec<u32> = (first..=day).rev().step_by(every as usize).collect();
        days.reverse();
        days.into_iter().map(|day| self.of_pair(pair, day)).filter(says).collect()
    }
}

/// The smallest number for which it holds, between one for which it does not and one for which it does.
fn smallest(mut below: f64, mut above: f64, steps: u32, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..steps {
        let middle = f64::midpoint(below, above);
        if holds(middle) { above = middle } else { below = middle }
    }
    above
}

#[cfg(test)]
mod tests {
    use super::{Baseline, Inflow, LONGEST_DAYS, Plan};
    use crate::{Alpha, Effect, Sequence, sequence_power};

    fn plan() -> Plan {
        Plan {
            baseline: Baseline::rate(0.1).unwrap(),
            inflow: Inflow::new(2_000.0, &[], 0.0).unwrap(),
            weights: vec![0.5, 0.5],
            alpha: Alpha::FIVE_PERCENT,
            power: 0.8,
            at_least: 0,
            units: None,
        }
    }

    #[test]
    fn days_and_effects_are_each_others_inverse() {
        for (effect, plan) in [
            (0.1, plan()),
            (0.2, Plan { weights: vec![0.6, 0.2, 0.2], ..plan() }),
            (0.15, Plan { units: Some(40_000), at_least: 14, ..plan() }),
            (0.3, Plan { baseline: Baseline::value(3.0, 90.0).unwrap(), ..plan() }),
        ] {
            let days = plan.days(effect).unwrap();
            let [now, before] = [days, days - 1].map(|day| plan.detectable(day));
            assert!(now.unwrap() <= effect * 1.001, "{effect} {days} {now:?}");
            assert!(
                days <= plan.at_least || before.is_none_or(|before| before > effect * 0.999),
                "{effect} {days} {before:?}"
            );
        }
    }

    #[test]
    fn a_winner_on_the_last_day_alone_is_one_look() {
        let plan = Plan { at_least: 20, units: Some(40_000), ..plan() };
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 40_000).unwrap();
        let effect = Effect::new(0.01, (0.11 * 0.89, 0.09), 0.5).unwrap();
        let exact = sequence_power(&effect, &sequence, 40_000);
        assert!((plan.found(0.1, 20).unwrap() - exact).abs() < 1e-6);
        assert_eq!(plan.found(0.1, 19), Some(0.0));
    }

    #[test]
    fn windows_and_parts_take_units_away() {
        let inflow = Inflow::new(1_000.0, &[0.6, 0.5], 7.0).unwrap();
        assert_eq!((inflow.by(7), inflow.by(8), inflow.by(17)), (0.0, 300.0, 3_000.0));
        let waits = Plan { inflow, ..plan() };
        assert_eq!((waits.detectable(7), waits.found(0.1, 7)), (None, Some(0.0)));
        assert!(waits.days(0.1).unwrap() > plan().days(0.1).unwrap() + 7);
    }

    #[test]
    fn what_is_no_plan_has_no_figure() {
        assert!(Baseline::rate(0.0).is_none() && Baseline::rate(1.0).is_none());
        assert!(Baseline::value(0.0, 1.0).is_none() && Baseline::value(1.0, 0.0).is_none());
        assert!(Inflow::new(0.0, &[], 0.0).is_none() && Inflow::new(10.0, &[0.0], 0.0).is_none());
        assert!(Inflow::new(10.0, &[], f64::NAN).is_none());
        let alone = Plan { weights: vec![1.0], ..plan() };
        assert!(alone.days(0.1).is_none() && alone.detectable(10).is_none() && alone.found(0.1, 10).is_none());
        let few = Plan { inflow: Inflow::new(1.0, &[], 0.0).unwrap(), ..plan() };
        assert!(few.days(0.01).is_none() && few.detectable(LONGEST_DAYS).is_none_or(|effect| effect > 0.5));
    }
}
