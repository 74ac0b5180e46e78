//! What is counted of a draft is its people one by one: segments, each part of their conditions, conditions that are nowhere, and who is in them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use waft::table::Section;
use waft::{NoTrace, Program, Truth, condition as conditions, decide_segment};
use waft_explain::context;
use waft_explain::draft::{Draft, Files};
use waft_explain::population::{Counted, Kind, Reading, Settings, Table};

use crate::program;
use crate::random::{DAYS, FLAGS, Random, condition, milli, ruleset, some_context};

fn draft(rules: &Json) -> Draft {
    let files = Files::from([("waft.json".to_owned(), rules.to_string().into_bytes())]);
    let compiled = Draft::compile(&files, None, 0).unwrap();
    compiled.draft.unwrap_or_else(|| panic!("{:#?}\n{rules:#}", compiled.findings))
}

fn read(program: &Program, people: &[Map<String, Json>]) -> Table {
    let mut reading = Reading::new(&[program], Settings::default());
    people.iter().for_each(|person| reading.push(format!("{}\n", Json::from(person.clone())).as_bytes()).unwrap());
    reading.finish().unwrap().0
}

/// What the last segment of a program comes to for each person.
fn one_by_one(program: &Program, people: &[Map<String, Json>], now: i64) -> Vec<Truth> {
    let last = program.count(Section::Segments) as u16 - 1;
    let asked = conditions::flags_of_segment(program, last);
    let decide =
        |person| decide_segment(program, last, &asked, &mut context::session(program, person), now, &mut NoTrace);
    people.iter().map(decide).collect()
}

/// The parts of a condition, as somebody reads it: those of a map are on one level.
fn parts(written: &Json) -> Vec<Json> {
    let map = written.as_object().unwrap();
    let parts: Vec<Json> = map.iter().flat_map(|(key, value)| of_entry(key, value)).collect();
    match (parts.len(), map.iter().next().unwrap()) {
        (1, (key, Json::Array(parts))) if key == "all" || key == "any" => parts.clone(),
        (1, (key, part)) if key == "not" => vec![part.clone()],
        (1, _) => Vec::new(),
        _ => parts,
    }
}

fn of_entry(key: &str, value: &Json) -> Vec<Json> {
    match value {
        Json::Object(several) if !["not", "share"].contains(&key) => {
            several.iter().map(|(name, one)| json!({ key: { name: one } })).collect()
        }
        _ => vec![json!({ key: value })],
    }
}

/// Rules in which a condition is a segment, behind all others by its name.
fn with(rules: &Json, written: &Json) -> Program {
    let mut rules = rules.clone();
    rules["segments"]["zz-last"] = written.clone();
    program(&rules)
}

/// Holds what was counted of a condition, and of all its parts, to one person after the other.
fn hold(rules: &Json, written: &Json, counted: &Counted, people: &[Map<String, Json>], now: i64) {
    let truths = one_by_one(&with(rules, written), people, now);
    let count = |wanted| truths.iter().filter(|truth| **truth == wanted).count() as u64;
    let expected = [Truth::True, Truth::False, Truth::Unknown].map(count);
    assert_eq!([counted.matches, counted.others, counted.unknown], expected, "{written} at {now} in\n{rules:#}");
    let parts = parts(written);
    assert_eq!(counted.parts.len(), parts.len(), "{written}");
    parts.iter().zip(&counted.parts).for_each(|(part, counted)| hold(rules, part, counted, people, now));
}

/// A condition of a segment, behind its title.
fn condition_of(segment: &Json) -> &Json {
    segment.get("if").unwrap_or(segment)
}

#[test]
fn each_part_of_a_condition_is_counted_as_people_one_by_one() {
    let mut random = Random(151);
    for round in 0..60 {
        let rules = ruleset(&mut random);
        let draft = draft(&rules);
        let people: Vec<_> = (0..if round == 0 { 5_000 } else { 60 }).map(|_| some_context(&mut random)).collect();
        let table = read(draft.program(), &people);
        let now = milli(random.below(DAYS));
        for segment in draft.count(&table, now).segments {
            let counted = Counted {
                matches: segment.matches,
                others: segment.misses,
                unknown: segment.unknown,
                parts: segment.parts,
            };
            hold(&rules, condition_of(&rules["segments"][&segment.name]), &counted, &people, now);
        }
        for _ in 0..5 {
            let written = condition(&mut random, 3, FLAGS);
            let counted = draft.count_condition(&written.to_string(), &table, now).unwrap();
            hold(&rules, &written, &counted, &people, now);
        }
    }
}

#[test]
fn who_is_in_a_segment_is_told_as_people_one_by_one() {
    let mut random = Random(157);
    for _ in 0..60 {
        let rules = ruleset(&mut random);
        let draft = draft(&rules);
        let people: Vec<_> = (0..60).map(|_| some_context(&mut random)).collect();
        let (program, table, now) = (draft.program(), read(draft.program(), &people), milli(random.below(DAYS)));
        let names: Vec<&String> = rules["segments"].as_object().unwrap().keys().collect();
        let truths: Vec<_> = names.iter().map(|name| table.truths(program, name, now).unwrap()).collect();
        let ours: Vec<_> = names
            .iter()
            .map(|name| one_by_one(&with(&rules, condition_of(&rules["segments"][*name])), &people, now))
            .collect();
        for (truths, ours) in truths.iter().zip(&ours) {
            for (kind, truth) in
                [(Kind::Matches, Truth::True), (Kind::Others, Truth::False), (Kind::Unknown, Truth::Unknown)]
            {
                let rows: Vec<usize> = (0..people.len()).filter(|row| ours[*row] == truth).collect();
                let told: Vec<_> = rows.iter().map(|row| table.person(program, *row)).collect();
                assert_eq!(table.people(program, truths, kind, 0, 100), told);
                assert_eq!(
                    table.people(program, truths, kind, 1, 2),
                    told.into_iter().skip(1).take(2).collect::<Vec<_>>()
                );
            }
            let mut expected: BTreeMap<String, [u64; 3]> = BTreeMap::new();
            for (row, truth) in ours.iter().enumerate() {
                let value = match table.person(program, row).get("s") {
                    None => String::new(),
                    Some(Json::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                };
                let place = [Truth::True, Truth::False, Truth::Unknown].iter().position(|one| one == truth).unwrap();
                expected.entry(value).or_default()[place] += 1;
            }
            let groups = table.breakdown(program, truths, "s").into_iter();
            let groups: BTreeMap<_, _> =
                groups.map(|group| (group.value, [group.matches, group.others, group.unknown])).collect();
            assert_eq!(groups, expected);
        }
        let overlap = table.overlap(&truths[0], &truths[1]);
        let count =
            |one, other| (0..people.len()).filter(|row| ours[0][*row] == one && ours[1][*row] == other).count() as u64;
        let both = [
            (Truth::True, Truth::True),
            (Truth::True, Truth::False),
            (Truth::False, Truth::True),
            (Truth::False, Truth::False),
        ];
        let known = both.map(|(one, other)| count(one, other));
        assert_eq!([overlap.both, overlap.first, overlap.second, overlap.neither], known);
        assert_eq!(overlap.unknown, people.len() as u64 - known.iter().sum::<u64>());
    }
}
