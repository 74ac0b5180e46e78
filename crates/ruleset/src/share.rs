//! Shares: percentages with at most four decimals, kept exactly.

use std::fmt;

use waft::buckets::Bound;

/// A share in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

impl Share {
    /// 100 %.
    pub const ALL: Share = Share(1_000_000);

    /// Reads `33.3333%`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.trim().strip_suffix('%')?.trim_end();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || whole.len() > 3 || !digits(fraction) || fraction.len() > 4 {
            return None;
        }
        let whole: u32 = whole.parse().ok()?;
        let fraction: u32 = format!("{fraction:0<4}").parse().ok()?;
        let share = whole * 10_000 + fraction;
        (share <= Share::ALL.0).then_some(Share(share))
    }

    /// Points below are in: floor(share x 2^32).
    pub fn bound(self) -> Bound {
        if self >= Share::ALL { Bound::ALL } else { Bound(((u64::from(self.0) << 32) / 1_000_000) as u32) }
    }

    /// The share whose bound this is; the nearest, if there is none.
    pub fn of(bound: Bound) -> Self {
        if bound == Bound::ALL {
            Share::ALL
        } else {
            Share(((u64::from(bound.0) * 1_000_000 + (1 << 31)) >> 32) as u32)
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = format!("{:04}", self.0 % 10_000);
        let decimals = decimals.trim_end_matches('0');
        let dot = if decimals.is_empty() { "" } else { "." };
        write!(out, "{}{dot}{decimals}%", self.0 / 10_000)
    }
}
