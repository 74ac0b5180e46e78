//! What one decision can cost at most: the words of segments, of rules, and what stands for draws.

use waft::ErrorCode;
use waft::program::FlagIndex;
use waft::rule::rule_word;
use waft_explain::population::Population;

use super::*;

pub(crate) fn segment_words() {
    let most = limit("words of all segments");
    // A segment of so many words, an odd number: one for each test and, behind all but the first, one that combines.
    let segment = |words: usize| json!({ "any": vec![json!({ "s": { "exists": true } }); words.div_ceil(2)] });
    let with = |words: usize| {
        let mut parts = flag(2, json!({ "rules": [{ "id": "r", "if": { "segment": "two" }, "serve": "v1" }] }));
        parts["segments"] = json!({ "one": segment(most / 2 - 1), "two": segment(words) });
        parts
    };
    assert_eq!(decide(&program(with(most / 2 + 1)), json!({ "s": "x" })).0, "v1");
    assert_eq!(refused(with(most / 2 + 3)), format!("all segments together have over {most} words"));

    // Segments that share their code count each by itself.
    let table = |count: usize| {
        let mut table = snapshot::Table::default();
        table.share(Section::Code, &vec![0; most / 2 * 4]);
        for _ in 0..count {
            table.push(Section::Segments, &words(&[0, 0, 0, most as u32 / 2]));
        }
        snapshot::unverified_body("limits", "test", &table.finish()).map_err(|refusal| refusal.code)
    };
    assert!(table(2).is_ok());
    assert_eq!(table(3).unwrap_err(), Code::TooLarge);
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Rules of so many words each, that come to nothing: what they ask leaves more results than there is room for.
fn rules(lengths: &[usize]) -> Vec<u32> {
    let rule = |length: &usize| {
        let head = *length as u32 | 2 << 12 | rule_word::SERVE << 16;
        [head, 0].into_iter().chain(std::iter::repeat_n(16, length - 2))
    };
    lengths.iter().flat_map(rule).collect()
}

/// Flags `a`, `b` and so on with such code each, and how many rules that is; all have one variant.
fn table_of(codes: &[(Vec<u32>, usize)]) -> Program {
    let mut table = snapshot::Table::default();
    let variant = [table.text("v"), table.text("1")];
    table.push(Section::Variants, &words(&variant));
    for (index, (code, count)) in codes.iter().enumerate() {
        let key = table.text(&char::from(b'a' + index as u8).to_string());
        let code = table.share(Section::Code, &words(code));
        let counts = u32::from_le_bytes([*count as u8, 1, 3, 1]);
        table.push(Section::Flags, &words(&[key, code, 0, counts, 0]));
    }
    snapshot::unverified_body("limits", "test", &table.finish()).unwrap()
}

pub(crate) fn decision_words() {
    let most = limit("words of one decision");
    let decided = |program: &Program, flag| {
        let mut session = context::session(program, &Map::from_iter([("s".to_owned(), Json::from("x"))]));
        let variant = evaluate(program, FlagIndex(flag), &mut session, 0, &mut NoTrace).variant;
        // A population comes to the same.
        let mut population = Population::new(program);
        population.add(program, "[{}]").unwrap();
        assert_eq!(population.decide(program, FlagIndex(flag), 0)[usize::from(variant.is_err())], 1);
        variant.map_err(ErrorCode::name)
    };
    // The flag `a` needs `b` and `c`, which share their code: each is decided once, and both count.
    let large = (rules(&[4_095; 16]), 16);
    let with = |own: usize| {
        let need = |flag: u32| [3 | 3 << 12 | rule_word::NEED << 16, 0, flag];
        let code = [need(1).to_vec(), need(2).to_vec(), rules(&[own])].concat();
        table_of(&[(code, 3), large.clone(), large.clone()])
    };
    let own = most - 2 * 16 * 4_095 - 6;
    assert_eq!(decided(&with(own), 0), Ok(0));
    let past = with(own + 1);
    assert_eq!(decided(&past, 0), Err("PARSE_ERROR"));
    // It costs itself alone; and whether the others were decided before does not matter.
    let mut session = context::session(&past, &Map::new());
    for flag in [1, 2, 0, 1] {
        let variant = evaluate(&past, FlagIndex(flag), &mut session, 0, &mut NoTrace).variant;
        assert_eq!(variant.is_ok(), flag != 0, "{flag}");
    }
    // A flag alone.
    assert_eq!(decided(&table_of(&[(rules(&[4_095; 32]), 32)]), 0), Ok(0));
    assert_eq!(decided(&table_of(&[(rules(&[4_095; 33]), 33)]), 0), Err("PARSE_ERROR"));
}

pub(crate) fn draw_words() {
    let most = limit("words of one decision");
    // A draw counts as many words: the ramps of so many flags, all of which one needs.
    let ramps = |count: usize| {
        let ramp = |index: usize| json!({ "id": format!("r{index}"), "ramp": "v1", "unit": "visitor", "steps": [{ "to": "1%", "at": "2026-01-01" }] });
        let ramps: Vec<Json> = (0..200).map(ramp).collect();
        let needed =
            (0..count).map(|index| (format!("n{index}"), flag(2, json!({ "rules": ramps }))["flags"]["f"].clone()));
        let requires: Map<String, Json> = (0..count).map(|index| (format!("n{index}"), "v0".into())).collect();
        let mut parts = flag(2, json!({ "requires": requires, "default": "v1" }));
        parts["flags"].as_object_mut().unwrap().extend(needed);
        parts
    };
    // 200 rules of 5 + 64 words: nine times that is within, and ten times is not.
    assert_eq!(decide(&program(ramps(9)), json!({ "id": "u" })).0, "v1");
    assert_eq!(refused(ramps(10)), format!("flag `f` and the 10 flags it needs have 138090 words, at most {most}"));
}
