//! Heads: what is written is read, one document never passes for another, and what a page does with its snapshot.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod documents;
mod freshness;
mod merged;
mod random;
#[path = "../rng/mod.rs"]
mod rng;
mod vectors;

use std::collections::BTreeSet;

use ed25519_compact::KeyPair;
use waft::Trust;
use waft::head::pointer::Live;
use waft::kind::Kind;
use waft::trust::{Key, Requirement};
use waft_compile::head::Documents;
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims, Writer};

/// Seconds since 1970.
const NOW: u64 = 1_795_478_400;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
const KINDS: [Kind; 5] = [Kind::Snapshot, Kind::Preview, Kind::Pointer, Kind::Kills, Kind::Trust];

fn role(kind: Kind) -> &'static str {
    kind.role().unwrap_or("publisher")
}

/// Each kind has a key of its own.
fn key(kind: Kind) -> KeyPair {
    keys::from_seed([kind as u8 + 1; 32])
}

fn trust_in(kinds: &[Kind], min_version: u64) -> Trust {
    let require = kinds.iter().map(|kind| {
        let public = key(*kind).pk;
        Requirement {
            role: role(*kind).into(),
            at_least: 1,
            keys: vec![Key { kid: keys::kid(&public), public: *public }],
        }
    });
    Trust::new("shop", "production", min_version, 1_000, require.collect()).unwrap()
}

fn trust() -> Trust {
    trust_in(&KINDS, 0)
}

fn claims(version: u64, issued: u64, expires: u64) -> Claims {
    let (project, environment) = ("shop".to_owned(), "production".to_owned());
    Claims { project, environment, version, issued, not_before: None, expires }
}

fn signed(kind: Kind, document: &[u8]) -> Vec<u8> {
    snapshot::sign(document, &key(kind), role(kind)).unwrap()
}

fn live(version: u64, kills: u64, trust: u64) -> Live {
    Live { version, digest: [version as u8; 32], kills, trust }
}

/// One that was made an hour ago, for a day.
fn pointer(live: &Live) -> Vec<u8> {
    signed(Kind::Pointer, &snapshot::pointer(&claims(live.version, NOW - HOUR, NOW + 23 * HOUR), live))
}

fn kills(number: u64, flags: &[&str]) -> Vec<u8> {
    let flags: BTreeSet<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    signed(Kind::Kills, &snapshot::kills(&claims(number, NOW - HOUR, NOW + 400 * DAY), &flags))
}

fn head(parts: &[(Kind, &[u8])]) -> Documents {
    let mut documents = Documents::default();
    parts.iter().for_each(|(kind, document)| documents.put(*kind, document.to_vec()));
    documents
}

/// A document of a content type that this version does not know, of some length in all.
fn newer(content_type: &str, length: usize) -> Vec<u8> {
    let header = Writer::default().map(1).integer(3).text(content_type).into_bytes();
    let envelope =
        |payload: &[u8]| Writer::default().tag(98).array(4).bytes(&header).map(0).bytes(payload).array(0).into_bytes();
    let over = envelope(&vec![0; length]).len() - length;
    envelope(&vec![0; length.saturating_sub(over)])
}
