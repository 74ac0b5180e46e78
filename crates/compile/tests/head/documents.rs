use waft::head::file::Head;
use waft::head::freshness::{KEPT, Known, take};
use waft::head::kills::Kills;
use waft::head::pointer::Pointer;
use waft::kind::Kind;
use waft::{Code, Preview, Program, Refusal, Trust, limits, verify};
use waft_compile::snapshot::{self, Claims, Writer};

use super::{DAY, HOUR, KINDS, NOW, claims, head, key, kills, live, newer, pointer, role, signed, trust, trust_in};

const MILLI: i64 = NOW as i64 * 1_000;

fn code<T>(result: Result<T, Refusal>) -> Option<Code> {
    result.err().map(|refusal| refusal.code)
}

#[test]
fn a_head_is_small_and_comes_back_from_its_bytes() {
    let (pointer, kills) = (pointer(&live(7, 3, 0)), kills(3, &["checkout", "express-checkout", "new-search"]));
    let bytes = head(&[(Kind::Pointer, &pointer), (Kind::Kills, &kills)]).to_bytes().unwrap();
    assert!(bytes.len() < 700, "{} bytes", bytes.len());
    let read = Head::read(&bytes).unwrap();
    assert_eq!(read, Head { kills: Some(&kills), pointer: Some(&pointer), snapshot: None });
    assert_eq!(Head::read(&[]), Ok(Head::default()));

    let taken = take(&read, &trust(), MILLI, &Known::default());
    assert_eq!(taken.pointer.unwrap().live(), &live(7, 3, 0));
    let kills = taken.kills.unwrap().unwrap();
    assert_eq!((kills.number(), kills.flags()), (3, vec![&b"checkout"[..], b"express-checkout", b"new-search"]));
}

#[test]
fn a_snapshot_may_follow_a_head() {
    let (pointer, snapshot) =
        (pointer(&live(7, 0, 0)), signed(Kind::Snapshot, &snapshot::seal(&claims(7, 0, NOW), b"..", &[])));
    let whole = [&pointer[..], &snapshot].concat();
    assert_eq!(Head::read(&whole), Ok(Head { kills: None, pointer: Some(&pointer), snapshot: Some(&snapshot) }));
    // One alone is a head without documents.
    assert_eq!(Head::read(&snapshot), Ok(Head { kills: None, pointer: None, snapshot: Some(&snapshot) }));
}

#[test]
fn a_document_of_a_type_that_is_not_known_is_skipped() {
    let (pointer, kills) = (pointer(&live(7, 0, 0)), kills(1, &[]));
    let parts = [
        &newer("application/vnd.waft.a", 50)[..],
        &kills,
        &newer("application/vnd.waft.m", 50),
        &pointer,
        &newer("x/y", 50),
    ];
    assert_eq!(
        Head::read(&parts.concat()).unwrap(),
        Head { kills: Some(&kills), pointer: Some(&pointer), snapshot: None }
    );
}

#[test]
fn a_head_that_is_not_a_sequence_of_documents_in_order_is_malformed() {
    let (pointer, kills) = (pointer(&live(7, 0, 0)), kills(1, &[]));
    let cut = &pointer[..pointer.len() - 1];
    let cases: [&[&[u8]]; 6] = [
        &[&pointer, &kills],
        &[&pointer, &pointer],
        &[&kills, &kills],
        &[&kills, b"\0"],
        &[&kills, cut],
        &[b"\xd8\x62"],
    ];
    for parts in cases {
        assert_eq!(code(Head::read(&parts.concat())), Some(Code::Malformed));
    }
}

#[test]
fn a_head_has_a_limit() {
    let snapshot = signed(Kind::Snapshot, &snapshot::seal(&claims(7, 0, NOW), &[0; 20_000], &[]));
    for (length, expected) in [(limits::HEAD_BYTES, None), (limits::HEAD_BYTES + 1, Some(Code::TooLarge))] {
        let head = newer("a", length);
        assert_eq!((head.len(), code(Head::read(&head))), (length, expected));
        // The snapshot behind it does not count.
        assert_eq!(code(Head::read(&[&head[..], &snapshot].concat())), expected);
    }
}

