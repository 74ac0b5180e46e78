//! The freshness pointer: which snapshot is live, for two days at most.

use crate::error::{Code, Refusal};
use crate::head::number::{rises, within};
use crate::limits;
use crate::snapshot::cbor::Reader;
use crate::snapshot::kind::Kind;
use crate::snapshot::manifest::Digest;
use crate::snapshot::trust::Trust;
use crate::snapshot::verify::Verified;

/// The format number this engine reads.
pub const FORMAT: u64 = 1;

/// The keys of the payload's map. Permanent: numbers are never reused.
pub mod key {
    /// The format number.
    pub const FORMAT: i64 = 1;
    /// The snapshot's digest.
    pub const DIGEST: i64 = 2;
    /// The least number of the kill list.
    pub const KILLS: i64 = 3;
    /// The least number of the trust document.
    pub const TRUST: i64 = 4;
}

/// What a pointer names: a snapshot, and what must not be older beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// The snapshot's version.
    pub version: u64,
    /// The snapshot's digest.
    pub digest: Digest,
    /// The least number of the kill list; 0 if there is none.
    pub kills: u64,
    /// The least number of the trust document; 0 if there is none.
    pub trust: u64,
}

/// A verified pointer. Only a [`Verified`] becomes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointer {
    live: Live,
    issued: u64,
    expires: u64,
}

/// Reads a pointer's payload. Its version is one of its claims.
pub fn read(payload: &[u8], version: u64) -> Result<Live, Refusal> {
    let (mut format, mut digest, mut kills, mut trust) = (0, None, None, None);
    let mut cbor = Reader::new(payload);
    cbor.map(|cbor, key| match key {
        key::FORMAT => format = cbor.unsigned(),
        key::DIGEST => digest = Some(cbor.array_of()),
        key::KILLS => kills = Some(cbor.unsigned()),
        key::TRUST => trust = Some(cbor.unsigned()),
        _ => cbor.skip(),
    });
    cbor.end()?;
    if format != FORMAT {
        return Err(Code::UnsupportedFormat.into());
    }
    let (Some(digest), Some(kills), Some(trust)) = (digest, kills, trust) else { return Err(cbor.malformed()) };
    Ok(Live { version, digest, kills, trust })
}

impl Pointer {
    /// Reads a verified document. One that lives for more than [`limits::POINTER_SECONDS`] is [`Code::TooLarge`].
    pub fn new(verified: Verified) -> Result<Self, Refusal> {
        if verified.kind() != Kind::Pointer {
            return Err(Code::Malformed.into());
        }
        let live = read(verified.payload(), verified.version())?;
        let (issued, expires) = (verified.issued(), verified.expires());
        if expires.saturating_sub(issued) > limits::POINTER_SECONDS {
            return Err(Code::TooLarge.into());
        }
        Ok(Pointer { live, issued, expires })
    }

    /// What it names.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// When it was made, in seconds since 1970. It moves no clock.
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// From which second on it vouches for nothing.
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// Whether it may follow the last pointer that was adopted: its numbers only rise, and none by more than a trust's `maxJump`.
    /// `adopted` is the version of the highest snapshot that was adopted, or 0.
    pub fn follows(&self, last: Option<&Live>, adopted: u64, trust: &Trust) -> Result<(), Refusal> {
        let Live { version, digest, kills, trust: number } = &self.live;
        if *version < trust.min_version() {
            return Err(Code::RolledBack.into());
        }
        let (lasts, known) =
            last.map_or(([0; 3], None), |last| ([last.version, last.kills, last.trust], Some(&last.digest)));
        let [last_version, last_kills, last_trust] = lasts;
        rises(*version, digest, last_version, known)?;
        rises(*kills, digest, last_kills, None)?;
        rises(*number, digest, last_trust, None)?;
        // Where none is known, a project may number from wherever it likes. Lists and documents begin with 1.
        let highest = last_version.max(trust.min_version()).max(adopted);
        within(*version, highest, if highest > 0 { trust.max_jump() } else { u64::MAX })?;
        within(*kills, last_kills, trust.max_jump())?;
        within(*number, last_trust, trust.max_jump())
    }

    /// Whether the kill list and the trust that a page has, by their numbers, are not older than it names.
    pub fn covers(&self, kills: u64, trust: u64) -> Result<(), Refusal> {
        let complete = kills >= self.live.kills && trust >= self.live.trust;
        if complete { Ok(()) } else { Err(Code::HeadIncomplete.into()) }
    }

    /// Whether it vouches for a snapshot: the one that it names, or a newer one, as a snapshot is published before its pointer.
    pub fn vouches(&self, version: u64, digest: &Digest) -> Result<(), Refusal> {
        rises(version, digest, self.live.version, Some(&self.live.digest))
    }
}
