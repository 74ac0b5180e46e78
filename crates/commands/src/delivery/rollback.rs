//! `waft release rollback`: proposes the rules of an earlier release under a new, higher version.

use waft::envelope::Envelope;

use super::draft::{self, Draft};
use super::live::Live;
use super::propose::{self, Options, Origin};
use super::trusted::Trusted;
use super::{blocked, proposal};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::records::{History, Stage, Step};
use crate::{against, head::kill, input};
use waft_compile::refusal;

/// Proposes the rules of a version that was published; of the one before the last if none is named. `options.ruleset` is not read.
pub fn run(options: &Options, to: Option<u64>, host: &dyn Host) -> Exit {
    exit::end(host, rollback(options, to, host))
}

fn rollback(options: &Options, to: Option<u64>, host: &dyn Host) -> Result<Exit, Ended> {
    let (records, trust) = (&options.place.records, &options.place.trust);
    kill::check_reason(options.why.as_deref())?;
    let trusted = Trusted::read(host, trust)?;
    let history = History::read(host, records)?;
    let Some(live) = Live::read(host, options.live.as_deref(), &trusted, &history)? else {
        return Err(Ended::from("nothing is live: there is nothing to roll back".to_owned()));
    };
    let (file, step) = target(&history, &trusted, to, &live)?;
    let bytes = proposal::read(host, records, &file, &step)?;
    let path = draft::beside(records, &step.snapshot);
    let envelope = Envelope::read(&bytes).map_err(|one| format!("{path}: {}", refusal::sentence(one)))?;
    let earlier = draft::program(&|path| input::file(host, path), &path, &envelope)?;
    let mut body = envelope.body.to_vec();
    let stopped = against::stop(&live.program, &earlier, &mut body, host.now());
    let stopped = stopped.map_err(|error| format!("version {}: {error}; nothing was proposed", step.version))?;
    let lifetime = envelope.claims.expires.saturating_sub(envelope.claims.issued);
    let claims =
        propose::claims(options, host, &trusted, propose::version(&history, Some(&live), &trusted), Some(lifetime))?;
    let draft = Draft { claims, body, lists: draft::lists(&|path| input::file(host, path), &path, &envelope)? };
    if propose::is_same(&live, &draft, host.now()) {
        return Err(Ended::from(format!(
            "version {}, which is live, has the rules of version {}: nothing to propose",
            live.version, step.version
        )));
    }
    let as_it_was = if stopped.is_empty() { "as they were published" } else { "but for what is stopped" };
    let mut checks = vec![format!("the rules of version {}, {as_it_was} ({file})", step.version)];
    checks.extend(stopped.iter().cloned());
    stopped.iter().for_each(|line| host.err(&format!("waft: {line}")));
    tell_sources(host, &history, &trusted, step.version);
    let made = Origin { checks, rules_of: Some(step.version), require: step.require, ..Origin::default() };
    propose::finish(options, host, (history, &trusted), (&draft, made), Some(&live))
}

/// The release whose rules come back.
fn target(history: &History, trusted: &Trusted, to: Option<u64>, live: &Live) -> Result<(String, Step), Ended> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let releases: Vec<(&str, &Step)> =
        history.steps(project, environment).filter(|(_, step)| step.stage == Stage::Release).collect();
    let of = |version: u64| releases.iter().find(|(_, step)| step.version == version);
    // Not what was taken back before, nor what came back in its place.
    let (taken, back) = (blocked::all(history, trusted), of(live.version).and_then(|(_, step)| step.rules_of));
    let is_one = |version: u64| version < live.version && !taken.contains_key(&version) && Some(version) != back;
    let found = match to {
        Some(version) => of(version),
        None => releases.iter().rfind(|(_, step)| is_one(step.version)),
    };
    let (file, step) = found.ok_or_else(|| match to {
        Some(version) => format!("--to {version}: no record of such a release: `waft release history` lists them"),
        None => format!("no record of a release before version {}, which is live", live.version),
    })?;
    if step.version >= live.version {
        return Err(Ended::from(format!("--to {}: version {} is live", step.version, live.version)));
    }
    Ok(((*file).to_owned(), (*step).clone()))
}

/// Says what to revert in the rules, which the next release would bring back otherwise.
fn tell_sources(host: &dyn Host, history: &History, trusted: &Trusted, back_to: u64) {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let later =
        history.steps(project, environment).filter(|(_, step)| step.stage == Stage::Release && step.version > back_to);
    for (file, step) in later {
        let source = step.source.as_ref().map_or_else(|| file.to_owned(), |source| format!("{source} ({file})"));
        host.err(&format!(
            "waft: revert in the rules, or the next release brings it back: version {}, {source}",
            step.version
        ));
    }
}
