//! Why a condition is unknown, or a unit nobody: a word for programs, and words for people.

use serde::Serialize;
use serde_json::Value as Json;
use waft::limits::UNIT_BYTES;
use waft::operator::Tests;
use waft::operators::Operator;

use crate::condition::Kind;
use crate::context;

/// Why. Its names are stable; see docs/ruleset.md, section 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The context does not have the attribute.
    Missing,
    /// The unit or id is an empty text.
    Empty,
    /// The text or the list is longer than any that is looked at.
    TooLong,
    /// The attribute is not of the type that is asked for.
    WrongType,
    /// The list's file is absent.
    NotLoaded,
    /// The flag that is asked for has no variant.
    NotDecided,
    /// This version does not know the operator.
    UnknownOperator,
    /// This version does not know what the rule does.
    UnknownAction,
    /// The snapshot's words for it cannot be read.
    Unreadable,
}

/// What an attribute should have been, by its name in a ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Expected {
    String,
    Number,
    Boolean,
    Date,
    Semver,
    List,
    /// Of those who are randomised, or in a list.
    Unit,
}

/// Why something is of no use, and if it is of the wrong type, what it should have been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) why: Why,
    pub(super) expected: Option<Expected>,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        Reason { why, expected: None }
    }
}

impl From<Expected> for Reason {
    fn from(expected: Expected) -> Self {
        Reason { why: Why::WrongType, expected: Some(expected) }
    }
}

impl Reason {
    /// As people read it, behind the value; nothing where they are told already.
    pub(super) fn words(self) -> Option<&'static str> {
        Some(match self.why {
            Why::Missing | Why::UnknownOperator => return None,
            Why::Empty => "empty",
            Why::TooLong => "too long",
            Why::WrongType => self.expected?.not(),
            Why::NotLoaded => "the list is not loaded",
            Why::NotDecided => "not decided",
            Why::UnknownAction => "this version of waft does not know what it does",
            Why::Unreadable => "cannot be read",
        })
    }
}

impl Expected {
    const fn not(self) -> &'static str {
        match self {
            Expected::String => "not a text",
            Expected::Number => "not a number",
            Expected::Boolean => "neither true nor false",
            Expected::Date => "not a date",
            Expected::Semver => "not a version",
            Expected::List => "not a list of texts",
            Expected::Unit => "neither a text nor a whole number",
        }
    }

    /// What an operator asks for; nothing if it does not test the value of an attribute.
    const fn by(operator: Operator) -> Option<Self> {
        Some(match operator.tests() {
            Tests::Text => Expected::String,
            Tests::Number => Expected::Number,
            Tests::Boolean => Expected::Boolean,
            Tests::Semver => Expected::Semver,
            Tests::Date => Expected::Date,
            Tests::List => Expected::List,
            Tests::Unit => Expected::Unit,
            Tests::Anything | Tests::Nothing => return None,
        })
    }
}

/// Why a condition that asks for nothing but this value is unknown; nothing for those whose parts say it.
pub(super) fn of_condition(kind: &Kind, value: Option<&Json>) -> Option<Reason> {
    Some(match kind {
        Kind::All(_) | Kind::Any(_) | Kind::Not(_) => return None,
        Kind::Segment(_) => Why::Unreadable.into(),
        Kind::Flag(..) => Why::NotDecided.into(),
        Kind::Unknown(_) => Why::UnknownOperator.into(),
        Kind::Share { .. } => of_unit(value).unwrap_or(Why::Unreadable.into()),
        Kind::List(..) => of_unit(value).unwrap_or(Why::NotLoaded.into()),
        Kind::Test { operator, .. } => match (value, Expected::by(*operator)) {
            (value, Some(Expected::Unit)) => of_unit(value).unwrap_or(Why::Unreadable.into()),
            (None | Some(Json::Null), _) => Why::Missing.into(),
            (Some(value), Some(Expected::String)) if value.is_string() => Why::TooLong.into(),
            (Some(value), Some(Expected::List)) if context::is_texts(value) => Why::TooLong.into(),
            (Some(_), Some(expected)) => expected.into(),
            (Some(_), None) => Why::Unreadable.into(),
        },
    })
}

/// Why a value is no unit and no id; nothing if it is one. As [`waft::Subject::unit`] has it.
pub(super) fn of_unit(value: Option<&Json>) -> Option<Reason> {
    let whole = |number: f64| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    match value {
        None | Some(Json::Null) => Some(Why::Missing.into()),
        Some(Json::String(text)) if text.is_empty() => Some(Why::Empty.into()),
        Some(Json::String(text)) => (text.len() > UNIT_BYTES).then_some(Why::TooLong.into()),
        Some(Json::Number(number)) if number.as_f64().is_some_and(whole) => None,
        Some(Json::Number(_) | Json::Bool(_) | Json::Array(_) | Json::Object(_)) => Some(Expected::Unit.into()),
    }
}
