//! CUPED: what units did before takes away the part of the noise that was there before.
//!
//! Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data",
//! WSDM 2013. A unit without history gets the pooled mean and an indicator of it. At the pooled mean, covariate and indicator
//! have no cross product over all arms, so the two slopes are found apart: no matrix is inverted.

use crate::{Pairs, Values};

/// An arm's units: pairs of a value and the same metric before the experiment, and values of those that had no before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct History {
    /// `x` is the value, `y` what it was before.
    pub known: Pairs,
    /// Values without a before.
    pub missing: Values,
}

impl History {
    /// Takes in another part of the arm.
    pub fn merge(&mut self, other: History) {
        self.known.merge(other.known);
        self.missing.merge(other.missing);
    }
}

/// Each arm's values after adjustment, with theta and the indicator's slope pooled over all arms: one for all, because a theta
/// of each arm's own would be drawn to what that arm happens to have. The mean over all arms stays what it was. `None` where no
/// unit has a history that varies: there is nothing to adjust by.
///
/// ```
/// use waft_stats::{Difference, History, adjust};
///
/// let (mut treatment, mut control) = (History::default(), History::default());
/// for (value, before) in [(9.0, 7.0), (5.0, 4.0), (3.0, 1.0)] {
///     treatment.known.push(value + 1.0, before);
///     control.known.push(value, before);
/// }
/// control.missing.push(6.0);
/// let adjusted = adjust(&[treatment, control]).ok_or("nobody has a history")?;
/// assert_eq!(adjusted[1].units(), 4);
/// # Ok::<(), &str>(())
/// ```
pub fn adjust(arms: &[History]) -> Option<Vec<Values>> {
    let mut all = History::default();
    arms.iter().for_each(|arm| all.merge(*arm));
    let (known, missing) = (all.known, all.missing);
    let theta = (known.yy > 0.0).then(|| known.xy / known.yy).filter(|theta| theta.is_finite())?;
    let share = missing.units() as f64 / (missing.units() as f64 + known.units as f64);
    let slope = if missing.units() > 0 { missing.mean() - known.x } else { 0.0 };
    let adjusted = |arm: &History| {
        let own = &arm.known;
        // A unit with history loses theta times (before - pooled before), and slope times (0 - share).
        let mean = own.x - theta * (own.y - known.y) + slope * share;
        let squares = own.xx - 2.0 * theta * own.xy + theta * theta * own.yy;
        let mut values = Values::around_mean(own.units, mean, squares);
        values.merge(arm.missing.shifted(-slope * (1.0 - share)));
        values
    };
    Some(arms.iter().map(adjusted).collect())
}

#[cfg(test)]
mod tests {
    use super::{History, adjust};

    /// Units of two arms: value, and what it was before.
    fn units(arm: u32) -> Vec<(f64, Option<f64>)> {
        (0..500_u32)
            .map(|i| {
                let before = f64::from((i * 7 + arm * 3) % 29);
                let noise = f64::from((i * 13 + arm * 5) % 11);
                ((0.7 * before) + noise, (i % 5 != arm).then_some(before))
            })
            .collect()
    }

    fn history(units: &[(f64, Option<f64>)]) -> History {
        let mut history = History::default();
        for (value, before) in units {
            match before {
                Some(before) => history.known.push(*value, *before),
                None => history.missing.push(*value),
            }
        }
        history
    }

    /// What the sums say is what adjusting unit by unit gives.
    #[test]
    fn sums_are_enough() {
        let arms = [units(0), units(1)];
        let adjusted = adjust(&arms.clone().map(|arm| history(&arm))).unwrap();

        let all = arms.concat();
        let known: Vec<(f64, f64)> = all.iter().filter_map(|(value, before)| Some((*value, (*before)?))).collect();
        let missing: Vec<f64> = all.iter().filter(|unit| unit.1.is_none()).map(|unit| unit.0).collect();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
        let (x, y) = (mean(known.iter().map(|p| p.0).collect()), mean(known.iter().map(|p| p.1).collect()));
        let theta = known.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>()
            / known.iter().map(|p| (p.1 - y).powi(2)).sum::<f64>();
        let (slope, share) = (mean(missing.clone()) - x, missing.len() as f64 / all.len() as f64);
        for (arm, found) in arms.iter().zip(adjusted) {
            let each = |(value, before): &(f64, Option<f64>)| match before {
                Some(before) => value - theta * (before - y) - slope * (0.0 - share),
                None => value - slope * (1.0 - share),
            };
            let values: Vec<f64> = arm.iter().map(each).collect();
            let middle = mean(values.clone());
            let variance =
                values.iter().map(|value| (value - middle).powi(2)).sum::<f64>() / (values.len() as f64 - 1.0);
            let estimate = found.estimate().unwrap();
            assert!((estimate.mean() - middle).abs() < 1e-12, "{} is not {middle}", estimate.mean());
            assert!((estimate.variance() - variance).abs() < 1e-10, "{} is not {variance}", estimate.variance());
        }
    }

    #[test]
    fn adjustment_takes_noise_away_and_keeps_the_mean_of_all() {
        let arms = [history(&units(0)), history(&units(1))];
        let adjusted = adjust(&arms).unwrap();
        let mean = |values: &[crate::Values]| values.iter().map(|v| v.mean() * v.units() as f64).sum::<f64>() / 1_000.0;
        let raw = arms.map(|arm| {
            let mut values = arm.known.values();
            values.merge(arm.missing);
            values
        });
        assert!((mean(&raw) - mean(&adjusted)).abs() < 1e-12);
        for (before, after) in raw.iter().zip(&adjusted) {
            assert!(after.estimate().unwrap().variance() < before.estimate().unwrap().variance());
        }
    }

    #[test]
    fn without_history_there_is_nothing_to_adjust_by() {
        let mut arm = History::default();
        (0..10).for_each(|i| arm.missing.push(f64::from(i)));
        assert_eq!(adjust(&[arm, arm]), None);
        assert_eq!(adjust(&[]), None);
    }
}