/// A payload that every kind could be read as, were it not for the content type.
fn of_kind(kind: Kind, signer: Kind) -> Vec<u8> {
    let claims = claims(7, NOW - HOUR, NOW + HOUR);
    let unsigned = match kind {
        Kind::Snapshot => snapshot::seal(&claims, &[0; 4], &[]),
        Kind::Preview => snapshot::preview(&claims, &Default::default()),
        Kind::Pointer => snapshot::pointer(&claims, &live(7, 0, 0)),
        Kind::Kills => snapshot::kills(&claims, &Default::default()),
        Kind::Trust => snapshot::document(&claims, kind, b"\xa0"),
    };
    signed(signer, &unsigned)
}

#[test]
fn a_document_needs_the_role_that_is_its_own() {
    for kind in KINDS {
        for signer in KINDS {
            let result = verify(of_kind(kind, signer), &trust(), MILLI, None);
            assert_eq!(code(result), (kind != signer).then_some(Code::RoleMissing), "{kind:?} by {signer:?}");
        }
        let others: Vec<Kind> = KINDS.into_iter().filter(|other| *other != kind).collect();
        if kind != Kind::Snapshot {
            let result = verify(of_kind(kind, kind), &trust_in(&others, 0), MILLI, None);
            assert_eq!(code(result), Some(Code::UnknownKey), "{kind:?}");
        }
    }
    // A key of one role that names another.
    let document = snapshot::kills(&claims(1, NOW, NOW + 1), &Default::default());
    let borrowed = snapshot::sign(&document, &key(Kind::Pointer), role(Kind::Kills)).unwrap();
    assert_eq!(code(verify(borrowed, &trust(), MILLI, None)), Some(Code::RoleMissing));
}

#[test]
fn a_document_never_passes_for_another() {
    let trust = trust();
    let verified = |kind| verify(of_kind(kind, kind), &trust, MILLI, None).unwrap();
    for kind in KINDS {
        assert_eq!(verified(kind).kind(), kind);
        assert_eq!(code(Pointer::new(verified(kind))), (kind != Kind::Pointer).then_some(Code::Malformed));
        assert_eq!(code(Kills::new(verified(kind))), (kind != Kind::Kills).then_some(Code::Malformed));
        assert_eq!(code(Program::new(verified(kind))), (kind != Kind::Snapshot).then_some(Code::Malformed));
    }
    let program = snapshot::unverified_body("shop", "production", &[0; 4]).unwrap();
    for kind in KINDS {
        let refused = code(Preview::new(verified(kind), &program));
        assert_eq!(refused, (kind != Kind::Preview).then_some(Code::Malformed));
    }
}

#[test]
fn whatever_is_changed_in_a_document_is_refused() {
    let (trust, pointer, kills) = (trust(), pointer(&live(7, 3, 1)), kills(3, &["checkout"]));
    for document in [&pointer, &kills] {
        assert_eq!(code(verify(document.clone(), &trust, MILLI, None)), None);
        for bit in 0..document.len() * 8 {
            let mut flipped = document.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(verify(flipped, &trust, MILLI, None).is_err(), "bit {bit}");
        }
        for length in 0..document.len() {
            assert!(verify(document[..length].to_vec(), &trust, MILLI, None).is_err(), "{length} bytes");
        }
        // Nothing of a document is outside of what is signed.
        assert_eq!(code(verify([&document[..], b"\0"].concat(), &trust, MILLI, None)), Some(Code::Malformed));
    }
}

