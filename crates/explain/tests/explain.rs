//! What an explanation says, as people read it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Value as Json, json};
use waft::Program;
use waft::operators::{Operation, Operator};
use waft::program::FlagIndex;
use waft_compile::{compile, snapshot};
use waft_explain::context;
use waft_explain::decision::Explanation;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, Share, World};

/// 2026-09-21.
const NOW: i64 = 1_790_000_000_000;

const RULESET: &str = "project: shop
environments: { test: {} }
attributes: { id: string, crew: boolean }
units: { visitor: { attribute: id } }
holdouts: { winter: { unit: visitor, share: 5%, from: 2026-01-01, except: { crew: { is: true } } } }
flags:
  a:
    type: boolean
    whenOff: off
    holdout: winter
    rules:
      - { id: part, if: { share: { of: visitor, part: 0%-33.3333%, salt: part } }, serve: on }
      - { id: ramp, ramp: on, unit: visitor, steps: [{ to: 12.5%, at: 2026-01-01 }] }
      - { id: all, ramp: on, unit: visitor, steps: [{ to: 100%, at: 2026-01-01 }] }
    default: off
";

fn body(text: &str) -> Vec<u8> {
    let file = SourceFile { name: "a.yaml".to_owned(), bytes: text.as_bytes().to_vec() };
    let asset = |_: &str| Ok((0..5_000).map(|id| format!("a-{id}\n")).collect::<String>().into_bytes());
    let (ruleset, _) = ruleset::check(&[file], &World { now: None, asset: &asset }).unwrap();
    compile(&ruleset, 0).unwrap().body
}

fn program(body: &[u8]) -> Program {
    snapshot::unverified_body("shop", "test", body).unwrap()
}

/// A flag of a program for a context: what is told of it.
fn told(program: &Program, flag: &str, context: &Json) -> Json {
    let context = context.as_object().unwrap();
    let mut session = context::session(program, context);
    let flag = program.find(flag.as_bytes()).unwrap();
    serde_json::to_value(Explanation::of(program, flag, &mut session, context, NOW)).unwrap()
}

/// The explanation of flag `a` for a visitor, with the points left out: they are pinned elsewhere.
fn text(context: &Json) -> String {
    let told = told(&program(&body(RULESET)), "a", context);
    told["text"]
        .as_str()
        .unwrap()
        .lines()
        .map(|line| line.split(": point").next().unwrap().to_owned() + line.split(" %, in").nth(1).unwrap_or("") + "\n")
        .collect()
}

