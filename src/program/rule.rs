//! Rules, read in place from the code section.

use crate::limits;
use crate::program::operation::Words;
use crate::program::records::{CodeSpan, FlagIndex, Second, Text};

/// A rule, in place.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'p> {
    /// As the ruleset calls it; see [`Step::Rule`](crate::trace::Step::Rule).
    pub id: Text,
    /// The words of its condition. None: always true.
    pub condition: Words<'p>,
    /// The word of code where it starts.
    pub(crate) at: u32,
    /// Its first word: see [`rule_word`].
    word: u32,
    /// The words of its head.
    head: Words<'p>,
}

impl<'p> Rule<'p> {
    /// The rule that some code, which starts at a word, begins with; and the code behind it.
    #[inline(always)]
    pub(crate) fn split(code: Words<'p>, at: u32) -> Option<(Self, Words<'p>)> {
        let [word, id, ..] = code else { return None };
        let (word, id) = (u32::from_le_bytes(*word), Text(u32::from_le_bytes(*id)));
        let (own, rest) = code.split_at_checked((word & 0xfff) as usize)?;
        let (head, condition) = own.split_at_checked((word >> 12 & 0xf) as usize)?;
        (head.len() >= 2).then_some((Rule { id, condition, at, word, head }, rest))
    }

    /// The trial that it names, for a flag of this key.
    #[inline]
    pub(crate) fn trial(&self, flag_key: Text) -> Option<Trial> {
        Some(Trial::read(self.head.get(2..)?.first_chunk()?.map(u32::from_le_bytes), flag_key))
    }

    /// What it does.
    #[inline]
    pub fn action(&self) -> Action {
        let (head, variant, mut number) = (self.head.len(), (self.word >> 24) as u8, self.action_number());
        if self.is_dated() {
            number &= rule_word::UNDATED;
        }
        match number {
            rule_word::SERVE => Action::Serve(variant),
            rule_word::EXPERIMENT if head > 4 => Action::Experiment(self.at + 2),
            rule_word::RAMP if head > 4 => Action::Ramp(self.at + 2, variant),
            rule_word::HOLDOUT if head > 4 => Action::Holdout(self.at + 2),
            rule_word::OFF => Action::Off,
            rule_word::NEED if head > 2 => {
                Action::Need(FlagIndex(self.head.get(2).map_or(0, |flag| u32::from_le_bytes(*flag))))
            }
            _ => Action::Unknown,
        }
    }

    /// When it applies: from the first moment to before the second. `None` if it always does.
    pub fn dates(&self) -> Option<[Second; 2]> {
        self.head
            .last_chunk()
            .filter(|_| self.is_dated())
            .map(|dates| dates.map(|word| Second(u32::from_le_bytes(word))))
    }

    /// Once for all that ask: 0.1 kB.
    #[inline(never)]
    fn is_dated(&self) -> bool {
        let action = self.action_number() & (rule_word::DATED | rule_word::UNDATED);
        (rule_word::DATED | rule_word::SERVE..=rule_word::DATED | rule_word::RAMP).contains(&action)
    }

    /// Whether it does nothing at all unless its condition is true: most rules of most flags.
    pub(crate) fn waits_for_true(&self) -> bool {
        let flags = rule_word::STOP_ON_UNKNOWN | rule_word::STICKY;
        !self.has(flags) && (rule_word::SERVE..=rule_word::RAMP).contains(&self.action_number())
    }

    /// What trying it takes at most, in words: see [`limits::DECISION_WORDS`]. A head that has room for an entry leads to a draw.
    pub(crate) fn worst_case(&self) -> u32 {
        (self.word & 0xfff) + if self.head.len() > 4 { limits::DRAW_WORDS } else { 0 }
    }

    /// Whether an unknown condition ends the search with the off variant.
    pub fn stops_on_unknown(&self) -> bool {
        self.has(rule_word::STOP_ON_UNKNOWN) || self.is_dated() && self.action_number() >= rule_word::DATED_STOP
    }

