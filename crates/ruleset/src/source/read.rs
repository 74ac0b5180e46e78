//! Text to tree, refusing what a ruleset has no use for: anchors, tags, merge keys, several documents.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

use super::file::{FILE_BYTES, SourceFile};
use super::tree::{Entry, Kind, Node, Scalar};
use crate::encoding;
use crate::finding::{Code, Findings, Place};

/// How deep a file may nest.
pub const DEPTH: usize = 64;

/// Reads one file. `None` if there is nothing in it, or if it cannot be read; then there is a finding.
pub fn read(index: usize, file: &SourceFile, findings: &mut Findings) -> Option<Node> {
    let whole = Place { file: index, line: 1, column: 1 };
    if file.bytes.len() > FILE_BYTES {
        findings.add(
            whole,
            Code::FileTooLarge,
            format!("the file has more than {FILE_BYTES} bytes"),
            "split it into files of at most 4 MiB",
        );
        return None;
    }
    let text = match std::str::from_utf8(&file.bytes) {
        Ok(text) => text.strip_prefix('\u{feff}').unwrap_or(text),
        Err(error) => {
            let like =
                encoding::foreign(&file.bytes).map_or_else(String::new, |like| format!(": the file looks like {like}"));
            let message = format!("byte {} is not UTF-8{like}", error.valid_up_to());
            findings.add(whole, Code::NotUtf8, message, "save the file as UTF-8");
            return None;
        }
    };
    let (text, pairs) = if file.name.ends_with(".json") { with_pairs(text) } else { (Cow::Borrowed(text), Vec::new()) };
    let mut builder = Builder { file: index, findings, pairs, open: Vec::new(), root: None, documents: 0 };
    for event in Parser::new_from_str(&text) {
        let stop = match event {
            Ok((event, span)) => builder.take(event, span.start).is_none(),
            Err(error) if error.info().contains("recursion limit") => {
                let place = builder.place(*error.marker());
                builder.too_deep(place)
            }
            Err(error) => {
                let place = builder.place(*error.marker());
                builder.findings.add(
                    place,
                    Code::Syntax,
                    format!("not YAML: {}", error.info()),
                    "check indentation, quotes and brackets",
                );
                true
            }
        };
        if stop {
            return None;
        }
    }
    builder.root
}

/// JSON writes a character beyond U+FFFF as two escapes (RFC 8259, section 7), YAML as one: `\ud83d\ude00` is
/// `\U0001f600`. One without its other half stays as it is, and is no YAML. Beside the text are the places of pairs in it, as YAML's
/// reader counts them: lines from 1, columns from 0.
fn with_pairs(text: &str) -> (Cow<'_, str>, Vec<(usize, usize)>) {
    if !text.contains("\\u") {
        return (Cow::Borrowed(text), Vec::new());
    }
    let half = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut done, mut at) = (String::new(), 0, 0);
    let (mut pairs, mut place) = (Vec::new(), (1, 0));
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        match (half(at), half(at + 6)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) => {
                let character = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                let before = text.get(done..at).unwrap_or_default();
                place = behind(place, before);
                pairs.push(place);
                place.1 += YAML_ESCAPE;
                out.push_str(before);
                out.push_str(&format!("\\U{character:08x}"));
                at += 12;
                done = at;
            }
            // What a backslash escapes begins no escape itself.
            _ => at += 1 + text.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
        }
    }
    out.push_str(text.get(done..).unwrap_or_default());
    (Cow::Owned(out), pairs)
}

/// How long `\U0001f600` is. The pair is two characters longer.
const YAML_ESCAPE: usize = 10;

/// The place behind a text that begins at a place.
fn behind((mut line, mut column): (usize, usize), text: &str) -> (usize, usize) {
    let mut last = ' ';
    for character in text.chars() {
        match character {
            '\n' if last == '\r' => {}
            '\n' | '\r' => (line, column) = (line + 1, 0),
            _ => column += 1,
        }
        last = character;
    }
    (line, column)
}

struct Builder<'f> {
    file: usize,
    findings: &'f mut Findings,
    /// Where pairs are that became shorter.
    pairs: Vec<(usize, usize)>,
    open: Vec<Open>,
    root: Option<Node>,
    documents: usize,
}

