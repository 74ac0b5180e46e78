//! A text's maps, with the bytes that each key and value takes.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};

/// A value, in bytes from its start to its end; without what follows it.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is within braces or brackets.
    pub(super) flow: bool,
    pub(super) item: Item,
}

#[derive(Debug)]
pub(super) enum Item {
    /// A map, in the order of the text.
    Map(Vec<Entry>),
    /// A list or a scalar.
    Other,
}

/// A key, from the byte at which it starts, and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) start: usize,
    pub(super) value: Written,
}

/// A key, with its start and end.
type Key = (String, usize, usize);

/// A collection that has not ended.
struct Open {
    start: usize,
    /// Where the last of what is in it ends.
    end: usize,
    flow: bool,
    /// Of a map, its entries, and the key that waits for its value.
    map: Option<(Vec<Entry>, Option<Key>)>,
}

/// The whole text as an entry without a key. `None` if it is not YAML.
pub(super) fn read(text: &str) -> Option<Entry> {
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let byte = |marker: Marker| bytes.get(marker.index()).copied().unwrap_or(text.len());
    let (mut open, mut root): (Vec<Open>, Option<Written>) = (Vec::new(), None);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (start, end) = (byte(span.start), byte(span.end));
        let flow = text.get(start..).is_some_and(|rest| rest.starts_with(['{', '[']));
        let done = match event {
            Event::Scalar(told, style, ..) => {
                let is_key = matches!(open.last(), Some(Open { map: Some((_, None)), .. }));
                let own = text.get(start..end).unwrap_or("");
                // White space and comments behind a text are not its own.
                let length = match style {
                    ScalarStyle::SingleQuoted => quoted(own, '\''),
                    ScalarStyle::DoubleQuoted => quoted(own, '"'),
                    _ => own.trim_end().len(),
                };
                let end = start + length;
                if is_key {
                    if let Some(Open { map: Some((_, key)), .. }) = open.last_mut() {
                        *key = Some((told.into_owned(), start, end));
                    }
                    continue;
                }
                Written { start, end, flow: false, item: Item::Other }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                let map = matches!(event, Event::MappingStart(..)).then(|| (Vec::new(), None));
                open.push(Open { start, end: start, flow, map });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let event_start = start;
                let Open { start, end: last, flow, map } = open.pop()?;
                let item = map.map_or(Item::Other, |(entries, _)| Item::Map(entries));
                // What follows a bracket belongs to its event, too.
                let end = if flow { event_start + 1 } else { last };
                Written { start, end, flow, item }
            }
            Event::Alias(_) => return None,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                continue;
            }
        };
        match open.last_mut() {
            None => root = Some(done),
            Some(outer) => add(outer, done)?,
        }
    }
    Some(Entry { key: String::new(), start: 0, value: root? })
}

/// Adds a value to what it is in.
fn add(outer: &mut Open, mut value: Written) -> Option<()> {
    if let Some((entries, key)) = &mut outer.map {
        let (key, start, end) = key.take()?;
        if value.start >= value.end {
            // Nothing is written: it is behind its key.
            (value.start, value.end) = (end, end);
        }
        outer.end = outer.end.max(value.end);
        entries.push(Entry { key, start, value });
    } else {
        outer.end = outer.end.max(value.end);
    }
    Some(())
}

/// How many bytes a text in quotes takes, from one to the other. A backslash escapes in double ones, a quote a quote in single ones.
fn quoted(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let is_doubled = quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
        if character == quote && !is_doubled {
            return at + 1;
        }
        if character == '\\' && quote == '"' || character == quote {
            characters.next();
        }
    }
    text.len()
}
