//! Patterns as they are written, matched as tables.
#![allow(missing_docs, clippy::unwrap_used)]

use waft_ruleset::pattern::{Fault, compile};

/// Patterns that meant the same before they were RE2's, and the Adler-32 checksums of their tables.
#[rustfmt::skip]
const TABLES: &[(&str, u32)] = &[
    (r"a", 93388816),
    (r"^a", 91815950),
    (r"a$", 94306323),
    (r"^a$", 91160588),
    (r"^$", 54132742),
    (r"", 54394887),
    (r"a+b", 163643424),
    (r"^(a|b)+$", 103874576),
    (r"^\d+$", 229048344),
    (r"^\w+$", 876740685),
    (r"\D", 3796567118),
    (r"^\W$", 2823291625),
    (r"[a-c]{2}", 127270936),
    (r"a.b", 2358379826),
    (r"a{2,3}", 102694934),
    (r"@example\.(com|org)$", 2582839927),
    (r"^\d{4}-\d{2}-\d{2}$", 761725034),
    (r"(?i)abc", 379977788),
    (r"^[^a]*$", 4020241044),
    (r"b|^1", 173473829),
    (r"\bb", 1002307678),
    (r"(ab)?c", 93257744),
    (r".", 3510633541),
    (r"^.$", 979632811),
    (r"é|ß", 155189281),
    (r"a*?b", 93323280),
    (r"\.", 96731152),
    (r"[.]", 96731152),
    (r"^[\w.]+@[\w.]+$", 1076363360),
    (r"^a-\d{4}$", 692584517),
    (r"(?i)^(news|press)\W", 7080401),
    (r"(a|b)*abb{2,5}", 216596533),
    (r"^[^ä-ü]+é.$", 1112409753),
    (r"\bwool\b|\w+@\w+\.example", 2289960182),
    (r"[[:alpha:]]+[[:^digit:]]", 3247441019),
    (r"[]a]", 105644049),
    (r"[a-]", 108789777),
    (r"[\d\-x]", 256376859),
    (r"\x41\x{1F600}", 683212916),
    (r"(?P<n>a)b", 163643424),
    (r"(?m)^a$", 173146149),
    (r"(?s)a.b", 1938687280),
    (r"(?i-s:W.)", 3956540430),
    (r"\p{Greek}", 823793925),
    (r"\p{Lu}[0-9]", 2440994551),
    (r"(?U)a+b", 163643424),
    (r"\A\Ba\z", 54001669),
    (r"a{1001}", 223475839),
    (r"[a-z]{1,900}$", 372834348),
    (r"(|a)b", 93323280),
    (r"a b#c", 768868468),
    (r"\t\n\r\f\v\a", 1294532764),
    (r"\$\^\|\(\)\[\]\{\}\*\+\?\\", 3032220252),
    (r"[^\D]x", 307298345),
    (r"[\W_]+", 1031013506),
    (r"\P{Lu}", 2821584665),
    (r"é{2}", 198115380),
    (r"(?i)[^k]", 1544095276),
    (r"(?i)é", 156631073),
    (r"^b-", 156565527),
    (r"^https://[a-z0-9.-]+/(?:path|other)/\d+(?:\?.*)?$", 2060455506),
    (r"(?i)chrome/(\d+)\.", 1302200706),
    (r"^v?\d+\.\d+\.\d+(-[0-9a-z.]+)?$", 3477864745),
];

fn matches(written: &str, text: &str) -> bool {
    waft::pattern::matches(&compile(written).unwrap(), text.as_bytes())
}

#[test]
fn what_leads_nowhere_is_work_too() {
    // 20,000 choices without a byte stand before each of 7,000 letters: minutes, if they were walked for each.
    let pattern = format!("(|){{20000}}({}){{7}}", "abcdefghij".repeat(100));
    assert_eq!(compile(&pattern), Err(Fault::TooLarge));
}

#[test]
fn long_repetitions_are_minimal() {
    for (written, texts) in [
        (r"^[a-z]{1,900}$", [("a".repeat(900), true), ("a".repeat(901), false)]),
        (r"(abcdefgh){200}", [("abcdefgh".repeat(200), true), ("abcdefgh".repeat(199), false)]),
    ] {
        // A state for each place in the repetition, one row of a few classes each.
        assert!(compile(written).unwrap().len() < 32 << 10);
        for (text, answer) in texts {
            assert_eq!(matches(written, &text), answer, "{written}");
        }
    }
}

