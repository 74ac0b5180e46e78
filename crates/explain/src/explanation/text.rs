//! An explanation as indented text.

use std::fmt::Write as _;

use waft::Truth;

use super::story::{ConditionStory, LayerStory, PointStory, RuleStory, TraceEntry, TrialStory};
use crate::value::Tristate;

/// Tells the rules of an explanation, a line a step: `[x]` holds, `[ ]` does not, `[?]` is not known, `[-]` was not looked at.
pub fn render(rules: &[TraceEntry]) -> String {
    let mut out = String::new();
    for entry in rules {
        match entry {
            #[cfg(feature = "head")]
            TraceEntry::Killed(killed) => line(&mut out, 0, mark(Some(killed.result)), "the kill list names it"),
            TraceEntry::Preview(shown) => line(&mut out, 0, mark(Some(shown.result)), "a signed preview shows it"),
            TraceEntry::Rule(rule) => render_rule(&mut out, rule),
        }
    }
    out
}

fn render_rule(out: &mut String, rule: &RuleStory) {
    line(out, 0, mark(rule.result), &format!("rule {}{}", rule.rule, bracketed(rule.note.as_ref())));
    if let Some(condition) = &rule.condition {
        render_condition(out, 1, condition);
    }
    if rule.stops.is_some() {
        line(out, 1, "", "not known, so the off variant is served");
    }
    if let Some(except) = &rule.except {
        line(out, 1, "", "except");
        render_condition(out, 2, except);
    }
    for (kind, trial) in [("holdout", &rule.holdout), ("experiment", &rule.experiment), ("ramp", &rule.ramp)] {
        if let Some(trial) = trial {
            render_trial(out, kind, trial);
        }
    }
}

fn render_condition(out: &mut String, depth: usize, condition: &ConditionStory) {
    let words = match condition {
        ConditionStory { all: Some(_), .. } => "all of",
        ConditionStory { any: Some(_), .. } => "any of",
        ConditionStory { not: Some(_), .. } => "not",
        ConditionStory { words, .. } => words,
    };
    let note = bracketed(condition.asked.note.as_ref());
    line(out, depth, mark(condition.result), &format!("{words}{note}"));
    condition.parts().for_each(|part| render_condition(out, depth + 1, part));
}

fn render_trial(out: &mut String, kind: &str, trial: &TrialStory) {
    line(out, 1, "", &format!("{kind} {}", trial.key));
    if trial.remembered.is_some() {
        line(out, 2, HOLDS, "keeps the variant it was given earlier");
    }
    if let Some(stopped) = &trial.stopped {
        let attribute = trial.asked.attribute.as_ref().map_or(String::new(), |attribute| format!(": {attribute}"));
        line(out, 2, FAILS, &format!("{stopped}{attribute}{}", bracketed(trial.asked.note.as_ref())));
    }
    if let Some(LayerStory { name, point, ranges, inside }) = &trial.layer {
        let ranges: Vec<_> = ranges.iter().map(|(from, below)| format!("{from} %-{below} %")).collect();
        let text = format!("layer {name}: point {point} %, in {}", ranges.join(" or "));
        line(out, 2, mark_of(*inside), &text);
    }
    let points = [
        ("holdout", &trial.holdout),
        ("ramp", &trial.ramp),
        ("half", &trial.half),
        ("released", &trial.released),
        ("coverage", &trial.coverage),
        ("split", &trial.split),
    ];
    for (purpose, told) in points {
        let Some(PointStory { point, from, below, inside }) = told else { continue };
        let bounds = from.map_or_else(|| format!("below {below} %"), |from| format!("{from} %-{below} %"));
        line(out, 2, mark_of(*inside), &format!("{purpose}: point {point} %, in {bounds}"));
    }
}

fn bracketed(note: Option<&String>) -> String {
    note.map_or(String::new(), |note| format!(" ({note})"))
}

const HOLDS: &str = "[x] ";
const FAILS: &str = "[ ] ";

/// How the result of a condition or a rule is marked.
fn mark(result: Option<Tristate>) -> &'static str {
    match result {
        Some(Tristate(Truth::True)) => HOLDS,
        Some(Tristate(Truth::False)) => FAILS,
        Some(Tristate(Truth::Unknown)) => "[?] ",
        None => "[-] ",
    }
}

fn mark_of(inside: bool) -> &'static str {
    if inside { HOLDS } else { FAILS }
}

fn line(out: &mut String, depth: usize, mark: &str, text: &str) {
    // A name with a line break in it would forge a step. Writing to a string cannot fail.
    let _ = writeln!(out, "{:indent$}{mark}{}", "", waft_ruleset::escape::text(text), indent = depth * 2);
}
