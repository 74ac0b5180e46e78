//! One moment of a session: flags and segments that were decided for others, each once, and what is exposed.

use alloc::vec::Vec;
use core::num::NonZeroU32;

use crate::context::assignment::Assignment;
use crate::program::FlagIndex;
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

/// A flag or a segment that others ask for: its place in [`Moment::decided`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dependency(u32);

impl Dependency {
    pub(crate) fn segment(index: u16) -> Self {
        Dependency(u32::from(index) << 1)
    }

    pub(crate) fn flag(index: FlagIndex) -> Self {
        Dependency(index.0 << 1 | 1)
    }
}

/// A link of a chain, by its number from 1: an option of it is one word.
type Link = NonZeroU32;

/// One link of a chain: what a decision exposes.
#[derive(Clone, Copy, Debug)]
struct Exposed {
    what: What,
    next: Option<Link>,
    /// The last gathering that met it.
    met: u32,
    /// While it is gathered: the link through which it was reached.
    asker: Option<Link>,
}

#[derive(Clone, Copy, Debug)]
enum What {
    /// The decision's own exposure.
    Own(Assignment),
    /// All that another flag or segment exposes: its first link. Copies would double with each level of flags that require two others
    /// each.
    By(Link),
}

/// What a decision, or a part of it, finds beside its outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The earliest moment at which time alone could change it.
    pub(crate) until: i64,
    /// The units that are missing, a bit each.
    pub(crate) missing: u32,
    /// The first and the last link of what it exposes.
    first: Option<Link>,
    last: Option<Link>,
    /// Whether it is of the decision that the caller asks for, and of nothing that it depends on.
    is_asked: bool,
}

impl Frame {
    const EMPTY: Self = Frame { until: i64::MAX, missing: 0, first: None, last: None, is_asked: false };
}

impl Default for Frame {
    fn default() -> Self {
        Frame::EMPTY
    }
}

/// What a dependency that was decided comes to: the variant of a flag, or 0 and 1 for a segment; nothing where that is unknown.
struct Settled(Option<u8>);

/// What is decided at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    /// The moment, in milliseconds since 1970.
    pub(crate) now: i64,
    /// Raised when everything is forgotten.
    turn: u64,
    /// Segments and flags, one after the other.
    decided: Vec<Option<Decided>>,
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
        self.frame = Frame { is_asked: true, ..Frame::EMPTY };
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

    /// Notes a unit that the current decision needs and the context lacks.
    pub(crate) fn miss(&mut self, unit: u32) {
        self.frame.missing |= 1u32.wrapping_shl(unit);
    }

    fn decided(&self, what: Dependency) -> Option<&Decided> {
        self.decided.get(what.0 as usize)?.as_ref().filter(|decided| decided.turn == self.turn)
    }

    pub(crate) fn knows(&self, what: Dependency) -> bool {
        self.decided(what).is_some()
    }

    /// The variant of a flag that was decided before, if it has one. Whoever asks exposes what the flag does.
    pub(crate) fn flag(&mut self, index: FlagIndex) -> Option<u8> {
        self.ask(Dependency::flag(index))?.0
    }

    /// The truth of a segment that was decided before. Whoever asks exposes what the segment does.
    pub(crate) fn segment(&mut self, index: u16) -> Option<Truth> {
        Some(self.ask(Dependency::segment(index))?.0.map_or(Truth::Unknown, |truth| (truth != 0).into()))
    }

    #[inline(never)]
    fn ask(&mut self, what: Dependency) -> Option<Settled> {
        let Decided { outcome, frame, .. } = *self.decided(what)?;
        self.changes_at(frame.until);
        self.frame.missing |= frame.missing;
        if let Some(first) = frame.first {
            self.note(What::By(first));
        }
        Some(Settled(outcome))
    }

    /// Starts the decision of a flag or a segment inside another one, whose frame [`Self::leave`] takes back.
    pub(crate) fn enter(&mut self) -> Frame {
        core::mem::take(&mut self.frame)
    }

    /// Keeps the outcome of a flag or a segment, and goes back to the decision in which it was made.
    #[inline(never)]
    pub(crate) fn leave(&mut self, what: Dependency, outcome: Option<u8>, outer: Frame) {
        let frame = core::mem::replace(&mut self.frame, outer);
        self.kept = self.exposed.len();
        let at = what.0 as usize;
        while self.decided.len() <= at {
            self.decided.push(None);
        }
        if let Some(decided) = self.decided.get_mut(at) {
            *decided = Some(Decided { turn: self.turn, frame, outcome });
        }
    }

    /// Notes what the current decision exposes.
    pub(crate) fn expose(&mut self, assignment: Assignment) {
        // Nobody else reads it, and nothing was met before that is to be gathered: 4 % of the time for all flags.
        if self.frame.is_asked && self.frame.first.is_none() {
            self.gather_one(assignment);
        } else {
            self.note(What::Own(assignment));
        }
    }

    fn gather_one(&mut self, assignment: Assignment) {
        if !self.exposures.contains(&assignment) {
            self.exposures.push(assignment);
        }
    }

    #[inline(never)]
    fn note(&mut self, what: What) {
        self.exposed.push(Exposed { what, next: None, met: 0, asker: None });
        let link = Link::new(self.exposed.len() as u32);
        match self.exposed(self.frame.last) {
            Some(last) => last.next = link,
            None => self.frame.first = link,
        }
        self.frame.last = link;
    }

    fn exposed(&mut self, link: Option<Link>) -> Option<&mut Exposed> {
        self.exposed.get_mut(link?.get() as usize - 1)
    }

    /// Takes back what the current decision exposes.
    pub(crate) fn expose_nothing(&mut self) {
        (self.frame.first, self.frame.last) = (None, None);
        if self.frame.is_asked {
            self.exposures.clear();
        }
    }

    /// Gathers what the decision exposes, each exposure once, in the order in which they were first met.
    #[inline(always)]
    pub(crate) fn gather(&mut self) {
        if self.frame.first.is_some() {
            self.gather_links();
        }
    }

    #[inline(never)]
    fn gather_links(&mut self) {
        self.gathered = self.gathered.wrapping_add(1);
        let gathered = self.gathered;
        let (mut link, mut asker) = (self.frame.first, None);
        loop {
            let Some(exposed) = self.exposed(link) else {
                // Back to the chain from which this one was reached.
                let Some(Exposed { next, asker: outer, .. }) = self.exposed(asker) else { return };
                (link, asker) = (*next, *outer);
                continue;
            };
            let known = core::mem::replace(&mut exposed.met, gathered) == gathered;
            match exposed.what {
                _ if known => link = None,
                What::Own(assignment) => {
                    link = exposed.next;
                    self.gather_one(assignment);
                }
                What::By(first) => {
                    exposed.asker = core::mem::replace(&mut asker, link);
                    link = Some(first);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::assignment::Arm;
    use crate::program::Text;

    #[test]
    fn a_dependency_that_exposes_nothing_leaves_what_was_exposed_before() {
        let (trial, rule) = (Text(0), Text(0));
        let own = Assignment { trial, phase: 1, unit: 0, point: 5, variant: Arm::Held, rule, sticky: false };
        let mut moment = Moment::EMPTY;
        moment.start(5);
        moment.expose(own);
        let outer = moment.enter();
        moment.expose(Assignment { point: 6, ..own });
        moment.expose_nothing();
        moment.leave(Dependency::segment(0), None, outer);
        moment.gather();
        assert_eq!(moment.exposures, [own]);
        moment.expose_nothing();
        assert!(moment.exposures.is_empty());
    }
}
