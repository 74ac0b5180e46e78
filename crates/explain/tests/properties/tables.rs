//! A table of people, column by column, is its people one by one: segments and flags, of JSON and of CSV.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};
use waft::program::FlagIndex;
use waft::table::Section;
use waft::{NoTrace, Program, Truth, condition, decide_segment};
use waft_explain::context;
use waft_explain::population::{Reading, Settings, Table};

use crate::random::{DAYS, FLAGS, Random, milli, ruleset, some_context};
use crate::{plain, program};

/// Reads a file in parts of some length.
fn read(program: &Program, file: &str, part: usize) -> Table {
    let mut reading = Reading::new(&[program], Settings::default());
    for part in file.as_bytes().chunks(part) {
        reading.push(part).unwrap();
    }
    reading.finish().unwrap().0
}

/// How many people each segment matches, misses, and does not know, one by one.
fn one_by_one(program: &Program, people: &[Map<String, Json>], now: i64) -> Vec<[u64; 3]> {
    let segments = 0..program.count(Section::Segments) as u16;
    let asked: Vec<_> = segments.clone().map(|index| condition::flags_of_segment(program, index)).collect();
    let mut counts = vec![[0; 3]; asked.len()];
    for person in people {
        let mut session = context::session(program, person);
        for index in segments.clone() {
            let asked = &asked[usize::from(index)];
            let truth = decide_segment(program, index, asked, &mut session, now, &mut NoTrace);
            let place = match truth {
                Truth::True => 0,
                Truth::False => 1,
                Truth::Unknown => 2,
            };
            counts[usize::from(index)][place] += 1;
        }
    }
    counts
}

fn check(program: &Program, table: &Table, people: &[Map<String, Json>], now: i64, tell: &dyn Fn() -> String) {
    let counted = table.count(program, now);
    let ours: Vec<_> = counted.segments.iter().map(|one| [one.matches, one.misses, one.unknown]).collect();
    assert_eq!(ours, one_by_one(program, people, now), "{}", tell());
    let mut kept = None;
    // Again by what was kept.
    for flag in (0..2 * FLAGS).map(|flag| FlagIndex((flag % FLAGS) as u32)) {
        let mut expected = vec![0; usize::from(program.flag(flag).unwrap().variant_count) + 1];
        for person in people {
            let decision = plain(program, flag, &mut context::session(program, person), now).0;
            expected[usize::from(decision.variant.unwrap())] += 1;
        }
        let (counts, columns) = table.decide(program, flag, now, kept.take().unwrap_or_default());
        kept = Some(columns);
        assert_eq!(counts, expected, "f{}: {}", flag.0, tell());
    }
}

#[test]
fn a_table_of_json_is_its_people_one_by_one() {
    let mut random = Random(131);
    for round in 0..100 {
        let written = ruleset(&mut random);
        let program = program(&written);
        // More than go through a condition together, now and then.
        let count = if round % 50 == 0 { 5_000 } else { 60 };
        let people: Vec<Map<String, Json>> = (0..count).map(|_| some_context(&mut random)).collect();
        let lines: String = people.iter().fold(String::new(), |mut lines, person| {
            writeln!(lines, "{}", Json::from(person.clone())).unwrap();
            lines
        });
        let array = Json::from(people.iter().cloned().map(Json::from).collect::<Vec<_>>());
        let now = milli(random.below(DAYS));
        for file in [lines, array.to_string(), format!("{array:#}")] {
            let table = read(&program, &file, 1 + random.below(5_000));
            check(&program, &table, &people, now, &|| format!("at {now} in\n{written:#}"));
        }
    }
}

