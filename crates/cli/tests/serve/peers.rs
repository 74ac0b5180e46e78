//! Many clients at once, of which one takes more than its part: the others are answered as ever.
//!
//! The server is told that not even loopback is exempt, and clients come from several of loopback's addresses.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::records::{exposure, request};
use crate::server::Server;

const HALF_A_HEAD: &[u8] = b"POST /v1/logs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9";

/// Who waits for half a head waits until it is cut off, which is after five seconds.
const AT_ONCE: Duration = Duration::from_secs(4);

/// A connection from an address of loopback.
fn connect(server: &Server, from: &str) -> TcpStream {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().unwrap());
    let connected = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        socket.connect(server.address.parse().unwrap()).await.unwrap().into_std().unwrap()
    });
    connected.set_nonblocking(false).unwrap();
    connected.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    connected
}

/// Sends a request and reads the answer, until the server closes.
fn ask(server: &Server, from: &str, bytes: &[u8]) -> (String, Duration) {
    let start = Instant::now();
    let mut stream = connect(server, from);
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    (answer, start.elapsed())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn head(more: &str) -> String {
    format!("POST /v1/logs HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{more}\r\n\r\n")
}

/// A protobuf field with a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        field.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend_from_slice(bytes);
    field
}

#[test]
fn half_sent_heads_of_one_client_keep_nobody_else_waiting() {
    let server = Server::start(&["--trust-proxy", "none"]);
    let mut streams: Vec<TcpStream> = (0..900)
        .map(|_| {
            let mut stream = connect(&server, "127.0.0.2");
            // Refused meanwhile, maybe.
            let _ = stream.write_all(HALF_A_HEAD);
            stream
        })
        .collect();
    let body = request(&[exposure(1, "bold")]);
    let post = format!("{}{body}", head(&format!("content-type: application/json\r\ncontent-length: {}", body.len())));
    for _ in 0..20 {
        let (answer, took) = ask(&server, "127.0.0.3", post.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 200 ") && took < AT_ONCE, "{took:?}: {answer}");
    }
    // Most of the 900 were told to wait; those that got a place are cut off before any page gives up (10 s).
    let start = Instant::now();
    let mut told = 0;
    for stream in &mut streams {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        told += usize::from(answer.starts_with("HTTP/1.1 429 ") && answer.contains("\r\nretry-after: 5\r\n"));
    }
    assert!(told > 60, "{told}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    let (answer, _) =
        ask(&server, "127.0.0.2", b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert!(answer.ends_with("\r\n\r\nok\n"), "{answer}");
}

/// However the places are taken, whoever has none gets one at once.
#[test]
fn addresses_that_take_all_places_keep_nobody_else_waiting() {
    let body = request(&[exposure(1, "bold")]);
    let post = format!("{}{body}", head(&format!("content-type: application/json\r\ncontent-length: {}", body.len())));
    let whole_head = head("content-type: application/json\r\ncontent-length: 9").into_bytes();
    // Ten addresses of ten networks with half a head; with a head and a part of the body; 250 addresses of one network; and
    // connections that were answered and wait.
    let ten: Vec<String> = (1..=10).flat_map(|network| vec![format!("127.0.{network}.1"); 64]).collect();
    let one: Vec<String> = (0..750).map(|number| format!("127.0.1.{}", 1 + number % 250)).collect();
    let answered = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n".to_vec();
    let cases = [(&ten, HALF_A_HEAD.to_vec()), (&ten, whole_head), (&one, HALF_A_HEAD.to_vec()), (&ten, answered)];
    for (addresses, bytes) in cases {
        let server = Server::start(&["--trust-proxy", "none"]);
        let mut streams = Vec::new();
        for address in addresses {
            let mut stream = connect(&server, address);
            // Refused meanwhile, maybe.
            let _ = stream.write_all(&bytes);
            streams.push(stream);
        }
        // Of another network, and another address of the same.
        for from in ["127.0.99.9", "127.0.1.254"].repeat(10) {
            let (answer, took) = ask(&server, from, post.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 200 ") && took < AT_ONCE, "{from} {took:?}: {answer}");
        }
    }
}

#[test]
fn an_address_over_its_rate_waits_alone() {
    let server = Server::start(&["--rate", "2", "--allow-origin", "https://shop.example"]);
    let get = |forwarded: Option<&str>| {
        let forwarded = forwarded.map(|address| ("x-forwarded-for", address));
        let origin = ("origin", "https://shop.example");
        server.get("/index.html", &[&[origin], forwarded.as_slice()].concat())
    };
    // Four seconds' worth at once.
    let until_refused =
        |forwarded: &str| (0..).map(|at| (at, get(Some(forwarded)))).find(|(_, answer)| answer.status != 404).unwrap();
    let (before, refused) = until_refused("203.0.113.9, 198.51.100.7");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert!((8..60).contains(&before), "{before}");
    // A page of another site is told, too.
    assert_eq!(refused.header("access-control-allow-origin"), "https://shop.example");
    // What anybody can write in front counts for nothing.
    assert!(until_refused("192.0.2.1, 198.51.100.7").0 < 8);
    // Others, and the proxy itself.
    assert_eq!(get(Some("198.51.100.7, 203.0.113.9")).status, 404);
    for _ in 0..30 {
        assert_eq!(get(None).status, 404);
    }
    assert_eq!(server.get("/healthz", &[("x-forwarded-for", "198.51.100.7")]).status, 200);
    // A body is read before the answer, which would be lost otherwise; and it comes again later.
    let body = request(&[exposure(1, "bold")]);
    let headers = [("content-type", "application/json"), ("x-forwarded-for", "198.51.100.7")];
    assert!((0..60).any(|_| server.post_as(&headers, &body).unwrap().status == 429));
    let start = Instant::now();
    while server.post_as(&headers, &body).unwrap().status != 200 {
        assert!(start.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
}

#[test]
fn whoever_is_no_proxy_speaks_for_nobody() {
    let server = Server::start(&["--rate", "1", "--trust-proxy", "none", "--trust-proxy", "127.0.0.9"]);
    let get = |from: &str, forwarded: usize| {
        let forwarded = format!("x-forwarded-for: 192.0.2.{forwarded}\r\n");
        ask(
            &server,
            from,
            format!("GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{forwarded}\r\n").as_bytes(),
        )
        .0
    };
    let refused = (0..12).filter(|number| get("127.0.0.2", *number).starts_with("HTTP/1.1 429 ")).count();
    assert!(refused > 0);
    assert!((0..12).all(|number| get("127.0.0.9", number).starts_with("HTTP/1.1 404 ")));
}

#[test]
fn too_many_records_are_413_and_block_nobody() {
    let server = Server::start(&[]);
    let records = field(1, &field(2, &field(2, b"").repeat(520_000)));
    let scopes = field(1, &field(2, b"").repeat(500_000));
    let resources = field(1, b"").repeat(500_000);
    let json = |list: &str| format!("{{\"resourceLogs\":[{}]}}", list.trim_end_matches(',')).into_bytes();
    let bodies = [
        ("application/x-protobuf", records),
        ("application/x-protobuf", scopes),
        ("application/x-protobuf", resources),
        ("application/json", json(&"{},".repeat(300_000))),
        ("application/json", json(&format!("{{\"scopeLogs\":[{}{{}}]}}", "{},".repeat(300_000)))),
        ("application/json", json(&format!("{{\"scopeLogs\":[{{\"logRecords\":[{}{{}}]}}]}}", "{},".repeat(300_000)))),
    ];
    for (content_type, body) in &bodies {
        let body = gzip(body);
        assert!(body.len() < 6_000, "{}", body.len());
        let answer = server.post_as(&[("content-type", content_type), ("content-encoding", "gzip")], &body).unwrap();
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(String::from_utf8_lossy(&answer.body).contains("over 16384 records: send fewer at once"), "{answer:?}");
    }
    // Pages are answered while many of them are read.
    let body = gzip(&bodies[0].1);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let headers = [("content-type", "application/x-protobuf"), ("content-encoding", "gzip")];
                (0..4).for_each(|_| assert_eq!(server.post_as(&headers, &body).unwrap().status, 413));
            });
        }
        for _ in 0..20 {
            let start = Instant::now();
            assert_eq!(server.get("/healthz", &[]).status, 200);
            assert!(start.elapsed() < AT_ONCE, "{:?}", start.elapsed());
        }
    });
    let most = format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{}{{}}]}}]}}]}}", "{},".repeat(16_000));
    assert_eq!(server.post(most).json(), json!({}));
}

