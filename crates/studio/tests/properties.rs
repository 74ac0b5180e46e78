//! Properties over random rulesets and contexts: what must hold whatever is written.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::{Map, Value as Json, json};
use waft::{Assignment, Decision, NoTrace, Program, Subject, Value, evaluate};
use waft_studio::explain::explain;
use waft_studio::population::Population;
use waft_studio::{context, snapshot};

mod random;
use random::{DAYS, Random, milli, program, ruleset, some_context};

type Outcome = (Decision, Vec<Assignment>);

fn plain(program: &Program, flag: u32, subject: &mut Subject, now: i64) -> Outcome {
    let decision = evaluate(program, flag, subject, now, &mut NoTrace);
    (decision, subject.exposures().to_vec())
}

fn without_time((decision, exposures): Outcome) -> Outcome {
    (Decision { valid_until: 0, ..decision }, exposures)
}

#[test]
fn explain_agrees_with_evaluate_and_time_changes_nothing_before_it_is_told() {
    let mut random = Random(7);
    let mut decisions = 0;
    for _ in 0..1_000 {
        let written = ruleset(&mut random);
        let program = program(&written);
        for _ in 0..20 {
            let context = some_context(&mut random);
            let mut subject = context::subject(&program, &context);
            let now = milli(random.below(DAYS)) + random.below(86_400_000) as i64;
            for flag in 0..5 {
                decisions += 1;
                let told = |what: &str| {
                    format!("{what}: f{flag} for {} at {now} in\n{written:#}", Json::from(context.clone()))
                };
                let ours = plain(&program, flag, &mut subject, now);
                // A fresh subject, and one that has decided other flags before, agree.
                let mut fresh = context::subject(&program, &context);
                assert_eq!(plain(&program, flag, &mut fresh, now), ours, "{}", told("fresh"));
                let explained = explain(&program, flag, &mut subject, &context, now);
                assert_eq!((explained.decision, subject.exposures().to_vec()), ours, "{}", told("explain"));
                // Up to the moment that was told, time alone changes nothing.
                let until = ours.0.valid_until.min(now + 60 * 86_400_000);
                assert!(until > now, "{}", told("until"));
                for moment in [now + (until - now) / 3, now + (until - now) * 2 / 3, until - 1] {
                    let later = without_time(plain(&program, flag, &mut subject, moment));
                    assert_eq!(later, without_time(ours.clone()), "{} (at {moment})", told("late"));
                }
            }
        }
    }
    assert!(decisions >= 100_000);
}

#[test]
fn a_subject_whose_attributes_change_decides_as_a_fresh_one() {
    let mut random = Random(17);
    for _ in 0..300 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let (mut kept, mut context) = (Subject::new(&program), Map::new());
        for _ in 0..30 {
            let other = some_context(&mut random);
            // One attribute changes, or none, or all.
            let some = random.below(9);
            for slot in 0..program.count(waft::table::Section::Attributes) {
                if some != 8 && some != slot {
                    continue;
                }
                let name = program.str(program.attribute(slot).unwrap().0);
                match other.get(name) {
                    None => {
                        context.remove(name);
                        kept.set(&program, slot, Value::Missing);
                    }
                    Some(value) => {
                        context.insert(name.to_owned(), value.clone());
                        context::fill(&program, &mut kept, &Map::from_iter([(name.to_owned(), value.clone())]));
                    }
                }
            }
            let now = milli(random.below(DAYS));
            for flag in 0..5 {
                let fresh = plain(&program, flag, &mut context::subject(&program, &context), now);
                let ours = plain(&program, flag, &mut kept, now);
                assert_eq!(ours, fresh, "f{flag} for {} at {now} in\n{written:#}", Json::from(context.clone()));
            }
        }
    }
}

