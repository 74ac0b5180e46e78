//! A ruleset against the live snapshot: of what has started, only coverage may change, and only upwards.

mod range;
mod rule;
mod text;

use waft::Program;

use crate::trials::{self, At, Kind, Trial};
use text::Text;
use waft_compile::{compile, snapshot};
use waft_ruleset::Ruleset;
use waft_ruleset::finding::{Code, Finding, Findings};

/// Returns the changes that are not allowed. Fails if the ruleset has no such environment or cannot be compiled.
pub fn compare(
    ruleset: &Ruleset,
    environment: &str,
    live: &Program,
    now: i64,
    files: Vec<String>,
) -> Result<Vec<Finding>, String> {
    let index = ruleset.environments.iter().position(|named| named.name == environment);
    let index = index.ok_or_else(|| {
        format!("the live snapshot is for `{environment}`, an environment that the ruleset does not have")
    })?;
    let mut findings = Findings::new(files);
    let project = String::from_utf8_lossy(live.snapshot().project());
    if project != ruleset.project {
        // Every default salt has the project in it: whatever else were found would only say so again.
        let message = format!("the live snapshot is for the project `{project}`");
        let remedy = "compare with a snapshot of this project";
        findings.add(ruleset.project_place, Code::OtherProject, message, remedy);
        return Ok(findings.into_sorted());
    }
    let compiled = compile(ruleset, index).map_err(|error| error.what)?;
    let next = snapshot::unverified_body(&ruleset.project, environment, &compiled.body)
        .map_err(|refusal| waft_compile::refusal::sentence(refusal).to_owned())?;
    lint(ruleset, index, [live, &next], now, &mut findings);
    Ok(findings.into_sorted())
}

/// Finds what a ruleset's program, the second one, changes of what has started in the live one.
pub(crate) fn lint(
    ruleset: &Ruleset,
    environment: usize,
    [live, next]: [&Program; 2],
    now: i64,
    findings: &mut Findings,
) {
    let rules = [rule::all(live), rule::all(next)];
    let (live, next) = (trials::all(live), trials::all(next));
    let text = Text { ruleset, environment };
    for (key, before) in live.iter().filter(|(_, before)| before.has_started(now)) {
        match next.get(key) {
            Some(after) => {
                for change in trials::between(before, after, now, &|flag| text.flag(flag).is_some()) {
                    let message = format!("{} of {after} changed after it started", change.what);
                    findings.add(text.place(after, change.at), Code::PhaseNeeded, message, change.remedy);
                }
            }
            None if before.is_over(now) => {}
            None => {
                let message = format!("{before} is running, but was removed");
                let remedy = match before.kind {
                    Kind::Experiment => "give its last phase a `to` first",
                    Kind::Holdout => "give it a `to` first",
                    Kind::Ramp => "let it reach 100 %, or release the flag with `enabled: false` first",
                };
                findings.add(text.place(before, At::Trial), Code::RunningRemoved, message, remedy);
            }
        }
    }
    for (key, after) in &next {
        if let Some((message, remedy)) = past(live.get(key), after, now) {
            findings.add(text.place(after, At::Trial), Code::StartsInPast, message, remedy);
        }
    }
    rule::lint(&rules, &text, now, findings);
    range::lint(ruleset, &live, &next, now, findings);
}

/// What is said of a phase that runs before anybody could see it.
fn past(before: Option<&Trial>, after: &Trial, now: i64) -> Option<(String, &'static str)> {
    let phase = after.running(now)?;
    let is_live = |before: &Trial| before.phases.iter().any(|live| live.id == phase.id && live.has_started(now));
    if before.is_some_and(is_live) {
        return None;
    }
    let later = "start it at a time in the future";
    Some(match after.kind {
        Kind::Experiment => (format!("phase {} of {after} is new, and starts in the past", phase.id), later),
        Kind::Holdout => (format!("{after} is new, and starts in the past"), later),
        Kind::Ramp => {
            let message = format!("{after} is new, and starts at {} at once", phase.share());
            (message, "give its steps dates in the future")
        }
    })
}
