//! Operations of conditions, read in place from the code section.

/// Words of code, little endian.
pub type Words<'p> = &'p [[u8; 4]];

/// The head of one operation: `operator:8 | operand words:8 | slot or pops:12 | dialect:4`, lowest first.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// The operator's number; see [`Operator::from_number`](crate::program::operator::Operator::from_number).
    pub number: u8,
    /// How many words of operands follow.
    pub operands: u8,
    /// The attribute's slot, the segment, or how many results are combined.
    pub argument: u16,
    /// Which system's reading of versions, dates and patterns applies; 0 is ours.
    pub dialect: u8,
}

impl Operation {
    /// Reads the word.
    pub const fn from_word(word: u32) -> Self {
        Operation {
            number: word as u8,
            operands: (word >> 8) as u8,
            argument: (word >> 16 & 0xfff) as u16,
            dialect: (word >> 28) as u8,
        }
    }

    /// Writes the word.
    pub const fn to_word(self) -> u32 {
        self.number as u32
            | (self.operands as u32) << 8
            | (self.argument as u32 & 0xfff) << 16
            | (self.dialect as u32) << 28
    }
}

/// The operations of a condition and their operands, up to one that is cut off.
pub fn operations(mut code: Words) -> impl Iterator<Item = (Operation, Words)> {
    core::iter::from_fn(move || {
        let (word, rest) = code.split_first()?;
        let operation = Operation::from_word(u32::from_le_bytes(*word));
        let operands;
        (operands, code) = rest.split_at_checked(operation.operands.into())?;
        Some((operation, operands))
    })
}
