//! What layers, phases, holdouts and shares promise, whatever their numbers, salts and ranges are.

use serde_json::{Map, Value as Json, json};
use waft::buckets::{Bound, Key, Purpose};
use waft::program::{FlagIndex, Slot};
use waft::{Arm, Assignment, Program, Reason, Session, Value};
use waft_explain::context;

use crate::random::{DAYS, FLAGS, Random, day, milli, ruleset, some_context};
use crate::{plain, program};

/// All of a line, in millionths.
const WHOLE: usize = 1_000_000;

/// A share in millionths, as a ruleset writes it.
fn percent(millionths: usize) -> String {
    format!("{}.{:04}%", millionths / 10_000, millionths % 10_000)
}

/// The ends of so many parts of a line, or fewer: the last one is all of it.
fn parts(random: &mut Random, count: usize) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..count).map(|_| 1 + random.below(WHOLE - 1)).collect();
    ends.push(WHOLE);
    ends.sort_unstable();
    ends.dedup();
    ends
}

/// Parts of a line as pairs of start and end.
fn pairs(ends: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    [0].into_iter().chain(ends.iter().copied()).zip(ends.iter().copied())
}

/// Shares of some of the variants `a`, `b` and `c`.
fn split(random: &mut Random) -> Json {
    let ends = parts(random, 3);
    pairs(&ends)
        .zip(["a", "b", "c"])
        .map(|((start, end), name)| (name.to_owned(), Json::from(percent(end - start))))
        .collect()
}

/// A salt that is written, for every other thing of a name.
fn salted(random: &mut Random, mut thing: Json, name: &str) -> Json {
    if random.once_in(2) {
        thing["salt"] = format!("{name} {}", random.next()).into();
    }
    thing
}

/// A flag that an experiment of its name decides, or else is `out`.
fn drawn(name: &str) -> Json {
    json!({
        "type": "string", "variants": { "a": "a", "b": "b", "c": "c", "out": "out" }, "whenOff": "out", "default": "out",
        "rules": [{ "id": "draw", "experiment": name }],
    })
}

/// What visitors see.
fn visitors(parts: Json) -> Program {
    let mut whole = json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "id": "string" },
        "units": { "visitor": { "attribute": "id" } }, "metrics": { "m": { "conversion": "c", "better": "down" } },
    });
    whole.as_object_mut().unwrap().extend(parts.as_object().unwrap().clone());
    program(&whole)
}

fn visitor(program: &Program, number: usize) -> Session {
    let mut session = Session::new(program);
    session.set(program, Slot(0), Value::String(format!("visitor-{number}").as_bytes()));
    session
}

/// A flag's variant and what is exposed.
fn decide<'p>(program: &'p Program, flag: &str, session: &mut Session, now: i64) -> (&'p str, Vec<Assignment>) {
    let index = program.find(flag.as_bytes()).unwrap();
    let (decision, exposures) = plain(program, index, session, now);
    let key = program.variant(&program.flag(index).unwrap(), decision.variant.unwrap()).unwrap().key;
    (program.str(key), exposures)
}

#[test]
fn nobody_is_in_two_experiments_of_a_layer_and_everybody_is_in_one_if_all_of_it_is_given_out() {
    const VISITORS: usize = 300;
    let mut random = Random(19);
    let mut left_out = 0;
    for round in 0..80 {
        // Parts of the line, each dealt to an experiment; in every other round also to nobody, and coverage takes in less.
        let (whole, count) = (round % 2 == 0, 2 + random.below(4));
        let mut ranges = vec![Vec::new(); count + 1];
        for (start, end) in pairs(&parts(&mut random, 9)) {
            let owner = random.below(if whole { count } else { count + 1 });
            ranges[owner].push(Json::from(format!("{}-{}", percent(start), percent(end))));
        }
        let (mut experiments, mut flags) = (Map::new(), Map::new());
        for (number, ranges) in ranges.into_iter().enumerate().take(count).filter(|(_, ranges)| !ranges.is_empty()) {
            let name = format!("e{number}");
            let coverage = percent(if whole { WHOLE } else { random.below(WHOLE) });
            let phases =
                json!([{ "id": 1 + number, "from": day(0), "coverage": coverage, "split": split(&mut random) }]);
            let experiment = json!({ "unit": "visitor", "layer": { "line": ranges }, "phases": phases });
            experiments.insert(name.clone(), salted(&mut random, experiment, &name));
            flags.insert(name.clone(), drawn(&name));
        }
        let names: Vec<String> = flags.keys().cloned().collect();
        let line = salted(&mut random, json!({ "unit": "visitor" }), "line");
        let program = visitors(json!({ "layers": { "line": line }, "experiments": experiments, "flags": flags }));
        for number in 0..VISITORS {
            let mut session = visitor(&program, number);
            let mut within = Vec::new();
            for name in &names {
                let (variant, exposures) = decide(&program, name, &mut session, milli(1));
                assert_eq!(variant != "out", !exposures.is_empty(), "{name} for {number}");
                if variant != "out" {
                    within.push(name);
                }
            }
            assert!(within.len() <= 1, "round {round}: visitor {number} is in {within:?}");
            assert!(!whole || within.len() == 1, "round {round}: visitor {number} is in nothing");
            left_out += usize::from(within.is_empty());
        }
    }
    assert!(left_out > 0, "nobody was ever left out");
}

