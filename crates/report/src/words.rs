//! Results in words, for people who decide and do not compute. Text and page say the same sentences.

use waft_ruleset::clock;

use crate::results::{BreakdownOf, Cell, Comparison, Is, MetricOf, Range, Results, Split, ValueOf, Verdict, Withheld};
use crate::sum::total;
use crate::trial::{DAY_MS, Kind, Of, Role, Term, Terms};

const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;
/// Above it digits say nothing.
const COUNTABLE: f64 = 1e15;

/// The answer while nothing is known.
pub(crate) const UNDECIDED: &str = "No conclusion yet.";

/// How many of what the ruleset does not have are listed.
pub(crate) const UNKNOWN: usize = 20;

/// That a list is longer than what is shown of it.
pub(crate) fn more(listed: usize, more: u64) -> Option<String> {
    let more = more.saturating_add(listed.saturating_sub(UNKNOWN) as u64);
    (more > 0).then(|| format!("and {} more", count(more)))
}

/// The day of a moment, such as 2026-11-24.
pub(crate) fn day(milli: i64) -> String {
    clock::text(milli).chars().take(10).collect()
}

/// A length of time, such as 7 days.
fn duration(milli: i64) -> String {
    let units = [(DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute"), (1_000, "second")];
    let exact = units.into_iter().find(|(length, _)| milli % length == 0);
    let (count, unit) = exact.map_or((milli, "millisecond"), |(length, unit)| (milli / length, unit));
    format!("{count} {unit}{}", plural(count == 1))
}

/// A number with its noun: `1 unit`, `2,000 units`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), plural(number == 1))
}

fn plural(is_one: bool) -> &'static str {
    if is_one { "" } else { "s" }
}

/// What a metric counts.
pub(crate) fn meaning(terms: &Terms) -> String {
    match terms {
        Terms::One(term) => format!("{}{}{}", of(term), within(term), cap(term)),
        Terms::Ratio(over, under) => {
            format!(
                "{}{}{}, divided by {}{}{}",
                of(over),
                within(over),
                cap(over),
                of(under),
                within(under),
                cap(under)
            )
        }
    }
}

fn of(term: &Term) -> String {
    let event = &term.event;
    match &term.of {
        Of::Whether => format!("conversion rate of `{event}`"),
        Of::Count => format!("number of `{event}`"),
        Of::Value => format!("sum of `{event}`"),
        Of::Property(property) => format!("sum of `{property}` of `{event}`"),
    }
}

fn within(term: &Term) -> String {
    term.within.map_or(String::new(), |within| format!(" within {}", duration(within)))
}

fn cap(term: &Term) -> String {
    term.cap.map_or(String::new(), |cap| format!(", capped at the {} percentile", ordinal(cap)))
}

/// Millionths as in "the 99th percentile", "the 99.5th".
fn ordinal(millionths: u32) -> String {
    let percent = waft_ruleset::Share(millionths).to_string();
    let number = percent.trim_end_matches(['%', ' ']);
    let ending = match number.as_bytes() {
        _ if number.contains('.') || number.starts_with('1') && number.len() == 2 => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// A count with its thousands apart: 12,345.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A fraction of one in percent, with `decimals` decimals.
pub(crate) fn percent(fraction: f64, decimals: usize) -> String {
    format!("{:.decimals$} %", fraction * 100.0)
}

/// A number with four significant digits, and its thousands apart.
pub(crate) fn number(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "any number up".to_owned() } else { "any number down".to_owned() };
    }
    let size = value.abs();
    if size >= COUNTABLE {
        return minus(&format!("{value:.2e}"));
    }
    if size >= 10_000.0 {
        return format!("{}{}", if value < 0.0 { "\u{2212}" } else { "" }, count(size.round() as u64));
    }
    let decimals = if size == 0.0 { 0 } else { (3 - size.log10().floor() as i32).clamp(0, 8) as usize };
    minus(&format!("{value:.decimals$}"))
}

/// The hyphen of numbers as the sign that it is.
fn minus(text: &str) -> String {
    text.replacen('-', "\u{2212}", 1)
}

fn signed(text: String) -> String {
    if text.starts_with('\u{2212}') { text } else { format!("+{text}") }
}

/// A metric's figure in one arm.
pub(crate) fn figure(metric: &MetricOf, value: Option<f64>) -> String {
    match value {
        None => "\u{2013}".to_owned(),
        Some(value) if metric.is_share => percent(value, 2),
        Some(value) => number(value),
    }
}

/// A difference in the metric's unit; shares differ by points.
pub(crate) fn difference(metric: &MetricOf, value: f64) -> String {
    signed(if metric.is_share { minus(&format!("{:.2}", value * 100.0)) } else { number(value) })
}

/// What differences are in.
pub(crate) fn unit(metric: &MetricOf) -> &'static str {
    if metric.is_share { " points" } else { "" }
}

