//! What was found out about a subject at one moment, so that nothing is decided twice.

use alloc::vec::Vec;

use crate::truth::Truth;

/// How an experiment, a ramp or a holdout took a unit: what an exposure records. Texts are offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The name of the experiment, ramp or holdout.
    pub experiment: u32,
    /// The number of its phase, as written in the ruleset.
    pub phase: u32,
    /// The unit that was randomised.
    pub unit: u8,
    /// The unit's point for the split, or for the holdout.
    pub point: u32,
    /// The variant's key.
    pub variant: Arm,
    /// The id of the rule.
    pub rule: u32,
    /// Whether the variant is to be kept for the unit.
    pub sticky: bool,
}

/// What a unit was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    /// A flag's variant, by its place among those of all flags.
    Variant(u32),
    /// The part of a ramp that is kept back to compare with.
    Control,
    /// Held out.
    Held,
    /// Not held out.
    NotHeld,
}

/// A flag that was decided because others ask for its variant.
#[derive(Clone, Debug)]
pub(crate) struct DecidedFlag {
    pub(crate) flag: u32,
    pub(crate) variant: Option<u8>,
    pub(crate) until: i64,
    pub(crate) exposures: Vec<Assignment>,
}

/// What is remembered of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// The moment, in milliseconds since 1970.
    pub(crate) now: i64,
    segments: Vec<Option<(Truth, i64)>>,
    flags: Vec<DecidedFlag>,
    /// The earliest moment at which time alone could change what is being decided.
    pub(crate) until: i64,
    /// What the decision in hand exposes.
    pub(crate) exposures: Vec<Assignment>,
    /// The list files that were asked for and are not there, a bit each.
    pub(crate) wanted: u64,
}

impl Memory {
    /// Forgets everything; there are so many segments.
    pub(crate) fn clear(&mut self, segments: usize) {
        self.segments.clear();
        self.segments.resize(segments, None);
        self.flags.clear();
        self.exposures.clear();
    }

    /// Starts a decision at a moment. What another moment's came out to is forgotten.
    pub(crate) fn start(&mut self, now: i64) {
        if self.now != now {
            self.now = now;
            self.forget();
        }
        self.until = i64::MAX;
        self.exposures.clear();
    }

    /// Forgets what segments and flags came out to.
    pub(crate) fn forget(&mut self) {
        self.segments.fill(None);
        self.flags.clear();
    }

    /// Notes a moment at which time alone could change the decision in hand, if it lies ahead.
    pub(crate) fn changes_at(&mut self, moment: i64) {
        if moment > self.now && moment < self.until {
            self.until = moment;
        }
    }

    pub(crate) fn segment(&mut self, index: usize) -> Option<Truth> {
        let (truth, until) = self.segments.get(index).copied().flatten()?;
        self.changes_at(until);
        Some(truth)
    }

    pub(crate) fn remember_segment(&mut self, index: usize, truth: Truth, until: i64) {
        if let Some(segment) = self.segments.get_mut(index) {
            *segment = Some((truth, until));
        }
    }

    pub(crate) fn remember_flag(&mut self, flag: DecidedFlag) {
        self.flags.push(flag);
    }

    pub(crate) fn knows_flag(&self, flag: u32) -> bool {
        self.flags.iter().any(|decided| decided.flag == flag)
    }

    /// The variant of a flag that was decided earlier. What it exposes is exposed by whoever asks.
    pub(crate) fn ask_flag(&mut self, flag: u32) -> Option<u8> {
        let decided = self.flags.iter().find(|decided| decided.flag == flag)?;
        let (variant, until) = (decided.variant, decided.until);
        self.exposures.extend_from_slice(&decided.exposures);
        self.changes_at(until);
        variant
    }
}
