//! Trust documents: each refusal has its own way to come about, and what a page trusts always descends from its own trust.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod chain;

use chain::{NOW, document, numbered, pair, role, signed, third};
use waft::anchor::{advance, walk};
use waft::kind::Kind;
use waft::{Anchor, Code, limits};
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims, Writer, sign};
use waft_compile::trust_document::Document;

fn made_of(claims: &Claims, payload: &[u8]) -> Vec<u8> {
    snapshot::document(claims, Kind::Trust, payload)
}

type Change = fn(&mut Document);

/// Number 4, changed.
fn fourth(change: impl FnOnce(&mut Document)) -> Document {
    numbered(4, change)
}

#[track_caller]
fn check(from: &Document, bytes: &[u8], expected: Result<u64, Code>) {
    let reached = advance(&from.anchor().unwrap(), bytes, NOW);
    assert_eq!(reached.map(|anchor| anchor.number()).map_err(|refusal| refusal.code), expected);
}

#[test]
fn a_document_that_both_thresholds_signed_is_taken() {
    check(&third(), &document(&fourth(|_| {}), &[1, 2]), Ok(4));
    check(&third(), &document(&fourth(|_| {}), &[1, 2, 3]), Ok(4));
    let rotated = fourth(|next| drop(next.roles.insert("root".to_owned(), role(2, &[2, 3, 4]))));
    check(&third(), &document(&rotated, &[2, 3]), Ok(4));
    check(&third(), &document(&rotated, &[1, 2, 4]), Ok(4));
    let all_new = fourth(|next| drop(next.roles.insert("root".to_owned(), role(1, &[4]))));
    check(&third(), &document(&all_new, &[1, 3, 4]), Ok(4));
    // A trust that is no document is followed by number 1.
    let first = Document { number: 1, ..third() };
    check(&Document { number: 0, ..third() }, &document(&first, &[1, 2]), Ok(1));
    let raised = fourth(|next| (next.min_version, next.max_jump) = (900, 5));
    check(&third(), &document(&raised, &[1, 2]), Ok(4));
    let new_epoch = fourth(|next| (next.epoch, next.min_version) = (2, 0));
    check(&third(), &document(&new_epoch, &[1, 2]), Ok(4));
}

#[test]
fn signatures_of_the_predecessor_and_its_own_decide() {
    let same = fourth(|_| {});
    check(&third(), &document(&same, &[]), Err(Code::Unsigned));
    check(&third(), &document(&same, &[8, 9]), Err(Code::UnknownKey));
    check(&third(), &document(&same, &[1]), Err(Code::RoleMissing));
    check(&third(), &document(&same, &[11]), Err(Code::RoleMissing));
    check(&third(), &document(&same, &[1, 8, 11]), Err(Code::RoleMissing));
    // Another role's signature is none of root's.
    let as_publisher = sign(&document(&same, &[1]), &pair(2), "publisher").unwrap();
    check(&third(), &as_publisher, Err(Code::RoleMissing));
    // The successor's own threshold, of keys that prove that somebody has them.
    let rotated = fourth(|next| drop(next.roles.insert("root".to_owned(), role(2, &[3, 4, 5]))));
    check(&third(), &document(&rotated, &[1, 2]), Err(Code::UnknownKey));
    check(&third(), &document(&rotated, &[1, 3]), Err(Code::RoleMissing));
    check(&third(), &document(&rotated, &[3, 4, 5]), Err(Code::RoleMissing));
    check(&third(), &document(&rotated, &[1, 3, 4]), Ok(4));
    let mut broken = document(&same, &[1, 2]);
    *broken.last_mut().unwrap() ^= 1;
    check(&third(), &broken, Err(Code::BadSignature));
}

