//! No module uses one that uses it, by whatever way: either can be read without the other.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_tidy::{Graph, hold};

const CRATES: &[&str] = &[
    "",
    "crates/crypto",
    "crates/engine",
    "crates/stats",
    "crates/ruleset",
    "crates/compile",
    "crates/columns",
    "crates/explain",
    "crates/commands",
    "crates/studio",
    "crates/report",
    "crates/cli",
    "tests/tidy",
];

/// Circles that are still there: the modules in the order of names, and why.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn circles(of: &str, graph: &Graph) -> Vec<(String, String)> {
    assert!(graph.edges.values().any(|used| !used.is_empty()) || graph.edges.len() < 3, "{of}: nothing was read");
    let ways = |circle: &[String]| {
        let way = |module: &String| {
            let used = graph.edges[module].iter().filter(|used| circle.contains(used)).cloned().collect::<Vec<_>>();
            format!("{module} -> {}", used.join(", "))
        };
        circle.iter().map(way).collect::<Vec<_>>().join("; ")
    };
    graph.circles().iter().map(|circle| (format!("{of}: {}", circle.join(", ")), ways(circle))).collect()
}

#[test]
fn modules_do_not_use_each_other_in_circles() {
    let mut found: Vec<(String, String)> =
        CRATES.iter().flat_map(|folder| circles(folder, &Graph::of_crate(folder))).collect();
    found.extend(circles("pkg/src", &Graph::of_typescript("pkg/src")));
    hold(&found, EXCEPTIONS);
}
