//! Rulesets and contexts by chance: each action, operator and unit of the language, the same ones in each run.

use serde_json::{Map, Value as Json, json};
use waft::exposure::sticky_id;
use waft::rule::Action;
use waft::{Arm, Assignment, Program, Session};

/// A small, repeatable generator (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let index = self.below(from.len());
        &from[index]
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Moments, in days of 2026, around which everything in these rulesets happens.
pub(crate) const DAYS: usize = 40;
pub(crate) const DAY: i64 = 86_400_000;
/// Flags of each ruleset.
pub(crate) const FLAGS: usize = 5;

pub(crate) fn day(index: usize) -> String {
    let (month, day) = (1 + index / 28, 1 + index % 28);
    format!("2026-{month:02}-{day:02}T00:00:00Z")
}

pub(crate) fn milli(index: usize) -> i64 {
    waft::date::parse(day(index).as_bytes()).unwrap()
}

/// A condition that combines no others, and asks for the variants of so many flags at most.
fn leaf(random: &mut Random, flags: usize) -> Json {
    let duration = |random: &mut Random| format!("{}d", 1 + random.below(9));
    let order = |random: &mut Random| *random.pick(&["lt", "lte", "gt", "gte"]);
    match random.below(31) {
        0 => json!({ *random.pick(&["s", "n", "b", "d", "v", "l", "id"]): { "exists": random.once_in(2) } }),
        1 => json!({ "s": { *random.pick(&["is", "isNot"]): "a" } }),
        2 => json!({ "s": { *random.pick(&["in", "notIn"]): ["a", "b", "é"] } }),
        3 => json!({ "s": { *random.pick(&["contains", "startsWith", "endsWith"]): ["a", "bc"] } }),
        4 => {
            let operators = ["isAnyCase", "containsAnyCase", "startsWithAnyCase", "endsWithAnyCase"];
            json!({ "s": { *random.pick(&operators): ["A", "bC"] } })
        }
        5 => json!({ "s": { "matches": "^[ab]" } }),
        6 => json!({ "n": { *random.pick(&["is", "isNot"]): random.below(5) } }),
        7 => json!({ "n": { *random.pick(&["in", "notIn"]): [1, 3] } }),
        8 | 9 => json!({ "n": { order(random): random.below(5) } }),
        10 => json!({ "n": { "between": [1, 1 + random.below(3)] } }),
        11 => json!({ "b": { "is": random.once_in(2) } }),
        12..=14 => json!({ "d": { "within": duration(random) } }),
        15..=17 => json!({ "d": { "withinNext": duration(random) } }),
        18 => json!({ "d": { *random.pick(&["after", "before"]): day(random.below(DAYS)) } }),
        19 => json!({ "d": { "between": [day(random.below(DAYS / 2)), day(DAYS / 2 + random.below(DAYS / 2))] } }),
        20 => json!({ "v": { order(random): "2.0.0" } }),
        21 => {
            json!({ "v": { *random.pick(&["is", "isNot"]): *random.pick(&["2.0.0-rc.1", "3.1.4", "1.0.202611281030"]) } })
        }
        22 => json!({ "l": { *random.pick(&["has", "hasAll", "hasAny", "hasNone"]): ["x", "y"] } }),
        23 => json!({ "l": { "size": { "gte": random.below(2), "lt": 3 } } }),
        24 => json!({ "list": *random.pick(&["some", "numbers"]) }),
        25 => {
            let (unit, part) = (*random.pick(&["visitor", "account"]), *random.pick(&["0%-60%", "40%-100%"]));
            json!({ "share": { "of": unit, "part": part, "salt": *random.pick(&["s", "t"]), "correlate": true } })
        }
        _ if flags > 0 => json!({ "flag": { format!("f{}", random.below(flags)): *random.pick(&["on", "off"]) } }),
        _ => json!({ "d": { "within": "3d" } }),
    }
}

