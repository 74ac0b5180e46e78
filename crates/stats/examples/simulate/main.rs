//! Whether the figures keep their promises: experiments without an effect, looked at again and again, and experiments with one.
//! `cargo run --release -p waft-stats --example simulate`; the same numbers in each run.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod assignment;
mod experiment;
mod model;
mod planned;

use std::process::ExitCode;
use std::time::Instant;

use experiment::{Design, Found, run};
use model::{Adjusted, Conversion, Model, PerSession, Revenue};
use waft_stats::{Alpha, Direction, Effect, Guardrail, Sequence, fixed_units};

/// Experiments of a simulation. A share of 5 % of them has a standard error of 0.5 %.
const EXPERIMENTS: u64 = 2_000;

/// What a simulation has to show.
enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Within 2 points of it.
    Near(f64),
    /// Nothing: measured to be known, and why there is no bound.
    Measured(&'static str),
}

/// Rows so far, and those that broke their bound.
#[derive(Default)]
struct Table {
    rows: u32,
    failed: u32,
}

impl Table {
    fn row(&mut self, name: &str, times: u64, of: u64, bound: Bound) {
        let share = times as f64 / of as f64;
        let (holds, words) = match bound {
            Bound::AtMost(most) => (share <= most, format!("at most {} %", 100.0 * most)),
            Bound::AtLeast(least) => (share >= least, format!("at least {} %", 100.0 * least)),
            Bound::Near(wanted) => ((share - wanted).abs() <= 0.02, format!("{:.1} +- 2 %", 100.0 * wanted)),
            Bound::Measured(why) => {
                println!("{name:<84} {times:>4} of {of} {:>6.2} %  {why}", 100.0 * share);
                return;
            }
        };
        self.rows += 1;
        self.failed += u32::from(!holds);
        let verdict = if holds { "ok" } else { "FAILED" };
        println!("{name:<84} {times:>4} of {of} {:>6.2} %  {words:<13} {verdict}", 100.0 * share);
    }
}

/// No effect: how often any look finds one. Decisions are made on the absolute difference, so that is what a bound is for; how
/// often the relative lift's interval leaves zero out is printed beside it, for [`waft_stats::Difference::relative`] says why not.
fn nothing<M: Model>(table: &mut Table, model: M, share: f64, planned: u64) {
    let units = 20_000;
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, planned).unwrap();
    let design = Design { model, lift: 0.0, units, share, sequence, guardrail: None };
    let found: Vec<Found> = (0..EXPERIMENTS).map(|seed| run(&design, seed)).collect();
    let name = format!("no effect: {}, {} % treated, {planned} planned", model.name(), 100.0 * share);
    table.row(&name, count(&found, |found| found.absolute), EXPERIMENTS, Bound::AtMost(0.05));
    table.row(&format!("{name}, sample ratio"), count(&found, |found| found.alarm), EXPERIMENTS, Bound::AtMost(0.01));
    table.row(
        &format!("{name}, relative"),
        count(&found, |found| found.relative),
        EXPERIMENTS,
        Bound::Measured("display only"),
    );
}

/// The same with few treated. The sequence is asymptotic in each arm, so conversions are counted in each: what is skewed does
/// not cancel where arms are uneven.
fn few_treated<M: Model>(table: &mut Table, model: M, bound: Bound) {
    let (units, share) = (20_000, 0.1);
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, units).unwrap();
    let design = Design { model, lift: 0.0, units, share, sequence, guardrail: None };
    let found: Vec<Found> = (0..EXPERIMENTS).map(|seed| run(&design, seed)).collect();
    let name = format!("no effect: {}, 10 % treated", model.name());
    table.row(&name, count(&found, |found| found.absolute), EXPERIMENTS, bound);
}

fn count(found: &[Found], said: fn(&Found) -> bool) -> u64 {
    found.iter().filter(|found| said(found)).count() as u64
}