#[test]
fn attributes_of_one_record_take_no_more_memory_than_it_has() {
    let server = Server::start(&["--max-body", "67108864"]);
    let empty = field(6, b"").repeat(3 << 20);
    let record = [field(6, &field(1, b"waft.exposure.id")), empty].concat();
    let protobuf = field(1, &field(2, &[field(2, &record), field(2, b"")].concat()));
    let attributes = format!("{{\"key\":\"waft.exposure.id\"}}{}", ",{\"key\":\"\"}".repeat(1 << 20));
    let json = format!(
        "{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"attributes\":[{attributes}]}},{}]}}]}}]}}",
        exposure(1, "bold")
    );
    for (content_type, body) in [("application/x-protobuf", protobuf), ("application/json", json.into_bytes())] {
        let headers = [("content-type", content_type), ("content-encoding", "gzip")];
        let answer = server.post_as(&headers, gzip(&body)).unwrap();
        assert_eq!(answer.status, 200);
        assert!(String::from_utf8_lossy(&answer.body).contains("attributes: over 1024"), "{answer:?}");
    }
    assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
    assert!(server.peak_memory() < 100_000, "{} kB", server.peak_memory());
}

#[test]
fn bodies_together_are_bounded_however_large_one_may_be() {
    const LENGTH: usize = 60 << 20;
    let server = Server::start(&["--max-body", "67108864", "--read-timeout", "60"]);
    let head = head(&format!("content-type: application/json\r\ncontent-length: {LENGTH}"));
    // All but the last byte of eight of them.
    let most = vec![b' '; LENGTH - 1];
    let streams: Vec<TcpStream> = (0..8)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&most)).unwrap();
            stream
        })
        .collect();
    let statuses: Vec<String> = streams
        .into_iter()
        .map(|mut stream| {
            let mut answer = String::new();
            stream.write_all(b" ").unwrap();
            stream.read_to_string(&mut answer).unwrap();
            answer[9..12].to_owned()
        })
        .collect();
    // No JSON; or later.
    assert!(statuses.iter().all(|status| ["400", "503"].contains(&status.as_str())), "{statuses:?}");
    assert!(
        statuses.iter().any(|status| status == "503") && statuses.iter().any(|status| status == "400"),
        "{statuses:?}"
    );
    assert!(server.peak_memory() < 350_000, "{} kB", server.peak_memory());
    assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}));
}
