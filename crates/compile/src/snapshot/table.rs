//! Builds a table: sections of fixed-width records, and one interned text. The reader is `waft::table`.

use std::collections::HashMap;

use waft::operators::{Operation, Operator};
use waft::table::{DIRECTORY_ENTRY, DIRECTORY_HEAD, Section};

/// A table being built. The same calls in the same order give the same bytes.
#[derive(Debug)]
pub struct Table {
    text: Text,
    /// In the order of their numbers, from 1.
    sections: [Records; Section::ALL.len()],
}

/// The records of one section, with equal runs kept once where asked.
#[derive(Debug, Default)]
struct Records {
    bytes: Vec<u8>,
    count: u32,
    shared: HashMap<Vec<u8>, u32>,
}

/// Strings, each kept once.
#[derive(Debug)]
pub struct Text {
    bytes: Vec<u8>,
    offsets: HashMap<String, u32>,
}

impl Default for Table {
    fn default() -> Self {
        // Offset 0 is the empty string: a record that says nothing says 0.
        let text = Text { bytes: vec![0], offsets: HashMap::from([(String::new(), 0)]) };
        Table { text, sections: Section::ALL.map(|_| Records::default()) }
    }
}

impl Table {
    /// The offset of a string.
    pub fn text(&mut self, text: &str) -> u32 {
        self.text.intern(text)
    }

    /// Adds a record and returns its index.
    pub fn push(&mut self, section: Section, record: &[u8]) -> u32 {
        debug_assert_eq!(record.len(), section.record_size());
        let records = &mut self.sections[section as usize - 1];
        records.bytes.extend_from_slice(record);
        records.count += 1;
        records.count - 1
    }

    /// Adds consecutive records, or finds an equal run, and returns the index of the first. `records` holds whole
    /// records; an empty run is at 0.
    pub fn share(&mut self, section: Section, records: &[u8]) -> u32 {
        let size = section.record_size();
        debug_assert_eq!(records.len() % size, 0);
        if records.is_empty() {
            return 0;
        }
        let own = &mut self.sections[section as usize - 1];
        if let Some(first) = own.shared.get(records) {
            return *first;
        }
        let first = own.count;
        own.bytes.extend_from_slice(records);
        own.count += (records.len() / size) as u32;
        own.shared.insert(records.to_vec(), first);
        first
    }

    /// Writes the offsets at one place of a section's records as what is left of them behind equal steps, one for each
    /// record in front, and returns the step: the distance of most neighbours, or 0 if no distance is that of more than
    /// half of them. Offsets that grow by the same from record to record cost brotli 1 to 2 bytes each; zeros cost nothing.
    pub fn take_steps(&mut self, section: Section, place: usize) -> u32 {
        let mut fields: Vec<&mut [u8; 4]> = self.sections[section as usize - 1]
            .bytes
            .chunks_exact_mut(section.record_size())
            .filter_map(|record| record.get_mut(place..)?.first_chunk_mut())
            .collect();
        let offsets: Vec<u32> = fields.iter().map(|field| u32::from_le_bytes(**field)).collect();
        let distances = || offsets.iter().zip(offsets.iter().skip(1)).map(|(one, next)| next.wrapping_sub(*one));
        // The distance that more than half have, if there is one, is what is left when unequal ones cancel each other out.
        let (step, _) = distances().fold((0, 0usize), |(candidate, votes), distance| match votes {
            0 => (distance, 1),
            _ if candidate == distance => (candidate, votes + 1),
            _ => (candidate, votes - 1),
        });
        if distances().filter(|distance| *distance == step).count() * 2 <= distances().count() {
            return 0;
        }
        for (index, (field, offset)) in fields.iter_mut().zip(&offsets).enumerate() {
            **field = offset.wrapping_sub((index as u32).wrapping_mul(step)).to_le_bytes();
        }
        step
    }

    /// How many records a section has so far.
    pub fn count(&self, section: Section) -> u32 {
        self.sections[section as usize - 1].count
    }

    /// The table's bytes.
    pub fn finish(mut self) -> Vec<u8> {
        let text = Records { count: self.text.bytes.len() as u32, bytes: self.text.bytes, shared: HashMap::new() };
        self.sections[Section::Text as usize - 1] = text;
        let mut order: Vec<_> = (1u16..).zip(&self.sections).filter(|(_, records)| records.count > 0).collect();
        let mut table = Vec::new();
        table.extend((order.len() as u16).to_le_bytes());
        table.extend([0; 2]);
        let mut offset = DIRECTORY_HEAD + order.len() * DIRECTORY_ENTRY;
        // Text comes last: it alone has a length that is no multiple of four.
        order.rotate_left(1);
        for (number, records) in &order {
            table.extend(number.to_le_bytes());
            table.extend(((records.bytes.len() as u32 / records.count) as u16).to_le_bytes());
            table.extend((offset as u32).to_le_bytes());
            table.extend(records.count.to_le_bytes());
            offset += records.bytes.len();
        }
        order.iter().for_each(|(_, records)| table.extend(&records.bytes));
        table
    }
}

impl Text {
    fn intern(&mut self, text: &str) -> u32 {
        if let Some(offset) = self.offsets.get(text) {
            return *offset;
        }
        let offset = self.bytes.len() as u32;
        let mut length = text.len();
        while length >= 0x80 {
            self.bytes.push(length as u8 | 0x80);
            length >>= 7;
        }
        self.bytes.push(length as u8);
        self.bytes.extend_from_slice(text.as_bytes());
        self.offsets.insert(text.to_owned(), offset);
        offset
    }
}

/// Words of code being written: a condition in postfix order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code(pub Vec<u32>);

impl Code {
    /// Adds an operation with its operands.
    pub fn operation(&mut self, operator: Operator, argument: u16, operands: &[u32]) {
        let head = Operation { number: operator as u8, operands: operands.len() as u8, argument, dialect: 0 };
        self.0.push(head.to_word());
        self.0.extend_from_slice(operands);
    }

    /// The words as little-endian bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}
