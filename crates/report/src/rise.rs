//! Guarded ramps, and whether their next step may begin by what was seen.

use waft_ruleset::ramp::{Evidence, Next, Out, Verdict as Known};
use waft_ruleset::{Action, Ramp, Ruleset, Share};

use crate::results::{Report, Results, Verdict};
use crate::sum::total;
use crate::trial::Kind;

/// A ramp that is running.
#[derive(Clone, Debug)]
pub struct Rise {
    /// `flag/rule`.
    pub name: String,
    /// The share that it has.
    pub share: Share,
    /// That of the next step, if there is one.
    pub to: Option<Share>,
    /// Units that it has exposed.
    pub units: u64,
    /// Guardrails that are known to be safe.
    pub safe: Vec<String>,
    /// Guardrails that are known to be harmed.
    pub harmed: Vec<String>,
    /// What comes next.
    pub next: Next,
}

/// The guarded ramps of a report, at a moment in milliseconds since 1970. One that has ended, or is off by a kill, is none.
/// `out` says whether pages have the step of a ramp, by its name.
pub fn rises(
    ruleset: &Ruleset,
    environment: usize,
    report: &Report,
    now: i64,
    out: &dyn Fn(&str, &Ramp, u32) -> Out,
) -> Vec<Rise> {
    let running = report.trials.iter().filter(|results| results.kind == Kind::Ramp && !results.ended);
    running.filter_map(|results| rise(ramp(ruleset, environment, &results.name)?, results, now, out)).collect()
}

fn ramp<'r>(ruleset: &'r Ruleset, environment: usize, name: &str) -> Option<&'r Ramp> {
    let bodies = ruleset.flags.iter().map(|flag| (&flag.name, flag.item.within(environment)));
    let mut rules = bodies.flat_map(|(flag, body)| body.rules.iter().map(move |rule| (flag, rule)));
    rules.find_map(|(flag, rule)| match &rule.item.action {
        Action::Ramp(ramp) if name == format!("{flag}/{}", rule.name) => Some(ramp),
        Action::Ramp(_) | Action::Serve(_) | Action::Experiment(_) => None,
    })
}

fn rise(ramp: &Ramp, results: &Results, now: i64, out: &dyn Fn(&str, &Ramp, u32) -> Out) -> Option<Rise> {
    let second = u32::try_from(now / 1_000).ok()?;
    let (share, _) = ramp.reached(second)?;
    let mut guards: Vec<(String, Known)> = Vec::new();
    for metric in &results.metrics {
        let known = Known::of_all(metric.comparisons.iter().map(|comparison| match comparison.verdict {
            Verdict::Harmed => Known::Harmed,
            Verdict::Safe => Known::Safe,
            Verdict::Better | Verdict::Worse | Verdict::Unknown | Verdict::Withheld => Known::Unknown,
        }));
        guards.push((metric.metric.clone(), known));
    }
    let units = total(results.arms.iter().map(|arm| arm.units));
    let out = out(&results.name, ramp, second);
    let next = ramp.next(second, &Evidence { units: Some(units), approved: false, guards: &guards, out });
    let that = |wanted: Known| {
        let own = guards.iter().filter(|(_, known)| *known == wanted);
        own.map(|(metric, _)| metric.clone()).collect()
    };
    let begun = ramp.steps.iter().take_while(|(_, at)| *at <= second).count();
    let to = ramp.plan.get(begun).map(|step| step.to);
    Some(Rise {
        name: results.name.clone(),
        share,
        to,
        units,
        safe: that(Known::Safe),
        harmed: that(Known::Harmed),
        next,
    })
}
