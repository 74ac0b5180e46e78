//! One decision: with and without a trace, by a fresh session and a used one, one by one and in a population; and until when.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Map, Value as Json, json};
use waft::operators::Operator;
use waft::program::{CodeSpan, FlagIndex};
use waft::{Decision, Session, Value};
use waft_explain::context;
use waft_explain::explanation::explain;
use waft_explain::population::Population;

use crate::random::{DAY, DAYS, FLAGS, Random, milli, remembered, ruleset, some_context};
use crate::{Outcome, code_of, plain, program};

const RULESETS: u64 = 5_000;
const CONTEXTS: u64 = 20;

fn without_time((decision, exposures): Outcome) -> Outcome {
    (Decision { valid_until: 0, ..decision }, exposures)
}

/// Decisions, those that time would change at a moment that they tell, and those that it did change.
#[derive(Default)]
struct Told {
    decisions: u64,
    bounded: u64,
    changed: u64,
    /// By a variant that was remembered, or that was and is gone.
    remembered: u64,
}

#[test]
fn explain_agrees_with_evaluate_and_time_changes_nothing_before_it_is_told() {
    let told: Vec<Told> = thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || {
                let mut told = Told::default();
                (half..RULESETS).step_by(2).for_each(|seed| agree(seed, &mut told));
                told
            })
        });
        halves.into_iter().map(|half| half.join().unwrap()).collect()
    });
    let sum = |of: fn(&Told) -> u64| told.iter().map(of).sum::<u64>();
    let (decisions, bounded, changed) =
        (sum(|told| told.decisions), sum(|told| told.bounded), sum(|told| told.changed));
    assert_eq!(decisions, RULESETS * CONTEXTS * FLAGS as u64);
    assert!(sum(|told| told.remembered) > decisions / 100, "hardly anything was remembered");
    // A moment that is told is not trivially early: often, there it is that the decision changes.
    assert!(bounded > decisions / 4 && changed > bounded / 10, "{changed} of {bounded} changed of {decisions}");
}

/// What holds for a random ruleset and each of some contexts.
fn agree(seed: u64, told: &mut Told) {
    let mut random = Random(seed << 32);
    let written = ruleset(&mut random);
    let program = program(&written);
    for _ in 0..CONTEXTS {
        let context = some_context(&mut random);
        let mut session = context::session(&program, &context);
        let kept = remembered(&mut random, &program, &session);
        session.set_sticky(kept.clone());
        let now = milli(random.below(DAYS)) + random.below(DAY as usize) as i64;
        for flag in (0..FLAGS as u32).map(FlagIndex) {
            told.decisions += 1;
            let tell = |what: &str| {
                let kept = String::from_utf8_lossy(&kept);
                let context = Json::from(context.clone());
                format!("{what}: f{} for {context} at {now} with {kept} in\n{written:#}", flag.0)
            };
            let ours = plain(&program, flag, &mut session, now);
            // A fresh session, and one that has decided other flags before, agree.
            let mut fresh = context::session(&program, &context);
            told.remembered += u64::from(!kept.is_empty() && plain(&program, flag, &mut fresh, now) != ours);
            fresh.set_sticky(kept.clone());
            assert_eq!(plain(&program, flag, &mut fresh, now), ours, "{}", tell("fresh"));
            let explained = explain(&program, flag, &mut session, &context, now);
            assert_eq!((explained.decision, session.exposures().to_vec()), ours, "{}", tell("explain"));
            // Up to the moment that was told, time alone changes nothing.
            let until = ours.0.valid_until.min(now + 60 * DAY);
            assert!(until > now, "{}", tell("until"));
            // Everything begins and ends with a day, or a millisecond behind.
            let midnight = now - now % DAY + DAY * (1 + random.below(9) as i64);
            let moments = [now + (until - now) / 3, midnight, midnight + 1, until - 1];
            for moment in moments.into_iter().filter(|moment| *moment < until) {
                let later = without_time(plain(&program, flag, &mut session, moment));
                assert_eq!(later, without_time(ours.clone()), "{} (at {moment})", tell("late"));
            }
            if until == ours.0.valid_until {
                told.bounded += 1;
                let then = without_time(plain(&program, flag, &mut session, until));
                told.changed += u64::from(then != without_time(ours));
            }
        }
    }
}

