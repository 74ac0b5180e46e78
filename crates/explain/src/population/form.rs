//! Forms of a cell's text: how a column writes numbers, dates, truths and lists.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use waft::program::AttributeType;
use waft::{Value, date, limits};
use waft_ruleset::double;

use crate::context;

/// How numbers are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum NumberForm {
    /// `1234.5`, or `1,234.5`.
    #[default]
    Point,
    /// `1234,5`, or `1.234,5`.
    Comma,
}

impl NumberForm {
    /// As it is written in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            NumberForm::Point => "point",
            NumberForm::Comma => "comma",
        }
    }
}

/// How dates are written. What says no offset is taken as UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum DateForm {
    /// As in rulesets: `2026-11-30`, or `2026-11-30T08:00Z`.
    #[default]
    Rfc3339,
    /// The same, or without an offset: `2026-11-30 08:00`.
    WithoutOffset,
    /// Since 1970.
    Milliseconds,
    /// Since 1970.
    Seconds,
    /// `30.11.2026`, `30/11/2026 08:00`.
    DayFirst,
    /// `11/30/2026`.
    MonthFirst,
}

impl DateForm {
    /// As it is written in JSON.
    pub(super) fn name(self) -> &'static str {
        match self {
            DateForm::Rfc3339 => "rfc3339",
            DateForm::WithoutOffset => "without-offset",
            DateForm::Milliseconds => "milliseconds",
            DateForm::Seconds => "seconds",
            DateForm::DayFirst => "day-first",
            DateForm::MonthFirst => "month-first",
        }
    }
}

/// All forms of dates, the likelier first.
pub(super) const DATES: [DateForm; 6] = [
    DateForm::Rfc3339,
    DateForm::WithoutOffset,
    DateForm::Milliseconds,
    DateForm::Seconds,
    DateForm::DayFirst,
    DateForm::MonthFirst,
];

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Cells {
    /// Texts as the commands read them: `true` and `false`, numbers with a point, RFC 3339.
    #[default]
    Plain,
    /// Texts as spreadsheets write them.
    Local { number: NumberForm, date: DateForm },
    /// JSON.
    Json,
}

