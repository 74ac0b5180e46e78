//! Rules that were taken back: a release of them would bring back what a roll-back ended, until somebody signs that it may.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use waft::envelope::Envelope;
use waft::manifest::Digest;

use super::trusted::Trusted;
use super::{draft, proposal};
use crate::exit::Ended;
use crate::host::Host;
use crate::records::{History, Stage, Step};
use waft_compile::refusal;

/// A release that was taken back.
pub(super) struct Blocked {
    /// Its record.
    pub(super) file: String,
    pub(super) step: Step,
    /// The record of the release that took it back, and the version whose rules came back with it.
    by: String,
    back_to: u64,
}

impl Blocked {
    /// Why they are not released, and what to do.
    pub(super) fn told(&self) -> String {
        let Blocked { step: Step { version, source, .. }, by, .. } = self;
        let (of, revert) = match source {
            Some(source) => (format!(", {source}"), format!("revert {source}")),
            None => (String::new(), "revert what it changed".to_owned()),
        };
        format!(
            "these are the rules of version {version}{of}, which was taken back ({by}): {revert}, or change the rules; or sign that they may \
             come back: `waft release unblock {version}`"
        )
    }
}

/// The same for scripts, of all.
pub(super) fn json(history: &History, trusted: &Trusted) -> Json {
    let one = |Blocked { file, step, by, .. }: Blocked| json!({ "version": step.version, "source": step.source, "record": file, "by": by });
    all(history, trusted).into_values().map(one).collect()
}

/// What was taken back and not unblocked since, by version.
pub(super) fn all(history: &History, trusted: &Trusted) -> BTreeMap<u64, Blocked> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let (mut releases, mut blocked) = (Vec::<(&str, &Step)>::new(), BTreeMap::new());
    for (by, step) in history.steps(project, environment) {
        match (step.stage, step.rules_of) {
            (Stage::Release, back) => {
                let taken = |version: u64| back.is_some_and(|back| version > back && version <= step.base.version);
                for (file, taken) in releases.iter().filter(|(_, step)| taken(step.version)) {
                    let (file, taken) = ((*file).to_owned(), (*taken).clone());
                    let back_to = back.unwrap_or_default();
                    blocked.insert(taken.version, Blocked { file, step: taken, by: by.to_owned(), back_to });
                }
                releases.push((by, step));
            }
            (Stage::Unblock, _) => drop(blocked.remove(&step.version)),
            (Stage::Propose | Stage::Approve | Stage::Reject | Stage::Trust, _) => {}
        }
    }
    blocked
}

/// The release that was taken back with these rules. What a roll-back brought back is not blocked by it.
pub(super) fn find(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&History, &Trusted),
    rules: &Digest,
) -> Result<Option<Blocked>, Ended> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    for (_, blocked) in all(history, trusted).into_iter().rev() {
        if rules_of(host, records, &blocked.file, &blocked.step)? != *rules {
            continue;
        }
        let mut releases = history.steps(project, environment);
        let back = releases.find(|(_, step)| step.stage == Stage::Release && step.version == blocked.back_to);
        let came_back = back.map(|(file, step)| rules_of(host, records, file, step)).transpose()?;
        if came_back.as_ref() != Some(rules) {
            return Ok(Some(blocked));
        }
    }
    Ok(None)
}

/// The record by which somebody signed that these rules may come back, before a moment. A snapshot that is gone tells nothing.
pub(super) fn unblocked(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&History, &Trusted),
    (rules, until): (&Digest, i64),
) -> Option<String> {
    let steps = || history.steps(&trusted.document.project, &trusted.document.environment);
    let released = |version: u64| steps().find(|(_, step)| step.stage == Stage::Release && step.version == version);
    let is_one = |version: u64| {
        let (file, step) = released(version)?;
        rules_of(host, records, file, step).ok().filter(|own| own == rules)
    };
    let mut unblocked = steps().filter(|(_, step)| step.stage == Stage::Unblock && step.at <= until);
    unblocked.find_map(|(file, step)| is_one(step.version).map(|_| file.to_owned()))
}

/// The rules of a release, by its snapshot.
pub(super) fn rules_of(host: &dyn Host, records: &str, file: &str, step: &Step) -> Result<Digest, Ended> {
    let bytes = proposal::read(host, records, file, step)?;
    let envelope = Envelope::read(&bytes).map_err(|one| format!("{file}: {}", refusal::sentence(one)))?;
    Ok(draft::rules(&envelope))
}
