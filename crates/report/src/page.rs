//! The report as one page that needs nothing else: no script, no font, no request.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::results::{
    BreakdownOf, Cell, Comparison, MetricOf, OfValue, Range, Report, Results, Split, ValueOf, Verdict,
};
use crate::trial::Role;
use crate::{chart, stops, words};
use waft_ruleset::escape;

const STYLE: &str = include_str!("page.css");

/// The page.
pub fn page(report: &Report) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Otherwise a browser asks the server for one.
                link rel="icon" href="data:,";
                title { "Results of " (report.set) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body(report)) }
        }
    }
    .into_string();
    // A name that somebody sent may not turn around what stands beside it, on the page or where its source is printed.
    escape::lines(&page).into_owned()
}

fn body(report: &Report) -> Markup {
    html! {
        header {
            h1 { "Results of " (report.set) }
            p.soft { "As of " time datetime=(report.as_of) { (report.as_of) } }
            @for warning in &report.warnings { p.unknown { "Warning: " (warning) } }
            @if report.trials.is_empty() {
                p { "No experiment, holdout or monitored ramp has started." }
            }
            ul.contents {
                @for (at, results) in report.trials.iter().enumerate() {
                    li { a href={ "#trial-" (at) } { (words::title(results)) } " " span class=(tone(results)) { (rich(&results.answer)) } }
                }
            }
        }
        main {
            @for (at, results) in report.trials.iter().enumerate() { (trial(at, results)) }
        }
        @if !report.unknown.is_empty() {
            p.soft { "Not in the ruleset, or not started: "
                @for (at, (name, units)) in report.unknown.iter().take(words::UNKNOWN).enumerate() {
                    @if at > 0 { "; " }
                    (name) ", " (words::count(*units)) " units"
                }
                @if let Some(more) = words::more(report.unknown.len(), report.unknown_more) { "; " (more) }
            }
        }
        (how_to_read())
    }
}

/// A sentence whose names are between backticks.
fn rich(sentence: &str) -> Markup {
    html! { @for (at, part) in sentence.split('`').enumerate() { @if at % 2 == 1 { code { (part) } } @else { (part) } } }
}

/// The class of an answer.
fn tone(results: &Results) -> &'static str {
    let alarm = results.sample_ratio.as_ref().is_some_and(|split| split.alarm);
    let verdicts =
        || results.metrics.iter().flat_map(|metric| metric.comparisons.iter().map(move |own| (metric, own.verdict)));
    let decides =
        |wanted: Verdict| verdicts().any(|(metric, verdict)| verdict == wanted && metric.role == Role::Primary);
    if alarm || verdicts().any(|(_, verdict)| verdict == Verdict::Harmed) || decides(Verdict::Worse) {
        "alarm"
    } else if decides(Verdict::Better) {
        "better"
    } else {
        "soft"
    }
}

fn trial(at: usize, results: &Results) -> Markup {
    html! {
        article id={ "trial-" (at) } aria-labelledby={ "title-" (at) } {
            h2 id={ "title-" (at) } { (words::title(results)) }
            p.soft { (words::period(results)) }
            p class={ "answer " (tone(results)) } { (rich(&results.answer)) }
            @for told in stops::told(results) { p.unknown { (rich(&told)) "." } }
            @if words::is_met(results) {
                (units(results))
                @for metric in &results.metrics { (metric_of(results, metric)) }
                (breakdowns(results))
                @if !words::arrival(results).is_empty() { section { p.soft { (words::arrival(results)) "." } } }
            }
        }
    }
}

fn units(results: &Results) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "variant" } th { (results.unit) "s" } th { "share" } th { "planned" } } }
            tbody { @for (at, arm) in results.arms.iter().enumerate() {
                tr {
                    td { (swatch(at)) (words::arm(results, &arm.variant)) }
                    td { (words::count(arm.units)) }
                    td { (words::percent(arm.share, 1)) }
                    td { (words::percent(arm.planned, 1)) }
                }
            } }
        } }
        @if results.plan.written { p.soft { "Planned: " (words::count(results.plan.units)) " " (results.unit) "s." } }
        @if let Some(split) = &results.sample_ratio { (split_of(results, split)) }
        @for excluded in words::excluded(results) { p.unknown { (excluded) "." } }
    }
}

fn swatch(at: usize) -> Markup {
    html! { span.swatch style={ "background: var(--series-" (at % 6 + 1) ")" } {} }
}

