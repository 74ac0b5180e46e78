//! What is stored of what was sent.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::records::{exposure, exposure_at, id, int, now, request, text};
use crate::server::Server;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn exposure_sent_thrice_is_one_row_with_three_receipts() {
    let server = Server::start(&[]);
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

#[test]
fn every_column_of_an_exposure_is_stored() {
    let server = Server::start(&[]);
    assert_eq!(server.post(request(&[exposure(255, "bold")])).json(), json!({}));
    let (db, _folder) = server.stored();
    let row: String = db
        .query_row(
            "SELECT json_array(id, experiment, phase, variant, rule, flag, unit_kind, unit, units, set_id,
               snapshot_version, snapshot_digest, point, page_view, sequence, receipts) FROM exposures",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let expected = json!([
        id(255),
        "cta-copy",
        2,
        "bold",
        "copy-test",
        "cta",
        "visitor",
        "v255",
        r#"{"account":"a1"}"#,
        "shop/production",
        7,
        "ab".repeat(32),
        4_294_967_295_u32,
        "p1",
        3,
        1,
    ]);
    assert_eq!(serde_json::from_str::<Value>(&row).unwrap(), expected);
}

#[test]
fn smallest_corrected_time_is_kept_whatever_the_clocks() {
    const HOUR: i64 = 3_600_000;
    let server = Server::start(&[]);
    let before = now();
    // Happened 60 s, 90 s and 30 s before it was sent, by clocks an hour behind, two ahead, and right.
    for (ago, skew) in [(60_000, -HOUR), (90_000, 2 * HOUR), (30_000, 0)] {
        let sent = now() + skew;
        assert_eq!(server.post(request(&[exposure_at(1, "bold", sent - ago, sent)])).json(), json!({}));
    }
    // After it was sent: impossible, so it is the time of arrival.
    assert_eq!(server.post(request(&[exposure_at(2, "bold", now() + HOUR, now())])).json(), json!({}));
    let after = now();
    let (db, _folder) = server.stored();
    let row = |number| {
        let columns = "SELECT time, first_received, skew, receipts FROM exposures WHERE id = ?1";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        db.query_row(columns, [id(number)], read).unwrap()
    };
    let (time, received, skew, receipts): (i64, i64, i64, i64) = row(1);
    assert!((before - 90_000..=after - 90_000).contains(&time), "{before} {time} {after}");
    assert!((before..=after).contains(&received));
    assert!((HOUR..=HOUR + after - before).contains(&skew), "{skew}");
    assert_eq!(receipts, 3);
    let (time, received, ..): (i64, i64, i64, i64) = row(2);
    assert_eq!(time, received);
}

#[test]
fn events_are_stored_and_other_records_ignored() {
    let server = Server::start(&[]);
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
    let answer = server.post(request(&[priced.clone(), foreign, priced, event(2, &[]), json!({})]));
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    for empty in ["{}", r#"{"resourceLogs":null}"#, r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}"#] {
        assert_eq!(server.post(empty).json(), json!({}), "{empty}");
    }
    let (db, _folder) = server.stored();
    let rows = "SELECT json_group_array(json_array(name, value, properties, units, sequence, receipts)) FROM events";
    let rows: String = db.query_row(rows, [], |row| row.get(0)).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&rows).unwrap(),
        json!([
            ["purchase", 49.9, r#"{"sku":"x"}"#, r#"{"visitor":"v1"}"#, 9, 2],
            ["purchase", null, null, r#"{"visitor":"v1"}"#, 9, 1],
        ])
    );
}

#[test]
fn integers_may_be_numbers_and_ids_upper_case() {
    let server = Server::start(&[]);
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
