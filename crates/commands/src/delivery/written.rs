//! How steps are recorded: the next record of the chain, whoever else writes at the same moment, and the log that is made of all.

use serde_json::{Value as Json, json};

use super::draft::beside;
use crate::exit::Ended;
use crate::host::Host;
use crate::records::{Change, History, Record, Stage, Step};
use waft_ruleset::clock;

/// How often others may take the next number before ours.
const TRIES: usize = 100;
/// All records as JSON, a line each. It is made of them.
const LOG: &str = "log.jsonl";

/// Writes a step as the next record, and returns its file. `still` says whether it may be done after what others did meanwhile.
pub(super) fn append(
    host: &dyn Host,
    folder: &str,
    mut history: History,
    step: &Step,
    still: impl Fn(&History) -> Result<(), Ended>,
) -> Result<String, Ended> {
    for _ in 0..TRIES {
        if history.append_step(host, step)? {
            let file = history.last().to_owned();
            log(host, folder, &history);
            return Ok(file);
        }
        history = History::open(host, folder)?;
        still(&history)?;
    }
    Err(Ended::from(format!("{folder}: others keep writing there")))
}

/// The present second, in milliseconds since 1970.
pub(super) fn now(host: &dyn Host) -> i64 {
    // Asked once: a millisecond that passes between two would make it one less.
    let now = host.now();
    now - now.rem_euclid(1_000)
}

/// Writes the log anew. It can be made again at any time, so that a failure is told and no more.
fn log(host: &dyn Host, folder: &str, history: &History) {
    let text: String = history.records().iter().map(|record| format!("{}\n", json(record))).collect();
    let path = beside(folder, LOG);
    if let Err(error) = host.write(&path, text.as_bytes()) {
        host.err(&format!("waft: warning: {path}: {error}: `waft release history --json` prints the same"));
    }
}

/// Whether the log has more than the records: no other record misses the last one, or has its digest. Kills are in the log with the next step.
pub(super) fn check_log(host: &dyn Host, folder: &str, history: &History) -> Result<(), String> {
    let path = beside(folder, LOG);
    let text = host.read(&path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let records = history.records();
    let Some(last) = records.len().checked_sub(1) else { return Ok(()) };
    for (at, line) in text.lines().enumerate().skip(last) {
        let logged: Json = serde_json::from_str(line).unwrap_or_default();
        let [file, digest] = ["record", "digest"].map(|field| logged.get(field).and_then(Json::as_str));
        let (Some(file), Some(digest)) = (file, digest) else { continue };
        let file = beside(folder, &format!("{}.yaml", super::proposal::number(file)));
        let wrong = match records.get(at) {
            Some(record) if record.digest == digest => continue,
            Some(_) => "was changed, and",
            // Somebody wrote it since the records were read.
            None if host.read_at_most(&file, 1).is_ok() => continue,
            None => "is missing, and",
        };
        return Err(format!(
            "{file}: {wrong} {path} has it as it was: restore it, for example from git; if another record took its place, remove {LOG}"
        ));
    }
    Ok(())
}

/// A record, for scripts.
pub(super) fn json(record: &Record) -> Json {
    let Record { file, digest, killing, step, .. } = record;
    if let Some(killing) = killing {
        return json!({
            "record": file,
            "digest": digest,
            "kind": if killing.change == Change::Kill { "kill" } else { "unkill" },
            "at": clock::text(killing.at),
            "project": killing.project,
            "environment": killing.environment,
            "flags": killing.flags,
            "list": killing.list,
            "by": killing.name.as_ref().unwrap_or(&killing.key),
            "why": killing.why,
        });
    }
    let Some(step) = step else { return json!({ "record": file, "digest": digest, "kind": null }) };
    json!({
        "record": file,
        "digest": digest,
        "kind": step.stage.kind(),
        "at": clock::text(step.at),
        "project": step.project,
        "environment": step.environment,
        "version": step.version,
        "snapshot": step.digest,
        "proposal": step.proposal,
        "base": { "version": step.base.version, "digest": step.base.digest },
        "rulesOf": step.rules_of,
        "source": step.source,
        "why": step.why,
        "checks": step.checks,
        "changes": step.changes,
        "effect": step.effect,
        "signed": step.signed.iter().map(|signed| json!({ "role": signed.role, "key": signed.key, "name": signed.name })).collect::<Vec<_>>(),
        "trust": step.trust,
    })
}

/// A record, for people.
pub(super) fn told(record: &Record) -> String {
    let number = super::proposal::number(&record.file);
    let why = |why: &Option<String>| why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
    if let Some(killing) = &record.killing {
        let by = killing.name.as_ref().unwrap_or(&killing.key);
        let kind = if killing.change == Change::Kill { "kill" } else { "unkill" };
        let (at, flags) = (clock::text(killing.at), killing.flags.join(", "));
        return format!("{number} {at} {kind} {flags} in {} by {by}{}", killing.environment, why(&killing.why));
    }
    let Some(step) = &record.step else { return format!("{number} of a later version of waft") };
    let by: Vec<String> = step.signed.iter().map(super::trusted::told).collect();
    let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    let of = match (step.stage, step.rules_of) {
        (Stage::Propose | Stage::Release, Some(version)) => format!(" with the rules of {version}"),
        _ => String::new(),
    };
    let proposal = step.proposal.as_ref().map_or_else(String::new, |number| format!(" ({number})"));
    let (at, kind) = (clock::text(step.at), step.stage.kind());
    if step.stage == Stage::Trust {
        let (version, environment) = (step.version, &step.environment);
        return format!("{number} {at} {kind} document {version} in {environment}{by}{}", why(&step.why));
    }
    format!("{number} {at} {kind}{proposal} version {} in {}{of}{by}{}", step.version, step.environment, why(&step.why))
}
