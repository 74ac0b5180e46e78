//! `waft release rollback`: proposes the rules of an earlier release under a new, higher version.

use waft::envelope::Envelope;

use super::draft::{self, Draft};
use super::live::Live;
use super::propose::{self, Options, Origin};
use super::trusted::{Pages, Trusted};
use super::{blocked, held, proposal};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::records::{History, Stage, Step};
use crate::{against, head::kill, input};
use waft_compile::refusal;

/// How many others are named where the snapshot of a release is gone, the last ones.
const OTHERS: usize = 5;

/// Proposes the rules of a version that was published; of the one before the last if none is named. `options.ruleset` is not read.
pub fn run(options: &Options, to: Option<u64>, host: &dyn Host) -> Exit {
    exit::end(host, rollback(options, to, host))
}

fn rollback(options: &Options, to: Option<u64>, host: &dyn Host) -> Result<Exit, Ended> {
    kill::check_reason(options.why.as_deref())?;
    let history = History::read(host, &options.place.records)?;
    let trusted = Trusted::now(host, &options.place, &history, Pages::of(options.live.as_deref()))?;
    let Some(live) = Live::read(host, options.live.as_deref(), &trusted, &history)? else {
        return Err(Ended::from("nothing is live: there is nothing to roll back".to_owned()));
    };
    let Earlier { draft, made, told } = earlier_rules(options, to, host, (&history, &trusted), &live)?;
    told.iter().for_each(|line| host.err(line));
    propose::finish(options, host, (history, &trusted), (&draft, made), Some(&live))
}

/// The rules that come back, on what is live.
pub(super) struct Earlier {
    pub(super) draft: Draft,
    pub(super) made: Origin,
    /// What is stopped, and what to revert, a line each.
    pub(super) told: Vec<String>,
}

/// Makes them of the record of their release.
pub(super) fn earlier_rules(
    options: &Options,
    to: Option<u64>,
    host: &dyn Host,
    (history, trusted): (&History, &Trusted),
    live: &Live,
) -> Result<Earlier, Ended> {
    let records = &options.place.records;
    let (file, step) = target((host, records), (history, trusted), to, live)?;
    check_kept((host, records), (history, trusted), (&file, &step), live)?;
    let bytes = proposal::read(host, records, &file, &step)?;
    let path = draft::beside(records, &step.snapshot);
    let envelope = Envelope::read(&bytes).map_err(|one| format!("{path}: {}", refusal::sentence(one)))?;
    let earlier = draft::program(&|path| input::file(host, path), &path, &envelope)?;
    let mut body = envelope.body.to_vec();
    let stopped = against::stop(&live.program, &earlier, &mut body, host.now());
    let stopped = stopped.map_err(|error| format!("version {}: {error}; nothing was proposed", step.version))?;
    let lifetime = envelope.claims.expires.saturating_sub(envelope.claims.issued);
    let version = propose::version(history, Some(live), trusted);
    let claims = propose::claims(options, host, trusted, version, Some(lifetime))?;
    let draft = Draft { claims, body, lists: draft::lists(&|path| input::file(host, path), &path, &envelope)? };
    if propose::is_same(live, &draft, host.now()) {
        return Err(Ended::from(format!(
            "version {}, which is live, has the rules of version {}: nothing to propose",
            live.version, step.version
        )));
    }
    let as_it_was = if stopped.is_empty() { "as they were published" } else { "but for what is stopped" };
    // By its number: records are read elsewhere, too, and in git.
    let record = proposal::number(&file);
    let mut checks = vec![format!("the rules of version {}, {as_it_was} (record {record})", step.version)];
    checks.extend(stopped.iter().cloned());
    let told =
        stopped.iter().map(|line| format!("waft: {line}")).chain(sources(history, trusted, step.version)).collect();
    let made = Origin { checks, rules_of: Some(step.version), require: step.require, ..Origin::default() };
    Ok(Earlier { draft, made, told })
}

