use waft::head::file::Head;
use waft::head::freshness::{KEPT, Known, Origin, Standing, standing, take};
use waft::head::kills::Kills;
use waft::head::pointer::{Live, Pointer};
use waft::kind::Kind;
use waft::{Code, Refusal, limits, verify};
use waft_compile::snapshot;

use super::{DAY, HOUR, KINDS, NOW, claims, head, kills, live, newer, pointer, signed, trust, trust_in};

const MILLI: i64 = NOW as i64 * 1_000;

fn made(live: &Live, issued: u64, expires: u64) -> Vec<u8> {
    signed(Kind::Pointer, &snapshot::pointer(&claims(live.version, issued, expires), live))
}

fn read(document: Vec<u8>) -> Pointer {
    verify(document, &trust(), KEPT, None).and_then(Pointer::new).unwrap()
}

fn list(number: u64, flags: &[&str]) -> Kills {
    verify(kills(number, flags), &trust(), MILLI, None).and_then(Kills::new).unwrap()
}

fn code<T>(result: Result<T, Refusal>) -> Option<Code> {
    result.err().map(|refusal| refusal.code)
}

#[test]
fn a_pointer_lives_for_two_days_at_most() {
    let two_days = 48 * HOUR;
    for (issued, life, expected) in [
        (NOW, two_days, None),
        (NOW, two_days + 1, Some(Code::TooLarge)),
        (NOW - two_days, two_days, Some(Code::Expired)),
    ] {
        let document = made(&live(7, 0, 0), issued, issued + life);
        assert_eq!(code(verify(document, &trust(), MILLI, None).and_then(Pointer::new)), expected);
    }
    assert_eq!(limits::POINTER_SECONDS, two_days);
}

#[test]
fn numbers_of_pointers_only_rise_and_not_too_far() {
    let last = live(7, 3, 2);
    let trust_from = |min_version| trust_in(&KINDS, min_version);
    let other_digest = Live { digest: [9; 32], ..last };
    // Adopted and minVersion; what it comes to with the last pointer known, and without.
    type Case = (Live, u64, u64, Option<Code>, Option<Code>);
    let cases: [Case; 14] = [
        (last, 7, 0, None, None),
        (live(8, 4, 3), 7, 0, None, None),
        (live(8, 3, 2), 0, 0, None, None),
        (live(6, 3, 2), 7, 0, Some(Code::RolledBack), None),
        (live(8, 2, 2), 7, 0, Some(Code::RolledBack), None),
        (live(8, 3, 1), 7, 0, Some(Code::RolledBack), None),
        (live(8, 3, 2), 7, 9, Some(Code::RolledBack), Some(Code::RolledBack)),
        (other_digest, 7, 0, Some(Code::VersionConflict), None),
        (live(1_007, 3, 2), 0, 0, None, None),
        (live(1_008, 3, 2), 7, 0, Some(Code::VersionJump), Some(Code::VersionJump)),
        // What was adopted since, or a new floor, counts.
        (live(1_008, 3, 2), 8, 0, None, None),
        (live(1_008, 3, 2), 0, 8, None, None),
        (live(8, 1_004, 2), 7, 0, Some(Code::VersionJump), Some(Code::VersionJump)),
        (live(8, 3, 1_003), 7, 0, Some(Code::VersionJump), Some(Code::VersionJump)),
    ];
    for (index, (next, adopted, min_version, known, first)) in cases.into_iter().enumerate() {
        let (pointer, trust) = (read(pointer(&next)), trust_from(min_version));
        assert_eq!(code(pointer.follows(Some(&last), adopted, &trust)), known, "case {index}, known");
        assert_eq!(code(pointer.follows(None, adopted, &trust)), first, "case {index}, first");
    }
    // Where nothing is known, a project may number from wherever it likes, but for lists, which begin with 1.
    assert_eq!(code(read(pointer(&live(1 << 40, 0, 0))).follows(None, 0, &trust())), None);
}

