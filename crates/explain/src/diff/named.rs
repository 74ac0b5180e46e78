//! Experiments, ramps and holdouts as things.

use serde_json::Value as Json;
use waft::Program;
use waft::program::{Flag, Second, Text};
use waft::rule::{Action, Rule, Trial};

use super::form::{condition, salt};
use super::thing::{Name, Part, Thing, ThingKind, Things};
use crate::value::array;
use waft_ruleset::Share;
use waft_ruleset::clock::text_of_seconds;

/// How parts with phases begin.
pub(super) const PHASE: &str = "phase ";

/// Adds the trial at a word of code, which a rule of a flag names. `None` if it cannot be read.
pub(super) fn add(program: &Program, flag: &Flag, rule: &Rule<'_>, at: u32, things: &mut Things) -> Option<Name> {
    let trial = program.trial(flag, at)?;
    let kind = match rule.action() {
        Action::Experiment(_) => ThingKind::Experiment,
        Action::Ramp(..) => ThingKind::Ramp,
        _ => ThingKind::Holdout,
    };
    let thing = thing(program, flag, rule, &trial, kind);
    let mut name = kind.named(program.str(trial.key));
    let forms = |thing: &Thing| thing.parts.iter().map(|part| part.form.clone()).collect::<Vec<_>>();
    if things.get(&name).is_some_and(|other| forms(other) != forms(&thing)) {
        // No compiler writes two of one name.
        name.name = format!("{} (of {})", name.name, program.str(flag.key));
    }
    things.insert(name.clone(), thing);
    Some(name)
}

fn thing(program: &Program, flag: &Flag, rule: &Rule<'_>, trial: &Trial, kind: ThingKind) -> Thing {
    let unit = program.unit(trial.unit.into()).map_or("", |unit| program.str(unit.name));
    let placement = program.placement(trial);
    let written = placement.map_or(Text::NONE, |placement| placement.salt);
    let mut parts = vec![
        Part::text("unit", unit).needing([ThingKind::Unit.named(unit)]),
        Part::text("salt", salt(program, written, trial.key)),
    ];
    if let Some(placement) = placement
        && let Some(layer) = placement.layer().and_then(|layer| program.layer(layer))
    {
        let name = program.str(layer.name);
        let ranges: Vec<_> = program.ranges(&placement).map(|range| (range.from, range.to)).collect();
        let words: Vec<String> =
            ranges.iter().map(|(from, to)| format!("{}-{}", Share::of(*from), Share::of(*to))).collect();
        let form = array![name, ranges.iter().map(|(from, to)| [from.0, to.0]).collect::<Vec<_>>()];
        let layer = Part::new("layer", form, format!("{name} {}", words.join(", ")));
        parts.push(layer.needing([ThingKind::Layer.named(name)]));
    }
    match kind {
        ThingKind::Experiment if rule.is_sticky() => parts.push(Part::text("sticky", "true")),
        ThingKind::Ramp if rule.is_monitored() => parts.push(Part::text("guard", "monitored")),
        ThingKind::Holdout => parts.push(condition(program, "except", rule.condition_span())),
        _ => {}
    }
    phases(program, flag, trial, kind, &mut parts);
    Thing { parts }
}

fn phases(program: &Program, flag: &Flag, trial: &Trial, kind: ThingKind, parts: &mut Vec<Part>) {
    for index in 0..trial.phase_count {
        let number = u32::from(index) + 1;
        let Some(phase) = program.phase(trial, index) else {
            // Whoever comes to it is decided as by no other.
            parts.push(Part::new(format!("{PHASE}{number}"), array![number, flag.code], "cannot be read"));
            continue;
        };
        let share = Share::of(phase.coverage);
        let (split, arms) = match kind {
            ThingKind::Experiment => split(program, flag, phase.split),
            _ => (Json::Null, String::new()),
        };
        let form = array![phase.id, phase.from.0, phase.to.0, phase.coverage.0, split];
        let dates = dates(phase.from, phase.to);
        let (what, words) = match kind {
            ThingKind::Experiment => (PHASE, format!("{dates}, coverage {share}, {arms}")),
            ThingKind::Ramp => ("step ", format!("{share} {dates}")),
            _ => ("share ", format!("{share} {dates}")),
        };
        let number = if kind == ThingKind::Experiment { phase.id } else { number };
        let what = if kind == ThingKind::Holdout { "share".to_owned() } else { format!("{what}{number}") };
        let again = parts.iter().any(|part| part.what == what);
        parts.push(Part::new(if again { format!("{what} at {index}") } else { what }, form, words));
    }
}

fn dates(from: Second, to: Second) -> String {
    let end = if to == Second::NEVER { String::new() } else { format!(" to {}", text_of_seconds(to.0.into())) };
    format!("from {}{end}", text_of_seconds(from.0.into()))
}

fn split(program: &Program, flag: &Flag, index: u32) -> (Json, String) {
    let Some(split) = program.split(index) else { return (array![index], "without a split".to_owned()) };
    let (mut forms, mut words, mut before) = (Vec::new(), Vec::new(), 0);
    for arm in program.arms(&split) {
        let Some(arm) = arm else {
            forms.push(array![split.first]);
            continue;
        };
        let key = program.variant(flag, arm.variant).map(|variant| program.str(variant.key));
        let share = Share::of(arm.bound).0.saturating_sub(before);
        before = Share::of(arm.bound).0;
        words.push(format!("{} {}", key.unwrap_or("?"), Share(share)));
        forms.push(array![arm.bound.0, key, key.map_or(arm.variant, |_| 0)]);
    }
    (array![split.kernel, forms], words.join(" / "))
}
