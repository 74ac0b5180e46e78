//! The report for a terminal.

use std::fmt::Write;

use crate::results::{Comparison, MetricOf, Report, Results};
use crate::trial::Role;
use crate::words;
use waft_ruleset::escape;

/// The report as text, ending with a line break.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write(&mut out, report);
    // Names of variants are whatever somebody has sent: none may speak to the terminal.
    escape::lines(&out).into_owned()
}

fn write(out: &mut String, report: &Report) -> std::fmt::Result {
    writeln!(out, "{}, as of {}", report.set, report.as_of)?;
    if report.trials.is_empty() {
        writeln!(out, "\nNo experiment, holdout or monitored ramp has started.")?;
    }
    for results in &report.trials {
        trial(out, results)?;
    }
    if !report.unknown.is_empty() {
        writeln!(out, "\nNot in the ruleset, or not started:")?;
        for (name, units) in report.unknown.iter().take(words::UNKNOWN) {
            writeln!(out, "  {}: {} units", escape::text(name), words::count(*units))?;
        }
        if let Some(more) = words::more(report.unknown.len(), report.unknown_more) {
            writeln!(out, "  {more}")?;
        }
    }
    Ok(())
}

fn trial(out: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(out, "\n{} ({})", words::title(results), words::period(results))?;
    writeln!(out, "  {}", results.answer)?;
    let arms: Vec<String> = results
        .arms
        .iter()
        .map(|arm| format!("{} {} ({})", arm.variant, words::count(arm.units), words::percent(arm.share, 1)))
        .collect();
    let planned =
        if results.plan.written { format!("; planned {}", words::count(results.plan.units)) } else { String::new() };
    writeln!(out, "  {}s: {}{planned}", results.unit, arms.join(", "))?;
    if !words::is_met(results) {
        return Ok(());
    }
    if let Some(split) = &results.sample_ratio {
        writeln!(out, "  split: {}", words::split(split))?;
        for cell in split.cells().filter(|cell| cell.alarm).take(words::UNKNOWN) {
            let units: Vec<String> = cell.units.iter().map(|units| words::count(*units)).collect();
            writeln!(out, "    {}: {}, p = {}", escape::text(&cell.of), units.join(" against "), words::p(cell.p))?;
        }
    }
    for (variant, units) in results.strangers.iter().take(words::UNKNOWN) {
        let variant = escape::text(variant);
        writeln!(out, "  {variant} is not in the ruleset: {} units left out", words::count(*units))?;
    }
    if let Some(more) = words::more(results.strangers.len(), results.strangers_more) {
        writeln!(out, "  {more} that are not in the ruleset")?;
    }
    for (variant, units) in &results.unshared {
        let variant = escape::text(variant);
        writeln!(out, "  {variant} has a share of 0 %: {} units left out", words::count(*units))?;
    }
    if results.crossed > 0 {
        writeln!(out, "  {} met several variants: left out", words::count(results.crossed))?;
    }
    let arrival = words::arrival(results);
    if !arrival.is_empty() {
        writeln!(out, "  {arrival}")?;
    }
    for metric in &results.metrics {
        write_metric(out, results, metric)?;
    }
    Ok(())
}

fn write_metric(out: &mut String, results: &Results, metric: &MetricOf) -> std::fmt::Result {
    writeln!(out, "\n  {} ({}): {}", metric.metric, words::role(metric), metric.meaning)?;
    let notes = words::notes(metric);
    if !notes.is_empty() {
        writeln!(out, "    {notes}")?;
    }
    for arm in &metric.arms {
        let (units, figure) = (words::count(arm.units), words::figure(metric, arm.mean));
        writeln!(out, "    {:<20} {figure:>12}   of {units} units", arm.variant)?;
    }
    for comparison in &metric.comparisons {
        write_comparison(out, results, metric, comparison)?;
    }
    Ok(())
}

fn write_comparison(
    out: &mut String,
    results: &Results,
    metric: &MetricOf,
    comparison: &Comparison,
) -> std::fmt::Result {
    let Comparison { variant, difference, lift, refusal, fixed, .. } = comparison;
    write!(out, "    {variant}: {}", words::verdict(comparison))?;
    if let Some(range) = difference {
        write!(out, ", {}", words::range(metric, range))?;
    }
    if let Some(lift) = lift {
        write!(out, ", {} against {}", words::lift(lift.value), results.arms.first().map_or("", |arm| &arm.variant))?;
    }
    writeln!(out)?;
    if let Some(refusal) = refusal {
        writeln!(out, "      {}", words::why(*refusal))?;
    }
    if let Some(fixed) = fixed {
        let [low, high] = [fixed.low, fixed.high].map(|end| words::difference(metric, end));
        writeln!(out, "      at the planned size, for one look: between {low} and {high}, p = {}", words::p(fixed.p))?;
    }
    let outlook = words::outlook(results, comparison);
    if metric.role == Role::Primary && !outlook.is_empty() {
        writeln!(out, "      {outlook}")?;
    }
    Ok(())
}
