//! A population: contexts that were prepared once, for which one flag after the other is decided.

mod asked;
mod column;
mod count;
mod path;
mod people;
mod rows;
mod tree;

use serde_json::{Map, Value as Json};
use waft::program::FlagIndex;
use waft::{NoTrace, Program, evaluate};

use column::Columns;
pub use count::{PopulationCount, SegmentCount, count};
pub use rows::Rows;
use tree::Tree;

/// A table of contexts: row by row as a page prepares them, and column by column as flags ask for it.
#[derive(Debug)]
pub struct Population(Columns);

impl Population {
    /// Nobody yet.
    pub fn new(program: &Program) -> Self {
        Population(Columns::new(program))
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.0.people.count()
    }

    /// Adds people: the JSON text of an array of contexts. What is wrong with it is told, and then nobody is added.
    pub fn add(&mut self, program: &Program, contexts: &str) -> Result<(), String> {
        let contexts: Vec<Map<String, Json>> = serde_json::from_str(contexts)
            .map_err(|error| format!("contexts: expected an array of objects: {error}"))?;
        self.0.add(program, &contexts);
        Ok(())
    }

    /// For how many people a flag evaluates to each of its variants, in their order, at a moment (milliseconds since 1970). The last
    /// number is of those for whom it cannot be decided.
    ///
    /// The evaluator decides for one person of each kind, and a column tells who is of that kind: see [`Tree`]. Where people have too
    /// little in common it decides for one after the other. Both give the same (tests/properties).
    pub fn decide(&mut self, program: &Program, flag: FlagIndex, now: i64) -> Vec<u32> {
        let variants = program.flag(flag).map_or(0, |flag| flag.variant_count);
        let mut counts = vec![0; usize::from(variants) + 1];
        let counted = Tree::new(program, flag, now).count(&mut self.0, &mut counts);
        // What was read while paths were learned is whole.
        if counted.is_some() && program.intact().is_ok() {
            return counts;
        }
        counts.fill(0);
        for person in 0..self.0.people.count() {
            let decision = evaluate(program, flag, self.0.people.select(person), now, &mut NoTrace);
            if let Some(count) = counts.get_mut(usize::from(decision.variant.unwrap_or(variants).min(variants))) {
                *count += 1;
            }
        }
        counts
    }
}
