//! An explanation as indented text.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// Tells the rules of an explanation, a line a step: `[x]` holds, `[ ]` does not, `[?]` is not known, `[-]` was not looked at.
pub fn render(rules: &[Json]) -> String {
    let mut out = String::new();
    for rule in rules {
        if rule.get("preview").is_some() {
            line(&mut out, 0, mark(rule), "a signed preview shows it");
            continue;
        }
        let name = rule.get("rule").and_then(Json::as_str).unwrap_or("?");
        line(&mut out, 0, mark(rule), &format!("rule {name}{}", note(rule)));
        if let Some(condition) = rule.get("condition") {
            render_condition(&mut out, 1, condition);
        }
        if rule.get("stops").is_some() {
            line(&mut out, 1, "", "not known, so the off variant is served");
        }
        if let Some(except) = rule.get("except") {
            line(&mut out, 1, "", "except");
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
    let parts = |key: &str| condition.get(key).and_then(Json::as_array);
    let (words, parts): (_, &[Json]) = if let Some(parts) = parts("all") {
        ("all of", parts)
    } else if let Some(parts) = parts("any") {
        ("any of", parts)
    } else if let Some(part) = condition.get("not") {
        ("not", std::slice::from_ref(part))
    } else {
        let words = condition.get("words").and_then(Json::as_str).unwrap_or("?");
        (words, condition.get("condition").map_or(&[], std::slice::from_ref))
    };
    line(out, depth, mark(condition), &format!("{words}{}", note(condition)));
    parts.iter().for_each(|part| render_condition(out, depth + 1, part));
}

fn render_entry(out: &mut String, kind: &str, entry: &Json) {
    let text = |told: &Json, field: &str| told.get(field).and_then(Json::as_str).unwrap_or("?").to_owned();
    line(out, 1, "", &format!("{kind} {}", text(entry, "key")));
    if entry.get("remembered").is_some() {
        line(out, 2, HOLDS, "keeps the variant it was given earlier");
    }
    if entry.get("stopped").is_some() {
        let attribute = entry.get("attribute").map_or(String::new(), |_| format!(": {}", text(entry, "attribute")));
        line(out, 2, FAILS, &format!("{}{attribute}{}", text(entry, "stopped"), note(entry)));
    }
    for purpose in ["layer", "holdout", "ramp", "half", "released", "coverage", "split"] {
        let Some(told) = entry.get(purpose) else { continue };
        let name = told.get("name").map_or(String::new(), |_| format!(" {}", text(told, "name")));
        let at = told.get("point").unwrap_or(&Json::Null);
        line(out, 2, mark_of(told.get("inside")), &format!("{purpose}{name}: point {at} %, in {}", bounds(told)));
    }
}

/// Which points are in.
fn bounds(told: &Json) -> String {
    let number = |name| told.get(name).unwrap_or(&Json::Null);
    let range = |from: &Json, below: &Json| format!("{from} %-{below} %");
    match (told.get("ranges").and_then(Json::as_array), told.get("from")) {
        (Some(ranges), _) => {
            let pair = |pair: &Json| Some(range(pair.get(0)?, pair.get(1)?));
            ranges.iter().filter_map(pair).collect::<Vec<_>>().join(" or ")
        }
        (None, Some(from)) => range(from, number("below")),
        (None, None) => format!("below {} %", number("below")),
    }
}

fn note(told: &Json) -> String {
    told.get("note").and_then(Json::as_str).map_or(String::new(), |note| format!(" ({note})"))
}

const HOLDS: &str = "[x] ";
const FAILS: &str = "[ ] ";

/// How the result of a condition or a rule is marked.
fn mark(told: &Json) -> &'static str {
    mark_of(told.get("result"))
}

fn mark_of(result: Option<&Json>) -> &'static str {
    match result {
        Some(Json::Bool(true)) => HOLDS,
        Some(Json::Bool(false)) => FAILS,
        Some(_) => "[?] ",
        None => "[-] ",
    }
}

fn line(out: &mut String, depth: usize, mark: &str, text: &str) {
    // A name with a line break in it would forge a step. Writing to a string cannot fail.
    let _ = writeln!(out, "{:indent$}{mark}{}", "", waft_ruleset::escape::text(text), indent = depth * 2);
}