#[test]
fn numbers_of_kill_lists_only_rise_and_not_too_far() {
    let last = list(3, &["checkout"]);
    for (number, flags, known, first) in [
        (3, &["checkout"][..], None, None),
        (4, &[], None, None),
        (2, &["checkout"], Some(Code::RolledBack), None),
        (3, &["checkout", "search"], Some(Code::VersionConflict), None),
        (1_003, &[], None, Some(Code::VersionJump)),
        (1_004, &[], Some(Code::VersionJump), Some(Code::VersionJump)),
    ] {
        let next = list(number, flags);
        assert_eq!(code(next.follows(Some(&last), 1_000)), known, "{number}");
        assert_eq!(code(next.follows(None, 1_000)), first, "{number}");
    }
}

#[test]
fn a_head_that_holds_less_than_its_pointer_names_is_incomplete() {
    let three = list(3, &["checkout"]);
    let incomplete = Some(Code::HeadIncomplete);
    // The kill list in the head, the page's, the page's trust; what the pointer comes to.
    type Case<'a> = (Option<u64>, Option<&'a Kills>, u64, Option<Code>);
    let cases: [Case<'_>; 6] = [
        (Some(3), None, 2, None),
        (Some(4), None, 2, None),
        (None, Some(&three), 2, None),
        (None, None, 2, incomplete),
        (Some(2), None, 2, incomplete),
        (Some(3), None, 1, incomplete),
    ];
    for (number, known, trust_number, expected) in cases {
        let documents = [number.map(|number| kills(number, &["checkout"])), Some(pointer(&live(7, 3, 2)))];
        let [kills, pointer] = documents.each_ref().map(Option::as_deref);
        let known = Known { kills: known, trust: trust_number, ..Known::default() };
        let taken = take(&Head { kills, pointer, snapshot: None }, &trust(), MILLI, &known);
        assert_eq!(code(taken.pointer), expected, "{number:?}");
        // Whatever the pointer is worth, a valid list holds.
        assert_eq!(taken.kills.map(|kills| kills.unwrap().number()), number);
    }
    assert_eq!(code(take(&Head::default(), &trust(), MILLI, &Known::default()).pointer), incomplete);
}

#[test]
fn a_pointer_vouches_for_its_snapshot_and_newer_ones() {
    let pointer = read(pointer(&live(7, 0, 0)));
    for (version, digest, expected) in [
        (7, [7; 32], None),
        (8, [1; 32], None),
        (6, [6; 32], Some(Code::RolledBack)),
        (7, [6; 32], Some(Code::VersionConflict)),
    ] {
        assert_eq!(code(pointer.vouches(version, &digest)), expected, "{version}");
    }
}

/// What is served under the head's address, for a snapshot of version 7; nothing where it is blocked.
fn served() -> [(&'static str, Option<Vec<u8>>); 6] {
    let fresh = pointer(&live(7, 1, 0));
    let list = kills(1, &["checkout"]);
    let with = |pointer: &[u8], list: &[u8]| head(&[(Kind::Pointer, pointer), (Kind::Kills, list)]).to_bytes().unwrap();
    let large = [newer("a", limits::HEAD_BYTES), with(&fresh, &list)].concat();
    [
        ("fresh", Some(with(&fresh, &list))),
        ("expired", Some(with(&made(&live(7, 1, 0), NOW - 25 * HOUR, NOW - HOUR), &list))),
        ("absent", Some(Vec::new())),
        ("blocked", None),
        ("incomplete", Some(fresh)),
        ("too large", Some(large)),
    ]
}

/// What hosts say of a head that cannot be had.
const UNREACHABLE: &str = "UNREACHABLE";

/// The pointer that a page takes of a head, by its clock, or why none; `kept` is the one that it has.
fn taken(served: Option<&[u8]>, kept: Option<&Pointer>, now: i64) -> Result<Pointer, &'static str> {
    let known = Known { version: 7, live: kept.map(Pointer::live), ..Known::default() };
    let head = Head::read(served.ok_or(UNREACHABLE)?).map_err(|refusal| refusal.code.name())?;
    take(&head, &trust(), now, &known).pointer.map_err(|refusal| refusal.code.name())
}

