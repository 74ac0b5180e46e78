//! The layering of ARCHITECTURE.md, read off the `use` lines: a dependency against the arrows fails here.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of the core in order: each may use only those before it.
const CORE: &[&str] = &[
    "limits",
    "error",
    "decimal",
    "snapshot/cbor",
    "snapshot/envelope",
    "snapshot/manifest",
    "snapshot/body",
    "snapshot/table",
    "snapshot/trust",
    "snapshot/verify",
    "snapshot/mod",
    "program/truth",
    "program/buckets",
    "program/pattern",
    "program/operation",
    "program/rule",
    "program/program",
    "program/preview",
    "program/salt",
    "program/mod",
    "context/date",
    "context/semver",
    "context/assignment",
    "decide/memory",
    "memo/draw",
    "memo/skipped",
    "memo/keys",
    "memo/mod",
    "context/subject",
    "context/mod",
    "decide/exposure",
    "decide/operators",
    "decide/trace",
    "decide/condition",
    "decide/trial",
    "decide/evaluate",
    "decide/mod",
    "lib",
];

/// The world outside a program.
const OUTSIDE: &[&str] = &["std::time", "std::fs", "std::env", "std::net"];

/// What a crate must not name, and why.
const FOREIGN: &[(&str, &[&str], &str)] = &[
    ("crates/crypto/src", &["std::", "alloc::", "waft::"], "arithmetic alone"),
    ("crates/queue/src", &["std::", "alloc::", "waft::"], "numbers alone"),
    ("src", &["wasm_bindgen", "js_sys", "web_sys", "std::", "serde"], "the core has no JS type and no std"),
    ("crates/engine/src", &["std::", "serde"], "the engine is no_std and small"),
    (
        "crates/stats/src",
        &["std::time", "std::fs", "std::env", "std::net", "rand", "serde"],
        "figures depend on sums alone",
    ),
    ("crates/report/src", OUTSIDE, "a report is made of what it is given"),
    ("crates/ruleset/src", OUTSIDE, "a ruleset is what is read of it"),
    ("crates/compile/src", OUTSIDE, "a snapshot is made of what it is given"),
    ("crates/explain/src", OUTSIDE, "what is told is what was decided"),
    ("crates/commands/src", OUTSIDE, "commands reach the world through Host"),
    ("crates/studio/src", OUTSIDE, "a page brings the world along"),
];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(rust_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Lines of code outside comments.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

#[test]
fn core_files_use_only_files_before_them() {
    let order: BTreeMap<&str, usize> = CORE.iter().enumerate().map(|(index, file)| (*file, index)).collect();
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let inside = path.strip_prefix(root().join("src")).unwrap().with_extension("");
        let name = inside.to_str().unwrap();
        let own = *order.get(name).unwrap_or_else(|| panic!("src/{name}.rs has no place in tests/tidy.rs"));
        for (line, text) in code(&fs::read_to_string(&path).unwrap()) {
            for used in text.split("crate::").skip(1) {
                // A file, or what the folder re-exports of the file that is named like it.
                let mut names = used
                    .split("::")
                    .map(|name| name.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).next().unwrap());
                let folder = names.next().unwrap();
                let inner = names
                    .next()
                    .map(|inner| format!("{folder}/{inner}"))
                    .filter(|inner| order.contains_key(inner.as_str()));
                let module = inner.unwrap_or_else(|| match order.contains_key(folder) {
                    true => folder.to_owned(),
                    false => format!("{folder}/{folder}"),
                });
                if order.get(module.as_str()).is_some_and(|other| *other >= own) {
                    wrong.push(format!("src/{name}.rs:{line}: uses {module}, which comes after it"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_do_not_name_what_is_foreign_to_them() {
    let mut wrong = Vec::new();
    for (folder, names, why) in FOREIGN {
        for path in rust_files(&root().join(folder)) {
            for (line, text) in code(&fs::read_to_string(&path).unwrap()) {
                for name in names.iter().filter(|name| text.contains(**name)) {
                    wrong.push(format!("{}:{line}: names {name}: {why}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let folders = [
        "src",
        "crates/crypto/src",
        "crates/engine/src",
        "crates/ruleset/src",
        "crates/compile/src",
        "crates/explain/src",
        "crates/commands/src",
        "crates/studio/src",
        "crates/stats/src",
        "crates/report/src",
        "crates/cli/src",
    ];
    let long: Vec<String> = folders
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > 500).then(|| format!("{}: {lines} lines: is it two nouns?", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn wasm_bindgen_is_pinned_exactly() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("wasm-bindgen = { version = \"="), "the glue and the tool must be of one version");
}
