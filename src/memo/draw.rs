//! A draw: how a trial assigns units while none of its phases begins or ends, everything but the unit.
//!
//! A page decides the same experiments for one context after the other. Their records are read once, and the key of the split,
//! which takes ten times as long as a point, is derived once.

use crate::program::buckets::Key;

/// How a rule draws variants that has no condition, and whose trial asks for the point of its split and for nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draw {
    /// The word of code where the rule starts.
    pub(crate) rule: u32,
    /// Seconds since 1970 from and to which no phase begins or ends: those of [`crate::program::Phase`]. Never, if both are 0.
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// The key of the split, and its arms.
    pub(crate) key: Key,
    pub(crate) arms: u32,
    pub(crate) arm_count: u8,
    /// The slot of the unit.
    pub(crate) slot: u16,
    /// What an exposure says, as in [`Assignment`](crate::Assignment).
    pub(crate) unit: u8,
    pub(crate) trial: u32,
    pub(crate) phase: u32,
    pub(crate) id: u32,
}

impl Draw {
    /// Whether it holds at a moment (milliseconds since 1970). What is open ends in 2106 here, which costs no more than time.
    #[inline(always)]
    pub(crate) fn holds(&self, now: i64) -> bool {
        i64::from(self.from) * 1_000 <= now && now < i64::from(self.to) * 1_000
    }
}
