//! A decision as one number, which crosses the border in place of an object. pkg/src/engine/packed.ts has the same constants: a test
//! compares the two.
//!
//! ```text
//! variant:8 | rule:8 | reason:4 | exposed:1 | wanted:1 | timed:1 | missing:6        lowest first
//! ```
//!
//! An error has no variant: whoever asks knows which it is, as the flag was found.

use waft::{Decision, Reason};

/// Where the rule starts. Below is the variant.
pub(crate) const RULE: u32 = 8;
/// Where the reason starts, a number of [`waft::Reason`].
pub(crate) const REASON: u32 = 16;
/// The decision makes exposures.
pub(crate) const EXPOSED: u32 = 1 << 20;
/// It asked for a list file that is not loaded.
pub(crate) const WANTED: u32 = 1 << 21;
/// Time alone could change it.
pub(crate) const TIMED: u32 = 1 << 22;
/// Where the first unit starts that the context lacks; 32 for none.
pub(crate) const MISSING: u32 = 23;
/// The bits of a variant or a rule, which are indices. All of them: none.
pub(crate) const INDEX: u32 = 255;

/// What all draws have in common.
pub(crate) const DRAWN: u32 = (Reason::Split as u32) << REASON | EXPOSED | 32 << MISSING;

/// Packs a decision. Rules are counted as they are written: what the compiler put in front of them has no number.
pub(crate) fn pack(decision: &Decision, exposed: bool, wanted: bool) -> u32 {
    let variant = decision.variant.map_or(INDEX, u32::from);
    let rule = decision.rule.and_then(|rule| rule.checked_sub(decision.prelude)).map_or(INDEX, u32::from);
    let flag = |on, flag| if on { flag } else { 0 };
    variant
        | rule << RULE
        | (decision.reason as u32) << REASON
        | flag(exposed, EXPOSED)
        | flag(wanted, WANTED)
        | flag(decision.valid_until != i64::MAX, TIMED)
        | decision.missing.trailing_zeros() << MISSING
}
