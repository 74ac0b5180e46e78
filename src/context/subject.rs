//! An evaluation context prepared for one program: each attribute is looked up and parsed once.

use alloc::vec;
use alloc::vec::Vec;

use crate::context::assignment::Assignment;
use crate::context::date;
use crate::context::semver::Version;
use crate::decide::memory::Memory;
use crate::decimal;
use crate::limits;
use crate::memo::keys::Keys;
use crate::memo::skipped::Skipped;
use crate::program::buckets::{Key, Purpose};
use crate::program::preview::Preview;
use crate::program::salt::Salt;
use crate::program::{AttributeType, Program};
use crate::snapshot::table::{Section, f64_at, u16_at, u32_at};

/// A value as a host hands it over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text, in UTF-8.
    String(&'a [u8]),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// Texts, each as its length in 32 bits and its bytes.
    List(&'a [u8]),
    /// Present, and of no type that conditions know.
    Other,
    /// Not there.
    Missing,
}

/// A context, prepared.
#[derive(Debug)]
pub struct Subject {
    /// By their slots.
    attributes: Vec<Attribute>,
    /// The texts of all attributes, one after the other.
    texts: Vec<u8>,
    /// The items of all lists: their indices among the constants, or `u32::MAX`.
    items: Vec<u32>,
    /// What is remembered of earlier page views: lines of 32 hexadecimal digits ([`crate::decide::exposure::sticky_id`]), a
    /// space, and a variant's key.
    sticky: Vec<u8>,
    /// What is shown in place of what would be decided.
    preview: Option<Preview>,
    pub(crate) memory: Memory,
    pub(crate) skipped: Skipped,
    keys: Keys,
}

/// The attributes of a context that is put aside: see [`Subject::swap`].
#[derive(Clone, Debug)]
pub struct Attributes(Vec<Attribute>);

impl Attributes {
    /// None of those that there are.
    pub fn new(program: &Program) -> Self {
        Attributes(vec![Attribute::Missing; program.count(Section::Attributes)])
    }
}

/// A prepared attribute.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Attribute {
    #[default]
    Missing,
    Other,
    Boolean(bool),
    Number(f64),
    /// Milliseconds since 1970.
    Date(i64),
    /// A text and, once a condition has asked, which constant it is.
    Text {
        text: Span,
        constant: Constant,
    },
    /// A version: see [`Version`].
    Semver {
        numbers: [u32; 3],
        text: Span,
    },
    /// So many items from the first on.
    List {
        first: u32,
        count: u32,
    },
}

/// Which of the constants that conditions compare with a text is. Looked up when first asked for: ids are hardly ever compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constant {
    Unasked,
    None,
    Is(u32),
}

/// Who is randomised.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Text(Span),
    Integer(i64),
}

/// A part of the texts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// Tags of the form in which a context crosses the border to wasm.
pub mod tag {
    /// A 32-bit length and as many bytes of UTF-8.
    pub const STRING: u8 = 1;
    /// Eight bytes of a double.
    pub const NUMBER: u8 = 2;
    /// Nothing follows.
    pub const TRUE: u8 = 3;
    /// Nothing follows.
    pub const FALSE: u8 = 4;
    /// Nothing follows.
    pub const OTHER: u8 = 5;
    /// A 16-bit number of texts, and each as a 32-bit length and its bytes.
    pub const LIST: u8 = 6;
    /// Nothing follows.
    pub const MISSING: u8 = 7;
}

impl Subject {
    /// A context of no program.
    pub const EMPTY: Self = Subject {
        attributes: Vec::new(),
        texts: Vec::new(),
        items: Vec::new(),
        sticky: Vec::new(),
        preview: None,
        memory: Memory::EMPTY,
        skipped: Skipped::EMPTY,
        keys: Keys::EMPTY,
    };

    /// A context without attributes.
    pub fn new(program: &Program) -> Self {
        let mut subject = Subject::EMPTY;
        subject.clear(program);
        subject
    }

    /// Forgets all attributes, keeping the memory.
    pub fn clear(&mut self, program: &Program) {
        self.texts.clear();
        self.items.clear();
        self.attributes.clear();
        self.attributes.resize(program.count(Section::Attributes), Attribute::Missing);
        self.memory.expose_nothing();
        self.change_all();
    }

