//! Documents of heads, and trust documents: what is signed is all that they say.

use std::collections::BTreeSet;

use waft::head::{kills, pointer};
use waft::kind::Kind;

use super::cbor::Writer;
use super::seal::{Claims, assemble, body_header};

/// A document whose payload is all that it says, not yet signed.
pub fn document(claims: &Claims, kind: Kind, payload: &[u8]) -> Vec<u8> {
    assemble(&body_header(claims, kind.content_type()), payload, &[], &[])
}

/// A freshness pointer, not yet signed. Its version is that of the claims.
pub fn pointer(claims: &Claims, live: &pointer::Live) -> Vec<u8> {
    let mut writer = Writer::default().map(4);
    writer = writer.integer(pointer::key::FORMAT).unsigned(pointer::FORMAT);
    writer = writer.integer(pointer::key::DIGEST).bytes(&live.digest);
    writer = writer.integer(pointer::key::KILLS).unsigned(live.kills);
    writer = writer.integer(pointer::key::TRUST).unsigned(live.trust);
    document(claims, Kind::Pointer, &writer.into_bytes())
}

/// A kill list, not yet signed. Its number is the version of the claims.
pub fn kills(claims: &Claims, flags: &BTreeSet<String>) -> Vec<u8> {
    let mut writer = Writer::default().map(2).integer(kills::key::FORMAT).unsigned(kills::FORMAT);
    writer = writer.integer(kills::key::FLAGS).array(flags.len());
    writer = flags.iter().fold(writer, |writer, flag| writer.text(flag));
    document(claims, Kind::Kills, &writer.into_bytes())
}