#[test]
fn a_table_of_a_csv_is_its_people_one_by_one_however_it_is_separated_and_written() {
    let mut random = Random(137);
    for _ in 0..150 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let made = (0..60).map(|_| some_context(&mut random));
        // What a cell cannot say apart: `5` and `"5"`, an empty list and none, a list and a text, a date and its milliseconds.
        let people: Vec<Map<String, Json>> = made
            .map(|mut person| {
                person.retain(|name, value| match name.as_str() {
                    "account" | "n" => value.is_number(),
                    "b" => value.is_boolean(),
                    "d" => value.is_string(),
                    "l" => value.as_array().is_some_and(|list| !list.is_empty()),
                    _ => true,
                });
                person
            })
            // A line of separators alone is nobody.
            .filter(|person| !person.is_empty())
            .collect();
        let separator = *random.pick(&[",", ";", "\t", "|"]);
        let line_end = *random.pick(&["\n", "\r\n", "\r"]);
        let names = ["id", "account", "s", "n", "b", "d", "v", "l"];
        let mut file = names.join(separator) + line_end;
        for person in &people {
            let cell = |name: &&str| match person.get(*name) {
                None => String::new(),
                Some(Json::String(text)) => text.clone(),
                Some(Json::Array(_)) => format!("\"{}\"", person[*name].to_string().replace('"', "\"\"")),
                Some(value) => value.to_string(),
            };
            file += &(names.iter().map(cell).collect::<Vec<_>>().join(separator) + line_end);
        }
        // An id of digits is one, be it a text or a number.
        let now = milli(random.below(DAYS));
        let table = read(&program, &file, 1 + random.below(5_000));
        check(&program, &table, &people, now, &|| format!("at {now} of\n{file}\nin\n{written:#}"));
    }
}

#[test]
fn conditions_on_more_kinds_of_people_than_are_numbered_are_decided_by_column() {
    let written = json!({
        "project": "random", "environments": { "test": {} },
        "attributes": { "id": "string", "s": "string", "n": "number" },
        "units": { "visitor": { "attribute": "id" } },
        "lists": { "some": { "attribute": "id", "ids": ["u1", "u3", "u5"] } },
        "segments": {
            "few": { "n": { "lt": 3 } },
            "wide": { "all": [{ "s": { "matches": "7$" } }, { "not": { "n": { "gt": 500 } } }, { "id": { "endsWith": "1" } }] },
        },
        "flags": { "f": {
            "type": "boolean", "whenOff": "off", "default": "off",
            "rules": [
                { "id": "list", "if": { "list": "some" }, "serve": "on" },
                { "id": "share", "if": { "segment": "few", "share": { "of": "visitor", "part": "0%-50%", "salt": "x" } }, "serve": "on" },
                { "id": "wide", "if": { "segment": "wide" }, "serve": "on" },
            ],
        } },
    });
    let program = program(&written);
    let mut random = Random(139);
    let people: Vec<Map<String, Json>> = (0..3_000)
        .map(|person| {
            let mut made = Map::new();
            made.insert("id".to_owned(), format!("u{person}").into());
            made.insert("s".to_owned(), format!("s{}", random.below(1_000)).into());
            if !random.once_in(7) {
                made.insert("n".to_owned(), random.below(1_000).into());
            }
            made
        })
        .collect();
    let file: String =
        people.iter().map(|person| Json::from(person.clone()).to_string()).collect::<Vec<_>>().join("\n");
    let table = read(&program, &file, 1 << 16);
    let expected = people.iter().filter(|person| {
        let decision = plain(&program, FlagIndex(0), &mut context::session(&program, person), 0).0;
        decision.rule.is_some()
    });
    let (counts, _) = table.decide(&program, FlagIndex(0), 0, Default::default());
    assert_eq!(counts.iter().sum::<u32>(), 3_000);
    assert!(counts.contains(&(expected.count() as u32)), "{counts:?}");
    let counted = table.count(&program, 0);
    let ours: Vec<_> = counted.segments.iter().map(|one| [one.matches, one.misses, one.unknown]).collect();
    assert_eq!(ours, one_by_one(&program, &people, 0));
}
