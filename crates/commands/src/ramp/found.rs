//! The ramps of a ruleset.

use waft_ruleset::finding::{Finding, Place, Severity};
use waft_ruleset::ramp::{Evidence, Next, Verdict};
use waft_ruleset::{Action, Flag, Named, Ramp, Rule, Ruleset, counted};

use crate::host::Host;
use crate::input::{self, Sources};

/// Which ramps, and what is known of them beside the rules.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// A flag, or a flag and a rule: `new-header/ramp`.
    pub ramp: Option<String>,
    /// An environment, for flags that differ there.
    pub environment: Option<String>,
    /// How many units were seen since the current step began.
    pub units: Option<u64>,
    /// Guardrails that are known to be safe.
    pub safe: Vec<String>,
    /// Guardrails that are known to be harmed.
    pub harmed: Vec<String>,
    /// Whether somebody approved the next step.
    pub approved: bool,
}

/// A ramp, and where it is written.
pub(super) struct Found<'r> {
    /// `flag/rule`.
    pub(super) name: String,
    pub(super) rule: Place,
    /// The environments that have it so.
    pub(super) environments: Vec<&'r str>,
    pub(super) ramp: &'r Ramp,
}

impl Known {
    /// A ruleset without errors, and its files.
    pub(super) fn read(&self, host: &dyn Host) -> Result<(Ruleset, Sources), String> {
        let sources = input::sources(host, &self.ruleset)?;
        match input::check(host, &sources) {
            Ok((ruleset, _)) => Ok((ruleset, sources)),
            Err(findings) => Err(self.refused(host, &findings)),
        }
    }

    /// Tells the errors of a ruleset.
    pub(super) fn refused(&self, host: &dyn Host, findings: &[Finding]) -> String {
        let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors().for_each(|finding| host.err(&finding.to_string()));
        format!("{}: {}", self.ruleset, counted(errors().count(), "error"))
    }

    /// The ramps that are meant: at least one.
    pub(super) fn find<'r>(&self, ruleset: &'r Ruleset) -> Result<Vec<Found<'r>>, String> {
        let environments = &ruleset.environments;
        if let Some(name) = self.environment.as_deref().filter(|name| environments.iter().all(|one| one.name != *name))
        {
            return Err(format!("--environment {name}: the ruleset has no such environment"));
        }
        let mut found: Vec<Found<'r>> = Vec::new();
        for (index, environment) in environments.iter().enumerate() {
            if self.environment.as_ref().is_some_and(|name| *name != environment.name) {
                continue;
            }
            for (flag, rule, ramp) in ramps(ruleset, index) {
                let name = format!("{}/{}", flag.name, rule.name);
                match found.iter_mut().find(|other| other.rule == rule.place) {
                    Some(other) => other.environments.push(&environment.name),
                    None => found.push(Found { name, rule: rule.place, environments: vec![&environment.name], ramp }),
                }
            }
        }
        if let Some(wanted) = &self.ramp {
            let inside = format!("{wanted}/");
            let names: Vec<String> = found.iter().map(|found| found.name.clone()).collect();
            found.retain(|found| found.name == *wanted || found.name.starts_with(&inside));
            if found.is_empty() {
                return Err(match names.as_slice() {
                    [] => format!("{}: no ramps", self.ruleset),
                    _ => format!("{wanted}: no such ramp; the ruleset has {}", names.join(", ")),
                });
            }
        }
        Ok(found)
    }

    /// What comes next in a ramp.
    pub(super) fn next(&self, ramp: &Ramp, now: u32) -> Next {
        let verdicts =
            |names: &[String], verdict: Verdict| names.iter().map(|name| (name.clone(), verdict)).collect::<Vec<_>>();
        let guards = [verdicts(&self.harmed, Verdict::Harmed), verdicts(&self.safe, Verdict::Safe)].concat();
        ramp.next(now, &Evidence { units: self.units, approved: self.approved, guards: &guards })
    }
}

/// The present, in seconds since 1970.
pub(super) fn now(host: &dyn Host) -> u32 {
    u32::try_from(input::seconds(host.now())).unwrap_or(u32::MAX)
}

fn ramps(ruleset: &Ruleset, environment: usize) -> impl Iterator<Item = (&Named<Flag>, &Named<Rule>, &Ramp)> {
    ruleset.flags.iter().flat_map(move |flag| {
        flag.item.within(environment).rules.iter().filter_map(move |rule| match &rule.item.action {
            Action::Ramp(ramp) => Some((flag, rule, ramp)),
            Action::Serve(_) | Action::Experiment(_) => None,
        })
    })
}
