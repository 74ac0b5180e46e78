//! Less variance by what was known of units before they were exposed: Deng, Xu, Kohavi and Walker, "Improving the sensitivity of online
//! controlled experiments by utilizing pre-experiment data", 2013.
//!
//! Units without a history get the mean of those with one, and an indicator says that they had none: a regression on two covariates. As the
//! first is centred, the two are orthogonal, and each has a coefficient of its own, pooled over all arms.

use crate::estimate::Estimate;
use crate::moments::{Moments, Pair, per_freedom};

/// One arm's units.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arm {
    /// Those with a history: the metric, and the same of the time before.
    pub known: Pair,
    /// The metric of those without one.
    pub unknown: Moments,
}

impl Arm {
    /// Adds one unit.
    pub fn add(&mut self, y: f64, before: Option<f64>) {
        match before {
            Some(x) => self.known.add(y, x),
            None => self.unknown.add(y),
        }
    }
}

/// Adjusts all arms of an experiment by one pooled coefficient each. Means stay comparable: they are what they would be if all arms had
/// the same history.
pub fn cuped(arms: &[Arm]) -> Vec<Estimate> {
    let known = arms.iter().fold(Pair::default(), |all, arm| all.join(&arm.known));
    let unknown: f64 = arms.iter().map(|arm| arm.unknown.n).sum();
    let units = known.y.n + unknown;
    let centre = known.x.mean;
    let columns: Vec<Columns> = arms.iter().map(|arm| Columns::of(arm, centre)).collect();
    // Of all arms as if they were one.
    let all = arms.iter().fold(Moments::default(), |all, arm| all.join(&arm.unknown));
    let theta = solve(Columns::of(&Arm { known, unknown: all }, centre).within);
    let share = if units > 0.0 { unknown / units } else { 0.0 };
    columns
        .iter()
        .map(|arm| {
            let Within { yy, xx, mm, xm, xy, my } = arm.within;
            let [x, m] = theta;
            let squares = yy + x * x * xx + m * m * mm + 2.0 * x * m * xm - 2.0 * x * xy - 2.0 * m * my;
            Estimate {
                n: arm.n,
                // Overall, the centred history is 0 on average, and the indicator its share.
                mean: arm.y - x * arm.x - m * (arm.m - share),
                variance: per_freedom(squares.max(0.0), arm.n),
            }
        })
        .collect()
}

/// One arm's means of the metric, the centred history and the indicator, and sums of products around them.
struct Columns {
    n: f64,
    y: f64,
    x: f64,
    m: f64,
    within: Within,
}

/// Sums of products around an arm's means.
#[derive(Clone, Copy)]
struct Within {
    yy: f64,
    xx: f64,
    mm: f64,
    xm: f64,
    xy: f64,
    my: f64,
}

impl Columns {
    fn of(Arm { known, unknown }: &Arm, centre: f64) -> Self {
        let (with, without) = (known.y.n, unknown.n);
        let n = with + without;
        let all = known.y.join(unknown);
        let part = |count: f64| if n > 0.0 { count / n } else { 0.0 };
        let off = known.x.mean - centre;
        // Groups of constant values differ from the mean of both by their distance, weighed.
        let between = with * part(without);
        let within = Within {
            yy: all.squares,
            xx: known.x.squares + off * off * between,
            mm: between,
            xm: -off * between,
            xy: known.products + off * (known.y.mean - unknown.mean) * between,
            my: (unknown.mean - known.y.mean) * between,
        };
        Columns { n, y: all.mean, x: off * part(with), m: part(without), within }
    }
}

/// The coefficients of history and indicator. One that varies with nothing is 0.
fn solve(Within { xx, mm, xm, xy, my, .. }: Within) -> [f64; 2] {
    let determinant = xx * mm - xm * xm;
    if determinant > 1e-12 * xx * mm {
        return [(xy * mm - my * xm) / determinant, (my * xx - xy * xm) / determinant];
    }
    let alone = |product: f64, squares: f64| if squares > 0.0 { product / squares } else { 0.0 };
    if xx > 0.0 { [alone(xy, xx), 0.0] } else { [0.0, alone(my, mm)] }
}
