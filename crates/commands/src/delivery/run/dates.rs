//! The dates that ramps got in the proposal that waits, or was rejected: a run in a fresh checkout, to which nobody committed them, dates the
//! same steps alike.

use waft::envelope::Envelope;

use crate::delivery::draft;
use crate::delivery::live::Live;
use crate::delivery::proposal::Proposal;
use crate::delivery::trusted::Trusted;
use crate::exit::Ended;
use crate::host::Host;
use crate::input;
use crate::ramp::Proposed;
use crate::records::{History, Stage};
use waft_compile::refusal;

/// Those of the last proposal, if it was made on what is live.
pub(super) fn proposed(
    host: &dyn Host,
    records: &str,
    (history, trusted): (&History, &Trusted),
    live: Option<&Live>,
) -> Result<Proposed, Ended> {
    let is_open = |last: &Proposal| last.end.as_ref().is_none_or(|(_, step)| step.stage != Stage::Release);
    let Some(last) = Proposal::last(history, trusted).filter(is_open) else { return Ok(Proposed::default()) };
    let bytes = last.read(host, records)?;
    if last.check_base(&bytes, live).is_err() {
        return Ok(Proposed::default());
    }
    let envelope = Envelope::read(&bytes).map_err(|one| refusal::sentence(one).to_owned())?;
    let program = draft::program(&|path| input::file(host, path), &last.path(records), &envelope)?;
    Ok(Proposed::of(&program))
}
