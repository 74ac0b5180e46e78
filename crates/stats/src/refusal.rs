//! What is not said, and why.

use crate::sample_ratio::SampleRatio;

/// The least units of an arm, and the least conversions of a pair, for a lift to be told.
pub const UNITS: f64 = 100.0;
/// See [`UNITS`].
pub const CONVERSIONS: f64 = 25.0;
/// The share of units that met two arms from which on that is told.
pub const CROSSOVERS: f64 = 0.01;

/// Why a lift is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Arms do not have the units that the split gives them: something is broken.
    SampleRatio,
    /// An arm has fewer than [`UNITS`].
    FewUnits,
    /// Fewer than [`CONVERSIONS`] units of both arms did anything at all.
    FewConversions,
}

/// Whether a lift may be told of two arms with so many units, of which so many in all did what the metric counts.
pub fn lift(units: [f64; 2], conversions: f64, ratio: Option<&SampleRatio>) -> Result<(), Refusal> {
    if ratio.is_some_and(SampleRatio::is_alarm) {
        Err(Refusal::SampleRatio)
    } else if units.iter().any(|units| *units < UNITS) {
        Err(Refusal::FewUnits)
    } else if conversions < CONVERSIONS {
        Err(Refusal::FewConversions)
    } else {
        Ok(())
    }
}

/// Whether a winner may be named: not before a plan's `atLeast`, whatever the interval says. Both in the same unit of time.
pub fn winner(ran: f64, at_least: f64) -> bool {
    ran >= at_least
}

/// Whether so many units of all met two arms that it is to be said.
pub fn crossovers(crossed: f64, units: f64) -> bool {
    units > 0.0 && crossed / units > CROSSOVERS
}

/// What primary metrics and arms leave of alpha for each comparison: Bonferroni's share.
pub fn share_of_alpha(alpha: f64, primary_metrics: usize, treatments: usize) -> f64 {
    alpha / (primary_metrics.max(1) * treatments.max(1)) as f64
}