/// The release whose rules come back.
fn target(
    (host, records): (&dyn Host, &str),
    (history, trusted): (&History, &Trusted),
    to: Option<u64>,
    live: &Live,
) -> Result<(String, Step), Ended> {
    let found = match to {
        Some(version) => releases(history, trusted).find(|(_, step)| step.version == version),
        None => earlier(host, records, (history, trusted), live.version).into_iter().next(),
    };
    let (file, step) = found.ok_or_else(|| match to {
        Some(version) => format!("--to {version}: no record of such a release: `waft release history` lists them"),
        None => format!("no record of a release before version {}, which is live", live.version),
    })?;
    if step.version >= live.version {
        return Err(Ended::from(format!("--to {}: version {} is live", step.version, live.version)));
    }
    Ok((file.to_owned(), step.clone()))
}

/// Refuses a release whose snapshot is gone. Which other one comes back is for somebody to say.
fn check_kept(
    (host, records): (&dyn Host, &str),
    of: (&History, &Trusted),
    (file, step): (&str, &Step),
    live: &Live,
) -> Result<(), Ended> {
    if !proposal::is_gone(host, records, step) {
        return Ok(());
    }
    let others = earlier(host, records, of, live.version).into_iter().map(|(_, step)| step);
    let others = others.filter(|step| !proposal::is_gone(host, records, step)).map(|step| step.version.to_string());
    let others: Vec<String> = others.take(OTHERS).collect();
    let otherwise = match others.is_empty() {
        true => "no other release is kept".to_owned(),
        false => format!("or name one that is kept, by --to: {}", others.join(", ")),
    };
    let path = draft::beside(records, &step.snapshot);
    Err(Ended::from(format!(
        "version {} ({file}): its snapshot, {path}, is gone: restore it from a backup; {otherwise}",
        step.version
    )))
}

/// The release that is live but for holds of its ramps, with its record: these change nothing of what has come, so that what does harm came with it.
pub(super) fn but_for_holds<'h>(history: &'h History, trusted: &'h Trusted, live: u64) -> Option<(&'h str, &'h Step)> {
    let (file, step) = releases(history, trusted).find(|(_, step)| step.version == live)?;
    let is_hold = held::is_one(step) && step.base.version < live;
    let before = is_hold.then(|| but_for_holds(history, trusted, step.base.version)).flatten();
    before.or(Some((file, step)))
}

/// The releases before what is live, the last one first: not what was taken back before, nor what came back in its place. Without what a hold
/// was made of: with its rules the ramp would go on.
pub(super) fn earlier<'h>(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&'h History, &'h Trusted),
    live: u64,
) -> Vec<(&'h str, &'h Step)> {
    let live = but_for_holds(history, trusted, live).map_or(live, |(_, step)| step.version);
    let taken = blocked::all(host, records, (history, trusted));
    let back = releases(history, trusted).find(|(_, step)| step.version == live).and_then(|(_, step)| step.rules_of);
    let is_one = |version: u64| version < live && !taken.contains_key(&version) && Some(version) != back;
    let mut found: Vec<_> = releases(history, trusted).filter(|(_, step)| is_one(step.version)).collect();
    found.reverse();
    found
}

fn releases<'h>(history: &'h History, trusted: &'h Trusted) -> impl Iterator<Item = (&'h str, &'h Step)> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    history.steps(project, environment).filter(|(_, step)| step.stage == Stage::Release)
}

/// What to revert in the rules, which the next release would bring back otherwise.
fn sources(history: &History, trusted: &Trusted, back_to: u64) -> Vec<String> {
    let later = releases(history, trusted).filter(move |(_, step)| step.version > back_to);
    let told = later.map(|(file, step)| {
        let source = step.source.as_ref().map_or_else(|| file.to_owned(), |source| format!("{source} ({file})"));
        format!("waft: revert in the rules, or the next release brings it back: version {}, {source}", step.version)
    });
    told.collect()
}
