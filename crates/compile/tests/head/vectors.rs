//! tests/vectors/heads.json: what a page takes of heads, one after the other. Pages have these rules in TypeScript
//! (pkg/tests/headvectors.test.mjs), so these are what holds the two together.
//!
//! `WRITE_VECTORS=1 cargo test -p waft-compile --test head` writes what is new; what has landed must not change.

use serde_json::{Value as Json, json};
use waft::head::file::Head;
use waft::head::freshness::{Known, take};
use waft::head::kills::Kills;
use waft::head::pointer::Live;
use waft::kind::Kind;
use waft::limits;
use waft_compile::keys;
use waft_compile::snapshot::{self, Writer};

use super::{DAY, HOUR, KINDS, NOW, claims, key, kills, live, newer, pointer, role, signed, trust_in};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/heads.json");

/// What a page knows besides its heads.
#[derive(Clone, Copy, Default)]
pub(super) struct Page {
    /// The number of its trust.
    pub(super) number: u64,
    pub(super) min_version: u64,
    /// The highest version that it adopted.
    pub(super) adopted: u64,
}

const SECOND: Page = Page { number: 2, min_version: 0, adopted: 0 };

#[derive(Default)]
pub(super) struct Cases(pub(super) Vec<Json>);

impl Cases {
    pub(super) fn add(&mut self, name: &str, page: Page, heads: &[Vec<u8>]) {
        let trust = trust_in(&KINDS, page.min_version);
        let mut last: Option<Live> = None;
        let mut list: Option<Kills> = None;
        let step = |bytes: &Vec<u8>| {
            let parts = match Head::read(bytes) {
                Err(refusal) => return json!({ "head": keys::to_text(bytes), "code": refusal.code.name() }),
                Ok(parts) => parts,
            };
            let known = Known { live: last.as_ref(), kills: list.as_ref(), trust: page.number, version: page.adopted };
            let taken = take(&parts, &trust, NOW as i64 * 1_000, &known);
            let (kills, flags) = match taken.kills {
                None => (Json::Null, Json::Null),
                Some(Err(refusal)) => (refusal.code.name().into(), Json::Null),
                Some(Ok(taken)) => {
                    let flags: Vec<_> =
                        taken.flags().iter().map(|flag| String::from_utf8_lossy(flag).into_owned()).collect();
                    let number = taken.number();
                    list = Some(taken);
                    (number.into(), flags.into())
                }
            };
            let pointer = match taken.pointer {
                Err(refusal) => Json::from(refusal.code.name()),
                Ok(pointer) => {
                    last = Some(*pointer.live());
                    pointer.live().version.into()
                }
            };
            json!({ "head": keys::to_text(bytes), "kills": kills, "flags": flags, "pointer": pointer })
        };
        let steps: Vec<Json> = heads.iter().map(step).collect();
        let Page { number, min_version, adopted } = page;
        self.0.push(
            json!({ "name": name, "number": number, "minVersion": min_version, "adopted": adopted, "heads": steps }),
        );
    }
}

/// A head of a list and a pointer.
fn both(list: &[u8], pointer: &[u8]) -> Vec<u8> {
    [list, pointer].concat()
}

fn made(live: &Live, issued: u64, expires: u64) -> Vec<u8> {
    signed(Kind::Pointer, &snapshot::pointer(&claims(live.version, issued, expires), live))
}

