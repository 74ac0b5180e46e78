//! Operators: what a condition asks of one attribute. A new one is a permanent number, a variant, an arm, and vectors.

use core::cmp::Ordering;

use crate::program::Program;
use crate::semver::Version;
use crate::subject::{Attribute, Subject};
use crate::table::{f64_at, u16_at, u32_at};
use crate::truth::Truth;

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
    /// The instant is before.
    Before = 50,
    /// The instant is after.
    After = 51,
    /// The unit is in a segment.
    Segment = 60,
}

impl Operator {
    /// Every operator.
    pub const ALL: [Operator; 25] = [
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
        Operator::SemverIs,
        Operator::SemverLess,
        Operator::SemverLessOrEqual,
        Operator::SemverGreater,
        Operator::SemverGreaterOrEqual,
        Operator::Before,
        Operator::After,
        Operator::Segment,
    ];

    /// The operator of a number; `None` for one of a newer compiler.
    #[inline]
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
            40 => Operator::SemverIs,
            41 => Operator::SemverLess,
            42 => Operator::SemverLessOrEqual,
            43 => Operator::SemverGreater,
            44 => Operator::SemverGreaterOrEqual,
            50 => Operator::Before,
            51 => Operator::After,
            60 => Operator::Segment,
            _ => return None,
        })
    }
}

/// The head of one operation: `operator:8 | operand words:8 | slot or pops:12 | dialect:4`, lowest first.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The operator's number; see [`Operator::from_number`].
    pub number: u8,
    /// How many words of operands follow.
    pub operands: u8,
    /// The attribute's slot, the segment, or how many results are combined.
    pub argument: u16,
    /// Which system's reading of versions, dates and patterns applies; 0 is ours.
    pub dialect: u8,
}

impl Operation {
    /// Reads the word.
    #[inline]
    pub const fn from_word(word: u32) -> Self {
        Operation {
            number: word as u8,
            operands: (word >> 8) as u8,
            argument: (word >> 16 & 0xfff) as u16,
            dialect: (word >> 28) as u8,
        }
    }

    /// Writes the word.
    pub const fn to_word(self) -> u32 {
        self.number as u32
            | (self.operands as u32) << 8
            | (self.argument as u32 & 0xfff) << 16
            | (self.dialect as u32) << 28
    }
}

/// Tests one attribute. Missing and wrongly typed attributes are unknown, except to [`Operator::Exists`].
#[inline]
pub(crate) fn test(
    operator: Operator,
    attribute: Attribute,
    operands: &[u8],
    subject: &Subject,
    program: &Program,
) -> Truth {
    match (operator, attribute) {
        (Operator::Exists, attribute) => (!matches!(attribute, Attribute::Missing)).into(),
        (Operator::Is, Attribute::Text { constant, .. }) => (constant == Some(u32_at(operands, 0))).into(),
        (Operator::In, Attribute::Text { constant, .. }) => {
            constant.is_some_and(|wanted| contains(operands, 2, wanted, |at| u32::from(u16_at(operands, at)))).into()
        }
        (Operator::InWide, Attribute::Text { constant, .. }) => {
            constant.is_some_and(|wanted| contains(operands, 4, wanted, |at| u32_at(operands, at))).into()
        }
        (Operator::NumberIs | Operator::NumberIn, Attribute::Number(number)) => {
            operands.chunks_exact(8).any(|operand| f64_at(operand, 0) == number).into()
        }
        (Operator::BooleanIs, Attribute::Boolean(boolean)) => (boolean == (u32_at(operands, 0) != 0)).into(),
        (Operator::Less, Attribute::Number(number)) => (number < f64_at(operands, 0)).into(),
        (Operator::LessOrEqual, Attribute::Number(number)) => (number <= f64_at(operands, 0)).into(),
        (Operator::Greater, Attribute::Number(number)) => (number > f64_at(operands, 0)).into(),
        (Operator::GreaterOrEqual, Attribute::Number(number)) => (number >= f64_at(operands, 0)).into(),
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Attribute::Text { text, .. }) => {
            let text = subject.text(text);
            let found = |part: &[u8]| match operator {
                Operator::StartsWith => text.starts_with(part),
                Operator::EndsWith => text.ends_with(part),
                _ => part.is_empty() || text.windows(part.len()).any(|window| window == part),
            };
            operands.chunks_exact(4).any(|operand| found(program.text(u32_at(operand, 0)))).into()
        }
        (
            Operator::SemverIs
            | Operator::SemverLess
            | Operator::SemverLessOrEqual
            | Operator::SemverGreater
            | Operator::SemverGreaterOrEqual,
            Attribute::Semver { numbers, pre },
        ) => {
            let version = Version { numbers, pre: subject.text(pre) };
            let order = version.cmp(&constant_version(operands, program));
            match operator {
                Operator::SemverIs => order == Ordering::Equal,
                Operator::SemverLess => order == Ordering::Less,
                Operator::SemverLessOrEqual => order != Ordering::Greater,
                Operator::SemverGreater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }
            .into()
        }
        (Operator::Before, Attribute::Date(milli)) => ((milli as f64) < f64_at(operands, 0)).into(),
        (Operator::After, Attribute::Date(milli)) => ((milli as f64) > f64_at(operands, 0)).into(),
        _ => Truth::Unknown,
    }
}

/// A version as operands hold it: three words, and a fourth with the pre-release part if there is one.
fn constant_version<'p>(operands: &[u8], program: &'p Program) -> Version<'p> {
    Version {
        numbers: [u32_at(operands, 0), u32_at(operands, 4), u32_at(operands, 8)],
        pre: if operands.len() > 12 { program.text(u32_at(operands, 12)) } else { &[] },
    }
}

/// Whether sorted indices of so many bytes each contain one.
#[inline]
fn contains(indices: &[u8], width: usize, wanted: u32, index_at: impl Fn(usize) -> u32) -> bool {
    let (mut low, mut high) = (0, indices.len() / width);
    while low < high {
        let middle = low + (high - low) / 2;
        match index_at(middle * width).cmp(&wanted) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return true,
        }
    }
    false
}
