//! What a newer compiler writes: records, sections, operators, dialects, actions, splits and types that this engine does not know
//! cost what they say, and nothing beside them.

use serde_json::{Value as Json, json};
use waft::Program;
use waft::operators::{Operation, Operator};
use waft::rule::rule_word;
use waft::table::{DIRECTORY_ENTRY, DIRECTORY_HEAD, Section, u16_at, u32_at};
use waft_compile::snapshot;
use waft_explain::context;
use waft_explain::explanation::explain;
use waft_explain::population::Population;

use crate::{code_of, plain, program};

/// An operator above and one below 16 that nobody knows, an action, a dialect, a way to split, and a type.
const ABOVE: u8 = 250;
const BELOW: u8 = 9;
const ACTION: u32 = 31;
const DIALECT: u8 = 15;
const KERNEL: u8 = 1;
const TYPE: u8 = 9;

/// Sections as a directory has them: number, record size, and bytes.
struct Table(Vec<(u16, usize, Vec<u8>)>);

impl Table {
    fn of(body: &[u8]) -> Self {
        let entry = |index: usize| {
            let at = DIRECTORY_HEAD + index * DIRECTORY_ENTRY;
            let (size, offset) = (usize::from(u16_at(body, at + 2)), u32_at(body, at + 4) as usize);
            (u16_at(body, at), size, body[offset..offset + size * u32_at(body, at + 8) as usize].to_vec())
        };
        Table((0..usize::from(u16_at(body, 0))).map(entry).collect())
    }

    fn program(&self) -> Program {
        let mut out = (self.0.len() as u16).to_le_bytes().to_vec();
        out.extend([0; 2]);
        let mut offset = DIRECTORY_HEAD + self.0.len() * DIRECTORY_ENTRY;
        for (number, size, bytes) in &self.0 {
            out.extend(number.to_le_bytes());
            out.extend((*size as u16).to_le_bytes());
            out.extend((offset as u32).to_le_bytes());
            out.extend(((bytes.len() / size) as u32).to_le_bytes());
            offset += bytes.len();
        }
        self.0.iter().for_each(|(_, _, bytes)| out.extend(bytes));
        snapshot::unverified_body("random", "test", &out).unwrap()
    }

    fn records(&mut self, section: Section) -> impl Iterator<Item = &mut [u8]> {
        let (_, size, bytes) = self.0.iter_mut().find(|(number, _, _)| *number == section as u16).unwrap();
        bytes.chunks_mut(*size)
    }

    /// Changes words of code.
    fn words(mut self, places: &[u32], change: impl Fn(u32) -> u32) -> Self {
        for (_, word) in self.records(Section::Code).enumerate().filter(|(at, _)| places.contains(&(*at as u32))) {
            word.copy_from_slice(&change(u32_at(word, 0)).to_le_bytes());
        }
        self
    }

    /// Records are four bytes longer, and there is a section of an unknown number.
    fn widen(mut self) -> Self {
        for (number, size, bytes) in &mut self.0 {
            let plain = [Section::Text, Section::Code, Section::Patterns].iter().any(|plain| *plain as u16 == *number);
            if !plain {
                *bytes = bytes.chunks(*size).flat_map(|record| [record, &[0xaa; 4]].concat()).collect();
                *size += 4;
            }
        }
        self.0.push((900, 3, vec![0xbb; 6]));
        self
    }
}

/// A program, and where in its code rules start and operations stand.
struct Known {
    body: Vec<u8>,
    rules: Vec<u32>,
    operations: Vec<(u32, Option<Operator>)>,
}

impl Known {
    fn new(ruleset: &Json) -> Self {
        let program = program(ruleset);
        let (rules, operations) = code_of(&program);
        Known { body: program.snapshot().body().whole().unwrap().to_vec(), rules, operations }
    }

    fn table(&self) -> Table {
        Table::of(&self.body)
    }

    /// Changes the operations of an operator.
    fn operations(&self, operator: Operator, change: impl Fn(&mut Operation)) -> Table {
        let places: Vec<u32> =
            self.operations.iter().filter(|(_, known)| *known == Some(operator)).map(|(place, _)| *place).collect();
        assert!(!places.is_empty(), "no {operator:?}");
        self.table().words(&places, |word| {
            let mut operation = Operation::from_word(word);
            change(&mut operation);
            operation.to_word()
        })
    }

    /// Changes what the rules of an action do.
    fn action(&self, action: u32, other: u32) -> Table {
        self.table().words(&self.rules, |word| match word >> 16 & 0x1f == action {
            true => word & !(0x1f << 16) | other << 16,
            false => word,
        })
    }
}

