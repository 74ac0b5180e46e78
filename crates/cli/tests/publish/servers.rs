//! By HTTP PUT.

use crate::bench::Bench;
use crate::origin::{Fate, Origin, Stored};

#[test]
fn files_are_put_in_order_with_their_headers() {
    let (bench, origin) = (Bench::new(), Origin::start());
    let told = bench.publish(1, &origin.url, &[]);
    let name = told["written"][0].as_str().unwrap();
    let stored = |cache: &str| Stored {
        bytes: bench.read("1.waft"),
        cache: cache.to_owned(),
        content_type: "application/octet-stream".to_owned(),
    };
    assert_eq!(origin.file(name), stored("public, max-age=31536000, immutable"));
    assert_eq!(origin.file("snapshot.waft"), stored("no-cache"));
    assert_eq!(told["checked"], *origin.url);
    let written = origin.with(|state| {
        let puts = state.requests.iter().filter_map(|request| request.strip_prefix("PUT "));
        puts.map(str::to_owned).collect::<Vec<_>>()
    });
    let probe = "waft-publish.txt";
    assert_eq!(written, [probe, probe, probe, name, "snapshot.waft"]);
    bench.publish(2, &origin.url, &[]);
    assert_eq!(origin.file("snapshot.waft").bytes, bench.read("2.waft"));
    assert!(bench.refuse(1, &origin.url, &[]).contains("version 2 is live"));
}

#[test]
fn a_server_that_does_not_compare_needs_a_single_writer() {
    let (bench, origin) = (Bench::new(), Origin::start());
    origin.with(|state| state.compares = false);
    let message = bench.refuse(1, &origin.url, &[]);
    assert!(message.contains("give --single-writer if nothing else publishes there"), "{message}");
    assert_eq!(origin.with(|state| state.files.len()), 1);
    bench.publish(1, &origin.url, &["--single-writer"]);
    bench.publish(2, &origin.url, &["--single-writer"]);
    assert_eq!(origin.file("snapshot.waft").bytes, bench.read("2.waft"));
    assert!(bench.refuse(1, &origin.url, &["--single-writer"]).contains("version 2 is live"));
    // Without ETags nothing can be compared either.
    let origin = Origin::start();
    origin.with(|state| state.tells = false);
    bench.publish(1, &origin.url, &[]);
    assert!(bench.refuse(2, &origin.url, &[]).contains("no strong ETag"));
}

#[test]
fn authorization_comes_from_the_environment() {
    let (bench, origin) = (Bench::new(), Origin::start());
    origin.with(|state| state.authorization = Some("Bearer secret".to_owned()));
    let message = bench.refuse(1, &origin.url, &[]);
    assert!(message.contains("status 401: set WAFT_PUBLISH_AUTHORIZATION"), "{message}");
    let mut publisher = bench.publisher(1, &origin.url, &["--timeout", "1"]);
    let output = publisher.env("WAFT_PUBLISH_AUTHORIZATION", "Bearer secret").output().unwrap();
    // The secret is for writing: the public URL is read without it, as pages do.
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("status 401, 1 s after it was published") && !message.contains("secret"), "{message}");
    assert_eq!(origin.file("snapshot.waft").bytes, bench.read("1.waft"));
    let mut publisher = bench.publisher(1, "http://example.org/", &[]);
    let output = publisher.env("WAFT_PUBLISH_AUTHORIZATION", "Bearer secret").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("would be sent unencrypted: use https"));
}

#[test]
fn what_a_server_does_not_take_is_told_with_a_remedy() {
    let bench = Bench::new();
    let check = |status: u16, expected: &str| {
        let origin = Origin::start();
        origin.fates(move |_, what| if what.starts_with("PUT") { Fate::Status(status) } else { Fate::Done });
        let message = bench.refuse(1, &origin.url, &["--timeout", "1"]);
        assert!(message.contains(&format!("status {status}{expected}")), "{message}");
    };
    check(301, ", a redirect: give the URL that it leads to");
    check(403, ": set WAFT_PUBLISH_AUTHORIZATION to what the server accepts");
    check(404, ": the folder may be missing");
    check(405, ": the server takes no PUT there");
    check(507, ": too large for the server, or it is full");
    check(503, ", until --timeout was over: try again later");
    for (to, expected) in [
        ("s3x://bucket/", "expected a folder, or a URL that begins with"),
        ("https://", "expected the URL of a folder"),
        ("https://a.example/?x=1", "expected the URL of a folder"),
        ("https://me:secret@a.example/", "expected the URL of a folder"),
    ] {
        let message = bench.refuse(1, to, &[]);
        assert!(message.contains(expected), "{message}");
    }
    if cfg!(not(feature = "cloud")) {
        let message = bench.refuse(1, "s3://bucket/", &[]);
        assert!(message.contains("this waft was built without the feature `cloud`"), "{message}");
    }
    let message = bench.refuse(1, "http://127.0.0.1:9/", &["--timeout", "1"]);
    assert!(message.contains("until --timeout was over"), "{message}");
}
