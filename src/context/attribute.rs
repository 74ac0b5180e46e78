//! Attributes: a value as a host has it, and as conditions compare it.

use crate::limits;

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
    /// Absent.
    Missing,
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

/// An attribute, prepared for conditions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Attribute {
    #[default]
    Missing,
    Other,
    Boolean(bool),
    Number(f64),
    /// Milliseconds since 1970.
    Date(i64),
    Text {
        text: Span,
        constant: Constant,
    },
    /// See [`Version`](crate::context::semver::Version).
    Semver {
        numbers: [u32; 3],
        text: Span,
    },
    /// `count` items of the subject from `first`.
    List {
        first: u32,
        count: u32,
    },
}

/// Which of the program's constants a text is. Looked up when a condition first asks: ids are hardly ever compared.
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

/// A part of a subject's texts, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Attribute {
    /// The unit that the attribute names: a text of 1 to [`limits::UNIT_BYTES`] bytes, or an integer below 2^53.
    #[inline(always)]
    pub(crate) fn unit(&self) -> Option<Unit> {
        match *self {
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
}

/// A number that is an integer and exact.
fn integer(number: f64) -> Option<i64> {
    let integer = number as i64;
    (integer as f64 == number && integer.unsigned_abs() < 1 << 53).then_some(integer)
}
