//! What every part of the language needs while it is read: fields of maps, names, and findings about them.

use std::collections::BTreeSet;

use waft::limits::{NAME_BYTES, SALT_BYTES};

use crate::finding::{Code, Findings, Place};
use crate::share::Share;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::suggestion::suggestion;
use crate::types::Named;

/// The most values of one `in`, and the most ids of one target.
pub(crate) const VALUES: usize = 4_096;

/// Fields of a map, each taken once; what is left over is unknown.
pub(crate) struct Fields<'n> {
    entries: Vec<&'n Entry>,
    known: Vec<&'static str>,
    /// Where the map starts.
    pub place: Place,
    what: &'static str,
}

impl<'n> Fields<'n> {
    /// The fields of a node that must be a map; `what` names it in messages.
    pub(crate) fn of(node: &'n Node, what: &'static str, findings: &mut Findings) -> Option<Self> {
        match node.entries() {
            Some(entries) => {
                Some(Fields { entries: entries.iter().collect(), known: Vec::new(), place: node.place, what })
            }
            None => {
                let message = format!("{what}: expected a map, found {}", node.describe());
                findings.add(
                    node.place,
                    Code::ExpectedMap,
                    message,
                    "write it as `key: value` lines or `{ key: value }`",
                );
                None
            }
        }
    }

    /// Fields of entries that were put together from several maps.
    pub(crate) fn merged(entries: Vec<&'n Entry>, place: Place, what: &'static str) -> Self {
        Fields { entries, known: Vec::new(), place, what }
    }

    /// Takes a field.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<&'n Entry> {
        self.known.push(name);
        let index = self.entries.iter().position(|entry| entry.key == name)?;
        Some(self.entries.remove(index))
    }

    /// Takes a field that must be there.
    pub(crate) fn require(&mut self, name: &'static str, remedy: &str, findings: &mut Findings) -> Option<&'n Entry> {
        let field = self.take(name);
        if field.is_none() {
            findings.add(self.place, Code::MissingField, format!("{} has no `{name}`", self.what), remedy);
        }
        field
    }

    /// Reports what nobody took.
    pub(crate) fn finish(self, findings: &mut Findings) {
        for entry in self.entries {
            let message = format!("{} has no field `{}`", self.what, entry.key);
            findings.add(entry.place, Code::UnknownField, message, suggestion(&entry.key, self.known.iter().copied()));
        }
    }
}

/// Finds a name among named things, or reports it.
pub(crate) fn resolve<T>(
    name: &str,
    place: Place,
    list: &[Named<T>],
    code: Code,
    what: &str,
    findings: &mut Findings,
) -> Option<usize> {
    let found = list.iter().position(|named| named.name == name);
    if found.is_none() {
        let remedy = suggestion(name, list.iter().map(|named| named.name.as_str()));
        findings.unknown(place, code, what, name, remedy);
    }
    found
}

/// Whether a text can be a name that goes over the wire: letters, digits, `.`, `_` and `-`, a letter or digit first, at most 100 bytes.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.len() <= NAME_BYTES
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// Checks a name that goes over the wire.
pub(crate) fn check_name(name: &str, place: Place, findings: &mut Findings) {
    if !is_name(name) {
        let shown: String = name.chars().take(40).collect();
        let remedy = format!("use letters, digits, `.`, `_`, `-`, at most {NAME_BYTES}, a letter or digit first");
        findings.add(place, Code::InvalidName, format!("`{shown}` cannot be a name"), remedy);
    }
}

/// A field's text.
pub(crate) fn text<'n>(node: &'n Node, what: &str, findings: &mut Findings) -> Option<&'n str> {
    let text = node.text();
    if text.is_none() {
        findings.add(
            node.place,
            Code::ExpectedText,
            format!("{what}: expected text, found {}", node.describe()),
            "write it in quotes",
        );
    }
    text
}

/// A field's boolean.
pub(crate) fn boolean(node: &Node, what: &str, findings: &mut Findings) -> Option<bool> {
    match &node.kind {
        Kind::Scalar(Scalar::Boolean(boolean)) => Some(*boolean),
        _ => {
            let message = format!("{what}: expected true or false, found {}", node.describe());
            findings.add(
                node.place,
                Code::ExpectedBoolean,
                message,
                "write `true` or `false` (`on` and `off` are text)",
            );
            None
        }
    }
}

/// A field's list; a single value is a list of one if `single` allows it.
pub(crate) fn list<'n>(node: &'n Node, what: &str, single: bool, findings: &mut Findings) -> Option<&'n [Node]> {
    match &node.kind {
        Kind::List(items) if items.is_empty() => {
            findings.add(
                node.place,
                Code::EmptyList,
                format!("{what}: an empty list"),
                "list at least one, or remove the field",
            );
            None
        }
        Kind::List(items) => Some(items),
        Kind::Scalar(_) if single => Some(std::slice::from_ref(node)),
        Kind::Scalar(_) | Kind::Map(_) => {
            let message = format!("{what}: expected a list, found {}", node.describe());
            findings.add(node.place, Code::ExpectedList, message, "write it as `[a, b]`");
            None
        }
    }
}

