//! The subject: a context prepared for one program. Each attribute is looked up and parsed once.

use alloc::vec;
use alloc::vec::Vec;

use crate::context::attribute::{Attribute, Constant, Span, Unit, Value, tag};
use crate::context::date;
use crate::context::semver::Version;
use crate::decimal;
use crate::program::buckets::Key;
use crate::program::{AttributeType, DeclaredAttribute, Program, Slot};
use crate::snapshot::table::{ABSENT, Section, f64_at, u16_at, u32_at};

/// A context, prepared.
#[derive(Debug)]
pub struct Subject {
    /// By their slots.
    attributes: Vec<Attribute>,
    /// The texts of all attributes, one after the other.
    texts: Vec<u8>,
    /// The items of all lists: their indices among the constants, or [`ABSENT`]: options would take twice the memory.
    items: Vec<u32>,
}

/// The attributes of a context that is put aside: see [`Session::swap`](crate::Session::swap).
#[derive(Clone, Debug, Default)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// A context without attributes.
    pub fn new(program: &Program) -> Self {
        Attributes(vec![Attribute::Missing; program.count(Section::Attributes)])
    }
}

impl Subject {
    /// A context of no program.
    pub(crate) const EMPTY: Self = Subject { attributes: Vec::new(), texts: Vec::new(), items: Vec::new() };

    /// Forgets all attributes.
    pub(crate) fn clear(&mut self, program: &Program) {
        self.texts.clear();
        self.items.clear();
        self.attributes.clear();
        self.attributes.resize(program.count(Section::Attributes), Attribute::Missing);
    }

    /// Takes another context's attributes in exchange for its own. Both were set here: their texts stay until [`Self::clear`].
    pub(crate) fn swap(&mut self, other: &mut Attributes) {
        core::mem::swap(&mut self.attributes, &mut other.0);
    }

    /// Reads the form in which a context crosses the border: for each changed attribute a 16-bit slot, a [`tag`] and its value, all
    /// little endian. Reading stops at the first byte that fits nothing; what was read before it counts. `changed` is told each slot.
    /// Earlier texts take room until [`Self::clear`].
    pub(crate) fn read(&mut self, program: &Program, mut bytes: &[u8], mut changed: impl FnMut(Slot)) {
        while let Some((head, rest)) = bytes.split_at_checked(3) {
            let slot = Slot(u16_at(head, 0));
            let (value, length) = match head.get(2) {
                Some(&tag::STRING) => {
                    let length = u32_at(rest, 0) as usize;
                    let Some(text) = rest.get(4..).and_then(|rest| rest.get(..length)) else { return };
                    (Value::String(text), 4 + length)
                }
                Some(&tag::NUMBER) => (Value::Number(f64_at(rest, 0)), 8),
                Some(&tag::TRUE) => (Value::Boolean(true), 0),
                Some(&tag::FALSE) => (Value::Boolean(false), 0),
                Some(&tag::OTHER) => (Value::Other, 0),
                Some(&tag::MISSING) => (Value::Missing, 0),
                Some(&tag::LIST) => {
                    let count = usize::from(u16_at(rest, 0));
                    let length = (0..count).fold(2usize, |at, _| {
                        at.saturating_add(4).saturating_add(u32_at(rest.get(at..).unwrap_or(&[]), 0) as usize)
                    });
                    let Some(items) = rest.get(2..length) else { return };
                    (Value::List(items), length)
                }
                _ => return,
            };
            let Some(rest) = rest.get(length..) else { return };
            changed(slot);
            self.set(program, slot, value);
            bytes = rest;
        }
    }

    /// Sets one attribute by its slot. A slot that the program does not have is ignored.
    pub(crate) fn set(&mut self, program: &Program, slot: Slot, value: Value<'_>) {
        let Some(DeclaredAttribute { kind, .. }) = program.attribute(slot) else { return };
        let prepared = self.prepare(program, kind, value);
        if let Some(attribute) = self.attributes.get_mut(usize::from(slot.0)) {
            *attribute = prepared;
        }
    }

