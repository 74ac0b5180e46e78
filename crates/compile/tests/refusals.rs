//! Every refusal has its own way to come about, and comes with its own code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ed25519_compact::KeyPair;
use waft::body::State;
use waft::manifest::digest_of;
use waft::trust::{Key, Requirement};
use waft::{Code, Preview, Program, Refusal, Seen, Trust, verify};
use waft_compile::keys;
use waft_compile::snapshot::{Claims, Table, Writer, preview, seal, sign};

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
    let header = Writer::default()
        .map(3)
        .integer(2)
        .array(1)
        .integer(15)
        .integer(3)
        .text(waft::kind::Kind::Snapshot.content_type());
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

/// The page that may be shown previews: 6 and 7 sign them.
fn preview_trust(at_least: usize) -> Trust {
    let require = vec![requirement("publisher", 1, &[1]), requirement("preview", at_least, &[6, 7])];
    Trust::new("shop".to_owned(), "production".to_owned(), 0, 100, require).unwrap()
}

fn token(claims: &Claims, seeds: &[u8]) -> Vec<u8> {
    let shown = [("headline".to_owned(), "friendly".to_owned())].into();
    seeds.iter().fold(preview(claims, &shown), |bytes, seed| sign(&bytes, &pair(*seed), "preview").unwrap())
}

fn program() -> Program {
    verify(snapshot(&claims(), BOTH), &trust(), NOW, None).and_then(Program::new).unwrap()
}

fn open(token: &[u8], trust: &Trust, now: i64, program: &Program) -> Result<Preview, Refusal> {
    verify(token.to_vec(), trust, now, None).and_then(|verified| Preview::new(verified, program))
}

#[track_caller]
fn check_preview(bytes: &[u8], trust: &Trust, now: i64, expected: Result<(), Code>) {
    assert_eq!(open(bytes, trust, now, &program()).map(drop).map_err(|refusal| refusal.code), expected);
}

#[test]
fn previews_are_refused_as_snapshots_are() {
    let one = &preview_trust(1);
    check_preview(&token(&claims(), &[6]), one, NOW, Ok(()));
    check_preview(&token(&claims(), &[6, 7]), one, NOW, Ok(()));
    check_preview(&token(&claims(), &[]), one, NOW, Err(Code::Unsigned));
    check_preview(&token(&claims(), &[9]), one, NOW, Err(Code::UnknownKey));
    check_preview(&token(&claims(), &[6]), &preview_trust(2), NOW, Err(Code::RoleMissing));
    check_preview(&token(&claims(), &[6, 7]), &preview_trust(2), NOW, Ok(()));
    // A publisher's key is good for nothing else, whatever role it claims; nor is a previewer's where trust lists none.
    check_preview(&token(&claims(), &[1]), one, NOW, Err(Code::RoleMissing));
    check_preview(&token(&claims(), &[1]), &trust(), NOW, Err(Code::RoleMissing));
    check_preview(&token(&claims(), &[6]), &trust(), NOW, Err(Code::UnknownKey));
    check_preview(&token(&Claims { project: "other".to_owned(), ..claims() }, &[6]), one, NOW, Err(Code::WrongProject));
    let staging = Claims { environment: "staging".to_owned(), ..claims() };
    check_preview(&token(&staging, &[6]), one, NOW, Err(Code::WrongEnvironment));
    check_preview(&token(&claims(), &[6]), one, 999_499_999_999, Err(Code::NotYetValid));
    check_preview(&token(&claims(), &[6]), one, 1_000_999_999_999, Ok(()));
    check_preview(&token(&claims(), &[6]), one, 1_001_000_000_000, Err(Code::Expired));
    // One kind of document never passes for another, whoever signed it.
    check_preview(&snapshot(&claims(), &[(6, "preview")]), one, NOW, Err(Code::RoleMissing));
    check_preview(&snapshot(&claims(), &[(1, "publisher")]), one, NOW, Err(Code::Malformed));
    let as_rules = verify(token(&claims(), &[6]), one, NOW, None).and_then(Program::new);
    assert_eq!(as_rules.map(drop).map_err(|refusal| refusal.code), Err(Code::Malformed));
    check(token(&claims(), &[1]), NOW, None, Err(Code::RoleMissing));
    // Its version is nobody's concern: rules that are newer may be in force.
    let outcome = verify(token(&claims(), &[6]), one, NOW, Some(Seen { version: 99, digest: None }));
    assert!(outcome.is_ok());
    check_preview(&[token(&claims(), &[6]), vec![0]].concat(), one, NOW, Err(Code::Malformed));
}

