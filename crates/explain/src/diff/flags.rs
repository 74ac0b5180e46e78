//! Flags and what their rules name, as things.

use serde_json::Value as Json;
use waft::Program;
use waft::operators::Operator;
use waft::program::{CodeSpan, Flag, Second};
use waft::rule::{Action, Rule};

use super::form::{Forms, condition};
use super::named;
use super::thing::{Part, Thing, ThingKind, Things};
use crate::condition::{Kind, name, phrase, read};
use crate::value::array;
use waft_compile::{BREAKDOWN, METADATA, hidden_value, is_hidden};
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::{counted, value_type_name};

/// The part that says in which order rules are tried.
pub(super) const ORDER: &str = "order of rules";
/// The part that says whether a flag is on.
pub(super) const ENABLED: &str = "enabled";
/// The part with prerequisites.
pub(super) const REQUIRES: &str = "requires";
/// The part with the holdout.
pub(super) const HOLDOUT: &str = "holdout";
/// How parts with targets begin.
pub(super) const TARGETS: &str = "targets of ";
/// How parts with rules begin.
pub(super) const RULE: &str = "rule ";
/// How many ids of a target are written out.
const IDS: usize = 5;

/// Adds the flags of a program, and the trials that they name.
pub(super) fn add(program: &Program, things: &mut Things) {
    let metadata = hidden_value(program, METADATA);
    for flag in program.flags().filter_map(|index| program.flag(index)) {
        let key = program.str(flag.key);
        if is_hidden(key) {
            continue;
        }
        let mut reader = Reader { program, flag: &flag, parts: Vec::new(), things };
        reader.settings();
        reader.rules();
        if let Some(metadata) = metadata.get(key) {
            reader.push(Part::text("metadata", metadata.to_string()).aside());
        }
        let parts = reader.parts;
        things.insert(ThingKind::Flag.named(key), Thing { parts });
    }
    // What exposures say of visitors changes no decision, and yet leaves the page.
    for (experiment, entries) in hidden_value(program, BREAKDOWN) {
        let names: Vec<&str> = entries.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if let Some(thing) = things.get_mut(&ThingKind::Experiment.named(experiment)) {
            thing.parts.push(Part::text("breakdown", names.join(", ")).aside());
        }
    }
}

/// Reads one flag.
struct Reader<'p, 't> {
    program: &'p Program,
    flag: &'p Flag,
    parts: Vec<Part>,
    things: &'t mut Things,
}

impl Reader<'_, '_> {
    /// Adds a part. Two of one name, which no compiler writes, are told apart by a number.
    fn push(&mut self, mut part: Part) {
        let count = self.parts.iter().filter(|other| other.what == part.what).count();
        if count > 0 {
            part.what = format!("{} ({})", part.what, count + 1);
        }
        self.parts.push(part);
    }

    fn settings(&mut self) {
        let (program, flag) = (self.program, self.flag);
        self.push(Part::text("type", flag.value_type.map_or("unknown", value_type_name)));
        self.push(Part::text(ENABLED, flag.enabled.to_string()));
        for variant in (0..flag.variant_count).filter_map(|index| program.variant(flag, index)) {
            if !program.text(variant.key).is_empty() {
                let what = format!("variant {}", program.str(variant.key));
                self.push(Part::text(what, program.str(variant.value)));
            }
        }
        self.push(self.serves("whenOff", flag.when_off));
        self.push(self.serves("default", flag.default));
    }

    fn serves(&self, what: &str, variant: u8) -> Part {
        let (key, words) = self.variant(variant);
        Part::new(what, key, words)
    }

    /// A variant, and what people call it.
    fn variant(&self, index: u8) -> (Json, String) {
        match self.program.variant(self.flag, index).map(|variant| self.program.str(variant.key)) {
            Some("") => (Json::Null, "the code's own default".to_owned()),
            Some(key) => (Json::from(key), key.to_owned()),
            None => (array![index], format!("variant {index}, which does not exist")),
        }
    }

