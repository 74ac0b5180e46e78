//! A verified snapshot, ready to decide: typed views of the table's records.

use alloc::vec::Vec;

use crate::buckets::Bound;
use crate::error::{Code, Refusal};
use crate::limits;
use crate::manifest::digest_of;
use crate::table::{Directory, Section, u8_at, u16_at, u32_at};
use crate::verify::Verified;

/// A snapshot in force. Made from a [`Verified`] alone.
#[derive(Debug)]
pub struct Program {
    verified: Verified,
    directory: Directory,
    steps: Steps,
    /// The list files that are there, by number.
    files: Vec<(u32, Vec<u8>)>,
}

/// What the offsets of flags grow by from one flag to the next: their records say only what is left.
#[derive(Clone, Copy, Debug)]
struct Steps {
    key: u32,
    code: u32,
}

/// A list of ids.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Its name, in text.
    pub name: u32,
    /// Its salt, in text; 0 for `project/name`.
    pub salt: u32,
    /// The first fingerprint, or the number of the file.
    pub first: u32,
    /// How many fingerprints; `u32::MAX` if they are in a file.
    pub count: u32,
    /// Whether nothing should be decided before the file is there.
    pub preload: bool,
}

/// What kind of value a flag's variants have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ValueType {
    /// `true` or `false`.
    Boolean = 1,
    /// Text.
    String = 2,
    /// A finite number.
    Number = 3,
    /// Any other JSON: objects and arrays.
    Object = 4,
}

/// How an attribute's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum AttributeType {
    /// Text, also of an enumeration.
    String = 1,
    /// A finite number.
    Number = 2,
    /// `true` or `false`.
    Boolean = 3,
    /// An RFC 3339 text, or milliseconds since 1970.
    Date = 4,
    /// A semantic version, 2.0.0.
    Semver = 5,
    /// A list of texts.
    List = 6,
    /// A type that this engine does not know: its conditions are unknown.
    Unknown = 0,
}

/// A flag's record.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Its key, in text.
    pub key: u32,
    /// The word of code where its first rule starts.
    pub code: u32,
    /// Its first variant.
    pub variants: u32,
    /// How many rules it has.
    pub rule_count: u8,
    /// How many variants it has.
    pub variant_count: u8,
    /// The type of its values; `None` for one that this engine does not know.
    pub value_type: Option<ValueType>,
    /// Whether its rules are tried at all.
    pub enabled: bool,
    /// The variant served when it is off.
    pub when_off: u8,
    /// The variant served when no rule matched.
    pub default: u8,
    /// How many of its first rules the compiler made of what stands beside the rules: prerequisites, targets, a holdout.
    pub prelude: u8,
}

/// What a rule does when its condition is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Serves one variant.
    Serve(u8),
    /// Takes the unit into the experiment at this word of code, if all its gates are open.
    Experiment(u32),
    /// Serves one variant to the part of the units that the ramp at this word of code has come to.
    Ramp(u32, u8),
    /// Serves the off variant to the part of the units that the holdout at this word of code takes, unless the condition
    /// holds.
    Holdout(u32),
    /// Serves the off variant.
    Off,
    /// Decides another flag first: conditions of this one ask for its variant.
    Need(u32),
    /// Written by a newer compiler.
    Unknown,
}

/// A rule, read from code.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its id, in text.
    pub id: u32,
    /// What it does.
    pub action: Action,
    /// Whether an unknown condition ends the search with the off variant.
    pub stop_on_unknown: bool,
    /// Whether a ramp keeps a part of the units back to compare with, and makes exposures.
    pub monitored: bool,
    /// Whether a unit keeps the variant that an experiment once gave it.
    pub sticky: bool,
    /// Its condition: first word and number of words. No words: always true.
    pub condition: (u32, u32),
    /// The word where the next rule starts.
    pub next: u32,
}

/// An experiment: three words in the head of the one rule that names it. A ramp is one whose phases are its steps; a
/// holdout one with a single phase.
#[derive(Clone, Copy, Debug)]
pub struct Experiment {
    /// Its key, in text.
    pub key: u32,
    /// Its first phase; phases are in order of time.
    pub phases: u32,
    /// The unit that it randomises.
    pub unit: u8,
    /// How many phases it has.
    pub phase_count: u8,
    /// Its gate plus one; 0 for none.
    pub gate: u16,
}

