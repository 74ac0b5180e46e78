//! Two rulesets, compared: what is not decided decides as before, and what is counted is two evaluations a row.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use waft::{Program, Step, Trace, Truth, evaluate};
use waft_explain::context;
use waft_explain::diff::{Change, Diff, MoveKind, compare};
use waft_explain::population::Table;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{World, check};

use crate::program;
use crate::random::{DAY, DAYS, FLAGS, Random, milli, ruleset, some_context};

/// What a row gets of a flag: its variant and value, none of a flag that is not there; and whether anything was unknown.
type Got = (Option<(String, String)>, bool);

struct Heard(bool);

impl Trace for Heard {
    fn step(&mut self, step: Step) {
        self.0 |= matches!(step, Step::Condition { truth: Truth::Unknown, .. } | Step::NoUnit { .. });
    }
}

fn got(program: &Program, flag: &str, context: &Map<String, Json>, now: i64) -> Got {
    let Some(index) = program.find(flag.as_bytes()) else { return (None, false) };
    let mut heard = Heard(false);
    let decision = evaluate(program, index, &mut context::session(program, context), now, &mut heard);
    let flag = program.flag(index).unwrap();
    let variant = program.variant(&flag, decision.variant.unwrap()).unwrap();
    (Some((program.str(variant.key).to_owned(), program.str(variant.value).to_owned())), heard.0)
}

/// A ruleset with some parts of another.
fn mixed(random: &mut Random, one: &Json, other: &Json) -> Json {
    let mut mixed = one.clone();
    for flag in 0..FLAGS {
        let name = format!("f{flag}");
        match random.below(10) {
            0 | 1 => {
                mixed["flags"][&name] = other["flags"][&name].clone();
                let own = format!("e{flag}-");
                let experiments = mixed["experiments"].as_object_mut().unwrap();
                experiments.retain(|experiment, _| !experiment.starts_with(&own));
                let theirs = other["experiments"].as_object().unwrap().iter();
                experiments.extend(
                    theirs.filter(|(name, _)| name.starts_with(&own)).map(|(name, item)| (name.clone(), item.clone())),
                );
            }
            2 => mixed["flags"][&name]["default"] = (*random.pick(&["on", "off"])).into(),
            3 => mixed["flags"][&name]["variants"] = json!({ "on": true, "off": *random.pick(&[true, false]) }),
            _ => {}
        }
    }
    for (section, name) in [("segments", "one"), ("segments", "two"), ("holdouts", "h"), ("lists", "some")] {
        if random.once_in(6) {
            mixed[section][name] = other[section][name].clone();
        }
    }
    if random.once_in(8) {
        mixed["lists"]["some"]["ids"] = json!(["u2", "u4"]);
    }
    if random.once_in(12) {
        mixed["flags"].as_object_mut().unwrap().remove("f4");
    }
    if random.once_in(12) {
        mixed["layers"]["l"]["salt"] = "another".into();
    }
    mixed
}

