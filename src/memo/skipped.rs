//! The first rules of each flag that were found to serve a subject nothing: kept until an attribute changes that their conditions
//! ask for. And how each flag draws.
//!
//! Of a page's context, hardly anything changes at a time, and most rules of most flags are about somebody else.

use alloc::vec::Vec;

use crate::memo::draw::Draw;
use crate::program::{FlagIndex, Second, Slot};

/// A bit each. Of attributes in higher slots nothing is known, as of all else that conditions ask for.
const SLOTS: usize = 32;
/// What conditions asked for, if any did for more than the attributes in the lowest slots.
const MORE: u32 = u32::MAX;

/// Where a flag's first rule is that is not skipped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// How many rules are skipped.
    pub(crate) rules: u8,
    /// The word of code where the next one starts.
    pub(crate) at: u32,
}

/// What is known of the flags of one program.
#[derive(Debug)]
pub(crate) struct Skipped {
    flags: Vec<Known>,
    /// Nothing is kept, so that nothing is known.
    pub(super) off: bool,
    /// Raised with every change.
    turn: u32,
    /// The turn in which each attribute changed last.
    changed: [u32; SLOTS],
    /// The attributes that conditions asked for since [`Skipped::start`], or [`MORE`].
    asked: u32,
}

/// What is known of a flag. 64 bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// How many rules are skipped, and the word of code where the next one starts: `rules:8 | word:24`, highest first. A snapshot has
    /// no more words. No rules: nothing is known.
    first: u32,
    /// Because of these attributes, as they were in a turn.
    asked: u32,
    turn: u32,
    /// Of the first rule that was met and has one.
    draw: Draw,
}

impl Skipped {
    pub(crate) const EMPTY: Self = Skipped { flags: Vec::new(), off: false, turn: 0, changed: [0; SLOTS], asked: 0 };

    /// Notes that an attribute changes.
    pub(crate) fn change(&mut self, slot: Slot) {
        self.next_turn();
        if let Some(changed) = self.changed.get_mut(usize::from(slot.0)) {
            *changed = self.turn;
        }
    }

    /// Notes that all of them do.
    pub(crate) fn change_all(&mut self) {
        self.next_turn();
        self.changed.fill(self.turn);
    }

    fn next_turn(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        // After 2^32 changes it starts anew, and nothing is known.
        if self.turn == 0 {
            self.flags.clear();
        }
    }

    /// Where a flag's first rule is that is not skipped, if that is known.
    #[inline(always)]
    pub(crate) fn start(&mut self, flag: FlagIndex) -> Option<Start> {
        self.asked = 0;
        let known = self.flags.get(flag.0 as usize)?;
        if !self.lasts(known.asked, known.turn) {
            return None;
        }
        self.asked = known.asked;
        (known.first != 0).then_some(Start { rules: (known.first >> 24) as u8, at: known.first & 0xff_ffff })
    }

    /// Whether none of some attributes has changed since a turn.
    #[inline(always)]
    fn lasts(&self, asked: u32, turn: u32) -> bool {
        let mut left = asked;
        while left != 0 {
            if self.changed.get(left.trailing_zeros() as usize).is_none_or(|changed| *changed > turn) {
                return false;
            }
            left &= left - 1;
        }
        true
    }

    /// See [`Memo::draws`](crate::memo::Memo::draws).
    pub(super) fn draws(&self, now: i64) -> impl Iterator<Item = Option<(&Draw, u8)>> {
        self.flags.iter().map(move |Known { first, asked, turn, draw }| {
            let holds = draw.to == Second::NEVER && draw.from.milli() <= now;
            let is_next = draw.is_first || draw.rule == first & 0xff_ffff && self.lasts(*asked, *turn);
            (holds && is_next).then_some((draw, (first >> 24) as u8))
        })
    }

    /// Notes that a condition asks for the attribute in a slot.
    #[inline(always)]
    pub(crate) fn ask(&mut self, slot: Slot) {
        self.asked |= 1u32.checked_shl(slot.0.into()).unwrap_or(MORE);
    }

    /// Notes that a condition asks for something else.
    #[inline(always)]
    pub(crate) fn ask_more(&mut self) {
        self.asked = MORE;
    }

    /// Keeps how many rules of a flag are skipped, out of `flags` flags.
    pub(crate) fn keep(&mut self, flag: FlagIndex, flags: usize, rules: u8, at: u32) {
        if self.asked == MORE || at >> 24 != 0 {
            return;
        }
        let (asked, turn) = (self.asked, self.turn);
        if let Some(known) = self.known(flag, flags) {
            (known.first, known.asked, known.turn) = (u32::from(rules) << 24 | at, asked, turn);
        }
    }

    /// The draw of the rule that starts at a word of code, if it is known and holds at a moment (milliseconds since 1970).
    #[inline(always)]
    pub(crate) fn draw(&self, flag: FlagIndex, rule: u32, now: i64) -> Option<&Draw> {
        self.flags.get(flag.0 as usize).map(|known| &known.draw).filter(|draw| draw.rule == rule && draw.holds(now))
    }

    /// The room for the draw of a flag, out of `flags` flags.
    pub(crate) fn room(&mut self, flag: FlagIndex, flags: usize) -> Option<&mut Draw> {
        self.known(flag, flags).map(|known| &mut known.draw)
    }

    fn known(&mut self, flag: FlagIndex, flags: usize) -> Option<&mut Known> {
        if self.flags.is_empty() && !self.off {
            self.flags.resize(flags, Known::default());
        }
        self.flags.get_mut(flag.0 as usize)
    }
}
