//! What is stored of what was sent.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, exposure_at, exposure_id, id, int, now, request, text};
use crate::server::Server;

on_both! {
    exposure_sent_thrice_is_one_row_with_three_receipts
    every_column_of_an_exposure_is_stored
    times_are_stored_as_they_were_told_with_those_of_each_receipt
    copies_that_can_move_nothing_and_the_many_are_only_counted
    what_a_page_does_not_do_came_through_something_else
    no_value_is_stored_that_breaks_a_sum
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
        exposure_id(255, "bold"),
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
        "Firefox",
        null,
        "p1",
        3,
    ]);
    let (kept, rest) = row.as_array().unwrap().split_at(17);
    let (times, marks) = rest.split_at(7);
    assert_eq!(marks, [json!("unchecked"), json!(0)]);
    assert_eq!(kept, expected.as_array().unwrap());
    // time, sent_at, forwarded, first_received, last_received, receipts, again
    let first = times[3].as_i64().unwrap();
    assert!((before..=now()).contains(&first), "{times:?}");
    assert_eq!(times, json!([before - 250, before, 0, first, first, 1, null]).as_array().unwrap());
}

fn times_are_stored_as_they_were_told_with_those_of_each_receipt(kind: Kind) {
    const HOUR: i64 = 3_600_000;
    let server = Server::with(kind);
    let before = now();
    // Sent three times; in between somebody has set the clock. And twice in one request.
    let sent = [before - HOUR, before - HOUR + 900, before + 5, before + 6];
    let copy = |sent: i64| exposure_at(1, "bold", before - HOUR - 500, sent);
    for records in [vec![copy(sent[0])], vec![copy(sent[1])], vec![copy(sent[2]), copy(sent[3])]] {
        assert_eq!(server.post(request(&records)).json(), json!({}));
    }
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT time, sent_at, first_received, last_received, receipts, again FROM exposures");
    let [time, sent_at, first, last, receipts, again] = &rows[0].as_array().unwrap()[..] else { panic!("{rows:?}") };
    assert_eq!((time, sent_at, receipts), (&json!(before - HOUR - 500), &json!(sent[0]), &json!(4)));
    let again: Vec<Value> = serde_json::from_str(again.as_str().unwrap()).unwrap();
    assert_eq!(again.len(), 3);
    for (copy, sent) in again.iter().zip(&sent[1..]) {
        let received = copy["received"].as_i64().unwrap();
        assert!((first.as_i64().unwrap()..=last.as_i64().unwrap()).contains(&received), "{copy}");
        let expected = json!({ "page_view": "p1", "sequence": 3, "time": before - HOUR - 500, "sent_at": sent, "forwarded": 0, "received": received });
        assert_eq!(*copy, expected);
    }
}

fn copies_that_can_move_nothing_and_the_many_are_only_counted(kind: Kind) {
    let server = Server::with(kind);
    let now = now();
    let of_page = |page: &str, time: i64| {
        let mut record = exposure_at(1, "bold", time, now);
        for attribute in record["attributes"].as_array_mut().unwrap() {
            if attribute["key"] == "waft.page_view.id" {
                *attribute = text("waft.page_view.id", page);
            }
        }
        record
    };
    for record in [of_page("p1", now - 500), of_page("p2", now - 400), of_page("p0", now - 9_000)] {
        assert_eq!(server.post(request(&[record])).json(), json!({}));
    }
    let mut db = server.folder.database.connect();
    let again = |rows: Vec<Value>| -> Vec<Value> { serde_json::from_str(rows[0][0].as_str().unwrap()).unwrap() };
    let kept = again(db.rows("SELECT again FROM exposures"));
    assert_eq!(kept.iter().map(|copy| &copy["page_view"]).collect::<Vec<_>>(), ["p0"]);
    for _ in 0..5 {
        assert_eq!(server.post(request(&vec![of_page("p1", now - 500); 10])).json(), json!({}));
    }
    assert!(again(db.rows("SELECT again FROM exposures")).len() <= 42);
    assert_eq!(db.rows("SELECT receipts FROM exposures"), [json!([53])]);
}

