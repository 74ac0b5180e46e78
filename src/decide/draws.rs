//! Flags that come down to a draw, decided at once.
//!
//! A page reads the same flags for one unit after the other. Of most that are in an experiment nothing else is left to decide then: a hash
//! and a comparison, a fifth of what asking for each flag takes.

use alloc::vec::Vec;

use crate::decide::session::Session;
use crate::program::Program;
use crate::snapshot::body::State;

/// In place of a decision: the flag is to be decided by itself.
pub const UNDRAWN: u32 = 0;

/// Of each flag, by its index, what [`evaluate`](crate::evaluate()) would decide at a moment (milliseconds since 1970, before `i64::MAX`),
/// where the memo knows that nothing is left but a draw, which time does not change; else [`UNDRAWN`]. 32 bits each, little endian:
/// `variant:8 | rule:8`, lowest first, beside the bits of `drawn`, which has at least one. The flag need not have the variant; the rule is
/// counted as it is written, 255 for none that is. Nothing where anything else might decide. What is exposed, evaluating tells.
pub fn draw_all(program: &Program, session: &Session, now: i64, drawn: u32, out: &mut Vec<u8>) {
    out.clear();
    if !session.is_plain() || program.snapshot().body().state() != State::Whole {
        return;
    }
    for known in session.memo.draws(now) {
        let own = known.and_then(|(draw, skipped)| {
            let (_, variant) = draw.arm(program, session.subject())?;
            let rule = skipped.checked_sub(draw.prelude).unwrap_or(u8::MAX);
            Some(u32::from(variant) | u32::from(rule) << 8 | drawn)
        });
        out.extend_from_slice(&own.unwrap_or(UNDRAWN).to_le_bytes());
    }
}
