//! Columns under way: each row's texts, numbered.

use std::collections::BTreeMap;

use waft::program::AttributeType;
use waft_columns::{Dictionary, room};

use super::names::{Meant, meant};
use super::problem::Problem;
use super::report::{EXAMPLES, example};

/// An attribute that a column may fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) kind: AttributeType,
}

/// A column of the file.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) name: String,
    /// Why it fills an attribute or not: see [`super::ColumnReport::matched`].
    pub(super) matched: &'static str,
    /// The attribute that it might fill.
    pub(super) proposed: Option<usize>,
    /// Where its texts are, of one that fills an attribute.
    pub(super) column: Option<usize>,
    /// Some texts of one that fills none.
    pub(super) examples: Vec<String>,
}

/// The texts of a column.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// The attribute.
    pub(super) attribute: usize,
    /// Row by row, the number of its text; 0 for none.
    pub(super) of: Vec<u32>,
    pub(super) dictionary: Dictionary,
}

/// A row that is taken apart while it is read, by the places of columns.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) attributes: Vec<Declared>,
    /// What was chosen for columns by their names: an attribute's, or none.
    chosen: BTreeMap<String, Option<String>>,
    pub(super) headers: Vec<Header>,
    pub(super) columns: Vec<Column>,
    /// How many rows were kept, and met.
    pub(super) rows: usize,
    pub(super) met: u64,
    /// One of two to this was kept, by chance.
    thinned: u32,
    seed: u64,
    /// How much memory columns may take, in bytes.
    most: usize,
}

/// How many rows go by between looks at the memory.
const LOOK: u64 = 1 << 14;
/// More rows than this are not kept: their numbers take 32 bits.
const ROWS: usize = 100_000_000;

impl Columns {
    pub(super) fn new(
        attributes: Vec<Declared>,
        chosen: BTreeMap<String, Option<String>>,
        seed: u64,
        most: usize,
    ) -> Self {
        let (headers, columns) = (Vec::new(), Vec::new());
        Columns { attributes, chosen, headers, columns, rows: 0, met: 0, thinned: 0, seed, most }
    }

