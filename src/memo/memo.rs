//! The memo of a session, and its switch.

use crate::memo::draw::Draw;
use crate::memo::keys::Keys;
use crate::memo::skipped::{Skipped, Start};
use crate::program::buckets::{Key, Purpose};
use crate::program::salt::Salt;
use crate::program::{FlagIndex, Program, Slot};
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
    pub(crate) fn change(&mut self, slot: Slot) {
        self.skipped.change(slot);
    }

    /// Notes that all attributes change.
    pub(crate) fn change_all(&mut self) {
        self.skipped.change_all();
    }

    /// Starts with a flag: where its first rule is that is not skipped, if that is known.
    #[inline(always)]
    pub(crate) fn start(&mut self, flag: FlagIndex) -> Option<Start> {
        self.skipped.start(flag)
    }

    /// How the rule that starts at a word of code draws, if that is known and holds at a moment (milliseconds since 1970).
    #[inline(always)]
    pub(crate) fn draw(&self, flag: FlagIndex, rule: u32, now: i64) -> Option<&Draw> {
        self.skipped.draw(flag, rule, now)
    }

    /// Of each flag, if its first rule that is not skipped is known, and draws from a moment (milliseconds since 1970) on for ever: how it
    /// draws, and how many rules are skipped.
    #[inline(always)]
    pub(crate) fn draws(&self, now: i64) -> impl Iterator<Item = Option<(&Draw, u8)>> {
        self.skipped.draws(now)
    }

    /// Notes that a condition asks for the attribute in a slot.
    #[inline(always)]
    pub(crate) fn ask(&mut self, slot: Slot) {
        self.skipped.ask(slot);
    }

    /// Notes that a condition asks for something beside attributes: time, a segment, another flag, a list or a share.
    #[inline(always)]
    pub(crate) fn ask_more(&mut self) {
        self.skipped.ask_more();
    }

    /// Keeps that the first `rules` rules of a flag are skipped, because of what was asked for since [`Self::start`]. The next one
    /// starts at the word of code `next`.
    pub(crate) fn skip(&mut self, program: &Program, flag: FlagIndex, rules: u8, next: u32) {
        self.skipped.keep(flag, program.count(Section::Flags), rules, next);
    }

    /// Keeps how a rule of a flag draws.
    pub(crate) fn keep(&mut self, program: &Program, flag: FlagIndex, draw: Draw) {
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
