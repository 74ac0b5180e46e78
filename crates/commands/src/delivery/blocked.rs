//! Rules that were taken back: a release of them would bring back what a roll-back ended, until somebody signs that it may.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use waft::envelope::Envelope;
use waft::manifest::Digest;

use super::trusted::{self, Trusted};
use super::{draft, proposal};
use crate::exit::Ended;
use crate::host::Host;
use crate::records::{History, Stage, Step};
use waft_compile::refusal;

/// The role of a signature that unblocks. No trust asks for it, so that it never counts as an approval.
pub(super) const ROLE: &str = "unblocked";

/// A release that was taken back.
pub(super) struct Blocked {
    /// Its record.
    pub(super) file: String,
    pub(super) step: Step,
    /// The record of the release that took it back, and the version whose rules came back with it.
    by: String,
    back_to: u64,
    /// Why records that would unblock it count for nothing.
    void: Vec<String>,
}

impl Blocked {
    /// Why they are not released, and what to do.
    pub(super) fn told(&self) -> String {
        let Blocked { step: Step { version, source, .. }, by, void, .. } = self;
        let void: String = void.iter().map(|why| format!("; {why}: it counts for nothing")).collect();
        let (of, revert) = match source {
            Some(source) => (format!(", {source}"), format!("revert {source}")),
            None => (String::new(), "revert what it changed".to_owned()),
        };
        format!(
            "these are the rules of version {version}{of}, which was taken back ({by}): {revert}, or change the rules; or sign that they may \
             come back: `waft release unblock {version}`{void}"
        )
    }
}

/// The same for scripts, of all.
pub(super) fn json(host: &dyn Host, records: &str, of: (&History, &Trusted)) -> Json {
    let one = |Blocked { file, step, by, .. }: Blocked| json!({ "version": step.version, "source": step.source, "record": file, "by": by });
    all(host, records, of).into_values().map(one).collect()
}

/// What was taken back and not unblocked since, by version.
pub(super) fn all(host: &dyn Host, records: &str, (history, trusted): (&History, &Trusted)) -> BTreeMap<u64, Blocked> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let (mut releases, mut blocked) = (Vec::<(&str, &Step)>::new(), BTreeMap::new());
    for (by, step) in history.steps(project, environment) {
        match (step.stage, step.rules_of) {
            (Stage::Release, back) => {
                let taken = |version: u64| back.is_some_and(|back| version > back && version <= step.base.version);
                for (file, taken) in releases.iter().filter(|(_, step)| taken(step.version)) {
                    let (file, taken) = ((*file).to_owned(), (*taken).clone());
                    let back_to = back.unwrap_or_default();
                    blocked.insert(
                        taken.version,
                        Blocked { file, step: taken, by: by.to_owned(), back_to, void: Vec::new() },
                    );
                }
                releases.push((by, step));
            }
            (Stage::Unblock, _) => {
                let Some(mut one) = blocked.remove(&step.version) else { continue };
                let snapshot = proposal::read(host, records, &one.file, &one.step);
                let checked = snapshot.and_then(|bytes| check_signed((history, trusted), (by, step), &bytes));
                if let Err(why) = checked {
                    one.void.push(why);
                    blocked.insert(step.version, one);
                }
            }
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
    for (_, blocked) in all(host, records, (history, trusted)).into_iter().rev() {
        let Some(own) = kept(host, records, &blocked.file, &blocked.step)? else {
            let (path, version) = (draft::beside(records, &blocked.step.snapshot), blocked.step.version);
            host.err(&format!(
                "waft: warning: {path}: is gone, so that nobody can tell whether these are the rules of version {version}, which was taken back: \
                 restore it"
            ));
            continue;
        };
        if own != *rules {
            continue;
        }
        let mut releases = history.steps(project, environment);
        let back = releases.find(|(_, step)| step.stage == Stage::Release && step.version == blocked.back_to);
        let came_back = back.map(|(file, step)| kept(host, records, file, step)).transpose()?.flatten();
        if came_back.as_ref() != Some(rules) {
            return Ok(Some(blocked));
        }
    }
    Ok(None)
}

/// The record by which somebody signed that these rules may come back, before a moment. A snapshot that is gone tells nothing; a record that
/// nobody signed whose key counted is told, and counts for nothing.
pub(super) fn unblocked(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&History, &Trusted),
    (rules, until): (&Digest, i64),
) -> Option<String> {
    let steps = || history.steps(&trusted.document.project, &trusted.document.environment);
    let released = |version: u64| steps().find(|(_, step)| step.stage == Stage::Release && step.version == version);
    let snapshot = |version: u64| {
        let (file, step) = released(version)?;
        let bytes = proposal::read(host, records, file, step).ok()?;
        (rules_in(file, &bytes).ok()? == *rules).then_some(bytes)
    };
    let unblocked = steps().filter(|(_, step)| step.stage == Stage::Unblock && step.at <= until);
    let mut of_these = unblocked.filter_map(|(file, step)| Some((file, step, snapshot(step.version)?)));
    let signed = of_these.find(|(file, step, bytes)| {
        let checked = check_signed((history, trusted), (file, step), bytes);
        checked.map_err(|why| host.err(&format!("waft: warning: {why}: it counts for nothing"))).is_ok()
    });
    signed.map(|(file, ..)| file.to_owned())
}

/// Whether a record was signed as it says, over the snapshot of the release that may come back, by the trust of its time; or why not.
fn check_signed(
    (history, trusted): (&History, &Trusted),
    (file, step): (&str, &Step),
    snapshot: &[u8],
) -> Result<(), String> {
    let (number, document) = (step.trust, &trusted.document);
    let before = history.steps(&document.project, &document.environment).take_while(|(one, _)| *one != file);
    let of_trust = before.filter(|(_, one)| one.stage == Stage::Trust && one.version <= document.number);
    // Else a key that was taken out would name the trust in which it counted.
    let reached = of_trust.map(|(_, one)| one.version).max().unwrap_or(0);
    if number < reached {
        return Err(format!("{file}: names trust number {number}, and {reached} was recorded before it"));
    }
    let then = trusted
        .numbered(number)
        .ok_or_else(|| format!("{file}: names trust number {number}, which is neither recorded nor published"))?;
    let signed = step.signed.iter().find(|signed| signed.role == ROLE);
    let signed = signed.ok_or_else(|| format!("{file}: nobody signed that they may come back"))?;
    if !then.lists(signed) || then.attach(file, snapshot, signed)?.is_none() {
        let who = trusted::told(signed);
        return Err(format!(
            "{file}: the trust of its time, number {number}, lists the key of {who} in no role of releases"
        ));
    }
    Ok(())
}

/// The rules of a release, by its snapshot.
pub(super) fn rules_of(host: &dyn Host, records: &str, file: &str, step: &Step) -> Result<Digest, Ended> {
    Ok(rules_in(file, &proposal::read(host, records, file, step)?)?)
}

/// The same; `None` if the snapshot is gone.
fn kept(host: &dyn Host, records: &str, file: &str, step: &Step) -> Result<Option<Digest>, Ended> {
    if proposal::is_gone(host, records, step) { Ok(None) } else { rules_of(host, records, file, step).map(Some) }
}

fn rules_in(file: &str, snapshot: &[u8]) -> Result<Digest, String> {
    let envelope = Envelope::read(snapshot).map_err(|one| format!("{file}: {}", refusal::sentence(one)))?;
    Ok(draft::rules(&envelope))
}
