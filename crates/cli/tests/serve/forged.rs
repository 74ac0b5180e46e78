//! Who can forge what: ids, times, variants; and what a token changes.

use serde_json::{Value, json};
use waft::buckets::{Key, Purpose};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_at, exposure_id, int, now, request, text};
use crate::server::{Folder, Server};

on_both! {
    id_is_made_of_its_parts_whatever_it_says
    later_receipt_moves_a_row_by_thirty_days_at_most
    better_copy_takes_the_place_of_a_forged_one
    forged_variants_are_set_apart_and_told
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const DAY: i64 = 86_400_000;

/// A record with other attributes of some keys, or without them.
pub(crate) fn with(mut record: Value, changes: &[(&str, Option<Value>)]) -> Value {
    let attributes = record["attributes"].as_array_mut().unwrap();
    for (key, value) in changes {
        attributes.retain(|attribute| attribute["key"] != *key);
        attributes.extend(value.clone());
    }
    record
}

fn id_is_made_of_its_parts_whatever_it_says(kind: Kind) {
    let server = Server::with(kind);
    let named = |number: u64, id: &str| {
        with(exposure(number, "bold"), &[("waft.exposure.id", Some(text("waft.exposure.id", id)))])
    };
    // Another's id, and one of nobody: the rows are their own all the same, and the sender is told.
    let answer = server.post(request(&[named(1, &exposure_id(2, "bold")), named(3, &"f".repeat(32))])).json();
    let partial = &answer["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "0");
    assert!(partial["errorMessage"].as_str().unwrap().contains("2 ids are not those of their exposures"), "{partial}");
    assert_eq!(server.post(request(&[exposure(2, "bold"), exposure(3, "bold")])).json(), json!({}));
    // What is sent once a session has ids of its own.
    let parts = ["shop", "production", "cta-copy", "2", "visitor", "v4", "bold", "session-1"];
    let id = String::from_utf8(waft::exposure::id(&parts.map(str::as_bytes)).to_vec()).unwrap();
    let windowed = with(named(4, &id), &[("waft.window", Some(text("waft.window", "session-1")))]);
    assert_eq!(server.post(request(&[windowed])).json(), json!({}));
    for set in ["shop", "shop/production/eu"] {
        let odd = with(exposure(5, "bold"), &[("feature_flag.set.id", Some(text("feature_flag.set.id", set)))]);
        let partial = server.post(request(&[odd])).json()["partialSuccess"].clone();
        assert!(partial["errorMessage"].as_str().unwrap().contains("expected project/environment"), "{partial}");
    }
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, id, receipts FROM exposures ORDER BY unit");
    let row = |number: u64, receipts: i64| json!([format!("v{number}"), exposure_id(number, "bold"), receipts]);
    assert_eq!(rows, [row(1, 1), row(2, 1), row(3, 2), json!(["v4", id, 1])]);
}

fn later_receipt_moves_a_row_by_thirty_days_at_most(kind: Kind) {
    let server = Server::with(kind);
    let post = |number: u64, days: i64| {
        let now = now();
        let record = exposure_at(number, "bold", now - days * DAY, now);
        assert_eq!(server.post(request(&[record])).json(), json!({}));
    };
    // The second was offline, or says so; the third lies.
    for days in [1, 29, 389] {
        post(1, days);
        post(2, days);
    }
    // In one request, as much.
    let at = now();
    let both = [exposure_at(3, "bold", at - DAY, at), exposure_at(3, "bold", at - 389 * DAY, at)];
    assert_eq!(server.post(request(&both)).json(), json!({}));
    // The first alone is what it says.
    post(4, 389);
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT unit, first_received - time, receipts, again FROM exposures ORDER BY unit");
    let expected = [("v1", 1, 3, 1), ("v2", 1, 3, 1), ("v3", 1, 2, 0), ("v4", 389, 1, 0)];
    for (row, (unit, days, receipts, kept)) in rows.iter().zip(expected) {
        let late = row[1].as_i64().unwrap();
        let again: Vec<Value> = row[3].as_str().map_or(Vec::new(), |text| serde_json::from_str(text).unwrap());
        assert!(row[0] == unit && (late - days * DAY).abs() < 60_000 && row[2] == receipts, "{rows:?}");
        assert_eq!(again.len(), kept, "{rows:?}");
    }
}

/// The ruleset of tests/oracles/report.yaml: `till`, phase 3, gives control, a and b to visitors.
const RULESET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/oracles/report.yaml");
const CHECKED: [&str; 4] = ["--ruleset", RULESET, "--environment", "production"];

/// What `till` gives to a visitor, by the ruleset's words: a 30 %, b 20 %, control 50 %.
fn drawn(unit: &str) -> (u32, &'static str) {
    let point = Key::derive(Purpose::Split, &[b"harbour/till/3"]).point(unit.as_bytes());
    // Bounds are in the order of the variants' names: floor(share x 2^32).
    let (a, b) = (1_288_490_188_u32, 1_u32 << 31);
    (
        point,
        if point < a {
            "a"
        } else if point < b {
            "b"
        } else {
            "control"
        },
    )
}

pub(crate) fn met(unit: &str, variant: &str, point: Option<u32>) -> Value {
    with(
        exposure(0, variant),
        &[
            ("feature_flag.context.id", Some(text("feature_flag.context.id", unit))),
            ("waft.unit.visitor", Some(text("waft.unit.visitor", unit))),
            ("feature_flag.set.id", Some(text("feature_flag.set.id", "harbour/production"))),
            ("waft.experiment", Some(text("waft.experiment", "till"))),
            ("waft.phase", Some(int("waft.phase", 3))),
            ("waft.point", point.map(|point| int("waft.point", point.into()))),
        ],
    )
}

pub(crate) fn post(server: &Server, records: &[Value], token: Option<&str>) -> u16 {
    let token = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(token.as_deref().map(|token| ("authorization", token)));
    server.post_as(&headers, request(records)).unwrap().status
}

fn better_copy_takes_the_place_of_a_forged_one(kind: Kind) {
    let folder = Folder::with(kind);
    let tokens = folder.site().join("tokens");
    std::fs::write(&tokens, TOKEN).unwrap();
    let arguments = [&CHECKED[..], &["--token-file", tokens.to_str().unwrap()]].concat();
    let server = folder.start(&arguments);
    let (point, variant) = drawn("v1");
    let flag = |record: Value, flag: &str| with(record, &[("feature_flag.key", Some(text("feature_flag.key", flag)))]);
    let wrong = met("v1", variant, Some(point ^ 1));
    let right = met("v1", variant, Some(point));
    assert_eq!(post(&server, &[flag(wrong.clone(), "forged")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "honest")], None), 200);
    assert_eq!(post(&server, &[flag(wrong, "forged again")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "second")], None), 200);
    assert_eq!(post(&server, &[flag(right.clone(), "trusted")], Some(TOKEN)), 200);
    assert_eq!(post(&server, &[flag(right, "third")], None), 200);
    let event = json!({ "attributes": [text("waft.event.id", &"1".repeat(32)), text("waft.event.name", "purchase")] });
    assert_eq!(post(&server, &[event], Some(TOKEN)), 200);
    assert_eq!(post(&server, &[met("v2", "a", None)], Some(&TOKEN.replace('0', "1"))), 401);
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT flag, verdict, trusted, receipts FROM exposures");
    assert_eq!(rows, [json!(["trusted", "checked", 1, 6])]);
    assert_eq!(db.rows("SELECT trusted FROM events"), [json!([1])]);
}

