use waft::head::file::Head;
use waft::head::freshness::{Known, Origin, Standing, standing, take};
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
    verify(document, &trust(), MILLI, None).and_then(Pointer::new).unwrap()
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

/// What is served under the head's address, for a snapshot of version 7.
fn served() -> [(&'static str, Vec<u8>); 5] {
    let fresh = pointer(&live(7, 1, 0));
    let list = kills(1, &["checkout"]);
    let with = |pointer: &[u8], list: &[u8]| head(&[(Kind::Pointer, pointer), (Kind::Kills, list)]).to_bytes().unwrap();
    let large = [newer("a", limits::HEAD_BYTES), with(&fresh, &list)].concat();
    [
        ("fresh", with(&fresh, &list)),
        ("expired", with(&made(&live(7, 1, 0), NOW - 25 * HOUR, NOW - HOUR), &list)),
        ("absent", Vec::new()),
        ("incomplete", fresh),
        ("too large", large),
    ]
}

/// What a page with a clock makes of a head for its snapshot of version 7, which was built yesterday: a clock that is behind is that.
fn outcome(bytes: &[u8], origin: Origin, clock: u64) -> String {
    let now = clock.max(NOW - DAY) as i64 * 1_000;
    let known = Known { version: 7, ..Known::default() };
    let taken = Head::read(bytes).map(|head| take(&head, &trust(), now, &known));
    let pointer = taken.and_then(|taken| taken.pointer);
    match standing(pointer.as_ref().map_err(|refusal| *refusal), (7, &[7; 32]), origin, now, limits::MAX_STALE_SECONDS)
    {
        Standing::Fresh(_) => "fresh".to_owned(),
        Standing::Stale(code, _) => format!("stale {}", code.name()),
        Standing::Refused(code) => format!("defaults {}", code.name()),
    }
}

/// The table of docs/snapshot-format.md, section 14, played: a kept snapshot's last pointer expired an hour ago.
#[test]
fn what_a_page_does_with_each_head_from_each_origin_by_each_clock() {
    let origins = [("first", Origin::Fetched), ("kept", Origin::Kept(Some(NOW - HOUR))), ("inlined", Origin::Inlined)];
    let clocks = [
        ("right", NOW),
        ("2 days ahead", NOW + 2 * DAY),
        ("2 days behind", NOW - 2 * DAY),
        ("2 years ahead", NOW + 730 * DAY),
        ("2 years behind", NOW - 730 * DAY),
    ];
    let mut told = String::new();
    for (served, bytes) in served() {
        for (from, origin) in origins {
            let outcomes = clocks.map(|(_, clock)| outcome(&bytes, origin, clock));
            told += &format!("{served}, {from}: {}\n", outcomes.join(", "));
        }
    }
    // In the order of the clocks above.
    let expected = "\
fresh, first: fresh, defaults EXPIRED, fresh, defaults EXPIRED, fresh
fresh, kept: fresh, stale EXPIRED, fresh, defaults EXPIRED, fresh
fresh, inlined: fresh, stale EXPIRED, fresh, stale EXPIRED, fresh
expired, first: defaults EXPIRED, defaults EXPIRED, fresh, defaults EXPIRED, fresh
expired, kept: stale EXPIRED, stale EXPIRED, fresh, defaults EXPIRED, fresh
expired, inlined: stale EXPIRED, stale EXPIRED, fresh, stale EXPIRED, fresh
absent, first: defaults HEAD_INCOMPLETE, defaults HEAD_INCOMPLETE, defaults HEAD_INCOMPLETE, defaults HEAD_INCOMPLETE, defaults HEAD_INCOMPLETE
absent, kept: stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE, defaults HEAD_INCOMPLETE, stale HEAD_INCOMPLETE
absent, inlined: stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE, stale HEAD_INCOMPLETE
incomplete, first: defaults HEAD_INCOMPLETE, defaults EXPIRED, defaults HEAD_INCOMPLETE, defaults EXPIRED, defaults HEAD_INCOMPLETE
incomplete, kept: stale HEAD_INCOMPLETE, stale EXPIRED, stale HEAD_INCOMPLETE, defaults EXPIRED, stale HEAD_INCOMPLETE
incomplete, inlined: stale HEAD_INCOMPLETE, stale EXPIRED, stale HEAD_INCOMPLETE, stale EXPIRED, stale HEAD_INCOMPLETE
too large, first: defaults TOO_LARGE, defaults TOO_LARGE, defaults TOO_LARGE, defaults TOO_LARGE, defaults TOO_LARGE
too large, kept: stale TOO_LARGE, stale TOO_LARGE, stale TOO_LARGE, defaults TOO_LARGE, stale TOO_LARGE
too large, inlined: stale TOO_LARGE, stale TOO_LARGE, stale TOO_LARGE, stale TOO_LARGE, stale TOO_LARGE
";
    assert_eq!(told, expected);
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
