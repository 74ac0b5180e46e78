//! Operators: what a condition asks of one attribute. A new one is a permanent number, a variant, an arm, and vectors.

use core::cmp::Ordering;

use crate::context::attribute::Attribute;
use crate::context::semver;
use crate::context::subject::Subject;
use crate::decide::session::Session;
use crate::memo;
use crate::program::Program;
use crate::program::buckets::{Bound, Purpose};
pub use crate::program::operation::Operation;
use crate::program::pattern;
use crate::program::salt::Salt;
use crate::program::truth::Truth;
use crate::snapshot::table::u64_at;

/// Operators and their permanent numbers. Numbers below 16 combine earlier results; all others test an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Operator {
    /// All of the last N results hold.
    All = 1,
    /// Any of the last N results holds.
    Any = 2,
    /// The last result does not hold.
    Not = 3,
    /// The attribute is there. Never unknown.
    Exists = 16,
    /// The text is a constant.
    Is = 17,
    /// The text is one of sorted constants with 16-bit indices.
    In = 18,
    /// The text is one of sorted constants with 32-bit indices.
    InWide = 19,
    /// The number equals.
    NumberIs = 20,
    /// The number is one of several.
    NumberIn = 21,
    /// The boolean is this one.
    BooleanIs = 22,
    /// The number is less.
    Less = 23,
    /// The number is less or equal.
    LessOrEqual = 24,
    /// The number is greater.
    Greater = 25,
    /// The number is greater or equal.
    GreaterOrEqual = 26,
    /// The text contains any of several.
    Contains = 32,
    /// The text starts with any of several.
    StartsWith = 33,
    /// The text ends with any of several.
    EndsWith = 34,
    /// The text matches any of several patterns.
    Matches = 35,
    /// The text is one of several, whatever the case of ASCII letters.
    IsFolded = 36,
    /// The text contains any of several, whatever the case of ASCII letters.
    ContainsFolded = 37,
    /// The text starts with any of several, whatever the case of ASCII letters.
    StartsWithFolded = 38,
    /// The text ends with any of several, whatever the case of ASCII letters.
    EndsWithFolded = 39,
    /// The version has the same precedence.
    SemverIs = 40,
    /// The version is lower.
    SemverLess = 41,
    /// The version is lower or the same.
    SemverLessOrEqual = 42,
    /// The version is higher.
    SemverGreater = 43,
    /// The version is higher or the same.
    SemverGreaterOrEqual = 44,
    /// The version lies so to one that is written as a text: lower, the same or higher.
    SemverText = 45,
    /// The instant is before.
    Before = 50,
    /// The instant is after.
    After = 51,
    /// The instant lies between two distances from now.
    Within = 52,
    /// The unit is in a segment.
    Segment = Operation::SEGMENT,
    /// Another flag evaluated to one of several variants.
    Flag = 61,
    /// The unit's point is in a range.
    Share = 62,
    /// The id is in a list.
    List = 63,
    /// The id is one of several.
    Id = 64,
    /// The list of texts has any of several.
    HasAny = 70,
    /// The list of texts has all of several.
    HasAll = 71,
    /// The list has so many texts, at least and at most.
    Size = 72,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Operator; 39] = [
        Operator::All,
        Operator::Any,
        Operator::Not,
        Operator::Exists,
        Operator::Is,
        Operator::In,
        Operator::InWide,
        Operator::NumberIs,
        Operator::NumberIn,
        Operator::BooleanIs,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Contains,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Matches,
        Operator::IsFolded,
        Operator::ContainsFolded,
        Operator::StartsWithFolded,
        Operator::EndsWithFolded,
        Operator::SemverIs,
        Operator::SemverLess,
        Operator::SemverLessOrEqual,
        Operator::SemverGreater,
        Operator::SemverGreaterOrEqual,
        Operator::SemverText,
        Operator::Before,
        Operator::After,
        Operator::Within,
        Operator::Segment,
        Operator::Flag,
        Operator::Share,
        Operator::List,
        Operator::Id,
        Operator::HasAny,
        Operator::HasAll,
        Operator::Size,
    ];

    /// The operator of a number; `None` for one of a newer compiler.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Operator::All,
            2 => Operator::Any,
            3 => Operator::Not,
            16 => Operator::Exists,
            17 => Operator::Is,
            18 => Operator::In,
            19 => Operator::InWide,
            20 => Operator::NumberIs,
            21 => Operator::NumberIn,
            22 => Operator::BooleanIs,
            23 => Operator::Less,
            24 => Operator::LessOrEqual,
            25 => Operator::Greater,
            26 => Operator::GreaterOrEqual,
            32 => Operator::Contains,
            33 => Operator::StartsWith,
            34 => Operator::EndsWith,
            35 => Operator::Matches,
            36 => Operator::IsFolded,
            37 => Operator::ContainsFolded,
            38 => Operator::StartsWithFolded,
            39 => Operator::EndsWithFolded,
            40 => Operator::SemverIs,
            41 => Operator::SemverLess,
            42 => Operator::SemverLessOrEqual,
            43 => Operator::SemverGreater,
            44 => Operator::SemverGreaterOrEqual,
            45 => Operator::SemverText,
            50 => Operator::Before,
            51 => Operator::After,
            52 => Operator::Within,
            60 => Operator::Segment,
            61 => Operator::Flag,
            62 => Operator::Share,
            63 => Operator::List,
            64 => Operator::Id,
            70 => Operator::HasAny,
            71 => Operator::HasAll,
            72 => Operator::Size,
            _ => return None,
        })
    }
}