#[test]
fn a_trust_without_root_takes_none_and_root_never_goes() {
    let rootless = |mut document: Document| {
        document.roles.remove("root");
        document
    };
    check(&rootless(third()), &document(&fourth(|_| {}), &[1, 2]), Err(Code::UnknownKey));
    check(&rootless(third()), &document(&fourth(|_| {}), &[1, 2, 11]), Err(Code::RoleMissing));
    check(&third(), &document(&rootless(fourth(|_| {})), &[1, 2]), Err(Code::InvalidTrust));
}

#[test]
fn claims_and_numbers_are_checked() {
    let cases: [(Change, Code); 13] = [
        (|next| next.project = "other".to_owned(), Code::WrongProject),
        (|next| next.environment = "staging".to_owned(), Code::WrongEnvironment),
        (|next| next.number = 3, Code::RolledBack),
        (|next| (next.number, next.min_version) = (3, 8), Code::VersionConflict),
        (|next| next.number = 2, Code::RolledBack),
        (|next| next.number = 0, Code::RolledBack),
        (|next| next.number = 5, Code::VersionJump),
        (|next| next.number = limits::VERSION, Code::VersionJump),
        (|next| next.min_version = 6, Code::RolledBack),
        (|next| (next.epoch, next.min_version) = (0, 9), Code::RolledBack),
        (|next| next.epoch = 3, Code::VersionJump),
        (|next| next.epoch = limits::VERSION + 1, Code::Malformed),
        (|next| next.max_jump = u64::MAX, Code::Malformed),
    ];
    for (change, code) in cases {
        check(&third(), &document(&fourth(change), &[1, 2]), Err(code));
    }
}

#[test]
fn a_content_that_would_lock_pages_out_is_refused() {
    let cases: [Change; 8] = [
        |next| drop(next.roles.remove("publisher")),
        |next| drop((next.roles.remove("publisher"), next.roles.insert("preview".to_owned(), role(1, &[11])))),
        |next| drop(next.roles.insert("publisher".to_owned(), role(2, &[11]))),
        |next| drop(next.roles.insert("publisher".to_owned(), role(0, &[11]))),
        |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[]))),
        |next| drop(next.roles.insert("publisher".to_owned(), role(1, &[1]))),
        |next| drop(next.roles.insert("approver".to_owned(), role(1, &[11]))),
        |next| drop(next.roles.insert("root".to_owned(), role(4, &[1, 2, 3]))),
    ];
    for change in cases {
        check(&third(), &document(&fourth(change), &[1, 2]), Err(Code::InvalidTrust));
    }
}

#[test]
fn dates_are_compared_where_somebody_wrote_them() {
    let claims = |not_before, expires| {
        let (project, environment) = ("shop".to_owned(), "production".to_owned());
        Claims { project, environment, version: 4, issued: 0, not_before, expires }
    };
    let made = |not_before, expires| signed(made_of(&claims(not_before, expires), &fourth(|_| {}).payload()), &[1, 2]);
    let now = NOW as u64 / 1_000;
    check(&third(), &made(Some(now), now + 1), Ok(4));
    check(&third(), &made(Some(now + 1), now + 2), Err(Code::NotYetValid));
    check(&third(), &made(None, now), Err(Code::Expired));
}

