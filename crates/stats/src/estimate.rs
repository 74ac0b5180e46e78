//! What every kind of metric comes down to.

/// An arm's figure per unit, and the variance of one unit. The variance of the figure itself is [`Estimate::error`] squared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    units: u64,
    mean: f64,
    variance: f64,
}

impl Estimate {
    /// `None` without units, or where mean or variance is not a finite number, or the variance negative.
    pub fn new(units: u64, mean: f64, variance: f64) -> Option<Self> {
        (units > 0 && mean.is_finite() && variance.is_finite() && variance >= 0.0).then_some(Estimate {
            units,
            mean,
            variance,
        })
    }

    /// Units.
    pub fn units(self) -> u64 {
        self.units
    }

    /// A share, a mean per unit or a ratio of sums.
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// The variance of one unit, in the mean's unit squared.
    pub fn variance(self) -> f64 {
        self.variance
    }

    /// The variance of the mean.
    pub fn variance_of_mean(self) -> f64 {
        self.variance / self.units as f64
    }

    /// The standard error of the mean, in the mean's unit.
    pub fn error(self) -> f64 {
        self.variance_of_mean().sqrt()
    }
}
