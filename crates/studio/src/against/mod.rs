//! A ruleset against the live snapshot: of what has started, only coverage may change, and only upwards.

mod audience;
mod change;
mod entry;
mod range;
mod rule;

use waft::Program;

use crate::compile;
use crate::finding::{Finding, Findings, Place};
use crate::ruleset::{Action, Named, Rule, Ruleset};
use crate::snapshot;
use change::At;
use entry::{Entry, Kind};

/// Compares, and answers what may not change. Fails if the ruleset has no such environment or cannot be compiled.
pub fn compare(
    ruleset: &Ruleset,
    environment: &str,
    live: &Program,
    now: i64,
    files: Vec<String>,
) -> Result<Vec<Finding>, String> {
    let index = ruleset.environments.iter().position(|named| named.name == environment);
    let index =
        index.ok_or_else(|| format!("the live snapshot is of `{environment}`, which the ruleset does not have"))?;
    let mut findings = Findings::new(files);
    let project = String::from_utf8_lossy(live.snapshot().project());
    if project != ruleset.project {
        // Every default salt has the project in it: whatever else were found would only say so again.
        let message = format!("the live snapshot is of the project `{project}`");
        let remedy = "compare with a snapshot of this project";
        findings.error(ruleset.project_place, "OTHER_PROJECT", message, remedy);
        return Ok(findings.into_sorted());
    }
    let compiled = compile::compile(ruleset, index).map_err(|error| error.what)?;
    let next = snapshot::unverified_body(&ruleset.project, environment, &compiled.body)
        .map_err(|refusal| crate::refusal::sentence(refusal).to_owned())?;
    let rules = [rule::all(live), rule::all(&next)];
    let (live, next) = (entry::all(live), entry::all(&next));
    let text = Text { ruleset, environment: index };
    for (key, before) in live.iter().filter(|(_, before)| before.has_started(now)) {
        match next.get(key) {
            Some(after) => {
                for change in change::between(before, after, now, &|flag| text.flag(flag).is_some()) {
                    let message = format!("{} of {after} changed, which has started", change.what);
                    findings.error(text.place(after, change.at), "PHASE_NEEDED", message, change.remedy);
                }
            }
            None if before.is_over(now) => {}
            None => {
                let message = format!("{before} is running and is gone");
                let remedy = match before.kind {
                    Kind::Experiment => "give its last phase a `to` first",
                    Kind::Holdout => "give it a `to` first",
                    Kind::Ramp => "let it reach everybody, or release the flag with `enabled: false` first",
                };
                findings.warning(text.place(before, At::Entry), "RUNNING_REMOVED", message, remedy);
            }
        }
    }
    for (key, after) in &next {
        if let Some((message, remedy)) = past(live.get(key), after, now) {
            findings.warning(text.place(after, At::Entry), "STARTS_IN_PAST", message, remedy);
        }
    }
    rule::lint(&rules, &text, now, &mut findings);
    range::lint(ruleset, &live, &next, now, &mut findings);
    Ok(findings.into_sorted())
}

/// What is said of a phase that runs before anybody could see it.
fn past(before: Option<&Entry>, after: &Entry, now: i64) -> Option<(String, &'static str)> {
    let phase = after.running(now)?;
    let is_live = |before: &Entry| before.phases.iter().any(|live| live.id == phase.id && live.has_started(now));
    if before.is_some_and(is_live) {
        return None;
    }
    let later = "start it at a moment that is still to come";
    Some(match after.kind {
        Kind::Experiment => (format!("phase {} of {after} is new, and starts in the past", phase.id), later),
        Kind::Holdout => (format!("{after} is new, and starts in the past"), later),
        Kind::Ramp => {
            let message = format!("{after} is new, and starts at {} at once", phase.share());
            (message, "date its steps from a moment on that is still to come")
        }
    })
}

/// Where things are written.
struct Text<'r> {
    ruleset: &'r Ruleset,
    environment: usize,
}

impl<'r> Text<'r> {
    /// A place of what a rule leads into; the start of the ruleset if nothing is left of it.
    fn place(&self, entry: &Entry, at: At) -> Place {
        let rule = || self.rule(entry).map(|rule| rule.place).or_else(|| self.flag(&entry.flag));
        let place = match (at, entry.kind) {
            (At::Entry, Kind::Experiment) => place_of(&self.ruleset.experiments, &entry.name),
            (At::Entry | At::Rule, Kind::Holdout) => place_of(&self.ruleset.holdouts, &entry.name),
            (At::Entry | At::Rule, Kind::Ramp) | (At::Rule, Kind::Experiment) => rule(),
            (At::Flag(flag), _) => self.flag(flag),
        };
        place.unwrap_or(Place { file: 0, line: 1, column: 1 })
    }

    fn flag(&self, name: &str) -> Option<Place> {
        place_of(&self.ruleset.flags, name)
    }

    /// Where a rule is written, by its flag and id.
    fn place_of_rule(&self, flag: &str, id: &str) -> Place {
        let named = self.ruleset.flags.iter().find(|named| named.name == flag);
        let rule = named.and_then(|named| place_of(&named.item.within(self.environment).rules, id));
        rule.or_else(|| self.flag(flag)).unwrap_or(Place { file: 0, line: 1, column: 1 })
    }

    fn rule(&self, entry: &Entry) -> Option<&'r Named<Rule>> {
        let flag = self.ruleset.flags.iter().find(|flag| flag.name == entry.flag)?;
        let leads_here = |rule: &&Named<Rule>| match &rule.item.action {
            Action::Experiment(index) => {
                self.ruleset.experiments.get(*index).is_some_and(|experiment| experiment.name == entry.name)
            }
            Action::Ramp(_) => entry.name == format!("{}/{}", entry.flag, rule.name),
            Action::Serve(_) => false,
        };
        flag.item.within(self.environment).rules.iter().find(leads_here)
    }
}

fn place_of<T>(list: &[Named<T>], name: &str) -> Option<Place> {
    list.iter().find(|named| named.name == name).map(|named| named.place)
}
