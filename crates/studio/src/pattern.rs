//! Regular expressions, compiled into the tables that `waft::pattern` walks. Nothing of the compiler is in the engine.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};
use waft::pattern::{DEAD, MATCHED};

/// The largest table, in bytes.
pub const MOST_BYTES: usize = 32 << 10;
/// What the determinisation may take, in bytes: a pattern that explodes is stopped here.
const WORK_BYTES: usize = 4 << 20;
/// The longest pattern, in bytes.
const WRITTEN_BYTES: usize = 4 << 10;

/// Why a pattern was not compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no pattern of RE2's class.
    Invalid(String),
    /// Its table would be larger than [`MOST_BYTES`].
    TooLarge,
}

/// The table of a pattern: whether it matches anywhere in a text. `\d`, `\w`, `\s` and `\b` are ASCII, as in JavaScript;
/// `.` is any character but a line's end.
pub fn compile(written: &str) -> Result<Vec<u8>, Fault> {
    if written.len() > WRITTEN_BYTES {
        return Err(Fault::TooLarge);
    }
    let dfa = determinise(&ascii_classes(written))?;
    // Equal rows become one state, round after round, until nothing changes: what the two special states added is
    // minimal, too.
    let rows = reachable(&dfa)?;
    table(&merged(rows))
}

/// Perl's classes are Unicode in this syntax; JavaScript's are ASCII, and much smaller as tables. No space is written out: under
/// `(?x)` it would be none.
fn ascii_classes(written: &str) -> String {
    let mut out = String::new();
    let mut characters = written.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('s') => out.push_str("[\\x20\\t\\n\\r\\x0b\\x0c]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some('S') => out.push_str("[^\\x20\\t\\n\\r\\x0b\\x0c]"),
            Some('b') => out.push_str("(?-u:\\b)"),
            Some('B') => out.push_str("(?-u:\\B)"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

fn determinise(pattern: &str) -> Result<dense::DFA<Vec<u32>>, Fault> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Unanchored)
        .minimize(false)
        .dfa_size_limit(Some(WORK_BYTES))
        .determinize_size_limit(Some(WORK_BYTES));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().utf8(false).nest_limit(100))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(WORK_BYTES)))
        .build(pattern)
        .map_err(|error| fault(&error))
}

fn fault(error: &dyn std::error::Error) -> Fault {
    // The innermost error says what is wrong; those around it, that it could not be built.
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    let text = inner.to_string();
    if [error.to_string(), text.clone()].iter().any(|text| text.contains("limit")) {
        return Fault::TooLarge;
    }
    let last = text.lines().last().unwrap_or_default();
    Fault::Invalid(last.trim_start_matches("error: ").to_owned())
}

/// For each state the next one for each byte, and behind them for the end of the text.
type Rows = Vec<[u16; 257]>;

/// The states that can be reached, with one dead and one matched state in front.
fn reachable(dfa: &dense::DFA<Vec<u32>>) -> Result<Rows, Fault> {
    let first = dfa
        .start_state(&start::Config::new().anchored(Anchored::No))
        .map_err(|error| Fault::Invalid(error.to_string()))?;
    let mut numbers: HashMap<StateID, u16> = HashMap::new();
    let mut queue = vec![first];
    numbers.insert(first, 2);
    let mut rows: Rows = vec![[DEAD; 257], [MATCHED; 257]];
    let mut at = 0;
    while let Some(state) = queue.get(at).copied() {
        at += 1;
        let mut row = [DEAD; 257];
        for (byte, to) in (0..=255u8)
            .map(|byte| (usize::from(byte), dfa.next_state(state, byte)))
            .chain([(256, dfa.next_eoi_state(state))])
        {
            // A match is reported one byte late: the state behind it says so.
            let number = if dfa.is_match_state(to) {
                MATCHED
            } else if dfa.is_dead_state(to) || byte == 256 {
                DEAD
            } else if dfa.is_quit_state(to) {
                return Err(Fault::Invalid("word boundaries of Unicode are not supported".to_owned()));
            } else {
                let next = numbers.len() + 2;
                let next = u16::try_from(next).map_err(|_| Fault::TooLarge)?;
                *numbers.entry(to).or_insert_with(|| {
                    queue.push(to);
                    next
                })
            };
            if let Some(cell) = row.get_mut(byte) {
                *cell = number;
            }
        }
        rows.push(row);
        if rows.len() > MOST_BYTES {
            return Err(Fault::TooLarge);
        }
    }
    Ok(rows)
}

/// Moore's algorithm: states are split until those in one class go to the same classes.
fn merged(rows: Rows) -> Rows {
    // 0 and 1 are what they are; all others start in one class.
    let mut classes: Vec<u16> = (0..rows.len()).map(|state| state.min(2) as u16).collect();
    let mut count = 3;
    loop {
        let class_of = |state: u16| classes.get(usize::from(state)).copied().unwrap_or(DEAD);
        let mut seen: HashMap<(u16, Vec<u16>), u16> = HashMap::new();
        let mut next = vec![DEAD, MATCHED];
        for (state, row) in rows.iter().enumerate().skip(2) {
            let signature = (classes.get(state).copied().unwrap_or(DEAD), row.iter().map(|to| class_of(*to)).collect());
            let fresh = seen.len() as u16 + 2;
            next.push(*seen.entry(signature).or_insert(fresh));
        }
        let found = seen.len() + 2;
        classes = next;
        if found == count {
            break;
        }
        count = found;
    }
    let class_of = |state: u16| classes.get(usize::from(state)).copied().unwrap_or(DEAD);
    let mut merged: Rows = vec![[DEAD; 257]; count];
    for (state, row) in rows.iter().enumerate() {
        if let Some(own) = merged.get_mut(usize::from(class_of(state as u16))) {
            *own = row.map(class_of);
        }
    }
    merged
}

/// Writes the table: bytes that lead everywhere to the same states are one class.
fn table(rows: &Rows) -> Result<Vec<u8>, Fault> {
    let mut columns: Vec<Vec<u16>> = Vec::new();
    let mut class_of_byte = [0u8; 256];
    let column = |byte: usize| -> Vec<u16> { rows.iter().filter_map(|row| row.get(byte).copied()).collect() };
    for (byte, class) in class_of_byte.iter_mut().enumerate() {
        let own = column(byte);
        let index = columns.iter().position(|other| *other == own).unwrap_or_else(|| {
            columns.push(own);
            columns.len() - 1
        });
        *class = u8::try_from(index).map_err(|_| Fault::TooLarge)?;
    }
    columns.push(column(256));
    let mut bytes = (columns.len() as u16).to_le_bytes().to_vec();
    bytes.extend(class_of_byte);
    for state in 0..rows.len() {
        bytes.extend(columns.iter().filter_map(|column| column.get(state)).flat_map(|to| to.to_le_bytes()));
    }
    if bytes.len() > MOST_BYTES { Err(Fault::TooLarge) } else { Ok(bytes) }
}
