//! What is kept of an arm's units: sums that one pass makes and that add up.
//!
//! Means and sums of squares *around the mean* (Welford 1962; merged after Chan, Golub and LeVeque 1979), because plain sums
//! of squares of values far from zero cancel to nothing. `from_sums` takes the plain sums that SQL gives.

use crate::Estimate;

/// Units, and those of them that did it at least once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Conversions {
    units: u64,
    converted: u64,
}

impl Conversions {
    /// `None` where more converted than there are units.
    pub fn new(units: u64, converted: u64) -> Option<Self> {
        (converted <= units).then_some(Conversions { units, converted })
    }

    /// Takes in a unit.
    pub fn push(&mut self, converted: bool) {
        self.units = self.units.saturating_add(1);
        self.converted = self.converted.saturating_add(u64::from(converted));
    }

    /// Takes in another part of the arm.
    pub fn merge(&mut self, other: Conversions) {
        self.units = self.units.saturating_add(other.units);
        self.converted = self.converted.saturating_add(other.converted);
    }

    /// Units.
    pub fn units(self) -> u64 {
        self.units
    }

    /// Units that converted.
    pub fn converted(self) -> u64 {
        self.converted
    }

    /// The share that converted. Its variance is p (1 - p), that of the distribution, not n / (n - 1) times it: one number
    /// says both, as in gbstats. `None` without units.
    pub fn estimate(self) -> Option<Estimate> {
        let share = self.converted as f64 / self.units as f64;
        Estimate::new(self.units, share, share * (1.0 - share))
    }
}

/// One number per unit: revenue, a count, seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Values {
    units: u64,
    mean: f64,
    /// The sum of squared distances from the mean.
    squares: f64,
}

impl Values {
    /// From plain sums. Precision is that of the sums: with values around 1e8 that differ by 1, sum them less a constant.
    /// `None` where the sums are not those of any numbers.
    pub fn from_sums(units: u64, sum: f64, sum_of_squares: f64) -> Option<Self> {
        if units == 0 {
            return (sum == 0.0 && sum_of_squares == 0.0).then_some(Values::default());
        }
        let mean = sum / units as f64;
        let squares = around(sum_of_squares, sum * mean)?;
        mean.is_finite().then_some(Values { units, mean, squares })
    }

    /// From what the variance is made of; `squares` is the sum of squared distances from `mean`.
    pub(crate) fn around_mean(units: u64, mean: f64, squares: f64) -> Self {
        Values { units, mean, squares: squares.max(0.0) }
    }

    /// The same units, each with `by` added.
    pub(crate) fn shifted(self, by: f64) -> Self {
        Values { mean: self.mean + by, ..self }
    }

    /// Takes in a unit.
    pub fn push(&mut self, value: f64) {
        self.merge(Values { units: 1, mean: value, squares: 0.0 });
    }

    /// Takes in another part of the arm.
    pub fn merge(&mut self, other: Values) {
        let Some((units, share, weight)) = weights(self.units, other.units) else { return };
        let apart = other.mean - self.mean;
        self.units = units;
        self.mean += apart * share;
        self.squares += other.squares + apart * apart * weight;
    }

    /// Units.
    pub fn units(self) -> u64 {
        self.units
    }

    /// The mean per unit; 0 without units.
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// The mean, with the unbiased variance (n - 1). `None` under two units.
    pub fn estimate(self) -> Option<Estimate> {
        Estimate::new(self.units, self.mean, self.squares / before(self.units)?)
    }
}

/// Two numbers per unit: a ratio's numerator `x` and denominator `y`, or a value `x` and what it was before, `y`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pairs {
    pub(crate) units: u64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// Sums of squared distances from the mean, and of their products.
    pub(crate) xx: f64,
    pub(crate) yy: f64,
    pub(crate) xy: f64,
}

impl Pairs {
    /// From plain sums, `products` being the sum of x times y. `None` where the sums are not those of any numbers.
    pub fn from_sums(units: u64, x: (f64, f64), y: (f64, f64), products: f64) -> Option<Self> {
        let (first, second) = (Values::from_sums(units, x.0, x.1)?, Values::from_sums(units, y.0, y.1)?);
        let xy = products - x.0 * second.mean;
        xy.is_finite().then_some(Pairs {
            units,
            x: first.mean,
            y: second.mean,
            xx: first.squares,
            yy: second.squares,
            xy,
        })
    }

    /// Takes in a unit.
    pub fn push(&mut self, x: f64, y: f64) {
        self.merge(Pairs { units: 1, x, y, ..Pairs::default() });
    }