#[test]
fn patterns_are_read_as_re2_reads_them() {
    for (written, texts, others) in [
        (r"^a{,3}$", &["a{,3}"][..], &["aa", ""][..]),
        (r"^\Qa.b*\E+$", &["a.b*", "a.b***"], &["axb", "a.b"]),
        (r"^\Q\E$", &[""], &["a"]),
        (r"^\Q[a&&b]", &["[a&&b]"], &["a"]),
        (r"\101\0\x41\x{1F600}", &["A\u{0}A\u{1f600}"], &["101"]),
        (r"^\s$", &[" ", "\t", "\n", "\u{c}", "\r"], &["\u{b}", "\u{a0}", "s"]),
        (r"^[\s]$", &[" ", "\t"], &["\u{b}"]),
        (r"^\S[^\S]$", &["\u{b} "], &[" \u{b}", "\u{b}\u{b}"]),
        (r"^[[:space:]]$", &["\u{b}"], &["x"]),
        (r"^\<a\>\_\-$", &["<a>_-"], &["a"]),
        (r"^[]a][^]a]$", &["]b", "ab"], &["]a", "b]"]),
        (r"^{}a{1]$", &["{}a{1]"], &["a"]),
        (r"^[a-c-e\-x]+$", &["a-cex"], &["d"]),
        (r"^\p{^Greek}\P{Greek}\p{Lu}$", &["aaA"], &["αaA", "aaa"]),
        (r"^\pZ\PZ$", &[" a"], &["aa"]),
        (r"^[\d\W\pZ]$", &["1", " ", "é"], &["a"]),
        (r"(?i)^\w[^k]$", &["\u{212a}a"], &["a\u{212a}", "aK"]),
        (r"^(?P<a>x)(?<b>y)(?:z)(?i-s:W)$", &["xyzw"], &["xyz"]),
        (r"^(a|)*?(|b)+$", &["", "aab"], &["c"]),
        (r"(?m)^b$", &["a\nb"], &["a\rb"]),
        (r"^a{2}?$", &["aa"], &["a"]),
    ] {
        texts.iter().for_each(|text| assert!(matches(written, text), "{written} in {text:?}"));
        others.iter().for_each(|text| assert!(!matches(written, text), "{written} in {text:?}"));
    }
}

#[test]
fn what_others_read_in_another_way_is_refused() {
    for written in [
        "[[a]]",
        "[a[]",
        "[a-[]",
        "[a&&b]",
        "[a--b]",
        "[--a]",
        "[+--]",
        "[a~~b]",
        "[&&a]",
        "a++",
        "a**",
        "a{2}{3}",
        "a*?+",
        "a???",
        "a{2}*",
        "(?x)a",
        "(?R)a",
        "(?u)a",
        "(?-u)a",
        "(?",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?P=n)",
        "(?P<>a)",
        "(?<a b>a)",
        r"\1",
        r"\8",
        r"\Z",
        r"\C",
        r"\h",
        r"\u0041",
        r"\U00000041",
        r"\é",
        r"\",
        r"\x4",
        r"\x{",
        r"\x{g}",
        r"\x{110000}",
        r"\x{d800}",
        r"\p{greek}",
        r"\p{Letter}",
        r"\p{Alphabetic}",
        r"\p{gc=Lu}",
        r"\p",
        r"\p{Lu",
        r"[\b]",
        r"[\Qa\E]",
        r"[a-\d]",
        "[z-a]",
        "[a",
        "[",
        "[]",
        "[[:foo:]]",
        "[[:alpha",
        "a{ 2 }",
        "a{2, 3}",
        "a{02}",
        "a{1,02}",
        "a{3,2}",
        "*a",
        "a|*",
        "(a",
        "a)",
    ] {
        assert!(matches!(compile(written), Err(Fault::Invalid(_))), "{written}");
    }
}

/// What was read alike before has the table that it had.
#[test]
fn tables_of_what_meant_the_same_are_the_same() {
    let digest = |table: &[u8]| {
        let sum = |(low, high): (u32, u32), byte: &u8| {
            let low = (low + u32::from(*byte)) % 65_521;
            (low, (high + low) % 65_521)
        };
        let (low, high) = table.iter().fold((1, 0), sum);
        high << 16 | low
    };
    for (written, expected) in TABLES {
        assert_eq!(digest(&compile(written).unwrap()), *expected, "{written}");
    }
}
