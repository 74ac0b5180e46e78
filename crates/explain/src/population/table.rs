//! A population's file: each column once, its texts numbered, for as many programs as are to decide about it.

use std::collections::{HashMap, HashSet};

use waft::program::{AttributeType, DeclaredAttribute, FlagIndex, Slot};
use waft::{Program, Session, Step, Trace, Truth, Value, evaluate};

use super::column::{Columns, Everybody, Kinds, Units};
use super::count::{attribute_names, message, typed};
use super::tree::{Outcome, Tree};

/// More rows than this are refused: their numbers take 32 bits.
const ROWS: usize = 100_000_000;

/// A CSV of people, read once: a row each, a column for each attribute that it has.
#[derive(Debug, Default)]
pub struct Table {
    rows: usize,
    columns: Vec<Column>,
    /// Columns that are named like no attribute.
    ignored: Vec<String>,
}

#[derive(Debug, Default)]
struct Column {
    name: String,
    /// Row by row, the number of its text; 0 for none.
    of: Vec<u32>,
    texts: Texts,
}

/// Texts, one after the other, numbered from 1.
#[derive(Debug)]
struct Texts {
    bytes: Vec<u8>,
    /// Where each ends, behind a zero for the start of the first.
    ends: Vec<usize>,
}

impl Default for Texts {
    fn default() -> Self {
        Texts { bytes: Vec::new(), ends: vec![0] }
    }
}

impl Texts {
    fn count(&self) -> usize {
        self.ends.len() - 1
    }

    fn add(&mut self, text: &[u8]) -> u32 {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
        self.count() as u32
    }

    fn get(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let ends = at.checked_sub(1).and_then(|before| Some((*self.ends.get(before)?, *self.ends.get(at)?)));
        ends.and_then(|(start, end)| self.bytes.get(start..end)).unwrap_or(&[])
    }
}

impl Table {
    /// Reads a CSV with a header line. Columns are matched by name to the attributes of any of the programs; an empty field is a missing
    /// attribute. An error says what is wrong with the file and where.
    pub fn read(csv: &[u8], programs: &[&Program]) -> Result<Self, String> {
        let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
        let headers = reader.byte_headers().map_err(|error| message(&error))?.clone();
        let known: Vec<&str> = programs.iter().flat_map(|program| attribute_names(program)).collect();
        let mut table = Table::default();
        let mut kept = Vec::new();
        for header in &headers {
            let name = String::from_utf8_lossy(header).into_owned();
            let is_known = known.contains(&name.as_str());
            if is_known && table.columns.iter().any(|column| column.name == name) {
                return Err(format!("line 1: the column {name} is there twice: remove one"));
            }
            kept.push(is_known.then_some(table.columns.len()));
            match is_known {
                true => table.columns.push(Column { name, ..Column::default() }),
                false => table.ignored.push(name),
            }
        }
        if table.columns.is_empty() {
            let found = table.ignored.join(", ");
            return Err(format!(
                "line 1: no column is named like an attribute; found {found}, expected some of {}",
                known.join(", ")
            ));
        }
        let mut numbers: Vec<HashMap<Vec<u8>, u32>> = vec![HashMap::new(); table.columns.len()];
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| message(&error))? {
            if table.rows == ROWS {
                return Err(format!("over {ROWS} rows: take a sample of them"));
            }
            for (field, kept) in record.iter().zip(&kept) {
                let column = kept.and_then(|at| Some((table.columns.get_mut(at)?, numbers.get_mut(at)?)));
                let Some((column, numbers)) = column else { continue };
                let number = match (field.is_empty(), numbers.get(field)) {
                    (true, _) => 0,
                    (false, Some(number)) => *number,
                    (false, None) => *numbers.entry(field.to_vec()).or_insert(column.texts.add(field)),
                };
                column.of.push(number);
            }
            table.rows += 1;
        }
        Ok(table)
    }

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

    fn column(&self, attribute: &str) -> Option<usize> {
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
        let (mut session, mut numbers) = (Session::new(program), HashMap::new());
        let mut of_text = vec![0];
        for number in 1..=column.texts.count() as u32 {
            session.clear(program);
            session.set(program, slot, typed(kind, column.texts.get(number)));
            let unit = session.subject().unit(slot, &mut [0; 20]).map(<[u8]>::to_vec);
            let next = numbers.len() as u32 + 1;
            of_text.push(unit.map_or(0, |unit| *numbers.entry(unit).or_insert(next)));
        }
        let of = column.of.iter().map(|text| of_text.get(*text as usize).copied().unwrap_or(0)).collect();
        (of, numbers.len() as u32)
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
struct Rows<'t> {
    table: &'t Table,
    program: &'t Program,
    /// The columns that the program has, by their place in the table.
    columns: Vec<(usize, Slot, AttributeType)>,
    /// Slots whose ids are made up.
    simulated: Vec<(Slot, AttributeType)>,
    seed: u64,
    /// The slots that the flag in hand asks for.
    asked: HashSet<Slot>,
    session: Session,
}

