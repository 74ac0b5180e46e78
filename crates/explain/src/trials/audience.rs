//! Whom conditions are for, in a form that two tables can be compared by: segments are written out, and what only reads
//! differently (another order, a list or its values one by one, parts within parts) is the same.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use waft::Program;
use waft::manifest::digest_of;
use waft::operator::{Operands, Tests};
use waft::operators::Operator;
use waft::program::{CodeSpan, UnitKind, Variant};
use waft::table::Section;

use crate::condition::{Condition, Kind, name, read};
use crate::value::array;
use waft_compile::keys;
use waft_ruleset::order::ordered;

/// The audiences of a program.
pub struct Audiences<'p> {
    program: &'p Program,
    /// Those of its segments, each of which names only earlier ones.
    segments: Vec<Form>,
}

/// A condition. All and any are sets of what their parts come to, none of which is of the same kind again.
#[derive(Clone)]
enum Form {
    All(BTreeSet<String>),
    Any(BTreeSet<String>),
    One(String),
}

impl<'p> Audiences<'p> {
    /// Reads the segments of a program.
    pub fn of(program: &'p Program) -> Self {
        let mut audiences = Audiences { program, segments: Vec::new() };
        for index in 0..program.count(Section::Segments) {
            let condition = program.segment(index).and_then(|segment| read(program, segment.condition));
            let form = condition.map_or(Form::One(String::new()), |condition| audiences.form(&condition));
            audiences.segments.push(form);
        }
        audiences
    }

    /// Whom the condition at a place of code is for; empty for everybody.
    pub fn tell(&self, span: CodeSpan) -> String {
        read(self.program, span).map_or(String::new(), |condition| self.form(&condition).text())
    }

    fn form(&self, condition: &Condition) -> Form {
        let program = self.program;
        match &condition.kind {
            Kind::All(_) => self.joined(condition, true),
            Kind::Any(_) => self.joined(condition, false),
            Kind::Not(part) => match &part.kind {
                Kind::Not(twice) => self.form(twice),
                _ => Form::One(format!("not {}", self.form(part).text())),
            },
            Kind::Segment(index) => {
                let segment = self.segments.get(usize::from(*index));
                segment.cloned().unwrap_or_else(|| Form::One(format!("segment {index}")))
            }
            Kind::Test { operator, slot, constants } => self.test(*operator, name(program, *slot), constants),
            Kind::Flag(flag, variants) => {
                let Some(flag) = program.flag(*flag) else { return Form::One(String::new()) };
                let keys = variants.iter().filter_map(|variant| program.variant(&flag, *variant));
                let tell =
                    |variant: Variant| array!["flag", program.str(flag.key), program.str(variant.key)].to_string();
                Form::any(ordered(keys.map(tell)))
            }
            Kind::Share { unit, name, from, to } => {
                let unit = self::unit(program, *unit);
                Form::One(array!["share", unit.0, unit.1, program.str(*name), from.0, to.0].to_string())
            }
            Kind::List(slot, index) => {
                let list = program.list(*index).map_or("", |list| program.str(list.name));
                Form::One(array!["list", name(program, *slot), list].to_string())
            }
            Kind::Unknown(number) => Form::One(format!("operator {number}")),
        }
    }

    fn test(&self, operator: Operator, attribute: &str, constants: &[Json]) -> Form {
        let tell = |word: Operator, constants: &[Json]| array![word as u8, attribute, constants.to_vec()].to_string();
        let each = |word| ordered(constants.chunks(1).map(|constant| tell(word, constant)));
        match operator.operands() {
            // Nothing to compare with, or two bounds.
            Operands::None | Operands::Window | Operands::Counts => Form::One(tell(operator, constants)),
            // How many constants a ruleset compares with decides between one operator and the other.
            Operands::Constants if operator == Operator::HasAll => Form::all(each(Operator::HasAny)),
            Operands::Constants | Operands::Halves if operator.tests() == Tests::Text => Form::any(each(Operator::Is)),
            Operands::Doubles if operator == Operator::NumberIn => Form::any(each(Operator::NumberIs)),
            Operands::Constants
            | Operands::Halves
            | Operands::Doubles
            | Operands::Boolean
            | Operands::Texts
            | Operands::Patterns
            | Operands::Version
            | Operands::VersionText => Form::any(each(operator)),
            // No tests of attributes.
            Operands::Parts | Operands::Reference => Form::One(String::new()),
        }
    }

    /// All or any of a condition's parts, those of the same kind taken apart: long lists nest as deep as they are long.
    fn joined(&self, condition: &Condition, all: bool) -> Form {
        let mut parts = BTreeSet::new();
        let mut open = vec![condition];
        while let Some(condition) = open.pop() {
            match (&condition.kind, all) {
                (Kind::All(inner), true) | (Kind::Any(inner), false) => open.extend(inner),
                _ => match (self.form(condition), all) {
                    (Form::All(inner), true) | (Form::Any(inner), false) => parts.extend(inner),
                    (form, _) => drop(parts.insert(form.text())),
                },
            }
        }
        if all { Form::all(parts) } else { Form::any(parts) }
    }
}

impl Form {
    fn all(parts: BTreeSet<String>) -> Self {
        Form::single(parts).unwrap_or_else(Form::All)
    }

    fn any(parts: BTreeSet<String>) -> Self {
        Form::single(parts).unwrap_or_else(Form::Any)
    }

    fn single(parts: BTreeSet<String>) -> Result<Self, BTreeSet<String>> {
        match parts.len() {
            1 => Ok(Form::One(parts.into_iter().collect())),
            _ => Err(parts),
        }
    }

    /// What it comes to: of several parts a digest, as segments within segments would grow without end.
    fn text(&self) -> String {
        let digest = |word: &str, parts: &BTreeSet<String>| {
            format!(
                "{word} {}",
                keys::to_text(&digest_of(&[Json::from_iter(parts.iter().map(String::as_str)).to_string().as_bytes()]))
            )
        };
        match self {
            Form::All(parts) => digest("all", parts),
            Form::Any(parts) => digest("any", parts),
            Form::One(text) => text.clone(),
        }
    }
}

/// A unit's name, and its attribute's.
pub fn unit(program: &Program, index: u16) -> (String, String) {
    let text = |offset| program.str(offset).to_owned();
    program.unit(index).map_or_else(Default::default, |UnitKind { name, slot }| {
        (text(name), program.attribute(slot).map_or(String::new(), |attribute| text(attribute.name)))
    })
}
