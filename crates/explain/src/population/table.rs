//! A population's file: each column once, its texts numbered, for as many programs as are to decide about it.

use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::{Program, Session};
use waft_columns::{Dictionary, Texts};

use super::form::Cells;

/// A file of people, read once: a row each, a column for each attribute that it has.
#[derive(Debug, Default)]
pub struct Table {
    pub(super) rows: usize,
    pub(super) columns: Vec<Column>,
    /// Columns that fill no attribute.
    pub(super) ignored: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Column {
    /// The attribute.
    pub(super) name: String,
    /// Row by row, the number of its text; 0 for none.
    pub(super) of: Vec<u32>,
    pub(super) texts: Texts,
    /// What its texts are.
    pub(super) cells: Cells,
}

/// The attributes of a program, in their order, and how each is read.
pub fn declared(program: &Program) -> Vec<(&str, AttributeType)> {
    let declared = program.slots().filter_map(|slot| program.attribute(slot));
    declared.map(|attribute| (program.str(attribute.name), attribute.kind)).collect()
}

impl Column {
    /// Sets a text, by its number, as an attribute of a session.
    pub(super) fn set(&self, program: &Program, session: &mut Session, slot: Slot, kind: AttributeType, number: u32) {
        if number > 0 {
            self.cells.value(kind, self.texts.get(number), &mut |value| session.set(program, slot, value));
        }
    }
}

impl Table {
    /// How many people there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns that are named like an attribute, and those that are not.
    pub fn columns(&self) -> (Vec<&str>, &[String]) {
        (self.columns.iter().map(|column| column.name.as_str()).collect(), &self.ignored)
    }

    pub(crate) fn has(&self, attribute: &str) -> bool {
        self.column(attribute).is_some()
    }

    pub(super) fn column(&self, attribute: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == attribute)
    }

    /// What is written of a person in a column.
    pub(crate) fn text(&self, attribute: &str, row: usize) -> Option<&str> {
        let column = self.columns.get(self.column(attribute)?)?;
        let number = *column.of.get(row).filter(|number| **number > 0)?;
        std::str::from_utf8(column.texts.get(number)).ok()
    }

    /// The units in a program's slot, row by row, numbered from 1, 0 for whoever is none; and how many there are.
    pub(crate) fn units(&self, program: &Program, slot: Slot) -> (Vec<u32>, u32) {
        let Some(DeclaredAttribute { name, kind }) = program.attribute(slot) else { return (Vec::new(), 0) };
        let Some(column) = self.column(program.str(name)).and_then(|at| self.columns.get(at)) else {
            return (vec![0; self.rows], 0);
        };
        // Two texts may be one unit, as `7` and `7.0` in a column of numbers.
        let (mut session, mut numbers) = (Session::new(program), Dictionary::default());
        let mut of_text = vec![0];
        for number in 1..=column.texts.count() as u32 {
            session.clear(program);
            column.set(program, &mut session, slot, kind, number);
            let unit = session.subject().unit(slot, &mut [0; 20]).map(|unit| numbers.number(unit).0);
            of_text.push(unit.unwrap_or(0));
        }
        let of = column.of.iter().map(|text| of_text.get(*text as usize).copied().unwrap_or(0)).collect();
        (of, numbers.texts().count() as u32)
    }
}
