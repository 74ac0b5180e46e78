//! A population: contexts that were prepared once, for which one flag after the other is decided.

use serde_json::{Map, Value as Json};
use waft::{NoTrace, Program, Subject, evaluate};

use crate::context;

/// A table of contexts.
#[derive(Debug)]
pub struct Population {
    contexts: Subject,
    count: usize,
}

impl Population {
    /// Nobody yet.
    pub fn new(program: &Program) -> Self {
        Population { contexts: Subject::new(program), count: 0 }
    }

    /// How many people there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds people: the JSON text of an array of contexts. What is wrong with it is told, and then nobody is added.
    pub fn add(&mut self, program: &Program, contexts: &str) -> Result<(), String> {
        let contexts: Vec<Map<String, Json>> = serde_json::from_str(contexts)
            .map_err(|error| format!("contexts: expected an array of objects: {error}"))?;
        for context in &contexts {
            // The subject starts with one context.
            if self.count > 0 {
                self.contexts.add(program);
            }
            context::fill(program, &mut self.contexts, context);
            self.count += 1;
        }
        Ok(())
    }

    /// For how many people a flag comes out as each of its variants at a moment (milliseconds since 1970), in their order, and
    /// behind them for how many it cannot be decided. It is the page's own evaluation, person after person.
    pub fn decide(&mut self, program: &Program, flag: u32, now: i64) -> Vec<u32> {
        let variants = program.flag(flag).map_or(0, |flag| flag.variant_count);
        let mut counts = vec![0; usize::from(variants) + 1];
        for person in 0..self.count {
            self.contexts.select(person);
            let decision = evaluate(program, flag, &mut self.contexts, now, &mut NoTrace);
            let place = decision.variant.map_or(usize::from(variants), usize::from);
            if let Some(count) = counts.get_mut(place) {
                *count += 1;
            }
        }
        counts
    }
}
