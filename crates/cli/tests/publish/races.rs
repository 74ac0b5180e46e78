//! Several publishers at once: the latest release is live in the end, whoever comes last.

use crate::bench::{Bench, files};
use crate::origin::Origin;

/// Publishes versions 1 to 3 at once, and lets them end.
fn at_once(bench: &Bench, to: &str) {
    let children = [2, 3, 1, 3].map(|version| (version, bench.start(version, to, &[])));
    for (version, child) in children {
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr);
        // An older one is told so, before it began or after.
        let is_late = version < 3 && message.contains("is live, and pages refuse to go back to");
        assert!(output.status.success() || is_late, "{version}: {message}");
    }
}

#[test]
fn in_a_folder() {
    let bench = Bench::new();
    for round in 0..15 {
        let to = format!("site{round}");
        at_once(&bench, &to);
        assert_eq!(bench.adopted(&bench.path(&to).join("snapshot.waft")), 3, "{round}");
        assert!((2..=4).contains(&files(&bench.path(&to)).len()));
    }
}

#[test]
fn on_a_server() {
    let bench = Bench::new();
    for round in 0..15 {
        let origin = Origin::start();
        at_once(&bench, &origin.url);
        assert_eq!(origin.file("snapshot.waft").bytes, bench.read("3.waft"), "{round}");
    }
}

/// A kill and a release with its pointer at once: both are there in the end, in both files.
fn kill_and_release(bench: &Bench, to: &str, read: impl Fn(&str) -> Vec<u8>) {
    bench.put(to, &["1.waft", "--head", "first.waft"]);
    let children =
        [bench.start_put(to, &["--head", "killing.waft"]), bench.start_put(to, &["2.waft", "--head", "next.waft"])];
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    for name in ["head.waft", "current.waft"] {
        std::fs::write(bench.path("taken.waft"), read(name)).unwrap();
        let told = bench.taken(&bench.path("taken.waft"));
        assert_eq!(
            (&told["kills"]["number"], &told["pointer"]["version"]),
            (&1.into(), &2.into()),
            "{to}{name}: {told}"
        );
    }
    let told = bench.taken(&bench.path("taken.waft"));
    assert_eq!(told["snapshot"]["version"], 2, "{to}: {told}");
}

#[test]
fn a_kill_and_a_release_both_survive() {
    let bench = Bench::with_heads();
    bench.point("first.waft", 1, &[]);
    for name in ["killing.waft", "next.waft"] {
        std::fs::copy(bench.path("first.waft"), bench.path(name)).unwrap();
    }
    bench.kill("kill", "new", "killing.waft");
    bench.point("next.waft", 2, &[]);
    for round in 0..15 {
        let to = format!("site{round}");
        kill_and_release(&bench, &to, |name| bench.read(&format!("{to}/{name}")));
        let origin = Origin::start();
        kill_and_release(&bench, &origin.url, |name| origin.file(name).bytes);
    }
}

/// Five kill a flag each, at once, and all flags are killed.
#[test]
fn kills_at_once_are_signed_again_until_all_are_there() {
    let (bench, origin) = (Bench::with_heads(), Origin::start());
    for to in ["site", &origin.url] {
        bench.put(to, &["1.waft", "--freshness-key", "freshness.pem"]);
        let flags = ["a", "b", "c", "d", "e"];
        let children = flags.map(|flag| bench.start_put(to, &["--kill", flag, "--kill-key", "kill.pem"]));
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        let told = bench.put(to, &["--kill", "a", "--kill-key", "kill.pem"]);
        assert_eq!(told["head"]["kills"], serde_json::json!({ "number": 5, "flags": flags }), "{to}: {told}");
        assert_eq!(told["written"].as_array().unwrap().len(), 0, "{told}");
    }
}
