//! `waft release rollback`: proposes the rules of an earlier release under a new, higher version.

use waft::envelope::Envelope;

use super::draft::{self, Draft};
use super::live::Live;
use super::proposal;
use super::propose::{self, Options, Origin};
use super::trusted::Trusted;
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
    let changed = against::started(&live.program, &earlier, host.now());
    if !changed.is_empty() {
        changed.iter().for_each(|line| host.err(&format!("waft: {line}")));
        return Err(Ended::from(format!(
            "version {} cannot come back as it was: what has started since would return to an older phase or range: turn the flag off with \
             `waft kill`, or end these in the rules, revert the rest, and propose that; nothing was proposed",
            step.version
        )));
    }
    let lifetime = envelope.claims.expires.saturating_sub(envelope.claims.issued);
    let claims =
        propose::claims(options, host, &trusted, propose::version(&history, Some(&live), &trusted), Some(lifetime))?;
    let draft = Draft {
        claims,
        body: envelope.body.to_vec(),
        lists: draft::lists(&|path| input::file(host, path), &path, &envelope)?,
    };
    let checks = vec![
        format!("the rules of version {}, as they were published ({file})", step.version),
        format!("nothing that has started is changed, against version {}", live.version),
    ];
    tell_sources(host, &history, &trusted, step.version);
    let made = Origin { checks, rules_of: Some(step.version), require: step.require, ..Origin::default() };
    propose::finish(options, host, (history, &trusted), (&draft, made), Some(&live))
}

/// The release whose rules come back.
fn target(history: &History, trusted: &Trusted, to: Option<u64>, live: &Live) -> Result<(String, Step), Ended> {
    let (project, environment) = (&trusted.document.project, &trusted.document.environment);
    let mut releases = history.steps(project, environment).filter(|(_, step)| step.stage == Stage::Release);
    let found = match to {
        Some(version) => releases.find(|(_, step)| step.version == version),
        None => releases.rfind(|(_, step)| step.version < live.version),
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
