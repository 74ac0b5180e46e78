//! A table as a program reads it, and one flag after the other decided for everybody in it.

use std::collections::BTreeSet;

use waft::operation::Words;
use waft::program::{AttributeType, DeclaredAttribute, FlagIndex, Slot};
use waft::table::Section;
use waft::{Program, Session, Step, Truth, Value, evaluate};
use waft_columns::{Kinds, Units};
use waft_ruleset::order::ordered;

use super::column::{self, Columns, Everybody, Kept};
use super::table::Table;
use super::tree::{self, Outcome, Tree};
use super::truths;
use crate::listener::Listener;

/// So many kinds of people are cheap to number.
const FEW: usize = 1 << 16;
/// No file has more rows.
const ROWS: usize = 100_000_000;

impl Table {
    /// For how many people a flag evaluates to each of its variants, and behind them for how many it cannot be decided, at a moment
    /// (milliseconds since 1970): see [`super::Population::decide`]. What is kept makes the next flag of the same program faster.
    pub fn decide(&self, program: &Program, flag: FlagIndex, now: i64, kept: Kept) -> (Vec<u32>, Kept) {
        let mut rows = Rows::new(program, self, Simulated { attributes: &[], seed: 0 });
        rows.ask_for_all();
        let mut columns = Columns::with(rows, kept);
        let counts = tree::count(program, flag, now, &mut columns);
        (counts, columns.keep())
    }

    /// Prepares everybody's units for hashing, which the first flag would wait for.
    pub fn prepare(&self, program: &Program, kept: Kept) -> Kept {
        let mut columns = Columns::with(Rows::new(program, self, Simulated { attributes: &[], seed: 0 }), kept);
        let units = 0..program.count(Section::Units) as u16;
        let slots: Vec<Slot> = units.filter_map(|unit| program.unit(unit)).map(|unit| unit.slot).collect();
        slots.into_iter().for_each(|slot| drop(columns.units(slot)));
        columns.keep()
    }
}

/// Ids that are made up for units of which the file has no column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulated<'s> {
    /// Attributes that hold them.
    pub(crate) attributes: &'s [String],
    /// Other ids for each.
    pub(crate) seed: u64,
}

/// A table as a program reads it.
#[derive(Debug)]
pub(super) struct Rows<'t> {
    table: &'t Table,
    program: &'t Program,
    /// The columns that the program has, by their place in the table.
    columns: Vec<(usize, Slot, AttributeType)>,
    /// Slots whose ids are made up.
    simulated: Vec<(Slot, AttributeType)>,
    seed: u64,
    /// The slots that the flag in hand asks for.
    asked: BTreeSet<Slot>,
    session: Session,
}

impl<'t> Rows<'t> {
    pub(super) fn new(program: &'t Program, table: &'t Table, simulated: Simulated<'_>) -> Self {
        let attributes = || {
            program.slots().filter_map(|slot| {
                let DeclaredAttribute { name, kind } = program.attribute(slot)?;
                Some((program.str(name), slot, kind))
            })
        };
        let columns = attributes().filter_map(|(name, slot, kind)| Some((table.column(name)?, slot, kind))).collect();
        let made_up = attributes().filter(|(name, ..)| simulated.attributes.iter().any(|made_up| made_up == name));
        let simulated_slots = made_up.map(|(_, slot, kind)| (slot, kind)).collect();
        let (session, asked) = (Session::new(program), BTreeSet::new());
        let (seed, simulated) = (simulated.seed, simulated_slots);
        Rows { table, program, columns, simulated, seed, asked, session }
    }

    /// Whoever is selected has all attributes.
    pub(super) fn ask_for_all(&mut self) {
        self.asked = ordered(self.program.slots());
    }
}