impl Cells {
    /// Hands on a cell's value as an attribute of some type reads it. Text that does not fit stays text, which its conditions find unknown.
    pub(super) fn value(self, kind: AttributeType, cell: &[u8], give: &mut dyn FnMut(Value<'_>)) {
        let text = std::str::from_utf8(cell).ok();
        if self == Cells::Json {
            return match text.and_then(|text| serde_json::from_str::<Json>(text).ok()) {
                Some(json) => context::value(&json, give),
                None => give(Value::Other),
            };
        }
        let read = match (kind, text) {
            (AttributeType::Number, Some(text)) => self.number(text).map(Value::Number),
            (AttributeType::Boolean, Some(text)) => self.boolean(text).map(Value::Boolean),
            (AttributeType::Date, Some(text)) => self.date(text).map(Value::Number),
            (AttributeType::List, Some(text)) => {
                return match list(text) {
                    Some(texts) => context::value(&Json::Array(texts), give),
                    None => give(Value::Other),
                };
            }
            // The same text in a page has no type either.
            _ if cell.len() > limits::TEXT_LENGTH
                && text.is_none_or(|text| text.encode_utf16().count() > limits::TEXT_LENGTH) =>
            {
                Some(Value::Other)
            }
            _ => None,
        };
        give(read.unwrap_or(Value::String(cell)))
    }

    /// Whether a cell of an attribute of type string is the text that it holds.
    pub(super) fn are_texts(self) -> bool {
        self != Cells::Json
    }

    /// Whether a cell is of a type, as far as that can be told without a program: anything may be a text.
    pub(super) fn fits(self, kind: AttributeType, cell: &[u8]) -> bool {
        let mut fits = false;
        self.value(kind, cell, &mut |value| fits = is_of(kind, value));
        fits
    }

    /// What a cell is as a number or a date, by which two forms are told apart.
    pub(super) fn amount(self, kind: AttributeType, cell: &[u8]) -> Option<f64> {
        let mut amount = None;
        self.value(kind, cell, &mut |value| {
            amount = match (kind, value) {
                (AttributeType::Number | AttributeType::Date, Value::Number(number)) => Some(number),
                (AttributeType::Date, Value::String(text)) => date::parse(text).map(|milli| milli as f64),
                _ => None,
            }
        });
        amount
    }

    fn number(self, text: &str) -> Option<f64> {
        let Cells::Local { number, .. } = self else { return double::parse(text) };
        let (point, group) = match number {
            NumberForm::Point => ('.', ','),
            NumberForm::Comma => (',', '.'),
        };
        let (whole, fraction) = text.split_once(point).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let mut groups = whole.split(group);
        let first = groups.next()?;
        let mut written = first.to_owned();
        for (at, next) in groups.enumerate() {
            let digits = first.strip_prefix(['-', '+']).unwrap_or(first);
            let is_first = at > 0 || (1..=3).contains(&digits.len());
            if !is_first || next.len() != 3 || !next.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            written.push_str(next);
        }
        if let Some(fraction) = fraction {
            written.push('.');
            written.push_str(fraction);
        }
        double::parse(&written)
    }

    fn boolean(self, text: &str) -> Option<bool> {
        let word = text.to_ascii_lowercase();
        match (word.as_str(), self) {
            // Spreadsheets write TRUE and FALSE.
            ("true", _) => Some(true),
            ("false", _) => Some(false),
            ("yes" | "y" | "t" | "on" | "1", Cells::Local { .. }) => Some(true),
            ("no" | "n" | "f" | "off" | "0", Cells::Local { .. }) => Some(false),
            _ => None,
        }
    }

    /// Milliseconds since 1970; none of what is no date, or is one as the engine itself reads it.
    fn date(self, text: &str) -> Option<f64> {
        let Cells::Local { date, .. } = self else { return None };
        let integer = || text.parse::<i64>().ok().map(|number| number as f64);
        match date {
            DateForm::Rfc3339 => None,
            DateForm::WithoutOffset => {
                let zoned = if text.contains(['T', 't', ' ']) { format!("{text}Z") } else { text.to_owned() };
                date::parse(zoned.as_bytes()).map(|milli| milli as f64)
            }
            // Before 1973 the one, past 5138 the other: nobody signed up then.
            DateForm::Milliseconds => integer().filter(|number| number.abs() >= 1e11),
            DateForm::Seconds => {
                integer().filter(|number| number.abs() < 1e11 && number.abs() >= 1e8).map(|it| it * 1e3)
            }
            DateForm::DayFirst => local(text, [0, 1]),
            DateForm::MonthFirst => local(text, [1, 0]),
        }
    }
}

/// Whether a value is of a type.
fn is_of(kind: AttributeType, value: Value<'_>) -> bool {
    match (kind, value) {
        (AttributeType::Number, Value::Number(number)) => number.is_finite(),
        (AttributeType::Boolean, Value::Boolean(_))
        | (AttributeType::List, Value::List(_))
        | (AttributeType::String, Value::String(_)) => true,
        (AttributeType::Date, Value::Number(number)) => number.is_finite(),
        (AttributeType::Date, Value::String(text)) => date::parse(text).is_some(),
        (AttributeType::Semver, Value::String(text)) => waft::semver::Version::parse(text).is_some(),
        _ => false,
    }
}

/// A date whose day and month stand at the places of `order`, and behind it perhaps a time.
fn local(text: &str, order: [usize; 2]) -> Option<f64> {
    let (day, time) = text.split_once([' ', 'T']).map_or((text, ""), |(day, time)| (day, time));
    let parts: Vec<&str> = day.trim_end_matches(',').split(['.', '/', '-']).collect();
    let &[_, _, year] = parts.as_slice() else { return None };
    let part = |at: usize| parts.get(at).and_then(|part| part.parse::<u8>().ok());
    let (day, month) = (part(*order.first()?)?, part(*order.last()?)?);
    let time = match time.trim() {
        "" => String::new(),
        time if time.as_bytes().get(1) == Some(&b':') => format!("T0{time}Z"),
        time => format!("T{time}Z"),
    };
    let milli = date::parse(format!("{year}-{month:02}-{day:02}{time}").as_bytes())?;
    (year.len() == 4).then_some(milli as f64)
}

/// A list of texts: JSON, or texts between `|`.
fn list(text: &str) -> Option<Vec<Json>> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    Some(text.split('|').map(|item| Json::from(item.trim())).collect())
}
