//! What conditions ask for.

use std::collections::BTreeSet;

use waft::Program;
use waft::operation::{Words, operations};
use waft::operators::Operator;
use waft::program::Slot;

/// The attributes that conditions ask for, by their slots. Each segment is looked into once, however often others name it.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) slots: BTreeSet<Slot>,
    segments: BTreeSet<u32>,
}

impl Asked {
    /// Adds what a condition asks for. None if that is a list or a share, which tell people with the same attributes apart, or
    /// unknown. Other flags were decided before, on the path to here.
    pub(super) fn add(&mut self, program: &Program, code: Words) -> Option<()> {
        let mut read = 0;
        for (operation, operands) in operations(code) {
            read += 1 + operands.len();
            match Operator::from_number(operation.number)? {
                Operator::All | Operator::Any | Operator::Not | Operator::Flag => {}
                Operator::Share | Operator::List => return None,
                Operator::Segment => {
                    let segment = program.segment(operation.argument.into())?;
                    if self.segments.insert(operation.argument.into()) {
                        self.add(program, program.code(segment.condition)?)?;
                    }
                }
                _ => drop(self.slots.insert(Slot(operation.argument))),
            }
        }
        (read == code.len()).then_some(())
    }
}
