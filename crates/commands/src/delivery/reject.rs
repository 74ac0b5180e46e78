//! `waft release reject`: a proposal is taken out of the way, by somebody whose key counts for releases.

use super::proposal::Proposal;
use super::trusted::{Pages, Trusted, told};
use super::{Key, Place, written};
use crate::exit::{self, Ended, Exit};
use crate::head::kill;
use crate::host::Host;
use crate::records::{History, Stage, Step};

/// The role of a signature that rejects. No trust can ask for it, so that it never counts as an approval.
pub(super) const ROLE: &str = "rejected";

/// What to reject, and why.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// The number of the proposal's record; the one that is open if absent.
    pub proposal: Option<String>,
    /// The key of somebody who may sign releases.
    pub key: Key,
    /// The reason.
    pub why: String,
}

/// Rejects and records.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, reject(options, host))
}

/// Whether there is a reason: it is all that others will know of it. A variable that was not set is none.
pub(super) fn check_reason(why: &str) -> Result<(), Ended> {
    kill::check_reason(Some(why))?;
    match why.trim() {
        "" => Err(Ended(Exit::Usage, "--why: expected the reason, for the record; nothing was signed".to_owned())),
        _ => Ok(()),
    }
}

fn reject(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { place, proposal: named, key, why } = options;
    let records = &place.records;
    check_reason(why)?;
    let history = History::read(host, records)?;
    let trusted = Trusted::now(host, place, &history, Pages::Recorded)?;
    let proposal = Proposal::open(&history, &trusted, named.as_deref())?.unpublished()?;
    let bytes = proposal.read(host, records)?;
    let signed = trusted.sign_reason(host, key, ROLE, &bytes)?;
    let who = told(&signed);
    let step = Step {
        stage: Stage::Reject,
        at: written::now(host),
        proposal: Some(proposal.number.clone()),
        why: Some(why.clone()),
        checks: Vec::new(),
        changes: Vec::new(),
        effect: Vec::new(),
        signed: vec![signed],
        trust: trusted.document.number,
        ..proposal.step.clone()
    };
    let still = |history: &History| Proposal::open(history, &trusted, Some(&proposal.number))?.unpublished().map(drop);
    let file = written::append(host, records, history, &step, still)?;
    host.err(&format!("{file}: version {} is rejected by {who}", proposal.step.version));
    Ok(Exit::Done)
}
