//! tests/vectors/trust.json: chains of trust documents and what a page makes of them. Pages walk them in TypeScript
//! (pkg/tests/trustvectors.test.mjs), so these are what holds the two together.
//!
//! `WRITE_VECTORS=1 cargo test -p waft-compile --test walk` writes what is new; what has landed must not change.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod chain;

use chain::{NOW, document, numbered, pair, role, signed, third};
use serde_json::{Value as Json, json};
use waft::anchor::walk;
use waft::kind::Kind;
use waft::{Code, limits};
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims, Writer, sign};
use waft_compile::trust_document::Document;

const SECOND: u64 = NOW as u64 / 1_000;
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/trust.json");

type Change = fn(&mut Document);

/// The fourth, signed by two of root.
fn fourth(change: impl FnOnce(&mut Document)) -> Vec<u8> {
    document(&numbered(4, change), &[1, 2])
}

fn claims(version: u64, not_before: Option<u64>, expires: u64) -> Claims {
    let (project, environment) = ("shop".to_owned(), "production".to_owned());
    Claims { project, environment, version, issued: 0, not_before, expires }
}

/// A fourth document of any payload.
fn of_payload(payload: Vec<u8>) -> Vec<u8> {
    signed(snapshot::document(&claims(4, None, limits::VERSION), Kind::Trust, &payload), &[1, 2])
}

#[derive(Default)]
struct Cases(Vec<Json>);

impl Cases {
    /// What a page with a trust makes of documents: the number that it reaches, and why it goes no further.
    fn add(&mut self, name: &str, trust: &Document, documents: &[Vec<u8>], expected: Result<u64, (u64, Code)>) {
        let slices: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
        let (reached, refused) = walk(&trust.anchor().unwrap(), &slices, NOW);
        let found = refused.map_or(Ok(reached.number()), |refusal| Err((reached.number(), refusal.code)));
        assert_eq!(found, expected, "{name}");
        self.0.push(json!({
            "name": name,
            "trust": trust.to_json(),
            "documents": documents.iter().map(|bytes| keys::to_text(bytes)).collect::<Vec<_>>(),
            "number": reached.number(),
            "epoch": reached.epoch(),
            "code": refused.map(|refusal| refusal.code.name()),
        }));
    }

    /// Of a fourth after the third.
    fn step(&mut self, name: &str, document: Vec<u8>, code: Option<Code>) {
        self.add(name, &third(), &[document], code.map_or(Ok(4), |code| Err((3, code))));
    }
}

fn changes(cases: &mut Cases) {
    let good: [(&str, Change); 9] = [
        ("the same", |_| {}),
        ("a key more", |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[11, 12])))),
        ("a key in place of another", |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[12])))),
        ("a role more", |next| drop(next.roles.insert("kill".to_owned(), role(1, &[15])))),
        ("a floor that rises", |next| next.min_version = 900),
        ("another jump", |next| next.max_jump = 5),
        ("a new epoch, under which the floor falls", |next| (next.epoch, next.min_version) = (2, 0)),
        ("root of all three", |next| drop(next.roles.insert("root".to_owned(), role(2, &[1, 2])))),
        ("holders without names", |next| {
            let keys = next.roles.values_mut().flat_map(|role| role.keys.values_mut());
            keys.for_each(|holder| holder.name.clear());
        }),
    ];
    for (name, change) in good {
        cases.step(name, fourth(change), None);
    }
    let rotated = numbered(4, |next| drop(next.roles.insert("root".to_owned(), role(2, &[3, 4, 5]))));
    cases.step("root rotated, signed by both", document(&rotated, &[1, 3, 4]), None);
    cases.step("root rotated, without the new keys", document(&rotated, &[1, 2]), Some(Code::UnknownKey));
    cases.step("root rotated, one new key of two", document(&rotated, &[1, 3]), Some(Code::RoleMissing));
    cases.step("root rotated, by the new keys alone", document(&rotated, &[3, 4, 5]), Some(Code::RoleMissing));
}