impl Everybody for Rows<'_> {
    fn count(&self) -> usize {
        self.table.rows
    }

    fn select(&mut self, person: usize) -> &mut Session {
        self.session.clear(self.program);
        for (at, slot, kind) in self.columns.iter().filter(|(_, slot, _)| self.asked.contains(slot)) {
            if let Some(column) = self.table.columns.get(*at) {
                let number = column.of.get(person).copied().unwrap_or(0);
                column.set(self.program, &mut self.session, *slot, *kind, number);
            }
        }
        for (slot, kind) in &self.simulated {
            // No whole number below 2^53 is met twice, as far as there are rows.
            let number = self.seed.wrapping_mul(ROWS as u64).wrapping_add(person as u64) + 1;
            let text = format!("simulated-{number}");
            let value = match kind {
                AttributeType::Number => Value::Number(number as f64),
                _ => Value::String(text.as_bytes()),
            };
            self.session.set(self.program, *slot, value);
        }
        &mut self.session
    }

    /// By the numbers of their texts: those of one number are one to every condition.
    fn kinds(&mut self, slots: &[Slot]) -> Kinds {
        if slots.iter().any(|slot| self.simulated.iter().any(|(simulated, _)| simulated == slot)) {
            return column::kinds(slots, self);
        }
        let mut kinds = Kinds::alike(self.table.rows);
        for (at, ..) in self.columns.iter().filter(|(_, slot, _)| slots.contains(slot)) {
            if let Some(column) = self.table.columns.get(*at) {
                kinds.divide(&column.of, column.texts.count() + 1);
            }
        }
        kinds
    }

    fn are_few(&self, slots: &[Slot]) -> bool {
        let columns = self.columns.iter().filter(|(_, slot, _)| slots.contains(slot));
        let texts = columns.filter_map(|(at, ..)| Some(self.table.columns.get(*at)?.texts.count() + 1));
        texts.fold(1, usize::saturating_mul) <= FEW
    }

    fn truths(&mut self, condition: Words, now: i64) -> Option<Kinds> {
        let is_column = |slot: Slot| self.simulated.iter().all(|(simulated, _)| *simulated != slot);
        truths::kinds(self.program, self.table, condition, now, is_column)
    }

    fn units(&mut self, slot: Slot) -> Units {
        let own = self.columns.iter().find(|(_, own, _)| *own == slot);
        if let Some((column, AttributeType::String)) = own.map(|(at, _, kind)| (self.table.columns.get(*at), *kind))
            && let Some(column) = column.filter(|column| column.cells.are_texts())
            && self.simulated.iter().all(|(simulated, _)| *simulated != slot)
        {
            return Units::of_texts(&column.of, &column.texts);
        }
        let asked = std::mem::replace(&mut self.asked, ordered([slot]));
        let units = column::units(slot, self);
        self.asked = asked;
        units
    }
}

/// Decides one flag after the other for everybody of a table.
#[derive(Debug)]
pub(crate) struct Decider<'t> {
    program: &'t Program,
    columns: Columns<Rows<'t>>,
}

impl<'t> Decider<'t> {
    pub(crate) fn new(program: &'t Program, table: &'t Table, simulated: Simulated<'_>) -> Self {
        Decider { program, columns: Columns::new(Rows::new(program, table, simulated)) }
    }

    /// What everybody gets of a flag at a moment (milliseconds since 1970), into `outcomes`: see [`super::Population::decide`]. `asked`
    /// names the attributes that the flag may ask for.
    pub(crate) fn decide(&mut self, flag: FlagIndex, asked: &[String], now: i64, outcomes: &mut Vec<Outcome>) {
        let program = self.program;
        let is_asked = |slot: &Slot| {
            let name = program.attribute(*slot).map_or("", |attribute| program.str(attribute.name));
            asked.iter().any(|asked| asked == name)
        };
        self.columns.people.asked = ordered(program.slots().filter(is_asked));
        outcomes.clear();
        outcomes.resize(self.columns.people.table.rows, Outcome::default());
        let mut tree = Tree::new(program, flag, now, true, None);
        let decided = tree.decide(&mut self.columns, &mut tree::set(outcomes));
        if decided.is_some() && program.intact().is_ok() {
            return;
        }
        let variants = program.flag(flag).map_or(0, |flag| flag.variant_count);
        for (person, outcome) in outcomes.iter_mut().enumerate() {
            let mut heard = Heard(false);
            let decision = evaluate(
                program,
                flag,
                self.columns.people.select(person),
                now,
                &mut Listener(&mut |step| heard.step(step)),
            );
            let variant = decision.variant.unwrap_or(variants).min(variants);
            *outcome = Outcome { variant, unknown: heard.0, ..Outcome::default() };
        }
    }
}

/// Hears whether something was unknown.
struct Heard(bool);

impl Heard {
    fn step(&mut self, step: Step) {
        self.0 |= match step {
            Step::Condition { truth, .. } => truth == Truth::Unknown,
            Step::NoUnit { .. } => true,
            #[cfg(feature = "head")]
            Step::Killed => false,
            Step::Preview
            | Step::Need { .. }
            | Step::Needed { .. }
            | Step::Rule { .. }
            | Step::Outside
            | Step::Operation { .. }
            | Step::NoPhase
            | Step::HasUnit { .. }
            | Step::Sticky
            | Step::Point(_)
            | Step::Share { .. } => false,
        };
    }
}
