//! How often one of several looks finds an effect.
//!
//! What was seen so far moves like Brownian motion with a drift, and a sequence leaves zero out where that is beyond a boundary. The density of
//! what no look has decided is carried from one look to the next by Simpson's rule (Armitage, McPherson and Rowe, "Repeated significance tests on
//! accumulating data", 1969). One look is [`crate::sequence_power`]; with a look a day it is found several points more often.

use std::f64::consts::TAU;

use crate::{Effect, Sequence};

/// Points of the grid within one standard deviation of what comes between two looks.
const FINE: f64 = 4.0;
/// Beyond so many standard deviations a normal density is nothing.
const FAR: f64 = 7.0;
const FEWEST_POINTS: usize = 65;
/// A look that brings less than this share of what was there finds nothing more, and is passed over.
const NEWS: f64 = 1e-4;

/// How often at least one of these looks leaves zero out. `looks` are units of both arms, each more than the last by a ten-thousandth at least;
/// others are passed over.
///
/// ```
/// use waft_stats::{Alpha, Effect, Sequence, looks_power, sequence_power};
///
/// let effect = Effect::new(0.01, (0.11 * 0.89, 0.10 * 0.90), 0.5).ok_or("no effect")?;
/// let sequence = Sequence::new(Alpha::FIVE_PERCENT, 40_000).ok_or("nothing planned")?;
/// let daily: Vec<u64> = (1..=28).map(|day| day * 2_000).collect();
/// assert!(looks_power(&effect, &sequence, &daily) > sequence_power(&effect, &sequence, 56_000));
/// # Ok::<(), &str>(())
/// ```
pub fn looks_power(effect: &Effect, sequence: &Sequence, looks: &[u64]) -> f64 {
    let mut looks = looks.to_vec();
    let mut before = 0;
    looks.retain(|units| {
        let is_news = (*units - before.min(*units)) as f64 > NEWS * before as f64;
        before = if is_news { *units } else { before };
        is_news
    });
    let Some(last) = looks.last().map(|units| *units as f64) else { return 0.0 };
    let drift = effect.distance(last);
    let times: Vec<f64> = looks.iter().map(|units| *units as f64 / last).collect();
    let steps: Vec<f64> = times.iter().scan(0.0, |from, time| Some(time - std::mem::replace(from, *time))).collect();
    // Where everything is, until the first look: at zero.
    let mut open: Option<Open> = None;
    for (at, (units, time)) in looks.iter().zip(&times).enumerate() {
        let step = steps.get(at).copied().unwrap_or(*time);
        let next = steps.get(at + 1).copied().unwrap_or(step);
        let bound = sequence.two_sided(*units as f64) * time.sqrt();
        // Whatever the boundary is, nothing is beyond these: far from it the grid would miss what is there.
        let (middle, far) = (drift * time, FAR * time.sqrt());
        let (from, to) = ((middle - far).max(-bound), (middle + far).min(bound));
        if from >= to {
            return 1.0;
        }
        let grid = Grid::new(from, to, step.min(next).sqrt());
        let moved = Normal { mean: drift * step, deviation: step.sqrt() };
        let density = grid.points().map(|x| match &open {
            None => moved.density(x),
            Some(open) => open.reaches(x, &moved),
        });
        open = Some(Open { density: density.collect(), grid });
    }
    open.map_or(0.0, |open| (1.0 - open.share()).clamp(0.0, 1.0))
}

struct Normal {
    mean: f64,
    deviation: f64,
}

impl Normal {
    fn density(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.deviation;
        (-0.5 * z * z).exp() / (self.deviation * TAU.sqrt())
    }
}

/// An odd number of points from one end to the other: at most 2 * FAR * FINE / sqrt(NEWS) of them, 5,601.
struct Grid {
    from: f64,
    to: f64,
    count: usize,
}

impl Grid {
    fn new(from: f64, to: f64, deviation: f64) -> Self {
        let wanted = ((to - from) * FINE / deviation).ceil() as usize;
        Grid { from, to, count: wanted.max(FEWEST_POINTS) | 1 }
    }

    fn step(&self) -> f64 {
        (self.to - self.from) / (self.count - 1) as f64
    }

    fn point(&self, at: usize) -> f64 {
        self.step().mul_add(at as f64, self.from)
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        (0..self.count).map(|at| self.point(at))
    }

    /// Simpson's.
    fn weight(&self, at: usize) -> f64 {
        let times = if at == 0 || at + 1 == self.count { 1.0 } else { 2.0 + 2.0 * (at % 2) as f64 };
        times * self.step() / 3.0
    }
}

/// What no look has decided so far: its density between the boundaries.
struct Open {
    grid: Grid,
    density: Vec<f64>,
}