/// A context as a CSV has it: texts, which the types of columns read.
fn flat(context: &Map<String, Json>) -> Map<String, Json> {
    let mut flat = Map::new();
    // A CSV has no lists.
    for (name, value) in context.iter().filter(|(name, _)| *name != "l") {
        let text = match value {
            Json::Array(_) | Json::Null => continue,
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let typed = match name.as_str() {
            "n" | "account" => text.parse::<f64>().map_or(Json::from(text.clone()), Json::from),
            "b" => text.parse::<bool>().map_or(Json::from(text.clone()), Json::from),
            _ => Json::from(text),
        };
        flat.insert(name.clone(), typed);
    }
    flat
}

fn csv(people: &[Map<String, Json>], columns: &[&str]) -> String {
    let text = |value: Option<&Json>| match value {
        None => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let line = |person: &Map<String, Json>| {
        columns.iter().map(|column| text(person.get(*column))).collect::<Vec<_>>().join(",")
    };
    std::iter::once(columns.join(",")).chain(people.iter().map(line)).collect::<Vec<_>>().join("\n")
}

fn is_sound(ruleset: &Json) -> bool {
    let file = SourceFile { name: "random.json".to_owned(), bytes: ruleset.to_string().into_bytes() };
    check(&[file], &World::still()).is_ok()
}

/// What each row gets, before and after.
struct Rows<'p> {
    programs: [&'p Program; 2],
    people: &'p [Map<String, Json>],
    now: i64,
}

impl Rows<'_> {
    fn of(&self, flag: &str) -> Vec<[Got; 2]> {
        let both = |person| self.programs.map(|program| got(program, flag, person, self.now));
        self.people.iter().map(both).collect()
    }
}

/// Each flag that was decided is what two evaluations of each row say, and every other decides as before.
fn agree(diff: &Diff, rows: &Rows<'_>, tell: &dyn Fn(&str) -> String) -> u64 {
    let effect = diff.population.as_ref().unwrap();
    let (mut moved, mut changed) = (BTreeSet::new(), 0);
    for flag in (0..FLAGS).map(|flag| format!("f{flag}")) {
        let got = rows.of(&flag);
        let Some(told) = effect.flags.iter().find(|told| told.flag == flag) else {
            let same = got.iter().all(|[before, after]| before == after);
            assert!(same, "{}", tell(&format!("{flag} was skipped")));
            continue;
        };
        let mut moves: BTreeMap<_, u64> = BTreeMap::new();
        let [mut values, mut variants, mut lost, mut found] = [0; 4];
        let mut units = BTreeSet::new();
        for (row, [(before, was), (after, is)]) in got.iter().enumerate() {
            lost += u64::from(!was && *is);
            found += u64::from(*was && !is);
            if before != after {
                *moves.entry((before.clone(), after.clone())).or_default() += 1;
            }
            if let (Some(before), Some(after)) = (before, after) {
                values += u64::from(before.1 != after.1);
                variants += u64::from(before.1 == after.1 && before.0 != after.0);
                if before.1 != after.1 {
                    moved.insert(row);
                    let unit = told.unit.as_deref().map(|unit| if unit == "visitor" { "id" } else { "account" });
                    units.extend(
                        unit.and_then(|unit| rows.people[row].get(unit)).filter(|id| is_unit(id)).map(Json::to_string),
                    );
                }
            }
        }
        let counted = [&told.changed, &told.renamed, &told.became_unknown, &told.became_known];
        assert_eq!(counted.map(|counts| counts.rows.unwrap()), [values, variants, lost, found], "{}", tell(&flag));
        assert_eq!(told.changed.units.unwrap_or(0), units.len() as u64, "{}", tell(&format!("units of {flag}")));
        let key = |got: &waft_explain::diff::Got| {
            got.variant.clone().map(|key| (key, got.value.as_ref().unwrap().to_string()))
        };
        let told: BTreeMap<_, u64> =
            told.moves.iter().map(|told| ((key(&told.before), key(&told.after)), told.counts.rows.unwrap())).collect();
        assert_eq!(told, moves, "{}", tell(&format!("moves of {flag}")));
        changed += values;
    }
    assert_eq!(effect.moved.rows, Some(moved.len() as u64), "{}", tell("moved"));
    changed
}

fn is_unit(id: &Json) -> bool {
    match id {
        Json::String(text) => !text.is_empty(),
        Json::Number(number) => {
            number.as_f64().is_some_and(|number| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0)
        }
        _ => false,
    }
}

#[test]
fn what_is_counted_is_two_evaluations_a_row_and_what_is_skipped_decides_as_before() {
    let mut random = Random(71);
    let [mut pairs, mut changed, mut skipped] = [0u64; 3];
    for _ in 0..400 {
        let one = ruleset(&mut random);
        let other = ruleset(&mut random);
        let next = mixed(&mut random, &one, &other);
        if !is_sound(&next) {
            continue;
        }
        pairs += 1;
        let programs = [program(&one), program(&next)];
        let [before, after] = &programs;
        let people: Vec<_> = (0..60).map(|_| flat(&some_context(&mut random))).collect();
        let columns = ["id", "account", "s", "n", "b", "d", "v"];
        let now = milli(random.below(DAYS)) + random.below(DAY as usize) as i64;
        let table = Table::read(csv(&people, &columns).as_bytes(), &[before, after]).unwrap();
        let mut diff = compare(before, after, now).unwrap();
        diff.count(before, after, &table, &mut |_, _| {});
        skipped += diff.unchanged as u64;
        let rows = Rows { programs: [before, after], people: &people, now };
        let tell = |what: &str| format!("{what} at {now} in\n{one:#}\nand\n{next:#}\n{:#?}", diff.lines());
        changed += agree(&diff, &rows, &tell);
        // Skipped flags decide as before for whomever, whenever.
        let contexts: Vec<_> = (0..20).map(|_| some_context(&mut random)).collect();
        for flag in
            (0..FLAGS).map(|flag| format!("f{flag}")).filter(|flag| diff.flags.iter().all(|told| told.flag != *flag))
        {
            let later = Rows { people: &contexts, now: milli(random.below(DAYS)), ..rows };
            assert!(later.of(&flag).iter().all(|[before, after]| before == after), "{}", tell(&flag));
        }
    }
    assert!(pairs > 100 && changed > pairs && skipped > pairs, "{pairs} pairs, {changed} changed, {skipped} skipped");
}

#[test]
fn a_program_against_itself_differs_in_nothing() {
    let mut random = Random(73);
    for _ in 0..200 {
        let written = ruleset(&mut random);
        let programs = [program(&written), program(&written)];
        let diff = compare(&programs[0], &programs[1], milli(20)).unwrap();
        assert!(
            diff.is_empty() && diff.running.is_empty() && diff.unchanged == FLAGS,
            "{written:#}\n{:#?}",
            diff.lines()
        );
    }
}

#[test]
fn ids_that_are_made_up_tell_the_share_of_those_that_are_there() {
    let mut random = Random(79);
    let (mut simulated, mut outside) = (0, 0);
    for _ in 0..25 {
        let (one, other) = (ruleset(&mut random), ruleset(&mut random));
        let next = mixed(&mut random, &one, &other);
        if !is_sound(&next) {
            continue;
        }
        let programs = [program(&one), program(&next)];
        let [before, after] = &programs;
        // Everybody is somebody else, and in no list or target.
        let person = |number: usize, random: &mut Random| {
            let mut person = flat(&some_context(random));
            person.insert("id".to_owned(), format!("person-{number}").into());
            person.insert("account".to_owned(), Json::from(1_000.0 + number as f64));
            person
        };
        let people: Vec<_> = (0..2_000).map(|number| person(number, &mut random)).collect();
        let now = milli(random.below(DAYS));
        let told = |columns: &[&str]| {
            let table = Table::read(csv(&people, columns).as_bytes(), &[before, after]).unwrap();
            let mut diff = compare(before, after, now).unwrap();
            diff.count(before, after, &table, &mut |_, _| {});
            diff.population.unwrap()
        };
        let known = told(&["id", "account", "s", "n", "b", "d", "v"]);
        let unknown = told(&["s", "n", "b", "d", "v"]);
        for (known, made_up) in known.flags.iter().zip(&unknown.flags).filter(|(_, made_up)| made_up.simulated) {
            simulated += 1;
            let [low, high] = made_up.changed.range.unwrap();
            outside += usize::from(known.changed.share < low || known.changed.share > high);
            assert_eq!((made_up.changed.rows, made_up.changed.units), (None, None));
            assert!(made_up.moves.iter().all(|told| told.examples.is_empty() && told.counts.rows.is_none()));
        }
    }
    // 5 of 100 lie outside.
    assert!(simulated > 10 && outside * 8 < simulated, "{outside} of {simulated}");
}

#[test]
fn a_flag_that_is_new_or_gone_moves_nobody() {
    let one = json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "id": "string" }, "units": { "visitor": { "attribute": "id" } },
        "flags": { "a": { "type": "boolean", "whenOff": "off", "default": "on" } },
    });
    let mut two = one.clone();
    two["flags"] = json!({ "b": { "type": "boolean", "whenOff": "off", "default": "on" } });
    let programs = [program(&one), program(&two)];
    let [before, after] = &programs;
    let table = Table::read(b"id\nv1\nv1\nv2", &[before, after]).unwrap();
    let mut diff = compare(before, after, 0).unwrap();
    diff.count(before, after, &table, &mut |_, _| {});
    assert_eq!(diff.flags.iter().map(|flag| flag.change).collect::<Vec<_>>(), [Change::Removed, Change::Added]);
    let effect = diff.population.unwrap();
    assert_eq!(effect.moved.rows, Some(0));
    let moves: Vec<_> = effect.flags.iter().flat_map(|flag| &flag.moves).collect();
    assert_eq!(moves.iter().map(|told| told.kind).collect::<Vec<_>>(), [MoveKind::Removed, MoveKind::Added]);
    assert_eq!(moves[1].counts.units, Some(2));
}
