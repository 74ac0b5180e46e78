//! Who listens for changes of a snapshot.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant, SystemTime};

use crate::server::{Folder, Server};

/// Longer than anything here takes: only a hang reaches it.
const HANG: Duration = Duration::from_secs(60);

/// A connection that listens, past its head.
pub(crate) struct Listening {
    pub(crate) head: String,
    lines: BufReader<TcpStream>,
}

impl Listening {
    pub(crate) fn to(server: &Server, path: &str) -> Self {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        write!(stream, "GET /api/changes/{path} HTTP/1.1\r\nhost: localhost\r\norigin: https://shop.example\r\n\r\n")
            .unwrap();
        let mut lines = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(lines.read_line(&mut head).unwrap(), 0, "{head}");
        }
        Self { head, lines }
    }

    /// The data of the next event; `None` at the end.
    pub(crate) fn event(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(data) = line.trim_end().strip_prefix("data: ") {
                return Some(data.to_owned());
            }
        }
    }

    /// Waits until this is told: of a file that is written in place, half of it may be seen before.
    fn until(&mut self, data: &str) {
        while self.event().unwrap() != data {}
    }
}

fn site() -> Server {
    let folder = Folder::new();
    fs::write(folder.site().join("shop.waft"), "first").unwrap();
    fs::write(folder.site().join("page.html"), "<h1>shop</h1>").unwrap();
    folder.start(&["--allow-origin", "https://shop.example"])
}

fn replace(server: &Server, bytes: &str) {
    let (site, new) = (server.folder.site(), server.folder.site().join(".new"));
    fs::write(&new, bytes).unwrap();
    fs::rename(new, site.join("shop.waft")).unwrap();
}

#[test]
fn an_event_comes_at_once_and_with_each_change() {
    let server = site();
    let tag = || server.get("/shop.waft", &[]).header("etag").to_owned();
    let mut listening = Listening::to(&server, "shop.waft");
    let head = &listening.head;
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("\r\ncontent-type: text/event-stream\r\n"), "{head}");
    assert!(head.contains("\r\ncache-control: no-store\r\n"), "{head}");
    assert!(head.contains("\r\naccess-control-allow-origin: https://shop.example\r\n"), "{head}");
    assert_eq!(listening.event(), Some(tag()));
    replace(&server, "second");
    assert_eq!(listening.event(), Some(tag()));
    // In place, and of one length.
    fs::write(server.folder.site().join("shop.waft"), "thirdd").unwrap();
    assert_eq!(listening.event(), Some(tag()));
    // The same bytes are no change, nor is a file that is not there for a while.
    let before = tag();
    replace(&server, "thirdd");
    fs::remove_file(server.folder.site().join("shop.waft")).unwrap();
    std::thread::sleep(Duration::from_millis(500));
    replace(&server, "fourth");
    let after = listening.event().unwrap();
    assert!(after != before && after == tag());
    // Whoever comes later hears what is there now.
    assert_eq!(Listening::to(&server, "shop.waft").event(), Some(after));
}

/// Of a release one is written after the other, and a kill changes the head alone: whoever listens to either hears of both.
#[test]
fn head_and_snapshot_are_told_together() {
    let server = site();
    let site = server.folder.site();
    let tag = |file: &str| server.get(file, &[]).header("etag").to_owned();
    let mut listening = Listening::to(&server, "shop.waft");
    assert_eq!(listening.event(), Some(tag("/shop.waft")));
    fs::write(site.join("shop-head.waft"), "head 1").unwrap();
    let both = |first: &str, second: &str| format!("{}, {}", tag(first), tag(second));
    listening.until(&both("/shop.waft", "/shop-head.waft"));
    let mut second = Listening::to(&server, "shop-head.waft");
    second.until(&both("/shop-head.waft", "/shop.waft"));
    replace(&server, "second");
    listening.until(&both("/shop.waft", "/shop-head.waft"));
    second.until(&both("/shop-head.waft", "/shop.waft"));
}

/// A file system's clock ticks each 4 ms, or each 2 s, and what is written twice within a tick may have the length that it had.
#[test]
fn a_change_that_the_file_system_does_not_tell_is_noticed() {
    let server = site();
    let path = server.folder.site().join("shop.waft");
    let tag = || server.get("/shop.waft", &[]).header("etag").to_owned();
    let mut listening = Listening::to(&server, "shop.waft");
    assert_eq!(listening.event(), Some(tag()));
    for bytes in ["thirdd", "fourth"] {
        // One moment for all: as if it were one tick.
        fs::write(&path, bytes).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        listening.until(&tag());
    }
}

#[test]
fn only_snapshots_that_are_served_are_listened_to() {
    let server = site();
    fs::write(server.folder.site().parent().unwrap().join("outside.waft"), "secret").unwrap();
    fs::write(server.folder.site().join(".hidden.waft"), "secret").unwrap();
    for path in ["page.html", "none.waft", "", ".hidden.waft", "..%2foutside.waft", "%2e%2e/outside.waft", "shop.waft/"]
    {
        let answer = server.get(&format!("/api/changes/{path}"), &[]);
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
}

/// Connections have 512 places, and these do not take them.
#[test]
fn a_thousand_listen_and_others_are_answered() {
    let server = site();
    let mut listening: Vec<Listening> = (0..1_000).map(|_| Listening::to(&server, "shop.waft")).collect();
    let first = server.get("/shop.waft", &[]).header("etag").to_owned();
    for one in &mut listening {
        assert_eq!(one.event().as_ref(), Some(&first));
    }
    replace(&server, "second");
    let second = server.get("/shop.waft", &[]).header("etag").to_owned();
    for one in &mut listening {
        assert_eq!(one.event().as_ref(), Some(&second));
    }
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
fn one_address_cannot_have_all() {
    let folder = Folder::new();
    fs::write(folder.site().join("shop.waft"), "first").unwrap();
    let server = folder.start(&["--trust-proxy", "none", "--rate", "10000"]);
    let listening: Vec<Listening> = (0..520).map(|_| Listening::to(&server, "shop.waft")).collect();
    let refused = listening.iter().filter(|one| one.head.starts_with("HTTP/1.1 429 ")).count();
    assert_eq!(refused, 8);
    assert!(
        listening
            .iter()
            .all(|one| one.head.starts_with("HTTP/1.1 200 ") || one.head.contains("\r\nretry-after: 60\r\n"))
    );
    drop(listening);
    // Their places are given back, once the server has seen that they are gone.
    replace(&server, "second");
    let start = Instant::now();
    while !Listening::to(&server, "shop.waft").head.starts_with("HTTP/1.1 200 ") {
        assert!(start.elapsed() < HANG);
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_stop_ends_what_listens() {
    let mut server = site();
    let mut listening = Listening::to(&server, "shop.waft");
    listening.event().unwrap();
    let start = Instant::now();
    server.signal("-TERM");
    assert_eq!(listening.event(), None);
    let mut rest = Vec::new();
    listening.lines.read_to_end(&mut rest).unwrap();
    assert!(server.child.wait().unwrap().success());
    // Connections that are answering have 5 s; these are not waited for.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
