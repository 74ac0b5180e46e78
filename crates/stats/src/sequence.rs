//! Confidence sequences: intervals that may be looked at as often as one likes, and be stopped by.
//!
//! The asymptotic sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic
//! confidence sequences" (arXiv:2103.06476), for a difference of two means whose squared standard error is V at N units: units of
//! variance N V.

use crate::difference::Difference;
use crate::interval::Interval;

/// A sequence: how wide it is at each number of units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    alpha: f64,
    /// The mixture's variance: the sequence is narrowest about the planned number of units.
    r2: f64,
}

impl Sequence {
    /// A sequence that excludes the truth at any time with a probability of at most `alpha`, and is tightest at so many planned
    /// units of both arms. `planned` is fixed when a phase starts: who moves it afterwards looks for a result.
    pub fn new(alpha: f64, planned: f64) -> Self {
        let two = -2.0 * alpha.ln();
        Sequence { alpha, r2: (two + (1.0 + two).ln()) / planned.max(1.0) }
    }

    /// Half the width at so many units, in square roots of their variance.
    pub fn half_width(&self, units: f64) -> f64 {
        self.boundary(units, |grown| grown / self.alpha)
    }

    /// How far a one-sided sequence reaches: section 3.2 of the paper has `1 + grown / (2 alpha)` in place of `grown / alpha`.
    pub fn reach(&self, units: f64) -> f64 {
        self.boundary(units, |grown| 1.0 + grown / (2.0 * self.alpha))
    }

    fn boundary(&self, units: f64, ratio: impl Fn(f64) -> f64) -> f64 {
        let grown = units * self.r2 + 1.0;
        (2.0 * grown / (units * units * self.r2) * ratio(grown.sqrt()).ln()).sqrt()
    }

    /// Where the truth is, at any number of looks. Everywhere, without units.
    pub fn interval(&self, difference: &Difference) -> Interval {
        let units = difference.units();
        let half = (units * difference.error).sqrt() * self.half_width(units);
        if half.is_finite() {
            Interval::around(difference.effect, half)
        } else {
            Interval { low: f64::NEG_INFINITY, high: f64::INFINITY }
        }
    }
}
