//! What a report says of ramps: the units that each has exposed, and what is known of its guardrails.

use serde::Deserialize;
use waft_ruleset::Ramp;
use waft_ruleset::ramp::Verdict;

/// A report that is older says nothing of the present.
const LATEST: i64 = 24 * 3_600 * 1_000;

/// As far as another machine's clock may be ahead.
const AHEAD: i64 = 5 * 60 * 1_000;

/// What `waft report --format json` prints, as far as ramps are concerned.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Measured {
    /// `project/environment`.
    set: String,
    as_of: String,
    studies: Vec<Study>,
}

#[derive(Debug, Deserialize)]
struct Study {
    kind: String,
    name: String,
    arms: Vec<Arm>,
    metrics: Vec<Metric>,
}

#[derive(Debug, Deserialize)]
struct Arm {
    units: u64,
}

#[derive(Debug, Deserialize)]
struct Metric {
    metric: String,
    comparisons: Vec<Comparison>,
}

#[derive(Debug, Deserialize)]
struct Comparison {
    verdict: String,
}

impl Measured {
    /// Reads a report of a project at a moment, in milliseconds since 1970. What is wrong with it is said in a message.
    pub(super) fn read(text: &str, project: &str, now: i64) -> Result<Self, String> {
        let expected = |what: &str| format!("{what}: expected what `waft report --format json` prints");
        let measured: Measured = serde_json::from_str(text).map_err(|error| expected(&error.to_string()))?;
        let as_of = waft::date::parse(measured.as_of.as_bytes()).ok_or_else(|| expected("asOf"))?;
        if measured.project() != project {
            return Err(format!("a report of the project `{}`, not `{project}`", measured.project()));
        }
        if now.saturating_sub(as_of) > LATEST {
            return Err(format!("a report of {}, more than a day ago: make a new one", measured.as_of));
        }
        if as_of.saturating_sub(now) > AHEAD {
            return Err(format!("a report of {}, which is to come: make one without --now", measured.as_of));
        }
        Ok(measured)
    }

    fn project(&self) -> &str {
        self.set.split_once('/').map_or(self.set.as_str(), |(project, _)| project)
    }

    /// The environment that it is of.
    pub(super) fn environment(&self) -> &str {
        self.set.split_once('/').map_or("", |(_, environment)| environment)
    }

    /// What it says of a ramp, `flag/rule`: units, and verdicts by metric. A ramp that it does not have is not known of.
    pub(super) fn of(&self, name: &str, ramp: &Ramp) -> (Option<u64>, Vec<(String, Verdict)>) {
        let Some(study) = self.studies.iter().find(|study| study.kind == "ramp" && study.name == name) else {
            return (None, Vec::new());
        };
        let verdict = |metric: &String| {
            let of_metric = study.metrics.iter().filter(|other| other.metric == *metric);
            Verdict::of_all(of_metric.flat_map(|metric| &metric.comparisons).map(|one| match one.verdict.as_str() {
                "harmed" => Verdict::Harmed,
                "safe" => Verdict::Safe,
                _ => Verdict::Unknown,
            }))
        };
        let guards = ramp.guard.iter().map(|guard| (guard.metric.clone(), verdict(&guard.metric)));
        (Some(study.arms.iter().map(|arm| arm.units).sum()), guards.collect())
    }
}