/// A phase's record. Times are seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Its number in the ruleset.
    pub id: u32,
    /// Its first second.
    pub from: u32,
    /// The second after its last; `u32::MAX` while it is open.
    pub to: u32,
    /// The share of eligible units that it takes in.
    pub coverage: Bound,
    /// Its split.
    pub split: u32,
}

/// Where an experiment lies in a layer, and its salt.
#[derive(Clone, Copy, Debug)]
pub struct Gate {
    /// The salt, in text; 0 for `project/experiment`.
    pub salt: u32,
    /// The layer; `u16::MAX` for none.
    pub layer: u16,
    /// How many ranges.
    pub range_count: u16,
    /// The first range.
    pub ranges: u32,
}

/// The bit beside a file's number that asks to wait for it.
pub const PRELOAD: u32 = 1 << 31;
/// The only kernel so far: SipHash-2-4 points as in [`crate::buckets`].
pub const KERNEL_POINT: u8 = 0;

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
    /// The lowest of the three flags: an unknown condition serves the off variant.
    pub const STOP_ON_UNKNOWN: u32 = 1;
    /// The second flag: a ramp is monitored.
    pub const MONITORED: u32 = 2;
    /// The third flag: an experiment's variants are kept.
    pub const STICKY: u32 = 4;
}

impl Program {
    /// Makes a verified snapshot ready. A signed table that is not well-formed is still refused.
    pub fn new(verified: Verified) -> Result<Self, Refusal> {
        let directory = Directory::read(verified.body())?;
        let steps = directory.record(verified.body(), Section::Steps, 0).unwrap_or(&[]);
        let steps = Steps { key: u32_at(steps, 0), code: u32_at(steps, 4) };
        Ok(Program { verified, directory, steps, files: Vec::new() })
    }

    /// Takes the contents of a list file. Only the bytes that the signed manifest names are believed.
    pub fn put_list(&mut self, file: usize, bytes: Vec<u8>) -> Result<(), Refusal> {
        if file >= limits::LIST_FILES || bytes.len() > limits::LIST_BYTES {
            return Err(Code::TooLarge.into());
        }
        if self.verified.list_digest(file) != Some(&digest_of(&[&bytes])[..]) {
            return Err(Code::DigestMismatch.into());
        }
        self.files.push((file as u32, bytes));
        Ok(())
    }

    /// A list by its index.
    pub fn list(&self, index: u16) -> Option<List> {
        let record = self.record(Section::Lists, usize::from(index))?;
        Some(List {
            name: u32_at(record, 0),
            salt: u32_at(record, 4),
            first: u32_at(record, 8) & !PRELOAD,
            count: u32_at(record, 12),
            preload: u32_at(record, 8) & PRELOAD != 0,
        })
    }

    /// The sorted fingerprints of a list, or the number of the file that they are in and that is not there.
    pub fn fingerprints(&self, list: &List) -> Result<&[u8], u32> {
        if list.count == u32::MAX {
            let file = self.files.iter().find(|(file, _)| *file == list.first);
            return file.map(|(_, bytes)| bytes.as_slice()).ok_or(list.first);
        }
        let all = self.directory.section(self.verified.body(), Section::Fingerprints);
        let start = (list.first as usize).saturating_mul(8);
        Ok(all.get(start..start.saturating_add(list.count as usize * 8)).unwrap_or(&[]))
    }

    /// The bytes from an offset in [`Section::Patterns`] on.
    pub fn pattern(&self, offset: u32) -> &[u8] {
        let all = self.directory.section(self.verified.body(), Section::Patterns);
        all.get(offset as usize..).unwrap_or(&[])
    }

    /// The snapshot it was made from.
    pub fn snapshot(&self) -> &Verified {
        &self.verified
    }

    /// How many records a section has.
    pub fn count(&self, section: Section) -> usize {
        self.directory.count(section)
    }

    fn record(&self, section: Section, index: usize) -> Option<&[u8]> {
        self.directory.record(self.verified.body(), section, index)
    }