#[test]
fn payloads_have_one_encoding() {
    let [format, flags] = [1, 2];
    let text = |writer: Writer, text: &[u8]| writer.raw(&[0x60 | text.len() as u8]).raw(text);
    let list = |writer: Writer, keys: &[&[u8]]| {
        keys.iter().fold(writer.integer(flags).array(keys.len()), |w, key| text(w, key))
    };
    let map = |entries| Writer::default().map(entries);
    let cases: [(Writer, Option<Code>); 10] = [
        (list(map(2).integer(format).unsigned(1), &[b"a", b"b"]), None),
        (list(map(2).integer(format).unsigned(1), &[]), None),
        (list(map(3).integer(format).unsigned(1), &[b"a"]).integer(3).text("newer"), None),
        (list(map(2).integer(format).unsigned(1), &[b"b", b"a"]), Some(Code::Malformed)),
        (list(map(2).integer(format).unsigned(1), &[b"a", b"a"]), Some(Code::Malformed)),
        (list(map(2).integer(format).unsigned(1), &[b""]), Some(Code::Malformed)),
        (list(map(2).integer(format).unsigned(2), &[b"a"]), Some(Code::UnsupportedFormat)),
        (map(1).integer(format).unsigned(1), Some(Code::Malformed)),
        (list(map(2).integer(format).unsigned(1), &[b"a"]).unsigned(0), Some(Code::Malformed)),
        (
            map(2).integer(format).unsigned(1).integer(flags).raw(b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff"),
            Some(Code::Malformed),
        ),
    ];
    for (index, (payload, expected)) in cases.into_iter().enumerate() {
        let document = snapshot::document(&claims(1, NOW, NOW + 1), Kind::Kills, &payload.into_bytes());
        let read = verify(signed(Kind::Kills, &document), &trust(), MILLI, None).and_then(Kills::new);
        assert_eq!(code(read), expected, "case {index}");
    }
    let digest = |writer: Writer, length: usize| writer.integer(2).bytes(&vec![0; length]);
    let numbers = |writer: Writer| writer.integer(3).unsigned(0).integer(4).unsigned(0);
    let cases: [(Writer, Option<Code>); 6] = [
        (numbers(digest(map(4).integer(1).unsigned(1), 32)), None),
        (numbers(digest(map(5).integer(1).unsigned(1), 32)).integer(5).text("newer"), None),
        (numbers(digest(map(4).integer(1).unsigned(2), 32)), Some(Code::UnsupportedFormat)),
        (numbers(digest(map(4).integer(1).unsigned(1), 31)), Some(Code::Malformed)),
        (digest(map(2).integer(1).unsigned(1), 32), Some(Code::Malformed)),
        (numbers(map(3).integer(1).unsigned(1)), Some(Code::Malformed)),
    ];
    for (index, (payload, expected)) in cases.into_iter().enumerate() {
        let document = snapshot::document(&claims(1, NOW, NOW + 1), Kind::Pointer, &payload.into_bytes());
        let read = verify(signed(Kind::Pointer, &document), &trust(), MILLI, None).and_then(Pointer::new);
        assert_eq!(code(read), expected, "case {index}");
    }
}

#[test]
fn a_kill_list_outlives_its_expiry_once_it_is_adopted() {
    let document = kills(1, &["checkout"]);
    let late = (NOW + 400 * DAY) as i64 * 1_000;
    assert_eq!(code(verify(document.clone(), &trust(), late - 1, None)), None);
    assert_eq!(code(verify(document.clone(), &trust(), late, None)), Some(Code::Expired));
    assert_eq!(code(verify(document.clone(), &trust(), KEPT, None)), None);
    // Nor does a date before which nobody may adopt it end it, on a clock that was set back.
    let dated = Claims { not_before: Some(NOW), ..claims(1, NOW - HOUR, NOW + DAY) };
    let dated = signed(Kind::Kills, &snapshot::kills(&dated, &Default::default()));
    assert_eq!(code(verify(dated.clone(), &trust(), MILLI - 1, None)), Some(Code::NotYetValid));
    for moment in [MILLI, KEPT] {
        assert_eq!(code(verify(dated.clone(), &trust(), moment, None)), None);
    }
    // It does not outlive its key.
    let without: Trust = trust_in(&[Kind::Snapshot, Kind::Pointer], 0);
    assert_eq!(code(verify(document.clone(), &without, KEPT, None)), Some(Code::UnknownKey));
    let parts = Head { kills: Some(&document), ..Head::default() };
    assert!(take(&parts, &without, MILLI, &Known::default()).kills.is_none());
}

#[test]
fn a_list_as_large_as_a_payload_may_be_fits_into_a_head() {
    let names: Vec<String> = (0..35).map(|number| format!("{number:0100}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let document = kills(1, &names);
    assert!(head(&[(Kind::Kills, &document)]).to_bytes().is_ok());
    assert_eq!(code(verify(document, &trust(), MILLI, None)), None);
}