/// A list or map that has not ended.
enum Open {
    List(Place, Vec<Node>),
    /// The entries so far, the key that waits for its value, and where each key stands.
    Map(Place, Vec<Entry>, Option<(String, Place)>, HashMap<String, Place>),
}

impl Builder<'_> {
    fn place(&self, marker: Marker) -> Place {
        let (line, column) = (marker.line().max(1), marker.col());
        let before = |place: (usize, usize)| self.pairs.partition_point(|pair| *pair < place);
        let pairs = before((line, column)) - before((line, 0));
        Place { file: self.file, line, column: column + 2 * pairs + 1 }
    }

    /// Takes one event; `None` stops reading.
    fn take(&mut self, event: Event<'_>, marker: Marker) -> Option<()> {
        let place = self.place(marker);
        let plain = |anchor: usize, tag: bool| anchor == 0 && !tag;
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return self.refuse(place, "a second document", "use one document a file");
                }
            }
            Event::Alias(_) => {
                return self.refuse(place, "an alias", "write the value out: each rule is read by itself");
            }
            Event::Scalar(text, style, anchor, tag) => {
                if !plain(anchor, tag.is_some()) {
                    return self.refuse(place, "an anchor or a tag", "write the plain value");
                }
                let scalar = match style {
                    ScalarStyle::Plain => Scalar::resolve(&text),
                    _ => Some(Scalar::Text(text.to_string())),
                };
                // A key is what is written: `1.10` is not `1.1`.
                if matches!(self.open.last(), Some(Open::Map(_, _, None, _))) && scalar != Some(Scalar::Null) {
                    return self.key(text.into_owned(), place);
                }
                let Some(scalar) = scalar else {
                    let message = format!("`{text}` is a number that JSON does not have");
                    self.findings.add(place, Code::InexactNumber, message, "write a finite number, or text in quotes");
                    return None;
                };
                return self.value(Node { place, kind: Kind::Scalar(scalar) });
            }
            Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) if !plain(anchor, tag.is_some()) => {
                return self.refuse(place, "an anchor or a tag", "write the plain value");
            }
            Event::SequenceStart(..) => return self.start(Open::List(place, Vec::new()), place),
            Event::MappingStart(..) => return self.start(Open::Map(place, Vec::new(), None, HashMap::new()), place),
            Event::SequenceEnd | Event::MappingEnd => {
                let node = match self.open.pop()? {
                    Open::List(place, items) => Node { place, kind: Kind::List(items) },
                    Open::Map(place, entries, ..) => Node { place, kind: Kind::Map(entries) },
                };
                return self.value(node);
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Some(())
    }

    fn refuse(&mut self, place: Place, what: &str, remedy: &str) -> Option<()> {
        self.findings.add(place, Code::YamlFeature, format!("{what} is not part of the ruleset language"), remedy);
        None
    }

    /// Adds the finding, and returns `true`: reading stops.
    fn too_deep(&mut self, place: Place) -> bool {
        let message = format!("nested deeper than {DEPTH} levels");
        self.findings.add(place, Code::TooDeep, message, "name the inner part as a segment");
        true
    }

    fn start(&mut self, open: Open, place: Place) -> Option<()> {
        if self.open.len() >= DEPTH {
            self.too_deep(place);
            return None;
        }
        self.open.push(open);
        Some(())
    }

    fn value(&mut self, node: Node) -> Option<()> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, entries, key, _)) => match key.take() {
                Some((key, place)) => entries.push(Entry { key, place, value: node }),
                None => return self.refuse(node.place, "a key that is not text", "use text as the key"),
            },
        }
        Some(())
    }

    fn key(&mut self, text: String, place: Place) -> Option<()> {
        if text == "<<" {
            return self.refuse(place, "a merge key", "write the keys out");
        }
        let Some(Open::Map(_, _, key, seen)) = self.open.last_mut() else { return None };
        if let Some(first) = seen.get(&text) {
            let message = format!("a key that stands twice in one map, first in line {}", first.line);
            self.findings.add(place, Code::DuplicateKey, message, "remove one of the two");
        } else {
            seen.insert(text.clone(), place);
        }
        *key = Some((text, place));
        Some(())
    }
}
