//! What a trial assigned a unit to.

use crate::program::Text;

/// How a trial took a unit: what an exposure records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key of the trial.
    pub trial: Text,
    /// The number of its phase, as written in the ruleset.
    pub phase: u32,
    /// The unit that was randomised.
    pub unit: u8,
    /// The unit's point for the split, or for the holdout.
    pub point: u32,
    /// The variant's key.
    pub variant: Arm,
    /// The id of the rule.
    pub rule: Text,
    /// Whether the variant is to be kept for the unit.
    pub sticky: bool,
}

/// What a unit was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// A flag's variant, by its index among those of all flags.
    Variant(u32),
    /// The part of a ramp that is kept back to compare with.
    Control,
    /// Held out.
    Held,
    /// Not held out.
    NotHeld,
}
