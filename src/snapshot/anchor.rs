//! Trust documents: numbered trusts, each signed by the threshold of the one before it and by its own (as TUF's root is).
//!
//! ```text
//! { 1: format, 2: epoch, 3: minVersion, 4: maxJump, 5: [requirement, ...] }      the envelope's payload; no body follows
//! requirement  { 1: role, 2: atLeast, 3: [key, ...] }                            ascending by role
//! key          { 1: kid, 2: public key, 3: holder }                              ascending by kid; the holder may be absent
//! ```

use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::cbor::Reader;
use crate::snapshot::envelope::Envelope;
use crate::snapshot::kind::Kind;
use crate::snapshot::manifest::{Digest, digest_of};
use crate::snapshot::trust::{Key, Requirement, Trust};
use crate::snapshot::verify::verify;

/// The format number of trust documents.
pub const FORMAT: u64 = 1;

/// The keys of a trust document's maps. Permanent: numbers are never reused.
pub mod key {
    /// The format number.
    pub const FORMAT: i64 = 1;
    /// The epoch.
    pub const EPOCH: i64 = 2;
    /// The lowest version accepted.
    pub const MIN_VERSION: i64 = 3;
    /// How far a version may be above the highest seen.
    pub const MAX_JUMP: i64 = 4;
    /// The requirements.
    pub const REQUIRE: i64 = 5;
    /// Of a requirement: the role.
    pub const ROLE: i64 = 1;
    /// Of a requirement: how many keys must have signed.
    pub const AT_LEAST: i64 = 2;
    /// Of a requirement: the keys.
    pub const KEYS: i64 = 3;
    /// Of a key: its id.
    pub const KID: i64 = 1;
    /// Of a key: its 32 bytes.
    pub const PUBLIC: i64 = 2;
    /// Of a key: who holds it.
    pub const HOLDER: i64 = 3;
}

/// A trust with its place in the chain of trust documents. [`advance`] leads from one to the next.
#[derive(Clone, Debug)]
pub struct Anchor {
    number: u64,
    epoch: u64,
    digest: Digest,
    trust: Trust,
}

impl Anchor {
    /// Reads the payload of a trust document. Nothing is verified here: this is how a page's own trust, which is as genuine as the
    /// page, becomes the start of a chain. `number` is 0 for a trust that has none.
    pub fn read(project: &[u8], environment: &[u8], number: u64, payload: &[u8]) -> Result<Self, Refusal> {
        let (mut format, mut epoch, mut min_version, mut max_jump) = (0, 0, 0, limits::MAX_JUMP);
        let mut require = Vec::new();
        let mut cbor = Reader::new(payload);
        cbor.map(|cbor, key| match key {
            key::FORMAT => format = cbor.unsigned(),
            key::EPOCH => epoch = cbor.unsigned(),
            key::MIN_VERSION => min_version = cbor.unsigned(),
            key::MAX_JUMP => max_jump = cbor.unsigned(),
            key::REQUIRE => require = read_all(cbor, limits::TRUST_REQUIREMENTS, read_requirement, |one| &one.role),
            _ => cbor.skip(),
        });
        cbor.end()?;
        if format != FORMAT {
            return Err(Code::UnsupportedFormat.into());
        }
        if [epoch, min_version, max_jump].iter().any(|number| *number > limits::VERSION) {
            return Err(cbor.malformed());
        }
        let trust = Trust::new(project, environment, min_version, max_jump, require)?;
        Ok(Anchor { number, epoch, digest: digest_of(&[payload]), trust })
    }

    /// The number of its document; 0 if it is none.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Under which the highest numbers seen are remembered.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// What distinguishes it from another of its number: the first 32 bytes of the SHA-512 of the payload.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Whose signatures count.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// Whether documents may follow it.
    pub fn has_root(&self) -> bool {
        self.trust.require().iter().any(|one| one.kind() == Kind::Trust)
    }
}

/// What a trust document leads to, at a moment (milliseconds since 1970): the trust that follows an earlier one.
///
/// In this order: the size, what [`verify`] checks with the earlier trust, the number, the content, the signatures of its own root,
/// epoch and floor; the first that fails gives the code.
pub fn advance(from: &Anchor, document: &[u8], now: i64) -> Result<Anchor, Refusal> {
    if document.len() > limits::TRUST_DOCUMENT_BYTES {
        return Err(Code::TooLarge.into());
    }
    let verified = verify(document.to_vec(), &from.trust, now, None)?;
    if verified.kind() != Kind::Trust {
        return Err(Refusal::malformed(0));
    }
    let payload = verified.payload();
    check_number(from, verified.version(), payload)?;
    let next = Anchor::read(verified.project(), verified.environment(), verified.version(), payload)?;
    // Otherwise one document would end the chain for all pages.
    if !next.has_root() {
        return Err(Code::InvalidTrust.into());
    }
    verify(document.to_vec(), &next.trust, now, None)?;
    check_epoch(from, &next)?;
    Ok(next)
}

