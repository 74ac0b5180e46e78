//! What a table holds: as much of it as a ruleset may have, and more in a table that is signed.

use waft::program::{FlagIndex, Slot, Text};

use super::*;

/// Whether a signed table is read.
fn read(body: &[u8]) -> Result<Program, Code> {
    snapshot::unverified_body("limits", "test", body).map_err(|refused| refused.code)
}

/// A signed table with so many records of a section is read, and with one more it is not.
pub(crate) fn counted(section: Section, most: usize) {
    assert_eq!(section.most(), most);
    let with = |count: usize| {
        let mut table = Table::default();
        for _ in 0..count {
            table.push(section, &vec![0; section.record_size()]);
        }
        table.finish()
    };
    let program = read(&with(most)).unwrap();
    assert_eq!(program.count(section), most);
    Session::new(&program).want_preloaded(&program);
    assert_eq!(read(&with(most + 1)).map(drop), Err(Code::TooLarge), "{section:?}");
}

fn entries(count: usize, entry: impl Fn(usize) -> Json) -> Json {
    (0..count).map(|index| (format!("n{index}"), entry(index))).collect::<Map<String, Json>>().into()
}

pub(crate) fn flags() {
    let flag = json!({ "type": "boolean", "whenOff": "off", "default": "off" });
    assert_eq!(refused(json!({ "flags": entries(limits::FLAGS + 1, |_| flag.clone()) })), "TOO_MANY");
    counted(Section::Flags, limits::FLAGS);
}

pub(crate) fn units() {
    let with = |count: usize| json!({ "units": entries(count, |_| json!({ "attribute": "id" })) });
    assert!(build(with(limits::UNITS)).is_ok());
    assert_eq!(refused(with(limits::UNITS + 1)), "TOO_MANY");
    counted(Section::Units, limits::UNITS);
}

pub(crate) fn segments() {
    let with = |count: usize| json!({ "segments": entries(count, |_| json!({ "s": { "is": "x" } })) });
    assert!(build(with(limits::SEGMENTS)).is_ok());
    assert_eq!(refused(with(limits::SEGMENTS + 1)), "TOO_MANY");
    counted(Section::Segments, limits::SEGMENTS);
}

pub(crate) fn lists() {
    let with = |count: usize| json!({ "lists": entries(count, |_| json!({ "attribute": "id", "ids": ["x"] })) });
    assert!(build(with(limits::LISTS)).is_ok());
    assert_eq!(refused(with(limits::LISTS + 1)), "TOO_MANY");
    counted(Section::Lists, limits::LISTS);
}

pub(crate) fn layers() {
    let with = |count: usize| json!({ "layers": entries(count, |_| json!({ "unit": "visitor" })) });
    assert_eq!(refused(with(limits::LAYERS + 1)), "TOO_MANY");
    counted(Section::Layers, limits::LAYERS);
}

/// No ruleset of a few megabytes has so many: ramps with a salt of their own, put together by hand.
pub(crate) fn gates() {
    let steps = json!([{ "to": "5%", "at": "2026-01-01" }]);
    let ramp = json!({ "id": "r", "ramp": "v1", "unit": "visitor", "salt": "x", "steps": steps });
    let parts = flag(2, json!({ "rules": [ramp] }));
    let (ruleset, _) = checked(parts);
    let with = |count: usize| {
        let mut ruleset = ruleset.clone();
        let flag = ruleset.flags.pop().unwrap();
        for start in (0..count).step_by(200) {
            let mut flag = flag.clone();
            flag.name = format!("f{start}");
            let rule = flag.item.base.rules.pop().unwrap();
            for salt in start..count.min(start + 200) {
                let mut rule = rule.clone();
                let ruleset::Action::Ramp(ramp) = &mut rule.item.action else { panic!("no ramp") };
                ramp.salt = Some(format!("salt-{salt}"));
                flag.item.base.rules.push(rule);
            }
            ruleset.flags.push(flag);
        }
        compile(&ruleset, 0).map_err(|refused| refused.what)
    };
    assert!(with(limits::GATES).is_ok());
    assert!(with(limits::GATES + 1).unwrap_err().contains("65536 trials"));
    counted(Section::Gates, limits::GATES);
}