#[test]
fn the_random_rulesets_ask_with_every_operator_and_act_in_every_way() {
    let mut random = Random(37);
    // One takes 65,536 constants; all other ways are among these.
    let (mut operators, mut actions) = (vec![Operator::InWide], BTreeSet::new());
    for _ in 0..200 {
        let program = program(&ruleset(&mut random));
        let (rules, operations) = code_of(&program);
        operators.extend(operations.into_iter().filter_map(|(_, operator)| operator));
        actions.extend(
            rules
                .into_iter()
                .map(|at| u32::from_le_bytes(program.code(CodeSpan { first: at, count: 1 }).unwrap()[0]) >> 16 & 0x1f),
        );
    }
    let absent: Vec<_> = Operator::ALL.iter().filter(|operator| !operators.contains(operator)).collect();
    assert!(absent.is_empty(), "{absent:?}");
    assert_eq!(actions.into_iter().collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 17, 18, 19, 25, 26, 27]);
}

#[test]
fn a_session_whose_attributes_change_decides_as_a_fresh_one_and_as_one_without_memo() {
    let mut random = Random(17);
    for _ in 0..300 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let (mut kept, mut bare, mut context) = (Session::new(&program), Session::new(&program), Map::new());
        bare.set_memo(false);
        let (mut now, mut lines) = (milli(0), Vec::new());
        for _ in 0..30 {
            let other = some_context(&mut random);
            // One attribute changes, or none, or all.
            let some = random.below(10);
            for slot in program.slots() {
                if some != 8 && some != usize::from(slot.0) {
                    continue;
                }
                let name = program.str(program.attribute(slot).unwrap().name);
                match other.get(name) {
                    None => {
                        context.remove(name);
                        [&mut kept, &mut bare]
                            .into_iter()
                            .for_each(|session| session.set(&program, slot, Value::Missing));
                    }
                    Some(value) => {
                        context.insert(name.to_owned(), value.clone());
                        let one = Map::from_iter([(name.to_owned(), value.clone())]);
                        [&mut kept, &mut bare].into_iter().for_each(|session| context::fill(&program, session, &one));
                    }
                }
            }
            // So does what is remembered, and the moment.
            if random.once_in(2) {
                lines = remembered(&mut random, &program, &kept);
                [&mut kept, &mut bare].into_iter().for_each(|session| session.set_sticky(lines.clone()));
            }
            if random.once_in(2) {
                now = milli(random.below(DAYS));
            }
            for flag in (0..FLAGS as u32).map(FlagIndex) {
                let mut fresh = context::session(&program, &context);
                fresh.set_sticky(lines.clone());
                let fresh = plain(&program, flag, &mut fresh, now);
                let ours = plain(&program, flag, &mut kept, now);
                let tell = || format!("f{} for {} at {now} in\n{written:#}", flag.0, Json::from(context.clone()));
                assert_eq!(ours, fresh, "{}", tell());
                assert_eq!(plain(&program, flag, &mut bare, now), ours, "without memo: {}", tell());
                // Each explanation takes a while.
                if random.once_in(8) {
                    let told = [&mut kept, &mut bare].map(|session| {
                        let told = explain(&program, flag, session, &context, now);
                        ((told.decision, session.exposures().to_vec()), told.rules)
                    });
                    assert_eq!(told[0], told[1], "without memo, explained: {}", tell());
                    assert_eq!(told[0].0, ours, "explained: {}", tell());
                }
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
        for flag in (0..FLAGS as u32).map(FlagIndex) {
            let mut expected = vec![0; usize::from(program.flag(flag).unwrap().variant_count) + 1];
            for person in &people {
                let decision = plain(&program, flag, &mut context::session(&program, person), now).0;
                expected[usize::from(decision.variant.unwrap())] += 1;
            }
            assert_eq!(population.decide(&program, flag, now), expected, "f{} at {now} in\n{written:#}", flag.0);
        }
        assert_eq!(
            population.decide(&program, FlagIndex(FLAGS as u32), now),
            [people.len() as u32],
            "a flag that is not there"
        );
        assert!(population.add(&program, "[{}, 7]").unwrap_err().starts_with("contexts: expected an array of objects"));
        assert_eq!(population.count(), people.len(), "nobody of a part that cannot be read");
    }
}

#[test]
fn a_population_is_counted_where_a_sticky_experiment_is_not_entered_without_an_id() {
    let phases = json!([{ "id": 1, "from": "2026-01-01", "split": { "on": "50%", "off": "50%" } }]);
    let program = program(&json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "id": "string", "s": "string" },
        "units": { "visitor": { "attribute": "id" } },
        "experiments": { "e": { "unit": "visitor", "sticky": true, "phases": phases } },
        "flags": { "f": {
            "type": "boolean", "whenOff": "off", "default": "on",
            "rules": [{ "id": "r", "if": { "s": { "is": "a" } }, "experiment": "e" }],
        } },
    }));
    let mut population = Population::new(&program);
    population.add(&program, r#"[{ "s": "b" }, { "s": "b", "id": "u1" }, { "id": "u2" }]"#).unwrap();
    assert_eq!(population.decide(&program, FlagIndex(0), milli(5)), [0, 3, 0]);
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