fn signatures(cases: &mut Cases) {
    let same = numbered(4, |_| {});
    let signers: [(&str, &[u8], Code); 5] = [
        ("nobody", &[], Code::Unsigned),
        ("strangers", &[8, 9], Code::UnknownKey),
        ("one of root's two", &[1], Code::RoleMissing),
        ("the publisher, as root", &[11], Code::RoleMissing),
        ("one of root's two, a stranger and the publisher", &[1, 8, 11], Code::RoleMissing),
    ];
    for (name, seeds, code) in signers {
        cases.step(&format!("signed by {name}"), document(&same, seeds), Some(code));
    }
    let as_publisher = sign(&document(&same, &[1]), &pair(2), "publisher").unwrap();
    cases.step("signed by root's second in another role", as_publisher, Some(Code::RoleMissing));
    let mut broken = document(&same, &[1, 2]);
    *broken.last_mut().unwrap() ^= 1;
    cases.step("a broken signature", broken, Some(Code::BadSignature));
}

fn numbers(cases: &mut Cases) {
    let wrong: [(&str, Change, Code); 13] = [
        ("another project", |next| next.project = "other".to_owned(), Code::WrongProject),
        ("another environment", |next| next.environment = "staging".to_owned(), Code::WrongEnvironment),
        ("the number of the trust, saying something else", |next| next.number = 3, Code::VersionConflict),
        ("number 5 after number 3", |next| next.number = 5, Code::VersionJump),
        ("the highest number there is", |next| next.number = limits::VERSION, Code::VersionJump),
        ("a floor that falls", |next| next.min_version = 6, Code::RolledBack),
        ("an epoch that falls", |next| (next.epoch, next.min_version) = (0, 9), Code::RolledBack),
        ("two epochs at once", |next| next.epoch = 3, Code::VersionJump),
        ("an epoch above all numbers", |next| next.epoch = limits::VERSION + 1, Code::Malformed),
        ("a floor above all numbers", |next| next.min_version = limits::VERSION + 1, Code::Malformed),
        ("a jump above all numbers", |next| next.max_jump = u64::MAX, Code::Malformed),
        ("no root", |next| drop(next.roles.remove("root")), Code::InvalidTrust),
        ("no publisher", |next| drop(next.roles.remove("publisher")), Code::InvalidTrust),
    ];
    for (name, change, code) in wrong {
        let also: Change = if name.contains("something else") { |next| next.max_jump = 7 } else { |_| {} };
        let made = fourth(|next| {
            change(next);
            also(next);
        });
        cases.step(name, made, Some(code));
    }
    let locked: [(&str, Change); 7] = [
        ("nobody but preview", |next| {
            next.roles.remove("publisher");
            next.roles.insert("preview".to_owned(), role(1, &[11]));
        }),
        ("more signatures than keys", |next| drop(next.roles.insert("publisher".to_owned(), role(2, &[11])))),
        ("300 signatures", |next| drop(next.roles.insert("publisher".to_owned(), role(300, &[11])))),
        ("no signature", |next| drop(next.roles.insert("publisher".to_owned(), role(0, &[11])))),
        ("no key", |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[])))),
        ("root's key publishes", |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[1])))),
        ("one key in two roles", |next| drop(next.roles.insert("approver".to_owned(), role(1, &[11])))),
    ];
    for (name, change) in locked {
        cases.step(name, fourth(change), Some(Code::InvalidTrust));
    }
}

fn dates(cases: &mut Cases) {
    let made = |not_before, expires| {
        let payload = numbered(4, |_| {}).payload();
        signed(snapshot::document(&claims(4, not_before, expires), Kind::Trust, &payload), &[1, 2])
    };
    cases.step("valid from now on, for a second", made(Some(SECOND), SECOND + 1), None);
    cases.step("not yet valid", made(Some(SECOND + 1), SECOND + 2), Some(Code::NotYetValid));
    cases.step("expired", made(None, SECOND), Some(Code::Expired));
}

