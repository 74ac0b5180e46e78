//! One moment of a session: flags and segments that were decided for others, each once, and what is exposed.

use alloc::vec::Vec;

use crate::context::assignment::Assignment;
use crate::program::truth::Truth;

/// A flag or a segment that others ask for: for all of them it is decided once, and exposes the same.
#[derive(Clone, Copy, Debug)]
struct Decided {
    /// The turn in which it was.
    turn: u64,
    frame: Frame,
    /// A flag's variant. Of a segment 1 for true, 0 for false and `None` for unknown.
    outcome: Option<u8>,
}

const NEVER: Decided = Decided { turn: u64::MAX, frame: Frame::EMPTY, outcome: None };

/// What conditions ask for beside attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dependency {
    Segment,
    Flag,
}

/// No exposure's index.
const NONE: u32 = u32::MAX;

/// One link of a chain: what a decision exposes.
#[derive(Clone, Copy, Debug)]
struct Exposed {
    what: What,
    /// The index of the next link.
    next: u32,
    /// The last gathering that met it.
    met: u32,
    /// While it is gathered: the index of the link through which it was reached.
    asker: u32,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// The decision's own exposure.
    Own(Assignment),
    /// All that another flag or segment exposes: the index of its first link. Copies would double with each level of flags that
    /// require two others each.
    By(u32),
}

/// What a decision, or a part of it, finds beside its outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The earliest moment at which time alone could change it.
    pub(crate) until: i64,
    /// The indices of the first and the last link of what it exposes.
    first: u32,
    last: u32,
}

impl Frame {
    const EMPTY: Self = Frame { until: i64::MAX, first: NONE, last: NONE };
}

impl Default for Frame {
    fn default() -> Self {
        Frame::EMPTY
    }
}

/// What is decided at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// The moment, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Raised when everything is forgotten.
    turn: u64,
    /// Segments and flags, one after the other.
    decided: Vec<Decided>,
    /// What they and the current decision expose.
    exposed: Vec<Exposed>,
    /// How many of these outlast the current decision.
    kept: usize,
    /// How many gatherings there were.
    gathered: u32,
    /// The current decision's.
    pub(crate) frame: Frame,
    /// What the last decision exposes.
    pub(crate) exposures: Vec<Assignment>,
}

impl Moment {
    pub(crate) const EMPTY: Self = Moment {
        now: 0,
        turn: 0,
        decided: Vec::new(),
        exposed: Vec::new(),
        kept: 0,
        gathered: 0,
        frame: Frame::EMPTY,
        exposures: Vec::new(),
    };

    /// Starts a decision at a moment. What was decided at another one is forgotten.
    pub(crate) fn start(&mut self, now: i64) {
        if self.now != now {
            self.now = now;
            self.forget();
        }
        self.frame = Frame::EMPTY;
        self.exposed.truncate(self.kept);
        self.exposures.clear();
    }

    /// Forgets how segments and flags were decided.
    pub(crate) fn forget(&mut self) {
        self.turn += 1;
        self.kept = 0;
    }

    /// Notes a moment at which time alone could change the current decision, if it lies ahead.
    pub(crate) fn changes_at(&mut self, moment: i64) {
        if moment > self.now && moment < self.frame.until {
            self.frame.until = moment;
        }
    }

    fn decided(&self, what: Dependency, index: usize) -> Option<&Decided> {
        self.decided.get(record(what, index)).filter(|decided| decided.turn == self.turn)
    }

    pub(crate) fn knows(&self, what: Dependency, index: usize) -> bool {
        self.decided(what, index).is_some()
    }

    /// The variant of a flag that was decided before, if it has one. Whoever asks exposes what the flag does.
    pub(crate) fn flag(&mut self, index: usize) -> Option<u8> {
        self.ask(Dependency::Flag, index)?
    }

    /// The truth of a segment that was decided before. Whoever asks exposes what the segment does.
    pub(crate) fn segment(&mut self, index: usize) -> Option<Truth> {
        Some(self.ask(Dependency::Segment, index)?.map_or(Truth::Unknown, |truth| (truth != 0).into()))
    }

    #[inline(never)]
    fn ask(&mut self, what: Dependency, index: usize) -> Option<Option<u8>> {
        let Decided { outcome, frame, .. } = *self.decided(what, index)?;
        self.changes_at(frame.until);
        if frame.first != NONE {
            self.note(What::By(frame.first));
        }
        Some(outcome)
    }

    /// Starts the decision of a flag or a segment inside another one, whose frame [`Self::leave`] takes back.
    pub(crate) fn enter(&mut self) -> Frame {
        core::mem::take(&mut self.frame)
    }

    /// Keeps the outcome of a flag or a segment, and goes back to the decision in which it was made.
    #[inline(never)]
    pub(crate) fn leave(&mut self, what: Dependency, index: usize, outcome: Option<u8>, outer: Frame) {
        let frame = core::mem::replace(&mut self.frame, outer);
        self.kept = self.exposed.len();
        let at = record(what, index);
        while self.decided.len() <= at {
            self.decided.push(NEVER);
        }
        if let Some(decided) = self.decided.get_mut(at) {
            *decided = Decided { turn: self.turn, frame, outcome };
        }
    }

    /// Notes what the current decision exposes.
    pub(crate) fn expose(&mut self, assignment: Assignment) {
        self.note(What::Own(assignment));
    }

    #[inline(never)]
    fn note(&mut self, what: What) {
        let index = self.exposed.len() as u32;
        match self.exposed.get_mut(self.frame.last as usize) {
            Some(last) => last.next = index,
            None => self.frame.first = index,
        }
        self.frame.last = index;
        self.exposed.push(Exposed { what, next: NONE, met: 0, asker: NONE });
    }

    /// Takes back what the current decision exposes.
    pub(crate) fn expose_nothing(&mut self) {
        (self.frame.first, self.frame.last) = (NONE, NONE);
        self.exposures.clear();
    }

    /// Gathers what the decision exposes, each exposure once, in the order in which they were first met.
    #[inline(never)]
    pub(crate) fn gather(&mut self) {
        self.gathered = self.gathered.wrapping_add(1);
        let (mut index, mut asker) = (self.frame.first, NONE);
        loop {
            let Some(exposed) = self.exposed.get_mut(index as usize) else {
                // Back to the chain from which this one was reached.
                let Some(Exposed { next, asker: outer, .. }) = self.exposed.get(asker as usize) else { return };
                (index, asker) = (*next, *outer);
                continue;
            };
            let known = core::mem::replace(&mut exposed.met, self.gathered) == self.gathered;
            match exposed.what {
                _ if known => index = NONE,
                What::Own(assignment) => {
                    index = exposed.next;
                    if !self.exposures.contains(&assignment) {
                        self.exposures.push(assignment);
                    }
                }
                What::By(first) => {
                    exposed.asker = core::mem::replace(&mut asker, index);
                    index = first;
                }
            }
        }
    }
}

fn record(what: Dependency, index: usize) -> usize {
    index << 1 | what as usize
}