fn split_of(results: &Results, split: &Split) -> Markup {
    let arms: Vec<&str> = results.arms.iter().map(|arm| words::arm(results, &arm.variant)).collect();
    let alarms: Vec<String> = words::out_of_proportion(split).into_iter().map(|(name, _)| name).collect();
    html! {
        p class=[split.alarm.then_some("alarm")] { "Split: " (words::split(results, split)) "." }
        @if !alarms.is_empty() { p { "Out of proportion: " (alarms.join(", ")) "." } }
        @if let Some(svg) = chart::units_by_day(&split.by_day, &arms) {
            details open[split.alarm] {
                summary { "By day, snapshot version and browser" }
                div.scroll { (PreEscaped(svg)) }
                (cells(&split.by_day, &arms, "day"))
                (cells(&split.by_version, &arms, "snapshot version"))
                (cells(&split.by_browser, &arms, "browser"))
            }
        }
    }
}

fn cells(cells: &[Cell], arms: &[&str], of: &str) -> Markup {
    html! { @if !cells.is_empty() { div.scroll { table {
        thead { tr { th { (of) } @for arm in arms { th { (arm) } } th { "p" } } }
        tbody { @for cell in cells { tr class=[cell.alarm.then_some("alarm")] {
            td { (cell.of) }
            @for units in &cell.units { td { (words::count(*units)) } }
            td { (words::p_value(cell.p)) }
        } } }
    } } } }
}

fn metric_of(results: &Results, metric: &MetricOf) -> Markup {
    html! {
        section {
            h3 { (metric.metric) " " span.badge.soft { (words::role(metric)) } }
            p.soft { (rich(&words::treated(results, metric))) "." }
            div.scroll { table {
                thead { tr {
                    th { "variant" } th { (results.unit) "s" } th { (words::figures(results, metric)) } th { "" } th { "difference" }
                    th { "lift" } th { "interval" }
                } }
                tbody {
                    @for (at, arm) in metric.arms.iter().enumerate() {
                        @let comparison = metric.comparisons.iter().find(|own| own.variant == arm.variant);
                        tr {
                            td { (swatch(at)) (words::arm(results, &arm.variant)) }
                            td { (words::count(arm.units)) }
                            td { (words::figure(metric, arm.mean)) }
                            @if let Some(comparison) = comparison { (compared(metric, comparison)) }
                            @else { td { @if at == 0 { span.soft { "control" } } } td {} td {} td {} }
                        }
                    }
                }
            } }
            @for comparison in &metric.comparisons { (remarks(results, metric, comparison)) }
        }
    }
}

fn compared(metric: &MetricOf, comparison: &Comparison) -> Markup {
    let word = words::verdict(comparison);
    html! {
        td { span class={ "badge " (class(comparison.verdict)) } { (word) } }
        td { @if let Some(range) = &comparison.difference { (words::difference(metric, range.value)) (words::unit(metric)) } }
        td { @if let Some(lift) = &comparison.lift { (words::lift(lift.value)) } }
        td { @if let Some(range) = &comparison.difference {
            (interval(metric, comparison.verdict, range, reach(metric, &metric.comparisons)))
            span.ends { (words::difference(metric, range.low)) " to " (words::difference(metric, range.high)) }
        } }
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::Safe => "safe",
        Verdict::Harmed => "harmed",
        Verdict::Unknown => "unknown",
        Verdict::Withheld => "soft",
    }
}

/// How far a line reaches that all of these have room on.
fn reach<'c>(metric: &MetricOf, comparisons: impl IntoIterator<Item = &'c Comparison>) -> f64 {
    let ranges = comparisons.into_iter().filter_map(|own| own.difference);
    let ends = ranges.flat_map(|range| [range.low, range.high]).chain(margin(metric)).filter(|end| end.is_finite());
    1.05 * ends.map(f64::abs).fold(f64::MIN_POSITIVE, f64::max)
}

/// The interval on a line with zero in its middle that reaches as far as others beside it; a guardrail's margin is dashed.
fn interval(metric: &MetricOf, verdict: Verdict, range: &Range, most: f64) -> Markup {
    let margin = margin(metric);
    let at = |value: f64| format!("{:.2}%", (50.0 + 50.0 * value / most).clamp(0.0, 100.0));
    let said = words::range(metric, range);
    html! {
        span class={ "interval " (class(verdict)) } role="img" aria-label=(said) title=(said) {
            @if let Some(margin) = margin { span.margin style={ "--at:" (at(margin)) } {} }
            span.bar style={ "--low:" (at(range.low)) ";--high:" (at(range.high)) } {}
            span.dot style={ "--value:" (at(range.value)) } {}
        }
    }
}