fn numbers(cases: &mut Cases) {
    let list = |number, flags: &[&str]| kills(number, flags);
    let cta = &["checkout"][..];
    cases.add(
        "lists, whose numbers only rise",
        Page::default(),
        &[
            list(3, cta),
            list(3, cta),
            list(4, &[]),
            list(3, cta),
            list(4, &["search"]),
            list(1_004, &["a", "b"]),
            list(2_005, &[]),
        ],
    );
    cases.add("a first list that is too high", Page::default(), &[list(1_001, cta)]);
    let three = both(&list(3, cta), &pointer(&live(7, 3, 2)));
    let other = Live { digest: [9; 32], ..live(7, 3, 2) };
    let page = |adopted, min_version| Page { adopted, min_version, ..SECOND };
    let next: [(&str, Live, Page); 15] = [
        ("the same", live(7, 3, 2), page(7, 0)),
        ("a newer one", live(8, 3, 2), page(7, 0)),
        ("a lower version", live(6, 3, 2), page(7, 0)),
        ("a lower list", live(8, 2, 2), page(7, 0)),
        ("a lower trust", live(8, 3, 1), page(7, 0)),
        ("a version below the floor", live(8, 3, 2), page(7, 9)),
        ("the same version of other contents", other, page(7, 0)),
        ("1,000 versions more", live(1_007, 3, 2), page(0, 0)),
        ("1,001 versions more", live(1_008, 3, 2), page(7, 0)),
        ("1,001 versions more, and 1,000 more than was adopted", live(1_008, 3, 2), page(8, 0)),
        ("1,001 versions more, and a lower list", live(1_008, 2, 2), page(7, 0)),
        ("a list that is not there", live(8, 4, 2), page(7, 0)),
        ("a trust that is not there", live(8, 3, 3), page(7, 0)),
        ("a list far ahead", live(8, 1_004, 2), page(7, 0)),
        ("a trust far ahead", live(8, 3, 1_003), page(7, 0)),
    ];
    for (name, next, page) in next {
        let next = pointer(&next);
        cases.add(&format!("a pointer after another: {name}"), page, &[three.clone(), next.clone()]);
        cases.add(&format!("a first pointer: {name}"), page, &[both(&list(3, cta), &next)]);
    }
    cases.add("a pointer to any number, where none is known", SECOND, &[pointer(&live(1 << 40, 0, 0))]);
    for (name, list) in
        [("a lower list", Some(2)), ("the list", Some(3)), ("a higher list", Some(4)), ("no list", None)]
    {
        let list = list.map_or(Vec::new(), |number| kills(number, cta));
        cases.add(&format!("a pointer beside {name}"), SECOND, &[both(&list, &pointer(&live(7, 3, 2)))]);
    }
}

fn dates(cases: &mut Cases) {
    let life = |name: &str, issued, expires, cases: &mut Cases| {
        cases.add(name, SECOND, &[made(&live(7, 0, 0), issued, expires)]);
    };
    life("a pointer for two days", NOW, NOW + 2 * DAY, cases);
    life("a pointer for a second more", NOW, NOW + 2 * DAY + 1, cases);
    life("a pointer that has expired", NOW - 2 * DAY, NOW, cases);
    let flags = [].into();
    let old = signed(Kind::Kills, &snapshot::kills(&claims(1, NOW - DAY, NOW), &flags));
    cases.add("a list that has expired", SECOND, &[old]);
}

fn files(cases: &mut Cases) {
    let (list, pointer) = (kills(1, &["checkout"]), pointer(&live(7, 1, 0)));
    cases.add("no bytes", SECOND, &[Vec::new()]);
    cases.add("one document of each", SECOND, &[both(&list, &pointer)]);
    cases.add("documents in another order", SECOND, &[both(&pointer, &list)]);
    cases.add("a document twice", SECOND, &[both(&list, &list)]);
    cases.add("a byte behind them", SECOND, &[both(&list, &[0])]);
    cases.add("a document cut off", SECOND, &[both(&list, &pointer[..pointer.len() - 1])]);
    let later = newer("application/vnd.waft.later", 200);
    cases.add("a document of a type that nobody knows", SECOND, &[[&list[..], &later, &pointer].concat()]);
    cases.add("too large", SECOND, &[both(&newer("a", limits::HEAD_BYTES), &list)]);
    let sealed = snapshot::seal(&claims(7, NOW - HOUR, NOW + DAY), &[], &[]);
    cases.add("a snapshot behind them", SECOND, &[[&list[..], &pointer, &sealed].concat()]);
    let unlisted = keys::from_seed([99; 32]);
    let document = snapshot::kills(&claims(1, NOW - HOUR, NOW + DAY), &["checkout".to_owned()].into());
    let strange = snapshot::sign(&document, &unlisted, "kill").unwrap();
    cases.add("a list of a stranger, and a pointer", SECOND, &[both(&strange, &self::pointer(&live(7, 0, 0)))]);
    for kind in KINDS {
        let wrong = snapshot::sign(&document, &key(kind), role(kind)).unwrap();
        cases.add(&format!("a list signed as {}", role(kind)), SECOND, &[wrong]);
    }
}