    /// Takes a header line whose columns are named exactly like attributes, or fill none.
    pub(super) fn head_exactly<'f>(&mut self, fields: impl Iterator<Item = &'f [u8]>) -> Result<(), Problem> {
        for field in fields {
            let name = String::from_utf8_lossy(field).into_owned();
            match self.attributes.iter().position(|declared| declared.name == name) {
                Some(attribute) if self.is_filled(attribute) => {
                    let message = format!("line 1: the column {name} is there twice: remove one");
                    return Err(Problem::new("TWICE", message));
                }
                Some(attribute) => self.add(name, "exact", Some(attribute), None),
                None => self.add(name, "unknown", None, None),
            }
        }
        if self.columns.is_empty() {
            let found: Vec<&str> = self.headers.iter().map(|header| header.name.as_str()).collect();
            let expected: Vec<&str> = self.attributes.iter().map(|declared| declared.name.as_str()).collect();
            let (found, expected) = (found.join(", "), expected.join(", "));
            let message =
                format!("line 1: no column is named like an attribute; found {found}, expected some of {expected}");
            return Err(Problem::new("NO_COLUMN", message));
        }
        Ok(())
    }

    /// Takes a header line as people write them. What is named exactly, or was chosen, comes before what is alike.
    pub(super) fn head<'f>(&mut self, fields: impl Iterator<Item = &'f [u8]>) {
        let mut names: Vec<String> = Vec::new();
        for (at, field) in fields.enumerate() {
            let name = match String::from_utf8_lossy(field).into_owned() {
                name if name.is_empty() => format!("column {}", at + 1),
                name => name,
            };
            let mut own = name.clone();
            for number in 2.. {
                if !names.contains(&own) {
                    break;
                }
                own = format!("{name} ({number})");
            }
            names.push(own);
        }
        let surely: Vec<usize> = names.iter().filter_map(|name| self.wanted(name, true)).collect();
        for name in names {
            self.name(name, &surely);
        }
    }

    /// Adds a column with a name of its own. Returns its place.
    pub(super) fn name(&mut self, name: String, taken: &[usize]) -> usize {
        let place = self.headers.len();
        let is_free = |columns: &Self, attribute| !columns.is_filled(attribute);
        if let Some(chosen) = self.chosen.get(&name) {
            match self.wanted(&name, true) {
                Some(attribute) if is_free(self, attribute) => self.add(name, "chosen", Some(attribute), None),
                Some(_) => self.add(name, "twice", None, None),
                None => {
                    let matched = if chosen.is_some() { "unknown" } else { "left-out" };
                    self.add(name, matched, None, None);
                }
            }
            return place;
        }
        let names: Vec<&str> = self.attributes.iter().map(|declared| declared.name.as_str()).collect();
        match meant(&name, &names) {
            Meant::Exactly(at) if is_free(self, at) && !self.is_chosen(at) => self.add(name, "exact", Some(at), None),
            Meant::Alike(at) if is_free(self, at) && !taken.contains(&at) => self.add(name, "alike", Some(at), None),
            Meant::Exactly(_) | Meant::Alike(_) => self.add(name, "twice", None, None),
            Meant::Perhaps(at) if !taken.contains(&at) => self.add(name, "unknown", None, Some(at)),
            Meant::Perhaps(_) | Meant::Nothing => self.add(name, "unknown", None, None),
        }
        place
    }

    /// The attribute that a name surely means.
    fn wanted(&self, name: &str, exactly: bool) -> Option<usize> {
        let name = match self.chosen.get(name) {
            Some(chosen) => chosen.as_deref()?,
            None if exactly => name,
            None => return None,
        };
        self.attributes.iter().position(|declared| declared.name == name)
    }

    /// Whether an attribute was chosen for some column.
    fn is_chosen(&self, attribute: usize) -> bool {
        let name = self.attributes.get(attribute).map(|declared| &declared.name);
        self.chosen.values().any(|chosen| chosen.as_ref() == name)
    }

    fn is_filled(&self, attribute: usize) -> bool {
        self.columns.iter().any(|column| column.attribute == attribute)
    }

    fn add(&mut self, name: String, matched: &'static str, attribute: Option<usize>, proposed: Option<usize>) {
        let column = attribute.map(|attribute| {
            // Nobody had it so far.
            self.columns.push(Column { attribute, of: vec![0; self.rows], dictionary: Dictionary::default() });
            self.columns.len() - 1
        });
        self.headers.push(Header { name, matched, proposed, column, examples: Vec::new() });
    }

    /// Begins a row; false if chance leaves it out.
    #[inline]
    pub(super) fn begin(&mut self) -> Result<bool, Problem> {
        if self.met.is_multiple_of(LOOK) {
            self.look()?;
        }
        let is_kept = is_kept(self.seed, self.met, self.thinned);
        self.met += 1;
        Ok(is_kept)
    }

    /// Adds a row's fields, by the places of columns.
    #[inline]
    pub(super) fn row<'f>(&mut self, fields: impl Iterator<Item = &'f [u8]>) {
        let Columns { headers, columns, rows, .. } = self;
        for (header, field) in headers.iter_mut().zip(fields) {
            match header.column.and_then(|at| columns.get_mut(at)) {
                Some(column) => {
                    let number = if field.is_empty() { 0 } else { column.dictionary.number(field).0 };
                    room(&mut column.of, 1);
                    column.of.push(number);
                }
                None if header.examples.len() < EXAMPLES && *rows < 50 && !field.is_empty() => {
                    header.examples.push(example(field));
                }
                None => {}
            }
        }
        *rows += 1;
    }

    /// Adds a field of the row that [`Self::end`] ends.
    pub(super) fn field(&mut self, place: usize, field: &[u8]) {
        let Some(header) = self.headers.get_mut(place) else { return };
        match header.column.and_then(|at| self.columns.get_mut(at)) {
            Some(column) => {
                let (number, _) = column.dictionary.number(field);
                // A name that is there twice: the last one counts, as in a page.
                column.of.truncate(self.rows);
                room(&mut column.of, 1);
                column.of.push(number);
            }
            None if header.examples.len() < EXAMPLES && self.rows < 50 => header.examples.push(example(field)),
            None => {}
        }
    }

    pub(super) fn end(&mut self) {
        self.rows += 1;
        for Column { of, .. } in &mut self.columns {
            room(of, self.rows - of.len());
            of.resize(self.rows, 0);
        }
    }

    /// Halves the rows while they take too much memory.
    fn look(&mut self) -> Result<(), Problem> {
        while self.bytes() > self.most || self.rows > ROWS {
            if self.seed == 0 {
                let message = format!("line {}: more than fits into memory: take a sample of the rows", self.met);
                return Err(Problem::new("TOO_LARGE", message));
            }
            // What is taken is by one person or none.
            if self.rows < 2 {
                break;
            }
            self.halve();
        }
        Ok(())
    }

    fn bytes(&self) -> usize {
        let bytes = |column: &Column| column.of.capacity() * size_of::<u32>() + column.dictionary.bytes();
        self.columns.iter().map(bytes).sum()
    }

    fn halve(&mut self) {
        let kept = (0..self.met).filter(|row| is_kept(self.seed, *row, self.thinned));
        let stays: Vec<bool> = kept.map(|row| is_kept(self.seed, row, self.thinned + 1)).collect();
        for column in &mut self.columns {
            let (old, mut dictionary) = (std::mem::take(&mut column.dictionary), Dictionary::default());
            let mut numbers = vec![0; old.texts().count() + 1];
            let mut of = Vec::with_capacity(column.of.len() / 2);
            for (number, _) in column.of.iter().zip(&stays).filter(|(_, stays)| **stays) {
                if let Some(new) = numbers.get_mut(*number as usize).filter(|_| *number > 0) {
                    if *new == 0 {
                        *new = dictionary.number(old.texts().get(*number)).0;
                    }
                    of.push(*new);
                } else {
                    of.push(0);
                }
            }
            (column.of, column.dictionary) = (of, dictionary);
        }
        self.thinned += 1;
        self.rows = stays.iter().filter(|stays| **stays).count();
    }

    /// Whether chance left rows out.
    pub(super) fn is_sample(&self) -> bool {
        self.thinned > 0
    }
}

/// Whether a row is among the one of two to some power that are kept. Whoever is kept of fewer is kept of more.
#[inline]
fn is_kept(seed: u64, row: u64, thinned: u32) -> bool {
    if thinned == 0 {
        return true;
    }
    // SplitMix64.
    let mut mixed = seed.wrapping_add((row + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)).trailing_zeros() >= thinned
}