/// The difference at which a guardrail is harmed.
fn margin(metric: &MetricOf) -> Option<f64> {
    let Role::Guardrail(margin) = metric.role else { return None };
    let control = metric.arms.first()?.mean?;
    Some(if metric.more_is_better { -margin * control.abs() } else { margin * control.abs() })
}

fn remarks(results: &Results, metric: &MetricOf, comparison: &Comparison) -> Markup {
    let outlook = words::outlook(results, comparison);
    let variant = words::arm(results, &comparison.variant);
    let in_words = |value: f64| format!("{}{}", words::difference(metric, value), words::unit(metric));
    html! {
        @if let Some(refusal) = comparison.refusal { p { (variant) ": " (words::why(results, refusal)) "." } }
        @if let Some(fixed) = comparison.fixed {
            p.soft { (variant) ": fixed-horizon interval at the planned size, for one look: " (in_words(fixed.low)) " to "
                (in_words(fixed.high)) ", " (words::p(fixed.p)) "." }
        }
        @if metric.role == Role::Primary && !outlook.is_empty() { p.soft { (variant) ": " (outlook) } }
        @if let Some(svg) = chart::difference_by_day(&comparison.days, &in_words) {
            details {
                summary { (variant) ": difference by day since exposure" }
                div.scroll { (PreEscaped(svg)) }
                div.scroll { table {
                    thead { tr { th { "day" } th { (results.unit) "s" } th { "difference" } } }
                    tbody { @for day in &comparison.days { tr {
                        td { (day.day) } td { (words::count(day.units)) } td { (words::range(metric, &day.difference)) }
                    } } }
                } }
            }
        }
    }
}

/// Results by what units were, folded: whoever opens them has read how many there are.
fn breakdowns(results: &Results) -> Markup {
    html! { @if !results.breakdowns.is_empty() { section {
        h3 { "By segment" }
        @if let Some(looks) = words::looks(results) { p.unknown { (looks) "." } }
        @for breakdown in &results.breakdowns { details {
            summary { "By " (breakdown.by) }
            @for metric in &results.metrics { (by_value(results, breakdown, metric)) }
        } }
    } } }
}

/// A metric that decides of all, by the values of a breakdown; all intervals on one scale.
fn by_value(results: &Results, breakdown: &BreakdownOf, metric: &MetricOf) -> Markup {
    let own = |value: &ValueOf| value.metrics.iter().find(|own| own.metric == metric.metric).cloned();
    let rows: Vec<(&ValueOf, OfValue)> =
        breakdown.values.iter().filter_map(|value| Some((value, own(value)?))).collect();
    let most = reach(metric, rows.iter().flat_map(|(_, own)| &own.comparisons));
    let units = |value: &ValueOf| -> String {
        let units: Vec<String> = value.units.iter().map(|units| words::count(*units)).collect();
        units.join(" / ")
    };
    html! { @if metric.role == Role::Primary && !rows.is_empty() { div.scroll { table {
        thead { tr { th { (breakdown.by) } th { (results.unit) "s" } th { (metric.metric) } th { "" } th { "difference" } th { "interval" } } }
        tbody { @for (value, own) in &rows { @for comparison in &own.comparisons { tr class=[value.alarm.then_some("alarm")] {
            td { (words::value(breakdown, value)) }
            td { (units(value)) }
            td { (words::arm(results, &comparison.variant)) }
            td { span class={ "badge " (class(comparison.verdict)) } title=[comparison.refusal.map(|refusal| words::why(results, refusal))] {
                @if value.alarm { "sample ratio mismatch" } @else { (words::verdict(comparison)) }
            } }
            td { @if let Some(range) = &comparison.difference { (words::difference(metric, range.value)) (words::unit(metric)) } }
            td { @if let Some(range) = &comparison.difference {
                (interval(metric, comparison.verdict, range, most))
                span.ends { (words::difference(metric, range.low)) " to " (words::difference(metric, range.high)) }
            } }
        } } } }
    } } } }
}

fn how_to_read() -> Markup {
    html! {
        footer {
            h2 { "How to read this" }
            p { "Each difference has an interval that stays valid however often you look. Read it every day, and decide as soon as "
                "it excludes zero. \u{201c}No conclusion yet\u{201d} does not mean \u{201c}no effect\u{201d}." }
            p { "Decide by the difference. The lift is the same difference relative to the control, and easier to picture." }
            p { "A sample ratio mismatch (SRM) means that units are lost on the way, and hardly ever by chance. No result is shown "
                "until the cause is found." }
            p { "A guardrail is safe once it is known not to be worse than its margin, and harmed once it is known to be. In "
                "between it is unknown, which is no reason to continue." }
        }
    }
}
