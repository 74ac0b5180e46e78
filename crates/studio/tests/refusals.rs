//! Every refusal has its own way to come about, and comes with its own code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ed25519_compact::KeyPair;
use waft::body::State;
use waft::trust::{Key, Requirement};
use waft::{Code, Program, Seen, Trust, verify};
use waft_studio::keys;
use waft_studio::snapshot::{Claims, Table, Writer, seal, sign};

const NOW: i64 = 1_000_000_000_000;

fn claims() -> Claims {
    Claims {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        version: 5,
        issued: 999_000_000,
        not_before: Some(999_500_000),
        expires: 1_001_000_000,
    }
}

fn pair(seed: u8) -> KeyPair {
    keys::from_seed([seed; 32])
}

fn key(seed: u8) -> Key {
    Key { kid: keys::kid(&pair(seed).pk), public: *pair(seed).pk }
}

fn requirement(role: &str, at_least: usize, seeds: &[u8]) -> Requirement {
    Requirement { role: role.into(), at_least, keys: seeds.iter().map(|seed| key(*seed)).collect() }
}

/// A publisher (1) and one of two approvers (2, 3) must sign.
fn trust() -> Trust {
    let require = vec![requirement("publisher", 1, &[1]), requirement("approver", 1, &[2, 3])];
    Trust::new("shop".to_owned(), "production".to_owned(), 3, 100, require).unwrap()
}

fn snapshot(claims: &Claims, signers: &[(u8, &str)]) -> Vec<u8> {
    let body = Table::default().finish();
    signers.iter().fold(seal(claims, &body, &[]), |bytes, (seed, role)| sign(&bytes, &pair(*seed), role).unwrap())
}

const BOTH: &[(u8, &str)] = &[(1, "publisher"), (2, "approver")];

#[track_caller]
fn check(bytes: Vec<u8>, now: i64, seen: Option<Seen>, expected: Result<(), Code>) {
    let outcome = verify(bytes, &trust(), now, seen).and_then(Program::new);
    assert_eq!(outcome.map(drop).map_err(|refusal| refusal.code), expected);
}

#[test]
fn a_good_snapshot_is_adopted() {
    check(snapshot(&claims(), BOTH), NOW, None, Ok(()));
    check(snapshot(&claims(), &[(3, "approver"), (1, "publisher")]), NOW, None, Ok(()));
    check(
        snapshot(&claims(), &[(1, "publisher"), (2, "approver"), (3, "approver"), (9, "auditor")]),
        NOW,
        None,
        Ok(()),
    );
}

#[test]
fn signatures_decide_first() {
    check(snapshot(&claims(), &[]), NOW, None, Err(Code::Unsigned));
    check(snapshot(&claims(), &[(8, "publisher"), (9, "approver")]), NOW, None, Err(Code::UnknownKey));
    check(snapshot(&claims(), &[(1, "publisher")]), NOW, None, Err(Code::RoleMissing));
    check(snapshot(&claims(), &[(1, "approver"), (2, "publisher")]), NOW, None, Err(Code::RoleMissing));
    check(snapshot(&claims(), &[(1, "publisher"), (9, "approver")]), NOW, None, Err(Code::RoleMissing));
}

#[test]
fn one_key_cannot_take_two_roles() {
    let twice = vec![requirement("publisher", 1, &[1]), requirement("approver", 1, &[1, 2])];
    let invalid =
        |require| Trust::new("shop".to_owned(), "production".to_owned(), 0, 0, require).map(drop).map_err(|r| r.code);
    assert_eq!(invalid(twice), Err(Code::InvalidTrust));
    assert_eq!(invalid(vec![requirement("publisher", 2, &[1, 1])]), Err(Code::InvalidTrust));
    assert_eq!(invalid(vec![requirement("publisher", 0, &[1])]), Err(Code::InvalidTrust));
    assert_eq!(invalid(vec![requirement("publisher", 2, &[1])]), Err(Code::InvalidTrust));
    assert_eq!(invalid(vec![]), Err(Code::InvalidTrust));
}

#[test]
fn a_signature_that_does_not_match_refuses_the_whole() {
    let mut bytes = snapshot(&claims(), BOTH);
    // The last byte of the envelope is the last byte of the last signature.
    let at = bytes.len() - Table::default().finish().len() - 1;
    bytes[at] ^= 1;
    check(bytes, NOW, None, Err(Code::BadSignature));
}

#[test]
fn claims_are_checked() {
    check(snapshot(&Claims { project: "other".to_owned(), ..claims() }, BOTH), NOW, None, Err(Code::WrongProject));
    check(
        snapshot(&Claims { environment: "staging".to_owned(), ..claims() }, BOTH),
        NOW,
        None,
        Err(Code::WrongEnvironment),
    );
    check(snapshot(&claims(), BOTH), 999_499_999_999, None, Err(Code::NotYetValid));
    check(snapshot(&claims(), BOTH), 999_500_000_000, None, Ok(()));
    check(snapshot(&claims(), BOTH), 1_000_999_999_999, None, Ok(()));
    check(snapshot(&claims(), BOTH), 1_001_000_000_000, None, Err(Code::Expired));
    check(snapshot(&claims(), BOTH), -1, None, Err(Code::NotYetValid));
}

