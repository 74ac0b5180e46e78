//! Flags of which only a draw is left, decided at once: as each is by itself, whatever changes in between.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use waft::draws::{UNDRAWN, draw_all};
use waft::program::FlagIndex;
use waft::trust::{Key, Requirement};
use waft::{Decision, Preview, Program, Reason, Session, Trust, Value, verify};
use waft_compile::keys;
use waft_compile::snapshot::{self, Claims};
use waft_explain::context;

use crate::random::{DAYS, Random, day, milli, remembered};
use crate::{Outcome, plain, program};

const FLAGS: usize = 12;
/// More than what is asked of a draw: see [`draw_all`].
const BESIDE: u32 = 1 << 31;

/// Most flags are in an experiment that is open, behind rules about somebody else; some in what ends no decision, or asks for more.
fn ruleset(random: &mut Random) -> Json {
    let (mut experiments, mut flags) = (Map::new(), Map::new());
    for index in 0..FLAGS {
        let key = format!("f{index}");
        let splits = [
            json!({ "on": "50%", "off": "50%" }),
            json!({ "on": "20%", "off": "30%", "more": "50%" }),
            json!({ "more": "100%" }),
        ];
        let mut phase =
            json!({ "id": 1, "from": day(random.below(6)), "coverage": "100%", "split": random.pick(&splits) });
        if random.once_in(8) {
            phase["to"] = day(DAYS).into();
        }
        if random.once_in(10) {
            phase["coverage"] = "50%".into();
        }
        let mut phases = vec![phase];
        if random.once_in(8) {
            phases[0]["to"] = day(DAYS / 2).into();
            phases.push(json!({ "id": 2, "from": day(DAYS / 2 + random.below(3)), "split": random.pick(&splits) }));
        }
        let unit = *random.pick(&["visitor", "visitor", "account"]);
        let mut experiment = json!({ "unit": unit, "phases": phases, "sticky": random.once_in(8) });
        if unit == "visitor" && index == 7 {
            experiment["layer"] = json!({ "l": ["0%-70%"] });
        }
        experiments.insert(key.clone(), experiment);
        let mut rules: Vec<Json> = (0..random.below(4)).map(|number| rule(random, index, number)).collect();
        let mut enters = json!({ "id": "e", "experiment": key });
        if random.once_in(8) {
            enters["if"] = json!({ "s": { "isNot": "c" } });
        }
        if random.once_in(6) {
            enters["from"] = day(random.below(6)).into();
        }
        rules.push(enters);
        let mut flag = json!({
            "type": "string", "variants": { "on": "1", "off": "0", "more": "2" }, "whenOff": "off", "default": "off", "rules": rules,
        });
        if index > 0 && random.once_in(6) {
            flag["requires"] = json!({ format!("f{}", random.below(index)): "on" });
        }
        if random.once_in(8) {
            flag["holdout"] = "h".into();
        }
        if random.once_in(12) {
            flag["enabled"] = false.into();
        }
        if random.once_in(4) {
            flag["targets"] = json!({ "more": { "visitor": ["u1", "u2"] } });
        }
        flags.insert(key, flag);
    }
    json!({
        "project": "random", "environments": { "test": {} },
        "attributes": { "id": "string", "account": "number", "s": "string", "n": "number", "v": "semver" },
        "units": { "visitor": { "attribute": "id" }, "account": { "attribute": "account" } },
        "layers": { "l": { "unit": "visitor" } }, "lists": { "some": { "attribute": "id", "ids": ["u4", "u5"] } },
        "holdouts": { "h": { "unit": "account", "share": "30%", "from": day(5), "to": day(25) } },
        "experiments": experiments, "flags": flags,
    })
}

fn rule(random: &mut Random, flag: usize, number: usize) -> Json {
    let id = format!("r{number}");
    if random.once_in(12) {
        let steps = json!([{ "to": "30%", "at": day(random.below(DAYS / 2)) }, { "to": "70%", "after": "4d" }]);
        return json!({ "id": id, "ramp": "more", "unit": "visitor", "steps": steps, "if": { "n": { "gt": 2 } } });
    }
    let condition = match random.below(10) {
        0 => json!({ "v": { "gte": "2.0.0" } }),
        1 => json!({ "n": { "between": [1, 2] } }),
        2 => json!({ "id": { "is": "u3" } }),
        3 => json!({ "share": { "of": "visitor", "part": "0%-20%", "salt": "s", "correlate": true } }),
        4 => json!({ "list": "some" }),
        5 if flag > 0 => json!({ "flag": { format!("f{}", random.below(flag)): "on" } }),
        6 => json!({ "any": [{ "s": { "is": "a" } }, { "n": { "gt": 4 } }] }),
        _ => json!({ "s": { "in": ["a", "b"] } }),
    };
    json!({ "id": id, "if": condition, "serve": *random.pick(&["on", "off"]) })
}

