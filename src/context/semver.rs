//! Semantic versions 2.0.0: just enough to compare two. Build metadata is read and ignored (rule 10).

use core::cmp::Ordering;

/// A version, borrowing its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version<'a> {
    /// Major, minor, patch. One past `u32::MAX` is held as `u32::MAX`, which no constant in numbers reaches: constants that do
    /// are texts.
    pub numbers: [u32; 3],
    /// What it is written as, without build metadata.
    pub text: &'a [u8],
}

impl<'a> Version<'a> {
    /// Reads a version as semver.org's grammar has it: no `v` in front, no missing number, no leading zero.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        let (text, build) = cut(text, b'+');
        if build.is_some_and(|build| !identifiers(build, false)) {
            return None;
        }
        let (core, pre) = cut(text, b'-');
        if pre.is_some_and(|pre| !identifiers(pre, true)) {
            return None;
        }
        let mut numbers = [0; 3];
        let mut texts = core.split(|byte| *byte == b'.');
        for number in &mut numbers {
            *number = numeral(texts.next()?)?;
        }
        if texts.next().is_some() { None } else { Some(Version { numbers, text }) }
    }
}

/// Precedence by rule 11, of two versions without build metadata. No number is too large.
pub fn precedence(left: &[u8], right: &[u8]) -> Ordering {
    let ((left, left_pre), (right, right_pre)) = (cut(left, b'-'), cut(right, b'-'));
    compare_identifiers(left, right).then_with(|| compare_pre(left_pre.unwrap_or(&[]), right_pre.unwrap_or(&[])))
}

/// How the pre-release part of a text lies to another, either of which may be empty: a release.
pub fn compare_pre_of(text: &[u8], pre: &[u8]) -> Ordering {
    compare_pre(cut(text, b'-').1.unwrap_or(&[]), pre)
}

/// A text up to a byte, and what is behind it, if it is there. Once for both that are looked for.
#[inline(never)]
fn cut(text: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    let mut parts = text.splitn(2, |other| *other == byte);
    (parts.next().unwrap_or(&[]), parts.next())
}

fn compare_pre(left: &[u8], right: &[u8]) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => compare_identifiers(left, right),
    }
}

fn compare_identifiers(left: &[u8], right: &[u8]) -> Ordering {
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
