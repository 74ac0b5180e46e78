//! Every bound in one place. docs/snapshot-format.md repeats them; a test compares the two.

/// The largest snapshot that is read: envelope and body, in bytes. Values that a page compares to tell what has changed are no more
/// together, in UTF-16 units, however many flags share one.
pub const SNAPSHOT_BYTES: usize = 64 << 20;
/// A body up to this size is checked whole before it is adopted, a larger one chunk by chunk when it is first used.
pub const WHOLE_BYTES: usize = 256 << 10;
/// The largest manifest, in bytes: key management services sign at most 4 kB.
pub const MANIFEST_BYTES: usize = 3_584;
/// The most signatures on one snapshot.
pub const SIGNATURES: usize = 16;
/// The most keys that one requirement of trust may list.
pub const TRUST_KEYS: usize = 64;
/// The most requirements in one trust.
pub const TRUST_REQUIREMENTS: usize = 16;
/// The largest trust document, in bytes.
pub const TRUST_DOCUMENT_BYTES: usize = 8 << 10;
/// How many trust documents a page takes at one start.
pub const TRUST_DOCUMENTS: usize = 64;
/// The most bytes of them together.
pub const TRUST_BYTES: usize = 256 << 10;
/// How deep CBOR may nest.
pub const CBOR_DEPTH: u8 = 8;
/// The most truth values that one condition may hold at a time while it is evaluated (postfix stack): a bit each.
pub const CONDITION_STACK: usize = 64;
/// How deep segments may name segments.
pub const SEGMENT_DEPTH: u8 = 32;
/// The most words of all segments' conditions together.
pub const SEGMENT_WORDS: u32 = 1 << 17;
/// The most words of one rule: its first has 12 bits for that.
pub const RULE_WORDS: u32 = (1 << 12) - 1;
/// The most words of a flag's rules and of those of all flags that it needs, each flag once, and [`DRAW_WORDS`] for each rule that leads
/// into an experiment, a ramp or a holdout. Beside all segments, it is all that one decision can have to look at.
pub const DECISION_WORDS: u32 = 1 << 17;
/// As how many words a draw counts: a hash takes as long as so many.
pub const DRAW_WORDS: u32 = 64;
/// How far a version may be above the highest one seen, unless trust says otherwise.
pub const MAX_JUMP: u64 = 1_000_000;
/// The largest version: integers beyond are not exact in JavaScript.
pub const VERSION: u64 = (1 << 53) - 1;
/// The longest life of a preview token, from when it was made until it expires, in seconds.
pub const PREVIEW_SECONDS: u64 = 30 * 86_400;
/// How far ahead of a page's clock a preview token may have been made, in seconds: clocks differ, by time zones even.
pub const PREVIEW_AHEAD_SECONDS: u64 = 86_400;
/// The largest head, in bytes, without the snapshot that may follow it.
pub const HEAD_BYTES: usize = 16_384;
/// The longest life of a freshness pointer, from when it was made until it expires, in seconds.
pub const POINTER_SECONDS: u64 = 48 * 3_600;
/// For how long a kept snapshot decides after the last pointer that vouched for it has expired, in seconds, unless trust says otherwise.
pub const MAX_STALE_SECONDS: u64 = 7 * 86_400;
/// The longest unit that is randomised, in bytes.
pub const UNIT_BYTES: usize = 1_024;
/// The most lists that lie in files of their own.
pub const LIST_FILES: usize = 64;
/// The most bytes of such a file.
pub const LIST_BYTES: usize = 64 << 20;
/// The most flags of a snapshot.
pub const FLAGS: usize = 65_535;
/// The most attributes: operations have 12 bits for one.
pub const ATTRIBUTES: usize = 4_096;
/// The most units: every exposure carries all of them.
pub const UNITS: usize = 32;
/// The most segments: operations have 12 bits for one.
pub const SEGMENTS: usize = 4_096;
/// The most lists.
pub const LISTS: usize = 4_096;
/// The most layers: the last number of 16 bits stands for none.
pub const LAYERS: usize = 65_535;
/// The most gates, which experiments with a layer or a salt of their own have, ramps and holdouts with such a salt, too: entries
/// have 16 bits for one, and 0 for none.
pub const GATES: usize = 65_535;
/// The most ranges of one experiment in its layer.
pub const RANGES: usize = 1_000;
/// The longest key of a flag or a variant, and the longest name of an attribute, in bytes.
pub const NAME_BYTES: usize = 100;
/// The longest name of a unit, in bytes: `waft serve` stores no longer one.
pub const UNIT_NAME_BYTES: usize = 64;
/// The longest salt, and the longest name that one is made of, in bytes: room for `project/flag/rule` of the longest names.
pub const SALT_BYTES: usize = 3 * NAME_BYTES + 2;
/// The longest text of a context, in UTF-16 units, and the longest list, in bytes of its encoding.
pub const TEXT_LENGTH: usize = 65_536;
/// The largest table of a pattern, in bytes.
pub const PATTERN_BYTES: usize = 32_768;
