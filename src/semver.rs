//! Semantic versions 2.0.0: just enough to compare two. Build metadata is read and ignored (rule 10).

use core::cmp::Ordering;

/// A version, borrowing its pre-release part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// Major, minor, patch. A number past `u32::MAX` is held as `u32::MAX`: no constant reaches it, so comparisons
    /// with constants stay exact.
    pub numbers: [u32; 3],
    /// The pre-release identifiers, without the hyphen; empty for a release.
    pub pre: &'a [u8],
}

impl<'a> Version<'a> {
    /// Reads a version as semver.org's grammar has it: no `v` in front, no missing number, no leading zero.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let mut parts = text.splitn(2, |byte| *byte == b'+');
        let rest = parts.next()?;
        if parts.next().is_some_and(|build| !identifiers(build, false)) {
            return None;
        }
        let core_end = rest.iter().position(|byte| *byte == b'-').unwrap_or(rest.len());
        let (core, pre) = rest.split_at(core_end);
        let pre = match pre.split_first() {
            Some((_, pre)) if !identifiers(pre, true) => return None,
            Some((_, pre)) => pre,
            None => pre,
        };
        let mut numbers = [0; 3];
        let mut texts = core.split(|byte| *byte == b'.');
        for number in &mut numbers {
            *number = numeral(texts.next()?)?;
        }
        if texts.next().is_some() { None } else { Some(Version { numbers, pre }) }
    }
}

impl Ord for Version<'_> {
    /// Precedence by rule 11.
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => compare_pre(self.pre, other.pre),
        })
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare_pre(left: &[u8], right: &[u8]) -> Ordering {
    let dot = |byte: &u8| *byte == b'.';
    let (mut left, mut right) = (left.split(dot), right.split(dot));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(left), Some(right)) => match (is_numeric(left), is_numeric(right)) {
                // Without leading zeros the longer number is the larger: no size is too large.
                (true, true) => left.len().cmp(&right.len()).then_with(|| left.cmp(right)),
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (false, false) => left.cmp(right),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn is_numeric(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn has_leading_zero(text: &[u8]) -> bool {
    text.len() > 1 && text.first() == Some(&b'0')
}

fn numeral(text: &[u8]) -> Option<u32> {
    if text.is_empty() || !is_numeric(text) || has_leading_zero(text) {
        return None;
    }
    Some(text.iter().fold(0u32, |value, digit| value.saturating_mul(10).saturating_add(u32::from(digit - b'0'))))
}

fn identifiers(text: &[u8], pre_release: bool) -> bool {
    text.split(|byte| *byte == b'.').all(|part| {
        !part.is_empty()
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && !(pre_release && is_numeric(part) && has_leading_zero(part))
    })
}
