//! Segments of a program, decided for everybody of a table, some rows at a time.

use std::collections::BTreeSet;

use waft::program::FlagIndex;
use waft::table::Section;
use waft::{NoTrace, Program, condition, decide_segment};
use waft_columns::truths::{Block, TOGETHER};

use super::column::Everybody as _;
use super::decider::{Rows, Simulated};
use super::table::Table;
use super::truths::{self, Segments};

/// Decides segments for one block of rows after the other.
///
/// Each test is decided once for every text of its column, and combined row by row. A segment that asks for flags is decided for one person
/// after the other. Both give the same (tests/properties).
#[derive(Debug)]
pub(super) struct Blocks<'t> {
    table: &'t Table,
    program: &'t Program,
    now: i64,
    segments: Segments,
    /// Those that no column decides, with the flags that they ask for.
    others: Vec<(u16, BTreeSet<FlagIndex>)>,
    rows: Rows<'t>,
    stack: Vec<Block>,
    truths: Vec<Block>,
}

impl<'t> Blocks<'t> {
    /// Of the segments that are wanted, at a moment (milliseconds since 1970). What these name must be wanted, too.
    pub(super) fn new(table: &'t Table, program: &'t Program, now: i64, wanted: impl Fn(usize) -> bool) -> Self {
        let segments = Segments::new(program, table, now, |_| true, &wanted);
        let others = segments.others().filter(|index| wanted(*index));
        let others = others.map(|index| (index as u16, condition::flags_of_segment(program, index as u16))).collect();
        let mut rows = Rows::new(program, table, Simulated { attributes: &[], seed: 0 });
        rows.ask_for_all();
        let truths = vec![[0; TOGETHER]; program.count(Section::Segments)];
        Blocks { table, program, now, segments, others, rows, stack: Vec::new(), truths }
    }

    /// Decides for the rows from one on. Returns how many these are, and the truths of each segment.
    pub(super) fn decide(&mut self, from: usize) -> (usize, &[Block]) {
        let some = TOGETHER.min(self.table.rows - from);
        self.segments.decide(self.table, from, &mut self.stack, &mut self.truths);
        for row in 0..if self.others.is_empty() { 0 } else { some } {
            let session = self.rows.select(from + row);
            for (index, asked) in &self.others {
                let truth = decide_segment(self.program, *index, asked, session, self.now, &mut NoTrace);
                if let Some(own) = self.truths.get_mut(usize::from(*index)).and_then(|block| block.get_mut(row)) {
                    *own = truths::number(truth);
                }
            }
        }
        (some, &self.truths)
    }
}