/// A lift in percent.
pub(crate) fn lift(value: f64) -> String {
    signed(minus(&percent(value, 1)))
}

/// `+1.04 points (between −0.21 and +2.29)`.
pub(crate) fn range(metric: &MetricOf, range: &Range) -> String {
    let [value, low, high] = [range.value, range.low, range.high].map(|value| difference(metric, value));
    format!("{value}{} (between {low} and {high})", unit(metric))
}

/// What it is, for a heading.
pub(crate) fn title(results: &Results) -> String {
    let Results { kind, name, phase, .. } = results;
    match kind {
        Kind::Experiment => format!("{name}, phase {phase}"),
        Kind::Holdout => format!("{name} (holdout)"),
        Kind::Ramp => format!("{name} (monitored ramp)"),
    }
}

/// When it runs.
pub(crate) fn period(results: &Results) -> String {
    let Results { from, to, ended, days, .. } = results;
    let short = |moment: &str| moment.chars().take(10).collect::<String>();
    let days = format!("{days} day{}", plural(*days == 1));
    match to {
        Some(to) if *ended => format!("{} to {}, {days}", short(from), short(to)),
        Some(to) => format!("since {}, {days}; until {}", short(from), short(to)),
        None => format!("since {}, {days}", short(from)),
    }
}

/// Whether anybody was exposed to it, counted or not.
pub(crate) fn is_met(results: &Results) -> bool {
    results.arms.iter().any(|arm| arm.units > 0)
        || results.crossed > 0
        || !results.strangers.is_empty()
        || !results.unshared.is_empty()
}

/// The answer in one or two sentences, whether or not a kill has ended it.
pub(crate) fn answer(results: &Results) -> String {
    if results.arms.iter().all(|arm| arm.units == 0) {
        return if is_met(results) {
            "No units count: all saw more than one variant, or one that the ruleset does not have.".to_owned()
        } else {
            "No exposures yet.".to_owned()
        };
    }
    if results.arms.len() < 2 {
        return "There is only one variant, so there is nothing to compare.".to_owned();
    }
    if let Some(Split { alarm: true, .. }) = results.sample_ratio {
        return "Do not read these results: sample ratio mismatch (SRM). Find out first where units are lost."
            .to_owned();
    }
    if comparisons(results).any(|(_, comparison)| comparison.refusal == Some(Withheld::Crossovers)) {
        return "Do not read these results: too many units saw more than one variant. Find out first why their ids change."
            .to_owned();
    }
    if results.metrics.is_empty() {
        return "It has no metrics, so there is nothing to compare.".to_owned();
    }
    let mut said: Vec<String> = Vec::new();
    for (metric, comparison) in comparisons(results) {
        let variant = arm(results, &comparison.variant);
        match comparison.verdict {
            Verdict::Harmed => said.push(format!("`{variant}` harms {}.", metric.metric)),
            Verdict::Better if metric.role == Role::Primary => {
                said.push(format!(
                    "`{variant}` is better: {} {}.",
                    metric.metric,
                    lift_or_difference(metric, comparison)
                ));
            }
            Verdict::Worse if metric.role == Role::Primary => {
                said.push(format!(
                    "`{variant}` is worse: {} {}.",
                    metric.metric,
                    lift_or_difference(metric, comparison)
                ));
            }
            Verdict::Better | Verdict::Worse | Verdict::Safe | Verdict::Unknown | Verdict::Withheld => {}
        }
    }
    if said.is_empty() {
        let all_safe = comparisons(results).all(|(_, comparison)| comparison.verdict == Verdict::Safe);
        said.push(if all_safe { "All guardrails are safe." } else { UNDECIDED }.to_owned());
    }
    said.join(" ")
}

fn comparisons(results: &Results) -> impl Iterator<Item = (&MetricOf, &Comparison)> {
    results.metrics.iter().flat_map(|metric| metric.comparisons.iter().map(move |comparison| (metric, comparison)))
}

fn lift_or_difference(metric: &MetricOf, comparison: &Comparison) -> String {
    match (&comparison.lift, &comparison.difference) {
        (Some(lifted), _) => lift(lifted.value),
        (None, Some(range)) => format!("{}{}", difference(metric, range.value), unit(metric)),
        (None, None) => String::new(),
    }
}

/// That comparisons by value are many, and what they are for. Nothing, where there are none.
pub(crate) fn looks(results: &Results) -> Option<String> {
    let by_chance = results.looks as f64 * results.plan.alpha;
    (results.looks > 0).then(|| {
        format!(
            "{} by value, each with an error rate of {} %: on average, up to {} of them differ by chance alone. They say where an effect comes from, and decide nothing",
            counted(results.looks, "comparison"),
            (results.plan.alpha * 1e6).round() / 1e4,
            if by_chance < 10.0 { format!("{by_chance:.1}") } else { count(by_chance.round() as u64) }
        )
    })
}

