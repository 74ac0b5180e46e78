//! Whoever listens to a decision.

use waft::{Step, Trace};

/// Hands steps on: the evaluator is compiled for each type that listens, and this is the only one.
pub(crate) struct Listener<'l>(pub(crate) &'l mut dyn FnMut(Step));

impl Trace for Listener<'_> {
    fn step(&mut self, step: Step) {
        (self.0)(step);
    }
}
