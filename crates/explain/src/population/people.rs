//! People: contexts side by side, one of which is decided about at a time.

use serde_json::{Map, Value as Json};
use waft::program::Slot;
use waft::subject::Attributes;
use waft::{Program, Session};
use waft_columns::{Kinds, Units};

use super::column::{self, Everybody};
use crate::context;

/// Contexts that share one memory.
#[derive(Debug)]
pub(super) struct People {
    /// It has the attributes of who is selected.
    session: Session,
    /// Everybody else's, by their place.
    aside: Vec<Attributes>,
    selected: usize,
}

impl People {
    /// Nobody.
    pub(super) fn new(program: &Program) -> Self {
        People { session: Session::new(program), aside: Vec::new(), selected: 0 }
    }

    /// Adds somebody.
    pub(super) fn add(&mut self, program: &Program, context: &Map<String, Json>) {
        let person = self.aside.len();
        self.aside.push(Attributes::new(program));
        context::fill(program, self.select(person), context);
    }
}

impl Everybody for People {
    fn count(&self) -> usize {
        self.aside.len()
    }

    fn select(&mut self, person: usize) -> &mut Session {
        if person != self.selected
            && let Some(aside) = self.aside.get_mut(person)
        {
            let mut attributes = core::mem::take(aside);
            self.session.swap(&mut attributes);
            if let Some(own) = self.aside.get_mut(self.selected) {
                *own = attributes;
            }
            self.selected = person;
        }
        &mut self.session
    }

    fn kinds(&mut self, slots: &[Slot]) -> Kinds {
        column::kinds(slots, self)
    }

    fn units(&mut self, slot: Slot) -> Units {
        column::units(slot, self)
    }
}