pub(crate) fn ranges() {
    let share = |millionths: usize| format!("{}.{:04}%", millionths / 10_000, millionths % 10_000);
    let with = |count: usize| {
        let ranges: Vec<String> =
            (0..count).map(|index| format!("{}-{}", share(900 * index), share(900 * index + 450))).collect();
        let phases = json!([{ "id": 1, "from": "1970-01-01", "split": { "v0": "50%", "v1": "50%" } }]);
        let mut parts = flag(2, json!({ "rules": [{ "id": "r", "experiment": "e" }] }));
        parts["layers"] = json!({ "l": { "unit": "visitor" } });
        parts["experiments"] = json!({ "e": { "unit": "visitor", "layer": { "l": ranges }, "phases": phases } });
        parts
    };
    let decided = |body: &[u8]| {
        let program = read(body).unwrap();
        let mut session = Session::new(&program);
        let errors = (0..100).filter(|id| {
            let id: &str = &format!("u{id}");
            session.clear(&program);
            program.slots().for_each(|slot| session.set(&program, slot, Value::String(id.as_bytes())));
            evaluate(&program, FlagIndex(0), &mut session, 0, &mut NoTrace).variant.is_err()
        });
        errors.count()
    };
    let body = build(with(limits::RANGES)).unwrap().body;
    assert_eq!(decided(&body), 0);
    assert_eq!(refused(with(limits::RANGES + 1)), "TOO_MANY");
    // Of the one gate: salt, layer, ranges, first range.
    let (mut damaged, most) = (body.clone(), (limits::RANGES as u16).to_le_bytes());
    let gate = [&[0; 6][..], &most, &[0; 4]].concat();
    let at = body.windows(gate.len()).position(|window| window == gate).unwrap();
    damaged[at + 6..at + 8].copy_from_slice(&(limits::RANGES as u16 + 1).to_le_bytes());
    assert_eq!(decided(&damaged), 100);
}

/// What a page's engine writes of them: pkg/tests/limits.test.mjs asks it for all names of a signed table.
pub(crate) fn names() {
    let of = |bytes: usize| "n".repeat(bytes);
    let attribute = |bytes: usize| json!({ "attributes": { "id": "string", of(bytes): "string" } });
    let unit = |bytes: usize| json!({ "units": { of(bytes): { "attribute": "id" } } });
    let flag =
        |bytes: usize| json!({ "flags": { of(bytes): { "type": "boolean", "whenOff": "off", "default": "off" } } });
    assert!(build(attribute(limits::NAME_BYTES)).is_ok() && build(flag(limits::NAME_BYTES)).is_ok());
    assert_eq!(refused(attribute(limits::NAME_BYTES + 1)), "INVALID_NAME");
    let variant = |bytes: usize| json!({ "flags": { "f": { "type": "number", "variants": { of(bytes): 1 }, "whenOff": of(bytes), "default": of(bytes) } } });
    assert!(build(variant(limits::NAME_BYTES)).is_ok());
    assert_eq!(refused(variant(limits::NAME_BYTES + 1)), "INVALID_NAME");
    assert_eq!(refused(flag(limits::NAME_BYTES + 1)), "INVALID_NAME");
    assert!(build(unit(limits::UNIT_NAME_BYTES)).is_ok());
    assert_eq!(refused(unit(limits::UNIT_NAME_BYTES + 1)), "INVALID_NAME");
    let mut table = Table::default();
    let (short, long) = (table.text(&of(limits::NAME_BYTES)), table.text(&of(limits::NAME_BYTES + 1)));
    for key in [short, long] {
        table.push(Section::Variants, &[key.to_le_bytes(), [0; 4]].concat());
    }
    let program = read(&table.finish()).unwrap();
    assert_eq!(program.name(Text(short), limits::NAME_BYTES), of(limits::NAME_BYTES).as_bytes());
    assert_eq!(program.name(Text(long), limits::NAME_BYTES), b"");
    // Of an exposure, too.
    let key = |index| waft::exposure::variant_key(&program, waft::Arm::Variant(index));
    assert_eq!((key(0), key(1)), (of(limits::NAME_BYTES).as_bytes(), &b""[..]));
}