#[test]
fn a_population_is_its_people_one_by_one() {
    let mut random = Random(13);
    for _ in 0..300 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let people: Vec<Map<String, Json>> = (0..50).map(|_| some_context(&mut random)).collect();
        let mut population = Population::new(&program);
        // In parts of unequal size, one of them empty.
        for part in [&people[..1], &people[1..1], &people[1..20], &people[20..]] {
            population
                .add(&program, &Json::from(part.iter().cloned().map(Json::from).collect::<Vec<_>>()).to_string())
                .unwrap();
        }
        assert_eq!(population.count(), people.len());
        let now = milli(random.below(DAYS));
        for flag in 0..5 {
            let mut expected = vec![0; usize::from(program.flag(flag).unwrap().variant_count) + 1];
            for person in &people {
                let decision = plain(&program, flag, &mut context::subject(&program, person), now).0;
                expected[usize::from(decision.variant.unwrap())] += 1;
            }
            assert_eq!(population.decide(&program, flag, now), expected, "f{flag} at {now} in\n{written:#}");
        }
        assert_eq!(population.decide(&program, 5, now), [people.len() as u32], "a flag that is not there");
        assert!(population.add(&program, "[{}, 7]").unwrap_err().starts_with("contexts: expected an array of objects"));
        assert_eq!(population.count(), people.len(), "nobody of a part that cannot be read");
    }
}

#[test]
fn the_same_ruleset_gives_the_same_bytes() {
    let mut random = Random(11);
    for _ in 0..50 {
        let written = ruleset(&mut random);
        let body = || program(&written).snapshot().body().whole().unwrap().to_vec();
        assert_eq!(body(), body());
    }
}

/// One experiment, one ramp of each kind.
fn shares(coverage: &str, reached: &str) -> Program {
    let steps = json!([{ "to": reached, "at": "2026-01-01" }]);
    program(&json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "id": "string" },
        "units": { "visitor": { "attribute": "id" } }, "metrics": { "m": { "conversion": "c", "better": "down" } },
        "experiments": { "e": { "unit": "visitor", "phases": [{ "id": 1, "from": "2026-01-01", "coverage": coverage, "split": { "a": "30%", "b": "70%" } }] } },
        "flags": {
            "e": { "type": "string", "variants": { "a": "a", "b": "b", "out": "out" }, "whenOff": "out", "default": "out", "rules": [{ "id": "e", "experiment": "e" }] },
            "guarded": { "type": "boolean", "whenOff": "off", "default": "off", "rules": [{ "id": "r", "ramp": "on", "unit": "visitor", "guard": { "m": { "worse": "1%" } }, "steps": steps }] },
            "plain": { "type": "boolean", "whenOff": "off", "default": "off", "rules": [{ "id": "r", "ramp": "on", "unit": "visitor", "steps": steps }] },
        },
    }))
}

#[test]
fn raising_a_share_moves_nobody_and_drops_nobody() {
    const UNITS: usize = 4_000;
    let levels = ["0%", "1%", "10%", "25%", "49.9999%", "50%", "50.0001%", "75%", "99%", "100%"];
    let now = milli(20);
    let decide = |program: &Program, flag: u32, unit: usize| {
        let context = Map::from_iter([("id".to_owned(), Json::from(format!("unit-{unit}")))]);
        plain(program, flag, &mut context::subject(program, &context), now).0.variant.unwrap()
    };
    let programs: Vec<Program> = levels.iter().map(|level| shares(level, level)).collect();
    for unit in 0..UNITS {
        let variants: Vec<u8> = programs.iter().map(|program| decide(program, 0, unit)).collect();
        let first = variants.iter().position(|variant| *variant != 2);
        // 2 is `out`: once in, always in, and always the same.
        if let Some(first) = first {
            assert!(variants[first..].iter().all(|variant| *variant == variants[first]), "{unit}: {variants:?}");
        }
        for flag in [1, 2] {
            let on: Vec<u8> = programs.iter().map(|program| decide(program, flag, unit)).collect();
            assert!(on.is_sorted(), "{unit}: {on:?}");
            assert_eq!((on[0], on[levels.len() - 1]), (0, 1));
        }
    }
    for (level, program) in levels.iter().zip(&programs) {
        let share = level.trim_end_matches('%').parse::<f64>().unwrap() / 100.0;
        for flag in [1, 2] {
            let on = (0..UNITS).filter(|unit| decide(program, flag, *unit) == 1).count() as f64;
            let sigma = (UNITS as f64 * share * (1.0 - share)).sqrt();
            assert!((on - share * UNITS as f64).abs() <= 4.0 * sigma + 1.0, "flag {flag} at {level}: {on}");
        }
    }
}

