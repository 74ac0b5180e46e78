//! The public URL.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::Bench;
use crate::origin::{Origin, Stored};

/// Serves what is in a folder, with the caching that is asked for.
fn mirror(bench: &Bench, origin: &Origin, folder: &str, cache: &str) {
    for entry in fs::read_dir(bench.path(folder)).unwrap().map(Result::unwrap) {
        let bytes = fs::read(entry.path()).unwrap();
        let stored = Stored { bytes, cache: cache.to_owned(), content_type: String::new() };
        origin.with(|state| state.files.insert(entry.file_name().into_string().unwrap(), stored));
    }
}

#[test]
fn one_that_keeps_the_old_is_a_failure_after_the_timeout() {
    let (bench, cdn) = (Bench::new(), Origin::start());
    bench.publish(1, "site", &[]);
    mirror(&bench, &cdn, "site", "no-cache");
    let start = Instant::now();
    let message = bench.refuse(2, "site", &["--url", &cdn.url, "--timeout", "2"]);
    assert!(message.contains("snapshot-2-") && message.contains("status 404, 2 s after it was published"), "{message}");
    assert!((1..60).contains(&start.elapsed().as_secs()));
    mirror(&bench, &cdn, "site", "no-cache");
    let first = bench.read("1.waft");
    cdn.with(|state| state.files.get_mut("snapshot.waft").unwrap().bytes = first);
    let message = bench.refuse(2, "site", &["--url", &cdn.url, "--timeout", "1"]);
    assert!(message.contains("snapshot.waft: version 1, 1 s after it was published: purge caches"), "{message}");
    cdn.with(|state| state.files.get_mut("snapshot.waft").unwrap().bytes.truncate(100));
    let message = bench.refuse(2, "site", &["--url", &cdn.url, "--timeout", "1"]);
    assert!(message.contains("snapshot.waft: refused, "), "{message}");
}

#[test]
fn one_that_is_late_is_waited_for() {
    let (bench, cdn) = (Bench::new(), Origin::start());
    let child = bench.start(1, "site", &["--url", &cdn.url]);
    while cdn.with(|state| state.requests.is_empty()) {
        thread::sleep(Duration::from_millis(5));
    }
    mirror(&bench, &cdn, "site", "no-cache");
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && message.contains("looking again"), "{message}");
    // And how long it is kept is looked at, too.
    assert!(
        message.contains("Cache-Control is \"no-cache\": make the server send \"public, max-age=31536000, immutable\"")
    );
}

#[test]
fn later_releases_of_others_are_fine() {
    let (bench, cdn) = (Bench::new(), Origin::start());
    bench.publish(1, "site", &[]);
    bench.publish(3, "other", &[]);
    mirror(&bench, &cdn, "site", "no-cache");
    mirror(&bench, &cdn, "other", "no-cache");
    bench.publish(1, "site", &["--url", &cdn.url]);
}

#[test]
fn what_is_live_at_a_url_is_compared() {
    let (bench, cdn) = (Bench::new(), Origin::start());
    bench.publish(1, "site", &[]);
    mirror(&bench, &cdn, "site", "no-cache");
    let compare = |more: &[&str]| {
        let own = ["diff", "1.waft", "--live", cdn.url.as_str(), "--json"];
        bench.waft(&[&own[..], more].concat()).output().unwrap()
    };
    let output = compare(&["--trust", "trust.json"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(told["before"]["source"], format!("{}snapshot.waft", cdn.url));
    assert_eq!((&told["before"]["snapshot"]["verified"], &told["flags"]), (&true.into(), &serde_json::json!([])));
    cdn.with(|state| state.files.clear());
    let output = compare(&[]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && message.contains("snapshot.waft: status 404: expected a published file"),
        "{message}"
    );
}
