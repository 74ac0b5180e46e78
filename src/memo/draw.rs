//! A draw: how a trial assigns units while none of its phases begins or ends, everything but the unit.
//!
//! A page decides the same experiments for one context after the other. Their records are read once, and the key of the split,
//! which takes ten times as long as a point, is derived once.

use crate::context::subject::Subject;
use crate::program::buckets::Key;
use crate::program::{KERNEL_POINT, Program, Second, Slot, Split, Text};

/// How a rule draws variants that has no condition, and whose trial asks for the point of its split and for nothing else.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Draw {
    /// The word of code where the rule starts.
    pub(crate) rule: u32,
    /// From and to when no phase begins or ends: those of [`crate::program::Phase`]. Never, if both are 0.
    pub(crate) from: Second,
    pub(crate) to: Second,
    /// The key of the split, and its arms: see [`Draw::arm`].
    pub(crate) key: Key,
    pub(crate) arms: u32,
    pub(crate) arm_count: u8,
    /// The slot of the unit.
    pub(crate) slot: Slot,
    /// What an exposure says, as in [`Assignment`](crate::Assignment).
    pub(crate) unit: u8,
    pub(crate) trial: Text,
    pub(crate) phase: u32,
    pub(crate) id: Text,
    /// Of the flag: see [`Decision::prelude`](crate::Decision::prelude).
    pub(crate) prelude: u8,
    /// Whether the rule is the flag's first.
    pub(crate) is_first: bool,
}

impl Draw {
    /// The point of a subject's unit, and the variant of the arm that it falls into.
    #[inline(never)]
    pub(crate) fn arm(&self, program: &Program, subject: &Subject) -> Option<(u32, u8)> {
        let point = subject.point(&self.key, subject.randomised(self.slot)?);
        let split = Split { first: self.arms, count: self.arm_count.into(), kernel: KERNEL_POINT };
        Some((point, program.arm_of(point, &split)?.variant))
    }

    /// Whether it holds at a moment (milliseconds since 1970). What is open ends in 2106 here, which costs no more than time.
    #[inline(always)]
    pub(crate) fn holds(&self, now: i64) -> bool {
        i64::from(self.from.0) * 1_000 <= now && now < i64::from(self.to.0) * 1_000
    }
}
