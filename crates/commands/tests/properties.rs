//! What `waft lint --against` says of random rulesets, of which one is live.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../../explain/tests/properties/random.rs"]
#[allow(dead_code, reason = "not all of what the properties of decisions need")]
mod random;

use random::{DAYS, Random, condition, day, milli, ruleset, some_context};
use serde_json::{Map, Value as Json, json};
use waft::program::FlagIndex;
use waft::{NoTrace, Program, evaluate};
use waft_commands::against;
use waft_compile::{compile, snapshot};
use waft_explain::context;
use waft_ruleset::source::SourceFile;
use waft_ruleset::{Ruleset, World, check};

fn checked(ruleset: &Json) -> Ruleset {
    let file = SourceFile { name: "random.json".to_owned(), bytes: ruleset.to_string().into_bytes() };
    let checked = check(&[file], &World::still());
    checked.unwrap_or_else(|findings| panic!("{findings:#?}\n{ruleset:#}")).0
}

fn program(ruleset: &Json) -> Program {
    snapshot::unverified_body("random", "test", &compile(&checked(ruleset), 0).unwrap().body).unwrap()
}

/// What `lint --against` finds at a moment, and what of it is no warning about something that came or went.
fn changes(live: &Json, next: &Json, now: i64) -> Vec<String> {
    let found = against::compare(&checked(next), "test", &program(live), now, vec![String::new()]).unwrap();
    let errors = found.iter().filter(|finding| !["STARTS_IN_PAST", "RUNNING_REMOVED"].contains(&finding.code.name()));
    errors.map(|finding| finding.to_string()).collect()
}

/// Two rulesets in one: names of the second are others, and come before those of the first.
fn beside(one: &Json, other: &Json) -> Json {
    let mut both = one.clone();
    for (section, named) in renamed(other, false).as_object().unwrap() {
        if let Json::Object(named) = named {
            both[section.as_str()].as_object_mut().unwrap().extend(named.clone());
        }
    }
    both["attributes"]["a"] = "string".into();
    both
}

/// A part of a ruleset with its flags, experiments, segments, lists, layers, holdouts and salts by other names.
fn renamed(part: &Json, is_layers: bool) -> Json {
    let other = |name: &str| format!("a{name}");
    let is_name = |text: &str| {
        ["one", "two", "three", "some", "numbers", "h"].contains(&text)
            || text.starts_with("own/")
            || text.starts_with(['f', 'e']) && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
    };
    match part {
        Json::String(text) if is_name(text) => other(text).into(),
        Json::Array(items) => items.iter().map(|item| renamed(item, false)).collect(),
        Json::Object(entries) => {
            let rename = |(key, value): (&String, &Json)| {
                let value = renamed(value, key == "layer" || key == "layers");
                (if is_layers || is_name(key) { other(key) } else { key.clone() }, value)
            };
            entries.iter().map(rename).collect::<Map<_, _>>().into()
        }
        _ => part.clone(),
    }
}

#[test]
fn what_comes_or_goes_beside_what_runs_is_nobodys_change() {
    let mut random = Random(16);
    for _ in 0..100 {
        let (one, other) = (ruleset(&mut random), ruleset(&mut random));
        let (both, now) = (beside(&one, &other), milli(random.below(DAYS)));
        assert_eq!(both["flags"].as_object().unwrap().len(), 10);
        for (live, next) in [(&one, &one), (&one, &both), (&both, &one)] {
            assert_eq!(changes(live, next, now), Vec::<String>::new(), "{live:#}\n{next:#}");
        }
    }
}

#[test]
fn an_audience_that_does_not_change_is_the_same_people() {
    let mut random = Random(17);
    let (mut same, mut changed) = (0, 0);
    for _ in 0..1_000 {
        let mut live = ruleset(&mut random);
        let (flag, now) = (random.below(5), milli(10));
        let depth = random.below(3);
        let asked = condition(&mut random, depth, flag);
        live["experiments"]["x"] =
            json!({ "unit": "visitor", "phases": [{ "id": 1, "from": day(1), "split": { "on": "100%" } }] });
        // What other flags decide is theirs, and asks for segments too.
        live["flags"].as_object_mut().unwrap().values_mut().for_each(|flag| flag["rules"] = json!([]));
        live["flags"][format!("f{flag}")]["rules"] = json!([{ "id": "x", "if": asked, "experiment": "x" }]);
        // Another condition of the rule, or another segment, which the rule may ask for.
        let mut next = live.clone();
        match random.below(3) {
            0 => next["segments"]["one"] = condition(&mut random, 0, 0),
            1 => next["flags"][format!("f{flag}")]["rules"][0]["if"] = condition(&mut random, depth, flag),
            _ => next["flags"][format!("f{flag}")]["rules"][0]["if"] = json!({ "any": [asked, asked] }),
        }
        if changes(&live, &next, now).iter().any(|change| change.contains("the audience of the experiment `x`")) {
            changed += 1;
            continue;
        }
        same += 1;
        let programs = [program(&live), program(&next)];
        for _ in 0..20 {
            let context = some_context(&mut random);
            let [one, other] = programs.each_ref().map(|program| {
                evaluate(program, FlagIndex(flag as u32), &mut context::session(program, &context), now, &mut NoTrace)
                    .variant
            });
            assert_eq!(one, other, "f{flag} for {} in\n{live:#}\n{next:#}", Json::from(context));
        }
    }
    assert!(same > 250 && changed > 250, "{same} {changed}");
}