    /// Takes another context's attributes in exchange for its own. Both were set here: their texts stay until [`Subject::clear`].
    pub fn swap(&mut self, other: &mut Attributes) {
        core::mem::swap(&mut self.attributes, &mut other.0);
        self.change_all();
    }

    fn change_all(&mut self) {
        self.skipped.change_all();
        self.memory.forget();
    }

    /// Asks for the list files that should be there before anything is decided.
    pub fn want_preloaded(&mut self, program: &Program) {
        let lists = (0..program.count(Section::Lists) as u16).filter_map(|index| program.list(index));
        for list in lists.filter(|list| list.preload && list.count == u32::MAX) {
            self.memory.wanted |= 1u64.checked_shl(list.first).unwrap_or(0);
        }
    }

    /// Takes what is remembered of earlier page views: lines of a sticky id, a space, and a variant's key. What was decided before is
    /// forgotten.
    pub fn set_sticky(&mut self, lines: Vec<u8>) {
        self.sticky = lines;
        self.forget();
    }

    /// Takes what is to be shown to whoever this is. What was decided before is forgotten.
    pub fn set_preview(&mut self, preview: Preview) {
        self.preview = Some(preview);
        self.forget();
    }

    /// The variant of a flag that a preview shows at this moment.
    pub(crate) fn previewed(&mut self, flag: u32) -> Option<u8> {
        let preview = self.preview.as_ref().filter(|preview| self.memory.now < preview.until())?;
        let variant = preview.variant(flag)?;
        self.memory.changes_at(preview.until());
        Some(variant)
    }

    /// The key of the variant that is remembered under an id.
    pub(crate) fn sticky(&self, id: &[u8]) -> Option<&[u8]> {
        let mut lines = self.sticky.split(|byte| *byte == b'\n');
        lines.find_map(|line| line.strip_prefix(id)?.strip_prefix(b" "))
    }

    /// What the last decision exposes.
    pub fn exposures(&self) -> &[Assignment] {
        &self.memory.exposures
    }

    /// The list files that were asked for since the last call and are not there: a bit each.
    pub fn take_wanted(&mut self) -> u64 {
        core::mem::take(&mut self.memory.wanted)
    }

    /// Whether there are such files.
    pub fn wants(&self) -> bool {
        self.memory.wanted != 0
    }

    /// Reads the form in which a context crosses the border: for each attribute that is not as before a 16-bit slot, a [`tag`] and
    /// its value, all little endian. Reading stops at the first byte that fits nothing; what was read counts. The texts of what was
    /// before take room until [`Subject::clear`].
    pub fn read(&mut self, program: &Program, mut bytes: &[u8]) {
        self.memory.forget();
        while let Some((head, rest)) = bytes.split_at_checked(3) {
            let slot = usize::from(u16_at(head, 0));
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
            self.put(program, slot, value);
            bytes = rest;
        }
    }

    /// Sets one attribute by its slot. A slot that the program does not have is ignored.
    pub fn set(&mut self, program: &Program, slot: usize, value: Value<'_>) {
        self.memory.forget();
        self.put(program, slot, value);
    }