    fn rules(&mut self) {
        let (mut order, mut requires, mut at) = (Vec::new(), Vec::new(), self.flag.code);
        for (index, rule) in self.program.rules(self.flag).enumerate() {
            let span = CodeSpan { first: at, count: rule.next() - at };
            at = rule.next();
            let is_written = index >= usize::from(self.flag.prelude);
            match (rule.action(), is_written) {
                // Whoever is asked for is in the conditions that ask.
                (Action::Need(_), _) => {}
                (Action::Off, false) => requires.push(self.requirement(&rule)),
                (Action::Serve(variant), false) => {
                    let part = self.target(&rule, variant);
                    order.push(part.what.clone());
                    self.push(part);
                }
                (Action::Holdout(at), _) => {
                    let name = named::add(self.program, self.flag, &rule, at, self.things);
                    let part = Part::text(HOLDOUT, name.as_ref().map_or("", |name| &name.name));
                    self.push(part.needing(name));
                }
                _ => {
                    order.push(format!("{RULE}{}", self.program.str(rule.id)));
                    let part = self.rule(&rule, span);
                    self.push(part);
                }
            }
        }
        if !requires.is_empty() {
            let (forms, words): (Vec<Json>, Vec<String>) =
                requires.iter().map(|part| (part.form.clone(), part.words.clone())).unzip();
            let needs = requires.into_iter().flat_map(|part| part.needs);
            self.push(Part::new(REQUIRES, forms.into(), words.join(" and ")).needing(needs));
        }
        // A rule that cannot be read ends the flag: so do those behind it.
        let read = self.program.rules(self.flag).count();
        self.push(Part::new(ORDER, array![order.clone(), self.flag.rule_count as usize == read], order.join(", ")));
    }

    /// A prerequisite: compiled as a rule for whom it is not met.
    fn requirement(&self, rule: &Rule<'_>) -> Part {
        let part = condition(self.program, REQUIRES, rule.condition_span());
        match read(self.program, rule.condition_span()).map(|unmet| unmet.kind) {
            Some(Kind::Not(met)) => Part { words: phrase(self.program, &met), ..part },
            _ => part,
        }
    }

    fn target(&self, rule: &Rule<'_>, variant: u8) -> Part {
        let (key, served) = self.variant(variant);
        let condition = condition(self.program, "", rule.condition_span());
        let form = array![key, condition.form];
        let Some(Kind::Test { operator: Operator::Id, slot, constants }) =
            read(self.program, rule.condition_span()).map(|condition| condition.kind)
        else {
            return Part { what: format!("{TARGETS}{served}"), form, ..condition };
        };
        let what = format!("{TARGETS}{served} by {}", name(self.program, slot));
        let some: Vec<&str> = constants.iter().take(IDS).filter_map(Json::as_str).collect();
        let more = if constants.len() > IDS { ", ..." } else { "" };
        let words = format!("{}: {}{more}", counted(constants.len() as u64, "id"), some.join(", "));
        Part { what, form, words, ..condition }
    }

    /// A rule as it is written.
    fn rule(&mut self, rule: &Rule<'_>, span: CodeSpan) -> Part {
        let program = self.program;
        let mut part = condition(program, &format!("{RULE}{}", program.str(rule.id)), rule.condition_span());
        let (does, words) = self.action(rule, span, &mut part);
        let dates = rule.dates().map(|dates| dates.map(|second| second.0));
        part.form = array![std::mem::take(&mut part.form), rule.stops_on_unknown(), dates, does];
        let mut told = match rule.condition_span().count {
            0 => words,
            _ => format!("if {}: {words}", part.words),
        };
        if rule.stops_on_unknown() {
            told += ", off if unknown";
        }
        for (word, second) in ["from", "to"].into_iter().zip(dates.into_iter().flatten()) {
            if second != 0 && second != Second::NEVER.0 {
                told += &format!(", {word} {}", text_of_seconds(second.into()));
            }
        }
        part.words = told;
        part
    }

    /// What a rule does: its form, and in words. A trial becomes a thing of its own.
    fn action(&mut self, rule: &Rule<'_>, span: CodeSpan, part: &mut Part) -> (Json, String) {
        let program = self.program;
        match rule.action() {
            Action::Serve(variant) => {
                let (key, words) = self.variant(variant);
                (array!["serve", key], format!("serve {words}"))
            }
            Action::Experiment(at) | Action::Ramp(at, _) | Action::Holdout(at) => {
                let name = named::add(program, self.flag, rule, at, self.things);
                let told = name.as_ref().map_or("a trial that cannot be read".to_owned(), ToString::to_string);
                let form = array!["trial", told.clone()];
                part.needs.extend(name);
                match rule.action() {
                    Action::Ramp(_, variant) => {
                        let (key, words) = self.variant(variant);
                        (array![form, key, rule.is_monitored()], format!("ramp to {words}"))
                    }
                    _ => (array![form, rule.is_sticky()], told),
                }
            }
            Action::Off => (Json::from("off"), "off".to_owned()),
            Action::Need(_) | Action::Unknown => {
                (Forms::new(program).words(span), "what this version of waft does not know".to_owned())
            }
        }
    }
}
