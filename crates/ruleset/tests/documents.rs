//! docs/ruleset.md, pkg/ruleset.schema.json and examples/shop beside the reader of the language: none changes alone.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value as Json, json};
use waft_ruleset::finding::{Code, Finding, Findings, Severity};
use waft_ruleset::source::{self, SourceFile};
use waft_ruleset::{self as ruleset, World};

/// The moment of the examples: 2026-11-24.
const NOW: i64 = 1_795_478_400_000;
/// What the examples' lists name.
const VIP: &str = "account,since\na-1,2026-01-01\na-2,2026-02-01\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A fenced example of the document: where it is, whether it adds to the first one, and its text.
struct Example {
    line: usize,
    part: bool,
    text: String,
}

fn examples() -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for (index, line) in read("docs/ruleset.md").lines().enumerate() {
        match line {
            "```yaml" | "```yaml part" => {
                inside = true;
                examples.push(Example { line: index + 1, part: line.ends_with("part"), text: String::new() });
            }
            line if line.starts_with("```") => {
                assert!(!line.contains("yaml"), "line {}: neither `yaml` nor `yaml part`", index + 1);
                inside = false;
            }
            line if inside => examples.last_mut().unwrap().text.push_str(&format!("{line}\n")),
            _ => {}
        }
    }
    examples
}

fn check(texts: &[&str], now: Option<i64>) -> Vec<Finding> {
    let named =
        |(index, text): (usize, &&str)| SourceFile { name: format!("{index}.yaml"), bytes: text.as_bytes().to_vec() };
    let files: Vec<SourceFile> = texts.iter().enumerate().map(named).collect();
    let asset = |path: &str| match path {
        "lists/vip.csv" => Ok(VIP.as_bytes().to_vec()),
        _ => Err("there is no such file".to_owned()),
    };
    match ruleset::check(&files, &World { now, asset: &asset }) {
        Ok((_, warnings)) => warnings,
        Err(findings) => findings,
    }
}

