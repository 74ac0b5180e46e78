//! The records of a table, with types.

use crate::program::buckets::Bound;
use crate::snapshot::table::{LIST_IN_FILE, NO_LAYER};

/// A string of a program, by its offset: see [`Program::text`](crate::Program::text).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(pub u32);

impl Text {
    /// The empty string; where a salt may be, that none was written.
    pub const NONE: Text = Text(0);
}

/// A flag, by its index in the order of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlagIndex(pub u32);

/// An attribute, by its index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// An attribute, as the ruleset declares it.
#[derive(Clone, Copy, Debug)]
pub struct DeclaredAttribute {
    /// As a page's context calls it.
    pub name: Text,
    /// How its values are read.
    pub kind: AttributeType,
}

/// Who can be randomised.
#[derive(Clone, Copy, Debug)]
pub struct UnitKind {
    /// As trials and shares call it: at most 64 bytes of UTF-8.
    pub name: Text,
    /// The attribute that has its ids.
    pub slot: Slot,
}

/// A variant of a flag.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// As rules serve it: at most 100 bytes of UTF-8.
    pub key: Text,
    /// Its value, as canonical JSON.
    pub value: Text,
}

/// Traffic that experiments divide.
#[derive(Clone, Copy, Debug)]
pub struct Layer {
    /// As experiments call it.
    pub name: Text,
    /// Its salt; [`Text::NONE`] for `project/name`.
    pub salt: Text,
}

/// A range of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PointRange {
    /// Its first point.
    pub from: Bound,
    /// Points below are in.
    pub to: Bound,
}

impl PointRange {
    /// Whether a point lies in it.
    #[inline]
    pub const fn contains(self, point: u32) -> bool {
        point >= self.from.0 && self.to.covers(point)
    }
}

/// A moment in whole seconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Second(pub u32);

impl Second {
    /// The end of what is open.
    pub const NEVER: Second = Second(u32::MAX);

    /// The moment in milliseconds since 1970; `i64::MAX` for [`Second::NEVER`].
    #[inline(always)]
    pub fn milli(self) -> i64 {
        if self == Second::NEVER { i64::MAX } else { i64::from(self.0) * 1_000 }
    }
}

/// Consecutive words of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeSpan {
    /// The first word.
    pub first: u32,
    /// How many words.
    pub count: u32,
}

/// A named audience.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// As conditions call it.
    pub name: Text,
    /// What people call it.
    pub title: Text,
    /// Its condition.
    pub condition: CodeSpan,
}

/// How a phase chooses a variant.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// Its first arm.
    pub first: u32,
    /// How many arms it has.
    pub count: u16,
    /// How units are drawn: [`KERNEL_POINT`].
    pub kernel: u8,
}

/// The only kernel so far: SipHash-2-4 points as in [`crate::program::buckets`].
pub const KERNEL_POINT: u8 = 0;

/// An arm of a split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitArm {
    /// Points below it, and not below that of an arm before, are in.
    pub bound: Bound,
    /// The variant, by its index among the flag's.
    pub variant: u8,
}

/// A list of ids.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// As conditions call it.
    pub name: Text,
    /// Its salt; [`Text::NONE`] for `project/name`.
    pub salt: Text,
    /// The first fingerprint, or the number of the file.
    pub(crate) first: u32,
    /// How many fingerprints, or [`LIST_IN_FILE`].
    pub(crate) count: u32,
    /// Whether nothing should be decided before the file is there.
    pub preload: bool,
}

impl List {
    /// The number of the file that has its ids, if they are in one.
    #[inline(always)]
    pub fn file(&self) -> Option<u32> {
        (self.count == LIST_IN_FILE).then_some(self.first)
    }

    /// How many ids the table has of it.
    pub fn count(&self) -> u32 {
        if self.file().is_some() { 0 } else { self.count }
    }
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
    /// As a page calls it. Flags are sorted by it.
    pub key: Text,
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

/// A phase's record.
#[derive(Clone, Copy, Debug)]
pub struct Phase {
    /// Its number in the ruleset.
    pub id: u32,
    /// Its first second.
    pub from: Second,
    /// The second after its last; [`Second::NEVER`] while it is open.
    pub to: Second,
    /// The share of eligible units that it takes in.
    pub coverage: Bound,
    /// Its split.
    pub split: u32,
}

/// Where a trial lies in a layer, and its salt.
#[derive(Clone, Copy, Debug)]
pub struct Placement {
    /// The salt; [`Text::NONE`] for `project/key`.
    pub salt: Text,
    /// The layer, or [`NO_LAYER`].
    pub(crate) layer: u16,
    /// How many ranges.
    pub range_count: u16,
    /// The first range.
    pub ranges: u32,
}

impl Placement {
    /// The layer, if it is in one.
    #[inline(always)]
    pub fn layer(&self) -> Option<u16> {
        (self.layer != NO_LAYER).then_some(self.layer)
    }
}