fn bytes(cases: &mut Cases) {
    let good = fourth(|_| {});
    cases.step("a byte more", [&good[..], &[0]].concat(), Some(Code::Malformed));
    cases.step("a byte less", good[..good.len() - 1].to_vec(), Some(Code::Malformed));
    cases.step("no bytes", Vec::new(), Some(Code::Malformed));
    cases.step("over 8,192 bytes", [&good[..], &[0; 8_192]].concat(), Some(Code::TooLarge));
    for kind in [Kind::Pointer, Kind::Kills] {
        let payload = numbered(4, |_| {}).payload();
        let other = snapshot::document(&claims(4, None, limits::VERSION), kind, &payload);
        cases.step(&format!("{kind:?} in its place"), signed(other, &[1, 2]), Some(Code::RoleMissing));
    }
    let sealed = snapshot::seal(&claims(8, None, limits::VERSION), &[], &[]);
    cases.step("a snapshot in its place, by root", signed(sealed.clone(), &[1, 2]), Some(Code::RoleMissing));
    let published = sign(&sealed, &pair(11), "publisher").unwrap();
    cases.step("a snapshot in its place, by the publisher", published, Some(Code::Malformed));
}

fn payloads(cases: &mut Cases) {
    let refused = |code: Code, name: &str, payload: Vec<u8>, cases: &mut Cases| {
        cases.step(name, of_payload(payload), Some(code));
    };
    let empty = Writer::default().map(0).into_bytes();
    refused(Code::UnsupportedFormat, "an empty map", empty, cases);
    let second = Writer::default().map(1).integer(1).unsigned(2).into_bytes();
    refused(Code::UnsupportedFormat, "format 2", second, cases);
    let nothing = Writer::default().map(1).integer(1).unsigned(1).into_bytes();
    refused(Code::InvalidTrust, "no requirements", nothing, cases);
    refused(Code::Malformed, "an array", Writer::default().array(0).into_bytes(), cases);
    let good = numbered(4, |_| {}).payload();
    refused(Code::Malformed, "a byte behind the payload", [&good[..], &[0]].concat(), cases);
    // 05 in front of 01: `map` says how many entries there are, and nothing of their order.
    let disordered = Writer::default().map(2).integer(3).unsigned(1).integer(1).unsigned(1).into_bytes();
    refused(Code::Malformed, "keys in another order", disordered, cases);
    let twice = Writer::default().map(2).integer(1).unsigned(1).integer(1).unsigned(1).into_bytes();
    refused(Code::Malformed, "a key twice", twice, cases);
    refused(Code::Malformed, "a number in two bytes where one would do", vec![0xa1, 0x01, 0x18, 0x01], cases);
    refused(Code::Malformed, "an indefinite map", vec![0xbf, 0x01, 0x01, 0xff], cases);
    refused(Code::Malformed, "a float where a reader skips", vec![0xa2, 0x01, 0x01, 0x09, 0xf9, 0x3c, 0x00], cases);
    let deep = [&[0xa2, 0x01, 0x01, 0x09][..], &[0x81; 8], &[0x00]].concat();
    refused(Code::Malformed, "nested 9 deep", deep, cases);
    let more = [&[0xa6][..], &good[1..], &[0x09, 0x82, 0xf5, 0xa1, 0x01, 0x40]].concat();
    cases.step("a key that a later format has", of_payload(more), None);

    let head = || Writer::default().map(2).integer(1).unsigned(1).integer(5);
    let keys = |writer: Writer, seeds: &[u8]| {
        seeds.iter().fold(writer.integer(3).array(seeds.len()), |writer, seed| {
            writer.map(2).integer(1).bytes(&[*seed; 16]).integer(2).bytes(&[*seed; 32])
        })
    };
    let role = |writer: Writer, name: &str| keys(writer.map(3).integer(1).text(name).integer(2).unsigned(1), &[1, 2]);
    let many = (0..17).fold(head().array(17), |writer, at| role(writer, &format!("{at:02}"))).into_bytes();
    refused(Code::Malformed, "17 requirements", many, cases);
    let backwards = role(role(head().array(2), "b"), "a").into_bytes();
    refused(Code::Malformed, "roles in another order", backwards, cases);
    refused(Code::Malformed, "a role twice", role(role(head().array(2), "a"), "a").into_bytes(), cases);
    let one = || head().array(1).map(3).integer(1).text("a").integer(2).unsigned(1);
    refused(Code::Malformed, "keys of a role in another order", keys(one(), &[2, 1]).into_bytes(), cases);
    refused(Code::Malformed, "a key of a role twice", keys(one(), &[2, 2]).into_bytes(), cases);
    refused(Code::Malformed, "65 keys", one().integer(3).array(65).into_bytes(), cases);
    let short = one().integer(3).array(1).map(2).integer(1).bytes(&[1; 15]).integer(2).bytes(&[1; 32]).into_bytes();
    refused(Code::Malformed, "a kid of 15 bytes", short, cases);
}