#[test]
fn other_bytes_are_refused() {
    let good = document(&fourth(|_| {}), &[1, 2]);
    let mut longer = good.clone();
    longer.push(0);
    check(&third(), &longer, Err(Code::Malformed));
    check(&third(), &good[..good.len() - 1], Err(Code::Malformed));
    check(&third(), &[], Err(Code::Malformed));
    check(&third(), &[&good[..], &[0; 8_192]].concat(), Err(Code::TooLarge));
    // A snapshot or a token in its place, and the reverse.
    let claims = Claims {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        version: 4,
        issued: 0,
        not_before: None,
        expires: limits::VERSION,
    };
    let sealed = snapshot::seal(&claims, &[], &[]);
    check(&third(), &signed(sealed.clone(), &[1, 2]), Err(Code::RoleMissing));
    check(&third(), &sign(&sealed, &pair(11), "publisher").unwrap(), Err(Code::RolledBack));
    let later = snapshot::seal(&Claims { version: 8, ..claims.clone() }, &[], &[]);
    check(&third(), &sign(&later, &pair(11), "publisher").unwrap(), Err(Code::Malformed));
    check(&third(), &signed(snapshot::preview(&claims, &[].into()), &[1, 2]), Err(Code::RoleMissing));
    let verified = waft::verify(good, third().anchor().unwrap().trust(), NOW, None);
    assert_eq!(verified.and_then(waft::Program::new).unwrap_err().code, Code::Malformed);

    let payload =
        |payload: Vec<u8>, expected| check(&third(), &signed(made_of(&claims, &payload), &[1, 2]), Err(expected));
    payload(Writer::default().map(0).into_bytes(), Code::UnsupportedFormat);
    payload(Writer::default().map(1).integer(1).unsigned(2).into_bytes(), Code::UnsupportedFormat);
    payload(Writer::default().map(1).integer(1).unsigned(1).into_bytes(), Code::InvalidTrust);
    payload(Writer::default().array(0).into_bytes(), Code::Malformed);
    // 17 requirements, 65 keys, requirements and keys in another order.
    let head = || Writer::default().map(2).integer(1).unsigned(1).integer(5);
    let keys = |writer: Writer, seeds: &[u8]| {
        seeds.iter().fold(writer.integer(3).array(seeds.len()), |writer, seed| {
            writer.map(2).integer(1).bytes(&[*seed; 16]).integer(2).bytes(&[*seed; 32])
        })
    };
    let role = |writer: Writer, name: &str| keys(writer.map(3).integer(1).text(name).integer(2).unsigned(1), &[1, 2]);
    payload(
        (0..17).fold(head().array(17), |writer, at| role(writer, &format!("{:02}", at))).into_bytes(),
        Code::Malformed,
    );
    payload(role(role(head().array(2), "b"), "a").into_bytes(), Code::Malformed);
    payload(role(role(head().array(2), "a"), "a").into_bytes(), Code::Malformed);
    let one = || head().array(1).map(3).integer(1).text("a").integer(2).unsigned(1);
    payload(keys(one(), &[2, 1]).into_bytes(), Code::Malformed);
    payload(keys(one(), &[2, 2]).into_bytes(), Code::Malformed);
    payload(one().integer(3).array(65).into_bytes(), Code::Malformed);
}

/// Documents from number 1 on, each signed by root's two, and the bytes of the chain.
fn chain(length: u64) -> (Anchor, Vec<Vec<u8>>) {
    let first = Document { number: 1, ..third() };
    let later = (2..=length).map(|number| document(&Document { number, ..third() }, &[1, 2]));
    (first.anchor().unwrap(), later.collect())
}

fn walked(built_in: &Anchor, documents: &[Vec<u8>]) -> (u64, Option<Code>) {
    let documents: Vec<&[u8]> = documents.iter().map(Vec::as_slice).collect();
    let (reached, refusal) = walk(built_in, &documents, NOW);
    (reached.number(), refusal.map(|refusal| refusal.code))
}

#[test]
fn a_chain_is_walked_from_the_trust_that_is_built_in() {
    let (first, documents) = chain(6);
    assert_eq!(walked(&first, &documents), (6, None));
    assert_eq!(walked(&first, &documents[1..]), (1, Some(Code::VersionJump)));
    assert_eq!(walked(&first, &[documents[0].clone(), documents[2].clone()]), (2, Some(Code::VersionJump)));
    // What it holds when it is built anew is behind it.
    let fifth = Document { number: 5, ..third() }.anchor().unwrap();
    assert_eq!(walked(&fifth, &documents), (6, None));
    let seventh = Document { number: 7, ..third() }.anchor().unwrap();
    assert_eq!(walked(&seventh, &documents), (7, None));
    // The stored number with another content: what is built in wins, and nothing of the other chain is taken.
    let other = Document { number: 5, min_version: 8, ..third() }.anchor().unwrap();
    assert_eq!(walked(&other, &documents), (5, Some(Code::VersionConflict)));
}

