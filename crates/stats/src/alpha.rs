//! How often a claim may be wrong.

/// A probability of error, above 0 and below 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Alpha(f64);

impl Alpha {
    /// What is used where nothing else is asked for.
    pub const FIVE_PERCENT: Alpha = Alpha(0.05);

    /// `None` unless above 0 and below 1.
    pub fn new(value: f64) -> Option<Self> {
        (value > 0.0 && value < 1.0).then_some(Alpha(value))
    }

    /// The probability.
    pub fn value(self) -> f64 {
        self.0
    }

    /// Bonferroni's share: each primary metric in each arm beside the control is one comparison, and all together err at
    /// most as often as one would alone, whatever depends on what. No comparison leaves alpha whole.
    ///
    /// ```
    /// # use waft_stats::Alpha;
    /// assert_eq!(Alpha::FIVE_PERCENT.share(1, 2).value(), 0.025); // one primary metric, three arms
    /// ```
    pub fn share(self, primary_metrics: u32, treatments: u32) -> Self {
        let comparisons = f64::from(primary_metrics.max(1)) * f64::from(treatments.max(1));
        Alpha(self.0 / comparisons)
    }
}

#[cfg(test)]
mod tests {
    use super::Alpha;

    #[test]
    fn primary_metrics_and_arms_share_alpha() {
        let share = |metrics, arms| Alpha::FIVE_PERCENT.share(metrics, arms).value();
        assert_eq!(share(1, 1), 0.05);
        assert_eq!(share(2, 3), 0.05 / 6.0);
        assert_eq!(share(0, 2), 0.025);
    }

    #[test]
    fn neither_nothing_nor_everything_is_an_alpha() {
        assert!([0.0, 1.0, -0.1, f64::NAN, f64::INFINITY].map(Alpha::new).iter().all(Option::is_none));
    }
}