    fn put(&mut self, program: &Program, slot: usize, value: Value<'_>) {
        let Some((_, kind)) = program.attribute(slot) else { return };
        self.skipped.change(slot);
        let prepared = self.prepare(program, kind, value);
        if let Some(attribute) = self.attributes.get_mut(slot) {
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
                    self.items.push(program.constant(text).unwrap_or(u32::MAX));
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
    pub(crate) fn attribute(&self, slot: usize) -> &Attribute {
        self.attributes.get(slot).unwrap_or(&Attribute::Missing)
    }

    /// Writes what the attribute in a slot is to conditions: equal bytes for two that none can tell apart.
    pub fn write_kind(&self, slot: usize, out: &mut Vec<u8>) {
        match *self.attribute(slot) {
            Attribute::Missing => {}
            Attribute::Other => out.push(tag::OTHER),
            Attribute::Boolean(boolean) => out.push(if boolean { tag::TRUE } else { tag::FALSE }),
            Attribute::Number(number) => {
                out.push(tag::NUMBER);
                out.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            // Of nothing else in a slot of dates come as many bytes.
            Attribute::Date(milli) => out.extend_from_slice(&milli.to_le_bytes()),
            Attribute::Text { text, .. } => {
                out.push(tag::STRING);
                out.extend_from_slice(self.text(text));
            }
            // As do versions, no text of which begins like a tag.
            Attribute::Semver { text, .. } => out.extend_from_slice(self.text(text)),
            Attribute::List { first, count } => {
                out.push(tag::LIST);
                let items = self.items.iter().skip(first as usize).take(count as usize);
                items.for_each(|item| out.extend_from_slice(&item.to_le_bytes()));
            }
        }
    }

    /// Which constant the text in a slot is, of which so much is known.
    #[inline(always)]
    pub(crate) fn constant(&mut self, slot: usize, known: Constant, program: &Program) -> Option<u32> {
        match known {
            Constant::Is(index) => Some(index),
            Constant::None => None,
            Constant::Unasked => self.look_up(slot, program),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, slot: usize, program: &Program) -> Option<u32> {
        let Attribute::Text { text, .. } = *self.attribute(slot) else { return None };
        let found = program.constant(self.text(text));
        let constant = found.map_or(Constant::None, Constant::Is);
        if let Some(attribute) = self.attributes.get_mut(slot) {
            *attribute = Attribute::Text { text, constant };
        }
        found
    }

    /// The point of a unit for a purpose.
    pub(crate) fn point_for(
        &mut self,
        program: &Program,
        unit: Unit,
        salt: Salt,
        purpose: Purpose,
        phase: Option<u32>,
    ) -> u32 {
        let key = self.key(program, salt, purpose, phase);
        self.point(&key, unit)
    }

    /// The point of a unit under a key.
    pub(crate) fn point(&self, key: &Key, unit: Unit) -> u32 {
        key.point(self.bytes(unit, &mut [0; 20]))
    }

    /// The key of a purpose, derived once.
    pub(crate) fn key(&mut self, program: &Program, salt: Salt, purpose: Purpose, phase: Option<u32>) -> Key {
        self.keys.key(program, salt, purpose, phase)
    }

    pub(crate) fn text(&self, span: Span) -> &[u8] {
        self.texts.get(span.start as usize..span.end as usize).unwrap_or(&[])
    }

    /// Forgets what segments and flags came out to, so that a trace sees each of them decided.
    pub fn forget(&mut self) {
        self.memory.forget();
    }

    /// Whether a list has the text of a constant.
    pub(crate) fn has(&self, list: &Attribute, constant: u32) -> bool {
        let Attribute::List { first, count } = *list else { return false };
        self.items.iter().skip(first as usize).take(count as usize).any(|item| *item == constant)
    }

    /// The bytes of a unit: the UTF-8 of a string of at most [`limits::UNIT_BYTES`], or the decimal digits of an
    /// integer below 2^53. Anything else is nobody.
    pub fn unit<'s>(&'s self, slot: u16, digits: &'s mut [u8; 20]) -> Option<&'s [u8]> {
        Some(self.bytes(self.randomised(slot)?, digits))
    }

    /// The unit in a slot.
    #[inline(always)]
    pub(crate) fn randomised(&self, slot: u16) -> Option<Unit> {
        match *self.attribute(usize::from(slot)) {
            Attribute::Text { text, .. } => {
                let length = text.end.wrapping_sub(text.start) as usize;
                (1..=limits::UNIT_BYTES).contains(&length).then_some(Unit::Text(text))
            }
            Attribute::Number(number) => integer(number).map(Unit::Integer),
            Attribute::Missing
            | Attribute::Other
            | Attribute::Boolean(_)
            | Attribute::Date(_)
            | Attribute::List { .. }
            | Attribute::Semver { .. } => None,
        }
    }

    fn bytes<'s>(&'s self, unit: Unit, digits: &'s mut [u8; 20]) -> &'s [u8] {
        match unit {
            Unit::Text(text) => self.text(text),
            Unit::Integer(integer) => decimal::write(integer, digits),
        }
    }
}

/// A number that is an integer and exact.
fn integer(number: f64) -> Option<i64> {
    let integer = number as i64;
    (integer as f64 == number && integer.unsigned_abs() < 1 << 53).then_some(integer)
}
