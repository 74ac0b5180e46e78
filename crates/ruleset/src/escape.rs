//! What comes from files, as it may reach a terminal, a log or a page: no character of it steers them.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character steers what shows it, or moves what stands beside it: C0, U+007F and C1, which terminals obey; line and
/// paragraph separators; and the controls of Unicode's bidirectional algorithm (UAX #9, section 2), which reorder text.
pub fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A line of text, with what steers as `\u{1b}`. Line breaks are escaped, too: whoever prints lines ends them.
pub fn text(line: &str) -> Cow<'_, str> {
    replaced(line, |_| false, |out, character| write!(out, "\\u{{{:x}}}", u32::from(character)))
}

/// Several lines of text: their ends stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text, |character| character == '\n', |out, character| write!(out, "\\u{{{:x}}}", u32::from(character)))
}

/// JSON that was written already, with what steers as `\u009b`. It says the same: outside of texts JSON has no such characters but
/// line breaks, which stay, and in texts they were escaped.
pub fn json(written: &str) -> Cow<'_, str> {
    replaced(written, |character| character == '\n', |out, character| write!(out, "\\u{:04x}", u32::from(character)))
}

/// `write` replaces what steers and does not stay.
fn replaced(
    from: &str,
    stays: impl Fn(char) -> bool,
    write: impl Fn(&mut String, char) -> std::fmt::Result,
) -> Cow<'_, str> {
    let is_escaped = |character: char| steers(character) && !stays(character);
    if !from.contains(is_escaped) {
        return Cow::Borrowed(from);
    }
    let mut out = String::with_capacity(from.len() + 8);
    for character in from.chars() {
        if is_escaped(character) {
            // Writing to a string cannot fail.
            let _ = write(&mut out, character);
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}
