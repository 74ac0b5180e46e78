//! A file is one noun of at most 500 lines, a function at most 60; a component at most 110, whose elements have a line each.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_tidy::{File, files, functions, hold};

const FILE: usize = 500;
const FUNCTION: usize = 60;
const COMPONENT: usize = 110;

/// Files that may be longer.
const LONG_FILES: &[(&str, &str)] = &[];

/// Functions that may be longer.
const LONG_FUNCTIONS: &[(&str, &str)] = &[
    ("studio/src/engine/engine.ts: createEngine", "what a page knows of its worker, and the members that ask it"),
    ("www/src/inspector/flags.ts: flagsPanel", PANEL),
    ("www/src/inspector/segments.ts: segmentsPanel", PANEL),
    ("www/src/inspector/signature.ts: signaturePanel", PANEL),
    ("www/src/shop.ts: shop", PANEL),
];
/// A part of a page.
const PANEL: &str = "its elements, in the order in which they stand on the page";

fn sources() -> Vec<File> {
    let files = files("", &["rs", "ts", "tsx", "mjs", "js"]);
    assert!(files.len() > 300);
    files
}

#[test]
fn files_are_one_noun() {
    let long = |file: &File| {
        let lines = file.text.lines().count();
        (lines > FILE).then(|| (file.path.clone(), format!("{lines} lines: is it two nouns?")))
    };
    hold(&sources().iter().filter_map(long).collect::<Vec<_>>(), LONG_FILES);
}

#[test]
fn functions_fit_on_a_screen() {
    let shipped = ["src/", "crates/", "pkg/src/", "tools/", "www/src/", "studio/src/", "studio/tools/"];
    let mut found = Vec::new();
    let mut all = 0;
    for file in sources() {
        if !shipped.iter().any(|folder| file.path.starts_with(folder)) || file.path.contains("/tests/") {
            continue;
        }
        for (name, line, length) in functions(&file) {
            all += 1;
            if length > if file.path.ends_with(".tsx") { COMPONENT } else { FUNCTION } {
                found.push((format!("{}: {name}", file.path), format!("line {line}: {length} lines")));
            }
        }
    }
    assert!(all > 1_000, "{all} functions were read");
    hold(&found, LONG_FUNCTIONS);
}