#[test]
fn versions_only_go_up() {
    let seen = |version| Some(Seen { version, digest: None });
    check(snapshot(&Claims { version: 2, ..claims() }, BOTH), NOW, None, Err(Code::RolledBack));
    check(snapshot(&claims(), BOTH), NOW, seen(6), Err(Code::RolledBack));
    check(snapshot(&claims(), BOTH), NOW, seen(5), Ok(()));
    check(snapshot(&claims(), BOTH), NOW, Some(Seen { version: 5, digest: Some([0; 32]) }), Err(Code::VersionConflict));
    check(snapshot(&claims(), BOTH), NOW, Some(Seen { version: 4, digest: Some([0; 32]) }), Ok(()));
    check(snapshot(&Claims { version: 105, ..claims() }, BOTH), NOW, seen(5), Ok(()));
    check(snapshot(&Claims { version: 106, ..claims() }, BOTH), NOW, seen(5), Err(Code::VersionJump));
    check(snapshot(&Claims { version: 104, ..claims() }, BOTH), NOW, None, Err(Code::VersionJump));
}

#[test]
fn the_same_version_with_its_own_digest_is_no_conflict_and_a_signature_more_changes_nothing() {
    let first = verify(snapshot(&claims(), BOTH), &trust(), NOW, None).unwrap();
    let seen = Some(Seen { version: 5, digest: Some(*first.digest()) });
    check(snapshot(&claims(), &[(1, "publisher"), (2, "approver"), (3, "approver")]), NOW, seen, Ok(()));
}

#[test]
fn the_body_must_be_the_one_that_was_signed() {
    let mut bytes = snapshot(&claims(), BOTH);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    check(bytes, NOW, None, Err(Code::DigestMismatch));
    let mut bytes = snapshot(&claims(), BOTH);
    bytes.push(0);
    check(bytes, NOW, None, Err(Code::Malformed));
}

#[test]
fn other_formats_and_sizes_are_told_apart() {
    check(vec![0; waft::limits::SNAPSHOT_BYTES + 1], NOW, None, Err(Code::TooLarge));
    let header = Writer::default().map(3).integer(2).array(1).integer(15).integer(3).text(waft::envelope::CONTENT_TYPE);
    let header = header.integer(15).map(5).integer(1).text("shop").integer(3).text("production");
    let header =
        header.integer(4).unsigned(1_001_000_000).integer(6).unsigned(0).integer(-65_538).unsigned(5).into_bytes();
    let newer = Writer::default()
        .map(4)
        .integer(1)
        .unsigned(2)
        .integer(2)
        .unsigned(0)
        .integer(3)
        .unsigned(65_536)
        .integer(4)
        .bytes(&[]);
    let message =
        |payload: &[u8]| Writer::default().tag(98).array(4).bytes(&header).map(0).bytes(payload).array(0).into_bytes();
    let signed =
        |bytes| BOTH.iter().fold(bytes, |bytes: Vec<u8>, (seed, role)| sign(&bytes, &pair(*seed), role).unwrap());
    check(signed(message(&newer.into_bytes())), NOW, None, Err(Code::UnsupportedFormat));
    check(message(&[0xa0; 4_000]), NOW, None, Err(Code::TooLarge));
    check(b"not a snapshot".to_vec(), NOW, None, Err(Code::Malformed));
    check(Vec::new(), NOW, None, Err(Code::Malformed));
}

#[test]
fn a_body_of_many_chunks_is_checked_chunk_by_chunk() {
    let body: Vec<u8> = (0..9_000_000u32).map(|index| (index % 251) as u8).collect();
    let sealed = seal(&claims(), &body, &[]);
    assert!(sealed.len() - body.len() < 4_000, "the manifest fits its limit");
    let signed = BOTH.iter().fold(sealed, |bytes, (seed, role)| sign(&bytes, &pair(*seed), role).unwrap());
    let verified = verify(signed.clone(), &trust(), NOW, None).unwrap();
    assert_eq!(verified.body().state(), State::Open);
    while verified.body().advance() == State::Open {}
    assert_eq!(verified.body().state(), State::Whole);
    assert_eq!(verified.body().whole().unwrap(), body);

    let mut damaged = signed;
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let adopted = verify(damaged.clone(), &trust(), NOW, None).unwrap();
    let middle = body.len() / 2;
    assert_eq!(adopted.body().get(0, 9), Some(&body[..9]), "a chunk that is whole");
    assert_eq!(adopted.body().get(body.len() - 9, 9), Some(&body[body.len() - 9..]), "the last chunk");
    assert_eq!(adopted.body().state(), State::Open);
    assert_eq!(adopted.body().get(middle, 1), None, "the chunk that is damaged");
    assert_eq!(adopted.body().state(), State::Broken);
    assert_eq!(adopted.body().get(middle - 200_000, 400_000), None, "what reaches into it");
    assert_eq!(adopted.whole().unwrap_err().code, Code::DigestMismatch);
    let adopted = verify(damaged, &trust(), NOW, None).unwrap();
    while adopted.body().advance() == State::Open {}
    assert_eq!(adopted.body().state(), State::Broken, "noticed though nobody uses it");
}