fn what_a_page_does_not_do_came_through_something_else(kind: Kind) {
    let server = Server::with(kind);
    let json = ("content-type", "application/json");
    let check = |number: u64, headers: &[(&str, &str)]| {
        let headers: Vec<(&str, &str)> = [json].into_iter().chain(headers.iter().copied()).collect();
        let body = request(&[exposure(number, "bold")]);
        assert_eq!(server.post_as(&headers, body).unwrap().status, 200);
    };
    check(0, &[("origin", "https://shop.example")]);
    check(1, &[("user-agent", "OpenTelemetry Collector Contrib/0.130.0 (linux/amd64)")]);
    check(2, &[("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]);
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    body.write_all(request(&[exposure(3, "bold")]).as_bytes()).unwrap();
    let body = body.finish().unwrap();
    assert_eq!(server.post_as(&[json, ("content-encoding", "gzip")], body).unwrap().status, 200);
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT forwarded FROM exposures ORDER BY unit");
    assert_eq!(rows, [json!([0]), json!([1]), json!([0]), json!([1])]);
}

fn no_value_is_stored_that_breaks_a_sum(kind: Kind) {
    let server = Server::with(kind);
    let event = |number: u64, value: Value, properties: &str| {
        let attributes = vec![
            text("waft.event.id", &id(number)),
            text("waft.event.name", "purchase"),
            json!({ "key": "waft.event.value", "value": { "doubleValue": value } }),
            text("waft.event.properties", properties),
        ];
        json!({ "eventName": "waft.track", "attributes": attributes })
    };
    let answer = server.post(request(&[
        event(1, json!(-49.9), "{\"a\":\n1e-400,\r\n\"a\":-0.0}"),
        event(2, json!(1e-200), r#"{"a":"\u0000","b":1}"#),
        event(3, json!(1e100), r#"{"a":1e100}"#),
        event(4, json!(1.1e100), "{}"),
        event(5, json!("Infinity"), "{}"),
        event(6, json!("NaN"), "{}"),
        event(7, json!(1), r#"{"a":1e999}"#),
        event(8, json!(1), r#"{"a":[{"b":-1e101}]}"#),
        event(9, json!(1), &format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200))),
    ]));
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "6");
    let (mut db, folder) = server.stored();
    assert_eq!(
        db.rows("SELECT value, properties FROM events ORDER BY id"),
        [json!([-49.9, r#"{"a":0}"#]), json!([0.0, "{\"a\":\"\u{fffd}\",\"b\":1}"]), json!([1e100, r#"{"a":1e+100}"#])]
    );
    // A row of an earlier version.
    let old = "UPDATE events SET properties = '{\"a\":\n{}}'";
    db.execute(old, old);
    let output = folder.command(&["--rows", "events", "--export", "-"]).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["properties"].clone())
            .collect::<Vec<_>>(),
        vec![json!({ "a": {} }); 3]
    );
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
    let elsewhere = event(2, &[text("feature_flag.set.id", "it's/another")]);
    let answer = server.post(request(&[priced.clone(), foreign, priced, elsewhere, json!({})]));
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(server.post(request(&[again])).json(), json!({}));
    for empty in ["{}", r#"{"resourceLogs":null}"#, r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[]}]}]}"#] {
        assert_eq!(server.post(empty).json(), json!({}), "{empty}");
    }
    let counted = |query: &str| server.get(&format!("/api/exposures{query}"), &[]).json()["events"].clone();
    let purchases = |events: u64| json!([{ "name": "purchase", "events": events }]);
    // One that names no set is of any.
    assert_eq!([counted(""), counted("?set=it's/another"), counted("?set=shop/production")], [2, 2, 1].map(purchases));
    // What cannot be counted by name is left out, and exposures are told.
    let rename = |from: &str, to: &str| {
        server.folder.database.connect().execute_both(&format!("ALTER TABLE {from} RENAME TO {to}"));
    };
    rename("events", "elsewhere");
    let answer = server.get("/api/exposures", &[]);
    assert_eq!((answer.status, answer.json()), (200, json!({ "total": 0, "receipts": 0, "experiments": [] })));
    rename("elsewhere", "events");
    let (mut db, _folder) = server.stored();
    let rows = db.rows("SELECT name, value, properties, units, sequence, receipts, sent_at FROM events ORDER BY id");
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
        .replace(&exposure_id(0xabc, "bold"), &exposure_id(0xabc, "bold").to_uppercase());
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
