//! An explanation as indented text.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Tells the rules of an explanation, a line a step: `[x]` holds, `[ ]` does not, `[?]` is not known.
pub fn render(rules: &[Json]) -> String {
    let mut out = String::new();
    for rule in rules {
        if rule.get("preview").is_some() {
            line(&mut out, 0, rule.get("result"), "a signed preview shows it");
            continue;
        }
        let name = rule.get("rule").and_then(Json::as_str).unwrap_or("?");
        line(&mut out, 0, rule.get("result"), &format!("rule {name}"));
        if let Some(condition) = rule.get("condition") {
            render_condition(&mut out, 1, condition);
        }
        if let Some(except) = rule.get("except") {
            line(&mut out, 1, None, "except");
            render_condition(&mut out, 2, except);
        }
        for kind in ["holdout", "experiment", "ramp"] {
            if let Some(entry) = rule.get(kind) {
                render_entry(&mut out, kind, entry);
            }
        }
    }
    out
}

fn render_condition(out: &mut String, depth: usize, condition: &Json) {
    let words = condition.get("words").and_then(Json::as_str).unwrap_or("?");
    let result = condition.get("result");
    let parts = |key: &str| condition.get(key).and_then(Json::as_array);
    if let Some(parts) = parts("all").or_else(|| parts("any")) {
        let word = if condition.get("all").is_some() { "all of" } else { "any of" };
        line(out, depth, result, word);
        parts.iter().for_each(|part| render_condition(out, depth + 1, part));
    } else if let Some(part) = condition.get("not") {
        line(out, depth, result, "not");
        render_condition(out, depth + 1, part);
    } else if condition.get("missing").is_some() {
        line(out, depth, result, &format!("{words} (missing)"));
    } else if let Some(value) = condition.get("value") {
        line(out, depth, result, &format!("{words} (is {value})"));
    } else {
        line(out, depth, result, words);
        if let Some(inside) = condition.get("condition") {
            render_condition(out, depth + 1, inside);
        }
    }
}

fn render_entry(out: &mut String, kind: &str, experiment: &Json) {
    let key = experiment.get("key").and_then(Json::as_str).unwrap_or("?");
    line(out, 1, None, &format!("{kind} {key}"));
    if experiment.get("remembered").is_some() {
        line(out, 2, Some(&Json::Bool(true)), "keeps the variant it was given earlier");
    }
    if let Some(stopped) = experiment.get("stopped").and_then(Json::as_str) {
        line(out, 2, Some(&Json::Bool(false)), stopped);
    }
    if let Some(layer) = experiment.get("layer") {
        let name = layer.get("name").and_then(Json::as_str).unwrap_or("?");
        let point = layer.get("point").unwrap_or(&Json::Null);
        line(out, 2, layer.get("inside"), &format!("layer {name}: point {point} %"));
    }
    for purpose in ["holdout", "ramp", "half", "coverage", "split"] {
        if let Some(point) = experiment.get(purpose) {
            let (at, below) = (point.get("point").unwrap_or(&Json::Null), point.get("below").unwrap_or(&Json::Null));
            line(out, 2, point.get("inside"), &format!("{purpose}: point {at} %, in below {below} %"));
        }
    }
}

fn line(out: &mut String, depth: usize, result: Option<&Json>, text: &str) {
    let mark = match result {
        Some(Json::Bool(true)) => "[x] ",
        Some(Json::Bool(false)) => "[ ] ",
        Some(_) => "[?] ",
        None => "",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{:indent$}{mark}{text}", "", indent = depth * 2);
}
