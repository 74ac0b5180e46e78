//! The kill list: flags that are off at once, whatever snapshots say.

use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::head::number::{rises, within};
use crate::snapshot::cbor::Reader;
use crate::snapshot::kind::Kind;
use crate::snapshot::manifest::Digest;
use crate::snapshot::verify::Verified;

/// The format number this engine reads.
pub const FORMAT: u64 = 1;

/// The keys of the payload's map. Permanent: numbers are never reused.
pub mod key {
    /// The format number.
    pub const FORMAT: i64 = 1;
    /// The flags' keys.
    pub const FLAGS: i64 = 2;
}

/// A verified kill list. Only a [`Verified`] becomes one.
#[derive(Debug)]
pub struct Kills {
    number: u64,
    digest: Digest,
    payload: Vec<u8>,
}

/// Reads a list's payload: keys of flags in ascending order, each once.
pub fn read<'a>(payload: &'a [u8], mut kill: impl FnMut(&'a [u8])) -> Result<(), Refusal> {
    let (mut format, mut is_list, mut last) = (0, false, &[][..]);
    let mut cbor = Reader::new(payload);
    cbor.map(|cbor, key| match key {
        key::FORMAT => format = cbor.unsigned(),
        key::FLAGS => {
            is_list = true;
            for _ in 0..cbor.array() {
                let flag = cbor.text();
                cbor.require(flag > last);
                if cbor.ok().is_err() {
                    return;
                }
                last = flag;
                kill(flag);
            }
        }
        _ => cbor.skip(),
    });
    cbor.require(is_list);
    cbor.end()?;
    if format == FORMAT { Ok(()) } else { Err(Code::UnsupportedFormat.into()) }
}

impl Kills {
    /// Reads a verified document.
    pub fn new(verified: Verified) -> Result<Self, Refusal> {
        if verified.kind() != Kind::Kills {
            return Err(Code::Malformed.into());
        }
        let payload = verified.payload().to_vec();
        read(&payload, |_| ())?;
        Ok(Kills { number: verified.version(), digest: *verified.digest(), payload })
    }

    /// Its number: 1 for the first, then always higher.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What tells it from another of the same number.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The keys of its flags, in ascending order.
    pub fn flags(&self) -> Vec<&[u8]> {
        let mut flags = Vec::new();
        // It was read before.
        let _ = read(&self.payload, |flag| flags.push(flag));
        flags
    }

    /// Whether it may follow the list that a page has: its number only rises, and not by more than a trust's `maxJump`.
    pub fn follows(&self, last: Option<&Kills>, max_jump: u64) -> Result<(), Refusal> {
        let number = last.map_or(0, |last| last.number);
        rises(self.number, &self.digest, number, last.map(|last| &last.digest))?;
        within(self.number, number, max_jump)
    }
}
