//! Stolen keys: what each role's thief can do, and the way out. SECURITY.md names these tests.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use ed25519_compact::KeyPair;
use waft::anchor::advance;
use waft::kind::Kind;
use waft::{Anchor, Code, Seen, limits, verify};
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims, Table, sign};
use waft_compile::trust_document::{Document, Holder, Role};

const NOW: i64 = 1_000_000_000_000;
const KINDS: [Kind; 5] = [Kind::Snapshot, Kind::Preview, Kind::Pointer, Kind::Kills, Kind::Trust];
/// Each role with its keys.
const ROLES: [(&str, &[u8]); 6] = [
    ("root", &[1, 2, 3]),
    ("publisher", &[11]),
    ("approver", &[12]),
    ("preview", &[13]),
    ("freshness", &[14]),
    ("kill", &[15]),
];

fn pair(seed: u8) -> KeyPair {
    keys::from_seed([seed; 32])
}

fn role(at_least: usize, seeds: &[u8]) -> Role {
    let held = |seed: &u8| (keys::kid(&pair(*seed).pk), Holder { public: *pair(*seed).pk, name: String::new() });
    Role { at_least, keys: seeds.iter().map(held).collect() }
}

/// Number 1: all roles; two of root's three.
fn first() -> Document {
    Document {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        number: 1,
        max_jump: limits::MAX_JUMP,
        roles: ROLES.map(|(name, seeds)| (name.to_owned(), role(if name == "root" { 2 } else { 1 }, seeds))).into(),
        ..Document::default()
    }
}

/// The next one, changed, signed by two of root.
fn next(after: &Document, change: impl FnOnce(&mut Document)) -> (Document, Vec<u8>) {
    let mut document = Document { number: after.number + 1, ..after.clone() };
    change(&mut document);
    let bytes = [1, 2].iter().fold(document.unsigned(0), |bytes, seed| sign(&bytes, &pair(*seed), "root").unwrap());
    (document, bytes)
}

fn made(kind: Kind, version: u64, signers: &[(u8, &str)]) -> Vec<u8> {
    let claims = Claims {
        project: "shop".to_owned(),
        environment: "production".to_owned(),
        version,
        issued: 999_999_000,
        not_before: None,
        expires: 1_000_009_000,
    };
    let unsigned = match kind {
        Kind::Snapshot => snapshot::seal(&claims, &Table::default().finish(), &[]),
        Kind::Preview => snapshot::preview(&claims, &[].into()),
        Kind::Pointer | Kind::Kills | Kind::Trust => snapshot::document(&claims, kind, &first().payload()),
    };
    signers.iter().fold(unsigned, |bytes, (seed, role)| sign(&bytes, &pair(*seed), role).unwrap())
}

fn adopted(anchor: &Anchor, bytes: Vec<u8>, seen: Option<u64>) -> Result<u64, Code> {
    let seen = seen.map(|version| Seen { version, digest: None });
    verify(bytes, anchor.trust(), NOW, seen).map(|verified| verified.version()).map_err(|refusal| refusal.code)
}

#[test]
fn one_stolen_key_signs_what_its_role_is_for_and_nothing_else() {
    let anchor = first().anchor().unwrap();
    let alone = |stolen: &str, kind: Kind| {
        Kind::of_role(stolen.as_bytes()) == kind && !matches!(stolen, "publisher" | "approver" | "root")
    };
    for (stolen, seeds) in ROLES {
        for kind in KINDS {
            for (claimed, _) in ROLES {
                let is_adopted = adopted(&anchor, made(kind, 2, &[(seeds[0], claimed)]), None).is_ok();
                assert_eq!(is_adopted, claimed == stolen && alone(stolen, kind), "{stolen} as {claimed}: {kind:?}");
            }
        }
    }
}

