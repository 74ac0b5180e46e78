//! Every limit of src/limits.rs, and those of docs/snapshot-format.md that the widths of fields set: what lies at one is built and decided,
//! what is past it is refused by the compiler and by the reader, of a signed table, too.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Map, Value as Json, json};
use waft::body::State;
use waft::cbor::Reader;
use waft::operators::Operator;
use waft::program::FlagIndex;
use waft::table::Section;
use waft::trust::{Key, Requirement};
use waft::{Code, NoTrace, Program, Seen, Session, Trust, Value, evaluate, limits, verify};
use waft_compile::snapshot;
use waft_compile::snapshot::{Claims, Table, Writer, preview, seal, sign};
use waft_compile::{compile, keys};
use waft_explain::context;
use waft_ruleset::finding::{Finding, Severity};
use waft_ruleset::pattern;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

mod decisions;
mod heads;
mod repeated;
mod signed;
mod tables;
mod trust;

use decisions::*;
use signed::*;
use tables::*;

/// Every constant of src/limits.rs, and what holds it against the compiler and the reader.
const CASES: &[(&str, fn())] = &[
    ("SNAPSHOT_BYTES", snapshot_bytes),
    ("WHOLE_BYTES", whole_bytes),
    ("MANIFEST_BYTES", manifest_bytes),
    ("SIGNATURES", signatures),
    ("TRUST_KEYS", trust_keys),
    ("TRUST_REQUIREMENTS", trust_requirements),
    ("TRUST_DOCUMENT_BYTES", trust::document_bytes),
    ("TRUST_DOCUMENTS", trust::documents),
    ("TRUST_BYTES", trust::bytes),
    ("CBOR_DEPTH", nesting_of_cbor_values),
    ("CONDITION_STACK", condition_stack),
    ("SEGMENT_DEPTH", segment_depth),
    ("SEGMENT_WORDS", segment_words),
    ("RULE_WORDS", words_of_one_rule),
    ("DECISION_WORDS", decision_words),
    ("DRAW_WORDS", draw_words),
    ("MAX_JUMP", max_jump),
    ("VERSION", version),
    ("PREVIEW_SECONDS", preview_seconds),
    ("PREVIEW_AHEAD_SECONDS", preview_seconds),
    ("HEAD_BYTES", heads::head_bytes),
    ("POINTER_SECONDS", heads::pointer_seconds),
    ("MAX_STALE_SECONDS", heads::max_stale_seconds),
    ("UNIT_BYTES", unit_bytes),
    ("LIST_FILES", list_files),
    ("LIST_BYTES", list_files),
    ("FLAGS", flags),
    ("ATTRIBUTES", attributes),
    ("UNITS", units),
    ("SEGMENTS", segments),
    ("LISTS", lists),
    ("LAYERS", layers),
    ("GATES", gates),
    ("RANGES", ranges),
    ("NAME_BYTES", names),
    ("UNIT_NAME_BYTES", names),
    ("SALT_BYTES", salts),
    ("TEXT_LENGTH", text_length),
    ("PATTERN_BYTES", pattern_bytes),
];

#[test]
fn every_limit_is_checked_by_the_compiler_and_the_reader() {
    let known = repeated::constants(include_str!("../../../../src/limits.rs"), "pub const ");
    let declared =
        include_str!("../../../../src/limits.rs").lines().filter(|line| line.starts_with("pub const ")).count();
    assert_eq!(known.len(), declared, "a limit whose value is not read here: {known:?}");
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let cases: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    let missing: Vec<&&str> = names.iter().filter(|name| !cases.contains(name)).collect();
    let gone: Vec<&&str> = cases.iter().filter(|name| !names.contains(name)).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "limits without a case: {missing:?}, cases without a limit: {gone:?}"
    );
    for (_, case) in CASES {
        case();
    }
}