fn payloads(cases: &mut Cases) {
    let of = |kind: Kind, payload: Vec<u8>| {
        signed(kind, &snapshot::document(&claims(1, NOW - HOUR, NOW + DAY), kind, &payload))
    };
    let map = |entries: usize| Writer::default().map(entries).integer(1).unsigned(1);
    let lists: [(&str, Vec<u8>); 9] = [
        ("an empty map", Writer::default().map(0).into_bytes()),
        ("no list", map(1).into_bytes()),
        ("format 2", Writer::default().map(2).integer(1).unsigned(2).integer(2).array(0).into_bytes()),
        ("a format that is a text", Writer::default().map(2).integer(1).text("1").integer(2).array(0).into_bytes()),
        ("keys in another order", map(2).integer(2).array(2).text("b").text("a").into_bytes()),
        ("a key twice", map(2).integer(2).array(2).text("a").text("a").into_bytes()),
        ("an empty key", map(2).integer(2).array(1).text("").into_bytes()),
        ("keys that are bytes", map(2).integer(2).array(1).bytes(b"a").into_bytes()),
        ("what a later format has", map(3).integer(2).array(1).text("a").integer(7).array(1).map(0).into_bytes()),
    ];
    for (name, payload) in lists {
        cases.add(&format!("a list of {name}"), SECOND, &[of(Kind::Kills, payload)]);
    }
    let digest = [1; 32];
    let named =
        |digest: &[u8]| map(4).integer(2).bytes(digest).integer(3).unsigned(0).integer(4).unsigned(0).into_bytes();
    let pointers: [(&str, Vec<u8>); 6] = [
        ("a digest of 31 bytes", named(&digest[..31])),
        ("no digest", map(3).integer(3).unsigned(0).integer(4).unsigned(0).into_bytes()),
        ("no number of a list", map(3).integer(2).bytes(&digest).integer(4).unsigned(0).into_bytes()),
        ("a number that is a text", map(2).integer(3).text("0").into_bytes()),
        ("format 0", Writer::default().map(1).integer(2).bytes(&digest).into_bytes()),
        ("all that it needs", named(&digest)),
    ];
    for (name, payload) in pointers {
        cases.add(&format!("a pointer of {name}"), SECOND, &[of(Kind::Pointer, payload)]);
    }
}

/// The trust of pages, but for what each case says of it.
pub(super) fn trust_json() -> Json {
    let require: Vec<Json> = KINDS
        .iter()
        .map(|kind| json!({ "role": role(*kind), "keys": [keys::to_text(&keys::kid(&key(*kind).pk))], "atLeast": 1 }))
        .collect();
    let public: serde_json::Map<String, Json> = KINDS
        .iter()
        .map(|kind| key(*kind).pk)
        .map(|public| (keys::to_text(&keys::kid(&public)), keys::to_text(&*public).into()))
        .collect();
    json!({ "project": "shop", "environment": "production", "maxJump": 1_000, "keys": public, "require": require })
}

#[test]
fn what_pages_take_of_heads_is_as_the_vectors_say() {
    let mut cases = Cases::default();
    for of in [numbers, dates, files, payloads] {
        of(&mut cases);
    }
    let trust = trust_json();
    let about = "Heads (base64url) that a page gets one after the other at `now`: the number of the kill list and its flags, and the version \
        of the pointer, or why each is refused; or why the whole head is. Written by crates/compile/tests/head/vectors.rs.";
    let cases: Vec<String> = cases.0.iter().map(Json::to_string).collect();
    let text = format!(
        "{{\"about\":{},\"now\":{},\"trust\":{trust},\"cases\":[\n{}\n]}}\n",
        json!(about),
        NOW * 1_000,
        cases.join(",\n")
    );
    if std::env::var_os("WRITE_VECTORS").is_some() {
        std::fs::write(FILE, &text).unwrap();
    }
    assert!(std::fs::read_to_string(FILE).unwrap() == text, "WRITE_VECTORS=1 writes {FILE}, where cases were added");
}