fn chains(cases: &mut Cases) {
    let chain = |from: u64, to: u64| (from..=to).map(|number| document(&numbered(number, |_| {}), &[1, 2]));
    let first = numbered(1, |_| {});
    let all: Vec<Vec<u8>> = chain(2, 6).collect();
    cases.add("a chain of five", &first, &all, Ok(6));
    cases.add("a chain without its first", &first, &all[1..], Err((1, Code::VersionJump)));
    let gap = [all[0].clone(), all[2].clone()];
    cases.add("a chain with a gap", &first, &gap, Err((2, Code::VersionJump)));
    cases.add("a page that was built with number 5", &numbered(5, |_| {}), &all, Ok(6));
    cases.add("a page that was built with a higher number", &numbered(7, |_| {}), &all, Ok(7));
    let other = numbered(5, |built_in| built_in.min_version = 8);
    cases.add("a page that was built with another number 5", &other, &all, Err((5, Code::VersionConflict)));
    let renamed = numbered(5, |built_in| {
        for holder in built_in.roles.get_mut("root").unwrap().keys.values_mut() {
            holder.name = "somebody else".to_owned();
        }
    });
    cases.add("a page whose number 5 names other holders", &renamed, &all, Err((5, Code::VersionConflict)));
    let none = Document { number: 0, ..third() };
    let start: Vec<Vec<u8>> = chain(1, 2).collect();
    cases.add("a trust that is no document", &none, &start, Ok(2));
    // Root moves on by one key a step, so that nobody of the first is left.
    let moved = |number: u64, seeds: &[u8], signers: &[u8]| {
        let next = numbered(number, |next| drop(next.roles.insert("root".to_owned(), role(2, seeds))));
        document(&next, signers)
    };
    let moves = [moved(4, &[2, 3, 4], &[2, 3]), moved(5, &[3, 4, 5], &[3, 4]), moved(6, &[4, 5, 6], &[4, 5])];
    cases.add("root moves on", &third(), &moves, Ok(6));
    let stolen = [moves[0].clone(), moved(5, &[66], &[1, 2, 66])];
    cases.add("keys that root left behind", &third(), &stolen, Err((4, Code::RoleMissing)));
}

#[test]
fn what_pages_make_of_trust_documents_is_as_the_vectors_say() {
    let mut cases = Cases::default();
    for of in [changes, signatures, numbers, dates, bytes, payloads, chains] {
        of(&mut cases);
    }
    let about = "Chains of trust documents (base64url), the number and epoch that a page with `trust` reaches by them at `now`, and \
        why it goes no further. Written by crates/compile/tests/walk.rs.";
    let cases: Vec<String> = cases.0.iter().map(Json::to_string).collect();
    let text = format!("{{\"about\":{},\"now\":{NOW},\"cases\":[\n{}\n]}}\n", json!(about), cases.join(",\n"));
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(FILE, &text).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == text, "WRITE_VECTORS=1 writes {FILE}, where cases were added");
}
