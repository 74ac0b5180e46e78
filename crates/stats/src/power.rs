//! How long still.

use crate::{Alpha, Difference, Sequence};
use statrs::distribution::{ContinuousCDF, Normal};

/// What is to be found: a difference, and how units vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    size: f64,
    spread: f64,
}

impl Effect {
    /// `size` is the difference, in the metric's unit; the `variances` of one unit of treatment and control in that unit
    /// squared; `treatment_share` what the treatment has of the units of the two arms, above 0 and below 1. `None` where no
    /// number of units would do, or any: no difference, no variance.
    pub fn new(size: f64, variances: (f64, f64), treatment_share: f64) -> Option<Self> {
        let spread = variances.0 / treatment_share + variances.1 / (1.0 - treatment_share);
        let split = treatment_share > 0.0 && treatment_share < 1.0;
        let usable = size != 0.0 && size.is_finite() && spread > 0.0 && spread.is_finite() && split;
        usable.then_some(Effect { size: size.abs(), spread })
    }

    /// A difference of `size` in what was already seen: the same variances, the same shares.
    pub fn seen(size: f64, seen: &Difference) -> Option<Self> {
        let spread = seen.variance() * seen.units() as f64;
        (size != 0.0 && size.is_finite()).then_some(Effect { size: size.abs(), spread })
    }

    /// The difference in standard errors at N units in both arms.
    pub(crate) fn distance(&self, units: f64) -> f64 {
        self.size / (self.spread / units).sqrt()
    }
}

/// How often a normal variable of this mean is beyond `bound`, to either side.
fn beyond(bound: f64, mean: f64) -> f64 {
    let normal = Normal::standard();
    normal.sf(bound - mean) + normal.cdf(-bound - mean)
}

/// How often one look at this many units of both arms finds the effect, at a fixed horizon and by the normal distribution.
pub fn fixed_power(effect: &Effect, alpha: Alpha, units: u64) -> f64 {
    beyond(-Normal::standard().inverse_cdf(alpha.value() / 2.0), effect.distance(units as f64))
}

/// How often the sequence leaves zero out at this many units of both arms: at least as often does it at one look or another
/// until then.
pub fn sequence_power(effect: &Effect, sequence: &Sequence, units: u64) -> f64 {
    beyond(sequence.two_sided(units as f64), effect.distance(units as f64))
}

/// The fewest units of both arms with which one look has this power. `None` unless the power is between 0 and 1, or where
/// 2^53 units are too few.
pub fn fixed_units(effect: &Effect, alpha: Alpha, power: f64) -> Option<u64> {
    fewest(power, |units| fixed_power(effect, alpha, units))
}

/// The fewest units of both arms with which the sequence has this power. `None` as of [`fixed_units`].
///
/// ```
/// use waft_stats::{Alpha, Effect, Sequence, fixed_units, sequence_units};
///
/// let effect = Effect::new(0.01, (0.11 * 0.89, 0.10 * 0.90), 0.5).ok_or("no effect")?; // 10 % to 11 %, halves
/// let planned = fixed_units(&effect, Alpha::FIVE_PERCENT, 0.8).ok_or("too small")?;
/// let sequence = Sequence::new(Alpha::FIVE_PERCENT, planned).ok_or("nothing planned")?;
/// assert_eq!((planned, sequence_units(&effect, &sequence, 0.8)), (29_497, Some(57_185)));
/// # Ok::<(), &str>(())
/// ```
pub fn sequence_units(effect: &Effect, sequence: &Sequence, power: f64) -> Option<u64> {
    fewest(power, |units| sequence_power(effect, sequence, units))
}

/// Power grows with units: doubling finds an upper bound, halving the number.
fn fewest(power: f64, of: impl Fn(u64) -> f64) -> Option<u64> {
    const MOST: u32 = 53;
    if !(power > 0.0 && power < 1.0) {
        return None;
    }
    let mut enough = (1..=MOST).map(|times| 1_u64 << times).find(|units| of(*units) >= power)?;
    let mut too_few = enough / 2;
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if of(middle) >= power { enough = middle } else { too_few = middle }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::{Effect, fixed_power, fixed_units, sequence_power, sequence_units};
    use crate::{Alpha, Sequence};

    #[test]
    fn one_look_needs_the_textbook_sample() {
        // (1.959964 + 0.841621)^2 = 7.848880; times 4 for two halves, over 0.1 squared.
        let effect = Effect::new(0.1, (1.0, 1.0), 0.5).unwrap();
        assert_eq!(fixed_units(&effect, Alpha::FIVE_PERCENT, 0.8), Some(3_140));
    }

    #[test]
    fn the_sequence_pays_for_its_looks() {
        let effect = Effect::new(-0.01, (0.09, 0.0979), 0.5).unwrap();
        let fixed = fixed_units(&effect, Alpha::FIVE_PERCENT, 0.8).unwrap();
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, fixed).unwrap();
        let units = sequence_units(&effect, &sequence, 0.8).unwrap();
        assert!(fixed < units && units < 2 * fixed, "{fixed} {units}");
        assert!(sequence_power(&effect, &sequence, units) >= 0.8);
        assert!(sequence_power(&effect, &sequence, units - 1) < 0.8);
        assert!(fixed_power(&effect, Alpha::FIVE_PERCENT, fixed - 1) < 0.8);
    }

    #[test]
    fn what_cannot_be_found_needs_no_number() {
        assert!(Effect::new(0.0, (1.0, 1.0), 0.5).is_none());
        assert!(Effect::new(0.1, (0.0, 0.0), 0.5).is_none());
        assert!(Effect::new(0.1, (1.0, 1.0), 1.0).is_none());
        let effect = Effect::new(1e-12, (1.0, 1.0), 0.5).unwrap();
        assert_eq!(fixed_units(&effect, Alpha::FIVE_PERCENT, 0.8), None);
        assert_eq!(fixed_units(&effect, Alpha::FIVE_PERCENT, 1.0), None);
    }
}