/// The variant, or the code of why there is none, and how many exposures it makes: alone, explained and in a population.
fn decide(program: &Program, key: &str, context: &Json) -> (String, usize) {
    let context = context.as_object().unwrap();
    let index = program.find(key.as_bytes()).unwrap();
    let mut session = context::session(program, context);
    let (decision, exposures) = plain(program, index, &mut session, 1_800_000_000_000);
    let explained = explain(program, index, &mut session, context, 1_800_000_000_000);
    assert_eq!(explained.decision, decision, "{key}");
    let mut population = Population::new(program);
    population.add(program, &json!([context]).to_string()).unwrap();
    let flag = program.flag(index).unwrap();
    let place = decision.variant.map_or(flag.variant_count, |variant| variant);
    assert_eq!(population.decide(program, index, 1_800_000_000_000)[usize::from(place)], 1, "{key} of a population");
    let variant = decision.variant.map(|variant| program.str(program.variant(&flag, variant).unwrap().key).to_owned());
    (variant.unwrap_or_else(|code| code.name().to_owned()), exposures.len())
}

/// A flag that tells what a condition comes out to.
fn tell(condition: &Json) -> Json {
    json!({
        "type": "string", "variants": { "yes": "yes", "no": "no", "unknown": "unknown" }, "whenOff": "unknown", "default": "unknown",
        "rules": [{ "id": "yes", "if": condition, "serve": "yes" }, { "id": "no", "if": { "not": condition }, "serve": "no" }],
    })
}

fn ruleset() -> Json {
    let is = |text: &str| json!({ "s": { "is": text } });
    let above = json!({ "n": { "gt": 1 } });
    let flag = |rules: Json| json!({ "type": "boolean", "whenOff": "off", "default": "on", "rules": rules });
    json!({
        "project": "random", "environments": { "test": {} }, "attributes": { "s": "string", "n": "number" },
        "units": { "visitor": { "attribute": "s" } }, "metrics": { "m": { "conversion": "c", "better": "down" } },
        "experiments": {
            "lot": { "unit": "visitor", "phases": [{ "id": 1, "from": "2026-01-01", "split": { "on": "100%" } }] },
            "dated": { "unit": "visitor", "sticky": true, "phases": [{ "id": 1, "from": "2026-01-01", "split": { "off": "100%" } }] },
        },
        "flags": {
            "is": tell(&is("a")), "in": tell(&json!({ "s": { "in": ["a", "b"] } })), "more": tell(&above),
            "either": tell(&json!({ "any": [is("a"), above] })), "both": tell(&json!({ "all": [is("a"), above] })),
            // Behind the inner combination, the first result lies on the stack, and no other.
            "nested": tell(&json!({ "any": [is("a"), { "all": [is("b"), above] }] })),
            "serves": flag(json!([{ "id": "r", "if": is("a"), "serve": "off" }])),
            "stops": flag(json!([{ "id": "r", "if": is("a"), "onUnknown": "stop", "serve": "on" }])),
            "lot": flag(json!([{ "id": "r", "experiment": "lot" }, { "id": "s", "serve": "on" }])),
            "dated": flag(json!([{ "id": "r", "if": is("a"), "from": "2026-01-01", "serve": "off" }])),
            "dated-stop": flag(json!([{ "id": "r", "if": is("a"), "from": "2026-01-01", "onUnknown": "stop", "serve": "off" }])),
            "dated-lot": flag(json!([{ "id": "r", "from": "2026-01-01", "experiment": "dated" }, { "id": "s", "serve": "on" }])),
            "ramp": flag(json!([{ "id": "r", "ramp": "off", "unit": "visitor", "guard": { "m": { "worse": "1%" } }, "steps": [{ "to": "50%", "at": "2026-01-01" }] }])),
        },
    })
}

/// Each case: a flag, a context, and what it comes out as.
fn check(table: &Table, cases: &[(&str, Json, &str)]) {
    let wide = Table(table.0.clone()).widen().program();
    for program in [&table.program(), &wide] {
        for (flag, context, expected) in cases {
            let (variant, exposed) = decide(program, flag, context);
            assert_eq!((variant.as_str(), exposed), (*expected, 0), "{flag} for {context}");
        }
    }
}

#[test]
fn longer_records_and_sections_of_unknown_numbers_are_passed_over() {
    let known = Known::new(&ruleset());
    let (narrow, wide) = (known.table().program(), known.table().widen().program());
    for flag in narrow.flags() {
        let key = narrow.str(narrow.flag(flag).unwrap().key);
        for context in [json!({}), json!({ "s": "a", "n": 1 }), json!({ "s": "b", "n": 5 })] {
            assert_eq!(decide(&wide, key, &context), decide(&narrow, key, &context), "{key} for {context}");
        }
    }
    assert_eq!(decide(&wide, "lot", &json!({ "s": "a" })), ("on".to_owned(), 1));
}

