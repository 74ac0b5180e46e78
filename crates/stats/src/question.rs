//! A plan as somebody asks for it: what is not known is named, and no figure is made up for it.

use serde::{Deserialize, Serialize};

use crate::{Alpha, Baseline, Inflow, LONGEST_DAYS, Plan};

/// The days of the curve: weeks, then months.
const CURVE: [u32; 6] = [7, 14, 21, 28, 42, 56];

/// What is known of a trial, and what is asked: days for an effect, an effect for days, or both.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// New units a day that could enter.
    pub eligible: Option<f64>,
    /// What lets in a share of them: the layer's ranges, coverage, what no holdout keeps.
    #[serde(default)]
    pub parts: Vec<f64>,
    /// Whether the metric is a conversion rate.
    pub is_rate: bool,
    /// The rate, or the mean of one unit, as it is today.
    pub baseline: Option<f64>,
    /// The standard deviation of one unit, of what is no rate.
    pub deviation: Option<f64>,
    /// Days after which a unit counts.
    #[serde(default)]
    pub window_days: f64,
    /// The shares of the arms, the control first.
    pub weights: Vec<f64>,
    /// How many primary metrics share alpha.
    pub primary_metrics: u32,
    /// The chance of a false alarm, over all primary metrics and arms.
    pub alpha: f64,
    /// The chance to find the effect.
    pub power: f64,
    /// Days before which no winner is named.
    #[serde(default)]
    pub at_least_days: u32,
    /// Units of all arms, where a plan has them already.
    pub units: Option<u64>,
    /// The smallest relative effect that matters.
    pub detect: Option<f64>,
    /// For how many days it may run.
    pub days: Option<u32>,
}

/// What is planned, or what is needed for that.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What is missing, or is no such number. Where anything is, there are no figures.
    pub needs: Vec<&'static str>,
    /// Units that enter on a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// Until the effect is found. Absent where that takes more than [`LONGEST_DAYS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Units of all arms by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u64>,
    /// What is found in the days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detectable: Option<f64>,
    /// What is found sooner and later.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<Point>,
}

/// What is found by the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// The first is 1.
    pub day: u32,
    /// Units of all arms.
    pub units: u64,
    /// Relative; absent while nothing can be found.
    pub detectable: Option<f64>,
}

impl Question {
    /// The answer. What is not known is needed, and so is a plan's units if they are 0: nothing is guessed.
    pub fn answer(&self) -> Answer {
        let needs = self.needs();
        match self.plan().filter(|_| needs.is_empty()) {
            None if needs.is_empty() => {
                Answer { needs: vec!["variants with shares that sum to 100 %"], ..Answer::default() }
            }
            None => Answer { needs, ..Answer::default() },
            Some(plan) => {
                let days = self.detect.and_then(|detect| plan.days(detect));
                let curve = CURVE.map(|day| Point { day, units: plan.units_by(day), detectable: plan.detectable(day) });
                Answer {
                    needs,
                    per_day: Some(plan.inflow.per_day()),
                    days,
                    units: days.map(|day| plan.units_by(day)),
                    detectable: self.days.and_then(|day| plan.detectable(day)),
                    curve: curve.to_vec(),
                }
            }
        }
    }

