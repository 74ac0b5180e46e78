//! The dates that ramps got in what is live, and in the proposal that waits or was rejected: a run in a fresh checkout, to which nobody committed
//! them, dates the same steps alike.

use waft::envelope::Envelope;

use crate::delivery::draft;
use crate::delivery::live::{self, Live};
use crate::delivery::proposal::{self, Proposal};
use crate::delivery::trusted::Trusted;
use crate::exit::Ended;
use crate::host::Host;
use crate::input;
use crate::ramp::{Proposed, Steps};
use crate::records::{History, Stage};
use waft_compile::refusal;

/// Those of what is live, and of the last proposal, if it was made on that.
pub(super) fn steps(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&History, &Trusted),
    live: Option<&Live>,
) -> Result<Steps, Ended> {
    let own = Steps { live: live.map(|live| Proposed::of(&live.program)).unwrap_or_default(), ..Steps::default() };
    let is_open = |last: &Proposal| last.end.as_ref().is_none_or(|(_, step)| step.stage != Stage::Release);
    // The snapshot of an old one may be gone, and says nothing any more.
    let base = live::base(live);
    let is_on_live = |last: &Proposal| last.step.base.digest == base.digest;
    let last = Proposal::last(history, trusted).filter(is_open).filter(is_on_live);
    let Some(last) = last.filter(|last| !proposal::is_gone(host, records, &last.step)) else { return Ok(own) };
    let bytes = last.read(host, records)?;
    if last.check_base(&bytes, live).is_err() {
        return Ok(own);
    }
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    let program = draft::program(&|path| input::file(host, path), &last.path(records), &envelope)?;
    Ok(Steps { proposed: Proposed::of(&program), is_rejected: last.end.is_some(), ..own })
}
