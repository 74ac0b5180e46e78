//! Requests that are too large, too slow, too deep or too many: each is answered, and the next one is served.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::database::{Kind, on_both};
use crate::records::{exposure, request, text};
use crate::server::{Folder, Server};

on_both! {
    more_than_the_queue_holds_is_503_at_once_and_stored_on_retry
}

/// What is answered at all is answered by then.
const HANG: Duration = Duration::from_secs(60);
const JSON: (&str, &str) = ("content-type", "application/json");
const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn head(headers: &str) -> String {
    format!(
        "POST /v1/logs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}\r\n"
    )
}

#[test]
fn record_of_a_megabyte_costs_only_itself() {
    let server = Server::start(&["--max-body", "4194304"]);
    let megabyte = "x".repeat(1 << 20);
    let with = |number: u64, attribute: Value| {
        let mut record = exposure(number, "bold");
        record["attributes"].as_array_mut().unwrap().insert(0, attribute);
        record
    };
    let body = request(&[
        exposure(1, "bold"),
        // Of ours, refused; of others, read past; and an event that is nothing but large.
        with(2, text("waft.unit.account", &megabyte)),
        with(3, text("foreign", &megabyte)),
        json!({ "attributes": [text("waft.event.id", &"1".repeat(32)), text("waft.event.name", &megabyte)] }),
    ]);
    let partial = server.post(body).json()["partialSuccess"].clone();
    assert_eq!(partial["rejectedLogRecords"], "2");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("logRecords[1]: waft.unit.account: 1048576 bytes, at most 1024"), "{message}");
    assert!(message.contains("logRecords[3]: waft.event.name: 1048576 bytes") && message.len() < 1_000, "{message}");
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2);
}

#[test]
fn bodies_are_bounded_however_they_are_sent() {
    let server = Server::start(&["--max-body", "100000"]);
    let check = |bytes: &[u8], expected: &str| {
        let answer = server.raw(bytes);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{expected}: {answer}");
    };
    // In chunks, so that no length tells beforehand.
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(65_536));
    let chunked = head("transfer-encoding: chunked\r\n");
    check(format!("{chunked}{chunk}{chunk}0\r\n\r\n").as_bytes(), "413");
    let one = request(&[exposure(1, "bold")]);
    check(format!("{chunked}{:x}\r\n{one}\r\n0\r\n\r\n", one.len()).as_bytes(), "200");
    // A length that lies: the rest never comes, or is no body.
    check(format!("{}{one}", head("content-length: 99999999999999999999\r\n")).as_bytes(), "400");
    check(format!("{}{one}", head("content-length: 5\r\n")).as_bytes(), "400");
    // Compressed below the limit, plain above it; a bomb; cut off; damaged; something behind it.
    let post = |body: Vec<u8>| server.post_as(&[JSON, GZIP], body).unwrap().status;
    assert_eq!(post(gzip(&vec![b' '; 100_001])), 413);
    let bomb = gzip(&vec![b' '; 64 << 20]);
    assert!(bomb.len() < 100_000);
    assert_eq!(post(bomb), 413);
    let whole = gzip(request(&[exposure(2, "bold")]).as_bytes());
    assert_eq!(post(whole[..whole.len() - 9].to_vec()), 400);
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0xff;
    assert_eq!(post(damaged), 400);
    assert_eq!(post([whole.as_slice(), b"more"].concat()), 400);
    assert_eq!(post(whole), 200);
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 2);
    assert!(server.peak_memory() < 100_000, "{} kB", server.peak_memory());
}

#[test]
fn endless_body_is_cut_off_with_413() {
    let server = Server::start(&["--max-body", "1000"]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head("transfer-encoding: chunked\r\n").as_bytes()).unwrap();
    // Until the other end closes.
    while stream
        .write_all(b"400\r\n")
        .and_then(|()| stream.write_all(&[b' '; 1_024]))
        .and_then(|()| stream.write_all(b"\r\n"))
        .is_ok()
    {}
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

/// The deadline is for those that may come yet.
#[test]
fn body_that_says_it_is_too_large_is_not_waited_for() {
    let server = Server::start(&["--max-body", "1000", "--read-timeout", "600"]);
    for (headers, sent) in [
        ("content-length: 1001\r\n", ""),
        ("content-length: 99999999999\r\n", "{"),
        ("transfer-encoding: chunked\r\n", "400\r\n"),
    ] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(head(headers).as_bytes()).unwrap();
        stream.write_all(sent.as_bytes()).unwrap();
        if sent.starts_with('4') {
            stream.write_all(&[b' '; 1_024]).unwrap();
        }
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 413", "{headers}");
    }
}