    fn needs(&self) -> Vec<&'static str> {
        let is = |number: Option<f64>, holds: fn(f64) -> bool| {
            number.is_some_and(|number| number.is_finite() && holds(number))
        };
        let is_baseline = match self.is_rate {
            true => is(self.baseline, |rate| rate > 0.0 && rate < 1.0),
            false => is(self.baseline, |mean| mean != 0.0),
        };
        let is_effect = is(self.detect, |effect| effect > -1.0 && effect != 0.0);
        let is_days = self.days.is_some_and(|days| (1..=LONGEST_DAYS).contains(&days));
        let wanted = [
            (is(self.eligible, |units| units > 0.0), "eligible units a day"),
            (
                is_baseline,
                if self.is_rate { "the rate today, between 0 and 100 %" } else { "the mean today, which is not 0" },
            ),
            (self.is_rate || is(self.deviation, |deviation| deviation > 0.0), "the standard deviation of one unit"),
            (is_effect || is_days, "the smallest change that matters, or days (at most 730)"),
            (self.primary_metrics > 0, "a primary metric"),
            (self.weights.len() > 1, "two variants"),
            (
                Alpha::new(self.alpha).is_some() && Alpha::new(self.power).is_some(),
                "alpha and power between 0 and 100 %",
            ),
            (self.units != Some(0), "planned units above 0"),
            (
                self.parts.iter().all(|part| *part > 0.0 && *part <= 1.0),
                "traffic: coverage, layer ranges and what no holdout keeps, each above 0 %",
            ),
            (self.window_days >= 0.0, "a window of 0 days or more"),
        ];
        wanted.into_iter().filter(|(has, _)| !has).map(|(_, name)| name).collect()
    }

    fn plan(&self) -> Option<Plan> {
        let baseline = self.baseline?;
        let treatments = u32::try_from(self.weights.len().saturating_sub(1)).ok()?;
        Some(Plan {
            baseline: match self.is_rate {
                true => Baseline::rate(baseline),
                false => Baseline::value(baseline, self.deviation?.powi(2)),
            }?,
            inflow: Inflow::new(self.eligible?, &self.parts, self.window_days)?,
            weights: (self.weights.iter().all(|weight| *weight > 0.0)).then(|| self.weights.clone())?,
            alpha: Alpha::new(self.alpha)?.share(self.primary_metrics, treatments),
            power: self.power,
            at_least: self.at_least_days,
            units: self.units,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Question;

    const KNOWN: &str = r#"{"eligible": 4000, "parts": [0.6, 0.95], "isRate": true, "baseline": 0.1, "windowDays": 7, "weights": [0.5, 0.5],
        "primaryMetrics": 1, "alpha": 0.05, "power": 0.8, "atLeastDays": 14, "detect": 0.1, "days": 21}"#;

    fn asked(json: &str) -> Question {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn what_is_known_has_figures() {
        let answer = asked(KNOWN).answer();
        assert_eq!(answer.needs, Vec::<&str>::new());
        assert_eq!(answer.per_day, Some(2_280.0));
        let (days, detectable) = (answer.days.unwrap(), answer.detectable.unwrap());
        assert!(days > 21 && detectable > 0.1, "{answer:?}");
        assert!(
            answer.curve[0].detectable.is_none()
                && answer.curve.iter().skip(2).map(|at| at.detectable.unwrap()).is_sorted_by(|one, other| one >= other)
        );
    }

    #[test]
    fn what_is_not_known_is_needed_and_has_none() {
        for (from, to, needed) in [
            (r#""eligible": 4000"#, r#""eligible": null"#, "eligible units a day"),
            (r#""baseline": 0.1"#, r#""baseline": 1"#, "the rate today, between 0 and 100 %"),
            (r#""isRate": true"#, r#""isRate": false"#, "the standard deviation of one unit"),
            (
                r#""detect": 0.1, "days": 21"#,
                r#""detect": null, "days": 0"#,
                "the smallest change that matters, or days (at most 730)",
            ),
            (r#""weights": [0.5, 0.5]"#, r#""weights": [1]"#, "two variants"),
            (r#""weights": [0.5, 0.5]"#, r#""weights": [1, 0]"#, "variants with shares that sum to 100 %"),
        ] {
            assert!(KNOWN.contains(from));
            let answer = asked(&KNOWN.replace(from, to)).answer();
            assert_eq!(answer.needs, [needed]);
            assert!(
                answer.days.is_none()
                    && answer.detectable.is_none()
                    && answer.curve.is_empty()
                    && answer.per_day.is_none()
            );
        }
    }
}
