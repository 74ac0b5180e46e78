//! The asymptotic confidence sequence: an interval that may be looked at every minute, and acted upon at once.
//!
//! Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
//! arXiv:2103.06476. Asymptotic, like every interval from a variance that was estimated: the first looks must wait until there
//! are units enough ([`crate::MIN_UNITS`], [`crate::MIN_CONVERSIONS`]).

use crate::Alpha;

/// Fixed when a phase starts: how often it may err, and at how many units it is narrowest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    alpha: Alpha,
    planned: u64,
}

impl Sequence {
    /// `planned` is N*, the units of both arms of a comparison together for which the interval is to be narrowest. Changing
    /// it with the data in view voids the guarantee. `None` where it is 0.
    pub fn new(alpha: Alpha, planned: u64) -> Option<Self> {
        (planned > 0).then_some(Sequence { alpha, planned })
    }

    /// How often it errs, over all looks together.
    pub fn alpha(&self) -> Alpha {
        self.alpha
    }

    /// The planned units of both arms.
    pub fn planned(&self) -> u64 {
        self.planned
    }

    /// Half the width of the two-sided interval in standard errors of the difference, at N units in both arms: sqrt(2 (N r2 + 1) / (N r2) ln(sqrt(N r2 + 1) / alpha)). In place of a fixed horizon's 1.96. Infinite
    /// without units.
    pub fn two_sided(&self, units: f64) -> f64 {
        let alpha = self.alpha.value();
        boundary(units * narrowest(alpha, self.planned), |grown| (grown.sqrt() / alpha).ln())
    }

    /// The same for a bound on one side (the paper's one-sided sequence, of its appendix): the logarithm is that of
    /// 1 + sqrt(N r2 + 1) / (2 alpha), and r2 that of twice alpha, because a two-sided sequence spends half on each side.
    pub fn one_sided(&self, units: f64) -> f64 {
        let alpha = 2.0 * self.alpha.value();
        boundary(units * narrowest(alpha.min(ALMOST_ALL), self.planned), |grown| (grown.sqrt() / alpha).ln_1p())
    }
}

/// Above it the optimum below has no solution; nobody asks for a bound that may be wrong every second time.
const ALMOST_ALL: f64 = 0.99;

/// r2, for which the sequence is narrowest at N* units (the paper's appendix, first terms of the Lambert function):
/// (-2 ln alpha + ln(1 - 2 ln alpha)) / N*.
fn narrowest(alpha: f64, planned: u64) -> f64 {
    let twice = -2.0 * alpha.ln();
    (twice + twice.ln_1p()) / planned as f64
}

/// `scaled` is N r2.
fn boundary(scaled: f64, logarithm: impl Fn(f64) -> f64) -> f64 {
    let grown = scaled + 1.0;
    if scaled > 0.0 { (2.0 * grown / scaled * logarithm(grown)).sqrt() } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::Sequence;
    use crate::Alpha;

    #[test]
    fn it_is_narrowest_in_proportion_near_the_planned_units() {
        // The width of the interval in units of the data: standard errors times 1 / sqrt(N), against other plans.
        let width = |planned| Sequence::new(Alpha::FIVE_PERCENT, planned).unwrap().two_sided(10_000.0);
        assert!((5_000..=20_000).step_by(500).all(|planned| width(planned) >= width(10_000) * (1.0 - 1e-3)));
        assert!(width(1_000) > 1.05 * width(10_000) && width(100_000) > 1.05 * width(10_000));
    }

    #[test]
    fn a_bound_on_one_side_is_nearer() {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 10_000).unwrap();
        for units in [100.0, 10_000.0, 1e6] {
            assert!(sequence.one_sided(units) < sequence.two_sided(units));
        }
    }

    #[test]
    fn without_units_it_is_infinite() {
        assert_eq!(Sequence::new(Alpha::FIVE_PERCENT, 1).unwrap().two_sided(0.0), f64::INFINITY);
        assert_eq!(Sequence::new(Alpha::FIVE_PERCENT, 0), None);
    }
}
