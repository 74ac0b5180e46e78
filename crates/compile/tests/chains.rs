//! Random chains of trust documents, good ones and spoiled ones: no page goes on with a trust that does not follow its own. The package walks
//! the same chains (pkg/tests/random.test.mjs).
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod chain;
mod rng;

use std::collections::BTreeMap;

use chain::{NOW, numbered, pair, role};
use rng::Random;
use serde_json::{Value as Json, json};
use waft::anchor::walk;
use waft::kind::Kind;
use waft::limits;
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims, sign};
use waft_compile::trust_document::Document;

const SECOND: u64 = NOW as u64 / 1_000;
const ROOTS: [u8; 5] = [1, 2, 3, 4, 5];
const PUBLISHERS: [u8; 4] = [11, 12, 13, 1];

/// One thing that the next document changes, which may be one that it may not.
fn change(next: &mut Document, random: &mut Random) {
    let at_least = random.one(&[1, 1, 1, 2, 2, 3, 0]);
    match random.below(12) {
        0 => drop(next.roles.insert("publisher".to_owned(), role(at_least, &random.some(&PUBLISHERS)))),
        1 | 2 => drop(next.roles.insert("root".to_owned(), role(at_least, &random.some(&ROOTS)))),
        3 => drop(next.roles.insert(
            random.one(&["kill", "freshness", "preview", "ä"]).to_owned(),
            role(1, &[14 + random.below(3) as u8]),
        )),
        4 => drop(next.roles.remove(random.one(&["root", "publisher", "kill"]))),
        5 => next.min_version = random.one(&[0, 6, 7, 8, 900, limits::VERSION, limits::VERSION + 1]),
        6 => next.max_jump = random.one(&[0, 1, 5, 1_000_000, limits::VERSION, u64::MAX]),
        7 | 8 => next.epoch = (next.epoch + random.one(&[0, 1, 1, 2])).saturating_sub(random.one(&[0, 0, 0, 1])),
        9 => next.project = random.one(&["shop", "shop", "other"]).to_owned(),
        10 => next.environment = random.one(&["production", "production", "staging"]).to_owned(),
        _ => {
            let mut holders = next.roles.values_mut().flat_map(|role| role.keys.values_mut());
            if let Some(holder) = holders.next() {
                holder.name = random.one(&["", "somebody", "😱"]).to_owned();
            }
        }
    }
}

/// The bytes of one, signed as it should be, or nearly.
fn bytes_of(next: &Document, before: &Document, random: &mut Random) -> Vec<u8> {
    let mut payload = next.payload();
    if random.once_in(12) {
        random.spoil(&mut payload);
    }
    let claims = Claims {
        project: next.project.clone(),
        environment: next.environment.clone(),
        version: next.number,
        issued: SECOND - random.below(9) as u64,
        not_before: random.once_in(6).then(|| SECOND + random.below(3) as u64 - 1),
        expires: if random.once_in(9) { SECOND + random.below(3) as u64 } else { limits::VERSION },
    };
    let kind = if random.once_in(20) { random.one(&[Kind::Pointer, Kind::Kills, Kind::Snapshot]) } else { Kind::Trust };
    let mut bytes = snapshot::document(&claims, kind, &payload);
    let held =
        |document: &Document| document.roles.get("root").map_or(Vec::new(), |role| role.keys.keys().copied().collect());
    let kids: Vec<[u8; 16]> = [held(before), held(next)].concat();
    let is_short = random.once_in(4);
    for seed in ROOTS.into_iter().chain([8, 11]) {
        let is_asked = kids.contains(&keys::kid(&pair(seed).pk));
        if random.once_in(if is_asked && is_short { 2 } else { 12 }) == is_asked {
            continue;
        }
        let as_what = if random.once_in(20) { "publisher" } else { "root" };
        bytes = sign(&bytes, &pair(seed), as_what).unwrap_or(bytes);
    }
    if random.once_in(12) {
        random.spoil(&mut bytes);
    }
    bytes
}

/// A trust, and documents behind it: what follows, what is out of order, and what was spoiled.
fn made(random: &mut Random) -> (Document, Vec<Vec<u8>>) {
    let first = numbered(random.below(3) as u64, |_| {});
    let mut before = Document { epoch: random.below(2) as u64, ..first };
    if random.once_in(3) {
        before.roles.insert("root".to_owned(), role(1, &random.one(&[[1, 2], [2, 3], [4, 5]])));
    }
    let trust = before.clone();
    let mut documents = Vec::new();
    for _ in 0..=random.below(4) {
        let step = if random.once_in(10) { random.one(&[0, 2, 3, limits::VERSION]) } else { 1 };
        let mut next = Document { number: before.number.saturating_add(step), ..before.clone() };
        for _ in 0..random.below(3) {
            change(&mut next, random);
        }
        documents.push(bytes_of(&next, &before, random));
        before = next;
    }
    if random.once_in(8) {
        let at = random.below(documents.len());
        match random.below(3) {
            0 => drop(documents.remove(at)),
            1 => documents.insert(at, documents[at].clone()),
            _ => documents.swap(at, 0),
        }
    }
    (trust, documents)
}

#[test]
fn random_chains_lead_as_far_as_they_are_signed() {
    let (mut cases, mut ends) = (Vec::new(), BTreeMap::<String, usize>::new());
    for case in 0..rng::count() {
        let (trust, documents) = made(&mut Random::of(case));
        let slices: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
        let (reached, refused) = walk(&trust.anchor().unwrap(), &slices, NOW);
        assert!(reached.number() <= trust.number + documents.len() as u64, "{case}: no step is skipped");
        assert_eq!(
            (reached.trust().project(), reached.trust().environment()),
            (&b"shop"[..], &b"production"[..]),
            "{case}"
        );
        let code = refused.map(|refusal| refusal.code.name());
        *ends.entry(code.unwrap_or("all are taken").to_owned()).or_default() += 1;
        cases.push(json!({
            "name": format!("case {case}"),
            "trust": trust.to_json(),
            "documents": documents.iter().map(|bytes| keys::to_text(bytes)).collect::<Vec<_>>(),
            "number": reached.number(),
            "epoch": reached.epoch(),
            "code": code.map_or(Json::Null, Json::from),
        }));
    }
    assert!(ends.len() > 9 && ends["all are taken"] * 10 > cases.len(), "good and bad ones: {ends:?}");
    cases.insert(0, json!({ "now": NOW }));
    rng::write("chains.jsonl", &cases);
}
