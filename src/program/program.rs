//! A verified snapshot, ready to decide.

use alloc::vec::Vec;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::program::buckets::Bound;
use crate::program::operation::{Words, operations};
use crate::program::operator::Operator;
use crate::program::records::{
    AttributeType, CodeSpan, DeclaredAttribute, Flag, FlagIndex, Layer, List, Phase, Placement, PointRange, Second,
    Segment, Slot, Split, SplitArm, Text, UnitKind, ValueType, Variant,
};
use crate::program::rule::{Rule, Trial};
use crate::snapshot::body::{Body, State};
use crate::snapshot::envelope::Kind;
use crate::snapshot::manifest::digest_of;
use crate::snapshot::table::{Directory, PRELOAD, Section, words_of};
use crate::snapshot::verify::Verified;

/// The active snapshot, ready to decide. Made from a [`Verified`] alone.
#[derive(Debug)]
pub struct Program {
    verified: Verified,
    directory: Directory,
    steps: Steps,
    /// The list files that are there, by number.
    files: Vec<(u32, Vec<u8>)>,
}

/// What the offsets of flags grow by from one flag to the next: their records say only what is left.
#[derive(Clone, Copy, Debug, Default)]
struct Steps {
    key: u32,
    code: u32,
}

impl Program {
    /// Makes a verified snapshot ready. A signed table that is not well-formed is still refused.
    pub fn new(verified: Verified) -> Result<Self, Refusal> {
        if verified.kind() != Kind::Snapshot {
            return Err(Code::Malformed.into());
        }
        let directory = Directory::read(verified.body())?;
        let mut program = Program { verified, directory, steps: Steps::default(), files: Vec::new() };
        if program.count(Section::Steps) > 0 {
            let [key, code] = program.rare(Section::Steps, 0).ok_or(Code::DigestMismatch)?;
            program.steps = Steps { key, code };
        }
        let segments = program.check_segments();
        program.intact()?;
        match segments {
            Some(true) => Ok(program),
            Some(false) => Err(Code::TooLarge.into()),
            None => Err(Code::Malformed.into()),
        }
    }

    /// Whether no segment nests too deep, and all together are not too long: deciding each once is then bounded. `None` if one names a
    /// segment that is not before it.
    fn check_segments(&self) -> Option<bool> {
        let (mut words, mut heights): (u32, Vec<u8>) = (0, Vec::new());
        for index in 0..self.count(Section::Segments) {
            let CodeSpan { first, count } = self.segment(index)?.condition;
            let mut height = 0;
            for (operation, _) in operations(self.code(CodeSpan { first, count })?) {
                if operation.dialect == 0 && operation.number == Operator::Segment as u8 {
                    height = *heights.get(usize::from(operation.argument))?.max(&height);
                }
            }
            words += count;
            if words > limits::SEGMENT_WORDS || height == limits::SEGMENT_DEPTH {
                return Some(false);
            }
            heights.push(height + 1);
        }
        Some(true)
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
        let [name, salt, first, count] = self.rare(Section::Lists, usize::from(index))?;
        let (first, preload) = (first & !PRELOAD, first & PRELOAD != 0);
        Some(List { name: Text(name), salt: Text(salt), first, count, preload })
    }

    /// The sorted fingerprints of a list, or the number of the file that they are in and that is not there.
    pub fn fingerprints(&self, list: &List) -> Result<&[u8], u32> {
        if let Some(number) = list.file() {
            let file = self.files.iter().find(|(file, _)| *file == number);
            return file.map(|(_, bytes)| bytes.as_slice()).ok_or(number);
        }
        let all = self.records(Section::Fingerprints, list.first, list.count);
        Ok(all.unwrap_or(&[]))
    }

    /// The bytes from an offset in [`Section::Patterns`] on: no table is longer.
    pub fn pattern(&self, offset: u32) -> &[u8] {
        let left = self.count(Section::Patterns).saturating_sub(offset as usize);
        self.records(Section::Patterns, offset, left.min(limits::PATTERN_BYTES) as u32).unwrap_or(&[])
    }

    /// Whether nothing that was read of the body so far was damaged.
    pub fn intact(&self) -> Result<(), Refusal> {
        if self.body().state() == State::Broken { Err(Code::DigestMismatch.into()) } else { Ok(()) }
    }

    /// The snapshot it was made from.
    pub fn snapshot(&self) -> &Verified {
        &self.verified
    }

    /// How many records a section has.
    pub fn count(&self, section: Section) -> usize {
        self.directory.extent(section).count
    }

    /// The first words of a record.
    #[inline(always)]
    fn record<const N: usize>(&self, section: Section, index: usize) -> Option<[u32; N]> {
        let extent = self.directory.extent(section);
        if index >= extent.count {
            return None;
        }
        words_of(self.body().get(extent.offset + index * extent.size, 4 * N)?)
    }

    /// The same of a section that is not read for each flag, so that it is not worth being compiled into each reader: 0.1 kB.
    #[inline(never)]
    fn rare<const N: usize>(&self, section: Section, index: usize) -> Option<[u32; N]> {
        self.record(section, index)
    }