/// Tests one attribute. Missing and wrongly typed attributes are unknown, except to [`Operator::Exists`].
pub(crate) fn test(
    operator: Operator,
    argument: u16,
    operands: &[[u8; 4]],
    session: &mut Session,
    program: &Program,
) -> Truth {
    let slot = usize::from(argument);
    let more = matches!(operator, Operator::Within | Operator::Flag | Operator::Share | Operator::List);
    session.memo.ask(if more { memo::MORE } else { slot });
    let subject = &mut session.subject;
    let attribute = subject.attribute(slot);
    match (operator, attribute) {
        (Operator::Exists, attribute) => (!matches!(attribute, Attribute::Missing)).into(),
        (Operator::Is, Attribute::Text { constant, .. }) => {
            (subject.constant(slot, *constant, program) == Some(word(operands, 0))).into()
        }
        (Operator::In, Attribute::Text { constant, .. }) => {
            let constant = subject.constant(slot, *constant, program);
            constant.is_some_and(|wanted| contains(2 * operands.len(), wanted, |at| half(operands, at))).into()
        }
        (Operator::InWide, Attribute::Text { constant, .. }) => {
            let constant = subject.constant(slot, *constant, program);
            constant.is_some_and(|wanted| contains(operands.len(), wanted, |at| word(operands, at))).into()
        }
        (Operator::NumberIs | Operator::NumberIn, Attribute::Number(number)) => {
            operands.chunks_exact(2).any(|operand| double(operand, 0) == *number).into()
        }
        (Operator::BooleanIs, Attribute::Boolean(boolean)) => (*boolean == (word(operands, 0) != 0)).into(),
        (Operator::Less, Attribute::Number(number)) => (*number < double(operands, 0)).into(),
        (Operator::LessOrEqual, Attribute::Number(number)) => (*number <= double(operands, 0)).into(),
        (Operator::Greater, Attribute::Number(number)) => (*number > double(operands, 0)).into(),
        (Operator::GreaterOrEqual, Attribute::Number(number)) => (*number >= double(operands, 0)).into(),
        (
            Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::IsFolded
            | Operator::ContainsFolded
            | Operator::StartsWithFolded
            | Operator::EndsWithFolded,
            Attribute::Text { text, .. },
        ) => {
            let text = subject.text(*text);
            words(operands).any(|operand| has_part(operator, text, program.text(operand))).into()
        }
        (Operator::Matches, Attribute::Text { text, .. }) => {
            let text = subject.text(*text);
            // Behind the table stands how the pattern is written, for people.
            operands.chunks(2).any(|pair| pattern::matches(program.pattern(word(pair, 0)), text)).into()
        }
        (
            Operator::SemverIs
            | Operator::SemverLess
            | Operator::SemverLessOrEqual
            | Operator::SemverGreater
            | Operator::SemverGreaterOrEqual,
            Attribute::Semver { numbers, text },
        ) => {
            let order = numbers.cmp(&[0, 1, 2].map(|at| word(operands, at))).then_with(|| {
                let pre = if operands.len() > 3 { program.text(word(operands, 3)) } else { &[] };
                semver::compare_pre_of(subject.text(*text), pre)
            });
            match operator {
                Operator::SemverIs => order == Ordering::Equal,
                Operator::SemverLess => order == Ordering::Less,
                Operator::SemverLessOrEqual => order != Ordering::Greater,
                Operator::SemverGreater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }
            .into()
        }
        (Operator::SemverText, Attribute::Semver { text, .. }) => {
            let order = semver::precedence(subject.text(*text), program.text(word(operands, 1))) as i8 + 1;
            (word(operands, 0) >> order & 1 != 0).into()
        }
        (Operator::Before, Attribute::Date(milli)) => ((*milli as f64) < double(operands, 0)).into(),
        (Operator::After, Attribute::Date(milli)) => ((*milli as f64) > double(operands, 0)).into(),
        (Operator::Within, Attribute::Date(milli)) => {
            // True from `begin` up to and including `end`.
            let begin = milli.saturating_sub(double(operands, 2) as i64);
            let end = milli.saturating_sub(double(operands, 0) as i64);
            let moment = &mut session.moment;
            moment.changes_at(begin);
            moment.changes_at(end.saturating_add(1));
            (begin <= moment.now && moment.now <= end).into()
        }
        (Operator::HasAny, Attribute::List { .. }) => {
            words(operands).any(|wanted| subject.has(attribute, wanted)).into()
        }
        (Operator::HasAll, Attribute::List { .. }) => {
            words(operands).all(|wanted| subject.has(attribute, wanted)).into()
        }
        (Operator::Size, Attribute::List { count, .. }) => {
            (word(operands, 0) <= *count && *count <= word(operands, 1)).into()
        }
        (Operator::Flag, _) => match session.moment.flag(word(operands, 0) as usize) {
            Some(variant) => words(operands).skip(1).any(|wanted| wanted == u32::from(variant)).into(),
            None => Truth::Unknown,
        },
        (Operator::Share, _) => share(argument, operands, session, program).unwrap_or(Truth::Unknown),
        (Operator::List, _) => member(argument, operands, session, program).unwrap_or(Truth::Unknown),
        (Operator::Id, _) => named(argument, operands, subject, program).unwrap_or(Truth::Unknown),
        _ => Truth::Unknown,
    }
}

