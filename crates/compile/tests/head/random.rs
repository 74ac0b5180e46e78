//! Random heads, one after the other: good ones, spoiled ones, and ones that are signed in order and say what they may not. The package takes
//! the same heads (pkg/tests/random.test.mjs).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use waft::head::pointer::Live;
use waft::kind::Kind;
use waft_compile::snapshot::{self, Claims};

use super::rng::{self, Random};
use super::vectors::{Cases, Page, trust_json};
use super::{DAY, HOUR, KINDS, NOW, key, newer, role};

const FLAGS: [&str; 8] = ["a", "b", "checkout", "search", "ä", "～", "😱", "checkout.next"];

/// One that is valid now, as a rule.
fn claims(version: u64, random: &mut Random) -> Claims {
    let issued = NOW - random.one(&[0, 1, HOUR, HOUR, DAY]);
    let lives = random.one(&[1, HOUR, HOUR, DAY, 2 * DAY, 2 * DAY + 1]);
    Claims {
        project: random.one(&["shop"; 20]).to_owned() + if random.once_in(25) { "s" } else { "" },
        environment: if random.once_in(25) { "staging" } else { "production" }.to_owned(),
        version,
        issued,
        not_before: random.once_in(15).then(|| NOW + random.below(3) as u64 - 1),
        expires: issued + lives,
    }
}

/// Signed by the key of its kind, or nearly; its payload is what its kind has, or was changed before that.
fn signed(kind: Kind, mut document: Vec<u8>, claims: &Claims, random: &mut Random) -> Vec<u8> {
    if random.once_in(8) {
        let envelope = waft::envelope::Envelope::read(&document).unwrap();
        let mut payload = envelope.payload.to_vec();
        random.spoil(&mut payload);
        let kind = if random.once_in(5) { random.one(&KINDS) } else { kind };
        document = snapshot::document(claims, kind, &payload);
    }
    let mut sign = |of: Kind, as_what: Kind| {
        if let Ok(more) = snapshot::sign(&document, &key(of), role(as_what)) {
            document = more;
        }
    };
    match random.below(20) {
        0 => sign(random.one(&KINDS), kind),
        1 => sign(kind, random.one(&KINDS)),
        2 => {}
        3 => {
            sign(random.one(&KINDS), kind);
            sign(kind, kind);
        }
        _ => sign(kind, kind),
    }
    if random.once_in(20) {
        random.spoil(&mut document);
    }
    document
}

/// A number near another.
fn near(number: u64, random: &mut Random) -> u64 {
    (number + random.one(&[0, 0, 1, 1, 1, 2, 1_000, 1_001])).saturating_sub(random.one(&[0, 0, 0, 1]))
}

/// What the next head says, and what the one after it starts from.
#[derive(Clone, Copy)]
struct Said {
    list: u64,
    live: Live,
}

fn head(said: &mut Said, page: Page, random: &mut Random) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    if !random.once_in(4) {
        said.list = near(said.list, random);
        let flags: BTreeSet<String> = random.some(&FLAGS).into_iter().map(str::to_owned).collect();
        let claims = claims(said.list, random);
        parts.push(signed(Kind::Kills, snapshot::kills(&claims, &flags), &claims, random));
    }
    if random.once_in(8) {
        let kind = random.one(&["application/vnd.waft.later", "application/vnd.waft.new", "text/plain", ""]);
        parts.push(newer(kind, 60 + random.below(90)));
    }
    if !random.once_in(6) {
        let version = near(said.live.version, random);
        said.live = Live {
            version,
            digest: [if random.once_in(9) { 0 } else { version as u8 }; 32],
            kills: if random.once_in(3) { near(said.live.kills, random) } else { said.list.min(said.live.kills + 1) },
            trust: if random.once_in(6) { near(page.number, random) } else { page.number },
        };
        let claims = claims(version, random);
        parts.push(signed(Kind::Pointer, snapshot::pointer(&claims, &said.live), &claims, random));
    }
    if random.once_in(12) {
        let at = random.below(parts.len() + 1);
        let part = random.one(&[Vec::new(), vec![0], newer("text/plain", 16_300)]);
        parts.insert(at, part);
    }
    if random.once_in(12) {
        parts.reverse();
    }
    if random.once_in(12) {
        parts.push(snapshot::seal(&claims(7, random), &[], &[]));
    }
    let mut bytes = parts.concat();
    if random.once_in(15) {
        random.spoil(&mut bytes);
    }
    bytes
}

#[test]
fn random_heads_are_taken_part_by_part() {
    let mut cases = Cases::default();
    for case in 0..rng::count() {
        let random = &mut Random::of(case);
        let page = Page {
            number: random.below(3) as u64,
            min_version: random.one(&[0, 0, 6, 9]),
            adopted: random.one(&[0, 0, 7, 8]),
        };
        let mut said =
            Said { list: random.below(3) as u64, live: Live { version: 7, digest: [7; 32], kills: 0, trust: 0 } };
        let heads: Vec<Vec<u8>> = (0..=random.below(4)).map(|_| head(&mut said, page, random)).collect();
        cases.add(&format!("case {case}"), page, &heads);
    }
    let mut ends = BTreeMap::<String, usize>::new();
    let told = cases.0.iter().flat_map(|case| case["heads"].as_array().unwrap());
    for value in told.flat_map(|head| ["code", "kills", "pointer"].map(|field| &head[field])) {
        *ends.entry(value.as_str().map_or("taken, or none".to_owned(), str::to_owned)).or_default() += 1;
    }
    assert!(ends.len() > 12, "good and bad ones: {ends:?}");
    let mut lines = vec![json!({ "now": NOW * 1_000, "trust": trust_json() })];
    lines.append(&mut cases.0);
    rng::write("heads.jsonl", &lines);
}
