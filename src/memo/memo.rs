//! The memo of a session, and its switch.

use crate::memo::draw::Draw;
use crate::memo::keys::Keys;
use crate::memo::skipped::Skipped;
use crate::program::Program;
use crate::program::buckets::{Key, Purpose};
use crate::program::salt::Salt;
use crate::snapshot::table::Section;

/// What is kept of earlier decisions for one program.
#[derive(Debug)]
pub(crate) struct Memo {
    skipped: Skipped,
    keys: Keys,
}

impl Memo {
    pub(crate) const EMPTY: Self = Memo { skipped: Skipped::EMPTY, keys: Keys::EMPTY };

    /// Switches it on or off. Either way it is empty afterwards.
    pub(crate) fn switch(&mut self, on: bool) {
        *self = Memo::EMPTY;
        (self.skipped.off, self.keys.off) = (!on, !on);
    }

    /// Notes that the attribute in a slot changes.
    pub(crate) fn change(&mut self, slot: usize) {
        self.skipped.change(slot);
    }

    /// Notes that all attributes change.
    pub(crate) fn change_all(&mut self) {
        self.skipped.change_all();
    }

    /// Starts with a flag: how many of its rules are skipped, and the word of code where the next one starts, if that is known.
    #[inline(always)]
    pub(crate) fn start(&mut self, flag: u32) -> Option<(u8, u32)> {
        self.skipped.start(flag)
    }

    /// How the rule that starts at a word of code draws, if that is known and holds at a moment (milliseconds since 1970).
    #[inline(always)]
    pub(crate) fn draw(&self, flag: u32, rule: u32, now: i64) -> Option<&Draw> {
        self.skipped.draw(flag, rule, now)
    }

    /// Notes that a condition asks for the attribute in a slot, or for [`MORE`](crate::memo::MORE).
    #[inline(always)]
    pub(crate) fn ask(&mut self, slot: usize) {
        self.skipped.ask(slot);
    }

    /// Keeps that the first `rules` rules of a flag are skipped, because of what was asked for since [`Self::start`]. The next one
    /// starts at the word of code `next`.
    pub(crate) fn skip(&mut self, program: &Program, flag: u32, rules: u8, next: u32) {
        self.skipped.keep(flag, program.count(Section::Flags), rules, next);
    }

    /// Keeps how a rule of a flag draws.
    pub(crate) fn keep(&mut self, program: &Program, flag: u32, draw: Draw) {
        if let Some(kept) = self.skipped.room(flag, program.count(Section::Flags)) {
            *kept = draw;
        }
    }

    /// The key of a salt and a purpose: see [`Salt::key`].
    #[inline]
    pub(crate) fn key(&mut self, program: &Program, salt: Salt, purpose: Purpose, phase: Option<u32>) -> Key {
        self.keys.key(program, salt, purpose, phase)
    }
}
