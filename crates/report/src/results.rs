//! A report as data: what its JSON has, and what text and page are written from.
//!
//! Times are RFC 3339 in UTC, shares are fractions of one, everything else is in the metric's own unit per unit of
//! randomisation.

use serde::Serialize;
use waft_ruleset::{Kill, Then, clock};
use waft_stats::Refusal;

use crate::trial::{Kind, Role};

/// The whole report.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// `project/environment`.
    pub set: String,
    /// Until when events count.
    pub as_of: String,
    /// One after the other as the ruleset has them.
    #[serde(rename = "studies")]
    pub trials: Vec<Results>,
    /// Exposures of what the ruleset does not have, or not yet: `name, phase` and how many units.
    pub unknown: Vec<(String, u64)>,
    /// How many more lines `unknown` would have.
    pub unknown_more: u64,
    /// What is odd about the records of kills, in sentences.
    pub warnings: Vec<String>,
}

/// What is known of one trial.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Results {
    /// What it is.
    pub kind: Kind,
    /// Of the experiment or holdout; `flag/rule` of a ramp.
    pub name: String,
    /// Its phase.
    pub phase: u32,
    /// Who was randomised.
    pub unit: String,
    /// When it started.
    pub from: String,
    /// When it ends or ended.
    pub to: Option<String>,
    /// Whether it has ended.
    pub ended: bool,
    /// The kill that ended it. No winner is told, and nothing after it counts.
    pub stopped: Option<KillOf>,
    /// From when exposures count, if its flag was killed when it started, and came back.
    pub opens: Option<String>,
    /// Kills while it ran that did not end it: of a flag of a holdout, or of a ramp that goes on.
    pub kills: Vec<KillOf>,
    /// What a kill keeps from counting.
    pub apart: Apart,
    /// Whole days since it started, up to its end.
    pub days: u64,
    /// The control first.
    pub arms: Vec<ArmUnits>,
    /// Variants that were met and that the ruleset does not have here, and their units. They count nowhere.
    pub strangers: Vec<(String, u64)>,
    /// How many more lines `strangers` would have.
    pub strangers_more: u64,
    /// Variants that were met though their share is 0 %, and their units. They count nowhere either.
    pub unshared: Vec<(String, u64)>,
    /// Units that met more than one variant. They count nowhere.
    pub crossed: u64,
    /// Whether they are too many for anything to be said.
    pub is_crossed: bool,
    /// Absent without two arms.
    pub sample_ratio: Option<Split>,
    /// How large it was to be.
    pub plan: PlanOf,
    /// In the order of the ruleset: primary, secondary, guardrails.
    pub metrics: Vec<MetricOf>,
    /// Results by what units were when they entered, in the order of the ruleset.
    pub breakdowns: Vec<BreakdownOf>,
    /// How many comparisons these have: each is one more chance of an error.
    pub looks: u64,
    /// How its exposures arrived.
    pub arrival: Arrival,
    /// The answer in one or two sentences; names are between backticks.
    pub answer: String,
}

/// A kill.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KillOf {
    /// The flag's key.
    pub flag: String,
    /// When.
    pub at: String,
    /// When the flag came back, if it has.
    pub until: Option<String>,
    /// Who killed it.
    pub by: String,
    /// The reason, if one was given.
    pub why: Option<String>,
    /// The file that says so.
    pub record: String,
}

/// What a kill keeps from counting.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Apart {
    /// Exposures after it, or before the flag came back.
    pub exposures: u64,
    /// Events after it, of units that count and of names that are asked about.
    pub events: u64,
}

/// Units of an arm.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmUnits {
    /// The variant.
    pub variant: String,
    /// What it is to have of all units.
    pub planned: f64,
    /// How many it has.
    pub units: u64,
    /// What that is of all.
    pub share: f64,
}

/// Whether units are split as planned.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Split {
    /// Whether it is not, at any of all looks: results are not to be read.
    pub alarm: bool,
    /// The natural logarithm of the Bayes factor; the alarm is above ln 100.
    pub ln_bayes_factor: f64,
    /// Of Pearson's chi-square, for one look.
    pub p: f64,
    /// By the day on which units entered.
    pub by_day: Vec<Cell>,
    /// By the version of the rules with which they did.
    pub by_version: Vec<Cell>,
    /// By the browser.
    pub by_browser: Vec<Cell>,
    /// How many more versions there are, which are not told apart.
    pub versions_more: u64,
    /// How many more browsers.
    pub browsers_more: u64,
}

/// A part of all units.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// The day, the version or the browser.
    pub of: String,
    /// Units of each arm, in their order.
    pub units: Vec<u64>,
    /// Of Pearson's chi-square.
    pub p: f64,
    /// Whether the sequential test finds it out of proportion by itself.
    pub alarm: bool,
}

/// How large a trial was to be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanOf {
    /// Whether somebody wrote it.
    pub written: bool,
    /// Units of all arms.
    pub units: u64,
    /// The smallest relative effect that matters.
    pub detect: Option<f64>,
    /// The chance to see it.
    pub power: f64,
    /// The chance of a false alarm, over all primary metrics and arms.
    pub alpha: f64,
    /// Days until a winner may be named.
    pub at_least_days: f64,
}

/// How exposures arrived.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Arrival {
    /// Exposures, each once.
    pub exposures: u64,
    /// How often they arrived.
    pub receipts: u64,
    /// How many waited for over an hour before they were sent.
    pub late: u64,
    /// How many came from devices whose clock was over a minute off; it was corrected.
    pub skewed: u64,
    /// How many have a clock that nothing is known of, and that was not corrected.
    pub uncorrected: u64,
    /// How many were decided by rules that had been superseded for over a day.
    pub outdated: u64,
    /// How many others contradict the ruleset, which count nowhere else.
    pub contradicted: u64,
}