    /// Takes in another part of the arm.
    pub fn merge(&mut self, other: Pairs) {
        let Some((units, share, weight)) = weights(self.units, other.units) else { return };
        let (x, y) = (other.x - self.x, other.y - self.y);
        self.units = units;
        self.x += x * share;
        self.y += y * share;
        self.xx += other.xx + x * x * weight;
        self.yy += other.yy + y * y * weight;
        self.xy += other.xy + x * y * weight;
    }

    /// Units.
    pub fn units(self) -> u64 {
        self.units
    }

    /// `x` alone.
    pub fn values(self) -> Values {
        Values::around_mean(self.units, self.x, self.xx)
    }

    /// The ratio of sums, x over y, with its variance by the delta method (Deng, Knoblich and Lu, arXiv:1803.06336, section
    /// 3.1): (s2_x - 2 r s_xy + r2 s2_y) / mean_y2, unbiased moments. Units are what was assigned, whatever the denominator
    /// counts. `None` under two units or where the denominator sums to nothing.
    pub fn ratio(self) -> Option<Estimate> {
        let ratio = self.x / self.y;
        let squares = self.xx - 2.0 * ratio * self.xy + ratio * ratio * self.yy;
        Estimate::new(self.units, ratio, squares.max(0.0) / before(self.units)? / (self.y * self.y))
    }
}

/// A sum of squares less what the mean takes of it. Rounding may leave it a little below zero; more than that, and the sums
/// belong to no numbers.
fn around(sum_of_squares: f64, of_mean: f64) -> Option<f64> {
    let squares = sum_of_squares - of_mean;
    (squares.is_finite() && squares >= -1e-9 * sum_of_squares.abs()).then_some(squares.max(0.0))
}

/// All units; the share of the other part in them; what the square of the distance between two means weighs. `None` where
/// the other part is empty.
fn weights(own: u64, other: u64) -> Option<(u64, f64, f64)> {
    let units = own.saturating_add(other);
    let share = other as f64 / units as f64;
    (other > 0).then_some((units, share, own as f64 * share))
}

/// Degrees of freedom.
fn before(units: u64) -> Option<f64> {
    (units >= 2).then_some(units as f64 - 1.0)
}

#[cfg(test)]
mod tests {
    use super::{Conversions, Pairs, Values};

    fn close(one: f64, other: f64) {
        assert!((one - other).abs() <= 1e-9 * other.abs().max(1.0), "{one} is not {other}");
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let numbers: Vec<(f64, f64)> = (0..1_000).map(|i| (f64::from(i % 37), f64::from(i * i % 101))).collect();
        let mut whole = Pairs::default();
        numbers.iter().for_each(|(x, y)| whole.push(*x, *y));
        let mut merged = Pairs::default();
        for part in numbers.chunks(77) {
            let mut sums = Pairs::default();
            part.iter().for_each(|(x, y)| sums.push(*x, *y));
            merged.merge(sums);
            merged.merge(Pairs::default());
        }
        let sum = |f: fn(&(f64, f64)) -> f64| numbers.iter().map(f).sum::<f64>();
        let plain = Pairs::from_sums(
            1_000,
            (sum(|p| p.0), sum(|p| p.0 * p.0)),
            (sum(|p| p.1), sum(|p| p.1 * p.1)),
            sum(|p| p.0 * p.1),
        )
        .unwrap();
        for other in [merged, plain] {
            assert_eq!(whole.units, other.units);
            for (one, other) in [(whole.x, other.x), (whole.y, other.y), (whole.xx, other.xx), (whole.yy, other.yy)] {
                close(one, other);
            }
            close(whole.xy, other.xy);
        }
    }

    #[test]
    fn values_far_from_zero_keep_their_variance() {
        let mut values = Values::default();
        (0..1_000).for_each(|i| values.push(1e9 + f64::from(i % 2)));
        close(values.estimate().unwrap().variance(), 0.25 * 1_000.0 / 999.0);
    }

    #[test]
    fn sums_of_no_numbers_are_refused() {
        assert_eq!(Conversions::new(10, 11), None);
        assert_eq!(Values::from_sums(10, 10.0, 5.0), None);
        assert_eq!(Values::from_sums(0, 1.0, 1.0), None);
        assert_eq!(Values::from_sums(10, f64::NAN, 5.0), None);
    }

    #[test]
    fn too_few_units_have_no_estimate() {
        assert!(Conversions::default().estimate().is_none());
        assert!(Values::from_sums(1, 3.0, 9.0).unwrap().estimate().is_none());
        assert!(Pairs::from_sums(3, (3.0, 3.0), (0.0, 0.0), 0.0).unwrap().ratio().is_none());
    }
}