#[test]
fn a_key_that_a_trust_document_took_out_counts_no_more() {
    let anchor = first().anchor().unwrap();
    for (stolen, seeds) in ROLES {
        let (document, bytes) = next(&first(), |next| {
            let at_least = next.roles[stolen].at_least;
            let left = [&seeds[1..], &[99]].concat();
            next.roles.insert(stolen.to_owned(), role(at_least, &left));
        });
        // Root's own thief has one of two; a second of the three replaces the stolen one.
        let bytes = if stolen == "root" {
            sign(&sign(&bytes, &pair(3), "root").unwrap(), &pair(99), "root").unwrap()
        } else {
            bytes
        };
        let after = advance(&anchor, &bytes, NOW).unwrap();
        assert_eq!(after.digest(), document.anchor().unwrap().digest());
        for kind in KINDS {
            assert!(adopted(&after, made(kind, 2, &[(seeds[0], stolen)]), None).is_err(), "{stolen}: {kind:?}");
        }
    }
}

/// Continuous deployment: the publisher alone. A thief publishes any rules, and pushes the version up as far as one jump.
#[test]
fn a_publishers_thief_who_pushed_versions_up_is_undone_by_a_new_epoch() {
    let mut document = first();
    document.roles.remove("approver");
    let anchor = document.anchor().unwrap();
    let thief: &[(u8, &str)] = &[(11, "publisher")];
    assert_eq!(adopted(&anchor, made(Kind::Snapshot, 7 + limits::MAX_JUMP, thief), Some(7)), Ok(7 + limits::MAX_JUMP));
    assert_eq!(adopted(&anchor, made(Kind::Snapshot, 8 + limits::MAX_JUMP, thief), Some(7)), Err(Code::VersionJump));

    let (_, bytes) = next(&document, |next| {
        next.roles.insert("publisher".to_owned(), role(1, &[21]));
        next.epoch += 1;
    });
    let after = advance(&anchor, &bytes, NOW).unwrap();
    assert_eq!(after.epoch(), anchor.epoch() + 1);
    assert_eq!(adopted(&after, made(Kind::Snapshot, 9 + limits::MAX_JUMP, thief), None), Err(Code::UnknownKey));
    // What was seen is remembered per epoch, so a page starts with none, and the rightful publisher with 1.
    assert_eq!(adopted(&after, made(Kind::Snapshot, 1, &[(21, "publisher")]), None), Ok(1));
}

#[test]
fn an_approvers_or_publishers_thief_alone_publishes_nothing_where_both_must_sign() {
    let anchor = first().anchor().unwrap();
    for (seed, name) in [(11, "publisher"), (12, "approver")] {
        assert_eq!(adopted(&anchor, made(Kind::Snapshot, 2, &[(seed, name)]), None), Err(Code::RoleMissing));
    }
    let both = made(Kind::Snapshot, 2, &[(11, "publisher"), (12, "approver")]);
    assert_eq!(adopted(&anchor, both, None), Ok(2));
}

#[test]
fn roots_thief_needs_the_threshold_and_then_only_new_pages_help() {
    let anchor = first().anchor().unwrap();
    let to_thief = |signers: &[u8]| {
        let mut document = Document { number: 2, ..first() };
        for name in ["root", "publisher"] {
            document.roles.insert(name.to_owned(), role(1, &[if name == "root" { 66 } else { 67 }]));
        }
        signers.iter().fold(document.unsigned(0), |bytes, seed| sign(&bytes, &pair(*seed), "root").unwrap())
    };
    assert_eq!(advance(&anchor, &to_thief(&[1, 66]), NOW).unwrap_err().code, Code::RoleMissing);
    let stolen = to_thief(&[1, 2, 66]);
    assert_eq!(advance(&anchor, &stolen, NOW).unwrap().number(), 2);
    // Pages that are built with another number 2 do not take the thief's, stored or served, nor what follows it.
    let rightful = Document { number: 2, min_version: 1, ..first() };
    let (reached, refusal) = waft::anchor::walk(&rightful.anchor().unwrap(), &[&stolen], NOW);
    assert_eq!((reached.digest(), refusal.unwrap().code), (rightful.anchor().unwrap().digest(), Code::VersionConflict));
}