    /// The bytes of consecutive records of a section whose records are as long as this engine knows them.
    #[inline(always)]
    fn records(&self, section: Section, first: u32, count: u32) -> Option<&[u8]> {
        let extent = self.directory.extent(section);
        let (first, count) = (first as usize, count as usize);
        if first.checked_add(count)? > extent.count {
            return None;
        }
        self.body().get(extent.offset + first * extent.size, count * extent.size)
    }

    #[inline(always)]
    fn body(&self) -> &Body {
        self.verified.body()
    }

    /// The bytes of a string; empty if it cannot be read.
    pub fn text(&self, text: Text) -> &[u8] {
        self.read_text(text.0).unwrap_or(&[])
    }

    /// The bytes of a name; empty if it is longer than `most` bytes: what is made of names stays as small as they are.
    #[inline(never)]
    pub fn name(&self, name: Text, most: usize) -> &[u8] {
        let text = self.text(name);
        if text.len() > most { &[] } else { text }
    }

    fn read_text(&self, offset: u32) -> Option<&[u8]> {
        let left = (self.count(Section::Text) as u32).checked_sub(offset)?;
        let whole = self.body().state() == State::Whole;
        // Of a body that is not checked yet, no more than the length at first.
        let bytes = self.records(Section::Text, offset, if whole { left } else { left.min(4) })?;
        let (mut length, mut start) = (0, 0);
        loop {
            // Four bytes hold 256 MiB: more than a snapshot.
            let byte = *bytes.get(start).filter(|_| start < 4)?;
            length |= usize::from(byte & 0x7f) << (7 * start);
            start += 1;
            if byte < 0x80 {
                break;
            }
        }
        if whole {
            bytes.get(start..start + length)
        } else {
            self.records(Section::Text, offset + start as u32, length as u32)
        }
    }

    /// A string as text; empty if it is not UTF-8.
    pub fn str(&self, text: Text) -> &str {
        core::str::from_utf8(self.text(text)).unwrap_or("")
    }

    /// A flag by its key.
    pub fn find(&self, key: &[u8]) -> Option<FlagIndex> {
        self.search(Section::Flags, key, self.steps.key).map(FlagIndex)
    }

    /// All flags.
    pub fn flags(&self) -> impl Iterator<Item = FlagIndex> + use<> {
        (0..self.count(Section::Flags) as u32).map(FlagIndex)
    }

