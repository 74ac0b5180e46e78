//! What may be thrown away at any time: it only saves doing things twice.
//!
//! Decisions ask it at two points: a flag's rules start where the memo says (`start`, then `draw` at each rule), and what was found out
//! is kept for the next time (`skip` and `keep`). Derived keys are behind `key`.

mod draw;
mod keys;
#[expect(clippy::module_inception, reason = "the folder is named after its main noun")]
mod memo;
mod skipped;

pub(crate) use draw::Draw;
pub(crate) use memo::Memo;
pub(crate) use skipped::Start;
