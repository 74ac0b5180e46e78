//! Whether arms have the units that the split gives them. If not, something is broken, and nothing else may be believed.
//!
//! The sequential multinomial test of Lindon and Malek, "Anytime-valid inference for multinomial count data" (arXiv:2011.03567): a
//! Bayes factor of counts from a Dirichlet around the split against counts from the split. It may be looked at at any time.

use statrs::distribution::{ChiSquared, ContinuousCDF};
use statrs::function::gamma::ln_gamma;

/// How much the Dirichlet keeps to the split.
const CONCENTRATION: f64 = 1_000.0;
/// The Bayes factor above which there is an alarm: a true split gets there at any time with a probability of at most 1 %.
const ALARM: f64 = 100.0;

/// What the counts of units say about a split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    /// The logarithm of the Bayes factor. Of several looks the largest counts: what has rung once has rung.
    pub ln_bayes_factor: f64,
    /// The p-value of Pearson's chi-square test, for those who know it: of one look.
    pub chi_square: f64,
}

impl SampleRatio {
    /// Compares units with the shares that a split gives, which sum to 1. None if lengths differ, there are fewer than two arms, or an
    /// arm of no share has units.
    pub fn new(units: &[f64], shares: &[f64]) -> Option<Self> {
        let arms = || units.iter().zip(shares).filter(|(units, share)| **share > 0.0 || **units > 0.0);
        if units.len() != shares.len() || arms().count() < 2 || arms().any(|(_, share)| *share <= 0.0) {
            return None;
        }
        let total: f64 = units.iter().sum();
        let mut ln_bayes_factor = ln_gamma(CONCENTRATION) - ln_gamma(CONCENTRATION + total);
        let mut distance = 0.0;
        for (units, share) in arms() {
            let weight = CONCENTRATION * share;
            ln_bayes_factor += ln_gamma(weight + units) - ln_gamma(weight) - units * share.ln();
            let expected = total * share;
            if expected > 0.0 {
                distance += (units - expected) * (units - expected) / expected;
            }
        }
        let freedom = (arms().count() - 1) as f64;
        let chi_square = ChiSquared::new(freedom).ok()?.sf(distance);
        Some(SampleRatio { ln_bayes_factor, chi_square })
    }

    /// Whether something is broken.
    pub fn is_alarm(&self) -> bool {
        self.ln_bayes_factor > ALARM.ln()
    }
}
