use std::collections::BTreeSet;

use waft::kind::Kind;
use waft_compile::head::{Conflict, Documents, merge};
use waft_compile::snapshot::{self, Claims};

use super::{HOUR, NOW, claims, head, kills, live, pointer, signed, trust};

/// What is left: the number of the kill list, and the pointer's version.
fn numbers(documents: &Documents) -> (Option<u64>, Option<u64>) {
    let trust = trust();
    let kills = documents.kills(&trust).map(|kills| kills.unwrap().number());
    (kills, documents.pointer(&trust).map(|pointer| pointer.unwrap().live().version))
}

#[test]
fn the_highest_number_of_each_part_is_kept() {
    let of = |number: u64, version: u64| {
        let (kills, pointer) = (kills(number, &["checkout"]), pointer(&live(version, 0, 0)));
        head(&[(Kind::Kills, &kills), (Kind::Pointer, &pointer)])
    };
    for (ours, theirs, expected) in [((1, 7), (2, 6), (2, 7)), ((2, 6), (1, 7), (2, 7)), ((1, 6), (2, 7), (2, 7))] {
        let merged = merge(&of(ours.0, ours.1), &of(theirs.0, theirs.1), &trust()).unwrap();
        assert_eq!(numbers(&merged), (Some(expected.0), Some(expected.1)));
    }
    // A part that one of them lacks is the other's.
    let kills = head(&[(Kind::Kills, &kills(3, &[]))]);
    let pointer = head(&[(Kind::Pointer, &pointer(&live(7, 0, 0)))]);
    for (ours, theirs) in [(&kills, &pointer), (&pointer, &kills)] {
        assert_eq!(numbers(&merge(ours, theirs, &trust()).unwrap()), (Some(3), Some(7)));
    }
    assert_eq!(merge(&kills, &Documents::default(), &trust()), Ok(kills.clone()));
    assert_eq!(merge(&Documents::default(), &kills, &trust()), Ok(kills));
}

#[test]
fn two_who_meant_different_things_by_one_number_are_in_conflict() {
    let of = |flag: &str| head(&[(Kind::Kills, &kills(3, &[flag]))]);
    assert_eq!(merge(&of("a"), &of("b"), &trust()), Err(Conflict::SameNumber(Kind::Kills)));
    assert_eq!(merge(&of("a"), &of("a"), &trust()), Ok(of("a")));
    let of = |version, kills, digest| {
        let live = waft::head::pointer::Live { digest: [digest; 32], ..live(version, kills, 0) };
        head(&[(Kind::Pointer, &pointer(&live))])
    };
    assert_eq!(merge(&of(11, 3, 1), &of(10, 4, 2), &trust()), Err(Conflict::Pointers));
    assert_eq!(merge(&of(11, 3, 1), &of(11, 3, 2), &trust()), Err(Conflict::SameNumber(Kind::Pointer)));
    // Of pointers to the same, the one that expires later.
    let late = snapshot::pointer(&claims(7, NOW, NOW + 30 * HOUR), &live(7, 0, 0));
    let late = head(&[(Kind::Pointer, &signed(Kind::Pointer, &late))]);
    let early = head(&[(Kind::Pointer, &pointer(&live(7, 0, 0)))]);
    assert_eq!(merge(&early, &late, &trust()), Ok(late.clone()));
    assert_eq!(merge(&late, &early, &trust()), Ok(late));
}

/// Whoever publishes next reads the list whatever its dates say: what is published is not undone by a clock.
#[test]
fn a_list_with_dates_is_no_less_published() {
    let claims = Claims { not_before: Some(NOW), ..claims(4, NOW - HOUR, NOW + HOUR) };
    let dated = signed(Kind::Kills, &snapshot::kills(&claims, &["b".to_owned()].into()));
    let (ours, theirs) = (head(&[(Kind::Kills, &kills(3, &["a"]))]), head(&[(Kind::Kills, &dated)]));
    assert_eq!(merge(&ours, &theirs, &trust()), Ok(theirs));
}

#[test]
fn what_nobody_vouches_for_never_wins() {
    let forged = snapshot::kills(&claims(900, NOW, NOW + HOUR), &BTreeSet::new());
    let forged = snapshot::sign(&forged, &super::key(Kind::Pointer), "kill").unwrap();
    let (ours, theirs) = (head(&[(Kind::Kills, &kills(3, &["a"]))]), head(&[(Kind::Kills, &forged)]));
    assert_eq!(merge(&ours, &theirs, &trust()), Ok(ours.clone()));
    assert_eq!(merge(&theirs, &ours, &trust()), Ok(ours));
}

#[test]
fn merging_twice_changes_nothing_and_the_order_does_not_matter() {
    let heads: Vec<Documents> = (0..4u64)
        .flat_map(|number| (1..4u64).map(move |version| (number, version)))
        .map(|(number, version)| {
            let mut documents = head(&[(Kind::Pointer, &pointer(&live(version, 0, 0)))]);
            if number > 0 {
                documents.put(Kind::Kills, kills(number, &["a"]));
            }
            documents
        })
        .collect();
    for one in &heads {
        for other in &heads {
            let merged = merge(one, other, &trust()).unwrap();
            assert_eq!(merged, merge(other, one, &trust()).unwrap());
            assert_eq!(merged, merge(&merged, other, &trust()).unwrap());
        }
    }
}
