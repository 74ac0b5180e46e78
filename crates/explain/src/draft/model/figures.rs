//! Shares and moments, as pages have them.

use waft_ruleset::Share;

/// A share as a fraction.
pub(super) fn fraction(share: Share) -> f64 {
    f64::from(share.0) / f64::from(Share::ALL.0)
}

/// A second since 1970, in milliseconds.
pub(super) fn milli(second: u32) -> f64 {
    f64::from(second) * 1_000.0
}