    /// All attributes.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        (0..self.count(Section::Attributes) as u16).map(Slot)
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
            let [rest] = self.record(section, middle)?;
            match self.text(Text(stepped(rest, middle as u32, step))).cmp(text) {
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
                core::cmp::Ordering::Equal => return Some(middle as u32),
            }
        }
        None
    }

    /// The text of a constant.
    pub fn constant_text(&self, index: u32) -> Option<Text> {
        self.record(Section::Constants, index as usize).map(|[text]| Text(text))
    }

    /// An attribute by its slot.
    pub fn attribute(&self, slot: Slot) -> Option<DeclaredAttribute> {
        let [name, kind] = self.rare(Section::Attributes, slot.0.into())?;
        let kind = match kind as u8 {
            1 => AttributeType::String,
            2 => AttributeType::Number,
            3 => AttributeType::Boolean,
            4 => AttributeType::Date,
            5 => AttributeType::Semver,
            6 => AttributeType::List,
            _ => AttributeType::Unknown,
        };
        Some(DeclaredAttribute { name: Text(name), kind })
    }

    /// A unit by its index.
    pub fn unit(&self, index: u16) -> Option<UnitKind> {
        let [name, slot] = self.rare(Section::Units, index.into())?;
        Some(UnitKind { name: Text(name), slot: Slot(slot as u16) })
    }

    /// A flag by its index.
    pub fn flag(&self, FlagIndex(index): FlagIndex) -> Option<Flag> {
        let [key, code, variants, counts, served] = self.record(Section::Flags, index as usize)?;
        let (key, code) = (Text(stepped(key, index, self.steps.key)), stepped(code, index, self.steps.code));
        let [rule_count, variant_count, value_type, bits] = counts.to_le_bytes();
        let [when_off, default, prelude, _] = served.to_le_bytes();
        let value_type = match value_type {
            1 => Some(ValueType::Boolean),
            2 => Some(ValueType::String),
            3 => Some(ValueType::Number),
            4 => Some(ValueType::Object),
            _ => None,
        };
        let enabled = bits & 1 != 0;
        Some(Flag { key, code, variants, rule_count, variant_count, value_type, enabled, when_off, default, prelude })
    }

    /// A flag's variant by its index among the flag's.
    pub fn variant(&self, flag: &Flag, variant: u8) -> Option<Variant> {
        if variant >= flag.variant_count {
            return None;
        }
        self.variant_at(flag.variants.checked_add(u32::from(variant))?)
    }

    /// The same by its index among those of all flags.
    pub(crate) fn variant_at(&self, index: u32) -> Option<Variant> {
        self.record(Section::Variants, index as usize)
            .map(|[key, value]| Variant { key: Text(key), value: Text(value) })
    }

    /// A segment by its index.
    pub fn segment(&self, index: usize) -> Option<Segment> {
        let [name, title, first, count] = self.rare(Section::Segments, index)?;
        Some(Segment { name: Text(name), title: Text(title), condition: CodeSpan { first, count } })
    }

    /// Words of code.
    pub fn code(&self, span: CodeSpan) -> Option<Words<'_>> {
        Some(self.records(Section::Code, span.first, span.count)?.as_chunks().0)
    }

    #[inline(always)]
    fn words<const N: usize>(&self, first: u32) -> Option<[u32; N]> {
        words_of(self.records(Section::Code, first, N as u32)?)
    }

    /// The rule that starts at a word of code.
    pub fn rule(&self, at: u32) -> Option<Rule<'_>> {
        Rule::split(self.code_from(at)?, at).map(|(rule, _)| rule)
    }

    /// The code from a word on: all of it, or where the body is not checked yet, one rule.
    #[inline]
    pub(crate) fn code_from(&self, at: u32) -> Option<Words<'_>> {
        let left = (self.count(Section::Code) as u32).checked_sub(at)?;
        let count = match self.body().state() {
            State::Whole => left,
            State::Open | State::Broken => left.min(self.words(at).map(|[word]| word & 0xfff)?),
        };
        self.code(CodeSpan { first: at, count })
    }

    /// A flag's rule by its place among the flag's rules.
    pub fn rule_of(&self, flag: &Flag, index: u8) -> Option<Rule<'_>> {
        (0..index).try_fold(self.rule(flag.code)?, |rule, _| self.rule(rule.next()))
    }

    /// A flag's rules, in order.
    pub fn rules(&self, flag: &Flag) -> impl Iterator<Item = Rule<'_>> {
        let mut at = flag.code;
        (0..flag.rule_count).map_while(move |_| self.rule(at).inspect(|rule| at = rule.next()))
    }

    /// A flag's trial by its word of code. One without a key has the flag's.
    pub fn trial(&self, flag: &Flag, at: u32) -> Option<Trial> {
        Some(Trial::read(self.words(at)?, flag.key))
    }

    /// A phase of a trial.
    pub fn phase(&self, trial: &Trial, phase: u8) -> Option<Phase> {
        let index = (trial.phases as usize).checked_add(usize::from(phase))?;
        let [id, from, to, coverage, split] = self.record(Section::Phases, index)?;
        Some(Phase { id, from: Second(from), to: Second(to), coverage: Bound(coverage), split })
    }

    /// A split by its index.
    pub fn split(&self, index: u32) -> Option<Split> {
        let [first, rest] = self.record(Section::Splits, index as usize)?;
        Some(Split { first, count: rest as u16, kernel: (rest >> 16) as u8 })
    }

    /// The arms of a split, in order of their bounds. `None` is one that cannot be read.
    #[inline]
    pub fn arms(&self, split: &Split) -> impl Iterator<Item = Option<SplitArm>> {
        (split.first..split.first.saturating_add(split.count.into())).map(move |index| {
            let [bound, variant] = self.record(Section::Arms, index as usize)?;
            Some(SplitArm { bound: Bound(bound), variant: variant as u8 })
        })
    }

    /// The arm of a split that a point falls into.
    pub(crate) fn arm_of(&self, point: u32, split: &Split) -> Option<SplitArm> {
        for arm in self.arms(split) {
            let arm = arm?;
            if arm.bound.covers(point) {
                return Some(arm);
            }
        }
        None
    }

    /// The placement of a trial, if it has one.
    pub fn placement(&self, trial: &Trial) -> Option<Placement> {
        let [salt, rest, ranges] = self.record(Section::Gates, usize::from(trial.placement.checked_sub(1)?))?;
        Some(Placement { salt: Text(salt), layer: rest as u16, range_count: (rest >> 16) as u16, ranges })
    }

    /// A range by its index.
    pub fn range(&self, index: u32) -> Option<PointRange> {
        self.record(Section::Ranges, index as usize).map(|[from, to]| PointRange { from: Bound(from), to: Bound(to) })
    }

    /// The ranges of a placement.
    pub fn ranges(&self, placement: &Placement) -> impl Iterator<Item = PointRange> {
        let indices = placement.ranges..placement.ranges.saturating_add(placement.range_count.into());
        indices.filter_map(|index| self.range(index))
    }

    /// A layer by its index.
    pub fn layer(&self, index: u16) -> Option<Layer> {
        self.rare(Section::Layers, index.into()).map(|[name, salt]| Layer { name: Text(name), salt: Text(salt) })
    }
}

/// An offset from what a record says of it: the compiler took so many equal steps off.
fn stepped(rest: u32, index: u32, step: u32) -> u32 {
    rest.wrapping_add(index.wrapping_mul(step))
}