#[test]
fn a_new_phase_draws_anew_and_keeps_who_is_in_and_who_is_held_out() {
    const VISITORS: usize = 500;
    let mut random = Random(23);
    // How many in both phases got the same variant, how many would by chance, and the variance of that.
    let (mut same, mut expected, mut variance) = (0.0, 0.0, 0.0);
    let (mut taken, mut left, mut held_out) = (0, 0, 0);
    for round in 0..60 {
        let coverage = percent(*random.pick(&[WHOLE / 3, WHOLE * 9 / 10, WHOLE]));
        let (first, second) = (split(&mut random), split(&mut random));
        let before = json!([{ "id": 1, "from": day(0), "to": day(10), "coverage": coverage, "split": first }]);
        let mut after = before.clone();
        after.as_array_mut().unwrap().push(json!({ "id": 2, "from": day(12), "coverage": coverage, "split": second }));
        let mut experiment = salted(&mut random, json!({ "unit": "visitor" }), "e");
        if random.once_in(2) {
            let start = random.below(WHOLE / 2);
            experiment["layer"] = json!({ "line": [format!("{}-{}", percent(start), percent(start + WHOLE / 2))] });
        }
        let mut flag = drawn("e");
        flag["holdout"] = "h".into();
        let holdout = json!({ "unit": "visitor", "share": percent(1 + random.below(WHOLE / 2)), "from": day(0) });
        let holdout = salted(&mut random, holdout, "h");
        let with = |phases: Json| {
            let mut experiment = experiment.clone();
            experiment["phases"] = phases;
            visitors(json!({
                "layers": { "line": { "unit": "visitor" } }, "holdouts": { "h": holdout },
                "experiments": { "e": experiment }, "flags": { "e": flag },
            }))
        };
        let (before, after) = (with(before), with(after));
        let share = |of: &Json, arm: &str| {
            of[arm].as_str().map_or(0.0, |text| text.trim_end_matches('%').parse::<f64>().unwrap() / 100.0)
        };
        let chance: f64 = ["a", "b", "c"].iter().map(|arm| share(&first, arm) * share(&second, arm)).sum();
        for number in 0..VISITORS {
            let (mut old, mut new) = (visitor(&before, number), visitor(&after, number));
            let (variant, exposures) = decide(&before, "e", &mut old, milli(5));
            let appended = decide(&after, "e", &mut new, milli(5));
            let told = |(_, exposures): &(&str, Vec<Assignment>)| {
                exposures.iter().map(|made| (made.phase, made.point)).collect::<Vec<_>>()
            };
            assert_eq!(
                (appended.0, told(&appended)),
                (variant, told(&("", exposures.clone()))),
                "round {round}: {number} in phase 1"
            );
            assert_eq!(decide(&after, "e", &mut new, milli(11)).0, "out", "between phases");
            let (later, later_exposures) = decide(&after, "e", &mut new, milli(13));
            // Whether held out, first; then in the experiment, or not.
            assert_eq!(later_exposures[0].variant, exposures[0].variant, "round {round}: {number} in holdout");
            assert_eq!(later_exposures[0].point, exposures[0].point);
            assert_eq!(later == "out", variant == "out", "round {round}: {number} in layer and coverage");
            assert_eq!(later_exposures.len(), exposures.len());
            held_out += usize::from(exposures[0].variant == Arm::Held);
            if variant == "out" {
                left += 1;
                continue;
            }
            taken += 1;
            assert_eq!((exposures[1].phase, later_exposures[1].phase), (1, 2));
            assert_ne!(exposures[1].point, later_exposures[1].point, "round {round}: {number}");
            same += f64::from(later == variant);
            expected += chance;
            variance += chance * (1.0 - chance);
        }
    }
    assert!(taken > 5_000 && left > 1_000 && held_out > 1_000, "{taken} in, {left} not, {held_out} held out");
    assert!(f64::abs(same - expected) < 4.0 * f64::sqrt(variance), "{same} the same of {taken}, by chance {expected}");
}