pub(crate) fn salts() {
    let with = |bytes: usize| {
        let steps = json!([{ "to": "50%", "at": "1970-01-01" }]);
        flag(
            2,
            json!({ "rules": [{ "id": "r", "ramp": "v1", "unit": "visitor", "salt": "s".repeat(bytes), "steps": steps }] }),
        )
    };
    let body = build(with(limits::SALT_BYTES)).unwrap().body;
    assert_eq!(refused(with(limits::SALT_BYTES + 1)), "INVALID_SALT");
    // A longer one of a signed table is none: no key is derived of megabytes.
    let key = |salt: Text, program: &Program| {
        waft::salt::Salt { written: salt, name: Text::NONE }.key(program, waft::buckets::Purpose::Ramp, None)
    };
    let program = read(&body).unwrap();
    let rule = program.rule_of(&program.flag(FlagIndex(0)).unwrap(), 0).unwrap();
    let waft::rule::Action::Ramp(at, _) = rule.action() else { panic!("no ramp") };
    let gate = program.placement(&program.trial(&program.flag(FlagIndex(0)).unwrap(), at).unwrap()).unwrap();
    let derived = waft::buckets::Key::derive(waft::buckets::Purpose::Ramp, &[&[b's'; limits::SALT_BYTES]]);
    assert_eq!(key(gate.salt, &program), derived);
    let mut table = Table::default();
    let (long, empty) = (Text(table.text(&"s".repeat(limits::SALT_BYTES + 1))), Text(table.text("x")));
    let program = read(&table.finish()).unwrap();
    assert_eq!(key(long, &program), waft::buckets::Key::derive(waft::buckets::Purpose::Ramp, &[b""]));
    assert_ne!(key(empty, &program), key(long, &program));
}

/// Who reads contexts: the studio here, and pages by pkg/src/engine/context.ts, whose limit is held to be the same above.
pub(crate) fn text_length() {
    let rules = json!([{ "id": "r", "if": { "s": { "contains": "x" } }, "serve": "v1" }]);
    let program = program(flag(2, json!({ "rules": rules })));
    assert_eq!(decide(&program, json!({ "s": "x".repeat(limits::TEXT_LENGTH) })).0, "v1");
    assert_eq!(decide(&program, json!({ "s": "x".repeat(limits::TEXT_LENGTH + 1) })).0, "v0");
}

pub(crate) fn unit_bytes() {
    let lot = |id: String| {
        let steps = json!([{ "to": "100%", "at": "1970-01-01" }]);
        let program =
            program(flag(2, json!({ "rules": [{ "id": "r", "ramp": "v1", "unit": "visitor", "steps": steps }] })));
        decide(&program, json!({ "id": id })).0.to_owned()
    };
    assert_eq!(lot("u".repeat(limits::UNIT_BYTES)), "v1");
    assert_eq!(lot("u".repeat(limits::UNIT_BYTES + 1)), "v0");
    let with = |bytes: usize| flag(2, json!({ "targets": { "v1": { "visitor": ["u".repeat(bytes)] } } }));
    assert_eq!(decide(&program(with(limits::UNIT_BYTES)), json!({ "id": "u".repeat(limits::UNIT_BYTES) })).0, "v1");
    assert_eq!(refused(with(limits::UNIT_BYTES + 1)), "INVALID_ID");
    let list = |bytes: usize| json!({ "lists": { "l": { "attribute": "id", "ids": ["u".repeat(bytes)] } } });
    assert!(build(list(limits::UNIT_BYTES)).is_ok());
    assert_eq!(refused(list(limits::UNIT_BYTES + 1)), "LIST_ID");
}