#[test]
fn draws_are_what_is_decided_flag_by_flag() {
    let (mut random, mut drawn_before, mut seen) = (Random(41), 0, BTreeSet::new());
    for _ in 0..200 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let slot_of = |name| program.slots().find(|slot| program.str(program.attribute(*slot).unwrap().name) == name);
        let (mut kept, mut context, mut now) = (Session::new(&program), Map::new(), milli(DAYS / 2));
        let mut lines = Vec::new();
        for _ in 0..40 {
            // Somebody else, most often; or something else about them.
            let (name, value) = match random.below(12) {
                0 => ("s", json!(*random.pick(&["a", "b", "c"]))),
                1 => ("n", json!(random.below(6))),
                2 => ("v", json!(*random.pick(&["1.0.0", "2.1.0"]))),
                3 | 4 => ("account", json!(random.below(50))),
                5 => ("id", Json::Null),
                _ => ("id", json!(format!("u{}", random.below(50)))),
            };
            context.remove(name);
            if let Some(slot) = slot_of(name).filter(|_| value.is_null()) {
                kept.set(&program, slot, Value::Missing);
            } else if !value.is_null() {
                context.insert(name.to_owned(), value.clone());
                context::fill(&program, &mut kept, &Map::from_iter([(name.to_owned(), value)]));
            }
            if random.once_in(10) {
                // At what begins or ends, and right before it; and where the format's seconds end.
                now = milli(random.below(DAYS + 2)) - random.below(2) as i64;
                if random.once_in(8) {
                    now = *random.pick(&[i64::MIN, -1, 1_000 * i64::from(u32::MAX), i64::MAX - 1]);
                }
            }
            if random.once_in(10) {
                lines = remembered(&mut random, &program, &kept);
                kept.set_sticky(lines.clone());
            }
            let mut drawn = Vec::new();
            draw_all(&program, &kept, now, BESIDE, &mut drawn);
            let mut drawn = drawn.as_chunks().0.iter();
            for flag in (0..FLAGS as u32).map(FlagIndex) {
                let tell = || format!("f{} for {} at {now} in\n{written:#}", flag.0, Json::from(context.clone()));
                let mut fresh = context::session(&program, &context);
                fresh.set_sticky(lines.clone());
                let ours = plain(&program, flag, &mut fresh, now);
                let drawn = drawn.next().map_or(UNDRAWN, |own| u32::from_le_bytes(*own));
                if drawn != UNDRAWN {
                    drawn_before += 1;
                    seen.insert(drawn);
                    assert_eq!(drawn, as_drawn(&ours) | BESIDE, "drawn: {}", tell());
                }
                // Not all of them are asked for each time.
                if !random.once_in(5) {
                    assert_eq!(plain(&program, flag, &mut kept, now), ours, "{}", tell());
                }
            }
        }
    }
    assert!(drawn_before > 9_000, "{drawn_before} of {} were drawn", 200 * 40 * FLAGS);
    // Each variant, by rules of each number.
    assert_eq!(seen.len(), 3 * 4, "{seen:x?}");
}

#[test]
fn nothing_is_drawn_where_a_kill_list_names_a_flag_or_anything_is_previewed() {
    let program = program(&ruleset(&mut Random(43)));
    let somebody = json!({ "id": "u9", "account": 9, "s": "c", "n": 3, "v": "1.0.0" });
    let mut session = context::session(&program, somebody.as_object().unwrap());
    let now = milli(DAYS / 2);
    let mut decided = |change: &mut dyn FnMut(&mut Session)| {
        change(&mut session);
        for flag in program.flags() {
            plain(&program, flag, &mut session, now);
        }
        let mut out = Vec::new();
        draw_all(&program, &session, now, BESIDE, &mut out);
        out.as_chunks().0.iter().filter(|own| u32::from_le_bytes(**own) != UNDRAWN).count()
    };
    let mut killed = |lines: &[u8]| decided(&mut |session| session.set_killed(&program, lines));
    let all = killed(b"");
    assert!(all > 0);
    assert_eq!(killed(b"f1"), 0);
    // That of no flag of these kills nothing.
    assert_eq!(killed(b"gone"), all);
    assert_eq!(decided(&mut |session| session.set_preview(preview(&program, now))), 0);
}

/// One that shows a variant of the first flag.
fn preview(program: &Program, now: i64) -> Preview {
    let (project, environment, issued) = ("random".to_owned(), "test".to_owned(), now as u64 / 1_000);
    let claims = Claims { project, environment, version: 1, issued, not_before: None, expires: issued + 60 };
    let pair = keys::from_seed([7; 32]);
    let shown = [("f0".to_owned(), "more".to_owned())].into();
    let token = snapshot::sign(&snapshot::preview(&claims, &shown), &pair, "preview").unwrap();
    let require = [("publisher", 8), ("preview", 7)].map(|(role, seed)| {
        let public = keys::from_seed([seed; 32]).pk;
        let keys = vec![Key { kid: keys::kid(&public), public: *public }];
        Requirement { role: role.into(), at_least: 1, keys }
    });
    let trust = Trust::new(claims.project, claims.environment, 0, 0, require.to_vec()).unwrap();
    verify(token, &trust, now, None).and_then(|verified| Preview::new(verified, program)).unwrap()
}

/// A decision as [`draw_all`] tells it, where it may.
fn as_drawn((decision, exposures): &Outcome) -> u32 {
    let Decision { variant, reason, rule, prelude, valid_until, missing } = *decision;
    assert_eq!((reason, valid_until, missing, exposures.len()), (Reason::Split, i64::MAX, 0, 1));
    let rule = rule.and_then(|rule| rule.checked_sub(prelude)).unwrap_or(u8::MAX);
    u32::from(variant.unwrap()) | u32::from(rule) << 8
}
