//! References to flags in the text of a file, whose comments are blank.
//!
//! A call of a getter with a literal names a flag, whether or not there is one. Elsewhere a text in quotes counts if it is the name of a
//! flag: in a constant, a list, or the arguments of a function of the project's own.

use std::collections::{BTreeMap, BTreeSet};

use regex::bytes::Regex;

/// The functions whose first argument is the key of a flag: of `waft`, and of OpenFeature's SDKs for JavaScript.
const GETTERS: [&str; 24] = [
    "getBooleanDetails",
    "getBooleanValue",
    "getNumberDetails",
    "getNumberValue",
    "getObjectDetails",
    "getObjectValue",
    "getStringDetails",
    "getStringValue",
    "useBooleanFlagDetails",
    "useBooleanFlagValue",
    "useExperiment",
    "useExposure",
    "useFlag",
    "useFlagDetails",
    "useNumberFlagDetails",
    "useNumberFlagValue",
    "useObjectFlagDetails",
    "useObjectFlagValue",
    "useStringFlagDetails",
    "useStringFlagValue",
    "useSuspenseFlag",
    // Other libraries have functions of these names, too.
    "expose",
    "peek",
    "setFlag",
];
/// From here on, a name must look like a flag's.
const SHARED: usize = 21;
/// Attributes of elements that name a flag.
const ATTRIBUTES: [&[u8]; 2] = [b"data-flag", b"data-waft-flag"];
/// The most bytes of type arguments, and of an element before its attribute.
const NEAR: usize = 400;
/// The longest name of a flag.
const NAME: usize = 100;

/// How a flag is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// In the call of a getter.
    Call,
    /// In an attribute of an element.
    Attribute,
    /// As `--pattern` says.
    Pattern,
    /// By a text that is its name.
    Text,
}

impl How {
    pub(super) const fn name(self) -> &'static str {
        match self {
            How::Call => "call",
            How::Attribute => "attribute",
            How::Pattern => "pattern",
            How::Text => "text",
        }
    }
}

/// What a file says of flags, by offset.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) references: BTreeMap<usize, (String, How)>,
    /// Calls of a getter whose first argument is no literal.
    pub(super) dynamic: BTreeMap<usize, String>,
}

/// Finds the references of a file. `known` are names that count wherever they are in quotes.
pub(super) fn find(text: &[u8], is_script: bool, known: &BTreeSet<String>, patterns: &[Regex]) -> Found {
    let mut found = Found::default();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at = match byte {
            b'"' | b'\'' | b'`' => match literal(text, at) {
                Some(name) if known.contains(name) => {
                    found.add(at + 1, name, How::Text);
                    at + name.len() + 2
                }
                _ => at + 1,
            },
            byte if is_word(*byte) => {
                let end = word_end(text, at);
                if is_script {
                    read_word(text, at, end, &mut found);
                }
                end
            }
            _ => at + 1,
        };
    }
    if is_script {
        attributes(text, &mut found);
    }
    for pattern in patterns {
        for captures in pattern.captures_iter(text) {
            // The group that matched; without one, all of it.
            let Some(key) = captures.iter().skip(1).flatten().next().or(captures.get(0)) else { continue };
            if !key.is_empty() {
                found.add(key.start(), &String::from_utf8_lossy(key.as_bytes()), How::Pattern);
            }
        }
    }
    found
}

impl Found {
    /// What says more about it stays.
    fn add(&mut self, at: usize, name: &str, how: How) {
        let entry = self.references.entry(at).or_insert_with(|| (name.to_owned(), how));
        if how < entry.1 {
            *entry = (name.to_owned(), how);
        }
    }
}

/// A word that may be a getter's name.
fn read_word(text: &[u8], start: usize, end: usize, found: &mut Found) {
    let word = text.get(start..end).unwrap_or_default();
    let Some(index) = GETTERS.iter().position(|getter| getter.as_bytes() == word) else { return };
    // Its own declaration.
    if text.get(..start).unwrap_or_default().trim_ascii_end().ends_with(b"function") {
        return;
    }
    match argument(text, end) {
        Some(Argument::Literal(at, key)) => {
            if index < SHARED || is_name(&key) {
                found.add(at, &key, How::Call);
            }
        }
        Some(Argument::Other) if index < SHARED => {
            found.dynamic.insert(start, String::from_utf8_lossy(word).into_owned());
        }
        Some(Argument::Other) | None => {}
    }
}

