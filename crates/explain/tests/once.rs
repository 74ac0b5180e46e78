//! Flags and segments are decided once for a session and a moment, together with what they expose, and an exposure is listed once:
//! counted in steps of a trace, as shapes that double with each level would never end otherwise.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use waft::program::FlagIndex;
use waft::table::Section;
use waft::{Program, Step, Trace, evaluate};
use waft_compile::{compile, snapshot};
use waft_explain::context;
use waft_explain::decision::Explanation;
use waft_explain::draft::{Draft, Files};
use waft_explain::population::{self, Population};
use waft_explain::segments;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{self as ruleset, World};

const NOW: i64 = 1_800_000_000_000;
/// What a language of 31 levels allows.
const LEVELS: usize = 31;

const HEAD: &str = "project: once
environments: { test: {} }
attributes: { id: string, s: string }
units: { visitor: { attribute: id } }
";

fn program(text: &str) -> Program {
    let file = SourceFile { name: "once.yaml".to_owned(), bytes: [HEAD, text].concat().into_bytes() };
    let (ruleset, _) = ruleset::check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    snapshot::unverified_body("once", "test", &compile(&ruleset, 0).unwrap().body).unwrap()
}

#[derive(Default)]
struct Count(usize);

impl Trace for Count {
    fn step(&mut self, _: Step) {
        self.0 += 1;
    }
}

fn visitor() -> Map<String, Json> {
    Map::from_iter([("id".to_owned(), "v1".into()), ("s".to_owned(), "a".into())])
}

/// What a flag exposes, as `experiment variant`, by a silent decision and by an explanation; and the steps that it took.
#[track_caller]
fn exposed(program: &Program, flag: &str) -> (Vec<String>, usize) {
    let index = program.find(flag.as_bytes()).unwrap();
    let mut session = context::session(program, &visitor());
    let mut count = Count::default();
    evaluate(program, index, &mut session, NOW, &mut count);
    let tell = |session: &waft::Session| -> Vec<String> {
        let key = |made: &waft::Assignment| {
            String::from_utf8_lossy(waft::exposure::variant_key(program, made.variant)).into_owned()
        };
        session.exposures().iter().map(|made| format!("{} {}", program.str(made.trial), key(made))).collect()
    };
    let traced = tell(&session);
    let mut silent = context::session(program, &visitor());
    evaluate(program, index, &mut silent, NOW, &mut waft::NoTrace);
    assert_eq!(tell(&silent), traced, "{flag}: silent and traced");
    // Asked a second time in the same moment, when all that it asks for is known.
    evaluate(program, index, &mut silent, NOW, &mut waft::NoTrace);
    assert_eq!(tell(&silent), traced, "{flag}: a second time");
    let told = Explanation::of(program, index, &mut session, &visitor(), NOW);
    let told = told.decision.exposures.map_or(0, |exposures| exposures.len());
    assert_eq!(told, traced.len(), "{flag}: what eval and explain list");
    assert_eq!(traced.iter().collect::<BTreeSet<_>>().len(), traced.len(), "{flag}: {traced:?}");
    (traced, count.0)
}

fn experiment(name: &str) -> String {
    format!("  {name}: {{ unit: visitor, phases: [{{ id: 1, from: 2026-01-01, split: {{ on: 50%, off: 50% }} }}] }}\n")
}

#[test]
fn a_flag_that_is_required_and_asked_for_through_a_segment_exposes_once() {
    let program = program(&format!(
        "segments:
  by-d: {{ flag: {{ d: [on, off] }} }}
  twice: {{ any: [{{ segment: by-d }}, {{ segment: by-d }}, {{ flag: {{ d: on }} }}] }}
experiments:
{}flags:
  d: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: test, experiment: d }}] }}
  f:
    type: boolean
    whenOff: off
    requires: {{ d: [on, off] }}
    rules: [{{ id: one, if: {{ not: {{ segment: by-d }} }}, serve: on }}, {{ id: two, if: {{ segment: twice }}, serve: on }}]
    default: off
",
        experiment("d")
    ));
    assert_eq!(exposed(&program, "f").0.len(), 1);
}

/// Two flags a level, each of which requires both of the level below. Every one draws lots of its own, and takes part in one holdout.
fn diamond(levels: usize) -> String {
    let (mut experiments, mut flags) = ("experiments:\n".to_owned(), "flags:\n".to_owned());
    for level in 0..levels {
        for side in ["a", "b"] {
            let name = format!("{side}{level:02}");
            experiments += &experiment(&name);
            let requires = match level.checked_sub(1) {
                Some(below) => format!("requires: {{ a{below:02}: [on, off], b{below:02}: [on, off] }}, "),
                None => String::new(),
            };
            let head = format!("type: boolean, whenOff: off, holdout: h, {requires}default: off");
            writeln!(flags, "  {name}: {{ {head}, rules: [{{ id: test, experiment: {name} }}] }}").unwrap();
        }
    }
    format!("holdouts: {{ h: {{ unit: visitor, share: 1%, from: 2026-01-01 }} }}\n{experiments}{flags}")
}

