//! Keys of one program that were derived before.

use alloc::vec::Vec;

use crate::program::buckets::{Key, Purpose};
use crate::program::salt::Salt;
use crate::program::{Program, Text};

/// Deriving a key takes ten times as long as a point. A key lies in the first free
/// slot from its own on; where the next ones are taken, too, it pushes out what is in its own.
#[derive(Debug)]
pub(crate) struct Keys {
    derived: Vec<Derived>,
    /// No key is kept.
    pub(super) off: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Derived {
    /// Salt and purpose; never 0.
    tag: u32,
    phase: u32,
    key: Key,
}

/// Slots, as a power of two: 48 kB for 2,048, enough for a thousand experiments.
const SLOT_BITS: u32 = 11;
/// How many slots are looked at.
const PROBES: usize = 8;

impl Keys {
    pub(crate) const EMPTY: Self = Keys { derived: Vec::new(), off: false };

    /// See [`Salt::key`].
    #[inline]
    pub(crate) fn key(&mut self, program: &Program, salt: Salt, purpose: Purpose, phase: Option<u32>) -> Key {
        // Offsets of texts are below 2^26, the size of the largest snapshot; others are damaged, and of nothing that counts.
        let (text, written) = if salt.written == Text::NONE { (salt.name.0, 0) } else { (salt.written.0, 1) };
        if text >> 28 != 0 {
            return salt.key(program, purpose, phase);
        }
        if self.derived.is_empty() && !self.off {
            self.derived.resize(1 << SLOT_BITS, Derived::default());
        }
        let tag = text << 4 | (purpose as u32 + 1) << 1 | written;
        let number = phase.unwrap_or(0);
        // Texts of like flags lie at like distances, which a multiplication by 2^32 / golden ratio spreads evenly.
        let own = ((tag ^ number).wrapping_mul(0x9e37_79b9) >> (32 - SLOT_BITS)) as usize;
        let mut free = own;
        for slot in (own..own + PROBES).map(|slot| slot % (1 << SLOT_BITS)) {
            match self.derived.get(slot) {
                Some(derived) if derived.tag == tag && derived.phase == number => return derived.key,
                Some(Derived { tag: 0, .. }) => {
                    free = slot;
                    break;
                }
                _ => {}
            }
        }
        let key = salt.key(program, purpose, phase);
        if let Some(derived) = self.derived.get_mut(free) {
            *derived = Derived { tag, phase: number, key };
        }
        key
    }
}
