//! Conditions in a form that is equal for equal ones of two tables, and the things that they name.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use waft::Program;
use waft::operators::Operation;
use waft::program::{CodeSpan, Slot, Text};
use waft_ruleset::order::ordered;

use super::thing::{Name, Part, ThingKind};
use crate::condition::{Condition, Kind, name, phrase, read};
use crate::value::array;

/// Writes conditions of a program, and collects what they name.
pub(super) struct Forms<'p> {
    program: &'p Program,
    pub(super) needs: BTreeSet<Name>,
}

impl<'p> Forms<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        Forms { program, needs: BTreeSet::new() }
    }

    pub(super) fn of(&mut self, condition: &Condition) -> Json {
        let program = self.program;
        match &condition.kind {
            Kind::All(parts) => array!["all", self.each(parts)],
            Kind::Any(parts) => array!["any", self.each(parts)],
            Kind::Not(part) => array!["not", self.of(part)],
            Kind::Segment(index) => {
                let segment = program.segment(usize::from(*index)).map_or("", |segment| program.str(segment.name));
                array!["segment", self.need(ThingKind::Segment, segment)]
            }
            Kind::Test { operator, slot, constants } => {
                array![*operator as u8, self.attribute(*slot), constants.clone()]
            }
            Kind::Flag(flag, variants) => {
                let Some(flag) = program.flag(*flag) else { return array!["flag"] };
                // Which of several is no matter.
                let variants = variants.iter().filter_map(|variant| program.variant(&flag, *variant));
                let variants: BTreeSet<&str> = ordered(variants.map(|variant| program.str(variant.key)));
                array!["flag", self.need(ThingKind::Flag, program.str(flag.key)), Json::from_iter(variants)]
            }
            Kind::Share { unit, name, from, to } => {
                let unit = program.unit(*unit).map_or("", |unit| program.str(unit.name));
                let unit = self.need(ThingKind::Unit, unit);
                array!["share", unit, program.str(*name), from.0, to.0]
            }
            Kind::List(slot, index) => {
                let list = program.list(*index).map_or("", |list| program.str(list.name));
                array!["list", self.need(ThingKind::List, list), self.attribute(*slot)]
            }
            // What it asks for is in its words alone.
            Kind::Unknown(_) => {
                let span = |count| CodeSpan { first: condition.at, count };
                let word = program.code(span(1)).and_then(|code| code.first()).map(|word| u32::from_le_bytes(*word));
                let operands = word.map_or(0, |word| Operation::from_word(word).operands);
                self.words(span(1 + u32::from(operands)))
            }
        }
    }

    /// Words of code as they are.
    pub(super) fn words(&self, span: CodeSpan) -> Json {
        let words = self.program.code(span).unwrap_or(&[]).iter();
        array!["words", Json::from_iter(words.map(|word| u32::from_le_bytes(*word)))]
    }

    fn each(&mut self, parts: &[Condition]) -> Vec<Json> {
        parts.iter().map(|part| self.of(part)).collect()
    }

    fn attribute(&mut self, slot: Slot) -> Json {
        let name = name(self.program, slot);
        self.need(ThingKind::Attribute, name)
    }

    fn need(&mut self, kind: ThingKind, name: &str) -> Json {
        self.needs.insert(kind.named(name));
        Json::from(name)
    }
}

/// A condition; without words it holds for everybody.
pub(super) fn condition(program: &Program, what: &str, span: CodeSpan) -> Part {
    if span.count == 0 {
        return Part::new(what, Json::Null, "everybody");
    }
    let mut forms = Forms::new(program);
    match read(program, span) {
        Some(condition) => {
            let form = forms.of(&condition);
            Part::new(what, form, phrase(program, &condition)).needing(forms.needs)
        }
        // Nobody knows what it asks for: its words, which hardly ever equal another table's.
        None => Part::new(what, forms.words(span), "cannot be read"),
    }
}

/// The salt that counts: the written one, or the default.
pub(super) fn salt(program: &Program, written: Text, name: Text) -> String {
    match written {
        Text::NONE => format!("{}/{}", String::from_utf8_lossy(program.snapshot().project()), program.str(name)),
        written => program.str(written).to_owned(),
    }
}