#[test]
fn an_unknown_operator_is_unknown_and_the_rest_of_the_condition_counts() {
    let known = Known::new(&ruleset());
    let both = [json!({ "s": "a", "n": 5 }), json!({ "s": "x", "n": 1 })];
    let [a, x] = &both;
    check(
        &known.operations(Operator::In, |operation| operation.number = ABOVE),
        &[
            ("in", a.clone(), "unknown"),
            ("in", x.clone(), "unknown"),
            ("is", a.clone(), "yes"),
            ("more", x.clone(), "no"),
        ],
    );
    check(
        &known.operations(Operator::Is, |operation| operation.number = ABOVE),
        &[
            ("is", a.clone(), "unknown"),
            ("either", a.clone(), "yes"),
            ("either", x.clone(), "unknown"),
            ("both", a.clone(), "unknown"),
            ("both", x.clone(), "no"),
            ("serves", a.clone(), "on"),
            ("stops", a.clone(), "off"),
        ],
    );
    // One that combines takes what it combines off the stack.
    check(
        &known.operations(Operator::All, |operation| operation.number = BELOW),
        &[
            ("both", a.clone(), "unknown"),
            ("both", x.clone(), "unknown"),
            ("nested", a.clone(), "yes"),
            ("nested", x.clone(), "unknown"),
            ("nested", json!({ "s": "a", "n": 1 }), "yes"),
            ("either", a.clone(), "yes"),
        ],
    );
    check(
        &known.operations(Operator::Not, |operation| operation.number = BELOW),
        &[("is", x.clone(), "unknown"), ("is", a.clone(), "yes")],
    );
}

#[test]
fn a_known_operator_in_an_unknown_dialect_is_unknown() {
    let known = Known::new(&ruleset());
    let (a, x) = (json!({ "s": "a", "n": 5 }), json!({ "s": "x", "n": 1 }));
    for dialect in [1, DIALECT] {
        let table = known.operations(Operator::Greater, |operation| operation.dialect = dialect);
        check(
            &table,
            &[
                ("more", a.clone(), "unknown"),
                ("more", x.clone(), "unknown"),
                ("either", a.clone(), "yes"),
                ("both", x.clone(), "no"),
                ("is", a.clone(), "yes"),
            ],
        );
        let table = known.operations(Operator::Any, |operation| operation.dialect = dialect);
        check(
            &table,
            &[("either", a.clone(), "unknown"), ("nested", a.clone(), "unknown"), ("both", a.clone(), "yes")],
        );
    }
}

#[test]
fn a_rule_of_an_unknown_action_is_passed_over_or_stops() {
    let known = Known::new(&ruleset());
    let a = json!({ "s": "a", "n": 5 });
    check(
        &known.action(rule_word::SERVE, ACTION),
        &[
            ("is", a.clone(), "unknown"),
            ("serves", a.clone(), "on"),
            ("stops", a.clone(), "off"),
            // What such an action would make of its condition is unknown, too: a holdout's says who is excepted.
            ("stops", json!({ "s": "x" }), "off"),
        ],
    );
    // Neither enters what its head names, nor counts anybody; the next rule, or the default, serves.
    check(&known.action(rule_word::EXPERIMENT, ACTION), &[("lot", a.clone(), "on"), ("serves", a.clone(), "off")]);
    check(&known.action(rule_word::RAMP, ACTION), &[("ramp", a.clone(), "on"), ("ramp", json!({ "s": "x" }), "on")]);
}

/// An action that is the same to an engine without dates as to this one: of a number that it does not know.
#[test]
fn an_engine_that_does_not_know_dates_passes_a_rule_over_that_has_them() {
    let known = Known::new(&ruleset());
    let (a, x) = (json!({ "s": "a", "n": 5 }), json!({ "s": "x" }));
    let program = known.table().program();
    assert_eq!(decide(&program, "dated", &a), ("off".to_owned(), 0));
    assert_eq!(decide(&program, "dated-stop", &json!({})), ("off".to_owned(), 0));
    assert_eq!(decide(&program, "dated-lot", &a), ("off".to_owned(), 1));
    for (action, flag) in [(17, "dated"), (25, "dated-stop"), (18, "dated-lot")] {
        let table = known.action(action, 22);
        for context in [&a, &x, &json!({})] {
            check(&table, &[(flag, context.clone(), "on")]);
        }
    }
}

#[test]
fn an_unknown_way_to_split_serves_off_and_counts_nobody() {
    let mut table = Known::new(&ruleset()).table();
    table.records(Section::Splits).for_each(|record| record[6] = KERNEL);
    check(&table, &[("lot", json!({ "s": "a" }), "off"), ("lot", json!({}), "on"), ("is", json!({ "s": "a" }), "yes")]);
}

#[test]
fn an_attribute_of_an_unknown_type_is_unknown_and_a_flag_of_one_costs_itself_alone() {
    let mut table = Known::new(&ruleset()).table();
    table.records(Section::Attributes).for_each(|record| record[4] = TYPE);
    let a = json!({ "s": "a", "n": 5 });
    check(
        &table,
        &[
            ("is", a.clone(), "unknown"),
            ("in", a.clone(), "unknown"),
            ("more", a.clone(), "unknown"),
            ("lot", a.clone(), "on"),
        ],
    );

    let mut table = Known::new(&ruleset()).table();
    table.records(Section::Flags).next().unwrap()[14] = TYPE;
    check(&table, &[("both", a.clone(), "PARSE_ERROR"), ("either", a.clone(), "yes"), ("is", a, "yes")]);
}
