//! The ramps of a ruleset.

use waft_ruleset::finding::{Finding, Place, Severity};
use waft_ruleset::ramp::{Evidence, Next, Verdict};
use waft_ruleset::{Action, Flag, Named, Ramp, Rule, Ruleset, Share, counted, suggestion};

use super::measured::Measured;
use super::released::Released;
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
    /// The file of a report, as `waft report --format json` prints it: units and guardrails are those of its environment.
    pub report: Option<String>,
    /// How many units the ramp has exposed.
    pub units: Option<u64>,
    /// Guardrails that are known to be safe.
    pub safe: Vec<String>,
    /// Guardrails that are known to be harmed.
    pub harmed: Vec<String>,
    /// Whether somebody approved the next step.
    pub approved: bool,
    /// The folder of records, by which holds count from when a step went out. Of none it is not known.
    pub records: Option<String>,
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
    pub(crate) fn read(&self, host: &dyn Host) -> Result<(Ruleset, Sources), String> {
        let sources = input::sources(host, &self.ruleset)?;
        match input::check(host, &sources) {
            Ok((ruleset, _)) => Ok((ruleset, sources)),
            Err(findings) => Err(self.refused(host, &findings)),
        }
    }

    /// Tells the errors of a ruleset.
    pub(super) fn refused(&self, host: &dyn Host, findings: &[Finding]) -> String {
        let errors = || findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors().for_each(|finding| host.finding(finding));
        let first = errors().next().map_or_else(String::new, |first| format!(": {first}"));
        format!("{}: {}{first}", self.ruleset, counted(errors().count(), "error"))
    }

    /// What a report says, if one was given.
    pub(super) fn measured(&self, host: &dyn Host, project: &str) -> Result<Option<Measured>, String> {
        let Some(path) = &self.report else { return Ok(None) };
        let read = |text: String| Measured::read(&text, project, host.now());
        let measured =
            input::text(host, path).and_then(|text| read(text).map_err(|error| format!("{path}: {error}")))?;
        match self.environment.as_deref().filter(|environment| *environment != measured.environment()) {
            Some(environment) => {
                Err(format!("{path}: a report of `{}`, not of `{environment}`", measured.environment()))
            }
            None => Ok(Some(measured)),
        }
    }

    /// The files that the ramps which are meant are written in: what a change of them writes.
    pub fn files(&self, host: &dyn Host) -> Result<Vec<String>, String> {
        let (ruleset, sources) = self.read(host)?;
        let measured = self.measured(host, &ruleset.project)?;
        let found = self.find(&ruleset, measured.as_ref())?;
        let mut files: Vec<String> =
            found.iter().filter_map(|found| Some(sources.files.get(found.rule.file)?.name.clone())).collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// The ramps that are meant: at least one.
    pub(super) fn find<'r>(&self, ruleset: &'r Ruleset, measured: Option<&Measured>) -> Result<Vec<Found<'r>>, String> {
        let wanted = measured.map(Measured::environment).or(self.environment.as_deref());
        let environments = &ruleset.environments;
        if let Some(name) = wanted.filter(|name| environments.iter().all(|one| one.name != *name)) {
            return Err(format!("--environment {name}: the ruleset has no such environment"));
        }
        let mut found: Vec<Found<'r>> = Vec::new();
        for (index, environment) in environments.iter().enumerate() {
            if wanted.is_some_and(|name| name != environment.name) {
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
        self.check_guards(&found)?;
        Ok(found)
    }

    /// Refuses what is said of a guardrail that none of the ramps has: one that is harmed and misspelt would hold nothing.
    fn check_guards(&self, found: &[Found<'_>]) -> Result<(), String> {
        let guards = || found.iter().flat_map(|found| &found.ramp.guard).map(|guard| guard.metric.as_str());
        for (option, names) in [("--safe", &self.safe), ("--harmed", &self.harmed)] {
            if let Some(name) = names.iter().find(|name| guards().all(|known| known != *name)) {
                return Err(format!("{option} {name}: no such guardrail: {}", suggestion(name, guards())));
            }
        }
        Ok(())
    }

    /// When steps went out, by environment.
    pub(super) fn released<'h>(
        &'h self,
        host: &'h dyn Host,
        ruleset: &Ruleset,
    ) -> Result<Vec<(String, Released<'h>)>, String> {
        let Some(folder) = &self.records else { return Ok(Vec::new()) };
        let one = |environment: &str| {
            Ok((environment.to_owned(), Released::read(host, folder, (&ruleset.project, environment))?))
        };
        ruleset.environments.iter().map(|environment| one(&environment.name)).collect()
    }

    /// What comes next in a ramp. What is said on the command line goes before what was measured. Of several environments that have it so,
    /// the last to get its step counts.
    pub(super) fn next(
        &self,
        Found { name, ramp, environments, .. }: &Found<'_>,
        measured: Option<&Measured>,
        released: &[(String, Released<'_>)],
        now: u32,
    ) -> Next {
        let own = released.iter().filter(|(environment, _)| environments.contains(&environment.as_str()));
        let out = own.map(|(_, released)| released.of(name, ramp, now)).max().unwrap_or_default();
        let (counted, judged) = measured.map(|measured| measured.of(name, ramp)).unwrap_or_default();
        let told = |names: &[String], verdict: Verdict| -> Vec<(String, Verdict)> {
            names.iter().map(|name| (name.clone(), verdict)).collect()
        };
        let guards = [told(&self.harmed, Verdict::Harmed), told(&self.safe, Verdict::Safe), judged].concat();
        ramp.next(now, &Evidence { units: self.units.or(counted), approved: self.approved, guards: &guards, out })
    }
}

/// A step that begins by itself, or would if its ramp were not paused.
pub(crate) struct Ahead {
    /// The share that it rises to.
    pub(crate) to: Share,
    /// When, in seconds since 1970.
    pub(crate) at: u32,
    /// Whether the rules pause the ramp before it.
    pub(crate) is_paused: bool,
    /// When the first step of the ramp began, in seconds since 1970.
    pub(crate) began: u32,
}

/// The next step of the one ramp that is meant, if it has a date.
pub(crate) fn dated(known: &Known, host: &dyn Host) -> Result<Option<Ahead>, String> {
    let (ruleset, _) = known.read(host)?;
    let found = known.find(&ruleset, None)?;
    let ahead = |Found { ramp, .. }: &Found<'_>| {
        let begun = ramp.steps.iter().take_while(|(_, at)| *at <= now(host)).count();
        let step = ramp.plan.get(begun)?;
        let (at, began) = (step.at?, ramp.steps.first().map_or(0, |(_, at)| *at));
        Some(Ahead { to: step.to, at, is_paused: ramp.paused.is_some_and(|paused| paused <= at), began })
    };
    Ok(found.iter().find_map(ahead))
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
