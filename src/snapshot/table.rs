//! The body of a snapshot: an in-place table. Nothing is parsed ahead; every offset is checked when it is used.
//!
//! docs/snapshot-format.md describes each byte; `tests/format.rs` pins the numbers below to it.

use crate::error::{Code, Refusal};
use crate::limits;
use crate::snapshot::body::{Body, State};

/// Sections and their permanent numbers, with the least size of their records in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Section {
    /// Every string once: LEB128 length, then UTF-8. A string is named by its offset; offset 0 is the empty string.
    Text = 1,
    /// Strings that conditions compare with, sorted by bytes: a string of the context becomes its index here.
    Constants = 2,
    /// Attributes that conditions or units name. An index is a *slot*.
    Attributes = 3,
    /// Who can be randomised.
    Units = 4,
    /// Flags, sorted by key.
    Flags = 5,
    /// Variants of flags.
    Variants = 6,
    /// Rules and conditions, in 32-bit words.
    Code = 7,
    /// Named audiences.
    Segments = 8,
    /// Periods of experiments.
    Phases = 9,
    /// How a phase chooses a variant.
    Splits = 10,
    /// Variants of a split with their bounds.
    Arms = 11,
    /// Where an experiment lies in its layer, and its own salt.
    Gates = 12,
    /// Ranges of points.
    Ranges = 13,
    /// Layers.
    Layers = 14,
    /// Lists of ids.
    Lists = 15,
    /// The ids of lists that lie in the table: sorted fingerprints.
    Fingerprints = 16,
    /// Tables of compiled patterns.
    Patterns = 17,
    /// What to add to the offsets of a flag for each flag in front of it.
    Steps = 18,
}

impl Section {
    /// Every section, in the order of their numbers.
    pub const ALL: [Section; 18] = [
        Section::Text,
        Section::Constants,
        Section::Attributes,
        Section::Units,
        Section::Flags,
        Section::Variants,
        Section::Code,
        Section::Segments,
        Section::Phases,
        Section::Splits,
        Section::Arms,
        Section::Gates,
        Section::Ranges,
        Section::Layers,
        Section::Lists,
        Section::Fingerprints,
        Section::Patterns,
        Section::Steps,
    ];

    /// The size of the records this engine knows, in bytes. A newer compiler may write longer ones.
    pub const fn record_size(self) -> usize {
        match self {
            Section::Text | Section::Patterns => 1,
            Section::Constants | Section::Code => 4,
            Section::Attributes | Section::Units | Section::Variants | Section::Fingerprints => 8,
            Section::Arms | Section::Ranges | Section::Layers | Section::Splits | Section::Steps => 8,
            Section::Gates => 12,
            Section::Segments | Section::Lists => 16,
            Section::Phases | Section::Flags => 20,
        }
    }
}

impl Section {
    /// How many records there may be, where something is made for each of them, or they are counted in few bits.
    pub const fn most(self) -> usize {
        match self {
            Section::Attributes => limits::ATTRIBUTES,
            Section::Units => limits::UNITS,
            Section::Flags => limits::FLAGS,
            Section::Segments => limits::SEGMENTS,
            Section::Gates => limits::GATES,
            Section::Layers => limits::LAYERS,
            Section::Lists => limits::LISTS,
            Section::Text | Section::Constants | Section::Variants | Section::Code | Section::Phases => usize::MAX,
            Section::Splits | Section::Arms | Section::Ranges | Section::Fingerprints => usize::MAX,
            Section::Patterns | Section::Steps => usize::MAX,
        }
    }
}

/// In place of an index, where what is named does not exist: no section has as many records.
pub const ABSENT: u32 = u32::MAX;
/// In place of a variant's index among its flag's: a flag has at most 254.
pub const NO_VARIANT: u8 = u8::MAX;
/// In place of how many fingerprints a list has: they are in a file.
pub const LIST_IN_FILE: u32 = u32::MAX;
/// The bit beside such a file's number that asks to wait for it.
pub const PRELOAD: u32 = 1 << 31;
/// In place of a placement's layer: none.
pub const NO_LAYER: u16 = u16::MAX;

/// Where a section lies in the body.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent {
    /// Its first byte.
    pub offset: usize,
    /// The size of its records in bytes.
    pub size: usize,
    /// How many records it has.
    pub count: usize,
}

/// The directory of a table, checked against the table's length.
#[derive(Debug)]
pub struct Directory([Extent; Section::ALL.len()]);

/// The bytes of a directory's head and of each of its entries.
pub const DIRECTORY_HEAD: usize = 4;
/// See [`DIRECTORY_HEAD`].
pub const DIRECTORY_ENTRY: usize = 12;

impl Directory {
    /// Reads the directory: sections of unknown numbers are passed over, known ones must lie inside the table.
    pub fn read(body: &Body) -> Result<Self, Refusal> {
        let mut extents = [Extent::default(); Section::ALL.len()];
        let entries = body.get(0, DIRECTORY_HEAD).map_or(0, |head| usize::from(u16_at(head, 0)));
        for entry in 0..entries {
            let at = DIRECTORY_HEAD + entry * DIRECTORY_ENTRY;
            let Some(record) = body.get(at, DIRECTORY_ENTRY) else { return Err(unread(body, at)) };
            let extent = Extent {
                offset: u32_at(record, 4) as usize,
                size: usize::from(u16_at(record, 2)),
                count: u32_at(record, 8) as usize,
            };
            let number = usize::from(u16_at(record, 0));
            let end = extent.size.checked_mul(extent.count).and_then(|bytes| bytes.checked_add(extent.offset));
            if end.is_none_or(|end| end > body.length()) {
                return Err(Refusal::malformed(at));
            }
            let Some(section) = number.checked_sub(1).and_then(|index| Section::ALL.get(index)) else { continue };
            let slot = extents.get_mut(number - 1).ok_or(Refusal::malformed(at))?;
            if extent.size < section.record_size() || slot.size != 0 {
                return Err(Refusal::malformed(at));
            }
            if extent.count > section.most() {
                return Err(Code::TooLarge.into());
            }
            *slot = extent;
        }
        Ok(Directory(extents))
    }

    /// Where a section lies; nowhere if it is absent.
    #[inline(always)]
    pub fn extent(&self, section: Section) -> Extent {
        self.0.get(section as usize - 1).copied().unwrap_or_default()
    }
}

/// Why an entry of the directory could not be read.
fn unread(body: &Body, at: usize) -> Refusal {
    match body.state() {
        State::Broken => Code::DigestMismatch.into(),
        State::Open | State::Whole => Refusal::malformed(at),
    }
}

/// `N` words of 32 bits, little endian; `None` if `bytes` is shorter or longer.
#[inline(always)]
pub fn words_of<const N: usize>(bytes: &[u8]) -> Option<[u32; N]> {
    let words: &[[u8; 4]; N] = bytes.as_chunks().0.try_into().ok()?;
    Some(words.map(u32::from_le_bytes))
}

/// A little-endian number in a record; 0 past its end, which no checked record reaches.
pub fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes)
}

/// See [`u16_at`].
pub fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// See [`u16_at`].
pub fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// See [`u16_at`].
pub fn u8_at(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// See [`u16_at`].
pub fn f64_at(bytes: &[u8], at: usize) -> f64 {
    f64::from_bits(u64_at(bytes, at))
}