/// The limit that section 7 names.
fn limit(what: &str) -> usize {
    let document = include_str!("../../../../docs/snapshot-format.md");
    let row = document.lines().find_map(|line| line.strip_prefix(&format!("| {what} | ")));
    let digits = |text: &str| {
        text.chars().take_while(|c| c.is_ascii_digit() || *c == ',').filter(|c| *c != ',').collect::<String>()
    };
    digits(row.unwrap_or_else(|| panic!("no row `{what}`"))).parse().unwrap()
}

/// Just so many ids that they are a file.
fn ids(_: &str) -> Result<Vec<u8>, String> {
    Ok((0..=ruleset::INLINE_IDS).map(|index| format!("{index}\n")).collect::<String>().into_bytes())
}

/// A ruleset with more in it; or why not: a finding's code, or what does not fit.
fn build(parts: Json) -> Result<waft_compile::Compiled, String> {
    let error = |findings: Vec<Finding>| {
        findings.iter().find(|finding| finding.severity == Severity::Error).unwrap().code.name()
    };
    let (ruleset, _) = check(parts).map_err(error)?;
    compile(&ruleset, 0).map_err(|refused| refused.what)
}

fn checked(parts: Json) -> (ruleset::Ruleset, Vec<Finding>) {
    check(parts).unwrap_or_else(|findings| panic!("{findings:#?}"))
}

fn check(parts: Json) -> Result<(ruleset::Ruleset, Vec<Finding>), Vec<Finding>> {
    let mut whole = json!({
        "project": "limits", "environments": { "test": {} }, "attributes": { "id": "string", "s": "string" },
        "units": { "visitor": { "attribute": "id" } },
    });
    whole.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    let file = SourceFile { name: "limits.json".to_owned(), bytes: whole.to_string().into_bytes() };
    ruleset::check(&[file], &World { now: None, asset: &ids })
}

fn program(parts: Json) -> Program {
    let compiled = build(parts).unwrap_or_else(|refused| panic!("{refused}"));
    snapshot::unverified_body("limits", "test", &compiled.body).unwrap()
}

/// The variant's key and the place of the rule that the only flag comes out as.
fn decide(program: &Program, context: Json) -> (&str, Option<u8>) {
    let mut session = context::session(program, context.as_object().unwrap());
    let decision = evaluate(program, FlagIndex(0), &mut session, 0, &mut NoTrace);
    let key = program.variant(&program.flag(FlagIndex(0)).unwrap(), decision.variant.unwrap()).unwrap().key;
    (program.str(key), decision.rule)
}

fn refused(parts: Json) -> String {
    build(parts).map(|compiled| format!("built, {} bytes", compiled.body.len())).unwrap_err()
}

/// A flag with variants `v0`, `v1` and so on.
fn flag(variants: usize, more: Json) -> Json {
    let variants: Map<String, Json> = (0..variants).map(|index| (format!("v{index}"), index.into())).collect();
    let mut flag = json!({ "type": "number", "variants": variants, "whenOff": "v0", "default": "v0" });
    flag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "flags": { "f": flag } })
}

#[test]
fn variants_of_a_flag() {
    let most = limit("variants of a flag");
    let last = |count: usize| flag(count, json!({ "rules": [{ "id": "r", "serve": format!("v{}", count - 1) }] }));
    assert_eq!(decide(&program(last(most)), json!({})).0, format!("v{}", most - 1));
    assert_eq!(refused(last(most + 1)), "VARIANT_COUNT");
}

#[test]
fn rules_of_a_flag_those_in_front_included() {
    const WRITTEN: usize = 200;
    let most = limit("rules of a flag, those in front included");
    let rules: Vec<Json> = (0..WRITTEN)
        .map(|rule| json!({ "id": format!("r{rule}"), "if": { "s": { "is": format!("s{rule}") } }, "serve": "v1" }))
        .collect();
    // Each target is a rule in front.
    let with = |targets: usize| {
        let targets: Map<String, Json> =
            (0..targets).map(|index| (format!("v{index}"), json!({ "visitor": [format!("u{index}")] }))).collect();
        flag(100, json!({ "rules": rules, "targets": targets }))
    };
    let whole = program(with(most - WRITTEN));
    assert_eq!(decide(&whole, json!({ "id": "u54", "s": "s199" })).0, "v54");
    assert_eq!(decide(&whole, json!({ "id": "x", "s": "s199" })), ("v1", Some(most as u8 - 1)));
    assert_eq!(decide(&whole, json!({ "id": "x" })), ("v0", None));
    assert!(refused(with(most - WRITTEN + 1)).ends_with(&format!("at most {most}")));
}