#[test]
fn who_is_held_out_gets_no_variant_of_an_experiment_and_who_is_excepted_is_not_counted() {
    let mut random = Random(29);
    let (mut held_out, mut not_held, mut excepted) = (0, 0, 0);
    for _ in 0..1_000 {
        let written = ruleset(&mut random);
        let program = program(&written);
        let holdout = &written["holdouts"]["h"];
        let share = Bound(
            (holdout["share"].as_str().unwrap().trim_end_matches('%').parse::<u64>().unwrap() * (1 << 32) / 100) as u32,
        );
        let key = Key::derive(Purpose::Holdout, &[b"random/h"]);
        for _ in 0..20 {
            let context = some_context(&mut random);
            let mut session = context::session(&program, &context);
            let now = milli(random.below(DAYS));
            let unit =
                (0..2).filter_map(|unit| program.unit(unit)).find(|unit| program.str(unit.name) == holdout["unit"]);
            let point = session.subject().unit(unit.unwrap().slot, &mut [0; 20]).map(|unit| key.point(unit));
            let runs = milli(5) <= now && now < milli(25);
            let excluded = holdout.get("except").is_some() && context.get("s").is_some_and(|text| text == "b");
            let takes_part = runs && !excluded && point.is_some();
            let held = takes_part && share.covers(point.unwrap());
            for index in 0..FLAGS as u32 {
                let (decision, exposures) = plain(&program, FlagIndex(index), &mut session, now);
                let told = || format!("f{index} for {} at {now} in\n{written:#}", Json::from(context.clone()));
                let of_holdout = |made: &Assignment| program.str(made.trial) == "h";
                let wrong = if held { Arm::NotHeld } else { Arm::Held };
                assert!(
                    exposures.iter().all(|made| !of_holdout(made) || takes_part && made.variant != wrong),
                    "{}",
                    told()
                );
                let flag = &written["flags"][format!("f{index}")];
                if flag.get("holdout").is_none() || flag.get("enabled").is_some() {
                    continue;
                }
                let rule =
                    decision.rule.and_then(|rule| program.rule_of(&program.flag(FlagIndex(index)).unwrap(), rule));
                let by_holdout = rule.is_some_and(|rule| program.str(rule.id) == "holdout");
                assert_eq!(
                    by_holdout,
                    decision.reason == Reason::Split && decision.rule.is_some_and(|rule| rule < decision.prelude)
                );
                if held {
                    held_out += 1;
                    // Prerequisites and targets come first; nothing that is written as a rule does.
                    assert!(decision.rule.is_some_and(|rule| rule < decision.prelude), "{}", told());
                    let own = [format!("e{index}-"), format!("f{index}/")];
                    let drawn = |made: &Assignment| own.iter().any(|own| program.str(made.trial).starts_with(own));
                    assert!(!exposures.iter().any(drawn), "{}", told());
                    if by_holdout {
                        assert_eq!(
                            decision.variant,
                            Ok(program.flag(FlagIndex(index)).unwrap().when_off),
                            "{}",
                            told()
                        );
                        assert!(exposures.iter().any(of_holdout), "{}", told());
                    }
                } else {
                    not_held += u32::from(takes_part);
                    excepted += u32::from(excluded && runs && point.is_some_and(|point| share.covers(point)));
                    assert!(!by_holdout, "{}", told());
                }
            }
        }
    }
    assert!(
        held_out > 1_000 && not_held > 1_000 && excepted > 100,
        "{held_out} held out, {not_held} not, {excepted} excepted"
    );
}

/// An experiment that takes in a share, and a ramp of each kind that has reached it.
fn shares(parts: &Json, share: &str) -> Program {
    let mut experiment = parts["experiment"].clone();
    experiment["phases"] = json!([{ "id": 1, "from": day(0), "coverage": share, "split": parts["split"] }]);
    let ramp = |name: &str| {
        let mut rule = parts[name].clone();
        let steps = json!([{ "to": share, "at": day(0) }]);
        rule.as_object_mut()
            .unwrap()
            .extend(json!({ "id": "r", "ramp": "on", "unit": "visitor", "steps": steps }).as_object().unwrap().clone());
        json!({ "type": "boolean", "whenOff": "off", "default": "off", "rules": [rule] })
    };
    visitors(json!({
        "layers": { "line": { "unit": "visitor" } }, "experiments": { "e": experiment },
        "flags": { "e": drawn("e"), "guarded": ramp("guarded"), "plain": ramp("plain") },
    }))
}

/// What a monitored ramp does with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ramped {
    Out,
    /// Gets the variant and is counted.
    On,
    /// Is kept back and counted.
    Control,
    /// Was kept back, and gets the variant.
    LetGo,
}