/// A comparison by value: what there is to say, or why there is nothing.
pub(crate) fn by_value(results: &Results, metric: &MetricOf, comparison: &Comparison) -> String {
    match (&comparison.difference, comparison.refusal) {
        (Some(known), _) => format!("{}, {}", verdict(comparison), range(metric, known)),
        (None, Some(refusal)) => format!("withheld: {}", why(results, refusal)),
        (None, None) => verdict(comparison).to_owned(),
    }
}

/// Who has a value.
pub(crate) fn value(breakdown: &BreakdownOf, value: &ValueOf) -> String {
    match (value.is, breakdown.segment, value.value.as_str()) {
        (Is::Value, true, "in") => format!("in {}", breakdown.by),
        (Is::Value, true, "out") => format!("not in {}", breakdown.by),
        (Is::Value, _, other) => other.to_owned(),
        (Is::Other, ..) => counted(breakdown.more, "other value"),
        (Is::Unknown, ..) => "not known".to_owned(),
    }
}

/// A verdict in a word or two.
pub(crate) fn verdict(comparison: &Comparison) -> &'static str {
    match (comparison.verdict, comparison.refusal) {
        (Verdict::Better, _) => "better",
        (Verdict::Worse, _) => "worse",
        (Verdict::Safe, _) => "safe",
        (Verdict::Harmed, _) => "harmed",
        (Verdict::Unknown, Some(Withheld::Early)) => "too early",
        (Verdict::Unknown, Some(Withheld::Stopped)) => "no winner",
        (Verdict::Unknown, _) => "no conclusion yet",
        (Verdict::Withheld, _) => "withheld",
    }
}

/// Why nothing, or no more, is said.
pub(crate) fn why(results: &Results, withheld: Withheld) -> String {
    let unit = &results.unit;
    match withheld {
        Withheld::SampleRatio => "sample ratio mismatch (SRM): units are not split as planned".to_owned(),
        Withheld::Crossovers => {
            format!("more than 1 % of {unit}s saw more than one variant: find out why their ids change")
        }
        Withheld::FewUnits => format!("a variant has fewer than 100 {unit}s whose window is complete"),
        Withheld::FewConversions => {
            format!("too few {unit}s have a value other than 0: each variant needs 25, of a rate if both were alike")
        }
        Withheld::Early => {
            "there is a difference, but the planned time is not over: weekday habits and novelty effects fade"
                .to_owned()
        }
        Withheld::Stopped => "there is a difference, but what a kill has stopped names no winner".to_owned(),
        Withheld::ImpossibleSums => {
            "no set of numbers has these sums: were they rounded, or taken from different rows?".to_owned()
        }
        Withheld::NothingVaries => format!("all {unit}s of a variant have the same value"),
    }
}

/// How long still, and how likely it would have been seen. Empty where it is known, or no plan says what is looked for.
pub(crate) fn outlook(results: &Results, comparison: &Comparison) -> String {
    let (Some(detect), Some(power), Verdict::Unknown) = (results.plan.detect, comparison.power, comparison.verdict)
    else {
        return String::new();
    };
    let power = if power < 0.01 { "under 1 %".to_owned() } else { percent(power, 0) };
    let unit = &results.unit;
    let seen = format!("power so far: {power} for a change of {}", percent(detect, 1));
    if results.ended {
        return format!("{seen}.");
    }
    let to_go = match (comparison.units_to_go, comparison.days_to_go) {
        (Some(0), _) => String::new(),
        (Some(units), days) => {
            let pace = |days: f64| format!(", {} at last week's pace", counted(days.min(1e9) as u64, "day"));
            let more = counted(units, &format!("more {unit}"));
            format!("; {} takes {more}{}", percent(results.plan.power, 0), days.map(pace).unwrap_or_default())
        }
        (None, _) => format!("; no number of {unit}s is enough"),
    };
    format!("{seen}{to_go}.")
}

/// What a metric counts, where it was capped, and how it was adjusted.
pub(crate) fn treated(results: &Results, metric: &MetricOf) -> String {
    // What the past was capped at moves nothing that is shown.
    let caps = [metric.cap, metric.cap_of_y.filter(|_| !metric.adjusted)];
    let caps: Vec<String> = caps.into_iter().flatten().map(number).collect();
    let caps = if caps.is_empty() { String::new() } else { format!(" ({})", caps.join(" and ")) };
    let adjusted = format!("; adjusted for what {}s did before (CUPED)", results.unit);
    format!("{}{caps}{}", metric.meaning, if metric.adjusted { adjusted.as_str() } else { "" })
}

