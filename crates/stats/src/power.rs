//! How many units it takes.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::sequence::Sequence;

/// No experiment is that large.
const MOST: f64 = 1e12;

/// The units of both arms that one planned look takes to see an effect with a probability, where units have this variance: N V, which is
/// four times a unit's variance if arms are equal.
pub fn fixed_units(effect: f64, variance: f64, alpha: f64, power: f64) -> f64 {
    let z = quantile(1.0 - alpha / 2.0) + quantile(power);
    variance * z * z / (effect * effect)
}

/// The same by the sequence: the units at which it excludes zero with that probability if it is looked at then, which is no later than
/// when it is looked at more often. None if no experiment is large enough.
pub fn sequence_units(effect: f64, variance: f64, power: f64, sequence: &Sequence) -> Option<f64> {
    let enough = |units: f64| sequence_power(effect, variance, units, sequence) >= power;
    let mut high = 2.0;
    while !enough(high) {
        high *= 2.0;
        if high > MOST {
            return None;
        }
    }
    let mut low = high / 2.0;
    while high - low > 0.5 {
        let middle = (low + high) / 2.0;
        if enough(middle) { high = middle } else { low = middle }
    }
    Some(high.ceil())
}

/// How probable it is that the sequence excludes zero at so many units, on the effect's side.
pub fn sequence_power(effect: f64, variance: f64, units: f64, sequence: &Sequence) -> f64 {
    let error = (variance / units).sqrt();
    let half = variance.sqrt() * sequence.half_width(units);
    standard().map_or(0.0, |normal| normal.cdf((effect.abs() - half) / error))
}

fn quantile(probability: f64) -> f64 {
    standard().map_or(f64::NAN, |normal| normal.inverse_cdf(probability))
}

fn standard() -> Option<Normal> {
    Normal::new(0.0, 1.0).ok()
}