fn forged_variants_are_set_apart_and_told(kind: Kind) {
    let server = Folder::with(kind).start(&CHECKED);
    let honest: Vec<Value> = (0..8_000)
        .map(|number| {
            let unit = format!("v{number}");
            let (point, variant) = drawn(&unit);
            met(&unit, variant, Some(point))
        })
        .collect();
    // Of units that others have, and of their own; with the point of their variant, of their unit, and with none.
    let forged: Vec<Value> = (0..170_u32)
        .map(|number| {
            let unit = if number % 2 == 0 { format!("v{number}") } else { format!("forged-{number}") };
            let (point, variant) = drawn(&unit);
            let other = if variant == "a" { "b" } else { "a" };
            let point = match number % 3 {
                0 => Some(point),
                1 => Some(if other == "a" { 1 } else { (1 << 31) - 1 }),
                _ => None,
            };
            met(&unit, other, point)
        })
        .collect();
    // Nothing is known of these: a pseudonym whose point fits its variant, a phase, an experiment, another environment.
    let change = |key: &str, value: Value| with(met("x1", "a", Some(5)), &[(key, Some(value))]);
    let unknown = [
        met("0123456789abcdef0123456789abcdef", "a", Some(5)),
        change("waft.phase", int("waft.phase", 99)),
        change("waft.experiment", text("waft.experiment", "other")),
        change("feature_flag.set.id", text("feature_flag.set.id", "harbour/staging")),
    ];
    for records in honest.chunks(500).chain([forged.as_slice(), &unknown]) {
        assert_eq!(post(&server, records, None), 200);
    }
    // A pseudonym's variant is held against its point.
    assert_eq!(post(&server, &[met("0123456789abcdef0123456789abcdee", "control", Some(5))], None), 200);
    // And the kind of unit against the experiment's.
    let kind_of = with(met("v1", drawn("v1").1, None), &[("waft.unit.kind", Some(text("waft.unit.kind", "account")))]);
    assert_eq!(post(&server, &[kind_of], None), 200);
    let counts = server.get("/api/exposures?set=harbour/production", &[]).json();
    assert_eq!((&counts["total"], &counts["contradicted"]), (&json!(8_003), &json!(172)), "{counts}");
    let report = server.get("/api/report", &[]).json();
    let till = report["studies"].as_array().unwrap().iter().find(|study| study["name"] == "till").unwrap();
    assert_eq!(till["sampleRatio"]["alarm"], false, "{till}");
    assert_eq!((&till["crossed"], &till["arrival"]["contradicted"]), (&json!(0), &json!(172)), "{till}");
    let units: u64 = till["arms"].as_array().unwrap().iter().map(|arm| arm["units"].as_u64().unwrap()).sum();
    assert_eq!(units, 8_001);
    let page = String::from_utf8(server.get("/report", &[]).body).unwrap();
    assert!(page.contains("172 exposures contradict the rules (excluded)"), "{page}");
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT verdict, COUNT(*) FROM exposures GROUP BY verdict ORDER BY verdict");
    assert_eq!(rows, [json!(["checked", 8_000]), json!(["contradicted", 172]), json!(["unchecked", 4])]);
}