fn errors(findings: &[Finding]) -> Vec<&Finding> {
    findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Text of the language as JSON; `None` if it cannot be read.
fn to_json(text: &str) -> Option<Json> {
    let mut findings = Findings::new(vec!["text".to_owned()]);
    let file = SourceFile { name: "text".to_owned(), bytes: text.as_bytes().to_vec() };
    source::read(0, &file, &mut findings).filter(|_| !findings.has_errors()).map(|node| node.to_json())
}

fn schema() -> Json {
    serde_json::from_str(&read("pkg/ruleset.schema.json")).unwrap()
}

fn validator() -> Validator {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

/// The files of the example ruleset, by path.
fn shop() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root().join("examples/shop")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yaml")
                && !waft_ruleset::cases::is_test(&path.display().to_string())
            {
                found.insert(path.display().to_string(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn every_example_gives_the_findings_that_it_names_and_no_other_errors() {
    let examples = examples();
    assert!(examples.len() >= 20 && !examples[0].part);
    let mut wrong = Vec::new();
    for Example { line, part, text } in &examples {
        let texts = if *part { vec![examples[0].text.as_str(), text] } else { vec![text.as_str()] };
        let findings = check(&texts, Some(NOW));
        let own = format!("{}.yaml", texts.len() - 1);
        let found: BTreeSet<&str> =
            findings.iter().filter(|finding| finding.file == own).map(|finding| finding.code.name()).collect();
        let named: BTreeSet<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("# finding: ")).collect();
        for code in named.difference(&found) {
            wrong.push(format!("docs/ruleset.md:{line}: {code} is not found"));
        }
        for finding in errors(&findings).into_iter().filter(|finding| !named.contains(finding.code.name())) {
            wrong.push(format!("docs/ruleset.md:{line}: {finding}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_sound_example_and_the_shop_meet_the_schema() {
    let validator = validator();
    let examples = examples();
    let mut texts: Vec<(String, String)> = Vec::new();
    for Example { line, part, text } in &examples {
        let whole = if *part { vec![examples[0].text.as_str(), text] } else { vec![text.as_str()] };
        if errors(&check(&whole, Some(NOW))).is_empty() {
            texts.push((format!("docs/ruleset.md:{line}"), text.clone()));
        }
    }
    assert!(texts.len() >= 15);
    let shop = shop();
    assert!(shop.len() >= 10);
    texts.extend(shop);
    texts.push(("starter".to_owned(), read("crates/commands/src/starter.yaml")));
    texts.push(("oracles".to_owned(), read("tests/oracles/ruleset.yaml")));
    let mut wrong = Vec::new();
    for (name, text) in &texts {
        let json = to_json(text).unwrap_or_else(|| panic!("{name}"));
        wrong.extend(validator.iter_errors(&json).map(|error| format!("{name}{}: {error}", error.instance_path())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Wrong, each by itself, added to the document's first example: what neither the schema nor the reader takes.
const WRONG: &[&str] = &[
    "flag: {}",
    "flags: []",
    "project: no spaces",
    "segments: { no spaces: { plan: { is: crew } } }",
    "environments: { test: { requires: {} } }",
    "environments: { test: hello }",
    "environments: { test: { require: [publisher] } }",
    "environments: { test: { require: { publisher: 0 } } }",
    "environments: { test: { limits: { moved: 20 } } }",
    "environments: { test: { limits: { flags: 20% } } }",
    "environments: { test: { limits: { changed: 20% } } }",
    "environments: { test: { expires: never } }",
    "attributes: { segment: string }",
    "attributes: { if: string }",
    "attributes: { age: integer }",
    "attributes: { age: { private: true } }",
    "attributes: { age: { type: number, private: yes } }",
    "units: { device: visitorId }",
    "units: { device: { attribute: visitorId, salt: a } }",
    "lists: { vip: { attribute: accountId } }",
    "lists: { vip: { attribute: accountId, ids: [a], file: lists/vip.csv } }",
    "lists: { vip: { attribute: accountId, file: ../vip.csv } }",
    "lists: { vip: { attribute: accountId, file: /vip.csv } }",
    "lists: { vip: { attribute: accountId, ids: [] } }",
    "lists: { vip: { attribute: accountId, ids: [\"\"] } }",
    "lists: { vip: { attribute: accountId, ids: [a], column: account } }",
    "segments: { new: {} }",
    "segments: { new: { any: [] } }",
    "segments: { new: { all: { plan: { is: crew } } } }",
    "segments: { new: { not: [{ plan: { is: crew } }] } }",
    "segments: { new: { plan: crew } }",
    "segments: { new: { plan: { equals: crew } } }",
    "segments: { new: { plan: {} } }",
    "segments: { new: { if: { plan: { is: crew } }, name: New } }",
    "segments: { new: { country: { in: DE } } }",
    "segments: { new: { country: { in: [] } } }",
    "segments: { new: { country: { contains: \"\" } } }",
    "segments: { new: { country: { exists: on } } }",
    "segments: { new: { orders: { between: [1, 2, 3] } } }",
    "segments: { new: { appVersion: { gt: v2.4.0 } } }",
    "segments: { new: { signedUpAt: { after: 01.12.2026 } } }",
    "segments: { new: { signedUpAt: { after: 2026-13-01 } } }",
    "segments: { new: { signedUpAt: { within: 30 days } } }",
    "segments: { new: { signedUpAt: { within: 0d } } }",
    "segments: { new: { interests: { size: -1 } } }",
    "segments: { new: { interests: { size: {} } } }",
    "segments: { new: { interests: { size: { min: 1 } } } }",
    "segments: { new: { interests: { has: [] } } }",
    "segments: { new: { flag: {} } }",
    "segments: { new: { share: { of: visitor, part: 20%, salt: a } } }",
    "segments: { new: { share: { of: visitor, part: 0%-20% } } }",
    "layers: { search: {} }",
    "layers: { search: { unit: visitor, salt: \"\" } }",
    "layers: { search: { unit: visitor, description: 5 } }",
    "layers: { search: { unit: visitor, resting: { 40: 2026-12-15 } } }",
    "layers: { search: { unit: visitor, resting: { 40%-50%: soon } } }",
    "holdouts: { q1: { unit: visitor, share: 5, from: 2026-11-01 } }",
    "holdouts: { q1: { unit: visitor, share: 5% } }",
    "metrics: { new: { conversion: a, count: a, better: up } }",
    "metrics: { new: { better: up } }",
    "metrics: { new: { conversion: a } }",
    "metrics: { new: { conversion: \"\", better: up } }",
    "metrics: { new: { conversion: a, better: up, meta: hello } }",
    "metrics: { new: { conversion: a, better: more } }",
    "metrics: { new: { conversion: a, value: b, better: up } }",
    "metrics: { new: { ratio: [purchase, js-error], cap: 99%, better: up } }",
    "metrics: { new: { ratio: [purchase], better: up } }",
    "metrics: { new: { conversion: a, within: week, better: up } }",
    "experiments: { new: { unit: visitor } }",
    "experiments: { new: { unit: visitor, phases: [] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 0, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 1969-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-11-01T08:00:00.5Z, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-11-01, split: {} }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-11-01, split: { a: 100.1% } }] } }",
    "experiments: { new: { unit: visitor, phases: [{ id: 1, from: 2026-11-01, split: { a: 1 } }] } }",
    "experiments: { new: { unit: visitor, layer: checkout, phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, sticky: on, phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, plan: { units: 5 }, phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, breakdown: [], phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, breakdown: [5], phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, breakdown: { plan: crew }, phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "experiments: { new: { unit: visitor, breakdown: [plan, plan, plan, plan, plan, plan, plan, plan, plan], phases: [{ id: 1, from: 2026-11-01, split: { a: 100% } }] } }",
    "flags: { new: { type: bool, whenOff: off, default: off } }",
    "flags: { new: { type: boolean, default: off } }",
    "flags: { new: { type: boolean, whenOff: false, default: off } }",
    "flags: { new: { type: string, whenOff: a, default: a } }",
    "flags: { new: { type: string, variants: { a: 1 }, whenOff: a, default: a } }",
    "flags: { new: { type: object, variants: { a: text }, whenOff: a, default: a } }",
    "flags: { new: { type: number, variants: {}, whenOff: a, default: a } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, enabled: off } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, meta: { purpose: fun } } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, in: { staging: { in: {} } } } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, requires: { headline: [] } } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, targets: { on: { visitor: v1 } } } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ serve: on }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, serve: on, experiment: headline }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, serve: on, onUnknown: off }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, serve: on, unit: visitor }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5% }] }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, serve: on, paused: 2026-12-01 }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01, units: 9 }] }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ to: 5%, at: 2026-12-01 }, { to: 9%, after: approval, units: 9 }] }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, guard: {}, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
    "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, guard: { js-error: { worse: 5%, then: stop } }, steps: [{ to: 5%, at: 2026-12-01 }] }] } }",
];

#[test]
fn what_is_wrong_in_itself_is_refused_by_the_schema_and_by_the_reader() {
    let validator = validator();
    let base = &examples()[0].text;
    assert!(errors(&check(&[base], None)).is_empty());
    let mut wrong = Vec::new();
    for text in WRONG {
        if validator.is_valid(&to_json(text).unwrap()) {
            wrong.push(format!("the schema takes {text}"));
        }
        if errors(&check(&[base, text], None)).is_empty() {
            wrong.push(format!("the reader takes {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Maps with a field that nothing knows, and what stands for them in the schema: the finding lists the fields that there are.
const MAPS: &[(&str, &str)] = &[
    ("environments: { new: { zzzzzzzz: 1 } }", "/$defs/environment"),
    ("attributes: { new: { type: string, zzzzzzzz: 1 } }", "/$defs/attribute/anyOf/1"),
    ("units: { new: { attribute: country, zzzzzzzz: 1 } }", "/$defs/unit"),
    ("lists: { new: { zzzzzzzz: 1 } }", "/$defs/list"),
    ("segments: { new: { if: { plan: { is: crew } }, zzzzzzzz: 1 } }", "/$defs/segment/then"),
    ("segments: { new: { share: { zzzzzzzz: 1 } } }", "/$defs/shareOf"),
    ("layers: { new: { unit: visitor, zzzzzzzz: 1 } }", "/$defs/layer"),
    ("holdouts: { new: { zzzzzzzz: 1 } }", "/$defs/holdout"),
    ("metrics: { new: { zzzzzzzz: 1 } }", "/$defs/metric"),
    ("experiments: { new: { zzzzzzzz: 1 } }", "/$defs/experiment"),
    ("experiments: { new: { metrics: { zzzzzzzz: 1 } } }", "/$defs/experiment/properties/metrics"),
    ("experiments: { new: { metrics: { guardrails: { a: { zzzzzzzz: 1 } } } } }", "/$defs/guards/additionalProperties"),
    ("experiments: { new: { plan: { zzzzzzzz: 1 } } }", "/$defs/experiment/properties/plan"),
    ("experiments: { new: { unit: visitor, phases: [{ zzzzzzzz: 1 }] } }", "/$defs/phase"),
    ("experiments: { new: { unit: visitor, breakdown: [{ zzzzzzzz: 1 }] } }", "/$defs/breakdown/anyOf/1"),
    (
        "flags: { new: { type: boolean, whenOff: off, default: off, meta: { zzzzzzzz: 1 } } }",
        "/$defs/flag/properties/meta",
    ),
    ("flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ zzzzzzzz: 1 }] } }", "/$defs/rule"),
    (
        "flags: { new: { type: boolean, whenOff: off, default: off, rules: [{ id: a, ramp: on, unit: visitor, steps: [{ zzzzzzzz: 1 }] }] } }",
        "/$defs/step",
    ),
    (
        "flags: { new: { type: boolean, whenOff: off, default: off, in: { staging: { zzzzzzzz: 1 } } } }",
        "/$defs/flag/properties/in/additionalProperties",
    ),
];

/// What a finding says that it had expected.
fn expected(text: &str, code: &str) -> BTreeSet<String> {
    let base = &examples()[0].text;
    let findings = check(&[base, text], None);
    let finding = findings.iter().find(|finding| finding.code.name() == code && finding.message.contains("zzzzzzzz"));
    let remedy = &finding.unwrap_or_else(|| panic!("{text}: {findings:#?}")).remedy;
    remedy.strip_prefix("expected one of: ").unwrap().split(", ").map(str::to_owned).collect()
}

fn properties(schema: &Json, pointer: &str) -> BTreeSet<String> {
    let map = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
    map["properties"].as_object().unwrap_or_else(|| panic!("{pointer}")).keys().cloned().collect()
}

#[test]
fn the_schema_has_the_fields_sections_and_operators_that_the_reader_has() {
    let schema = schema();
    for (text, pointer) in MAPS {
        assert_eq!(properties(&schema, pointer), expected(text, "UNKNOWN_FIELD"), "{pointer}");
        assert_eq!(schema.pointer(pointer).unwrap()["additionalProperties"], json!(false), "{pointer}");
    }
    let mut fields = properties(&schema, "/$defs/flag");
    fields.remove("in");
    assert_eq!(fields, properties(&schema, "/$defs/flag/properties/in/additionalProperties"));

    let mut sections = properties(&schema, "");
    sections.remove("$schema");
    assert_eq!(sections, expected("{ zzzzzzzz: 1, flags: {} }", "UNKNOWN_FIELD"));

    let attributes = ["country", "orders", "newsletter", "signedUpAt", "appVersion", "interests"];
    let operators: BTreeSet<String> = attributes
        .iter()
        .flat_map(|name| expected(&format!("segments: {{ new: {{ {name}: {{ zzzzzzzz: 1 }} }} }}"), "UNKNOWN_OPERATOR"))
        .collect();
    assert_eq!(properties(&schema, "/$defs/test"), operators);

    let base = to_json(&examples()[0].text).unwrap();
    let words: BTreeSet<String> = expected("segments: { new: { zzzzzzzz: { is: 1 } } }", "UNKNOWN_ATTRIBUTE")
        .into_iter()
        .filter(|word| base["attributes"].get(word).is_none())
        .collect();
    assert_eq!(properties(&schema, "/$defs/condition"), words);
}

/// The names of all properties in a schema.
fn collect_properties(schema: &Json, names: &mut BTreeSet<String>) {
    if let Some(properties) = schema.get("properties").and_then(Json::as_object) {
        names.extend(properties.iter().filter(|(_, value)| value.is_object()).map(|(name, _)| name.clone()));
    }
    match schema {
        Json::Object(map) => map.values().for_each(|value| collect_properties(value, names)),
        Json::Array(items) => items.iter().for_each(|item| collect_properties(item, names)),
        _ => {}
    }
}

fn collect_keys(json: &Json, keys: &mut BTreeSet<String>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            collect_keys(value, keys);
        }),
        Json::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}

#[test]
fn every_field_is_described_documented_shown_and_used_by_the_shop() {
    let schema = schema();
    let mut names = BTreeSet::new();
    collect_properties(&schema, &mut names);
    assert!(names.len() > 100);
    let document = read("docs/ruleset.md");
    let missing: Vec<&String> = names.iter().filter(|name| !document.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "docs/ruleset.md says nothing about {missing:?}");
    let mut shown = BTreeSet::new();
    for example in examples() {
        to_json(&example.text).iter().for_each(|json| collect_keys(json, &mut shown));
    }
    let missing: Vec<&String> = names.difference(&shown).collect();
    assert!(missing.is_empty(), "no example of docs/ruleset.md uses {missing:?}");
    let mut used = BTreeSet::new();
    for (name, text) in shop() {
        collect_keys(&to_json(&text).unwrap_or_else(|| panic!("{name}")), &mut used);
    }
    let unused: Vec<&String> = names.difference(&used).collect();
    assert!(unused.is_empty(), "examples/shop does not use {unused:?}");
}

/// The names of the variants of [`Code`] that the sources report, and what lists a ruleset's files.
fn reported() -> BTreeSet<String> {
    let mut folders: Vec<_> =
        ["ruleset", "compile", "explain", "commands"].map(|name| root().join(format!("crates/{name}/src"))).into();
    let mut files = vec![root().join("crates/cli/src/folder.rs")];
    while let Some(folder) = folders.pop() {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, rust): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(rust.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")));
    }
    let texts = files.iter().map(|path| fs::read_to_string(path).unwrap());
    let names = |text: String| {
        let ends = |rest: &str| rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().to_owned();
        text.split("Code::").skip(1).map(ends).collect::<Vec<_>>()
    };
    texts.flat_map(names).collect()
}

#[test]
fn the_table_of_findings_has_the_codes_and_their_severities() {
    let document = read("docs/ruleset.md");
    let section = document.split("## 17. Findings").nth(1).unwrap();
    let mut documented: BTreeMap<String, String> = BTreeMap::new();
    for line in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [code, severity, meaning, remedy] = cells[..] else { panic!("{line}") };
        assert!(!meaning.is_empty() && !remedy.is_empty(), "{line}");
        let earlier = documented.insert(code.trim_matches('`').to_owned(), severity.to_owned());
        assert_eq!(earlier, None, "{line}");
    }
    let codes = Code::ALL.iter().map(|code| (code.name().to_owned(), code.severity().name().to_owned()));
    assert_eq!(documented, codes.collect());
    let reported = reported();
    let idle = Code::ALL.iter().filter(|code| !reported.contains(&format!("{code:?}"))).collect::<Vec<_>>();
    assert_eq!(idle, Vec::<&Code>::new(), "nothing reports these");
}

#[test]
fn the_shop_is_sound_and_gives_no_warning() {
    let sources = shop().into_iter().map(|(name, text)| SourceFile { name, bytes: text.into_bytes() });
    let asset = |path: &str| fs::read(path).map_err(|error| error.to_string());
    let world = World { now: Some(NOW), asset: &asset };
    let (_, warnings) =
        ruleset::check(&sources.collect::<Vec<_>>(), &world).unwrap_or_else(|findings| panic!("{findings:#?}"));
    assert_eq!(warnings, Vec::new());
}

#[test]
fn lines_of_the_document_are_short() {
    let document = read("docs/ruleset.md");
    let long: Vec<usize> = document
        .lines()
        .enumerate()
        .filter(|(_, line)| line.chars().count() > 130)
        .map(|(index, _)| index + 1)
        .collect();
    assert!(long.is_empty(), "docs/ruleset.md, lines {long:?}");
}

/// What the rule of README.md names.
const AROUND_README: &str = "
project: shop
environments: { production: {} }
attributes: { visitorId: string, country: string, plan: string }
units: { visitor: { attribute: visitorId } }
experiments:
  headline:
    unit: visitor
    phases: [{ id: 1, from: 2026-12-01T08:00Z, split: { plain: 50%, bold: 50% } }]
";

#[test]
fn the_rule_of_the_readme_has_no_finding() {
    let readme = read("README.md");
    let rule = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(check(&[AROUND_README, rule], Some(NOW)), Vec::new());
}