fn attributes() {
    let most = limit("attributes");
    let with = |count: usize| {
        let attributes: Map<String, Json> = (0..count).map(|index| (format!("a{index}"), "string".into())).collect();
        let mut parts = flag(
            2,
            json!({ "rules": [{ "id": "r", "if": { format!("a{}", count - 1): { "is": "x" } }, "serve": "v1" }] }),
        );
        parts["units"] = json!({ "visitor": { "attribute": "a0" } });
        parts["attributes"] = attributes.into();
        parts
    };
    let whole = program(with(most));
    assert_eq!(decide(&whole, json!({ format!("a{}", most - 1): "x" })).0, "v1");
    assert_eq!(decide(&whole, json!({ "a0": "x" })).0, "v0");
    assert_eq!(refused(with(most + 1)), "TOO_MANY");
    assert_eq!(most, limits::ATTRIBUTES);
    counted(Section::Attributes, most);
}

fn words_of_one_rule() {
    let most = limit("words of one rule");
    // Two words in front; one for each test and, behind all but the first, one that combines.
    let count = (most - 1) / 2;
    let with = |last: Json| {
        let tests: Vec<Json> = (1..count).map(|_| json!({ "s": { "exists": true } })).chain([last]).collect();
        flag(2, json!({ "rules": [{ "id": "r", "if": { "all": tests }, "serve": "v1" }] }))
    };
    let whole = program(with(json!({ "id": { "exists": true } })));
    assert_eq!(whole.count(Section::Code), most);
    assert_eq!(decide(&whole, json!({ "s": "x", "id": "u" })).0, "v1");
    assert_eq!(decide(&whole, json!({ "s": "x" })).0, "v0");
    // A word more.
    assert!(refused(with(json!({ "id": { "is": "u" } }))).contains("too large"));
}

fn list_files() {
    let most = limit("list files");
    let with = |count: usize| {
        let lists: Map<String, Json> =
            (0..count).map(|index| (format!("l{index}"), json!({ "attribute": "id", "file": "ids.csv" }))).collect();
        json!({ "lists": lists })
    };
    let compiled = build(with(most)).unwrap();
    assert_eq!(compiled.lists.len(), most);
    assert_eq!(refused(with(most + 1)), "TOO_MANY");
    let mut program = snapshot::unverified_body("limits", "test", &compiled.body).unwrap();
    let code = |refused: Result<(), waft::Refusal>| refused.unwrap_err().code;
    // Those that could be are compared with their digests, of which this snapshot has none.
    assert_eq!(code(program.put_list(most - 1, vec![0; limits::LIST_BYTES])), Code::DigestMismatch);
    assert_eq!(code(program.put_list(most - 1, vec![0; limits::LIST_BYTES + 1])), Code::TooLarge);
    assert_eq!(code(program.put_list(most, Vec::new())), Code::TooLarge);
}

fn nesting_of_cbor_values() {
    let most = limit("nesting of CBOR values");
    // An array, a map and a tag of one each, around a number.
    for head in [&[0x81][..], &[0xa1, 0x00], &[0xd8, 0x62]] {
        let nested = |levels: usize| [head.repeat(levels - 1), vec![0]].concat();
        let skip = |bytes: &[u8]| {
            let mut cbor = Reader::new(bytes);
            cbor.skip();
            cbor.ok().map_err(|refused| refused.code)
        };
        assert_eq!(skip(&nested(most)), Ok(()));
        assert_eq!(skip(&nested(most + 1)), Err(Code::Malformed));
    }
}