#[test]
fn a_preview_key_adopts_no_snapshot() {
    let outcome = |signers: &[(u8, &str)]| {
        let outcome = verify(snapshot(&claims(), signers), &preview_trust(1), NOW, None);
        outcome.map(drop).map_err(|refusal| refusal.code)
    };
    assert_eq!(outcome(&[(6, "preview")]), Err(Code::RoleMissing));
    assert_eq!(outcome(&[(6, "publisher")]), Err(Code::RoleMissing));
    assert_eq!(outcome(&[(1, "publisher")]), Ok(()));
    // Where nothing else is required, anything would be a snapshot.
    let only = Trust::new("shop".to_owned(), "production".to_owned(), 0, 0, vec![requirement("preview", 1, &[6])]);
    assert_eq!(only.map(drop).map_err(|refusal| refusal.code), Err(Code::InvalidTrust));
}

#[test]
fn every_damaged_preview_is_refused() {
    let (whole, trust, program) = (token(&claims(), &[6]), preview_trust(1), program());
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            assert!(open(&bytes, &trust, NOW, &program).is_err(), "bit {bit} of byte {at}");
        }
        assert!(open(&whole[..at], &trust, NOW, &program).is_err(), "{at} bytes");
    }
}

#[test]
fn a_preview_is_written_in_one_way() {
    // The writer of tokens cannot write these: they take the place of an empty one's body.
    let check = |other: Writer, expected: Result<(), Code>| {
        let (whole, body) = (preview(&claims(), &[].into()), other.into_bytes());
        let empty = Writer::default().array(1).unsigned(1).into_bytes();
        let replaced = |bytes: &[u8], from: &[u8], to: &[u8]| {
            let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
            [&bytes[..at], to, &bytes[at + from.len()..]].concat()
        };
        // Lengths of up to 23 bytes are one byte of the manifest, behind its key.
        let bytes = replaced(&whole, &empty, &body);
        let bytes = replaced(&bytes, &digest_of(&[&empty]), &digest_of(&[&body]));
        let bytes = replaced(&bytes, &[2, empty.len() as u8, 3], &[2, body.len() as u8, 3]);
        check_preview(&sign(&bytes, &pair(6), "preview").unwrap(), &preview_trust(1), NOW, expected);
    };
    let texts = |count: usize| Writer::default().array(1 + count).unsigned(1);
    check(texts(0), Ok(()));
    check(texts(4).text("a").text("x").text("b").text("x"), Ok(()));
    check(Writer::default().array(1).unsigned(2), Err(Code::UnsupportedFormat));
    check(Writer::default().array(0), Err(Code::Malformed));
    check(Writer::default().map(0), Err(Code::Malformed));
    check(texts(4).text("b").text("x").text("a").text("x"), Err(Code::Malformed));
    check(texts(4).text("a").text("x").text("a").text("y"), Err(Code::Malformed));
    check(texts(2).text("").text("x"), Err(Code::Malformed));
    check(texts(1).text("a"), Err(Code::Malformed));
    check(texts(2).text("a").unsigned(1), Err(Code::Malformed));
    check(texts(2).text("a"), Err(Code::Malformed));
    check(texts(0).unsigned(0), Err(Code::Malformed));
    // An array has as many items as it says, and each flag a variant.
    check(texts(1), Err(Code::Malformed));
    check(texts(1).text("a").text("x"), Err(Code::Malformed));
    check(texts(3).text("a").text("x"), Err(Code::Malformed));
    check(texts(3).text("a").text("x").text("b"), Err(Code::Malformed));
    check(texts(3).text("a").text("x").text("b").text("x"), Err(Code::Malformed));
    check(texts(5).text("a").text("x").text("b").text("x"), Err(Code::Malformed));
}

#[test]
fn a_preview_lives_for_thirty_days_at_most() {
    const DAY: u64 = 86_400;
    const MADE: u64 = NOW as u64 / 1_000;
    let check = |made: u64, days: u64, now: u64, expected: Result<(), Code>| {
        let claims = Claims { issued: made, expires: made + days, not_before: None, ..claims() };
        check_preview(&token(&claims, &[6]), &preview_trust(1), now as i64 * 1_000, expected);
    };
    check(MADE, 30 * DAY, MADE, Ok(()));
    check(MADE, 30 * DAY, MADE + 30 * DAY - 1, Ok(()));
    check(MADE, 30 * DAY + 1, MADE, Err(Code::TooLarge));
    check(MADE, 30 * DAY + 1, MADE + 30 * DAY, Err(Code::TooLarge));
    check(0, MADE + DAY, MADE, Err(Code::TooLarge));
    // The device's clock may be behind, by a day of a token that lives as long as any.
    check(MADE, 30 * DAY, MADE - DAY, Ok(()));
    check(MADE, 30 * DAY, MADE - DAY - 1, Err(Code::TooLarge));
    check(MADE, 7 * DAY, MADE - 24 * DAY, Ok(()));
    // One that is dated ahead would live longer than it says.
    check(MADE + 365 * DAY, 30 * DAY, MADE, Err(Code::TooLarge));
    check(MADE + 365 * DAY, DAY, MADE, Err(Code::TooLarge));
    for (issued, expires) in [(0, u64::MAX), (u64::MAX, u64::MAX), (MADE, u64::MAX)] {
        let claims = Claims { issued, expires, not_before: None, ..claims() };
        check_preview(&token(&claims, &[6]), &preview_trust(1), NOW, Err(Code::TooLarge));
    }
    let backwards = Claims { issued: MADE + 10, expires: MADE + 5, not_before: None, ..claims() };
    check_preview(&token(&backwards, &[6]), &preview_trust(1), NOW, Ok(()));
    // Snapshots are as old as they like.
    check_snapshot_of(Claims { issued: 0, not_before: None, expires: u64::MAX, ..claims() });
}

