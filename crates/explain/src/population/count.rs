//! A population, counted: how many of a file's people are in each segment.

use serde::Serialize;
use waft::Program;
use waft::table::Section;
use waft_columns::truths::{self, TOGETHER};

use super::blocks::Blocks;
use super::parts::Counted;
use super::table::Table;
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
    /// As the ruleset calls it.
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
    /// The counts of the parts of its condition; empty if it has none, or if they are not known, as of a snapshot.
    pub parts: Vec<Counted>,
}

/// Counts a CSV with a header line. Columns are matched to attributes by name; an empty field is a missing attribute. An error says
/// what is wrong with the file and where.
pub fn count(program: &Program, csv: &[u8], now: i64) -> Result<PopulationCount, String> {
    Ok(Table::read(csv, &[program])?.count(program, now))
}

impl Table {
    /// How many people are in each segment of a program at a moment (milliseconds since 1970).
    pub fn count(&self, program: &Program, now: i64) -> PopulationCount {
        let all = program.count(Section::Segments);
        let mut blocks = Blocks::new(self, program, now, |_| true);
        let mut counts = vec![[0u64; 3]; all];
        for from in (0..self.rows).step_by(TOGETHER) {
            let (some, all) = blocks.decide(from);
            for (block, counts) in all.iter().zip(&mut counts) {
                let found = truths::counts(block.get(..some).unwrap_or(block));
                counts.iter_mut().zip(found).for_each(|(count, found)| *count += found);
            }
        }
        self.told(
            program,
            counts.into_iter().map(|[others, unknown, matches]| Counted {
                matches,
                others,
                unknown,
                parts: Vec::new(),
            }),
        )
    }

    /// The counts of a program's segments, told.
    pub(crate) fn told(&self, program: &Program, counts: impl Iterator<Item = Counted>) -> PopulationCount {
        let told = counts.enumerate().filter_map(|(index, counted)| {
            let Counted { matches, others: misses, unknown, parts } = counted;
            let name = program.str(program.segment(index)?.name).to_owned();
            let needs = Needs::of_segment(program, index as u16);
            let lacks = needs.attributes.into_iter().filter(|name| !self.has(name)).collect();
            let absent = needs.absent.into_iter().collect();
            Some(SegmentCount { name, matches, misses, unknown, lacks, absent, parts })
        });
        let segments = told.collect();
        let (columns, ignored) = self.columns();
        let columns = columns.into_iter().map(str::to_owned).collect();
        PopulationCount { rows: self.rows as u64, columns, ignored: ignored.to_vec(), segments }
    }
}