impl Open {
    /// The density at `x` once everything has moved on.
    fn reaches(&self, x: f64, moved: &Normal) -> f64 {
        let from = |y: f64| ((y - self.grid.from) / self.grid.step()).max(0.0);
        let middle = x - moved.mean;
        let first = from(middle - FAR * moved.deviation).floor() as usize;
        let last = from(middle + FAR * moved.deviation).ceil() as usize;
        let near = self.density.iter().enumerate().take(last.saturating_add(1)).skip(first);
        near.map(|(at, density)| self.grid.weight(at) * density * moved.density(x - self.grid.point(at))).sum()
    }

    fn share(&self) -> f64 {
        self.density.iter().enumerate().map(|(at, density)| self.grid.weight(at) * density).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::{FAR, Grid, NEWS, looks_power};
    use crate::{Alpha, Effect, Sequence, sequence_power};

    fn effect(size: f64) -> Effect {
        Effect::new(size, (1.0, 1.0), 0.5).unwrap()
    }

    #[test]
    fn one_look_is_the_closed_form() {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 10_000).unwrap();
        for (size, units) in [(0.02, 10_000), (0.05, 10_000), (0.08, 4_000), (0.1, 20_000)] {
            let exact = sequence_power(&effect(size), &sequence, units);
            assert!((looks_power(&effect(size), &sequence, &[units]) - exact).abs() < 1e-6, "{size} {units} {exact}");
        }
    }

    #[test]
    fn looks_that_see_nothing_new_change_nothing() {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 10_000).unwrap();
        let once = looks_power(&effect(0.06), &sequence, &[5_000, 10_000]);
        assert_eq!(once, looks_power(&effect(0.06), &sequence, &[5_000, 5_000, 4_000, 10_000]));
        assert_eq!(looks_power(&effect(0.06), &sequence, &[]), 0.0);
    }

    #[test]
    fn without_an_effect_all_looks_together_err_at_most_as_often_as_alpha() {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 10_000).unwrap();
        let looks: Vec<u64> = (1..=400).map(|look| look * 100).collect();
        let errs = looks_power(&effect(1e-9), &sequence, &looks);
        assert!(errs > 0.005 && errs < 0.05, "{errs}");
    }

    #[test]
    fn more_looks_find_more() {
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 10_000).unwrap();
        let found = [1, 2, 10, 50].map(|times| {
            let looks: Vec<u64> = (1..=times).map(|look| 10_000 * look / times).collect();
            looks_power(&effect(0.07), &sequence, &looks)
        });
        assert!(found.is_sorted() && found[3] > found[0] + 0.01 && found[3] < 1.0, "{found:?}");
    }

    /// Paths that a generator makes, each looked at as often.
    fn simulated(effect: &Effect, sequence: &Sequence, looks: &[u64]) -> f64 {
        const PATHS: usize = 20_000;
        let mut state = 7_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        };
        let last = *looks.last().unwrap();
        let drift = effect.distance(last as f64);
        let found = (0..PATHS).filter(|_| {
            let (mut at, mut time) = (0.0_f64, 0.0_f64);
            let mut is_found = false;
            for units in looks {
                let next = *units as f64 / last as f64;
                let normal = (-2.0 * uniform().ln()).sqrt() * (TAU * uniform()).cos();
                at += drift * (next - time) + (next - time).sqrt() * normal;
                time = next;
                is_found |= at.abs() > sequence.two_sided(*units as f64) * time.sqrt();
            }
            is_found
        });
        found.count() as f64 / PATHS as f64
    }

    #[test]
    fn a_plan_that_is_a_million_times_what_comes_is_soon_known_not_to_suffice() {
        let daily: Vec<u64> = (1..=28).map(|day| day * 500).collect();
        for planned in [14_000, 14_000_000, 14_000_000_000, u64::MAX / 2] {
            let sequence = Sequence::new(Alpha::FIVE_PERCENT, planned).unwrap();
            // From what nobody finds to what everybody does.
            for size in [0.001, 0.05, 0.1, 0.3, 3.0, 1_000.0] {
                let (found, closed) =
                    (looks_power(&effect(size), &sequence, &daily), sequence_power(&effect(size), &sequence, 14_000));
                assert!(found >= closed - 1e-6, "{planned} {size}: {found} of one look's {closed}");
                let simulated = simulated(&effect(size), &sequence, &daily);
                assert!((found - simulated).abs() < 0.015, "{planned} {size}: {found}, {simulated} simulated");
            }
        }
    }

    #[test]
    fn looks_that_bring_next_to_nothing_are_none() {
        // The least that a look brings makes the finest grid.
        assert!(Grid::new(-FAR, FAR, NEWS.sqrt()).count <= 5_601);
        let sequence = Sequence::new(Alpha::FIVE_PERCENT, 1_000_000_000).unwrap();
        let once = looks_power(&effect(1e-4), &sequence, &[1_000_000_000]);
        let again: Vec<u64> = (0..1_000).map(|more| 1_000_000_000 + more).collect();
        assert!((looks_power(&effect(1e-4), &sequence, &again) - once).abs() < 1e-6);
    }
}