    fn prepare(&mut self, program: &Program, kind: AttributeType, value: Value<'_>) -> Attribute {
        match (kind, value) {
            (_, Value::Missing) => Attribute::Missing,
            (AttributeType::Unknown, _) => Attribute::Other,
            (AttributeType::Date, Value::Number(milli)) if milli.is_finite() => Attribute::Date(milli as i64),
            (AttributeType::Date, Value::String(text)) => date::parse(text).map_or(Attribute::Other, Attribute::Date),
            (AttributeType::Semver, Value::String(text)) => match Version::parse(text) {
                Some(version) => Attribute::Semver { numbers: version.numbers, text: self.keep(version.text) },
                None => Attribute::Other,
            },
            (AttributeType::List, Value::List(mut items)) => {
                let first = self.items.len() as u32;
                while let Some(text) = items.get(4..).and_then(|rest| rest.get(..u32_at(items, 0) as usize)) {
                    self.items.push(program.constant(text).unwrap_or(ABSENT));
                    items = items.get(4 + text.len()..).unwrap_or(&[]);
                }
                Attribute::List { first, count: self.items.len() as u32 - first }
            }
            (_, Value::String(text)) => Attribute::Text { text: self.keep(text), constant: Constant::Unasked },
            (_, Value::Number(number)) if number.is_finite() => Attribute::Number(number),
            (_, Value::Boolean(boolean)) => Attribute::Boolean(boolean),
            (_, Value::Number(_) | Value::List(_) | Value::Other) => Attribute::Other,
        }
    }

    fn keep(&mut self, text: &[u8]) -> Span {
        let start = self.texts.len() as u32;
        self.texts.extend_from_slice(text);
        Span { start, end: self.texts.len() as u32 }
    }

    #[inline]
    pub(crate) fn attribute(&self, slot: Slot) -> &Attribute {
        self.attributes.get(usize::from(slot.0)).unwrap_or(&Attribute::Missing)
    }

    pub(crate) fn text(&self, span: Span) -> &[u8] {
        self.texts.get(span.start as usize..span.end as usize).unwrap_or(&[])
    }

    /// Writes the value in a slot as conditions see it: equal bytes for two values that no condition can tell apart.
    pub fn write_kind(&self, slot: Slot, out: &mut Vec<u8>) {
        match *self.attribute(slot) {
            Attribute::Missing => {}
            Attribute::Other => out.push(tag::OTHER),
            Attribute::Boolean(boolean) => out.push(if boolean { tag::TRUE } else { tag::FALSE }),
            Attribute::Number(number) => {
                out.push(tag::NUMBER);
                out.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            // Nothing else in a slot of dates writes as many bytes.
            Attribute::Date(milli) => out.extend_from_slice(&milli.to_le_bytes()),
            Attribute::Text { text, .. } => {
                out.push(tag::STRING);
                out.extend_from_slice(self.text(text));
            }
            // No version's text begins like a tag.
            Attribute::Semver { text, .. } => out.extend_from_slice(self.text(text)),
            Attribute::List { first, count } => {
                out.push(tag::LIST);
                let items = self.items.iter().skip(first as usize).take(count as usize);
                items.for_each(|item| out.extend_from_slice(&item.to_le_bytes()));
            }
        }
    }

    /// The index of the constant that the text in a slot is; `known` is what its attribute says of that.
    #[inline(always)]
    pub(crate) fn constant(&mut self, slot: Slot, known: Constant, program: &Program) -> Option<u32> {
        match known {
            Constant::Is(index) => Some(index),
            Constant::None => None,
            Constant::Unasked => self.look_up(slot, program),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, slot: Slot, program: &Program) -> Option<u32> {
        let Attribute::Text { text, .. } = *self.attribute(slot) else { return None };
        let found = program.constant(self.text(text));
        let constant = found.map_or(Constant::None, Constant::Is);
        if let Some(attribute) = self.attributes.get_mut(usize::from(slot.0)) {
            *attribute = Attribute::Text { text, constant };
        }
        found
    }

    /// Whether a list has the text of a constant.
    pub(crate) fn has(&self, list: &Attribute, constant: u32) -> bool {
        let Attribute::List { first, count } = *list else { return false };
        self.items.iter().skip(first as usize).take(count as usize).any(|item| *item == constant)
    }

    /// The bytes of the unit in a slot, as they are hashed: the UTF-8 of a text of 1 to [`UNIT_BYTES`](crate::limits::UNIT_BYTES)
    /// bytes, or the decimal digits of an integer below 2^53. `None` for anything else.
    pub fn unit<'s>(&'s self, slot: Slot, digits: &'s mut [u8; 20]) -> Option<&'s [u8]> {
        Some(self.bytes(self.randomised(slot)?, digits))
    }

    #[inline(always)]
    pub(crate) fn randomised(&self, slot: Slot) -> Option<Unit> {
        self.attribute(slot).unit()
    }

    /// The point of a unit under a key.
    pub(crate) fn point(&self, key: &Key, unit: Unit) -> u32 {
        key.point(self.bytes(unit, &mut [0; 20]))
    }

    fn bytes<'s>(&'s self, unit: Unit, digits: &'s mut [u8; 20]) -> &'s [u8] {
        match unit {
            Unit::Text(text) => self.text(text),
            Unit::Integer(integer) => decimal::write(integer, digits),
        }
    }
}
