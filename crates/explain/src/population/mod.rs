//! A population: contexts that were prepared once, for which one flag after the other is decided.

mod asked;
mod blocks;
mod column;
mod count;
mod decider;
mod form;
mod members;
mod parts;
mod path;
mod people;
mod reach;
mod read;
mod rows;
mod selection;
mod table;
mod tree;
mod trial;
mod truths;

use serde_json::{Map, Value as Json};
use waft::Program;
use waft::program::FlagIndex;

pub use column::Kept;
use column::{Columns, Everybody as _};
pub use count::{PopulationCount, SegmentCount, count};
pub(crate) use decider::{Decider, Simulated};
pub use form::{DateForm, NumberForm};
pub use parts::{Counted, Part};
use people::People;
pub use read::{ColumnReport, Encoding, FormCount, Odd, Problem, Reading, Report, Said, Settings, Skipped, SkippedRow};
pub use rows::Rows;
pub use selection::{Group, Kind, Overlap, Truths, ValueCount};
pub use table::{Table, declared};
pub(crate) use tree::Outcome;
pub use trial::{ArmCount, DayCount, TrialCount};

/// A table of contexts: row by row as a page prepares them, and column by column as flags ask for it.
#[derive(Debug)]
pub struct Population(Columns<People>);

impl Population {
    /// Nobody yet.
    pub fn new(program: &Program) -> Self {
        Population(Columns::new(People::new(program)))
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.0.people.count()
    }

    /// Adds people: the JSON text of an array of contexts. What is wrong with it is told, and then nobody is added.
    pub fn add(&mut self, program: &Program, contexts: &str) -> Result<(), String> {
        let contexts: Vec<Map<String, Json>> = serde_json::from_str(contexts)
            .map_err(|error| format!("contexts: expected an array of objects: {error}"))?;
        let people = self.0.change();
        contexts.iter().for_each(|context| people.add(program, context));
        Ok(())
    }

    /// For how many people a flag evaluates to each of its variants, in their order, at a moment (milliseconds since 1970). The last
    /// number is of those for whom it cannot be decided.
    ///
    /// The evaluator decides for one person of each kind, and a column tells who is of that kind: see [`tree`]. Where people have too
    /// little in common it decides for one after the other. Both give the same (tests/properties).
    pub fn decide(&mut self, program: &Program, flag: FlagIndex, now: i64) -> Vec<u32> {
        tree::count(program, flag, now, &mut self.0)
    }
}