fn check_number(from: &Anchor, number: u64, payload: &[u8]) -> Result<(), Refusal> {
    if number == from.number && digest_of(&[payload]) != from.digest {
        return Err(Code::VersionConflict.into());
    }
    match number.checked_sub(from.number) {
        None | Some(0) => Err(Code::RolledBack.into()),
        Some(1) => Ok(()),
        Some(_) => Err(Code::VersionJump.into()),
    }
}

/// Within an epoch the floor does not fall, and epochs follow each other.
fn check_epoch(from: &Anchor, next: &Anchor) -> Result<(), Refusal> {
    match next.epoch.checked_sub(from.epoch) {
        None => Err(Code::RolledBack.into()),
        Some(0) if next.trust.min_version() < from.trust.min_version() => Err(Code::RolledBack.into()),
        Some(0 | 1) => Ok(()),
        Some(_) => Err(Code::VersionJump.into()),
    }
}

/// Walks a chain of documents, in order of their numbers, from the trust that is built in. Documents up to its own number are behind
/// it and not looked at. Returns the last trust that was reached and, if the walk ended early, why.
///
/// Whatever is stored or fetched, the trust that is built in wins: one of its number with another digest ends the walk before it
/// began, and whatever follows must descend from it. A walk takes at most [`limits::TRUST_DOCUMENTS`], and [`limits::TRUST_BYTES`]
/// of them.
pub fn walk(built_in: &Anchor, documents: &[&[u8]], now: i64) -> (Anchor, Option<Refusal>) {
    let mut reached = built_in.clone();
    let (mut count, mut bytes) = (0, 0);
    for document in documents {
        (count, bytes) = (count + 1, bytes + document.len());
        if count > limits::TRUST_DOCUMENTS || bytes > limits::TRUST_BYTES {
            return (reached, Some(Code::TooLarge.into()));
        }
        match Envelope::read(document) {
            Ok(envelope) if is_behind(&reached, &envelope) => continue,
            Ok(_) | Err(_) => {}
        }
        match advance(&reached, document, now) {
            Ok(next) => reached = next,
            Err(refusal) => return (reached, Some(refusal)),
        }
    }
    (reached, None)
}

fn is_behind(reached: &Anchor, envelope: &Envelope<'_>) -> bool {
    let number = envelope.claims.version;
    // What is no document, or more than one, is told, whatever it says.
    if envelope.kind != Kind::Trust || !envelope.body.is_empty() {
        return false;
    }
    number < reached.number || number == reached.number && digest_of(&[envelope.payload]) == reached.digest
}

/// An array of at most `most`, in strictly ascending order of something.
fn read_all<'a, T, K: Ord + ?Sized>(
    cbor: &mut Reader<'a>,
    most: usize,
    read: impl Fn(&mut Reader<'a>) -> T,
    order: impl Fn(&T) -> &K,
) -> Vec<T> {
    let count = cbor.array();
    cbor.require(count <= most as u64);
    let mut all: Vec<T> = Vec::new();
    for _ in 0..count.min(most as u64) {
        let one = read(cbor);
        cbor.require(all.last().is_none_or(|last| order(last) < order(&one)));
        all.push(one);
    }
    all
}

fn read_requirement(cbor: &mut Reader<'_>) -> Requirement {
    let (mut role, mut at_least, mut keys) = (&[][..], 0, Vec::new());
    cbor.map(|cbor, key| match key {
        key::ROLE => role = cbor.text(),
        key::AT_LEAST => at_least = cbor.unsigned(),
        key::KEYS => keys = read_all(cbor, limits::TRUST_KEYS, read_key, |key| &key.kid),
        _ => cbor.skip(),
    });
    // What does not fit is more than there are keys.
    Requirement { role: role.to_vec(), at_least: usize::try_from(at_least).unwrap_or(usize::MAX), keys }
}

/// The holder's name is for people.
fn read_key(cbor: &mut Reader<'_>) -> Key {
    let mut found = Key { kid: [0; 16], public: [0; 32] };
    cbor.map(|cbor, key| match key {
        key::KID => found.kid = cbor.array_of(),
        key::PUBLIC => found.public = cbor.array_of(),
        key::HOLDER => drop(cbor.text()),
        _ => cbor.skip(),
    });
    found
}