#[test]
fn a_newer_compilers_records_operators_and_sections_are_passed_over() {
    let text = json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "s": "string", "n": "number" },
        "flags": {
            "new": { "type": "boolean", "whenOff": "off", "default": "off", "rules": [
                { "id": "a", "if": { "s": { "in": ["a", "b"] } }, "serve": "on" }, { "id": "b", "if": { "n": { "is": 5 } }, "serve": "on" }] },
            "old": { "type": "boolean", "whenOff": "off", "default": "off", "rules": [{ "id": "a", "if": { "n": { "gt": 1 } }, "serve": "on" }] },
        },
    });
    let body = program(&text).snapshot().body().whole().unwrap().to_vec();
    let doctored =
        widen(&body, |word| if word as u8 == waft::operators::Operator::In as u8 { word & !0xff | 250 } else { word });
    let newer = snapshot::unverified_body("random", "test", &doctored).unwrap();
    let on = |program: &Program, key: &str, context: Json| {
        let mut subject = context::subject(program, context.as_object().unwrap());
        plain(program, program.find(key.as_bytes()).unwrap(), &mut subject, 0).0.variant.unwrap() == 1
    };
    // Only the condition with the operator that nobody knows is unknown.
    assert!(!on(&newer, "new", json!({ "s": "a", "n": 1 })));
    assert!(on(&newer, "new", json!({ "s": "a", "n": 5 })));
    assert!(on(&newer, "old", json!({ "s": "a", "n": 5 })));
    let same = snapshot::unverified_body("random", "test", &widen(&body, |word| word)).unwrap();
    assert!(on(&same, "new", json!({ "s": "a" })));
}

/// The same table with longer records, sections nobody knows, and each word of code changed as asked.
fn widen(body: &[u8], change: impl Fn(u32) -> u32) -> Vec<u8> {
    use waft::table::{Section, u16_at, u32_at};
    let entries = usize::from(u16_at(body, 0));
    let mut sections = Vec::new();
    for entry in 0..entries {
        let at = 4 + entry * 12;
        let (number, size) = (u16_at(body, at), usize::from(u16_at(body, at + 2)));
        let (offset, count) = (u32_at(body, at + 4) as usize, u32_at(body, at + 8) as usize);
        let records = &body[offset..offset + size * count];
        let plain = [Section::Text, Section::Code, Section::Patterns].iter().any(|section| *section as u16 == number);
        let longer: Vec<u8> = match number == Section::Code as u16 {
            true => records.chunks(4).flat_map(|word| change(u32_at(word, 0)).to_le_bytes()).collect(),
            false if plain => records.to_vec(),
            false => records.chunks(size).flat_map(|record| [record, &[0xaa; 4]].concat()).collect(),
        };
        sections.push((number, if plain { size } else { size + 4 }, count, longer));
    }
    sections.push((900, 3, 2, vec![0xbb; 6]));
    let mut out = (sections.len() as u16).to_le_bytes().to_vec();
    out.extend([0; 2]);
    let mut offset = 4 + sections.len() * 12;
    for (number, size, count, bytes) in &sections {
        out.extend(number.to_le_bytes());
        out.extend((*size as u16).to_le_bytes());
        out.extend((offset as u32).to_le_bytes());
        out.extend((*count as u32).to_le_bytes());
        offset += bytes.len();
    }
    sections.iter().for_each(|(_, _, _, bytes)| out.extend(bytes));
    out
}
