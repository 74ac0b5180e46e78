//! Every bound in one place. docs/snapshot-format.md repeats them; a test compares the two.

/// The largest snapshot that is read: envelope and body, in bytes.
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
/// How deep CBOR may nest.
pub const CBOR_DEPTH: u8 = 8;
/// The most truth values that one condition may hold at a time while it is evaluated (postfix stack): a bit each.
pub const CONDITION_STACK: usize = 64;
/// How deep segments may name segments.
pub const SEGMENT_DEPTH: u8 = 32;
/// How far a version may be above the highest one seen, unless trust says otherwise.
pub const MAX_JUMP: u64 = 1_000_000;
/// The largest version: integers beyond are not exact in JavaScript.
pub const VERSION: u64 = (1 << 53) - 1;
/// The longest unit that is randomised, in bytes.
pub const UNIT_BYTES: usize = 1_024;
/// The most lists that lie in files of their own.
pub const LIST_FILES: usize = 64;
/// The most bytes of such a file.
pub const LIST_BYTES: usize = 64 << 20;
/// The largest table of a pattern, in bytes.
pub const PATTERN_BYTES: usize = 32_768;
