//! However it ends, what was acknowledged is there.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;

use rusqlite::Connection;
use serde_json::json;

use crate::records::{exposure, id, request};
use crate::server::Server;

fn ids(db: &Connection) -> BTreeSet<String> {
    let mut query = db.prepare("SELECT id FROM exposures").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Posts from four threads until the server goes, ends it by `end` once 200 requests were acknowledged, and returns
/// the ids of all that were.
fn post_until(server: &mut Server, end: &str) -> BTreeSet<String> {
    let (acknowledge, acknowledged) = mpsc::channel();
    let mut stored = BTreeSet::new();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (acknowledge, server) = (acknowledge.clone(), &*server);
            scope.spawn(move || {
                for number in (thread << 32).. {
                    let body = request(&[exposure(number, "bold")]);
                    match server.post_as(&[("content-type", "application/json")], body) {
                        Ok(answer) if answer.status == 200 => acknowledge.send(number).unwrap(),
                        // Stopping: not acknowledged.
                        Ok(answer) => assert_eq!((answer.status, answer.header("retry-after")), (503, "1")),
                        Err(_) => break,
                    }
                }
            });
        }
        drop(acknowledge);
        for number in acknowledged {
            stored.insert(id(number));
            if stored.len() == 200 {
                server.signal(end);
            }
        }
    });
    assert!(stored.len() >= 200);
    stored
}

#[test]
fn sigterm_under_load_loses_nothing_and_leaves_one_complete_file() {
    let mut server = Server::start(&[]);
    let acknowledged = post_until(&mut server, "-TERM");
    assert_eq!(server.wait().code(), Some(0));
    let folder = server.into_folder();
    // The file alone, without a log beside it.
    let copy = folder.site().join("copy.db");
    std::fs::copy(folder.db(), &copy).unwrap();
    let stored = ids(&Connection::open(&copy).unwrap());
    assert!(acknowledged.is_subset(&stored), "{} of {}", stored.len(), acknowledged.len());
}

#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    let mut server = Server::start(&[]);
    let acknowledged = post_until(&mut server, "-KILL");
    assert_eq!(server.wait().code(), None);
    let folder = server.into_folder();
    let stored = ids(&Connection::open(folder.db()).unwrap());
    assert!(acknowledged.is_subset(&stored), "{} of {}", stored.len(), acknowledged.len());
    // And the next start goes on from there.
    let server = folder.start(&[]);
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], stored.len());
    assert_eq!(server.post(request(&[exposure(1 << 60, "bold")])).json(), json!({}));
}

#[test]
fn request_in_flight_is_answered_before_the_end() {
    let mut server = Server::start(&[]);
    let body = request(&[exposure(1, "bold")]);
    let (first, second) = body.split_at(body.len() / 2);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let length = body.len();
    // With `expect`, the server says when it has begun to read the body.
    let head =
        "POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nexpect: 100-continue\r\n";
    write!(stream, "{head}content-length: {length}\r\n\r\n").unwrap();
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    assert_eq!(&begun, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(first.as_bytes()).unwrap();
    server.signal("-INT");
    // No new connections are taken: the stop has begun.
    while TcpStream::connect(&server.address).is_ok() {}
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(ids(&Connection::open(server.folder.db()).unwrap()), BTreeSet::from([id(1)]));
}

#[test]
fn database_held_by_another_is_503_and_stored_on_retry() {
    let server = Server::start(&[]);
    let other = Connection::open(server.folder.db()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = server.post(request(&[exposure(1, "bold")]));
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(refused.json()["code"], 14);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}));
    let counts = server.get("/api/exposures", &[]).json();
    assert_eq!((&counts["total"], &counts["receipts"]), (&json!(1), &json!(1)));
}
