//! tests/vectors through text, compiler, signature, verification and evaluator: natively, and as wasm in a browser.
//! pkg/tests runs the same files through the npm package.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use waft::buckets::{Key, Purpose};
use waft::head::freshness::KEPT;
use waft::head::kills::Kills;
use waft::trust::{Key as TrustKey, Requirement};
use waft::{Preview, Program, Trust, verify};
use waft_compile::snapshot::{Claims, kills, preview as preview_token, seal, sign};
use waft_compile::{compile, keys};
use waft_explain::context;
use waft_explain::decision::Explanation;
use waft_ruleset as ruleset;
use waft_ruleset::source::SourceFile;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test_configure!(run_in_browser);

/// Who publishes, and who may show previews.
const PUBLISHER: [u8; 32] = [7; 32];
const PREVIEWER: [u8; 32] = [8; 32];
/// Who kills.
const KILLER: [u8; 32] = [9; 32];

fn trust(project: &str) -> Trust {
    let requirement = |role: &str, seed| {
        let key = keys::from_seed(seed).pk;
        Requirement { role: role.into(), at_least: 1, keys: vec![TrustKey { kid: keys::kid(&key), public: *key }] }
    };
    let require =
        vec![requirement("publisher", PUBLISHER), requirement("preview", PREVIEWER), requirement("kill", KILLER)];
    Trust::new(project, "test", 0, 0, require).unwrap()
}

/// A ruleset's text, built for its environment `test`, signed, verified and ready.
fn program(text: &str) -> Program {
    let file = SourceFile { name: "vectors.json".to_owned(), bytes: text.as_bytes().to_vec() };
    let (ruleset, _) =
        ruleset::check(&[file], &ruleset::World::still()).unwrap_or_else(|findings| panic!("{findings:#?}"));
    let environment = ruleset.environments.iter().position(|named| named.name == "test").unwrap();
    let claims = Claims {
        project: ruleset.project.clone(),
        environment: "test".to_owned(),
        version: 1,
        issued: 0,
        not_before: None,
        expires: 1 << 32,
    };
    let compiled = compile(&ruleset, environment).unwrap();
    let bytes = sign(&seal(&claims, &compiled.body, &[]), &keys::from_seed(PUBLISHER), "publisher").unwrap();
    let trust = trust(&claims.project);
    verify(bytes, &trust, 1_000, None).and_then(Program::new).unwrap()
}

