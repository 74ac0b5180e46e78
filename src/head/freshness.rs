//! What a head means for a page: which of its documents it takes, and whether its snapshot is current.

use crate::error::{Code, Refusal};
use crate::head::file::Head;
use crate::head::kills::Kills;
use crate::head::pointer::{Live, Pointer};
use crate::snapshot::kind::Kind;
use crate::snapshot::manifest::Digest;
use crate::snapshot::trust::Trust;
use crate::snapshot::verify::verify;

pub use crate::snapshot::verify::KEPT;

/// What a page knows when it reads a head.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What the last pointer named that was adopted.
    pub live: Option<&'a Live>,
    /// The kill list that it has.
    pub kills: Option<&'a Kills>,
    /// The number of its trust: 0 for one that was built in without.
    pub trust: u64,
    /// The version of the highest snapshot that it adopted, or 0.
    pub version: u64,
}

/// What a page takes of a head.
#[derive(Debug)]
pub struct Taken {
    /// The kill list: `None` if the head has none, or the trust names nobody for it.
    pub kills: Option<Result<Kills, Refusal>>,
    /// The pointer. A head without one is [`Code::HeadIncomplete`].
    pub pointer: Result<Pointer, Refusal>,
}

/// Verifies a head's documents against a page's trust, at a moment (milliseconds since 1970). Each stands for itself: a kill list that
/// is accepted holds, whatever the pointer is worth.
pub fn take(head: &Head<'_>, trust: &Trust, now: i64, known: &Known<'_>) -> Taken {
    let asks = |kind: Kind| trust.require().iter().any(|requirement| requirement.kind() == kind);
    let document = |bytes: &[u8]| verify(bytes.to_vec(), trust, now, None);
    let kills = head.kills.filter(|_| asks(Kind::Kills)).map(|bytes| {
        let kills = document(bytes).and_then(Kills::new)?;
        kills.follows(known.kills, trust.max_jump()).map(|()| kills)
    });
    let number = match &kills {
        Some(Ok(kills)) => kills.number(),
        Some(Err(_)) | None => known.kills.map_or(0, Kills::number),
    };
    let pointer = head.pointer.ok_or(Code::HeadIncomplete.into()).and_then(|bytes| {
        let pointer = document(bytes).and_then(Pointer::new)?;
        pointer.follows(known.live, known.version, trust)?;
        pointer.covers(number, known.trust).map(|()| pointer)
    });
    Taken { kills, pointer }
}

/// Where a page has its snapshot from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It has just been fetched, and the page has kept none.
    Fetched,
    /// An earlier page view kept it. The last pointer that vouched for it expired, or will, in this second since 1970; `None` if none
    /// ever did.
    Kept(Option<u64>),
    /// It is in the page, and as genuine as the page.
    Inlined,
}

/// What a page does with its snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It decides until this moment (milliseconds since 1970), when the pointer expires.
    Fresh(i64),
    /// It decides until this moment (`i64::MAX` for ever), though nothing current vouches for it: the code says why.
    Stale(Code, i64),
    /// It does not decide: callers' defaults.
    Refused(Code),
}

/// Whether a snapshot, by version and digest, decides at a moment (milliseconds since 1970), by what came of the head. `max_stale` is
/// in seconds.
pub fn standing(
    head: Result<&Pointer, Refusal>,
    (version, digest): (u64, &Digest),
    origin: Origin,
    now: i64,
    max_stale: u64,
) -> Standing {
    let milli = |second: u64| i64::try_from(second).unwrap_or(i64::MAX).saturating_mul(1_000);
    let vouched = head.and_then(|pointer| {
        pointer.vouches(version, digest)?;
        // A page that stays open outlives its pointer.
        let until = milli(pointer.expires());
        if now < until { Ok(until) } else { Err(Code::Expired.into()) }
    });
    let code = match vouched {
        Ok(until) => return Standing::Fresh(until),
        Err(refusal) => refusal.code,
    };
    let until = match origin {
        Origin::Inlined => i64::MAX,
        Origin::Kept(Some(expired)) => milli(expired.saturating_add(max_stale)),
        Origin::Kept(None) | Origin::Fetched => i64::MIN,
    };
    if now < until { Standing::Stale(code, until) } else { Standing::Refused(code) }
}