/// An effect that one look at a fixed sample finds four times in five: how often the sequence, planned for that sample, has
/// found it at twice as many units.
fn power<M: Model>(table: &mut Table, model: M, lift: f64) {
    let [treatment, control] = experiment::pilot(model, lift);
    let effect = Effect::new(model.mean() * lift, (treatment.variance(), control.variance()), 0.5).unwrap();
    let planned = fixed_units(&effect, Alpha::FIVE_PERCENT, 0.8).unwrap();
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, planned).unwrap();
    let design = Design { model, lift, units: 2 * planned, share: 0.5, sequence, guardrail: None };
    let times = (0..EXPERIMENTS).filter(|seed| run(&design, *seed).absolute).count() as u64;
    let name = format!("power: {}, +{} %, 2 x {planned} units", model.name(), 100.0 * lift);
    table.row(&name, times, EXPERIMENTS, Bound::AtLeast(0.8));
}

/// Worse by exactly the margin: neither safe nor harmed is true, so each may be said by error alone.
fn margin<M: Model>(table: &mut Table, model: M, margin: f64) {
    let units = 20_000;
    let sequence = Sequence::new(Alpha::FIVE_PERCENT, units).unwrap();
    let guardrail = Guardrail::relative(Direction::Up, margin).unwrap();
    let design = Design { model, lift: -margin, units, share: 0.5, sequence, guardrail: Some(&guardrail) };
    let found: Vec<Found> = (0..EXPERIMENTS).map(|seed| run(&design, seed)).collect();
    let name = format!("guardrail: {}, {} % worse", model.name(), 100.0 * margin);
    table.row(&format!("{name}, called safe"), count(&found, |found| found.safe), EXPERIMENTS, Bound::AtMost(0.05));
    table.row(&format!("{name}, called harmed"), count(&found, |found| found.harmed), EXPERIMENTS, Bound::AtMost(0.05));
}

fn main() -> ExitCode {
    let start = Instant::now();
    let mut table = Table::default();
    let revenue = Revenue { sigma: 1.0, capped: false };
    for planned in [20_000, 2_000] {
        nothing(&mut table, Conversion, 0.5, planned);
        nothing(&mut table, revenue, 0.5, planned);
        nothing(&mut table, PerSession, 0.5, planned);
        nothing(&mut table, Adjusted, 0.5, planned);
    }
    nothing(&mut table, Revenue { sigma: 1.5, ..revenue }, 0.5, 20_000);
    nothing(&mut table, Conversion, 0.25, 20_000);
    nothing(&mut table, revenue, 0.25, 20_000);
    few_treated(&mut table, Conversion, Bound::AtMost(0.05));
    few_treated(&mut table, revenue, Bound::AtMost(0.05));
    few_treated(&mut table, Revenue { sigma: 1.5, ..revenue }, Bound::Measured("cap it"));
    few_treated(&mut table, Revenue { sigma: 1.5, capped: true }, Bound::AtMost(0.05));
    margin(&mut table, Conversion, 0.05);
    margin(&mut table, revenue, 0.05);
    power(&mut table, Conversion, 0.15);
    power(&mut table, revenue, 0.4);
    power(&mut table, PerSession, 0.4);
    power(&mut table, Adjusted, 0.4);
    for (model, per_day, lift) in [(Conversion, 1_000, 0.15), (Conversion, 400, 0.25)] {
        planned::found(&mut table, model, per_day, lift);
    }
    planned::found(&mut table, revenue, 2_000, 0.22);
    planned::found(&mut table, PerSession, 1_000, 0.3);
    for (name, found) in assignment::found() {
        let (salts, name) = (found.len() as u64, format!("no effect: the engine's split, {name}, {}", revenue.name()));
        table.row(&name, count(&found, |found| found.absolute), salts, Bound::AtMost(0.05));
        table.row(&format!("{name}, sample ratio"), count(&found, |found| found.alarm), salts, Bound::AtMost(0.01));
    }
    println!("{} s", start.elapsed().as_secs());
    println!("simulations: {}, {} failed", table.rows, table.failed);
    if table.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
