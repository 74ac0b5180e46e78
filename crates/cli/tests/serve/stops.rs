//! However it ends, what was acknowledged is there.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::cluster::Cluster;
use crate::database::{Connection, Database, Kind, on_both};
use crate::records::{exposure, exposure_id, request};
use crate::server::{Folder, Server};

on_both! {
    sigterm_under_load_loses_nothing
    kill_9_loses_nothing_that_was_acknowledged
    request_in_flight_is_answered_before_the_end
    database_held_by_another_is_503_and_stored_on_retry
    two_collectors_on_one_database_make_one_row_of_each_id
}

fn ids(mut db: Connection) -> BTreeSet<String> {
    db.rows("SELECT id FROM exposures").iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
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
            stored.insert(exposure_id(number, "bold"));
            if stored.len() == 200 {
                server.signal(end);
            }
        }
    });
    assert!(stored.len() >= 200);
    stored
}

fn sigterm_under_load_loses_nothing(kind: Kind) {
    let mut server = Server::with(kind);
    let acknowledged = post_until(&mut server, "-TERM");
    assert_eq!(server.wait().code(), Some(0));
    let folder = server.into_folder();
    if kind == Kind::Sqlite {
        // The file alone is complete, without a log beside it.
        let copy = folder.site().join("copy.db");
        std::fs::copy(folder.db(), &copy).unwrap();
        std::fs::rename(copy, folder.db()).unwrap();
    }
    let stored = ids(folder.database.connect());
    assert!(acknowledged.is_subset(&stored), "{} of {}", stored.len(), acknowledged.len());
}

fn kill_9_loses_nothing_that_was_acknowledged(kind: Kind) {
    let mut server = Server::with(kind);
    let acknowledged = post_until(&mut server, "-KILL");
    assert_eq!(server.wait().code(), None);
    let folder = server.into_folder();
    let stored = ids(folder.database.connect());
    assert!(acknowledged.is_subset(&stored), "{} of {}", stored.len(), acknowledged.len());
    // And the next start goes on from there.
    let server = folder.start(&[]);
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], stored.len());
    assert_eq!(server.post(request(&[exposure(1 << 60, "bold")])).json(), json!({}));
}

fn request_in_flight_is_answered_before_the_end(kind: Kind) {
    let mut server = Server::with(kind);
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
    assert_eq!(ids(server.folder.database.connect()), BTreeSet::from([exposure_id(1, "bold")]));
}

fn database_held_by_another_is_503_and_stored_on_retry(kind: Kind) {
    let server = Server::with(kind);
    let mut other = server.folder.database.connect();
    other.execute("BEGIN IMMEDIATE", "BEGIN; LOCK TABLE exposures IN EXCLUSIVE MODE");
    let refused = server.post(request(&[exposure(1, "bold")]));
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(refused.json()["code"], 14);
    other.execute("ROLLBACK", "ROLLBACK");
    assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}));
    let counts = server.get("/api/exposures", &[]).json();
    assert_eq!((&counts["total"], &counts["receipts"]), (&json!(1), &json!(1)));
}

fn two_collectors_on_one_database_make_one_row_of_each_id(kind: Kind) {
    let first = Server::with(kind);
    let mut folder = Folder::new();
    folder.database = first.folder.database.clone();
    let second = folder.start(&[]);
    std::thread::scope(|scope| {
        for server in [&first, &second] {
            for forwards in [true, false] {
                scope.spawn(move || {
                    // The same ids, in orders that would lock rows crosswise.
                    let mut records: Vec<_> = (0..100).map(|number| exposure(number, "bold")).collect();
                    if !forwards {
                        records.reverse();
                    }
                    for _ in 0..5 {
                        assert_eq!(server.post(request(&records)).status, 200);
                    }
                });
            }
        }
    });
    let counts = second.get("/api/exposures", &[]).json();
    assert_eq!((&counts["total"], &counts["receipts"]), (&json!(100), &json!(2_000)));
}

#[test]
fn database_that_goes_away_is_503_until_it_is_back_and_nothing_acknowledged_is_lost() {
    let Some(mut cluster) = Cluster::start() else { return };
    let mut folder = Folder::new();
    folder.database = Database::Url(cluster.create("shop"));
    let mut server = folder.start(&[]);
    let post = |number: u64| server.post(request(&[exposure(number, "bold")]));
    for number in 0..100 {
        assert_eq!(post(number).status, 200);
    }
    cluster.kill();
    for _ in 0..3 {
        let refused = post(100);
        assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
        let refused = server.get("/api/exposures", &[]);
        assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    }
    cluster.restart();
    let start = Instant::now();
    while post(100).status != 200 {
        assert!(start.elapsed() < Duration::from_secs(60), "it does not connect again");
    }
    let expected: BTreeSet<String> = (0..=100).map(|number| exposure_id(number, "bold")).collect();
    assert_eq!(ids(server.folder.database.connect()), expected);
    // A line when it begins and one when it is over, not one a request.
    server.signal("-TERM");
    let mut said = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said.matches("not stored, answered 503").count(), 1, "{said}");
    assert_eq!(said.matches("requests are stored again").count(), 1, "{said}");
}
