//! Whether the arms have the units that they were to have. Where they have not, something loses units of one arm more than
//! of another, and no lift can be believed.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use statrs::function::gamma::ln_gamma;

/// k: the alternative is a Dirichlet distribution of this concentration around the planned shares.
pub const CONCENTRATION: f64 = 1_000.0;

/// A Bayes factor above it is an alarm. By Ville's inequality that happens to at most one experiment in a hundred whose
/// shares are right, however often one looks.
pub const ALARM: f64 = 100.0;

/// The sequential multinomial test of Lindon and Malek, "Anytime-valid inference for multinomial count data",
/// arXiv:2011.03567, and Pearson's chi-square beside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    ln_bayes_factor: f64,
    p: f64,
}

impl SampleRatio {
    /// From each arm's units and weight, in the same order; weights need not sum to one. `None` unless there are two arms or
    /// more, as many weights, and each weight is positive: an arm that is to have no units is left out.
    ///
    /// ```
    /// # use waft_stats::SampleRatio;
    /// let split = SampleRatio::new(&[50_000, 48_500], &[1.0, 1.0]).ok_or("no arms")?;
    /// assert!(split.is_alarm() && split.p() < 1e-5);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn new(units: &[u64], weights: &[f64]) -> Option<Self> {
        let sum: f64 = weights.iter().sum();
        let usable = units.len() == weights.len() && units.len() >= 2;
        if !usable || !sum.is_finite() || !weights.iter().all(|weight| *weight > 0.0) {
            return None;
        }
        let total = units.iter().map(|count| *count as f64).sum::<f64>();
        let arms = || units.iter().map(|count| *count as f64).zip(weights.iter().map(|weight| weight / sum));
        // ln B(k theta + x) - ln B(k theta) - sum x ln theta, with ln B(a) = sum ln gamma(a) - ln gamma(sum a).
        let ln_bayes_factor = arms()
            .map(|(x, theta)| ln_gamma(CONCENTRATION * theta + x) - ln_gamma(CONCENTRATION * theta) - x * theta.ln())
            .sum::<f64>()
            - (ln_gamma(CONCENTRATION + total) - ln_gamma(CONCENTRATION));
        let squares: f64 = arms().map(|(x, theta)| (x - total * theta).powi(2) / (total * theta)).sum();
        let chi_squared = ChiSquared::new(units.len() as f64 - 1.0).ok()?;
        let p = if total > 0.0 { chi_squared.sf(squares) } else { 1.0 };
        Some(SampleRatio { ln_bayes_factor, p })
    }

    /// The natural logarithm of the Bayes factor; 0 without units.
    pub fn ln_bayes_factor(&self) -> f64 {
        self.ln_bayes_factor
    }

    /// Pearson's chi-square: right for one look only, and so only beside the alarm.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Whether the Bayes factor is above [`ALARM`]. The guarantee is for all looks together, so an alarm that was once seen
    /// stays a reason to search, though later units may bring the factor down.
    pub fn is_alarm(&self) -> bool {
        self.ln_bayes_factor > ALARM.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::SampleRatio;

    fn of(units: &[u64], weights: &[f64]) -> SampleRatio {
        SampleRatio::new(units, weights).unwrap()
    }

    #[test]
    fn alarms() {
        assert!(!of(&[5_000, 5_000], &[1.0, 1.0]).is_alarm());
        assert!(!of(&[5_100, 4_900], &[1.0, 1.0]).is_alarm());
        assert!(of(&[5_300, 4_700], &[1.0, 1.0]).is_alarm());
        assert!(of(&[5_000, 5_000, 9_000], &[1.0, 1.0, 2.0]).is_alarm());
        assert!(!of(&[5_000, 5_000, 10_000], &[25.0, 25.0, 50.0]).is_alarm());
    }

    #[test]
    fn without_units_nothing_is_said() {
        let none = of(&[0, 0], &[0.5, 0.5]);
        assert!(none.ln_bayes_factor().abs() < 1e-9 && none.p() == 1.0);
    }

    #[test]
    fn arms_without_weights_are_refused() {
        assert_eq!(SampleRatio::new(&[1, 2], &[1.0]), None);
        assert_eq!(SampleRatio::new(&[1, 2], &[1.0, 0.0]), None);
        assert_eq!(SampleRatio::new(&[1], &[1.0]), None);
    }
}
