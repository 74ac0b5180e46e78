//! Any pattern is compiled or refused, and its table answers what the regex crate does; any bytes are a table that comes to an
//! end. The input is a pattern, a zero, and a text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use regex::bytes::RegexBuilder;
use waft::pattern::matches;
use waft_ruleset::pattern::compile;

/// Longer ones tell nothing new, and take seconds to compile.
const WRITTEN_BYTES: usize = 128;

fuzz_target!(|bytes: &[u8]| {
    let Some(zero) = bytes.iter().position(|byte| *byte == 0) else { return };
    let (left, right) = (&bytes[..zero], &bytes[zero + 1..]);
    // All of it, because a table has zeros.
    let _ = matches(bytes, right);
    let (Ok(written), Ok(text)) = (str::from_utf8(left), str::from_utf8(right)) else { return };
    if written.len() > WRITTEN_BYTES {
        return;
    }
    let Ok(table) = compile(written) else { return };
    let answer = matches(&table, text.as_bytes());
    // With ASCII on both sides, `\d`, `\w`, `\s` and `\b` of the language are those of the crate's bytes; without them, the
    // language is the crate's Unicode. Between the two there is nobody to ask.
    let unicode = match (written.is_ascii() && text.is_ascii(), written.contains('\\')) {
        (true, _) => false,
        (false, false) => true,
        (false, true) => return,
    };
    // What the crate reads in its own way, tests/oracles/test_patterns.py asks RE2.
    let is_its_own = ["\\<", "\\>", "\\b{", "{,"].iter().any(|part| written.contains(part));
    if is_its_own || (text.contains('\u{b}') && written.contains('\\')) {
        return;
    }
    if let Ok(theirs) = RegexBuilder::new(written).unicode(unicode).build() {
        assert_eq!(answer, theirs.is_match(text.as_bytes()), "{written:?} in {text:?}");
    }
});
