//! What was found out about a subject at one moment, so that nothing is decided twice.

use alloc::vec;
use alloc::vec::Vec;

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

/// A flag or a segment that was decided because others ask for it: to them it always comes out so, and exposes the same.
#[derive(Clone, Copy, Debug, Default)]
struct Decided {
    /// The turn in which it was.
    turn: u32,
    /// A flag's variant. Of a segment 1 for true, 0 for false and nothing for unknown.
    outcome: Option<u8>,
    until: i64,
    /// Its place among what others expose by asking, counted from 1; 0 if that is nothing.
    exposed: usize,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    Segment,
    Flag,
}

/// What a decision, or the part of it in hand, comes to beside its outcome.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    /// The earliest moment at which time alone could change it.
    pub(crate) until: i64,
    /// What it exposes by itself.
    pub(crate) exposures: Vec<Assignment>,
    /// What it exposes because it asks: behind so many of its own, by place among what others expose. Copied whenever somebody asks,
    /// flags that require two others each, level above level, would double it with each level.
    asked: Vec<(usize, usize)>,
}

impl Default for Hand {
    fn default() -> Self {
        Hand { until: i64::MAX, exposures: Vec::new(), asked: Vec::new() }
    }
}

/// What is remembered of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    /// The moment, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Raised when everything is forgotten.
    turn: u32,
    segments: Vec<Decided>,
    flags: Vec<Decided>,
    /// What they expose.
    exposed: Vec<Hand>,
    /// The decision in hand.
    pub(crate) hand: Hand,
    /// The list files that were asked for and are not there, a bit each.
    pub(crate) wanted: u64,
}

impl Memory {
    /// Starts a decision at a moment. What another moment's came out to is forgotten.
    pub(crate) fn start(&mut self, now: i64) {
        if self.now != now {
            self.now = now;
            self.forget();
        }
        self.hand.until = i64::MAX;
        self.expose_nothing();
    }

    /// Forgets what segments and flags came out to.
    pub(crate) fn forget(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        self.exposed.clear();
        // After 2^32 - 1 turns it starts anew.
        if self.turn == u32::MAX {
            self.turn = 0;
            self.segments.clear();
            self.flags.clear();
        }
    }

    /// Notes a moment at which time alone could change the decision in hand, if it lies ahead.
    pub(crate) fn changes_at(&mut self, moment: i64) {
        if moment > self.now && moment < self.hand.until {
            self.hand.until = moment;
        }
    }

    fn table(&mut self, what: Asked) -> &mut Vec<Decided> {
        match what {
            Asked::Segment => &mut self.segments,
            Asked::Flag => &mut self.flags,
        }
    }

    fn decided(&mut self, what: Asked, index: usize) -> Option<Decided> {
        // Turn 0 is that of what was never decided.
        let turn = self.turn.wrapping_add(1);
        self.table(what).get(index).copied().filter(|decided| decided.turn == turn)
    }

    pub(crate) fn knows(&mut self, what: Asked, index: usize) -> bool {
        self.decided(what, index).is_some()
    }

    /// What a flag or a segment came out to that was decided earlier. What it exposes is exposed by whoever asks.
    #[inline(never)]
    pub(crate) fn ask(&mut self, what: Asked, index: usize) -> Option<Option<u8>> {
        let Decided { outcome, until, exposed, .. } = self.decided(what, index)?;
        self.changes_at(until);
        if exposed != 0 {
            self.hand.asked.push((self.hand.exposures.len(), exposed));
        }
        Some(outcome)
    }

    /// Remembers what a flag or a segment came out to, and what of it was in hand. `outer` is what was in hand before, and is again.
    #[inline(never)]
    pub(crate) fn remember(&mut self, what: Asked, index: usize, outcome: Option<u8>, outer: Hand) {
        let own = core::mem::replace(&mut self.hand, outer);
        let until = own.until;
        let exposed = if own.exposures.is_empty() && own.asked.is_empty() {
            0
        } else {
            self.exposed.push(own);
            self.exposed.len()
        };
        let turn = self.turn.wrapping_add(1);
        let table = self.table(what);
        if table.len() <= index {
            table.resize(index + 1, Decided::default());
        }
        if let Some(decided) = table.get_mut(index) {
            *decided = Decided { turn, outcome, until, exposed };
        }
    }

    /// Takes back what the decision in hand exposes.
    pub(crate) fn expose_nothing(&mut self) {
        self.hand.exposures.clear();
        self.hand.asked.clear();
    }

    /// Takes in what is exposed by asking, each exposure where it was first met, and once.
    #[inline(always)]
    pub(crate) fn gather(&mut self) {
        if !self.hand.asked.is_empty() {
            self.gather_asked();
        }
    }

    #[inline(never)]
    fn gather_asked(&mut self) {
        let own = core::mem::take(&mut self.hand);
        self.hand.until = own.until;
        let mut met = vec![false; self.exposed.len() + 1];
        let mut open = vec![(&own, 0, 0)];
        while let Some((hand, made, asked)) = open.last_mut() {
            if let Some((behind, other)) = hand.asked.get(*asked)
                && behind == made
            {
                *asked += 1;
                if let (Some(met), Some(other)) = (met.get_mut(*other), self.exposed.get(other.wrapping_sub(1)))
                    && !core::mem::replace(met, true)
                {
                    open.push((other, 0, 0));
                }
            } else if let Some(exposure) = hand.exposures.get(*made) {
                *made += 1;
                if !self.hand.exposures.contains(exposure) {
                    self.hand.exposures.push(*exposure);
                }
            } else {
                open.pop();
            }
        }
    }
}