/// Reports texts that stand twice among items.
pub(crate) fn once(items: &[Node], findings: &mut Findings) {
    let mut seen = BTreeSet::new();
    for item in items {
        if item.text().is_some_and(|text| !seen.insert(text)) {
            findings.add(item.place, Code::DuplicateValue, "a value that stands twice", "remove one of the two");
        }
    }
}

/// A field's share.
pub(crate) fn share(node: &Node, what: &str, findings: &mut Findings) -> Option<Share> {
    let share = node.text().and_then(Share::parse);
    if share.is_none() {
        let message = format!("{what}: expected a share from 0% to 100%, found {}", node.describe());
        findings.add(
            node.place,
            Code::InvalidShare,
            message,
            "write it with `%` and at most four decimals, such as 33.3333%",
        );
    }
    share
}

/// An instant as whole seconds between 1970 and 2106.
pub(crate) fn instant(node: &Node, findings: &mut Findings) -> Option<u32> {
    let milli = node.text().and_then(|text| waft::date::parse(text.as_bytes()));
    let second = milli.filter(|milli| milli % 1_000 == 0).and_then(|milli| u32::try_from(milli / 1_000).ok());
    match second.filter(|second| *second != u32::MAX) {
        Some(second) => Some(second),
        None => {
            let message = format!(
                "expected an RFC 3339 instant in whole seconds between 1970 and 2106, found {}",
                node.text().map_or_else(|| node.describe().to_owned(), |text| format!("`{text}`"))
            );
            findings.add(node.place, Code::InvalidDate, message, "write 2026-12-01T08:00Z");
            None
        }
    }
}

/// The instant that something ends with, as [`instant`] has it. A bare date is found: people mean the whole day by it.
pub(crate) fn end(node: &Node, findings: &mut Findings) -> Option<u32> {
    let second = instant(node, findings)?;
    whole_day(node, false, findings);
    Some(second)
}

/// Warns of a bare date as the end of a range, which is its first instant: the day itself is left out. `included` is whether the instant
/// itself is in.
pub(crate) fn whole_day(node: &Node, included: bool, findings: &mut Findings) {
    let Some(text) = node.text().filter(|text| text.len() == "2026-12-31".len()) else { return };
    let Some(milli) = waft::date::parse(text.as_bytes()) else { return };
    let next = milli + 86_400_000 - i64::from(included);
    let message = match included {
        true => format!("`{text}` as an end is its first instant: the rest of the day is left out"),
        false => format!("`{text}` as an end is its first instant: the day is left out"),
    };
    let remedy = format!("write {} for the whole day, or {text}T00:00Z if that is meant", crate::clock::text(next));
    findings.add(node.place, Code::BareEnd, message, remedy);
}

/// A field's duration in milliseconds.
pub(crate) fn duration(node: &Node, what: &str, findings: &mut Findings) -> Option<i64> {
    let milli = node.text().and_then(super::duration::parse);
    if milli.is_none() {
        let message = match node.text() {
            Some(text) => format!("{what}: `{text}` is no duration of up to ten years"),
            None => format!("{what}: expected a duration, found {}", node.describe()),
        };
        findings.add(node.place, Code::InvalidDuration, message, "write 30d, 48h, 15m or 2w");
    }
    milli
}

/// Takes what is for people, in any form.
pub(crate) fn skip(fields: &mut Fields<'_>, names: &[&'static str]) {
    for name in names {
        fields.take(name);
    }
}

/// A field's unit.
pub(crate) fn unit(field: Option<&Entry>, units: &[Named<usize>], findings: &mut Findings) -> Option<usize> {
    let field = field?;
    let name = text(&field.value, "unit", findings)?;
    resolve(name, field.value.place, units, Code::UnknownUnit, "unit", findings)
}

/// A salt that is written in place of the default one. The empty one would stand for the default in a snapshot.
pub(crate) fn salt(field: Option<&Entry>, findings: &mut Findings) -> Option<String> {
    let field = field?;
    let salt = text(&field.value, "salt", findings)?;
    if salt.is_empty() || salt.len() > SALT_BYTES {
        let message = format!("a salt of {} bytes", salt.len());
        let remedy = format!("write 1 to {SALT_BYTES} bytes, such as shop/checkout, or remove it");
        findings.add(field.value.place, Code::InvalidSalt, message, remedy);
    }
    Some(salt.to_owned())
}

/// A whole number above 0.
pub(crate) fn count(node: &Node, what: &str, example: &str, findings: &mut Findings) -> Option<u64> {
    let count = match &node.kind {
        Kind::Scalar(Scalar::Number(number, _)) => number.as_u64().filter(|count| *count > 0),
        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => None,
    };
    if count.is_none() {
        let message = format!("{what}: expected a whole number above 0, found {}", node.describe());
        findings.add(node.place, Code::InvalidCount, message, format!("write {example}"));
    }
    count
}

/// Takes what people read and nothing decides by: it is there, or it is text.
pub(crate) fn describe(fields: &mut Fields<'_>, findings: &mut Findings) {
    if let Some(field) = fields.take("description") {
        text(&field.value, "description", findings);
    }
}

/// Takes what is for people, in a form of their own.
pub(crate) fn meta(fields: &mut Fields<'_>, findings: &mut Findings) {
    if let Some(field) = fields.take("meta") {
        Fields::of(&field.value, "meta", findings);
    }
}
