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
