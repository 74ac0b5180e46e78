//! What is stored of what was sent.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_at, id, int, now, request, text};
use crate::server::Server;

on_both! {
    exposure_sent_thrice_is_one_row_with_three_receipts
    every_column_of_an_exposure_is_stored
    smallest_corrected_time_is_kept_whatever_the_clocks
    events_are_stored_once_and_other_records_ignored
    integers_may_be_numbers_and_ids_upper_case
    text_is_stored_as_it_was_sent
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn exposure_sent_thrice_is_one_row_with_three_receipts(kind: Kind) {
    let server = Server::with(kind);
    let none = server.get("/api/exposures", &[]);
    assert_eq!(none.json(), json!({ "total": 0, "receipts": 0, "experiments": [] }));

    let answer = server.post(request(&[exposure(1, "bold"), exposure(2, "plain"), exposure(1, "bold")]));
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(server.post(request(&[exposure(1, "bold"), exposure(3, "bold")])).status, 200);

    let expected = json!({ "total": 3, "receipts": 5, "experiments": [
        { "experiment": "cta-copy", "phase": 2, "variants": [
            { "variant": "bold", "exposures": 2, "receipts": 4 }, { "variant": "plain", "exposures": 1, "receipts": 1 },
        ] },
    ] });
    assert_eq!(server.get("/api/exposures", &[]).json(), expected);
    assert_eq!(server.get("/api/exposures?set=shop/production", &[]).json(), expected);
    assert_eq!(server.get("/api/exposures?set=shop/staging", &[]).json()["total"], 0);
}

fn every_column_of_an_exposure_is_stored(kind: Kind) {
    let server = Server::with(kind);
    let before = now();
    assert_eq!(server.post(request(&[exposure_at(255, "bold", before - 250, before)])).json(), json!({}));
    let (mut db, _folder) = server.stored();
    let mut rows = db.rows("SELECT * FROM exposures");
    let row = rows.pop().unwrap();
    assert_eq!(rows.len(), 0);
    let expected = json!([
        id(255),
        "cta-copy",
        2,
        "bold",
        "copy-test",
        "cta",
        "visitor",
        "v255",
        r#"{"account":"a1","visitor":"v255"}"#,
        "shop/production",
        7,
        "ab".repeat(32),
        4_294_967_295_u32,
        "p1",
        3,
        "Firefox",
    ]);
    let (kept, times) = row.as_array().unwrap().split_at(16);
    assert_eq!(kept, expected.as_array().unwrap());
    // time, skew, late, first_received, last_received, receipts
    let times: Vec<i64> = times.iter().map(|time| time.as_i64().unwrap()).collect();
    let [time, skew, late, first, last, receipts] = times[..] else { panic!("{times:?}") };
    assert!((before..=now()).contains(&first), "{times:?}");
    assert!(
        (time, first, receipts) == (first - 250, last, 1) && late == 250 && (0..5_000).contains(&skew),
        "{times:?}"
    );
}

fn smallest_corrected_time_is_kept_whatever_the_clocks(kind: Kind) {
    const HOUR: i64 = 3_600_000;
    let server = Server::with(kind);
    let before = now();
    // Happened 60 s, 90 s and 30 s before it was sent, by clocks an hour behind, two ahead, and right.
    for (ago, skew) in [(60_000, -HOUR), (90_000, 2 * HOUR), (30_000, 0)] {
        let sent = now() + skew;
        assert_eq!(server.post(request(&[exposure_at(1, "bold", sent - ago, sent)])).json(), json!({}));
    }
    // After it was sent: impossible, so it is the time of arrival.
    assert_eq!(server.post(request(&[exposure_at(2, "bold", now() + HOUR, now())])).json(), json!({}));
    let after = now();
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT time, first_received, last_received, skew, late, receipts FROM exposures ORDER BY id");
    let of =
        |row: &Value| -> Vec<i64> { row.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect() };
    let [time, first, last, skew, late, receipts] = of(&rows[0])[..] else { panic!("{rows:?}") };
    assert!((before - 90_000..=after - 90_000).contains(&time), "{before} {time} {after}");
    assert!(before <= first && first <= last && last <= after, "{rows:?}");
    assert!((HOUR..=HOUR + after - before).contains(&skew), "{skew}");
    assert_eq!((late, receipts), (60_000, 3));
    let [time, first, _, _, late, _] = of(&rows[1])[..] else { panic!("{rows:?}") };
    assert_eq!(time, first);
    assert!((-HOUR - 5_000..=-HOUR).contains(&late), "{late}");
}

fn events_are_stored_once_and_other_records_ignored(kind: Kind) {
    let server = Server::with(kind);
    let event = |number: u64, more: &[Value]| {
        let mut attributes = vec![text("waft.event.id", &id(number)), text("waft.event.name", "purchase")];
        attributes.extend([text("waft.unit.visitor", "v1"), int("waft.sequence", 9)]);
        attributes.extend_from_slice(more);
        json!({ "timeUnixNano": "0", "eventName": "waft.track", "attributes": attributes })
    };
    let priced = event(
        1,
        &[
            json!({ "key": "waft.event.value", "value": { "doubleValue": 49.9 } }),
            text("waft.event.properties", r#"{"sku":"x"}"#),
        ],
    );
    // What another sender may write: unknown fields, no value, values of every kind, no trace, nulls.
    let foreign = json!({ "severityNumber": 9, "body": { "stringValue": "hello" }, "droppedAttributesCount": 0, "traceId": null,
        "attributes": [{ "key": "empty" }, { "key": "none", "value": null }, { "key": "n", "value": { "intValue": 5 } },
            { "key": "list", "value": { "arrayValue": { "values": [{ "boolValue": true }] } } },
            { "key": "map", "value": { "kvlistValue": { "values": [{ "key": "a", "value": { "bytesValue": "AA==" } }] } } }] });
    let again = priced.clone();
    let answer = server.post(request(&[priced.clone(), foreign, priced, event(2, &[]), json!({})]));
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(server.post(request(&[again])).json(), json!({}));
    for empty in ["{}", r#"{"resourceLogs":null}"#, r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}"#] {
        assert_eq!(server.post(empty).json(), json!({}), "{empty}");
    }
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT name, value, properties, units, sequence, receipts, late FROM events ORDER BY id");
    let units = r#"{"visitor":"v1"}"#;
    assert_eq!(
        rows,
        [
            json!(["purchase", 49.9, r#"{"sku":"x"}"#, units, 9, 3, null]),
            json!(["purchase", null, null, units, 9, 1, null])
        ]
    );
}

fn integers_may_be_numbers_and_ids_upper_case(kind: Kind) {
    let server = Server::with(kind);
    let written = request(&[exposure(0xabc, "bold")]);
    let numbers = written
        .replace(r#""intValue":"2""#, r#""intValue":2"#)
        .replace(r#""intValue":"4294967295""#, r#""intValue":4294967295"#)
        .replace(&id(0xabc), &id(0xabc).to_uppercase());
    assert_ne!(written, numbers);
    assert_eq!(server.post(written).json(), json!({}));
    assert_eq!(server.post(numbers).json(), json!({}));
    let counts = server.get("/api/exposures", &[]).json();
    assert_eq!((&counts["total"], &counts["receipts"]), (&json!(1), &json!(2)));
}

fn text_is_stored_as_it_was_sent(kind: Kind) {
    let server = Server::with(kind);
    let odd = "'); DROP TABLE exposures; -- \\ \" { } , NULL \u{1f980} \u{feff} \t";
    let mut record = exposure(1, odd);
    record["attributes"].as_array_mut().unwrap().push(text("waft.unit.device", odd));
    assert_eq!(server.post(request(&[record])).json(), json!({}));
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT variant, units FROM exposures");
    assert_eq!(rows[0][0], odd);
    let units: Value = serde_json::from_str(rows[0][1].as_str().unwrap()).unwrap();
    assert_eq!(units, json!({ "account": "a1", "device": odd, "visitor": "v1" }));
}

#[test]
fn gzip_bodies_are_read() {
    let server = Server::start(&[]);
    let headers = [("content-type", "application/json; charset=utf-8"), ("content-encoding", "gzip")];
    let answer = server.post_as(&headers, gzip(request(&[exposure(1, "bold")]).as_bytes())).unwrap();
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
    // 2 MiB of spaces in a few kB.
    let bomb = gzip(&vec![b' '; 2 << 20]);
    assert!(bomb.len() < 10_000);
    assert_eq!(server.post_as(&headers, bomb).unwrap().status, 413);
    assert_eq!(server.post_as(&headers, "no gzip").unwrap().status, 400);
}
