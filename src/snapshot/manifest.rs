//! The manifest: what is signed. It names the body by length and by the digests of its chunks.

use waft_crypto::Sha512;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::cbor::Reader;

/// The format number this engine reads.
pub const FORMAT: u64 = 1;
/// Chunks are 64 KiB, doubled until the manifest fits its limit.
pub const CHUNK_BYTES: u64 = 64 << 10;
/// The bytes of a digest: the first of SHA-512's.
pub const DIGEST_BYTES: usize = 32;
/// The first 32 bytes of SHA-512.
pub type Digest = [u8; DIGEST_BYTES];

/// The keys of the manifest's map. Permanent: numbers are never reused.
pub mod key {
    /// The format number.
    pub const FORMAT: i64 = 1;
    /// The body's length in bytes.
    pub const LENGTH: i64 = 2;
    /// The length of each chunk but the last, in bytes.
    pub const CHUNK: i64 = 3;
    /// The chunks' digests, one after the other.
    pub const DIGESTS: i64 = 4;
    /// The digests of list files, one after the other; absent if there are none.
    pub const LISTS: i64 = 5;
}

/// A manifest, read but not yet believed.
pub struct Manifest<'a> {
    /// The body's length in bytes.
    pub length: u64,
    /// The length of each chunk but the last, in bytes: at least [`CHUNK_BYTES`].
    pub chunk: u64,
    /// The digests of all chunks, one after the other.
    pub digests: &'a [u8],
    /// The digests of list files, one after the other.
    pub lists: &'a [u8],
}

impl<'a> Manifest<'a> {
    /// Reads a manifest's CBOR.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let (mut format, mut length, mut chunk, mut digests, mut lists) = (0, 0, 0, &[][..], &[][..]);
        let mut cbor = Reader::new(bytes);
        cbor.map(|cbor, key| match key {
            key::FORMAT => format = cbor.unsigned(),
            key::LENGTH => length = cbor.unsigned(),
            key::CHUNK => chunk = cbor.unsigned(),
            key::DIGESTS => digests = cbor.bytes(),
            key::LISTS => lists = cbor.bytes(),
            _ => cbor.skip(),
        });
        cbor.end()?;
        if format != FORMAT {
            return Err(Code::UnsupportedFormat.into());
        }
        cbor.require(
            chunk >= CHUNK_BYTES
                && length.div_ceil(chunk).checked_mul(32) == Some(digests.len() as u64)
                && lists.len().is_multiple_of(DIGEST_BYTES),
        );
        cbor.ok()?;
        if lists.len() > limits::LIST_FILES * DIGEST_BYTES {
            return Err(Code::TooLarge.into());
        }
        Ok(Manifest { length, chunk, digests, lists })
    }
}

/// The first 32 bytes of the SHA-512 of the parts, one after the other.
pub fn digest_of(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha512::default();
    for part in parts {
        hash.update(part);
    }
    let mut digest = [0; 32];
    digest.iter_mut().zip(hash.finish()).for_each(|(to, from)| *to = from);
    digest
}
