//! Regular expressions, compiled into the tables that `waft::pattern` walks. Nothing of the compiler is in the engine.

use std::collections::{BTreeMap, HashMap, HashSet};

use waft::limits::PATTERN_BYTES;
use waft::pattern::{DEAD, MATCHED};

use super::dfa::determinise;
use super::fault::{Fault, Rows};
use super::nfa::Nfa;
use super::read;

/// The longest pattern, in bytes.
const WRITTEN_BYTES: usize = 4 << 10;

/// The table of a pattern in RE2's syntax: whether it matches anywhere in a text.
pub fn compile(written: &str) -> Result<Vec<u8>, Fault> {
    if written.len() > WRITTEN_BYTES {
        return Err(Fault::TooLarge);
    }
    let part = read::read(written).map_err(Fault::Invalid)?;
    // Minimal only now: what the two special states made equal counts, too.
    table(&merged(&determinise(&Nfa::of(&part)?)?))
}

/// Hopcroft's algorithm ("An n log n algorithm for minimizing states in a finite automaton", 1971): states are split until those in
/// one block go to the same blocks. Moore's takes as many rounds as there are states in a row, and patterns repeat.
fn merged(rows: &Rows) -> Rows {
    let columns = distinct_columns(rows);
    let sources: Vec<Vec<Vec<u16>>> = columns.iter().map(|column| sources_of(rows, *column)).collect();
    // 0 and 1 are what they are; all others start in one block.
    let mut block_of: Vec<usize> = (0..rows.len()).map(|state| state.min(2)).collect();
    let mut blocks: Vec<Vec<u16>> = vec![vec![DEAD], vec![MATCHED], (2..rows.len() as u16).collect()];
    let mut waiting: Vec<usize> = vec![0, 1, 2];
    let mut is_waiting = vec![true; 3];
    while let Some(splitter) = waiting.pop() {
        set(&mut is_waiting, splitter, false);
        let targets = blocks.get(splitter).cloned().unwrap_or_default();
        for sources in &sources {
            // The states that go into the splitter, by their blocks.
            let mut inside: BTreeMap<usize, Vec<u16>> = BTreeMap::new();
            for source in targets.iter().filter_map(|target| sources.get(usize::from(*target))).flatten() {
                inside.entry(block_of.get(usize::from(*source)).copied().unwrap_or(0)).or_default().push(*source);
            }
            for (block, inside) in inside {
                let Some(whole) = blocks.get_mut(block).filter(|whole| whole.len() > inside.len()) else { continue };
                let fresh = is_waiting.len();
                inside.iter().for_each(|state| set(&mut block_of, usize::from(*state), fresh));
                whole.retain(|state| block_of.get(usize::from(*state)) == Some(&block));
                // Either part will do; the smaller one is what makes it fast.
                let smaller = if whole.len() < inside.len() { block } else { fresh };
                let next = if is_waiting.get(block) == Some(&true) { fresh } else { smaller };
                blocks.push(inside);
                is_waiting.push(false);
                set(&mut is_waiting, next, true);
                waiting.push(next);
            }
        }
    }
    renumbered(rows, &block_of)
}

fn set<T>(list: &mut [T], index: usize, value: T) {
    if let Some(item) = list.get_mut(index) {
        *item = value;
    }
}

/// One byte of each class of bytes that lead everywhere to the same states.
fn distinct_columns(rows: &Rows) -> Vec<usize> {
    let mut seen = HashSet::new();
    let column = |byte: usize| rows.iter().filter_map(|row| row.get(byte).copied()).collect::<Vec<u16>>();
    (0..257).filter(|byte| seen.insert(column(*byte))).collect()
}

/// For each state the states that go there with a byte.
fn sources_of(rows: &Rows, byte: usize) -> Vec<Vec<u16>> {
    let mut sources = vec![Vec::new(); rows.len()];
    for (state, row) in rows.iter().enumerate() {
        if let Some(sources) = row.get(byte).and_then(|to| sources.get_mut(usize::from(*to))) {
            sources.push(state as u16);
        }
    }
    sources
}

/// One row for each block, in the order of the blocks' first states: 0, 1 and the start keep their numbers.
fn renumbered(rows: &Rows, block_of: &[usize]) -> Rows {
    let mut numbers: HashMap<usize, u16> = HashMap::new();
    let mut first = Vec::new();
    for (state, block) in block_of.iter().enumerate() {
        let fresh = numbers.len() as u16;
        if *numbers.entry(*block).or_insert(fresh) == fresh {
            first.push(state);
        }
    }
    let number =
        |state: u16| block_of.get(usize::from(state)).and_then(|block| numbers.get(block)).copied().unwrap_or(DEAD);
    first.iter().filter_map(|state| rows.get(*state)).map(|row| row.map(number)).collect()
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
    if bytes.len() > PATTERN_BYTES { Err(Fault::TooLarge) } else { Ok(bytes) }
}
