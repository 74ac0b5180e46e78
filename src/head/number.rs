//! Numbers that only rise.

use crate::error::{Code, Refusal};
use crate::snapshot::manifest::Digest;

/// Whether a number may follow the last one: it is not lower, and the same number is of the same contents. The last one is 0, without a
/// digest, if there is none.
pub(super) fn rises(number: u64, digest: &Digest, last: u64, known: Option<&Digest>) -> Result<(), Refusal> {
    match known {
        _ if number < last => Err(Code::RolledBack.into()),
        Some(known) if number == last && known != digest => Err(Code::VersionConflict.into()),
        Some(_) | None => Ok(()),
    }
}

/// Whether a number is not too far above another.
pub(super) fn within(number: u64, from: u64, max_jump: u64) -> Result<(), Refusal> {
    if number.saturating_sub(from) > max_jump { Err(Code::VersionJump.into()) } else { Ok(()) }
}
