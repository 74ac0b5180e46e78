//! Who is in a segment: by value of an attribute, beside another segment, and row by row.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::table::Section;
use waft::{Program, Value};
use waft_columns::Dictionary;
use waft_columns::truths::{FALSE, TOGETHER, TRUE, UNKNOWN};
use waft_ruleset::caseless;
use waft_ruleset::clock;
use waft_ruleset::order::{self, ordered};

use super::blocks::Blocks;
use super::table::{Column, Table};
use super::truths::named_by;
use crate::value::number;

/// How many values a breakdown tells apart.
const VALUES: usize = 1_000;

/// What a segment comes to for everybody of a table.
#[derive(Debug)]
pub struct Truths(Vec<u8>);

/// People of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// They are in it.
    Matches,
    /// They are not.
    Others,
    /// It is not known.
    Unknown,
}

impl Kind {
    /// By its name: `matches`, `others` or `unknown`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "matches" => Kind::Matches,
            "others" => Kind::Others,
            "unknown" => Kind::Unknown,
            _ => return None,
        })
    }

    const fn truth(self) -> u8 {
        match self {
            Kind::Matches => TRUE,
            Kind::Others => FALSE,
            Kind::Unknown => UNKNOWN,
        }
    }
}

/// People with one value of an attribute, by whether they are in a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Group {
    /// The value; empty for those who have none.
    pub value: String,
    /// How many are in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub matches: u64,
    /// How many are not.
    #[cfg_attr(test, ts(type = "number"))]
    pub others: u64,
    /// Of how many it is not known.
    #[cfg_attr(test, ts(type = "number"))]
    pub unknown: u64,
    /// How many values it holds: more than one for the last group, where an attribute has over 1,000. Its `value` is empty then.
    #[cfg_attr(test, ts(type = "number"))]
    pub values: u64,
}

/// People of two segments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Overlap {
    /// How many are in both.
    #[cfg_attr(test, ts(type = "number"))]
    pub both: u64,
    /// How many are in the first alone.
    #[cfg_attr(test, ts(type = "number"))]
    pub first: u64,
    /// How many are in the second alone.
    #[cfg_attr(test, ts(type = "number"))]
    pub second: u64,
    /// How many are in neither.
    #[cfg_attr(test, ts(type = "number"))]
    pub neither: u64,
    /// Of how many one of the two is not known.
    #[cfg_attr(test, ts(type = "number"))]
    pub unknown: u64,
}

/// A value of an attribute, and how many people have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ValueCount {
    /// The value; of a list, one of its texts.
    pub value: String,
    /// How many people have it.
    #[cfg_attr(test, ts(type = "number"))]
    pub people: u64,
}

impl Table {
    /// What a segment of a program comes to for everybody, at a moment (milliseconds since 1970). None if there is no such segment.
    pub fn truths(&self, program: &Program, segment: &str, now: i64) -> Option<Truths> {
        let names = (0..program.count(Section::Segments)).map(|index| (index, program.segment(index)));
        let mut names = names.filter_map(|(index, found)| Some((index, program.str(found?.name))));
        let index = names.find(|(_, name)| *name == segment).map(|(index, _)| index)?;
        let wanted = named_by(program, index);
        let mut blocks = Blocks::new(self, program, now, |index| wanted.contains(&index));
        let mut truths = Vec::with_capacity(self.rows);
        for from in (0..self.rows).step_by(TOGETHER) {
            let (some, decided) = blocks.decide(from);
            truths.extend_from_slice(decided.get(index)?.get(..some)?);
        }
        Some(Truths(truths))
    }

    /// A segment's people by their value of an attribute, those with most people first. Nobody if the file has no such column.
    pub fn breakdown(&self, program: &Program, Truths(truths): &Truths, attribute: &str) -> Vec<Group> {
        let Some((column, kind)) = self.typed(program, attribute) else { return Vec::new() };
        let mut of_text = vec![[0u64; 3]; column.texts.count() + 1];
        for (text, truth) in column.of.iter().zip(truths) {
            if let Some(count) = of_text.get_mut(*text as usize).and_then(|counts| counts.get_mut(usize::from(*truth)))
            {
                *count += 1;
            }
        }
        // Texts that are one value: `yes` and `TRUE`, `7` and `7.0`.
        let (mut numbers, mut groups) = (Dictionary::default(), Vec::new());
        for (text, [others, unknown, matches]) in of_text.into_iter().enumerate() {
            if others + unknown + matches == 0 {
                continue;
            }
            let value = if text == 0 { String::new() } else { plain(&column.json(kind, text as u32)) };
            let (number, is_new) = numbers.number(value.as_bytes());
            if is_new {
                groups.push(Group { value, ..Group::default() });
            }
            let Some(group) = groups.get_mut(number as usize - 1) else { continue };
            group.matches += matches;
            group.others += others;
            group.unknown += unknown;
            group.values = 1;
        }
        order::sort(&mut groups, |one, other| {
            other.people().cmp(&one.people()).then_with(|| one.value.cmp(&other.value))
        });
        if groups.len() > VALUES {
            let rest = groups.split_off(VALUES - 1);
            groups.push(rest.into_iter().fold(Group::default(), Group::and));
        }
        groups
    }