#[test]
fn two_flags_a_level_that_require_both_of_the_level_below() {
    for levels in [2, 8, 22, LEVELS] {
        let program = program(&diamond(levels));
        let (made, steps) = exposed(&program, &format!("a{:02}", levels - 1));
        // The holdout, the flag's own experiment, and those of all levels below.
        assert_eq!(made.len(), 2 * (levels - 1) + 2, "{levels} levels: {made:?}");
        assert!(steps < 40 * levels, "{steps} steps for {levels} levels");
    }
}

#[test]
fn whoever_is_decided_first_all_flags_of_a_moment_come_out_the_same() {
    let program = program(&diamond(6));
    let flags = program.count(Section::Flags) as u32;
    let decide = |session: &mut waft::Session, flag| {
        (evaluate(&program, FlagIndex(flag), session, NOW, &mut waft::NoTrace), session.exposures().to_vec())
    };
    let fresh: Vec<_> = (0..flags).map(|flag| decide(&mut context::session(&program, &visitor()), flag)).collect();
    for order in
        [(0..flags).collect::<Vec<_>>(), (0..flags).rev().collect(), (0..flags).map(|flag| flag * 5 % flags).collect()]
    {
        let mut session = context::session(&program, &visitor());
        for flag in order {
            assert_eq!(decide(&mut session, flag), fresh[flag as usize], "flag {flag}");
        }
    }
}

/// Segments around a condition, each of which names the one before it twice.
fn nested(innermost: &str) -> String {
    let mut text = format!("segments:\n  s00: {innermost}\n");
    for level in 1..LEVELS {
        let below = level - 1;
        writeln!(
            text,
            "  s{level:02}: {{ all: [{{ segment: s{below:02} }}, {{ not: {{ not: {{ segment: s{below:02} }} }} }}] }}"
        )
        .unwrap();
    }
    text
}

#[test]
fn segments_that_name_their_predecessor_twice_around_a_randomised_flag() {
    let text = format!(
        "{}experiments:\n{}flags:
  d: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: test, experiment: d }}] }}
  top: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: in, if: {{ segment: s30 }}, serve: on }}] }}\n",
        nested("{ flag: { d: [on, off] } }"),
        experiment("d")
    );
    let program = program(&text);
    let (made, steps) = exposed(&program, "top");
    assert_eq!(made.len(), 1);
    assert!(steps < 10 * LEVELS, "{steps} steps");
    // A page of the studio, and a file's people: none of them ends otherwise.
    let mut session = context::session(&program, &visitor());
    assert_eq!(segments::tell(&program, &mut session, &visitor(), NOW).len(), LEVELS);
    let counted = population::count(&program, b"id,s\nv1,a\nv2,b\n", NOW).unwrap();
    assert_eq!(counted.segments[LEVELS - 1].matches, 2);
}

#[test]
fn segments_that_name_their_predecessor_twice_in_a_population() {
    let text = format!(
        "{}flags:\n  top: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: in, if: {{ segment: s30 }}, serve: on }}] }}\n",
        nested("{ s: { is: a } }")
    );
    let program = program(&text);
    let mut population = Population::new(&program);
    population.add(&program, &json!([{ "s": "a" }, { "s": "b" }, {}, { "s": "a" }]).to_string()).unwrap();
    assert_eq!(population.decide(&program, FlagIndex(0), NOW), [2, 2, 0]);
}

/// The moments of a draft's flag, as the studio shows them.
fn moments(text: &str, flag: &str) -> Vec<f64> {
    let files = Files::from_iter([("once.yaml".to_owned(), [HEAD, text].concat().into_bytes())]);
    let draft = Draft::compile(&files, Some("test"), NOW).unwrap().draft.unwrap();
    draft.model().flags.iter().find(|told| told.key == flag).unwrap().moments.clone()
}

#[test]
fn a_draft_tells_the_moments_of_a_flag_behind_segments_that_name_their_predecessor_twice() {
    let (january, february) = (1_767_225_600_000.0, 1_769_904_000_000.0);
    let text = format!(
        "{}experiments:\n{}flags:
  d: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: test, experiment: d }}] }}
  top: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: in, if: {{ segment: s30 }}, from: 2026-02-01, serve: on }}] }}\n",
        nested("{ flag: { d: [on, off] } }"),
        experiment("d")
    );
    assert_eq!(moments(&text, "top"), [january, february]);
    // And behind flags that require two of the level below: the holdout's and the experiments' first day.
    assert_eq!(moments(&diamond(LEVELS), "a30"), [january]);
}

#[test]
fn what_a_segment_exposes_everybody_exposes_who_asks_for_it_in_the_same_moment() {
    let program = program(&format!(
        "segments:\n  by-d: {{ flag: {{ d: [on, off] }} }}\nexperiments:\n{}{}flags:
  d: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: test, experiment: d }}] }}
  one: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: in, if: {{ segment: by-d }}, experiment: one }}] }}
  two: {{ type: boolean, whenOff: off, default: off, rules: [{{ id: in, if: {{ segment: by-d }}, serve: on }}] }}
",
        experiment("d"),
        experiment("one")
    ));
    let mut session = context::session(&program, &visitor());
    let mut made = |flag: &str| {
        evaluate(&program, program.find(flag.as_bytes()).unwrap(), &mut session, NOW, &mut waft::NoTrace);
        session.exposures().len()
    };
    assert_eq!([made("one"), made("two"), made("one"), made("two"), made("d")], [2, 1, 2, 1, 1]);
}