#[track_caller]
fn check_snapshot_of(claims: Claims) {
    check(snapshot(&claims, BOTH), NOW, None, Ok(()));
}

/// Signed, and not as the format has it: arrays of other lengths, digests cut short.
#[test]
fn what_has_a_fixed_shape_has_no_other() {
    let header = |crit: &[i64]| {
        let crit =
            crit.iter().fold(Writer::default().map(3).integer(2).array(crit.len()), |writer, key| writer.integer(*key));
        let header = crit.integer(3).text(waft::kind::Kind::Snapshot.content_type()).integer(15).map(5);
        let header = header.integer(1).text("shop").integer(3).text("production").integer(4).unsigned(1_001_000_000);
        header.integer(6).unsigned(0).integer(-65_538).unsigned(5).into_bytes()
    };
    let body = Table::default().finish();
    let manifest = |lists: &[u8]| {
        let writer = Writer::default().map(5).integer(1).unsigned(1).integer(2).unsigned(body.len() as u64);
        let writer = writer.integer(3).unsigned(65_536).integer(4).bytes(&digest_of(&[&body]));
        writer.integer(5).bytes(lists).into_bytes()
    };
    // Of one signature, by the publisher, and none by an approver, who is not asked.
    let of = |items: usize, crit: &[i64], of_signer: &[i64], parts: usize, lists: &[u8]| {
        let (protected, payload, pair) = (header(crit), manifest(lists), pair(1));
        let signer = Writer::default().map(4).integer(1).integer(-8).integer(2).array(of_signer.len());
        let signer = of_signer.iter().fold(signer, |writer, key| writer.integer(*key));
        let signer = signer.integer(4).bytes(&keys::kid(&pair.pk)).integer(-65_537).text("publisher").into_bytes();
        let mut message = Vec::new();
        waft::verify::signed_message(&protected, &signer, &payload, |part| message.extend_from_slice(part));
        let signature = pair.sk.sign(&message, None);
        let head = Writer::default().tag(98).array(items).bytes(&protected).map(0).bytes(&payload).array(1);
        let bytes = head.array(parts).bytes(&signer).map(0).bytes(&*signature).into_bytes();
        let trust = Trust::new("shop", "production", 0, 0, vec![requirement("publisher", 1, &[1])]).unwrap();
        let outcome = verify([bytes, body.clone()].concat(), &trust, NOW, None).and_then(Program::new);
        outcome.map(drop).map_err(|refusal| refusal.code)
    };
    let (malformed, list) = (Err(Code::Malformed), [7; 32]);
    assert_eq!(of(4, &[15], &[-65_537], 3, &list), Ok(()));
    assert_eq!(of(4, &[15], &[-65_537], 3, &list.repeat(waft::limits::LIST_FILES)), Ok(()));
    for items in [0, 1, 2, 3, 5] {
        assert_eq!(of(items, &[15], &[-65_537], 3, &list), malformed, "{items} items");
    }
    for parts in [0, 1, 2, 4] {
        assert_eq!(of(4, &[15], &[-65_537], parts, &list), malformed, "{parts} parts of a signature");
    }
    for crit in [&[][..], &[15, 15], &[15, 99], &[99], &[15, 15, 15]] {
        assert_eq!(of(4, crit, &[-65_537], 3, &list), malformed, "crit {crit:?}");
    }
    for crit in [&[][..], &[-65_537, -65_537], &[-65_537, 15], &[15]] {
        assert_eq!(of(4, &[15], crit, 3, &list), malformed, "a signer's crit {crit:?}");
    }
    for lists in [1, 31, 33, 63] {
        assert_eq!(of(4, &[15], &[-65_537], 3, &[7].repeat(lists)), malformed, "{lists} bytes of lists' digests");
    }
    assert_eq!(of(4, &[15], &[-65_537], 3, &list.repeat(waft::limits::LIST_FILES + 1)), Err(Code::TooLarge));
}