/// The first argument of a call.
enum Argument {
    /// A literal, and where its text begins.
    Literal(usize, String),
    /// Anything else that may be a key.
    Other,
}

/// The first argument of a call whose function's name ends here; `None` if it is no call, or the declaration of a function.
fn argument(text: &[u8], at: usize) -> Option<Argument> {
    let mut at = space_end(text, at);
    if text.get(at..)?.starts_with(b"?.") {
        at = space_end(text, at + 2);
    }
    if text.get(at) == Some(&b'<') {
        at = space_end(text, types_end(text, at)?);
    }
    if text.get(at) != Some(&b'(') {
        return None;
    }
    at = space_end(text, at + 1);
    let first = *text.get(at)?;
    if matches!(first, b'"' | b'\'' | b'`') {
        let inner = text.get(at + 1..)?;
        let length = inner.iter().position(|byte| *byte == first || matches!(byte, b'\n' | b'\\'))?;
        let key = String::from_utf8_lossy(inner.get(..length)?).into_owned();
        let whole = inner.get(length) == Some(&first) && !(first == b'`' && key.contains("${"));
        let next = text.get(space_end(text, at + length + 2));
        let is_alone = !matches!(next, Some(b'+' | b'.' | b'[' | b'?' | b'&' | b'|' | b'='));
        return Some(if whole && is_alone { Argument::Literal(at + 1, key) } else { Argument::Other });
    }
    if !is_word(first) {
        return None;
    }
    // `getBooleanValue(key: string` declares one.
    let next = space_end(text, word_end(text, at));
    let rest = text.get(next..)?;
    if rest.starts_with(b":") || rest.starts_with(b"?:") { None } else { Some(Argument::Other) }
}

/// Behind type arguments.
fn types_end(text: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (offset, byte) in text.get(start..)?.iter().take(NEAR).enumerate() {
        match byte {
            b'<' => depth += 1,
            // `=>` of a function's type.
            b'>' if text.get((start + offset).checked_sub(1)?) == Some(&b'=') => {}
            b'>' if depth == 1 => return Some(start + offset + 1),
            b'>' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `data-flag="headline"` of any element, and `<Feature flag="headline">` of waft/react.
fn attributes(text: &[u8], found: &mut Found) {
    for (at, _) in text.windows(4).enumerate().filter(|(_, four)| *four == b"flag") {
        let before = text.get(..at).unwrap_or_default();
        let end = at + 4;
        let is_data = ATTRIBUTES.iter().any(|name| {
            name.strip_suffix(b"flag").is_some_and(|start| before.strip_suffix(start).is_some_and(ends_word))
        });
        let near = before.get(before.len().saturating_sub(NEAR)..).unwrap_or_default();
        let is_feature = ends_word(before)
            && near.iter().rposition(|byte| *byte == b'<').and_then(|open| near.get(open + 1..)).is_some_and(
                |element| {
                    element
                        .strip_prefix(b"Feature")
                        .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_whitespace))
                },
            );
        if !is_data && !is_feature {
            continue;
        }
        let at = space_end(text, end);
        if text.get(at) != Some(&b'=') {
            continue;
        }
        let at = space_end(text, at + 1);
        let (start, name) = match literal(text, at) {
            Some(name) => (at + 1, name),
            None => (at, name_at(text, at)),
        };
        if is_name(name) {
            found.add(start, name, How::Attribute);
        }
    }
}

/// Whether a new word may begin behind this.
fn ends_word(before: &[u8]) -> bool {
    before.last().is_none_or(|last| !is_word(*last) && *last != b'-')
}

/// What a quote and the same quote have between them, if it may be the name of a flag.
fn literal(text: &[u8], at: usize) -> Option<&str> {
    let quote = text.get(at).filter(|quote| matches!(quote, b'"' | b'\'' | b'`'))?;
    let name = name_at(text, at + 1);
    (is_name(name) && text.get(at + 1 + name.len()) == Some(quote)).then_some(name)
}

/// The characters of names from here on.
fn name_at(text: &[u8], at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.iter().take(NAME + 1).take_while(|byte| is_of_name(**byte)).count();
    rest.get(..length).and_then(|name| str::from_utf8(name).ok()).unwrap_or_default()
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME && name.bytes().all(is_of_name) && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn word_end(text: &[u8], at: usize) -> usize {
    at + text.get(at..).unwrap_or_default().iter().take_while(|byte| is_word(**byte)).count()
}

fn space_end(text: &[u8], at: usize) -> usize {
    at + text.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}