fn words(operands: &[[u8; 4]]) -> impl Iterator<Item = u32> {
    operands.iter().map(|word| u32::from_le_bytes(*word))
}

/// One of the operands; 0 if there are not that many.
pub(crate) fn word(operands: &[[u8; 4]], at: usize) -> u32 {
    operands.get(at).map_or(0, |word| u32::from_le_bytes(*word))
}

/// Half an operand, as a number of 16 bits.
fn half(operands: &[[u8; 4]], at: usize) -> u32 {
    word(operands, at / 2) >> (16 * (at & 1)) & 0xffff
}

/// Two operands, as a double.
fn double(operands: &[[u8; 4]], at: usize) -> f64 {
    f64::from_bits(u64::from(word(operands, at)) | u64::from(word(operands, at + 1)) << 32)
}

fn has_part(operator: Operator, text: &[u8], part: &[u8]) -> bool {
    let folded = operator as u8 > Operator::Matches as u8;
    let Some(last) = text.len().checked_sub(part.len()) else { return false };
    // Where it may start.
    let (first, last) = match operator {
        Operator::IsFolded => (last, 0),
        Operator::StartsWith | Operator::StartsWithFolded => (0, 0),
        Operator::EndsWith | Operator::EndsWithFolded => (last, last),
        _ => (0, last),
    };
    (first..last + 1).any(|at| {
        let mut pairs = text.get(at..).unwrap_or(&[]).iter().zip(part);
        pairs.all(|(found, wanted)| found == wanted || folded && found.eq_ignore_ascii_case(wanted))
    })
}

/// Operands: text name, bound from, bound to.
fn share(unit: u16, operands: &[[u8; 4]], session: &mut Session, program: &Program) -> Option<Truth> {
    let (_, slot) = program.unit(usize::from(unit))?;
    let salt = Salt { written: 0, name: word(operands, 0) };
    let unit = session.subject.randomised(slot)?;
    let point = session.point(program, unit, salt, Purpose::Share, None);
    Some((point >= word(operands, 1) && Bound(word(operands, 2)).covers(point)).into())
}

/// Operand: the list. One whose file is not there yet is unknown, and noted as wanted.
fn member(slot: u16, operands: &[[u8; 4]], session: &mut Session, program: &Program) -> Option<Truth> {
    let list = program.list(word(operands, 0) as u16)?;
    let salt = Salt { written: list.salt, name: list.name };
    let key = session.key(program, salt, Purpose::List, None);
    let wanted = key.fingerprint(session.subject.unit(slot, &mut [0; 20])?);
    match program.fingerprints(&list) {
        Ok(sorted) => Some(contains(sorted.len() / 8, wanted, |at| u64_at(sorted, 8 * at)).into()),
        Err(file) => {
            session.want(file);
            None
        }
    }
}

/// Operands: indices of constants. An id is its bytes, be it a text or a number.
fn named(slot: u16, operands: &[[u8; 4]], subject: &Subject, program: &Program) -> Option<Truth> {
    let constant = program.constant(subject.unit(slot, &mut [0; 20])?);
    Some(constant.is_some_and(|wanted| words(operands).any(|constant| constant == wanted)).into())
}

/// Whether so many sorted numbers contain one.
fn contains<T: Ord>(count: usize, wanted: T, number_at: impl Fn(usize) -> T) -> bool {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match number_at(middle).cmp(&wanted) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return true,
        }
    }
    false
}