/// What a page with a clock makes of a head for its snapshot of version 7, which was built yesterday: a clock that is behind is that.
fn outcome(served: Option<&[u8]>, from: &str, clock: u64) -> String {
    let milli = |second: u64| second as i64 * 1_000;
    let now = milli(clock.max(NOW - DAY));
    let (served, kept) = match from {
        "kept" => (served, Some(read(made(&live(7, 0, 0), NOW - 25 * HOUR, NOW - HOUR)))),
        // What was refused then was not kept.
        "offline" => (None, taken(served, None, milli(NOW)).ok()),
        _ => (served, None),
    };
    let origin = match from {
        "inlined" => Origin::Inlined,
        _ => kept.as_ref().map_or(Origin::Fetched, |kept| Origin::Kept(Some(kept.expires()))),
    };
    let taken = taken(served, kept.as_ref(), now);
    let refused = taken.as_ref().err().copied();
    let pointer = taken.as_ref().ok().or(kept.as_ref()).ok_or(Code::HeadIncomplete.into());
    let told = |state: &str, code: Option<&str>| {
        [Some(state), refused.or(code)].into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    match standing(pointer, (7, &[7; 32]), origin, now, limits::MAX_STALE_SECONDS) {
        Standing::Fresh(_) => told("fresh", None),
        Standing::Stale(code, _) => told("stale", Some(code.name())),
        Standing::Refused(code) => told("defaults", Some(code.name())),
    }
}

/// The table of docs/snapshot-format.md, section 14, which pkg/tests/head.test.mjs plays with the package.
#[test]
fn what_a_page_does_with_each_head_from_each_origin_by_each_clock() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../../../../tests/vectors/standings.json")).unwrap();
    let clocks = [NOW, NOW + 2 * DAY, NOW - 2 * DAY, NOW + 730 * DAY, NOW - 730 * DAY];
    assert_eq!(expected["heads"].as_object().unwrap().len(), served().len());
    for (name, bytes) in served() {
        let rows = expected["heads"][name].as_object().unwrap();
        assert_eq!(rows.len(), 4);
        for (from, row) in rows {
            let told = clocks.map(|clock| outcome(bytes.as_deref(), from, clock));
            assert_eq!(&serde_json::json!(told), row, "{name}, {from}");
        }
    }
}

#[test]
fn a_kept_snapshot_ends_with_max_stale_and_an_open_page_outlives_its_pointer() {
    let pointer = read(pointer(&live(7, 0, 0)));
    let expires = pointer.expires() as i64 * 1_000;
    let snapshot = (7, &[7; 32]);
    let at = |origin, now| standing(Ok(&pointer), snapshot, origin, now, limits::MAX_STALE_SECONDS);
    let kept = Origin::Kept(Some(pointer.expires()));
    let end = expires + 7 * 86_400_000;
    assert_eq!(at(kept, expires - 1), Standing::Fresh(expires));
    assert_eq!(at(kept, expires), Standing::Stale(Code::Expired, end));
    assert_eq!(at(kept, end - 1), Standing::Stale(Code::Expired, end));
    assert_eq!(at(kept, end), Standing::Refused(Code::Expired));
    assert_eq!(at(Origin::Kept(None), expires), Standing::Refused(Code::Expired));
    // Kept, and a pointer that names a newer one.
    let older = standing(Ok(&pointer), (6, &[6; 32]), kept, MILLI, limits::MAX_STALE_SECONDS);
    assert_eq!(older, Standing::Stale(Code::RolledBack, end));
}