impl Everybody for Rows<'_> {
    fn count(&self) -> usize {
        self.table.rows
    }

    fn select(&mut self, person: usize) -> &mut Session {
        self.session.clear(self.program);
        for (at, slot, kind) in self.columns.iter().filter(|(_, slot, _)| self.asked.contains(slot)) {
            let column = self.table.columns.get(*at);
            let number = column.and_then(|column| column.of.get(person)).copied().unwrap_or(0);
            if let Some(column) = column.filter(|_| number > 0) {
                self.session.set(self.program, *slot, typed(*kind, column.texts.get(number)));
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
            return Kinds::new(slots, self);
        }
        let mut kinds =
            Kinds { of: vec![0; self.table.rows], first: Vec::from_iter((self.table.rows > 0).then_some(0)) };
        for (at, ..) in self.columns.iter().filter(|(_, slot, _)| slots.contains(slot)) {
            let Some(column) = self.table.columns.get(*at) else { continue };
            let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
            let mut first = Vec::new();
            // Where few kinds are possible, they are looked up by place.
            let (width, most) = (column.texts.count() + 1, kinds.first.len() * (column.texts.count() + 1));
            let mut by_place = if most <= 1 << 20 { vec![u32::MAX; most] } else { Vec::new() };
            for (row, (kind, text)) in kinds.of.iter_mut().zip(&column.of).enumerate() {
                let next = first.len() as u32;
                let number = match by_place.get_mut(*kind as usize * width + *text as usize) {
                    Some(number) => {
                        if *number == u32::MAX {
                            *number = next;
                        }
                        *number
                    }
                    None => *numbers.entry((*kind, *text)).or_insert(next),
                };
                if number == next {
                    first.push(row);
                }
                *kind = number;
            }
            kinds.first = first;
        }
        kinds
    }

    fn units(&mut self, slot: Slot) -> Units {
        let asked = std::mem::replace(&mut self.asked, HashSet::from([slot]));
        let units = Units::new(slot, self);
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
        let attributes = || {
            program.slots().filter_map(|slot| {
                let DeclaredAttribute { name, kind } = program.attribute(slot)?;
                Some((program.str(name), slot, kind))
            })
        };
        let columns = attributes().filter_map(|(name, slot, kind)| Some((table.column(name)?, slot, kind))).collect();
        let made_up = attributes().filter(|(name, ..)| simulated.attributes.iter().any(|made_up| made_up == name));
        let simulated_slots = made_up.map(|(_, slot, kind)| (slot, kind)).collect();
        let (session, asked) = (Session::new(program), HashSet::new());
        let (seed, simulated) = (simulated.seed, simulated_slots);
        let rows = Rows { table, program, columns, simulated, seed, asked, session };
        Decider { program, columns: Columns::new(rows) }
    }

    /// What everybody gets of a flag at a moment (milliseconds since 1970), into `outcomes`: see [`super::Population::decide`]. `asked`
    /// names the attributes that the flag may ask for.
    pub(crate) fn decide(&mut self, flag: FlagIndex, asked: &[String], now: i64, outcomes: &mut Vec<Outcome>) {
        let program = self.program;
        let is_asked = |slot: &Slot| {
            let name = program.attribute(*slot).map_or("", |attribute| program.str(attribute.name));
            asked.iter().any(|asked| asked == name)
        };
        self.columns.people.asked = program.slots().filter(is_asked).collect();
        outcomes.clear();
        outcomes.resize(self.columns.people.table.rows, Outcome::default());
        let decided = Tree::new(program, flag, now, true).decide(&mut self.columns, &mut |person, outcome| {
            if let Some(own) = outcomes.get_mut(person as usize) {
                *own = outcome;
            }
        });
        if decided.is_some() && program.intact().is_ok() {
            return;
        }
        let variants = program.flag(flag).map_or(0, |flag| flag.variant_count);
        for (person, outcome) in outcomes.iter_mut().enumerate() {
            let mut heard = Heard(false);
            let decision = evaluate(program, flag, self.columns.people.select(person), now, &mut heard);
            *outcome = Outcome { variant: decision.variant.unwrap_or(variants).min(variants), unknown: heard.0 };
        }
    }
}

/// Hears whether something was unknown.
struct Heard(bool);

impl Trace for Heard {
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
