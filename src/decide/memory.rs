//! What was found out about a subject at one moment, so that nothing is decided twice.

use alloc::vec::Vec;

use crate::context::assignment::Assignment;

/// A flag or a segment that was decided because others ask for it: to them it always comes out so, and exposes the same.
#[derive(Clone, Copy, Debug)]
struct Decided {
    /// The turn in which it was.
    turn: u64,
    hand: Hand,
    /// A flag's variant. Of a segment 1 for true, 0 for false and nothing for unknown.
    outcome: Option<u8>,
}

/// Of what was never decided.
const NEVER: Decided = Decided { turn: u64::MAX, hand: EMPTY, outcome: None };

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked {
    Segment,
    Flag,
}

/// No exposure's place.
const NONE: u32 = u32::MAX;

/// What is exposed, and the place of what is exposed next.
#[derive(Clone, Copy, Debug)]
struct Exposed {
    what: What,
    next: u32,
    /// The gathering that met it last.
    met: u32,
    /// While it is gathered: the place of what the one asked for that it is part of.
    asker: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// By the decision itself.
    Own(Assignment),
    /// All that somebody else exposes whom it asks, from the first one's place on. Copied, flags that require two others each, level
    /// above level, would double it with each level.
    By(u32),
}

/// What a decision, or the part of it in hand, comes to beside its outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hand {
    /// The earliest moment at which time alone could change it.
    pub(crate) until: i64,
    /// The places of the first and the last of what it exposes.
    first: u32,
    last: u32,
}

const EMPTY: Hand = Hand { until: i64::MAX, first: NONE, last: NONE };

impl Default for Hand {
    fn default() -> Self {
        EMPTY
    }
}

/// What is remembered of one moment.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    /// The moment, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Raised when everything is forgotten.
    turn: u64,
    /// Segments and flags, one after the other.
    decided: Vec<Decided>,
    /// What they expose, and so does the decision in hand.
    exposed: Vec<Exposed>,
    /// So many of these are remembered beyond the decision.
    kept: usize,
    /// How many gatherings there were.
    gathered: u32,
    /// The decision in hand.
    pub(crate) hand: Hand,
    /// What the last decision exposes.
    pub(crate) exposures: Vec<Assignment>,
    /// The list files that were asked for and are not there, a bit each.
    pub(crate) wanted: u64,
}

impl Memory {
    pub(crate) const EMPTY: Self = Memory {
        now: 0,
        turn: 0,
        decided: Vec::new(),
        exposed: Vec::new(),
        kept: 0,
        gathered: 0,
        hand: EMPTY,
        exposures: Vec::new(),
        wanted: 0,
    };

    /// Starts a decision at a moment. What another moment's came out to is forgotten.
    pub(crate) fn start(&mut self, now: i64) {
        if self.now != now {
            self.now = now;
            self.forget();
        }
        self.hand = EMPTY;
        self.exposed.truncate(self.kept);
        self.exposures.clear();
    }

    /// Forgets what segments and flags came out to.
    pub(crate) fn forget(&mut self) {
        self.turn += 1;
        self.kept = 0;
    }

    /// Notes a moment at which time alone could change the decision in hand, if it lies ahead.
    pub(crate) fn changes_at(&mut self, moment: i64) {
        if moment > self.now && moment < self.hand.until {
            self.hand.until = moment;
        }
    }

    fn decided(&self, what: Asked, index: usize) -> Option<&Decided> {
        self.decided.get(place(what, index)).filter(|decided| decided.turn == self.turn)
    }

    pub(crate) fn knows(&self, what: Asked, index: usize) -> bool {
        self.decided(what, index).is_some()
    }

    /// What a flag or a segment came out to that was decided earlier. What it exposes is exposed by whoever asks.
    #[inline(never)]
    pub(crate) fn ask(&mut self, what: Asked, index: usize) -> Option<Option<u8>> {
        let Decided { outcome, hand, .. } = *self.decided(what, index)?;
        self.changes_at(hand.until);
        if hand.first != NONE {
            self.note(What::By(hand.first));
        }
        Some(outcome)
    }

    /// Remembers what a flag or a segment came out to, and what of it was in hand. `outer` is what was in hand before, and is again.
    #[inline(never)]
    pub(crate) fn remember(&mut self, what: Asked, index: usize, outcome: Option<u8>, outer: Hand) {
        let hand = core::mem::replace(&mut self.hand, outer);
        self.kept = self.exposed.len();
        let place = place(what, index);
        while self.decided.len() <= place {
            self.decided.push(NEVER);
        }
        if let Some(decided) = self.decided.get_mut(place) {
            *decided = Decided { turn: self.turn, hand, outcome };
        }
    }

    /// Notes what the decision in hand exposes.
    pub(crate) fn expose(&mut self, assignment: Assignment) {
        self.note(What::Own(assignment));
    }

    #[inline(never)]
    fn note(&mut self, what: What) {
        let place = self.exposed.len() as u32;
        match self.exposed.get_mut(self.hand.last as usize) {
            Some(last) => last.next = place,
            None => self.hand.first = place,
        }
        self.hand.last = place;
        self.exposed.push(Exposed { what, next: NONE, met: 0, asker: NONE });
    }

    /// Takes back what the decision in hand exposes.
    pub(crate) fn expose_nothing(&mut self) {
        (self.hand.first, self.hand.last) = (NONE, NONE);
        self.exposures.clear();
    }

    /// Tells what the decision exposes, each exposure where it was first met, and once.
    #[inline(never)]
    pub(crate) fn gather(&mut self) {
        self.gathered = self.gathered.wrapping_add(1);
        let (mut place, mut asker) = (self.hand.first, NONE);
        loop {
            let Some(exposed) = self.exposed.get_mut(place as usize) else {
                // Back to whom it was asked for.
                let Some(Exposed { next, asker: outer, .. }) = self.exposed.get(asker as usize) else { return };
                (place, asker) = (*next, *outer);
                continue;
            };
            let known = core::mem::replace(&mut exposed.met, self.gathered) == self.gathered;
            match exposed.what {
                _ if known => place = NONE,
                What::Own(assignment) => {
                    place = exposed.next;
                    if !self.exposures.contains(&assignment) {
                        self.exposures.push(assignment);
                    }
                }
                What::By(first) => {
                    exposed.asker = core::mem::replace(&mut asker, place);
                    place = first;
                }
            }
        }
    }
}

fn place(what: Asked, index: usize) -> usize {
    index << 1 | what as usize
}