/// What a metric's figures are.
pub(crate) fn figures(results: &Results, metric: &MetricOf) -> String {
    match metric {
        MetricOf { is_share: true, .. } => "conversion rate".to_owned(),
        MetricOf { is_ratio: true, .. } => "ratio".to_owned(),
        MetricOf { .. } => format!("value per {}", results.unit),
    }
}

/// An arm as people say it.
pub(crate) fn arm<'a>(results: &Results, variant: &'a str) -> &'a str {
    match (results.kind, variant) {
        (Kind::Holdout, "held") => "held out",
        (Kind::Holdout, "not-held") => "not held out",
        (Kind::Holdout | Kind::Experiment | Kind::Ramp, other) => other,
    }
}

/// What a metric is for.
pub(crate) fn role(metric: &MetricOf) -> String {
    match metric.role {
        Role::Primary => "primary metric".to_owned(),
        Role::Secondary => "secondary metric".to_owned(),
        Role::Guardrail(margin) => {
            format!("guardrail: at most {} worse", waft_ruleset::Share((margin * 1e6).round() as u32))
        }
    }
}

/// Below so many units, a split that is off looks like one that is not.
const FEW: u64 = 100;

/// What the sample-ratio test says.
pub(crate) fn split(results: &Results, split: &Split) -> String {
    let units = total(results.arms.iter().map(|arm| arm.units));
    let told = match (split.alarm, units < FEW) {
        (true, _) => "sample ratio mismatch (SRM): not as planned".to_owned(),
        (false, true) => format!("too few {}s to say whether it is as planned", results.unit),
        (false, false) => "as planned".to_owned(),
    };
    format!("{told} (Bayes factor {}, {})", factor(split), p(split.p))
}

fn factor(split: &Split) -> String {
    let ln = split.ln_bayes_factor;
    if ln > 20.0 {
        format!("10^{:.0}", ln / std::f64::consts::LN_10)
    } else if ln < -9.0 {
        "under 0.0001".to_owned()
    } else {
        number(ln.exp())
    }
}

/// A p value, never zero.
pub(crate) fn p_value(p: f64) -> String {
    if p < 1e-4 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

/// The same in a sentence.
pub(crate) fn p(p: f64) -> String {
    let value = p_value(p);
    if value.starts_with('<') { format!("p {value}") } else { format!("p = {value}") }
}

/// Days, versions of the rules and browsers that are out of proportion by themselves.
pub(crate) fn out_of_proportion(split: &Split) -> Vec<(String, &Cell)> {
    let lists = [(&split.by_day, ""), (&split.by_version, "snapshot version "), (&split.by_browser, "browser ")];
    let mut found = Vec::new();
    for (cells, what) in lists {
        let alarms = cells.iter().filter(|cell| cell.alarm);
        found.extend(alarms.map(|cell| (format!("{what}{}", cell.of), cell)));
    }
    found
}

/// Units that are not compared, and why: `12 visitors saw more than one variant (excluded)`.
pub(crate) fn excluded(results: &Results) -> Vec<String> {
    let units = |units: u64| format!("{} {}{}", count(units), results.unit, plural(units == 1));
    let unshared = results.unshared.iter();
    let mut said: Vec<String> =
        unshared.map(|(variant, many)| format!("{variant} has a share of 0 %: {} excluded", units(*many))).collect();
    for (variant, many) in results.strangers.iter().take(UNKNOWN) {
        said.push(format!("{variant} is not in the ruleset: {} excluded", units(*many)));
    }
    if let Some(more) = more(results.strangers.len(), results.strangers_more) {
        said.push(format!("{more} that are not in the ruleset"));
    }
    if results.crossed > 0 {
        said.push(format!("{} saw more than one variant (excluded)", units(results.crossed)));
    }
    said
}

/// How exposures arrived; each part only if there is something to say.
pub(crate) fn arrival(results: &Results) -> String {
    let arrival = &results.arrival;
    let contradicted = match arrival.contradicted {
        0 => String::new(),
        1 => "1 exposure contradicts the rules (excluded)".to_owned(),
        many => format!("{} exposures contradict the rules (excluded)", count(many)),
    };
    if arrival.exposures == 0 {
        return contradicted;
    }
    let share = |part: u64| format!("{} ({})", count(part), percent(part as f64 / arrival.exposures as f64, 1));
    let mut said = vec![
        format!(
            "{} unique exposures ({} received, duplicates removed)",
            count(arrival.exposures),
            count(arrival.receipts)
        ),
        format!("{} sent over an hour late", share(arrival.late)),
        format!("{} from clocks over a minute off", share(arrival.skewed)),
        format!("{} with a snapshot outdated by more than 24 h", share(arrival.outdated)),
    ];
    if arrival.uncorrected > 0 {
        said.push(format!("clocks not corrected for {}", share(arrival.uncorrected)));
    }
    if !contradicted.is_empty() {
        said.push(contradicted);
    }
    said.join(", ")
}