    /// Whether a ramp keeps a part of the units back to compare with, and makes exposures.
    pub fn is_monitored(&self) -> bool {
        self.has(rule_word::MONITORED)
    }

    /// Whether a unit keeps the variant that an experiment once gave it.
    pub fn is_sticky(&self) -> bool {
        self.has(rule_word::STICKY)
    }

    /// The words of its condition.
    pub fn condition_span(&self) -> CodeSpan {
        CodeSpan { first: self.at + self.head.len() as u32, count: self.condition.len() as u32 }
    }

    /// The word where the next rule starts.
    pub fn next(&self) -> u32 {
        self.at + (self.word & 0xfff)
    }

    fn action_number(&self) -> u32 {
        self.word >> 16 & 0x1f
    }

    /// Whether any of some flags is set.
    fn has(&self, flags: u32) -> bool {
        self.word >> 21 & flags != 0
    }
}

/// What a rule does when its condition is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Serves one variant.
    Serve(u8),
    /// Takes the unit into the experiment at this word of code.
    Experiment(u32),
    /// Serves one variant to the part of the units that the ramp at this word of code has come to.
    Ramp(u32, u8),
    /// Serves the off variant to the part of the units that the holdout at this word of code takes, unless the condition
    /// holds.
    Holdout(u32),
    /// Serves the off variant.
    Off,
    /// Decides another flag first: conditions of this one ask for its variant.
    Need(FlagIndex),
    /// Written by a newer compiler.
    Unknown,
}

/// A trial: an experiment, a ramp or a holdout, in three words in the head of the one rule that names it. A ramp's phases are its
/// steps; a holdout has a single phase.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// What exposures call it: an experiment's or a holdout's name, or `flag/rule` of a ramp.
    pub key: Text,
    /// Its first phase; phases are in order of time.
    pub phases: u32,
    /// The unit that it randomises.
    pub unit: u8,
    /// How many phases it has.
    pub phase_count: u8,
    /// Its placement plus one; 0 for none.
    pub placement: u16,
}

impl Trial {
    /// Reads its words. One without a key has the flag's.
    pub(crate) fn read([key, phases, rest]: [u32; 3], flag_key: Text) -> Self {
        let [unit, phase_count, ..] = rest.to_le_bytes();
        let key = if key == 0 { flag_key } else { Text(key) };
        Trial { key, phases, unit, phase_count, placement: (rest >> 16) as u16 }
    }
}

/// Bits of a rule's first word: `words:12 | head:4 | action:5 | flags:3 | variant:8`, lowest first.
pub mod rule_word {
    /// Serves the variant in the top byte.
    pub const SERVE: u32 = 1;
    /// Takes the unit into the experiment that the third to fifth words hold.
    pub const EXPERIMENT: u32 = 2;
    /// Serves the variant in the top byte to a share that rises: the third to fifth words.
    pub const RAMP: u32 = 3;
    /// Holds a share of the units out: the third to fifth words.
    pub const HOLDOUT: u32 = 4;
    /// Serves the off variant.
    pub const OFF: u32 = 5;
    /// The third word is the index of a flag that conditions ask for.
    pub const NEED: u32 = 6;
    /// Added to [`SERVE`], [`EXPERIMENT`] or [`RAMP`]: only from the second in the last word but one of the head on, and before that in
    /// the last. An engine that does not know it passes such a rule over.
    pub const DATED: u32 = 16;
    /// In place of [`DATED`] and [`STOP_ON_UNKNOWN`], which an engine that does not know dates would obey.
    pub const DATED_STOP: u32 = 24;
    /// The bits of an action's number that are left without dates.
    pub const UNDATED: u32 = 7;
    /// The lowest of the three flags: an unknown condition serves the off variant.
    pub const STOP_ON_UNKNOWN: u32 = 1;
    /// The second flag: a ramp is monitored.
    pub const MONITORED: u32 = 2;
    /// The third flag: an experiment's variants are kept.
    pub const STICKY: u32 = 4;
}
