//! Plans beside what happens: experiments with an effect, looked at each day, find it as often as planned.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Binomial, Distribution};
use waft_stats::{Alpha, Baseline, Conversions, Difference, Inflow, Plan, Sequence};

/// A share of 80 % of them has a standard error of 0.6 %.
const EXPERIMENTS: u64 = 4_000;

/// Whether a look on one of these days leaves zero out, of two arms that convert at these rates.
fn is_found(plan: &Plan, rates: [f64; 2], day: u32, sequence: &Sequence, chance: &mut ChaCha8Rng) -> bool {
    let shares = [plan.weights[1], plan.weights[0]];
    let mut arms = [Conversions::default(); 2];
    let mut before = [0; 2];
    (1..=day).any(|day| {
        for ((arm, before), (share, rate)) in arms.iter_mut().zip(&mut before).zip(shares.iter().zip(rates)) {
            let units = (plan.inflow.by(day) * share).floor() as u64;
            let converted = Binomial::new(units - *before, rate).unwrap().sample(chance);
            arm.merge(Conversions::new(units - *before, converted).unwrap());
            *before = units;
        }
        let [treatment, control] = arms.map(Conversions::estimate);
        let difference =
            treatment.zip(control).and_then(|(treatment, control)| Difference::absolute(treatment, control));
        day >= plan.at_least && difference.is_some_and(|difference| difference.interval(sequence).is_significant())
    })
}

fn check(plan: &Plan, rate: f64, effect: f64) {
    let day = plan.days(effect).unwrap();
    let expected = plan.found(effect, day).unwrap();
    assert!(expected >= plan.power, "{expected} on day {day}");
    let sequence = Sequence::new(plan.alpha, plan.units.unwrap_or_else(|| plan.units_by(day))).unwrap();
    let mut chance = ChaCha8Rng::seed_from_u64(20_261_130);
    let rates = [rate * (1.0 + effect), rate];
    let times = (0..EXPERIMENTS).filter(|_| is_found(plan, rates, day, &sequence, &mut chance)).count();
    let found = times as f64 / EXPERIMENTS as f64;
    assert!((found - expected).abs() < 0.02, "{found} of {expected} in {day} days for {effect}");
}

fn plan(rate: f64, per_day: f64) -> Plan {
    Plan {
        baseline: Baseline::rate(rate).unwrap(),
        inflow: Inflow::new(per_day, &[], 0.0).unwrap(),
        weights: vec![0.5, 0.5],
        alpha: Alpha::FIVE_PERCENT,
        power: 0.8,
        at_least: 0,
        units: None,
    }
}

#[test]
fn planned_power_is_within_two_points_of_what_simulations_find() {
    check(&plan(0.1, 2_000.0), 0.1, 0.1);
    check(&plan(0.03, 5_000.0), 0.03, 0.15);
    check(&Plan { at_least: 28, ..plan(0.1, 2_000.0) }, 0.1, 0.1);
    check(&Plan { weights: vec![0.8, 0.2], power: 0.9, ..plan(0.2, 900.0) }, 0.2, 0.12);
    let inflow = Inflow::new(3_000.0, &[0.6, 0.95], 7.0).unwrap();
    check(&Plan { units: Some(40_000), inflow, ..plan(0.1, 1.0) }, 0.1, 0.08);
    check(&Plan { alpha: Alpha::FIVE_PERCENT.share(2, 1), ..plan(0.1, 4_000.0) }, 0.1, -0.1);
}