#[test]
fn shares_are_told_as_they_were_written() {
    let passes_all = "[x] rule holdout
  except
    [?] crew is true (missing)
  holdout winter
    [ ] holdout below 5 %
[ ] rule part
  [ ] visitor is between 0% and 33.3333% of part (is \"v2\", point 99.0483 %)
[x] rule ramp
  ramp a/ramp
    [ ] ramp below 12.5 %
[x] rule all
  ramp a/all
    [x] ramp below 100 %
";
    assert_eq!(text(&json!({ "id": "v2" })), passes_all);
}

#[test]
fn a_holdout_that_decides_holds_and_one_that_excepts_does_not() {
    let held =
        (0..).map(|id| text(&json!({ "id": format!("v{id}"), "crew": false }))).find(|text| text.lines().count() == 5);
    assert_eq!(
        held.unwrap(),
        "[x] rule holdout\n  except\n    [ ] crew is true (is false)\n  holdout winter\n    [x] holdout below 5 %\n"
    );
    let excepted = text(&json!({ "id": "v2", "crew": true }));
    assert!(excepted.starts_with("[ ] rule holdout\n  except\n    [x] crew is true (is true)\n"), "{excepted}");
}

const SEGMENTS: &str = "project: shop
environments: { test: {} }
attributes: { plan: string }
segments:
  crew: { plan: { is: crew } }
  others: { not: { segment: crew } }
flags:
  twice:
    type: boolean
    whenOff: off
    rules:
      - { id: crew, if: { segment: crew }, serve: on }
      - { id: others, if: { not: { segment: others } }, serve: on }
    default: off
  first: { type: boolean, whenOff: off, rules: [{ id: crew, if: { segment: crew }, serve: on }], default: off }
  second:
    type: boolean
    whenOff: off
    requires: { first: off }
    rules: [{ id: crew, if: { segment: crew }, serve: on }, { id: either, if: { flag: { first: [on, off] } }, serve: on }]
    default: off
";

#[test]
fn a_segment_that_was_decided_before_is_told_again() {
    let program = program(&body(SEGMENTS));
    let twice = "[ ] rule crew
  [ ] in the segment crew
    [ ] plan is crew (is \"guest\")
[ ] rule others
  [ ] not
    [x] in the segment others
      [x] not
        [ ] in the segment crew
          [ ] plan is crew (is \"guest\")
";
    assert_eq!(told(&program, "twice", &json!({ "plan": "guest" }))["text"], twice);
    let second = "[ ] rule requires
  [ ] not
    [x] the flag first is off (is \"off\")
[ ] rule crew
  [ ] in the segment crew
    [ ] plan is crew (is \"guest\")
[x] rule either
  [x] the flag first is on or off (is \"off\")
";
    assert_eq!(told(&program, "second", &json!({ "plan": "guest" }))["text"], second);
}

#[test]
fn segments_that_name_each_other_twice_31_deep_are_told_in_time() {
    let chain = (1..31).map(|index| {
        let below = index - 1;
        format!("  s{index}: {{ any: [{{ segment: s{below} }}, {{ segment: s{below} }}] }}\n")
    });
    let segments = format!("  s0: {{ plan: {{ is: crew }} }}\n{}", chain.collect::<String>());
    let text = SEGMENTS.replace("segments:\n", &format!("segments:\n{segments}"));
    let text = text.replace("if: { segment: crew }, serve: on }]", "if: { segment: s30 }, serve: on }]");
    let told = told(&program(&body(&text)), "first", &json!({ "plan": "crew" }));
    let text = told["text"].as_str().unwrap();
    assert!(text.contains("[x] plan is crew (is \"crew\")\n") && text.contains("(told above)\n"));
    assert!(!text.contains("[?]") && text.lines().count() < 50_000);
}

const REASONS: &str = "project: shop
environments: { test: {} }
attributes: { s: string, n: number, b: boolean, d: date, v: semver, l: list, id: string }
units: { visitor: { attribute: id } }
lists: { big: { file: big.csv, attribute: id } }
segments: { young: { n: { lt: 5 } } }
flags:
  s: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { s: { in: [a, b] } }, serve: on }] }
  n: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { segment: young }, serve: on }] }
  b: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { b: { is: true } }, serve: on }] }
  d: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { d: { after: 2026-09-01 } }, serve: on }] }
  v: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { v: { gte: 2.0.0 } }, serve: on }] }
  l: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { not: { l: { has: x } } }, serve: on }] }
  big: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { list: big }, serve: on }] }
  share: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { share: { of: visitor, part: 20%-40%, salt: z } }, serve: on }] }
  stop: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { b: { is: true } }, onUnknown: stop, serve: on }] }
  ramp: { type: boolean, whenOff: off, default: off, rules: [{ id: r, ramp: on, unit: visitor, steps: [{ to: 50%, at: 2026-01-01 }] }] }
";

fn document() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/ruleset.md")).unwrap()
}

#[test]
fn the_document_shows_what_is_printed() {
    let document = document();
    let block = |start: &str| {
        let (_, rest) = document.split_once(start).unwrap();
        rest.split_once("```").unwrap().0.to_owned()
    };
    let program = program(&body(&block("```yaml\n")));
    let context = json!({ "visitorId": "v3" });
    let context = context.as_object().unwrap();
    let mut session = context::session(&program, context);
    let now = "2026-11-24T00:00:00Z";
    let at = format!("at {now}\n");
    let now = waft::date::parse(now.as_bytes()).unwrap();
    let told = Explanation::of(&program, FlagIndex(0), &mut session, context, now);
    let indented: String = told.text.lines().map(|line| format!("  {line}\n")).collect();
    let printed =
        format!("headline: plain = \"Welcome\" (SPLIT)\n{indented}  exposes visitor v3 to headline, phase 1\n");
    assert_eq!(block(&format!("```text\n{at}")), printed);
}

