//! A chain of trust documents, from its third on. Not every test needs all of it.
#![allow(dead_code)]

use ed25519_compact::KeyPair;
use waft_compile::keys;
use waft_compile::snapshot::sign;
use waft_compile::trust_document::{Document, Holder, Role};

pub(crate) const NOW: i64 = 1_000_000_000_000;

pub(crate) fn pair(seed: u8) -> KeyPair {
    keys::from_seed([seed; 32])
}

pub(crate) fn role(at_least: usize, seeds: &[u8]) -> Role {
    let held =
        |seed: &u8| (keys::kid(&pair(*seed).pk), Holder { public: *pair(*seed).pk, name: format!("holder {seed}") });
    Role { at_least, keys: seeds.iter().map(held).collect() }
}

/// Number 3: root is two of 1, 2 and 3; 11 publishes.
pub(crate) fn third() -> Document {
    Document {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        number: 3,
        epoch: 1,
        min_version: 7,
        max_jump: 100,
        roles: [("root".to_owned(), role(2, &[1, 2, 3])), ("publisher".to_owned(), role(1, &[11]))].into(),
    }
}

/// One of a number, changed.
pub(crate) fn numbered(number: u64, change: impl FnOnce(&mut Document)) -> Document {
    let mut document = Document { number, ..third() };
    change(&mut document);
    document
}

pub(crate) fn signed(bytes: Vec<u8>, seeds: &[u8]) -> Vec<u8> {
    seeds.iter().fold(bytes, |bytes, seed| sign(&bytes, &pair(*seed), "root").unwrap())
}

pub(crate) fn document(document: &Document, seeds: &[u8]) -> Vec<u8> {
    signed(document.unsigned(999_000_000), seeds)
}
