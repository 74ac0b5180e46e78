//! The compiler of patterns beside the crate `regex-automata`: the same matches for every text, and the same characters in every class of Unicode.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::{HashSet, VecDeque};
use std::fs;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};
use waft::pattern::{DEAD, MATCHED, ROWS, START};
use waft_ruleset::pattern::{Fault, compile};

const UNICODE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pattern/unicode.bin");
const CATEGORIES: &[&str] = &[
    "Cc", "Cf", "Co", "Cs", "Ll", "Lm", "Lo", "Lt", "Lu", "Mc", "Me", "Mn", "Nd", "Nl", "No", "Pc", "Pd", "Pe", "Pf",
    "Pi", "Po", "Ps", "Sc", "Sk", "Sm", "So", "Zl", "Zp", "Zs",
];
const COUNT: u32 = 0x11_0000;

/// A text with which a pattern, in their syntax, has another answer than our table, if there is one. `None` if it is too large for them.
fn told_apart(table: &[u8], pattern: &str) -> Option<Option<Vec<u8>>> {
    let config = dense::Config::new()
        .match_kind(MatchKind::All)
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(16 << 20))
        .determinize_size_limit(Some(16 << 20));
    let theirs = dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().utf8(false))
        .thompson(thompson::Config::new().utf8(false))
        .build(pattern);
    let theirs = match theirs {
        Ok(theirs) => theirs,
        Err(error) if error.to_string().contains("limit") => return None,
        Err(error) => panic!("{pattern}: {error}"),
    };
    let classes = usize::from(u16::from_le_bytes([table[0], table[1]]));
    let ours = |state: u16, class: usize| {
        let at = ROWS + 2 * (usize::from(state) * classes + class);
        if state <= MATCHED { state } else { u16::from_le_bytes([table[at], table[at + 1]]) }
    };
    // All pairs of states that one text leads to. A dead state of theirs is none.
    let first = theirs.start_state(&start::Config::new().anchored(Anchored::No)).unwrap();
    let mut open = VecDeque::from([(START, Some(first), Vec::new())]);
    let mut seen: HashSet<(u16, Option<StateID>)> = HashSet::from([(START, Some(first))]);
    while let Some((state, other, text)) = open.pop_front() {
        for byte in (0..=255u8).map(Some).chain([None]) {
            let next = ours(state, byte.map_or(classes - 1, |byte| usize::from(table[2 + usize::from(byte)])));
            let text = text.iter().copied().chain(byte).collect();
            let other = other.map(|other| match byte {
                Some(byte) => theirs.next_state(other, byte),
                None => theirs.next_eoi_state(other),
            });
            if (next == MATCHED) != other.is_some_and(|other| theirs.is_match_state(other)) {
                return Some(Some(text));
            }
            let other = other.filter(|other| !theirs.is_dead_state(*other));
            let is_over = byte.is_none() || next == MATCHED || (next == DEAD && other.is_none());
            if !is_over && seen.insert((next, other)) {
                open.push_back((next, other, text));
            }
        }
    }
    Some(None)
}

/// Random patterns, in our syntax and in theirs.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn alternatives(&mut self, depth: usize) -> (String, String) {
        let mut both = self.sequence(depth);
        for _ in 0..self.below(3).saturating_sub(1) {
            let (ours, theirs) = self.sequence(depth);
            both = (format!("{}|{ours}", both.0), format!("{}|{theirs}", both.1));
        }
        both
    }

    fn sequence(&mut self, depth: usize) -> (String, String) {
        let mut both = (String::new(), String::new());
        for _ in 0..self.below(4) {
            let (ours, theirs) = self.part(depth);
            let repeated = if self.below(3) > 0 {
                ""
            } else {
                self.of(&["*", "+", "?", "*?", "{2}", "{2,}", "{0,3}", "{0}", "{1,2}?"])
            };
            both.0 += &format!("{ours}{repeated}");
            both.1 += &format!("{theirs}{repeated}");
        }
        both
    }

    fn part(&mut self, depth: usize) -> (String, String) {
        let same = |text: &str| (text.to_owned(), text.to_owned());
        match self.below(if depth == 0 { 8 } else { 11 }) {
            0..=2 => same(self.of(&[
                "a",
                "b",
                "k",
                "s",
                "K",
                "0",
                "é",
                "ß",
                "α",
                "Σ",
                "ı",
                "😀",
                "ǅ",
                "\\x{1e9e}",
                "\\n",
                " ",
            ])),
            3 => same(self.of(&["^", "$", ".", "\\A", "\\z"])),
            4 => self
                .of(&[
                    ("\\b", "(?-u:\\b)"),
                    ("\\B", "(?-u:\\B)"),
                    ("\\d", "[0-9]"),
                    ("\\w", "[0-9A-Za-z_]"),
                    ("\\W", "[^0-9A-Za-z_]"),
                ])
                .into_owned(),
            5 => self
                .of(&[("\\s", "[\\t\\n\\x0c\\r\\x20]"), ("\\S", "[^\\t\\n\\x0c\\r\\x20]"), ("\\D", "[^0-9]")])
                .into_owned(),
            6 => same(self.of(&[
                "[a-c]",
                "[^a]",
                "[k-s]",
                "[à-ÿ]",
                "[^α-ω]",
                "[[:alpha:]]",
                "[[:^word:]0]",
                "[\\x{800}-\\x{10001}]",
                "[K-é]",
            ])),
            7 => {
                let (ours, theirs) = self.of(&[
                    ("Greek", "sc=Greek"),
                    ("Thai", "sc=Thai"),
                    ("Zs", "Zs"),
                    ("Nl", "Nl"),
                    ("Lt", "Lt"),
                    ("Sc", "Sc"),
                    ("Z", "Z"),
                    ("Any", "Any"),
                ]);
                let letter = self.of(&["p", "p", "P"]);
                (format!("\\{letter}{{{ours}}}"), format!("\\{letter}{{{theirs}}}"))
            }
            _ => {
                let (ours, theirs) = self.alternatives(depth - 1);
                let open = self.of(&["(", "(?:", "(?i:", "(?s:", "(?m:", "(?i-m:", "(?m)(", "(?i)(", "(?s-i)("]);
                (format!("{open}{ours})"), format!("{open}{theirs})"))
            }
        }
    }
}

