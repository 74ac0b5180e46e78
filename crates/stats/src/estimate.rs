//! What one arm's units say about a metric.

use crate::moments::{Moments, Pair};

/// A mean or a ratio, and how far single units are from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// How many units.
    pub n: f64,
    /// The mean of the units, or the ratio of sums.
    pub mean: f64,
    /// The variance of one unit; that of the mean is this divided by `n`.
    pub variance: f64,
}

impl Estimate {
    /// The share of so many units that did it at least once, with the variance of a coin: p (1 - p).
    pub fn proportion(n: f64, conversions: f64) -> Self {
        let mean = if n > 0.0 { conversions / n } else { 0.0 };
        Estimate { n, mean, variance: mean * (1.0 - mean) }
    }

    /// The mean of one value: of counts and sums.
    pub fn mean(moments: &Moments) -> Self {
        Estimate { n: moments.n, mean: moments.mean, variance: moments.variance() }
    }

    /// The sum of `y` divided by the sum of `x`, where units are drawn and not the events that `x` counts: the delta method. None if
    /// `x` sums to nothing.
    pub fn ratio(pair: &Pair) -> Option<Self> {
        let Pair { y, x, .. } = pair;
        if x.mean == 0.0 || x.n <= 0.0 {
            return None;
        }
        let ratio = y.mean / x.mean;
        let variance = y.variance() - 2.0 * ratio * pair.covariance() + ratio * ratio * x.variance();
        Some(Estimate { n: y.n, mean: ratio, variance: variance.max(0.0) / (x.mean * x.mean) })
    }

    /// The squared standard error.
    pub fn error(&self) -> f64 {
        if self.n > 0.0 { self.variance / self.n } else { f64::INFINITY }
    }
}
