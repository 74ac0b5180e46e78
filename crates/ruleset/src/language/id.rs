//! Ids of units, as targets and lists have them: bytes (docs/snapshot-format.md, section 5), whatever type is declared. `101` and
//! `"101"` are one id.

use std::collections::BTreeSet;

use waft::limits::UNIT_BYTES;
use waft::program::AttributeType;

use crate::finding::{Code, Findings};
use crate::order::ordered;
use crate::source::{Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::Attribute;

/// Integers from here on are not exact in JavaScript, and nobody's id.
const EXACT: u64 = 1 << 53;

/// Reads an id: text, or a number that is written as the page's would be. `what` names it in messages.
pub(crate) fn read(node: &Node, what: &str, findings: &mut Findings) -> Option<String> {
    let (message, remedy) = match &node.kind {
        Kind::Scalar(Scalar::Text(text)) => return Some(text.clone()),
        Kind::Scalar(Scalar::Number(_, written)) if is_integer(written) => return Some(written.to_string()),
        Kind::Scalar(Scalar::Number(_, written)) => (
            format!("{what}: `{}` is no id as it is written", shown(written)),
            "put it in quotes if it is text; a number is an id by the digits of a whole one below 2^53, such as 101",
        ),
        Kind::Scalar(Scalar::Null | Scalar::Boolean(_)) | Kind::List(_) | Kind::Map(_) => {
            (format!("{what}: expected an id, found {}", node.describe()), "write text in quotes, or a whole number")
        }
    };
    findings.add(node.place, Code::InvalidId, message, remedy);
    None
}

/// Which ids contexts can have in one attribute.
pub(crate) struct Possible<'a> {
    attribute: &'a Attribute,
    values: Option<BTreeSet<&'a str>>,
}

impl<'a> Possible<'a> {
    pub(crate) fn of(attribute: &'a Attribute) -> Self {
        let values = attribute.values.as_ref().map(|values| ordered(values.iter().map(String::as_str)));
        Possible { attribute, values }
    }

    /// Whether a context can have an id.
    pub(crate) fn admits(&self, id: &str) -> bool {
        (1..=UNIT_BYTES).contains(&id.len())
            && (self.attribute.kind != AttributeType::Number || is_integer(id))
            && self.values.as_ref().is_none_or(|values| values.contains(id))
    }

    /// What is said of an id that no context can have: code, message and remedy; `more` are its like.
    pub(crate) fn refusal(&self, id: &str, more: usize) -> (Code, String, String) {
        let (code, message, remedy) = if !(1..=UNIT_BYTES).contains(&id.len()) {
            (Code::InvalidId, format!("an id of {} bytes", id.len()), format!("write 1 to {UNIT_BYTES} bytes"))
        } else if self.attribute.kind == AttributeType::Number && !is_integer(id) {
            let remedy = "write the digits of a whole number below 2^53, as 101, or declare the attribute as string";
            (Code::InvalidId, format!("`{}` is never the id of a number", shown(id)), remedy.to_owned())
        } else {
            let known = self.attribute.values.iter().flatten().map(String::as_str);
            (Code::NotInEnum, format!("`{}` is none of the attribute's values", shown(id)), suggestion(id, known))
        };
        let like_it = if more == 0 { String::new() } else { format!(" (and {more} more that no page can have)") };
        (code, format!("{message}{like_it}"), remedy)
    }
}

/// Whether a text is what a page's number comes to as an id: an integer below 2^53 in decimal, written in the one way.
fn is_integer(text: &str) -> bool {
    let number = text.parse::<i64>().ok().filter(|number| number.unsigned_abs() < EXACT);
    number.is_some_and(|number| number.to_string() == text)
}

/// The beginning of what people wrote.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