#[test]
fn body_that_drips_is_cut_off_at_the_deadline() {
    let server = Server::start(&["--read-timeout", "1"]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(head("content-length: 1000\r\n").as_bytes()).unwrap();
    let start = Instant::now();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut answer = [0; 12];
    // A byte every 50 ms: never silent for long, never done.
    while stream.read_exact(&mut answer).is_err() {
        assert!(start.elapsed() < HANG);
        let _ = stream.write_all(b" ");
    }
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(start.elapsed() >= Duration::from_millis(900));
}

#[test]
fn deep_and_many_are_no_trouble() {
    let server = Server::start(&[]);
    // A recursive reader would run out of stack at a tenth of this.
    let deep = format!("{}1{}", "[".repeat(400_000), "]".repeat(400_000));
    for body in [deep.clone(), format!("{{\"resourceLogs\":{{\"a\":{deep}}}}}")] {
        assert_eq!(server.post(body).status, 400);
    }
    for value in [
        format!("{{\"other\":{deep}}}"),
        format!("{{\"attributes\":[{{\"key\":\"a\",\"value\":{{\"arrayValue\":{deep}}}}}]}}"),
    ] {
        let body = format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{value}]}}]}}]}}");
        assert_eq!(server.post(body).json(), json!({}));
    }
    let refused = "{\"eventName\":\"waft.track\"}";
    let many = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{}{refused}]}}]}}]}}",
        format!("{refused},").repeat(16_000)
    );
    assert_eq!(server.post(many).json()["partialSuccess"]["rejectedLogRecords"], "16001");
}

fn more_than_the_queue_holds_is_503_at_once_and_stored_on_retry(kind: Kind) {
    let server = Server::with(kind);
    let mut other = server.folder.database.connect();
    other.execute("BEGIN IMMEDIATE", "BEGIN; LOCK TABLE exposures IN EXCLUSIVE MODE");
    // The first is at work and waits for the other, maybe with some that came right after it; 256 wait behind it; the
    // rest is too much.
    let send = |number: u64| {
        let body = request(&[exposure(number, "bold")]);
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(format!("{}{body}", head(&format!("content-length: {}\r\n", body.len()))).as_bytes()).unwrap();
        stream
    };
    let streams: Vec<TcpStream> = (0..380).map(send).collect();
    let answers: Vec<String> = streams
        .into_iter()
        .map(|mut stream| {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
        .collect();
    for answer in &answers {
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1\r\n"), "{answer}");
    }
    let busy = answers.iter().filter(|answer| answer.contains("busy: try again")).count();
    assert!((1..=123).contains(&busy), "{busy}");
    other.execute("ROLLBACK", "ROLLBACK");
    let records: Vec<Value> = (0..380).map(|number| exposure(number, "bold")).collect();
    let start = Instant::now();
    while server.post(request(&records)).status != 200 {
        assert!(start.elapsed() < HANG, "it stays busy");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 380);
}

#[test]
fn file_that_many_take_slowly_is_in_memory_once() {
    const SIZE: usize = 10 << 20;
    let folder = Folder::new();
    std::fs::write(folder.site().join("shop.waft"), vec![7; SIZE]).unwrap();
    let server = folder.start(&[]);
    // All are being answered, and nobody reads on.
    let begin = |_| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.write_all(b"GET /shop.waft HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
        stream.read_exact(&mut [0; 1_000]).unwrap();
        stream
    };
    let streams: Vec<TcpStream> = (0..40).map(begin).collect();
    // Four at once are read before it is known that they are the same.
    let peak = server.peak_memory();
    assert!(peak < 100_000, "{peak} kB");
    for mut stream in streams {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
        assert!(rest.len() > SIZE - 1_000);
    }
}