#[test]
fn a_page_is_at_most_64_documents_and_256_kilobytes_behind() {
    let (first, documents) = chain(66);
    assert_eq!(walked(&first, &documents[..64]), (65, None));
    assert_eq!(walked(&first, &documents), (65, Some(Code::TooLarge)));
    let named = |number: u64| {
        let mut document = Document { number, ..third() };
        for holder in document.roles.get_mut("root").unwrap().keys.values_mut() {
            holder.name = "x".repeat(1_080);
        }
        document
    };
    // The largest payload that an envelope takes, and more signatures than count.
    let signers: Vec<u8> = (1..=16).collect();
    let large: Vec<Vec<u8>> = (2..=64).map(|number| document(&named(number), &signers)).collect();
    let each = large[40].len();
    assert!((4_500..=limits::TRUST_DOCUMENT_BYTES).contains(&each), "{each}");
    let (reached, refusal) = walked(&first, &large);
    let fits = large
        .iter()
        .scan(0, |sum, one| {
            *sum += one.len();
            Some(*sum)
        })
        .filter(|sum| *sum <= limits::TRUST_BYTES);
    assert_eq!((reached, refusal), (1 + fits.count() as u64, Some(Code::TooLarge)));
}

#[test]
fn written_and_read_it_is_the_same() {
    let document = third();
    assert_eq!(Document::read(&document.unsigned(0)).unwrap(), document);
    assert_eq!(Document::from_json(&document.to_json().to_string()).unwrap(), document);
    assert_eq!(
        document.anchor().unwrap().digest(),
        Document::from_json(&document.to_json().to_string()).unwrap().anchor().unwrap().digest()
    );
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % bound
    }

    fn some(&mut self, from: &[u8]) -> Vec<u8> {
        from.iter().copied().filter(|_| self.below(2) == 0).collect()
    }
}

/// Random documents, signed by random keys, in any order: what is reached follows the rules, as they are written here once more.
#[test]
fn whatever_is_offered_each_step_has_both_thresholds_and_only_rises() {
    let mut random = Random(16);
    let mut steps = 0;
    for _ in 0..300 {
        let mut at = third();
        for _ in 0..6 {
            let mut next = Document { number: at.number + random.below(3), ..at.clone() };
            next.epoch = at.epoch + random.below(3);
            next.min_version = at.min_version + 2 - random.below(4);
            let mut seeds = random.some(&[1, 2, 3, 4, 5]);
            if seeds.is_empty() {
                seeds = vec![5];
            }
            let at_least = 1 + random.below(seeds.len() as u64) as usize;
            next.roles.insert("root".to_owned(), role(at_least, &seeds));
            let signers = random.some(&[1, 2, 3, 4, 5, 6]);
            let meets = |document: &Document| {
                let root = &document.roles["root"];
                signers.iter().filter(|seed| root.keys.contains_key(&keys::kid(&pair(**seed).pk))).count()
                    >= root.at_least
            };
            let is_next = next.number == at.number + 1
                && (next.epoch == at.epoch && next.min_version >= at.min_version || next.epoch == at.epoch + 1);
            let reached = advance(&at.anchor().unwrap(), &document(&next, &signers), NOW);
            assert_eq!(reached.is_ok(), is_next && meets(&at) && meets(&next), "{at:?} {next:?} {signers:?}");
            if let Ok(reached) = reached {
                assert_eq!(reached.digest(), next.anchor().unwrap().digest());
                (at, steps) = (next, steps + 1);
            }
        }
    }
    assert!(steps > 50, "{steps}");
}

#[test]
fn no_flipped_bit_is_taken() {
    let good = document(&fourth(|_| {}), &[1, 2]);
    let from = third().anchor().unwrap();
    for bit in 0..8 * good.len() {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(advance(&from, &flipped, NOW).is_err(), "bit {bit}");
    }
}
