//! The report for a terminal.

use std::fmt::Write;

use crate::results::{BreakdownOf, Comparison, MetricOf, Report, Results, ValueOf, Withheld};
use crate::stops;
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
    for warning in &report.warnings {
        writeln!(out, "warning: {}", escape::text(warning))?;
    }
    if report.trials.is_empty() {
        writeln!(out, "\nNo experiment, holdout or monitored ramp has started.")?;
    }
    for results in &report.trials {
        trial(out, results)?;
    }
    if !report.unknown.is_empty() {
        writeln!(out, "\nNot in the ruleset, or not started:")?;
        for (name, units) in report.unknown.iter().take(words::UNKNOWN) {
            writeln!(out, "  {}: {}", escape::text(name), words::counted(*units, "unit"))?;
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
        .map(|arm| {
            format!(
                "{} {} ({})",
                words::arm(results, &arm.variant),
                words::count(arm.units),
                words::percent(arm.share, 1)
            )
        })
        .collect();
    let planned =
        if results.plan.written { format!("; planned {}", words::count(results.plan.units)) } else { String::new() };
    writeln!(out, "  {}s: {}{planned}", results.unit, arms.join(", "))?;
    for told in stops::told(results) {
        writeln!(out, "  {}", escape::text(&told))?;
    }
    if !words::is_met(results) {
        return Ok(());
    }
    if let Some(split) = &results.sample_ratio {
        writeln!(out, "  split: {}", words::split(results, split))?;
        for (name, cell) in words::out_of_proportion(split).into_iter().take(words::UNKNOWN) {
            let units: Vec<String> = cell.units.iter().map(|units| words::count(*units)).collect();
            writeln!(out, "    {}: {}, {}", escape::text(&name), units.join(" against "), words::p(cell.p))?;
        }
    }
    for excluded in words::excluded(results) {
        writeln!(out, "  {}", escape::text(&excluded))?;
    }
    let arrival = words::arrival(results);
    if !arrival.is_empty() {
        writeln!(out, "  {arrival}")?;
    }
    for metric in &results.metrics {
        write_metric(out, results, metric)?;
    }
    if let Some(looks) = words::looks(results) {
        writeln!(out, "\n  {looks}")?;
    }
    for breakdown in &results.breakdowns {
        write_breakdown(out, results, breakdown)?;
    }
    Ok(())
}

fn write_breakdown(out: &mut String, results: &Results, breakdown: &BreakdownOf) -> std::fmt::Result {
    writeln!(out, "\n  by {}:", breakdown.by)?;
    for value in &breakdown.values {
        let units: Vec<String> = value.units.iter().map(|units| words::count(*units)).collect();
        let alarm = if value.alarm { ": sample ratio mismatch (SRM)" } else { "" };
        let name = escape::text(&words::value(breakdown, value)).into_owned();
        writeln!(out, "    {name}, {} {}s{alarm}", units.join(" against "), results.unit)?;
        // Values that few have are many, and say one thing.
        if let Some(refusal) = withheld(value) {
            writeln!(out, "      withheld: {}", words::why(results, refusal))?;
            continue;
        }
        for own in value.metrics.iter().filter(|_| !value.alarm) {
            let Some(metric) = results.metrics.iter().find(|metric| metric.metric == own.metric) else { continue };
            for comparison in &own.comparisons {
                let said = words::by_value(results, metric, comparison);
                writeln!(out, "      {}, {}: {said}", own.metric, words::arm(results, &comparison.variant))?;
            }
        }
    }
    Ok(())
}

/// Why nothing is said of a value, where it is the same for all metrics and variants, and not told in front.
fn withheld(value: &ValueOf) -> Option<Withheld> {
    let mut comparisons = value.metrics.iter().flat_map(|metric| &metric.comparisons).filter(|_| !value.alarm);
    let first = comparisons.next()?;
    let is_same = |other: &Comparison| other.difference.is_none() && other.refusal == first.refusal;
    first.refusal.filter(|_| is_same(first) && comparisons.all(is_same))
}

fn write_metric(out: &mut String, results: &Results, metric: &MetricOf) -> std::fmt::Result {
    writeln!(out, "\n  {} ({}): {}", metric.metric, words::role(metric), words::treated(results, metric))?;
    for arm in &metric.arms {
        let (units, figure) = (words::count(arm.units), words::figure(metric, arm.mean));
        let variant = words::arm(results, &arm.variant);
        writeln!(out, "    {variant:<20} {figure:>12}   of {units} {}s", results.unit)?;
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
    let Comparison { difference, lift, refusal, fixed, .. } = comparison;
    write!(out, "    {}: {}", words::arm(results, &comparison.variant), words::verdict(comparison))?;
    if let Some(range) = difference {
        write!(out, ", {}", words::range(metric, range))?;
    }
    if let Some(lift) = lift {
        let control = results.arms.first().map_or("", |arm| words::arm(results, &arm.variant));
        write!(out, ", {} against {control}", words::lift(lift.value))?;
    }
    writeln!(out)?;
    if let Some(refusal) = refusal {
        writeln!(out, "      {}", words::why(results, *refusal))?;
    }
    if let Some(fixed) = fixed {
        let [low, high] = [fixed.low, fixed.high].map(|end| words::difference(metric, end));
        writeln!(
            out,
            "      fixed-horizon interval at the planned size, for one look: {low} to {high}, {}",
            words::p(fixed.p)
        )?;
    }
    let outlook = words::outlook(results, comparison);
    if metric.role == Role::Primary && !outlook.is_empty() {
        writeln!(out, "      {outlook}")?;
    }
    Ok(())
}