#[test]
fn raising_a_share_moves_nobody_and_drops_nobody() {
    const ROUNDS: usize = 50;
    const VISITORS: usize = 2_000;
    let mut random = Random(31);
    let mut seen = [0; 4];
    for round in 0..ROUNDS {
        // Above 50 % those kept back are let go: half of the levels lie there, and its edges.
        let mut levels = [0, 500_000, 500_001, WHOLE].to_vec();
        levels.extend((0..3).map(|_| random.below(WHOLE)));
        levels.sort_unstable();
        let mut parts = json!({
            "experiment": salted(&mut random, json!({ "unit": "visitor" }), "e"), "split": split(&mut random),
            "guarded": salted(&mut random, json!({ "guard": { "m": { "worse": "1%" } } }), "guarded"),
            "plain": salted(&mut random, json!({}), "plain"),
        });
        let layered = random.once_in(2);
        if layered {
            parts["experiment"]["layer"] = json!({ "line": ["10%-80%"] });
        }
        let programs: Vec<Program> = levels.iter().map(|level| shares(&parts, &percent(*level))).collect();
        for number in 0..VISITORS {
            let (mut variants, mut plain, mut guarded) = (Vec::new(), Vec::new(), Vec::new());
            for program in &programs {
                let mut session = visitor(program, number);
                variants.push(decide(program, "e", &mut session, milli(1)).0);
                plain.push(decide(program, "plain", &mut session, milli(1)).0 == "on");
                let (variant, exposures) = decide(program, "guarded", &mut session, milli(1));
                guarded.push(match (variant, exposures.first().map(|made| made.variant)) {
                    ("off", None) => Ramped::Out,
                    ("on", Some(Arm::Variant(_))) => Ramped::On,
                    ("off", Some(Arm::Control)) => Ramped::Control,
                    ("on", None) => Ramped::LetGo,
                    other => panic!("round {round}: {number}: {other:?}"),
                });
            }
            let told = || format!("round {round}: {number} at {levels:?}: {variants:?} {plain:?} {guarded:?}");
            // Once in, always in, and always the same.
            let first = variants.iter().position(|variant| *variant != "out").unwrap_or(levels.len());
            assert!(variants[first..].iter().all(|variant| *variant == variants[first]), "{}", told());
            assert!(first > 0 && (layered || first < levels.len()), "{}", told());
            assert!(plain.is_sorted() && !plain[0] && plain[levels.len() - 1], "{}", told());
            // On is for good; so is being kept back, until being let go, which is never before 50 %.
            let counted: Vec<Ramped> = guarded.iter().copied().filter(|ramped| *ramped != Ramped::Out).collect();
            assert!(guarded.is_sorted() && guarded[0] == Ramped::Out, "{}", told());
            assert!(
                !(counted.contains(&Ramped::On)
                    && counted.len() != counted.iter().filter(|ramped| **ramped == Ramped::On).count()),
                "{}",
                told()
            );
            let halves = levels.iter().zip(&guarded);
            assert!(halves.clone().all(|(level, ramped)| *ramped != Ramped::LetGo || *level > 500_000), "{}", told());
            // At 50 % everybody is counted, at 100 % everybody has the variant.
            assert!(
                halves
                    .clone()
                    .all(|(level, ramped)| *level != 500_000 || matches!(ramped, Ramped::On | Ramped::Control)),
                "{}",
                told()
            );
            assert!(matches!(guarded[levels.len() - 1], Ramped::On | Ramped::LetGo), "{}", told());
            guarded.iter().for_each(|ramped| seen[*ramped as usize] += 1);
        }
    }
    assert!(seen.iter().all(|seen| *seen > ROUNDS * VISITORS / 10), "{seen:?}");
}

#[test]
fn a_ramp_reaches_the_share_that_is_written() {
    const VISITORS: usize = 4_000;
    for level in [0, 10_000, 100_000, 250_000, 499_999, 500_000, 500_001, 750_000, 990_000, WHOLE] {
        let parts = json!({ "experiment": { "unit": "visitor" }, "split": { "a": "100%" }, "plain": {}, "guarded": { "guard": { "m": { "worse": "1%" } } } });
        let program = shares(&parts, &percent(level));
        let share = level as f64 / WHOLE as f64;
        for flag in ["guarded", "plain"] {
            let on = |number: &usize| decide(&program, flag, &mut visitor(&program, *number), milli(1)).0 == "on";
            let on = (0..VISITORS).filter(on).count() as f64;
            let sigma = (VISITORS as f64 * share * (1.0 - share)).sqrt();
            assert!((on - share * VISITORS as f64).abs() <= 4.0 * sigma + 1.0, "{flag} at {share}: {on}");
        }
    }
}