/// The line of a flag's trace that says most: the last one.
#[track_caller]
fn check_reason(flag: &str, context: Json, why: &str, line: &str) {
    let told = told(&program(&body(REASONS)), flag, &context);
    let text = told["text"].as_str().unwrap();
    assert_eq!(text.lines().last().unwrap().trim_start(), line, "{told:#}");
    let words = told["trace"].to_string();
    let found = words.split("\"why\":\"").nth(1).map_or("", |rest| rest.split('"').next().unwrap());
    assert_eq!(found, why, "{told:#}");
    assert!(why.is_empty() || document().contains(&format!("\n| `{why}` | ")), "docs/ruleset.md does not have {why}");
}

#[test]
fn what_is_unknown_says_why() {
    check_reason("s", json!({}), "missing", "[?] s is one of a or b (missing)");
    check_reason("s", json!({ "s": 5 }), "wrong-type", "[?] s is one of a or b (is 5, not a text)");
    check_reason("s", json!({ "s": "c" }), "", "[ ] s is one of a or b (is \"c\")");
    check_reason("n", json!({ "n": "5" }), "wrong-type", "[?] n is less than 5 (is \"5\", not a number)");
    check_reason("b", json!({ "b": "yes" }), "wrong-type", "[?] b is true (is \"yes\", neither true nor false)");
    check_reason("d", json!({ "d": "soon" }), "wrong-type", "[?] d is after 2026-09-01 (is \"soon\", not a date)");
    check_reason("v", json!({ "v": "2" }), "wrong-type", "[?] v is at least version 2.0.0 (is \"2\", not a version)");
    check_reason("l", json!({ "l": ["x", 1] }), "wrong-type", "[?] l has x (is [\"x\",1], not a list of texts)");
    check_reason("big", json!({}), "missing", "[?] id is in the list big (missing)");
    check_reason("big", json!({ "id": "" }), "empty", "[?] id is in the list big (is \"\", empty)");
    check_reason(
        "big",
        json!({ "id": "a-7" }),
        "not-loaded",
        "[?] id is in the list big (is \"a-7\", the list is not loaded)",
    );
    let share = "visitor is between 20% and 40% of z";
    check_reason("share", json!({}), "missing", &format!("[?] {share} (missing)"));
    check_reason("share", json!({ "id": "" }), "empty", &format!("[?] {share} (is \"\", empty)"));
    let neither = "neither a text nor a whole number";
    check_reason("share", json!({ "id": 1.5 }), "wrong-type", &format!("[?] {share} (is 1.5, {neither})"));
    check_reason("stop", json!({}), "missing", "not known, so the off variant is served");
    let nobody = "the context has no usable visitor: id";
    check_reason("ramp", json!({}), "missing", &format!("[ ] {nobody} (missing)"));
    check_reason("ramp", json!({ "id": true }), "wrong-type", &format!("[ ] {nobody} (is true, {neither})"));
    let long = "x".repeat(65_537);
    check_reason("s", json!({ "s": long }), "too-long", &format!("[?] s is one of a or b (is \"{long}\", too long)"));
    let long = "x".repeat(1_025);
    check_reason(
        "big",
        json!({ "id": long }),
        "too-long",
        &format!("[?] id is in the list big (is \"{long}\", too long)"),
    );
}

#[test]
fn what_a_newer_compiler_wrote_says_so() {
    let known = Operation { number: Operator::In as u8, operands: 1, argument: 0, dialect: 0 }.to_word().to_le_bytes();
    let newer = Operation { number: 250, operands: 1, argument: 0, dialect: 0 }.to_word().to_le_bytes();
    let mut bytes = body(REASONS);
    let known_to = program(&bytes);
    let slot = known_to.slots().find(|slot| known_to.str(known_to.attribute(*slot).unwrap().name) == "s").unwrap();
    let with_slot = |word: [u8; 4]| (u32::from_le_bytes(word) | u32::from(slot.0) << 16).to_le_bytes();
    let at: Vec<usize> = (0..bytes.len() - 3).filter(|at| bytes[*at..*at + 4] == with_slot(known)).collect();
    assert_eq!(at.len(), 1);
    bytes[at[0]..at[0] + 4].copy_from_slice(&with_slot(newer));
    let told = told(&program(&bytes), "s", &json!({ "s": "a" }));
    assert_eq!(told["trace"][0]["condition"]["why"], "unknown-operator");
    let line = "[?] operator 250, which this version of waft does not know";
    assert_eq!(told["text"], format!("[?] rule r\n  {line}\n"));
}

