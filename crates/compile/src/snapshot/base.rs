//! The base of a release: which snapshot was live when it was proposed. All signatures are over it; pages do not look at it.

use waft::Refusal;
use waft::cbor::Reader;
use waft::envelope::{Envelope, claim, header};
use waft::manifest::Digest;

/// What is named where nothing was live.
pub const NOTHING: Digest = [0; 32];

/// The digest of the snapshot that was live, if the header names one.
pub fn base(envelope: &Envelope<'_>) -> Result<Option<Digest>, Refusal> {
    let mut found = None;
    let mut header = Reader::new(envelope.protected);
    header.map(|cbor, key| match key {
        header::CLAIMS => cbor.map(|cbor, key| match key {
            claim::BASE => found = Some(cbor.array_of()),
            _ => cbor.skip(),
        }),
        _ => cbor.skip(),
    });
    header.end()?;
    Ok(found)
}
