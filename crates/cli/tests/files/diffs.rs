//! docs/diff.md: each of its commands is run, as it is written, one after the other in one folder.

use crate::bench::{Bench, has};
use crate::guide::commands_of;

const DOCUMENT: &str = include_str!("../../../../docs/diff.md");

#[test]
fn each_command_runs() {
    let bench = Bench::new();
    bench.done("rm -r rules");
    let lines = commands_of(DOCUMENT, &["sh"]);
    assert!(lines.len() > 10, "{lines:?}");
    // Without `waft publish`, nothing is published.
    let is_there = |line: &&str| has(line) && (has("waft publish x") || !line.contains("public/"));
    for line in lines.into_iter().filter(is_there) {
        bench.done(&format!("waft() {{ $W \"$@\"; }}; {line}"));
    }
}