/// A pair of literals, as texts.
trait Owned {
    fn into_owned(self) -> (String, String);
}

impl Owned for (&str, &str) {
    fn into_owned(self) -> (String, String) {
        (self.0.to_owned(), self.1.to_owned())
    }
}

#[test]
fn random_patterns_match_what_theirs_match() {
    let mut chance = Chance(20_261_130);
    let (mut compared, mut large) = (0, 0);
    for _ in 0..400 {
        let (ours, theirs) = chance.alternatives(3);
        match compile(&ours) {
            Ok(table) => match told_apart(&table, &theirs) {
                Some(text) => {
                    assert_eq!(text, None, "{ours}");
                    compared += 1;
                }
                None => large += 1,
            },
            Err(Fault::TooLarge) => large += 1,
            Err(fault) => panic!("{ours}: {fault:?}"),
        }
    }
    assert!(compared > 350, "{compared} compared, {large} too large");
}

#[test]
fn classes_of_unicode_are_theirs() {
    let bytes = fs::read(UNICODE).unwrap();
    let names = String::from_utf8(bytes.split(|byte| *byte == 0).next().unwrap().to_vec()).unwrap();
    let mut compared = 0;
    for (ours, theirs) in CATEGORIES
        .iter()
        .filter(|name| **name != "Cs")
        .map(|name| ((*name).to_owned(), (*name).to_owned()))
        .chain(names.lines().map(|name| (name.to_owned(), format!("sc={name}"))))
    {
        for [before, behind] in [["^\\p{", "}$"], ["(?i)\\P{", "}"], ["(?i)^[^\\P{", "}]$"]] {
            if let Ok(table) = compile(&format!("{before}{ours}{behind}")) {
                assert_eq!(told_apart(&table, &format!("{before}{theirs}{behind}")), Some(None), "{ours}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500, "{compared}");
}

/// The file of Unicode has what the crate `regex-syntax` has.
#[test]
fn unicode_is_as_written() {
    let bytes = fs::read(UNICODE).unwrap();
    let names = bytes.split(|byte| *byte == 0).next().unwrap().to_vec();
    let list = String::from_utf8(names.clone()).unwrap();
    let written = [
        names,
        vec![0],
        runs(CATEGORIES),
        runs(&list.lines().map(|name| format!("sc={name}")).collect::<Vec<_>>()),
        cases(),
    ]
    .concat();
    if std::env::var_os("WAFT_WRITE").is_some() {
        fs::write(UNICODE, &written).unwrap();
    }
    assert!(fs::read(UNICODE).unwrap() == written, "WAFT_WRITE=1 cargo test -p waft-ruleset --test pattern_oracle");
}

/// For all characters in order, runs of one class: its number, or that behind all classes, and how many.
fn runs(classes: &[impl AsRef<str>]) -> Vec<u8> {
    let mut of = vec![classes.len() as u8; COUNT as usize];
    for (number, class) in (0u8..).zip(classes) {
        let ranges = match class.as_ref() {
            "Cs" => vec![(0xd800, 0xdfff)],
            name => ranges(&format!("\\p{{{name}}}")),
        };
        for (low, high) in ranges {
            for of in &mut of[low as usize..=high as usize] {
                assert_eq!(usize::from(*of), classes.len(), "{low:x} is in two classes");
                *of = number;
            }
        }
    }
    let mut bytes = Vec::new();
    for run in of.chunk_by(|one, other| one == other) {
        bytes.push(run[0]);
        number(run.len() as u32, &mut bytes);
    }
    bytes
}

fn ranges(class: &str) -> Vec<(u32, u32)> {
    let parsed = regex_syntax::parse(class).unwrap();
    match parsed.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        // One character alone.
        HirKind::Literal(one) => {
            let one = str::from_utf8(&one.0).unwrap().chars().next().unwrap();
            vec![(one.into(), one.into())]
        }
        other => panic!("{class}: {other:?}"),
    }
}

/// Characters that are others in another case, as runs: how far each begins behind the begin of the one before, how many, how far apart, and how far each
/// is behind the least that is the same.
fn cases() -> Vec<u8> {
    let others = |character: char| {
        let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
        class.case_fold_simple();
        class.iter().next().unwrap().start()
    };
    let mut open: Vec<(u32, u32)> = Vec::new();
    for character in (0..COUNT).filter_map(char::from_u32) {
        let least = others(character);
        if least != character {
            open.push((character.into(), u32::from(character) - u32::from(least)));
        }
    }
    let (mut bytes, mut before, mut at) = (Vec::new(), 0, 0);
    while at < open.len() {
        let (from, distance) = open[at];
        let step = open.get(at + 1).map_or(1, |(next, _)| next - from);
        let count = (0..).zip(&open[at..]).take_while(|(place, one)| **one == (from + place * step, distance)).count();
        for value in [from - before, count as u32, step, distance] {
            number(value, &mut bytes);
        }
        before = from;
        at += count;
    }
    bytes
}

fn number(mut value: u32, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
