//! What people read never comes from `{:?}`: names of types and variants are ours, and change with the code.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_tidy::{File, files, hold};

/// Where `{:?}` stands outside of tests.
const EXCEPTIONS: &[(&str, &str)] = &[("src/snapshot/body.rs", "its `Debug`, for whoever works on the core")];

/// The lines of a file before its tests, without comments.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let lines = file.text.lines().take_while(|line| !(line.starts_with("#[cfg(") && line.contains("test")));
    lines.enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn people_read_no_debug_text() {
    let mut found = Vec::new();
    let mut read = 0;
    for folder in ["src", "crates"] {
        for file in
            files(folder, &["rs"]).iter().filter(|file| file.path.starts_with("src/") || file.path.contains("/src/"))
        {
            for (line, text) in code(file) {
                read += 1;
                if text.contains(":?}") || text.contains(":#?}") {
                    found.push((file.path.clone(), format!("line {line}: {}", text.trim())));
                }
            }
        }
    }
    assert!(read > 20_000, "{read} lines were read");
    hold(&found, EXCEPTIONS);
}