    /// How many are in both, one or neither of two segments.
    pub fn overlap(&self, Truths(one): &Truths, Truths(other): &Truths) -> Overlap {
        let mut overlap = Overlap::default();
        for pair in one.iter().zip(other) {
            let count = match pair {
                (&TRUE, &TRUE) => &mut overlap.both,
                (&TRUE, &FALSE) => &mut overlap.first,
                (&FALSE, &TRUE) => &mut overlap.second,
                (&FALSE, &FALSE) => &mut overlap.neither,
                _ => &mut overlap.unknown,
            };
            *count += 1;
        }
        overlap
    }

    /// Some of a segment's people, from one on, in the order of the file: what each has of the program's attributes, as a page writes it. What is
    /// of another type is as the file has it.
    pub fn people(
        &self,
        program: &Program,
        truths: &Truths,
        kind: Kind,
        from: usize,
        count: usize,
    ) -> Vec<Map<String, Json>> {
        let wanted = kind.truth();
        let rows = truths.0.iter().enumerate().filter(|(_, truth)| **truth == wanted).map(|(row, _)| row);
        rows.skip(from).take(count).map(|row| self.person(program, row)).collect()
    }

    /// What somebody has of a program's attributes, as a page writes it.
    pub fn person(&self, program: &Program, row: usize) -> Map<String, Json> {
        let columns = self.columns.iter().filter_map(|column| {
            let (_, kind) = self.typed(program, &column.name)?;
            let text = column.of.get(row).copied().filter(|text| *text > 0)?;
            Some((column.name.clone(), column.json(kind, text)))
        });
        ordered(columns)
    }

    /// The values of an attribute that begin with a text, in any case, those with most people first.
    pub fn values(&self, program: &Program, attribute: &str, prefix: &str, most: usize) -> Vec<ValueCount> {
        let Some((column, kind)) = self.typed(program, attribute) else { return Vec::new() };
        let mut of_text = vec![0u64; column.texts.count() + 1];
        for text in &column.of {
            if let Some(count) = of_text.get_mut(*text as usize) {
                *count += 1;
            }
        }
        let prefix = caseless(prefix);
        let (mut numbers, mut values) = (Dictionary::default(), Vec::new());
        for (text, count) in of_text.into_iter().enumerate().skip(1) {
            let value = column.json(kind, text as u32);
            let texts = match &value {
                Json::Array(items) => items.iter().map(plain).collect(),
                other => vec![plain(other)],
            };
            for text in texts.into_iter().filter(|text| caseless(text).starts_with(&prefix)) {
                let (number, is_new) = numbers.number(text.as_bytes());
                if is_new {
                    values.push(ValueCount { value: text, people: 0 });
                }
                if let Some(value) = values.get_mut(number as usize - 1) {
                    value.people += count;
                }
            }
        }
        order::sort(&mut values, |one, other| other.people.cmp(&one.people).then_with(|| one.value.cmp(&other.value)));
        values.truncate(most);
        values
    }

    /// A column, and its attribute's type in a program.
    pub(super) fn typed(&self, program: &Program, attribute: &str) -> Option<(&Column, AttributeType)> {
        let column = self.columns.get(self.column(attribute)?)?;
        let declared = |slot: Slot| program.attribute(slot).filter(|found| program.str(found.name) == attribute);
        let DeclaredAttribute { kind, .. } = program.slots().find_map(declared)?;
        Some((column, kind))
    }
}

impl Group {
    fn people(&self) -> u64 {
        self.matches + self.others + self.unknown
    }

    fn and(self, other: Group) -> Group {
        Group {
            value: String::new(),
            matches: self.matches + other.matches,
            others: self.others + other.others,
            unknown: self.unknown + other.unknown,
            values: self.values + other.values,
        }
    }
}

impl Column {
    /// A text by its number, as a page writes its value; a date in RFC 3339.
    fn json(&self, kind: AttributeType, text: u32) -> Json {
        let text = self.texts.get(text);
        let written = || Json::from(String::from_utf8_lossy(text).into_owned());
        let mut json = Json::Null;
        self.cells.value(kind, text, &mut |value| {
            json = match value {
                Value::String(text) => Json::from(String::from_utf8_lossy(text).into_owned()),
                Value::Number(milli) if kind == AttributeType::Date => Json::from(clock::text(milli as i64)),
                Value::Number(value) => number(value),
                Value::Boolean(truth) => Json::from(truth),
                Value::List(items) => Json::from(texts(items)),
                Value::Other | Value::Missing => written(),
            };
        });
        json
    }
}

/// The texts of a list, each behind its length.
fn texts(mut items: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    while let Some((length, rest)) = items.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        let (text, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        texts.push(String::from_utf8_lossy(text).into_owned());
        items = rest;
    }
    texts
}

/// A value without quotes.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
