//! People by what sets them apart.

use crate::texts::Dictionary;

/// Up to so many kinds are looked up by place.
const BY_PLACE: usize = 1 << 20;

/// Everybody, numbered: those that nothing asked for can tell apart have the same number.
#[derive(Debug)]
pub struct Kinds {
    /// Person by person.
    pub of: Vec<u32>,
    /// Somebody of each number.
    pub first: Vec<usize>,
}

impl Kinds {
    /// So many people, all alike.
    pub fn alike(people: usize) -> Self {
        Kinds { of: vec![0; people], first: Vec::from_iter((people > 0).then_some(0)) }
    }

    /// By a number below 256 of each.
    pub fn by_byte(bytes: &[u8]) -> Self {
        let mut kinds = Kinds { of: Vec::with_capacity(bytes.len()), first: Vec::new() };
        let mut numbers = [u32::MAX; 256];
        for (row, byte) in bytes.iter().enumerate() {
            let Some(number) = numbers.get_mut(usize::from(*byte)) else { continue };
            if *number == u32::MAX {
                *number = kinds.first.len() as u32;
                kinds.first.push(row);
            }
            kinds.of.push(*number);
        }
        kinds
    }

    /// Tells those of a kind apart by a column: row by row a number, each below `numbers`.
    pub fn divide(&mut self, column: &[u32], numbers: usize) {
        let mut first = Vec::new();
        let most = self.first.len().saturating_mul(numbers);
        let mut by_place = if most <= BY_PLACE { vec![u32::MAX; most] } else { Vec::new() };
        let mut by_text = Dictionary::default();
        for (row, (kind, number)) in self.of.iter_mut().zip(column).enumerate() {
            let next = first.len() as u32;
            let own = match by_place.get_mut(*kind as usize * numbers + *number as usize) {
                Some(own) => {
                    *own = (*own).min(next);
                    *own
                }
                None => by_text.number(&(u64::from(*kind) << 32 | u64::from(*number)).to_le_bytes()).0 - 1,
            };
            if own == next {
                first.push(row);
            }
            *kind = own;
        }
        self.first = first;
    }
}
