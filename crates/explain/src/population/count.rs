//! A population, counted: how many of a file's people are in each segment.

use serde::Serialize;
use waft::table::Section;
use waft::{NoTrace, Program, condition, decide_segment};

use super::column::Everybody as _;
use super::decider::{Rows, Simulated};
use super::table::Table;
use super::truths::{self, Segments, TOGETHER};
use crate::needs::Needs;

/// How many people of a file are in each segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PopulationCount {
    /// How many people there are.
    #[cfg_attr(test, ts(type = "number"))]
    pub rows: u64,
    /// The columns that fill an attribute, by its name.
    pub columns: Vec<String>,
    /// The columns that do not.
    pub ignored: Vec<String>,
    /// Every segment.
    pub segments: Vec<SegmentCount>,
}

/// How many people are in a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SegmentCount {
    /// Its name.
    pub name: String,
    /// How many are in it.
    #[cfg_attr(test, ts(type = "number"))]
    pub matches: u64,
    /// How many are not.
    #[cfg_attr(test, ts(type = "number"))]
    pub misses: u64,
    /// Of how many it is not known: an attribute is missing or of another type.
    #[cfg_attr(test, ts(type = "number"))]
    pub unknown: u64,
    /// The attributes that it asks for and of which the file has no column.
    pub lacks: Vec<String>,
    /// The lists that it asks for and whose files are not there.
    pub absent: Vec<String>,
}

/// Counts a CSV with a header line. Columns are matched to attributes by name; an empty field is a missing attribute. An error says
/// what is wrong with the file and where.
pub fn count(program: &Program, csv: &[u8], now: i64) -> Result<PopulationCount, String> {
    Ok(Table::read(csv, &[program])?.count(program, now))
}

impl Table {
    /// How many people are in each segment of a program at a moment (milliseconds since 1970).
    ///
    /// Each test is decided once for every text of its column, and combined row by row. A segment that asks for flags is decided for one
    /// person after the other. Both give the same (tests/properties).
    pub fn count(&self, program: &Program, now: i64) -> PopulationCount {
        let all = program.count(Section::Segments);
        let segments = Segments::new(program, self, now, |_| true, |_| true);
        let others: Vec<usize> = segments.others().collect();
        let asked: Vec<_> = others.iter().map(|index| condition::flags_of_segment(program, *index as u16)).collect();
        let mut rows = Rows::new(program, self, Simulated { attributes: &[], seed: 0 });
        rows.ask_for_all();
        let mut counts = vec![[0u64; 3]; all];
        let (mut stack, mut blocks) = (Vec::new(), vec![[0; TOGETHER]; all]);
        for from in (0..self.rows).step_by(TOGETHER) {
            let some = TOGETHER.min(self.rows - from);
            segments.decide(self, from, &mut stack, &mut blocks);
            for row in 0..if others.is_empty() { 0 } else { some } {
                let session = rows.select(from + row);
                for (index, asked) in others.iter().zip(&asked) {
                    let truth = decide_segment(program, *index as u16, asked, session, now, &mut NoTrace);
                    if let Some(own) = blocks.get_mut(*index).and_then(|block| block.get_mut(row)) {
                        *own = truths::number(truth);
                    }
                }
            }
            for (block, counts) in blocks.iter().zip(&mut counts) {
                for truth in block.iter().take(some) {
                    if let Some(count) = counts.get_mut(usize::from(*truth)) {
                        *count += 1;
                    }
                }
            }
        }
        let told = (0..all).zip(counts).filter_map(|(index, [misses, unknown, matches])| {
            let name = program.str(program.segment(index)?.name).to_owned();
            let needs = Needs::of_segment(program, index as u16);
            let lacks = needs.attributes.into_iter().filter(|name| !self.has(name)).collect();
            let absent = needs.absent.into_iter().collect();
            Some(SegmentCount { name, matches, misses, unknown, lacks, absent })
        });
        let segments = told.collect();
        let (columns, ignored) = self.columns();
        let columns = columns.into_iter().map(str::to_owned).collect();
        PopulationCount { rows: self.rows as u64, columns, ignored: ignored.to_vec(), segments }
    }
}