/// What is known of a metric.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MetricOf {
    /// As the ruleset names it.
    pub metric: String,
    /// What it is for.
    pub role: Role,
    /// What happens to a guardrail that is harmed.
    #[serde(skip)]
    pub then: Then,
    /// Whether more is better.
    pub more_is_better: bool,
    /// Whether it is a share of units.
    pub is_share: bool,
    /// Whether it is one sum over another.
    #[serde(skip)]
    pub is_ratio: bool,
    /// What it counts, in words.
    pub meaning: String,
    /// Where values were cut off; of a ratio, those of its numerator.
    pub cap: Option<f64>,
    /// Where a ratio's denominator, or what it was before, was.
    pub cap_of_y: Option<f64>,
    /// Whether what units did before was taken out of it (CUPED).
    pub adjusted: bool,
    /// The control first.
    pub arms: Vec<ArmValue>,
    /// One for each arm but the control.
    pub comparisons: Vec<Comparison>,
}

/// A metric in one arm.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ArmValue {
    /// The variant.
    pub variant: String,
    /// Units whose window is over.
    pub units: u64,
    /// Those of them with a value other than zero.
    pub nonzero: u64,
    /// Per unit, or the ratio of sums. Absent without units enough.
    pub mean: Option<f64>,
}

/// Results by what units were when they entered.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BreakdownOf {
    /// The attribute, or the segment.
    pub by: String,
    /// Whether it is a segment, whose values are `in` and `out`.
    pub segment: bool,
    /// How many values are put together as other ones.
    pub more: u64,
    /// The largest first, then other ones, then those who are not known.
    pub values: Vec<ValueOf>,
}

/// What a part of a breakdown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Is {
    /// One value.
    Value,
    /// All values that are not told apart.
    Other,
    /// Nobody said.
    Unknown,
}

/// Units that have a value.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueOf {
    /// Whether it is one.
    pub is: Is,
    /// The value; empty if it is none.
    pub value: String,
    /// Units of each arm, in their order.
    pub units: Vec<u64>,
    /// Of Pearson's chi-square, for one look. Absent without two arms.
    pub p: Option<f64>,
    /// Whether the split is off here, by the sequential test.
    pub alarm: bool,
    /// Metrics that decide of all, in their order. Here they do not.
    pub metrics: Vec<OfValue>,
}

/// A metric of units that have a value.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OfValue {
    /// As the ruleset names it.
    pub metric: String,
    /// The control first.
    pub arms: Vec<ArmValue>,
    /// One for each arm but the control.
    pub comparisons: Vec<Comparison>,
}

/// An arm beside the control.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The arm's variant.
    pub variant: String,
    /// How often the interval may be wrong, over all looks.
    pub alpha: f64,
    /// What may be said.
    pub verdict: Verdict,
    /// Why nothing, or no more, is.
    pub refusal: Option<Withheld>,
    /// Arm less control. Absent where it is withheld, or nothing varies.
    pub difference: Option<Range>,
    /// The difference as a share of the control's mean, for display; decisions are made on the difference.
    pub lift: Option<Range>,
    /// The difference's interval and p for one look, after the planned sample.
    pub fixed: Option<Fixed>,
    /// How likely an effect of the planned size would have been seen by now.
    pub power: Option<f64>,
    /// How many more units of both arms it takes to see it with the planned power.
    pub units_to_go: Option<u64>,
    /// Days, at the pace of the last week.
    pub days_to_go: Option<f64>,
    /// The difference on each whole day since units entered, for a decisive metric that is no ratio.
    pub days: Vec<Day>,
}

/// An estimate and its interval, which holds at all looks together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// What holds for one look.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fixed {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Two-sided.
    pub p: f64,
}

/// A day since units entered, which is 0 for the first.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// Which.
    pub day: i64,
    /// Units of both arms that have had it.
    pub units: u64,
    /// Arm less control on that day, and its interval.
    pub difference: Range,
}

/// What may be said of an arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It is better than the control.
    Better,
    /// It is worse.
    Worse,
    /// A guardrail that is not worse by more than its margin.
    Safe,
    /// A guardrail that is.
    Harmed,
    /// Neither is known: that is not "no effect".
    Unknown,
    /// Nothing.
    Withheld,
}

/// Why nothing, or no more, is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Withheld {
    /// Units are not split as planned.
    SampleRatio,
    /// More than 1 % of units met several variants.
    Crossovers,
    /// An arm has too few units.
    FewUnits,
    /// Too few of them have a value other than zero.
    FewConversions,
    /// The plan's time is not over; the difference is told, and no winner.
    Early,
    /// It was stopped by a kill; the difference is told, and no winner.
    Stopped,
    /// Sums that no numbers have.
    ImpossibleSums,
    /// All units have the same value.
    NothingVaries,
}

impl From<&Kill> for KillOf {
    fn from(kill: &Kill) -> Self {
        let Kill { flag, at, until, by, why, record } = kill;
        KillOf {
            flag: flag.clone(),
            at: clock::text(*at),
            until: until.map(clock::text),
            by: by.clone(),
            why: why.clone(),
            record: record.clone(),
        }
    }
}

impl From<Refusal> for Withheld {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            // Each phase is a trial of its own.
            Refusal::SeveralPhases | Refusal::SampleRatio => Withheld::SampleRatio,
            Refusal::FewUnits => Withheld::FewUnits,
            Refusal::FewConversions => Withheld::FewConversions,
            Refusal::Early => Withheld::Early,
        }
    }
}
