//! Requests in OTLP's binary encoding, as collectors forward them. tests/oracles has messages that somebody else encoded.

use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, id, int, request, text};
use crate::server::{Answer, Server};

on_both! {
    binary_and_text_are_the_same_rows
}

/// A field of bytes: tag, length, content.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    bytes.extend(varint(content.len() as u64));
    bytes.extend(content);
    bytes
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A log record, from its JSON.
fn encoded(record: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, tag) in [("timeUnixNano", 1 << 3 | 1), ("observedTimeUnixNano", 11 << 3 | 1)] {
        if let Some(time) = record[name].as_str() {
            bytes.push(tag);
            bytes.extend(time.parse::<u64>().unwrap().to_le_bytes());
        }
    }
    // Severity and a body, as others write them: an int32, and a list with a boolean.
    bytes.extend([2 << 3, 9]);
    bytes.extend(field(5, &field(5, &field(1, &[2 << 3, 1]))));
    for attribute in record["attributes"].as_array().unwrap() {
        let value = &attribute["value"];
        let mut content = Vec::new();
        if let Some(text) = value["stringValue"].as_str() {
            content = field(1, text.as_bytes());
        } else if let Some(integer) = value["intValue"].as_str() {
            content.push(3 << 3);
            content.extend(varint(integer.parse::<i64>().unwrap() as u64));
        } else if let Some(real) = value["doubleValue"].as_f64() {
            content.push(4 << 3 | 1);
            content.extend(real.to_le_bytes());
        }
        let key = field(1, attribute["key"].as_str().unwrap().as_bytes());
        bytes.extend(field(6, &[key, field(2, &content)].concat()));
    }
    if let Some(name) = record["eventName"].as_str() {
        bytes.extend(field(12, name.as_bytes()));
    }
    bytes
}

fn batch(records: &[Vec<u8>]) -> Vec<u8> {
    let records: Vec<u8> = records.iter().flat_map(|record| field(2, record)).collect();
    let resource = field(1, &field(1, &field(1, b"service.name")));
    field(1, &[resource, field(2, &records)].concat())
}

fn post(server: &Server, body: Vec<u8>) -> Answer {
    let answer = server.post_as(&[("content-type", "application/x-protobuf")], body).unwrap();
    assert_eq!(answer.header("content-type"), "application/x-protobuf");
    answer
}

fn binary_and_text_are_the_same_rows(kind: Kind) {
    let value = json!({ "key": "waft.event.value", "value": { "doubleValue": -0.5 } });
    let event = [
        text("waft.event.id", &id(2)),
        text("waft.event.name", "buy"),
        value,
        text("waft.event.properties", "{\"a\":1}"),
    ];
    let records = [exposure(1, "größe"), json!({ "eventName": "waft.track", "attributes": event })];
    let rows = |as_text: bool| {
        let server = Server::with(kind);
        if as_text {
            assert_eq!(server.post(request(&records)).json(), json!({}));
        } else {
            let answer = post(&server, batch(&records.iter().map(encoded).collect::<Vec<_>>()));
            assert_eq!((answer.status, answer.body.as_slice()), (200, b"".as_slice()));
        }
        let (mut database, _folder) = server.stored();
        let arrival_is_its_own = |row: &Value, times: std::ops::Range<usize>| {
            let mut row = row.as_array().unwrap().clone();
            row.drain(times);
            row
        };
        let exposures = database.rows("SELECT * FROM exposures");
        let events = database.rows("SELECT * FROM events");
        let time = exposures[0][17].as_i64().unwrap();
        assert!((exposures[0][20].as_i64().unwrap() - time) < 5_000);
        let waited = exposures[0][18].as_i64().unwrap() - time;
        // Only what is protobuf has come through something else.
        assert_eq!(exposures[0][19], json!(i64::from(!as_text)));
        (arrival_is_its_own(&exposures[0], 17..22), arrival_is_its_own(&events[0], 8..13), waited)
    };
    assert_eq!(rows(false), rows(true));
}

#[test]
fn malformed_binary_record_costs_only_itself() {
    let server = Server::start(&[]);
    let good = |number: u64| encoded(&exposure(number, "bold"));
    let mut no_text = good(2);
    let at = no_text.windows(4).position(|bytes| bytes == b"bold").unwrap();
    no_text[at] = 0xff;
    let cut = good(3)[..200].to_vec();
    assert!(cut.windows(16).all(|bytes| bytes != b"waft.exposure.id"), "it is not ours any more");
    let mut late = good(4);
    late[1..9].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut phase = exposure(5, "bold");
    phase["attributes"].as_array_mut().unwrap().retain(|attribute| attribute["key"] != "waft.phase");
    phase["attributes"].as_array_mut().unwrap().push(int("waft.phase", -1));
    // Of others: no UTF-8, no message at all, nothing.
    let foreign = [field(6, &field(1, b"\xff")), b"\xff\xff\xff".to_vec(), Vec::new()];
    let mut records = vec![good(1), no_text, cut, late, encoded(&phase), good(6)];
    records.extend(foreign);
    let answer = post(&server, batch(&records));
    let message = String::from_utf8_lossy(&answer.body).into_owned();
    // partial_success { rejected_log_records: 3, error_message: ... }
    assert_eq!((answer.status, answer.body[0]), (200, 0x0a));
    let rejected = answer.body.iter().position(|byte| *byte == 0x08).unwrap();
    assert_eq!(answer.body[rejected + 1], 3, "{message}");
    for expected in [
        "logRecords[1]: failed to decode",
        "logRecords[3]: time: 18446744073709551615 ns",
        "logRecords[4]: waft.phase: -1 is outside",
    ] {
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2);
}

#[test]
fn unreadable_binary_requests_are_refused_in_kind() {
    let server = Server::start(&["--max-body", "4096"]);
    let good = batch(&[encoded(&exposure(1, "bold"))]);
    let check = |body: Vec<u8>, status: u16, code: u8, expected: &str| {
        let answer = post(&server, body);
        // google.rpc.Status { code: 1, message: 2 }
        assert_eq!((answer.status, &answer.body[..2]), (status, [0x08, code].as_slice()));
        assert!(String::from_utf8_lossy(&answer.body).contains(expected));
    };
    check(good[..good.len() - 1].to_vec(), 400, 3, "no OTLP logs: ");
    check(request(&[exposure(1, "bold")]).into_bytes(), 400, 3, "no OTLP logs: ");
    check(vec![0; 5_000], 413, 8, "over 4096 bytes");
    // An empty message is an empty request.
    assert_eq!(post(&server, Vec::new()).status, 200);
    assert_eq!(post(&server, good).status, 200);
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
}
