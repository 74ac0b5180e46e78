//! What units do. Three in a hundred buy, and what they pay is log-normal: most of a shop's revenue is from few.

use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, LogNormal, StandardUniform};
use waft_stats::{Conversions, Estimate, History, Pairs, Values, adjust};

/// A metric and the units that it is measured on.
pub(crate) trait Model: Copy {
    type Sums: Copy + Default;
    fn name(self) -> String;
    /// What the control has on average.
    fn mean(self) -> f64;
    /// Whether a value may be larger than others.
    fn is_skewed(self) -> bool {
        true
    }
    /// A unit more; whether its value is other than zero.
    fn unit(self, chance: &mut ChaCha8Rng, lift: f64, sums: &mut Self::Sums) -> bool;
    fn estimates(arms: &[Self::Sums; 2]) -> Option<[Estimate; 2]>;
}

fn happens(chance: &mut ChaCha8Rng, probability: f64) -> bool {
    Distribution::<f64>::sample(&StandardUniform, chance) < probability
}

fn amount(chance: &mut ChaCha8Rng, sigma: f64) -> f64 {
    LogNormal::new(3.5, sigma).unwrap().sample(chance)
}

fn mean_amount(sigma: f64) -> f64 {
    (3.5 + sigma * sigma / 2.0).exp()
}

const BUYERS: f64 = 0.03;

/// Whether a unit bought.
#[derive(Clone, Copy)]
pub(crate) struct Conversion;

impl Model for Conversion {
    type Sums = Conversions;

    fn is_skewed(self) -> bool {
        false
    }

    fn name(self) -> String {
        "conversion of 3 %".into()
    }

    fn mean(self) -> f64 {
        BUYERS
    }

    fn unit(self, chance: &mut ChaCha8Rng, lift: f64, sums: &mut Conversions) -> bool {
        let bought = happens(chance, BUYERS * (1.0 + lift));
        sums.push(bought);
        bought
    }

    fn estimates(arms: &[Conversions; 2]) -> Option<[Estimate; 2]> {
        Some([arms[0].estimate()?, arms[1].estimate()?])
    }
}

/// What a unit paid.
#[derive(Clone, Copy)]
pub(crate) struct Revenue {
    pub(crate) sigma: f64,
    /// What more than that is cut to: a `cap` at the percentile of 99.5, which is what a buyer in six pays or more.
    pub(crate) capped: bool,
}

impl Model for Revenue {
    type Sums = Values;

    fn name(self) -> String {
        format!("revenue of 3 % buyers, sigma {}{}", self.sigma, if self.capped { ", capped" } else { "" })
    }

    fn mean(self) -> f64 {
        BUYERS * mean_amount(self.sigma)
    }

    fn unit(self, chance: &mut ChaCha8Rng, lift: f64, sums: &mut Values) -> bool {
        let bought = happens(chance, BUYERS);
        let most = if self.capped { (3.5 + 0.9674 * self.sigma).exp() } else { f64::INFINITY };
        sums.push(if bought { (amount(chance, self.sigma) * (1.0 + lift)).min(most) } else { 0.0 });
        bought
    }

    fn estimates(arms: &[Values; 2]) -> Option<[Estimate; 2]> {
        Some([arms[0].estimate()?, arms[1].estimate()?])
    }
}

/// What a session paid, where units have one session or many: those with many are the ones who buy.
#[derive(Clone, Copy)]
pub(crate) struct PerSession;

impl Model for PerSession {
    type Sums = Pairs;

    fn name(self) -> String {
        "revenue per session".into()
    }

    fn mean(self) -> f64 {
        BUYERS * mean_amount(1.0)
    }

    fn unit(self, chance: &mut ChaCha8Rng, lift: f64, sums: &mut Pairs) -> bool {
        let (mut sessions, mut paid) = (0.0, 0.0);
        loop {
            sessions += 1.0;
            paid += if happens(chance, BUYERS) { amount(chance, 1.0) * (1.0 + lift) } else { 0.0 };
            // Two sessions on average, one time in a hundred more than seven.
            if happens(chance, 0.5) {
                break;
            }
        }
        sums.push(paid, sessions);
        paid > 0.0
    }

    fn estimates(arms: &[Pairs; 2]) -> Option<[Estimate; 2]> {
        Some([arms[0].ratio()?, arms[1].ratio()?])
    }
}

/// What a unit paid, less what could be told from what it paid before; one in five has no before.
#[derive(Clone, Copy)]
pub(crate) struct Adjusted;

impl Model for Adjusted {
    type Sums = History;

    fn name(self) -> String {
        "revenue, CUPED".into()
    }

    fn mean(self) -> f64 {
        BUYERS * mean_amount(1.0)
    }

    fn unit(self, chance: &mut ChaCha8Rng, lift: f64, sums: &mut History) -> bool {
        // One in thirty is a customer, with a level of spending that lasts, and buys nine times in ten.
        let customer = happens(chance, BUYERS / 0.9);
        let level = if customer { amount(chance, 0.8) } else { 0.0 };
        let mut period = || {
            if customer && happens(chance, 0.9) {
                level * LogNormal::new(0.0, 0.6).unwrap().sample(chance)
            } else {
                0.0
            }
        };
        let (before, paid) = (period(), period() * (1.0 + lift));
        if happens(chance, 0.8) {
            sums.known.push(paid, before)
        } else {
            sums.missing.push(paid)
        }
        paid > 0.0
    }

    fn estimates(arms: &[History; 2]) -> Option<[Estimate; 2]> {
        match adjust(arms)?.as_slice() {
            [treatment, control] => Some([treatment.estimate()?, control.estimate()?]),
            _ => None,
        }
    }
}