/// As many results as there may be wait on the stack, and one more.
pub(crate) fn condition_stack() {
    let decided = |results: usize| {
        let mut code = snapshot::Code::default();
        (0..results).for_each(|_| code.operation(Operator::Exists, 0, &[]));
        code.operation(Operator::All, results as u16, &[]);
        let (mut table, words) = (Table::default(), code.0.len() as u32);
        let (v0, v1) = (table.text("v0"), table.text("v1"));
        let value = table.text("0");
        let record = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        table.push(Section::Attributes, &record(&[v0, 1]));
        table.push(Section::Variants, &record(&[v0, value]));
        table.push(Section::Variants, &record(&[v1, value]));
        let head = [(words + 2) | 2 << 12 | 1 << 16 | 1 << 24, v0];
        for word in head.iter().chain(&code.0) {
            table.push(Section::Code, &word.to_le_bytes());
        }
        // One rule, two variants, of numbers, enabled.
        table.push(Section::Flags, &record(&[v0, 0, 0, u32::from_le_bytes([1, 2, 3, 1]), 0]));
        let program = read(&table.finish()).unwrap();
        let mut session = Session::new(&program);
        session.set(&program, Slot(0), Value::String(b"x"));
        evaluate(&program, FlagIndex(0), &mut session, 0, &mut NoTrace).variant.unwrap()
    };
    assert_eq!(decided(limits::CONDITION_STACK), 1);
    assert_eq!(decided(limits::CONDITION_STACK + 1), 0, "unknown: the rule is passed over");
    // A ruleset comes nowhere near: it combines as it goes, and nests 30 deep.
    let nested = |levels: usize| {
        (0..levels).fold(json!({ "s": { "is": "x" } }), |inner, _| json!({ "not": inner, "id": { "is": "x" } }))
    };
    let with = |levels: usize| flag(2, json!({ "rules": [{ "id": "r", "if": nested(levels), "serve": "v1" }] }));
    assert!(build(with(29)).is_ok());
    assert_eq!(refused(with(30)), "TOO_DEEP");
}

pub(crate) fn segment_depth() {
    let most = usize::from(limits::SEGMENT_DEPTH);
    let with = |count: usize| {
        let segment = |index: usize| {
            if index == 0 { json!({ "s": { "is": "x" } }) } else { json!({ "segment": format!("n{}", index - 1) }) }
        };
        let mut parts =
            flag(2, json!({ "rules": [{ "id": "r", "if": { "segment": format!("n{}", count - 1) }, "serve": "v1" }] }));
        parts["segments"] = entries(count, segment);
        parts
    };
    assert_eq!(decide(&program(with(most - 1)), json!({ "s": "x" })).0, "v1");
    assert_eq!(refused(with(most)), "TOO_DEEP");
    // Of a signed table, each is one operation: the operator of segments and which, or one that nobody knows.
    let table = |operations: &[u32]| {
        let mut table = Table::default();
        for (index, operation) in operations.iter().enumerate() {
            table.push(Section::Code, &operation.to_le_bytes());
            let record = [0, 0, index as u32, 1].map(u32::to_le_bytes);
            table.push(Section::Segments, record.as_flattened());
        }
        read(&table.finish()).map(drop)
    };
    let names = |segment: usize| 60 | (segment as u32) << 16;
    let chain = |count: usize| table(&[vec![250], (1..count).map(|index| names(index - 1)).collect()].concat());
    assert_eq!(chain(most), Ok(()));
    assert_eq!(chain(most + 1), Err(Code::TooLarge));
    // Each names only earlier ones.
    for named in [&[names(0)][..], &[250, names(1)], &[250, names(2), 250], &[250, names(4_095)]] {
        assert_eq!(table(named), Err(Code::Malformed));
    }
}

pub(crate) fn pattern_bytes() {
    let table = pattern::compile("^[ab]{300}[cd]{300}$").unwrap();
    assert!(table.len() <= limits::PATTERN_BYTES);
    assert!(matches!(pattern::compile("(a|b)*a(a|b){14}$"), Err(pattern::Fault::TooLarge)));
    // Of a signed one no more is read than that.
    let mut table = Table::default();
    table.share(Section::Patterns, &vec![1; limits::PATTERN_BYTES + 1]);
    let program = read(&table.finish()).unwrap();
    assert_eq!(program.pattern(0).len(), limits::PATTERN_BYTES);
}
