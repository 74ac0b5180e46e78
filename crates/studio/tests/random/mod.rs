//! Random rulesets with every action of the language, and contexts for them.

use serde_json::{Map, Value as Json, json};
use waft::Program;
use waft_studio::ruleset::{self, World};
use waft_studio::source::SourceFile;
use waft_studio::{compile, snapshot};

pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
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
}

/// Moments, in days of 2026, around which everything in these rulesets happens.
pub(crate) const DAYS: usize = 40;

fn day(index: usize) -> String {
    let (month, day) = (1 + index / 28, 1 + index % 28);
    format!("2026-{month:02}-{day:02}T00:00:00Z")
}

pub(crate) fn milli(index: usize) -> i64 {
    waft::date::parse(day(index).as_bytes()).unwrap()
}

fn condition(random: &mut Random, depth: usize, flags: usize) -> Json {
    let nested = |random: &mut Random| condition(random, depth - 1, flags);
    match random.below(if depth == 0 { 9 } else { 13 }) {
        0 => json!({ "s": { "in": ["a", "b"] } }),
        1 => json!({ "n": { "gte": random.below(5) } }),
        2 => json!({ "d": { "within": format!("{}d", 1 + random.below(9)) } }),
        3 => json!({ "d": { "after": day(random.below(DAYS)) } }),
        4 => json!({ "s": { "matches": "^[ab]" } }),
        5 => json!({ "list": "some" }),
        6 => json!({ "share": { "of": "visitor", "part": "0%-60%", "salt": "s", "correlate": true } }),
        7 => json!({ "l": { "hasAny": ["x", "y"] } }),
        8 if flags > 0 => json!({ "flag": { format!("f{}", random.below(flags)): "on" } }),
        8 => json!({ "v": { "lt": "2.0.0" } }),
        9 => json!({ "all": [nested(random), nested(random)] }),
        10 => json!({ "any": [nested(random), nested(random)] }),
        11 => json!({ "not": nested(random) }),
        _ => json!({ "segment": *random.pick(&["one", "two"]) }),
    }
}

/// Flags that ask only for earlier ones, with every action of the language.
pub(crate) fn ruleset(random: &mut Random) -> Json {
    let (mut flags, mut experiments) = (Map::new(), Map::new());
    let mut ranges = vec!["70%-100%", "0%-60%"];
    for index in 0..5 {
        let mut rules = Vec::new();
        for number in 0..random.below(4) {
            let mut rule = match random.below(4) {
                0 => {
                    let (name, start) = (format!("e{index}-{number}"), random.below(DAYS / 2));
                    let (next, shares) = (start + *random.pick(&[5, 7]), ["50%", "100%"]);
                    let phases = json!([
                        { "id": 1, "from": day(start), "to": day(start + 5), "coverage": *random.pick(&shares), "split": { "on": "50%", "off": "50%" } },
                        { "id": 2, "from": day(next), "coverage": *random.pick(&shares), "split": { "on": "20%", "off": "80%" } },
                    ]);
                    let mut experiment = json!({ "unit": "visitor", "phases": phases, "sticky": random.below(4) == 0 });
                    if random.below(3) == 0 {
                        experiment["salt"] = format!("own/{name}").into();
                    }
                    if random.below(2) == 0
                        && let Some(range) = ranges.pop()
                    {
                        experiment["layer"] = json!({ "l": [range] });
                    }
                    experiments.insert(name.clone(), experiment);
                    json!({ "experiment": name })
                }
                1 => {
                    let start = random.below(DAYS / 2);
                    let steps = json!([{ "to": "30%", "at": day(start) }, { "to": "70%", "after": "4d" }, { "to": "100%", "after": "4d" }]);
                    match random.below(2) {
                        0 => json!({ "ramp": "on", "unit": "visitor", "steps": steps }),
                        _ => {
                            json!({ "ramp": "on", "unit": "visitor", "steps": steps, "guard": { "m": { "worse": "5%" } } })
                        }
                    }
                }
                _ => json!({ "serve": *random.pick(&["on", "off"]) }),
            };
            rule["id"] = format!("r{number}").into();
            if random.below(4) > 0 {
                rule["if"] = condition(random, 2, index);
            }
            if random.below(4) == 0 {
                rule["onUnknown"] = "stop".into();
            }
            rules.push(rule);
        }
        let mut flag =
            json!({ "type": "boolean", "whenOff": "off", "default": *random.pick(&["on", "off"]), "rules": rules });
        if index > 0 && random.below(3) == 0 {
            flag["requires"] = json!({ format!("f{}", random.below(index)): "on" });
        }
        if random.below(3) == 0 {
            flag["holdout"] = "h".into();
        }
        if random.below(4) == 0 {
            flag["targets"] = json!({ "on": { "visitor": ["u1", "u2"] } });
        }
        if random.below(6) == 0 {
            flag["enabled"] = false.into();
        }
        flags.insert(format!("f{index}"), flag);
    }
    json!({
        "project": "random", "environments": { "test": {} },
        "attributes": { "id": "string", "s": "string", "n": "number", "d": "date", "v": "semver", "l": "list" },
        "units": { "visitor": { "attribute": "id" } }, "layers": { "l": { "unit": "visitor" } },
        "lists": { "some": { "attribute": "id", "ids": ["u1", "u3", "u5"] } },
        "metrics": { "m": { "conversion": "c", "better": "down" } },
        "holdouts": { "h": { "unit": "visitor", "share": "30%", "from": day(5), "to": day(25), "except": { "s": { "is": "b" } } } },
        "segments": { "one": condition(random, 0, 0), "two": { "any": [{ "segment": "one" }, condition(random, 0, 0)] } },
        "experiments": experiments, "flags": flags,
    })
}

pub(crate) fn some_context(random: &mut Random) -> Map<String, Json> {
    let mut made = Map::new();
    let mut put = |name: &str, value: Json, random: &mut Random| {
        if random.below(4) > 0 {
            made.insert(name.to_owned(), value);
        }
    };
    let id = format!("u{}", random.below(30));
    put("id", id.into(), random);
    let text = *random.pick(&["a", "b", "c"]);
    put("s", text.into(), random);
    let number = random.below(6);
    put("n", number.into(), random);
    let date = day(random.below(DAYS));
    put("d", date.into(), random);
    let version = *random.pick(&["1.0.0", "2.0.0-rc.1", "3.1.4", "no version"]);
    put("v", version.into(), random);
    let list = random.pick(&[json!([]), json!(["x"]), json!(["z"]), json!("x")]).clone();
    put("l", list, random);
    made
}

pub(crate) fn program(ruleset: &Json) -> Program {
    let file = SourceFile { name: "random.json".to_owned(), bytes: ruleset.to_string().into_bytes() };
    let (checked, _) =
        ruleset::check(&[file], &World::still()).unwrap_or_else(|findings| panic!("{findings:#?}\n{ruleset:#}"));
    snapshot::unverified_body("random", "test", &compile::compile(&checked, 0).unwrap().body).unwrap()
}
