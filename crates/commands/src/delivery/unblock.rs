//! `waft release unblock`: rules that were taken back may be released again, says somebody whose key counts for releases.

use super::trusted::{Pages, Trusted, told};
use super::{Key, Place, blocked, proposal, reject, written};
use crate::exit::{self, Ended, Exit};
use crate::host::Host;
use crate::records::{History, Stage, Step};

/// What to unblock, and why.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// The version that was taken back; the highest if absent.
    pub version: Option<u64>,
    /// The key of somebody who may sign releases.
    pub key: Key,
    /// The reason.
    pub why: String,
}

/// Signs and records.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, unblock(options, host))
}

fn unblock(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { place, version, key, why } = options;
    let records = &place.records;
    reject::check_reason(why)?;
    let history = History::read(host, records)?;
    let trusted = Trusted::now(host, place, &history, Pages::Recorded)?;
    let mut all = blocked::all(host, records, (&history, &trusted));
    let found = match version {
        Some(version) => all.remove(version),
        None => all.pop_last().map(|(_, last)| last),
    };
    let Some(found) = found else {
        return Err(Ended::from(match version {
            Some(version) => format!("version {version}: is not blocked: nothing was signed"),
            None => "nothing is blocked: nothing was signed".to_owned(),
        }));
    };
    let bytes = proposal::read(host, records, &found.file, &found.step)?;
    let signed = trusted.sign_reason(host, key, blocked::ROLE, &bytes)?;
    let who = told(&signed);
    let step = Step {
        stage: Stage::Unblock,
        at: written::now(host),
        proposal: None,
        why: Some(why.clone()),
        checks: Vec::new(),
        changes: Vec::new(),
        effect: Vec::new(),
        exceeds: Vec::new(),
        signed: vec![signed],
        trust: trusted.document.number,
        ..found.step
    };
    let file = written::append(host, records, history, &step, |_| Ok(()))?;
    host.err(&format!("{file}: the rules of version {} may be released again, says {who}", step.version));
    Ok(Exit::Done)
}