pub(crate) fn condition(random: &mut Random, depth: usize, flags: usize) -> Json {
    let nested = |random: &mut Random| condition(random, depth - 1, flags);
    match if depth == 0 { 9 } else { random.below(10) } {
        0 => json!({ "all": [nested(random), nested(random)] }),
        1 => json!({ "any": [nested(random), nested(random)] }),
        2 => json!({ "not": nested(random) }),
        // The third asks for the first flag.
        3 => json!({ "segment": *random.pick(if flags > 0 { &["one", "two", "three"][..] } else { &["one", "two"] }) }),
        _ => leaf(random, flags),
    }
}

/// A ruleset under way.
#[derive(Default)]
struct Draft {
    experiments: Map<String, Json>,
    /// What is left of each unit's layer.
    ranges: [Vec<&'static str>; 2],
}

/// Units, and the layer of each.
const UNITS: [(&str, &str); 2] = [("visitor", "l"), ("account", "m")];

impl Draft {
    fn experiment(&mut self, random: &mut Random, name: String) -> Json {
        let (unit, start) = (random.below(UNITS.len()), random.below(DAYS / 2));
        let (next, shares) = (start + *random.pick(&[5, 7]), ["50%", "100%"]);
        let phases = json!([
            { "id": 1, "from": day(start), "to": day(start + 5), "coverage": *random.pick(&shares), "split": { "on": "50%", "off": "50%" } },
            { "id": 2, "from": day(next), "coverage": *random.pick(&shares), "split": { "on": "20%", "off": "80%" } },
        ]);
        let mut experiment = json!({ "unit": UNITS[unit].0, "phases": phases, "sticky": random.once_in(3) });
        if random.once_in(3) {
            experiment["salt"] = format!("own/{name}").into();
        }
        if random.once_in(2)
            && let Some(range) = self.ranges[unit].pop()
        {
            experiment["layer"] = json!({ UNITS[unit].1: [range] });
        }
        self.experiments.insert(name.clone(), experiment);
        json!({ "experiment": name })
    }

    fn rule(&mut self, random: &mut Random, flag: usize, number: usize) -> Json {
        let mut rule = match random.below(4) {
            0 => self.experiment(random, format!("e{flag}-{number}")),
            1 => {
                let start = random.below(DAYS / 2);
                let steps = json!([{ "to": "30%", "at": day(start) }, { "to": "70%", "after": "4d" }, { "to": "100%", "after": "4d" }]);
                let mut ramp = json!({ "ramp": "on", "unit": random.pick(&UNITS).0, "steps": steps });
                if random.once_in(2) {
                    ramp["guard"] = json!({ "m": { "worse": "5%" } });
                }
                ramp
            }
            _ => json!({ "serve": *random.pick(&["on", "off"]) }),
        };
        rule["id"] = format!("r{number}").into();
        if random.below(4) > 0 {
            rule["if"] = condition(random, 2, flag);
        }
        if random.once_in(4) {
            rule["onUnknown"] = "stop".into();
        }
        if random.once_in(4) {
            rule["from"] = day(random.below(DAYS / 2)).into();
        }
        if random.once_in(4) {
            rule["to"] = day(DAYS / 2 + random.below(DAYS / 2)).into();
        }
        rule
    }

