//! Patterns: regular expressions that the compiler turned into tables, walked in linear time.
//!
//! A table is `u16 classes`, 256 bytes with the class of each byte, and for each state a row of `classes` 16-bit numbers
//! of next states; the last class is the end of the text. State 0 never matches, state 1 has matched, state 2 is the
//! first.

use crate::snapshot::table::{u8_at, u16_at};

/// The state from which nothing matches.
pub const DEAD: u16 = 0;
/// The state that has matched.
pub const MATCHED: u16 = 1;
/// The first state.
pub const START: u16 = 2;
/// Where the rows begin, in bytes.
pub const ROWS: usize = 2 + 256;

/// Whether a text has a match of the pattern whose table this is.
pub fn matches(table: &[u8], text: &[u8]) -> bool {
    let classes = usize::from(u16_at(table, 0));
    let next = |state: u16, class: usize| u16_at(table, ROWS + 2 * (usize::from(state) * classes + class));
    let mut state = START;
    for byte in text {
        if state <= MATCHED {
            break;
        }
        state = next(state, usize::from(u8_at(table, 2 + usize::from(*byte))));
    }
    if state > MATCHED {
        state = next(state, classes.saturating_sub(1));
    }
    state == MATCHED
}