const POINTS: &str = "project: shop
environments: { test: {} }
attributes: { id: string }
units: { visitor: { attribute: id } }
layers: { line: { unit: visitor } }
metrics: { m: { conversion: c, better: up } }
experiments:
  e: { unit: visitor, layer: { line: [0%-40%, 60%-80.5%] }, phases: [{ id: 1, from: 2026-01-01, coverage: 90%, split: { a: 30%, b: 70% } }] }
flags:
  e: { type: string, variants: { a: A, b: B }, whenOff: a, default: a, rules: [{ id: r, experiment: e }] }
  some: { type: boolean, whenOff: off, default: off, rules: [{ id: r, if: { share: { of: visitor, part: 20%-40%, salt: z } }, serve: on }] }
  early: { type: boolean, whenOff: off, default: off, rules: [{ id: r, ramp: on, unit: visitor, guard: { m: { worse: 5% } }, steps: [{ to: 20%, at: 2026-01-01 }] }] }
  late: { type: boolean, whenOff: off, default: off, rules: [{ id: r, ramp: on, unit: visitor, guard: { m: { worse: 5% } }, steps: [{ to: 80%, at: 2026-01-01 }] }] }
";

/// The first of many visitors whose trace ends so, without the points.
#[track_caller]
fn check_points(flag: &str, variant: &str, lines: &[&str]) {
    let program = program(&body(POINTS));
    let found = (0..1_000).map(|id| told(&program, flag, &json!({ "id": format!("v{id}") }))).find(|told| {
        let text = told["text"].as_str().unwrap();
        let ours: Vec<String> = text.lines().map(without_point).collect();
        told["variant"] == variant && ours.ends_with(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    });
    assert!(found.is_some(), "{}", told(&program, flag, &json!({ "id": "v0" }))["text"]);
}

fn without_point(line: &str) -> String {
    let Some((before, rest)) = line.split_once("point ") else { return line.trim_start().to_owned() };
    let (_, after) = rest.split_once(" %").unwrap();
    format!("{}P{after}", before.trim_start())
}

#[test]
fn points_are_told_with_their_bounds_whichever_way_it_goes() {
    let layer = "layer line: P, in 0 %-40 % or 60 %-80.5 %";
    check_points("e", "a", &[&format!("[ ] {layer}")]);
    check_points("e", "a", &[&format!("[x] {layer}"), "[ ] coverage: P, in below 90 %"]);
    check_points("e", "a", &["[x] coverage: P, in below 90 %", "[x] split: P, in 0 %-30 %"]);
    check_points("e", "b", &[&format!("[x] {layer}"), "[x] coverage: P, in below 90 %", "[x] split: P, in 30 %-100 %"]);
    let share = "visitor is between 20% and 40% of z";
    for (mark, variant) in [("[x]", "on"), ("[ ]", "off")] {
        let line = (0..100)
            .map(|id| told(&program(&body(POINTS)), "some", &json!({ "id": format!("v{id}") })))
            .find(|told| told["variant"] == variant);
        let text = line.unwrap()["text"].as_str().unwrap().to_owned();
        let line = text.lines().nth(1).unwrap();
        assert!(line.starts_with(&format!("  {mark} {share} (is \"v")) && line.contains("\", point "), "{line}");
    }
}

#[test]
fn a_monitored_ramp_reaches_those_that_it_keeps_back_too() {
    check_points("early", "on", &["[x] ramp: P, in below 40 %", "[x] half: P, in below 50 %"]);
    check_points("early", "off", &["[x] ramp: P, in below 40 %", "[ ] half: P, in below 50 %"]);
    check_points("early", "off", &["[ ] ramp: P, in below 40 %", "[x] half: P, in below 50 %"]);
    let reached = "[x] ramp: P, in below 100 %";
    check_points("late", "on", &[reached, "[x] half: P, in below 50 %"]);
    check_points("late", "on", &[reached, "[ ] half: P, in below 50 %", "[x] released: P, in below 60 %"]);
    check_points("late", "off", &[reached, "[ ] half: P, in below 50 %", "[ ] released: P, in below 60 %"]);
}

#[test]
fn a_share_comes_back_from_its_bound() {
    for share in (0..=1_000_000).map(Share) {
        assert_eq!(Share::of(share.bound()), share);
    }
}
