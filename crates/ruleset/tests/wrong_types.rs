//! No value of a wrong type passes in silence: each value of a whole ruleset, replaced by others, gives a finding.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use serde_json::{Value as Json, json};
use waft_ruleset::finding::{Finding, Findings};
use waft_ruleset::source::{self, SourceFile};
use waft_ruleset::{self as ruleset, World};

/// Where anything may stand, by the last name of the way: it is for people, or data that no rule looks into.
const FREE: [&str; 8] = ["$schema", "owner", "hypothesis", "links", "tags", "ended", "winter", "none"];

/// The ruleset of the last section of docs/ruleset.md.
fn whole() -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ruleset.md");
    let document = fs::read_to_string(path).unwrap();
    let text = document.rsplit("```yaml\n").next().unwrap().split("```").next().unwrap().to_owned();
    let mut findings = Findings::new(vec!["whole.yaml".to_owned()]);
    let file = SourceFile { name: "whole.yaml".to_owned(), bytes: text.into_bytes() };
    source::read(0, &file, &mut findings).unwrap().to_json()
}

fn check(ruleset: &Json) -> Vec<Finding> {
    let file = SourceFile { name: "whole.json".to_owned(), bytes: ruleset.to_string().into_bytes() };
    let asset = |_: &str| Ok(b"account\na-1\n".to_vec());
    match ruleset::check(&[file], &World { now: None, asset: &asset }) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    }
}

/// The way to every value, as JSON pointers.
fn ways(json: &Json, way: &str, ways_to: &mut Vec<String>) {
    let below: Vec<(String, &Json)> = match json {
        Json::Object(map) => {
            map.iter().map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value)).collect()
        }
        Json::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let way = format!("{way}/{key}");
        let free = FREE.contains(&key.as_str());
        if !free {
            ways_to.push(way.clone());
            ways(value, &way, ways_to);
        }
    }
}

/// What an empty list or map means at its place: nothing of the kind.
fn may_be_empty(way: &str) -> bool {
    let last = way.rsplit('/').next().unwrap();
    matches!(last, "meta" | "require" | "limits" | "resting" | "metrics" | "in" | "rules")
        || way.starts_with("/environments/")
}

fn same_type(one: &Json, other: &Json) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

#[test]
fn no_value_of_a_wrong_type_passes_in_silence() {
    let whole = whole();
    assert_eq!(check(&whole), Vec::new());
    let mut all = Vec::new();
    ways(&whole, "", &mut all);
    assert!(all.len() > 200);
    let kinds = [
        json!(null),
        json!(true),
        json!(7),
        json!("a text"),
        json!([]),
        json!({}),
        json!([null]),
        json!({ "zzzz": [1] }),
    ];
    let mut silent = Vec::new();
    for way in &all {
        for kind in &kinds {
            let mut ruleset = whole.clone();
            let value = ruleset.pointer_mut(way).unwrap();
            let is_empty = [json!(null), json!([]), json!({})].contains(kind);
            let is_meta = way.rsplit('/').next() == Some("meta") && kind.is_object();
            if (same_type(value, kind) && !kind.is_object() && !kind.is_array())
                || is_meta
                // The caller's default.
                || (way.ends_with("/whenOff") && kind.is_null())
                || (is_empty && may_be_empty(way))
            {
                continue;
            }
            *value = kind.clone();
            if check(&ruleset).is_empty() {
                silent.push(format!("{way}: {kind}"));
            }
        }
    }
    assert!(silent.is_empty(), "{} pass:\n{}", silent.len(), silent.join("\n"));
}