/// Runs each case of a file and checks every field that it expects.
fn check(name: &str, text: &str) {
    let file: Json = serde_json::from_str(text).unwrap();
    let program = program(&file["ruleset"].to_string());
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let case = case.as_object().unwrap();
        let now = case.get("now").unwrap_or(&file["now"]).as_str().unwrap();
        let now = waft::date::parse(now.as_bytes()).unwrap();
        let decided = decide(&program, case, now);
        for (field, expected) in case {
            let ours = match field.as_str() {
                "flag" | "context" | "now" | "preview" | "remembered" | "kills" => continue,
                "exposures" => {
                    let decided = decided.get("exposures").cloned().unwrap_or_default();
                    let (ours, expected) = (decided.as_array().unwrap(), expected.as_array().unwrap());
                    let same = |(ours, expected): (&Json, &Json)| {
                        expected.as_object().unwrap().iter().all(|(key, value)| ours[key] == *value)
                    };
                    if ours.len() == expected.len() && ours.iter().zip(expected).all(same) { continue } else { decided }
                }
                field => decided.get(field).cloned().unwrap_or_default(),
            };
            if ours != *expected {
                wrong.push(format!(
                    "{name} case {index}: {field} is {ours}, expected {expected}: {}",
                    Json::from(case.clone())
                ));
            }
        }
        if !case.contains_key("exposures") && decided.get("exposures").is_some() {
            wrong.push(format!("{name} case {index}: an exposure, expected none"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} wrong\n{}", wrong.len(), cases.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(cases.len() > 10, "{name} has hardly any cases");
}

/// What a map with a `$` stands for: junk.py says it.
enum StandsFor {
    Json(Json),
    /// One that JSON has no word for.
    Number(f64),
}

fn stands_for(value: &Json) -> StandsFor {
    let whole = |value: &Json| match stands_for(value) {
        StandsFor::Json(value) => value,
        StandsFor::Number(number) => panic!("{number} in a list"),
    };
    if let Some(units) = value["$utf16"].as_array() {
        let units: Vec<u16> = units.iter().map(|unit| unit.as_u64().unwrap() as u16).collect();
        return StandsFor::Json(String::from_utf16_lossy(&units).into());
    }
    if let Some([text, count]) = value["$repeat"].as_array().map(Vec::as_slice) {
        return StandsFor::Json(text.as_str().unwrap().repeat(count.as_u64().unwrap() as usize).into());
    }
    match (value["$number"].as_str(), value.as_array()) {
        (Some(number), _) => StandsFor::Number(number.parse().unwrap()),
        (None, Some(items)) => StandsFor::Json(items.iter().map(whole).collect()),
        (None, None) => StandsFor::Json(value.clone()),
    }
}

/// What a case shows, `{expires, flags: {flag: variant}}`, through a token that was made a week earlier.
fn show(program: &Program, preview: &Json) -> Preview {
    let expires = waft::date::parse(preview["expires"].as_str().unwrap().as_bytes()).unwrap();
    let made = expires - 7 * 86_400_000;
    let project = program.snapshot().project();
    let claims = Claims {
        project: String::from_utf8(project.to_vec()).unwrap(),
        environment: "test".to_owned(),
        version: 0,
        issued: made as u64 / 1_000,
        not_before: None,
        expires: expires as u64 / 1_000,
    };
    let shown: BTreeMap<String, String> = serde_json::from_value(preview["flags"].clone()).unwrap();
    let token = sign(&preview_token(&claims, &shown), &keys::from_seed(PREVIEWER), "preview").unwrap();
    verify(token, &trust(&claims.project), made, None).and_then(|verified| Preview::new(verified, program)).unwrap()
}

/// The flags that a case kills, through a list that was adopted long ago.
fn killed(program: &Program, flags: &Json) -> Kills {
    let project = String::from_utf8(program.snapshot().project().to_vec()).unwrap();
    let environment = "test".to_owned();
    let claims = Claims { project, environment, version: 1, issued: 0, not_before: None, expires: 1 };
    let flags: BTreeSet<String> = serde_json::from_value(flags.clone()).unwrap();
    let list = sign(&kills(&claims, &flags), &keys::from_seed(KILLER), "kill").unwrap();
    verify(list, &trust(&claims.project), KEPT, None).and_then(Kills::new).unwrap()
}

fn decide(program: &Program, case: &Map<String, Json>, now: i64) -> Json {
    let (mut context, mut numbers) = (Map::new(), Vec::new());
    for (name, value) in case["context"].as_object().unwrap() {
        match stands_for(value) {
            StandsFor::Json(value) => drop(context.insert(name.clone(), value)),
            StandsFor::Number(number) => numbers.push((name.as_bytes(), number)),
        }
    }
    let mut session = context::session(program, &context);
    for slot in program.slots() {
        let name = program.attribute(slot).unwrap().name;
        for (_, number) in numbers.iter().filter(|(attribute, _)| *attribute == program.text(name)) {
            session.set(program, slot, waft::Value::Number(*number));
        }
    }
    if let Some(preview) = case.get("preview") {
        session.set_preview(show(program, preview));
    }
    if let Some(flags) = case.get("kills") {
        session.set_kills(program, &killed(program, flags));
    }
    if let Some(remembered) = case.get("remembered").and_then(Json::as_object) {
        let line = |(id, variant): (&String, &Json)| format!("{id} {}\n", variant.as_str().unwrap());
        session.set_sticky(remembered.iter().map(line).collect::<String>().into_bytes());
    }
    let context = &context;
    let flag = program.find(case["flag"].as_str().unwrap().as_bytes()).unwrap_or(waft::program::FlagIndex(u32::MAX));
    let explained = Explanation::of(program, flag, &mut session, context, now);
    // The trace comes from the same run; without a listener it must come out the same.
    let plain = waft::evaluate(program, flag, &mut session, now, &mut waft::NoTrace);
    assert_eq!(explained.decision.reason, plain.reason.name());
    serde_json::to_value(explained).unwrap()
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn operators() {
    check("operators", include_str!("../../../tests/vectors/operators.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn experiments() {
    check("experiments", include_str!("../../../tests/vectors/experiments.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn decisions() {
    check("decisions", include_str!("../../../tests/vectors/decisions.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn language() {
    check("language", include_str!("../../../tests/vectors/language.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn order() {
    check("order", include_str!("../../../tests/vectors/order.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn previews() {
    check("previews", include_str!("../../../tests/vectors/previews.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn kill_lists() {
    check("kills", include_str!("../../../tests/vectors/kills.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn junk() {
    check("junk", include_str!("../../../tests/vectors/junk.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn ids() {
    check("ids", include_str!("../../../tests/vectors/ids.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn versions() {
    check("versions", include_str!("../../../tests/vectors/versions.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn environments() {
    check("environments", include_str!("../../../tests/vectors/environments.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn callers() {
    check("callers", include_str!("../../../tests/vectors/callers.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn units() {
    check("units", include_str!("../../../tests/vectors/units.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn patterns() {
    check("patterns", include_str!("../../../tests/vectors/patterns.json"));
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test)]
fn points() {
    let file: Json = serde_json::from_str(include_str!("../../../tests/vectors/points.json")).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let purpose = match case["purpose"].as_str().unwrap() {
            "layer" => Purpose::Layer,
            "coverage" => Purpose::Coverage,
            "split" => Purpose::Split,
            "holdout" => Purpose::Holdout,
            "ramp" => Purpose::Ramp,
            "share" => Purpose::Share,
            "list" => Purpose::List,
            other => panic!("{other}"),
        };
        let key = Key::derive(purpose, &[case["salt"].as_str().unwrap().as_bytes()]);
        assert_eq!(u64::from(key.point(case["unit"].as_str().unwrap().as_bytes())), case["point"], "{case}");
    }
}