    /// A string by its offset; empty if it cannot be read.
    pub fn text(&self, offset: u32) -> &[u8] {
        self.directory.text(self.verified.body(), offset)
    }

    /// A string by its offset as text; empty if it is not UTF-8.
    pub fn str(&self, offset: u32) -> &str {
        core::str::from_utf8(self.text(offset)).unwrap_or("")
    }

    /// The index of a flag by its key.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        self.search(Section::Flags, key, self.steps.key)
    }

    /// The index of a string among the constants.
    pub fn constant(&self, text: &[u8]) -> Option<u32> {
        self.search(Section::Constants, text, 0)
    }

    /// Looks up a string in a section whose records start with a text and are sorted by it.
    fn search(&self, section: Section, text: &[u8], step: u32) -> Option<u32> {
        let (mut low, mut high) = (0, self.count(section));
        while low < high {
            let middle = low + (high - low) / 2;
            let offset = stepped(u32_at(self.record(section, middle)?, 0), middle as u32, step);
            match self.text(offset).cmp(text) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
                core::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }

    /// The text of a constant, as an offset.
    pub fn constant_text(&self, index: u32) -> Option<u32> {
        Some(u32_at(self.record(Section::Constants, index as usize)?, 0))
    }

    /// An attribute's name and type by its slot.
    pub fn attribute(&self, slot: usize) -> Option<(u32, AttributeType)> {
        let record = self.record(Section::Attributes, slot)?;
        let kind = match u8_at(record, 4) {
            1 => AttributeType::String,
            2 => AttributeType::Number,
            3 => AttributeType::Boolean,
            4 => AttributeType::Date,
            5 => AttributeType::Semver,
            6 => AttributeType::List,
            _ => AttributeType::Unknown,
        };
        Some((u32_at(record, 0), kind))
    }

    /// A unit's name and the slot of its attribute.
    pub fn unit(&self, index: usize) -> Option<(u32, u16)> {
        let record = self.record(Section::Units, index)?;
        Some((u32_at(record, 0), u16_at(record, 4)))
    }

    /// A flag by its index.
    pub fn flag(&self, index: u32) -> Option<Flag> {
        let record = self.record(Section::Flags, index as usize)?;
        Some(Flag {
            key: stepped(u32_at(record, 0), index, self.steps.key),
            code: stepped(u32_at(record, 4), index, self.steps.code),
            variants: u32_at(record, 8),
            rule_count: u8_at(record, 12),
            variant_count: u8_at(record, 13),
            value_type: match u8_at(record, 14) {
                1 => Some(ValueType::Boolean),
                2 => Some(ValueType::String),
                3 => Some(ValueType::Number),
                4 => Some(ValueType::Object),
                _ => None,
            },
            enabled: u8_at(record, 15) & 1 != 0,
            when_off: u8_at(record, 16),
            default: u8_at(record, 17),
            prelude: u8_at(record, 18),
        })
    }

    /// The key and the canonical JSON value of a flag's variant, as texts.
    pub fn variant(&self, flag: &Flag, variant: u8) -> Option<(u32, u32)> {
        if variant >= flag.variant_count {
            return None;
        }
        let index = (flag.variants as usize).checked_add(usize::from(variant))?;
        let record = self.record(Section::Variants, index)?;
        Some((u32_at(record, 0), u32_at(record, 4)))
    }

    /// A segment's name, title and condition (first word and number of words).
    pub fn segment(&self, index: usize) -> Option<(u32, u32, (u32, u32))> {
        let record = self.record(Section::Segments, index)?;
        Some((u32_at(record, 0), u32_at(record, 4), (u32_at(record, 8), u32_at(record, 12))))
    }

    /// A word of code.
    pub fn word(&self, index: u32) -> Option<u32> {
        self.words(index, 1).map(|bytes| u32_at(bytes, 0))
    }

    /// Words of code, as bytes.
    pub fn words(&self, first: u32, count: u32) -> Option<&[u8]> {
        let code = self.directory.section(self.verified.body(), Section::Code);
        let start = (first as usize).checked_mul(4)?;
        let end = start.checked_add((count as usize).checked_mul(4)?)?;
        code.get(start..end)
    }

    /// The rule that starts at a word of code.
    pub fn rule(&self, at: u32) -> Option<Rule> {
        let word = self.word(at)?;
        let (words, head) = (word & 0xfff, word >> 12 & 0xf);
        if head < 2 || words < head {
            return None;
        }
        let variant = (word >> 24) as u8;
        let action = match word >> 16 & 0x1f {
            rule_word::SERVE => Action::Serve(variant),
            rule_word::EXPERIMENT if head > 4 => Action::Experiment(at + 2),
            rule_word::RAMP if head > 4 => Action::Ramp(at + 2, variant),
            rule_word::HOLDOUT if head > 4 => Action::Holdout(at + 2),
            rule_word::OFF => Action::Off,
            rule_word::NEED if head > 2 => Action::Need(self.word(at + 2)?),
            _ => Action::Unknown,
        };
        let flags = word >> 21;
        Some(Rule {
            id: self.word(at + 1)?,
            action,
            stop_on_unknown: flags & rule_word::STOP_ON_UNKNOWN != 0,
            monitored: flags & rule_word::MONITORED != 0,
            sticky: flags & rule_word::STICKY != 0,
            condition: (at + head, words - head),
            next: at.checked_add(words)?,
        })
    }

    /// A flag's rule by its place among the flag's rules.
    pub fn rule_of(&self, flag: &Flag, index: u8) -> Option<Rule> {
        (0..index).try_fold(self.rule(flag.code)?, |rule, _| self.rule(rule.next))
    }

    /// A flag's experiment by its word of code. One without a key has the flag's.
    pub fn experiment(&self, flag: &Flag, at: u32) -> Option<Experiment> {
        let words = self.words(at, 3)?;
        Some(Experiment {
            key: match u32_at(words, 0) {
                0 => flag.key,
                key => key,
            },
            phases: u32_at(words, 4),
            unit: u8_at(words, 8),
            phase_count: u8_at(words, 9),
            gate: u16_at(words, 10),
        })
    }

    /// A phase of an experiment.
    pub fn phase(&self, experiment: &Experiment, phase: u8) -> Option<Phase> {
        let index = (experiment.phases as usize).checked_add(usize::from(phase))?;
        let record = self.record(Section::Phases, index)?;
        Some(Phase {
            id: u32_at(record, 0),
            from: u32_at(record, 4),
            to: u32_at(record, 8),
            coverage: Bound(u32_at(record, 12)),
            split: u32_at(record, 16),
        })
    }

    /// A split: its kernel, its first arm, and how many it has.
    pub fn split(&self, index: u32) -> Option<(u8, u32, u16)> {
        let record = self.record(Section::Splits, index as usize)?;
        Some((u8_at(record, 6), u32_at(record, 0), u16_at(record, 4)))
    }

    /// An arm: the bound of its points and its variant.
    pub fn arm(&self, index: u32) -> Option<(Bound, u8)> {
        let record = self.record(Section::Arms, index as usize)?;
        Some((Bound(u32_at(record, 0)), u8_at(record, 4)))
    }

    /// The gate of an experiment, if it has one.
    pub fn gate(&self, experiment: &Experiment) -> Option<Gate> {
        let record = self.record(Section::Gates, usize::from(experiment.gate.checked_sub(1)?))?;
        Some(Gate {
            salt: u32_at(record, 0),
            layer: u16_at(record, 4),
            range_count: u16_at(record, 6),
            ranges: u32_at(record, 8),
        })
    }

    /// A range: points from the first bound on and below the second.
    pub fn range(&self, index: u32) -> Option<(Bound, Bound)> {
        let record = self.record(Section::Ranges, index as usize)?;
        Some((Bound(u32_at(record, 0)), Bound(u32_at(record, 4))))
    }

    /// A layer's name and salt (0 for `project/layer`), as texts.
    pub fn layer(&self, index: u16) -> Option<(u32, u32)> {
        let record = self.record(Section::Layers, usize::from(index))?;
        Some((u32_at(record, 0), u32_at(record, 4)))
    }
}

/// An offset from what a record says of it: the compiler took so many equal steps off.
fn stepped(rest: u32, index: u32, step: u32) -> u32 {
    rest.wrapping_add(index.wrapping_mul(step))
}
