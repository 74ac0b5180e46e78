//! Texts without case. The standard library's tables are 6 kB of a page, and patterns have what is needed of them.

use std::sync::LazyLock;

use crate::order::sort_numbers;
use crate::pattern::cases;

/// Characters that are another one in another case, in order, each in front of the least of those that are the same.
static CASES: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut all = Vec::new();
    cases(&mut |character, least| all.push(u64::from(character) << 32 | u64::from(least)));
    sort_numbers(&mut all, &|one, other| one.cmp(&other));
    all
});

/// A text in which characters that differ by case alone are the same: of letters of ASCII, the small one.
pub fn caseless(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let least = |character: char| {
        let at = CASES.partition_point(|pair| pair >> 32 < u64::from(character));
        let pair = CASES.get(at).filter(|pair| **pair >> 32 == u64::from(character));
        pair.and_then(|pair| char::from_u32(*pair as u32)).unwrap_or(character).to_ascii_lowercase()
    };
    text.chars().map(least).collect()
}