    fn flag(&mut self, random: &mut Random, index: usize) -> Json {
        let rules: Vec<Json> = (0..random.below(4)).map(|number| self.rule(random, index, number)).collect();
        let mut flag =
            json!({ "type": "boolean", "whenOff": "off", "default": *random.pick(&["on", "off"]), "rules": rules });
        if index > 0 && random.once_in(3) {
            flag["requires"] = json!({ format!("f{}", random.below(index)): "on" });
        }
        if random.once_in(3) {
            flag["holdout"] = "h".into();
        }
        if random.once_in(4) {
            flag["targets"] = json!({ "on": { "visitor": ["u1", "u2", 7], "account": [3, "5"] } });
        }
        if random.once_in(6) {
            flag["enabled"] = false.into();
        }
        flag
    }
}

/// Flags that ask only for earlier ones, with every action of the language.
pub(crate) fn ruleset(random: &mut Random) -> Json {
    let mut draft = Draft { ranges: [vec!["70%-100%", "0%-60%"], vec!["50%-100%", "0%-50%"]], ..Draft::default() };
    let flags: Map<String, Json> = (0..FLAGS).map(|index| (format!("f{index}"), draft.flag(random, index))).collect();
    let mut holdout = json!({ "unit": random.pick(&UNITS).0, "share": *random.pick(&["10%", "30%", "50%"]), "from": day(5), "to": day(25) });
    if random.once_in(2) {
        holdout["except"] = json!({ "s": { "is": "b" } });
    }
    json!({
        "project": "random", "environments": { "test": {} },
        "attributes": {
            "id": "string", "account": "number", "s": "string", "n": "number", "b": "boolean", "d": "date", "v": "semver", "l": "list",
        },
        "units": { "visitor": { "attribute": "id" }, "account": { "attribute": "account" } },
        "layers": { "l": { "unit": "visitor" }, "m": { "unit": "account" } },
        "lists": { "some": { "attribute": "id", "ids": ["u1", "u3", "u5", 7] }, "numbers": { "attribute": "account", "ids": ["1", "3"] } },
        "metrics": { "m": { "conversion": "c", "better": "down" } },
        "holdouts": { "h": holdout },
        "segments": {
            "one": leaf(random, 0), "two": { "any": [{ "segment": "one" }, leaf(random, 0)] },
            "three": { "any": [leaf(random, 0), { "flag": { "f0": "on" } }] },
        },
        "experiments": draft.experiments, "flags": flags,
    })
}

pub(crate) fn some_context(random: &mut Random) -> Map<String, Json> {
    let mut made = Map::new();
    let mut put = |name: &str, value: Json, random: &mut Random| {
        if random.below(4) > 0 {
            made.insert(name.to_owned(), value);
        }
    };
    // An id that is a number is one as its digits are.
    let number = random.below(30);
    let id = if random.once_in(5) { number.into() } else { format!("u{number}").into() };
    put("id", id, random);
    // The last two are nobody.
    let account = random
        .pick(&[json!(1), json!(2), json!(-3), json!(4), json!(50), json!("5"), json!(0.5), json!(1u64 << 53)])
        .clone();
    put("account", account, random);
    put("s", (*random.pick(&["a", "b", "c", "abc", "ABC", "é"])).into(), random);
    put("n", random.below(6).into(), random);
    put("b", random.pick(&[json!(true), json!(false), json!("true")]).clone(), random);
    let date = random.below(DAYS);
    put("d", if random.once_in(3) { milli(date).into() } else { day(date).into() }, random);
    let version = *random.pick(&["1.0.0", "2.0.0-rc.1", "3.1.4", "1.0.202611281030", "no version"]);
    put("v", version.into(), random);
    let list = random.pick(&[json!([]), json!(["x"]), json!(["x", "y", "x"]), json!(["z"]), json!("x")]).clone();
    put("l", list, random);
    made
}

/// What a session remembers of earlier page views: of some sticky experiments a variant, which the flag may no longer have.
pub(crate) fn remembered(random: &mut Random, program: &Program, session: &Session) -> Vec<u8> {
    let mut lines = String::new();
    for flag in program.flags().map(|index| program.flag(index).unwrap()) {
        for rule in program.rules(&flag) {
            let Action::Experiment(at) = rule.action() else { continue };
            let experiment = program.trial(&flag, at).unwrap();
            for phase in (0..experiment.phase_count).map(|phase| program.phase(&experiment, phase).unwrap()) {
                let assignment = Assignment {
                    trial: experiment.key,
                    phase: phase.id,
                    unit: experiment.unit,
                    point: 0,
                    variant: Arm::Control,
                    rule: rule.id,
                    sticky: rule.is_sticky(),
                };
                // Nothing is remembered of an experiment that is not sticky, or of nobody.
                if let Some(id) = sticky_id(program, &assignment, session.subject())
                    && random.below(4) > 0
                {
                    let id = std::str::from_utf8(&id).unwrap();
                    lines += &format!("{id} {}\n", random.pick(&["on", "off", "gone"]));
                }
            }
        }
    }
    lines.into_bytes()
}
