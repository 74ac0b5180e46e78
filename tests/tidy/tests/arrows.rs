//! Which way dependencies point: between crates, and inside the core and the package.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::process::Command;

use serde_json::Value as Json;
use waft_tidy::{Graph, files, root};

use order::{CORE, PACKAGE};

mod order;

/// Each crate, and the crates of ours that it is built from. Tests may use any.
const CRATES: &[(&str, &[&str])] = &[
    ("waft-crypto", &[]),
    ("waft", &["waft-crypto"]),
    ("waft-engine", &["waft"]),
    ("waft-stats", &[]),
    ("waft-ruleset", &["waft"]),
    ("waft-compile", &["waft-crypto", "waft", "waft-ruleset"]),
    ("waft-columns", &["waft"]),
    ("waft-explain", &["waft", "waft-ruleset", "waft-compile", "waft-columns"]),
    ("waft-commands", &["waft", "waft-ruleset", "waft-compile", "waft-explain"]),
    ("waft-studio", &["waft", "waft-ruleset", "waft-compile", "waft-explain", "waft-stats", "waft-commands"]),
    ("waft-report", &["waft-ruleset", "waft-stats"]),
    ("waft-cli", &["waft", "waft-ruleset", "waft-compile", "waft-commands", "waft-report"]),
    ("waft-tidy", &[]),
];

/// The world outside a program.
const OUTSIDE: &[&str] = &["std::time", "std::fs", "std::env", "std::net"];

/// What a folder must not name, and why.
const FOREIGN: &[(&str, &[&str], &str)] = &[
    ("crates/crypto/src", &["std::", "alloc::", "waft::"], "arithmetic alone"),
    ("src", &["wasm_bindgen", "js_sys", "web_sys", "std::", "serde"], "the core has no JS type and no std"),
    ("crates/engine/src", &["std::", "serde"], "the engine is no_std and small"),
    (
        "crates/stats/src",
        &["std::time", "std::fs", "std::env", "std::net", "rand"],
        "figures depend on what they are asked with alone",
    ),
    ("crates/report/src", OUTSIDE, "a report is made of what it is given"),
    ("crates/ruleset/src", OUTSIDE, "a ruleset is what is read of it"),
    ("crates/compile/src", OUTSIDE, "a snapshot is made of what it is given"),
    ("crates/columns/src", &["std::time", "std::fs", "std::env", "std::net", "serde"], "rows of numbers alone"),
    ("crates/explain/src", OUTSIDE, "what is told is what was decided"),
    ("crates/commands/src", OUTSIDE, "commands reach the world through Host"),
    ("crates/studio/src", OUTSIDE, "a page brings the world along"),
];

#[test]
fn crates_are_built_from_those_below_them() {
    let cargo = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(cargo.status.success(), "{}", String::from_utf8_lossy(&cargo.stderr));
    let metadata: Json = serde_json::from_slice(&cargo.stdout).unwrap();
    let mut wrong = Vec::new();
    let packages = metadata["packages"].as_array().unwrap();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name} is not listed in tests/tidy/tests/arrows.rs"));
            continue;
        };
        let is_built_from = |of: &&Json| of["path"].is_string() && of["kind"].as_str() != Some("dev");
        for used in package["dependencies"].as_array().unwrap().iter().filter(is_built_from) {
            let used = used["name"].as_str().unwrap();
            if !allowed.contains(&used) {
                wrong.push(format!("{name} is built from {used}"));
            }
        }
    }
    assert_eq!(packages.len(), CRATES.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The place of a module, or of its folder.
fn place(order: &[&str], module: &str) -> Option<usize> {
    let fits = |known: &str| module.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let fitting = order.iter().enumerate().filter(|(_, known)| fits(known));
    fitting.max_by_key(|(_, known)| known.len()).map(|(place, _)| place)
}

/// Fails for a module that uses one of a later file or folder.
fn in_order(graph: &Graph, order: &[&str]) {
    let mut wrong = Vec::new();
    for (module, used) in &graph.edges {
        let Some(own) = place(order, module) else {
            wrong.push(format!("{module} has no place in tests/tidy/tests/order/mod.rs"));
            continue;
        };
        let later = used.iter().filter(|used| place(order, used).is_some_and(|other| other > own));
        wrong.extend(later.map(|used| format!("{module} uses {used}, which comes after it")));
    }
    for (known, name) in order.iter().enumerate() {
        if !graph.edges.keys().any(|module| place(order, module) == Some(known)) {
            wrong.push(format!("there is no {name}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn core_uses_only_what_comes_before() {
    in_order(&Graph::of_crate(""), CORE);
}

#[test]
fn package_uses_only_what_comes_before() {
    in_order(&Graph::of_typescript("pkg/src"), PACKAGE);
}

#[test]
fn folders_do_not_name_what_is_foreign_to_them() {
    let mut wrong = Vec::new();
    for (folder, names, why) in FOREIGN {
        for file in files(folder, &["rs"]) {
            let code = file.text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (line, text) in code {
                for name in names.iter().filter(|name| text.contains(**name)) {
                    wrong.push(format!("{}:{}: names {name}: {why}", file.path, line + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn wasm_bindgen_is_pinned_exactly() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("wasm-bindgen = { version = \"="), "the glue and the tool must be of one version");
}
