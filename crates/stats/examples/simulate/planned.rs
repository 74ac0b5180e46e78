//! How often effects are found that a plan says are found so often.

use waft_stats::{Alpha, Baseline, Inflow, Plan, Sequence};

use crate::experiment::{Design, LOOKS, pilot, run};
use crate::model::Model;
use crate::{Bound, Table};

/// A share of 80 % of them has a standard error of 0.6 %.
const EXPERIMENTS: u64 = 4_000;

/// As many days as there are looks, each with so many new units.
pub(crate) fn found<M: Model>(table: &mut Table, model: M, per_day: u64, lift: f64) {
    let [_, control] = pilot(model, 0.0);
    let baseline = if model.is_skewed() {
        Baseline::value(control.mean(), control.variance())
    } else {
        Baseline::rate(model.mean())
    };
    let days = u32::try_from(LOOKS).unwrap();
    let plan = Plan {
        baseline: baseline.unwrap(),
        inflow: Inflow::new(per_day as f64, &[], 0.0).unwrap(),
        weights: vec![0.5, 0.5],
        alpha: Alpha::FIVE_PERCENT,
        power: 0.8,
        at_least: 0,
        units: None,
    };
    let wanted = plan.found(lift, days).unwrap();
    let units = per_day * LOOKS;
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, units).unwrap();
    let design = Design { model, lift, units, share: 0.5, sequence, guardrail: None };
    let times = (0..EXPERIMENTS).filter(|seed| run(&design, *seed).absolute).count() as u64;
    let name = format!("plan: {}, +{} %, {per_day} a day for {days} days", model.name(), 100.0 * lift);
    table.row(&name, times, EXPERIMENTS, Bound::Near(wanted));
}
