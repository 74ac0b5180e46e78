//! Decimal texts become the doubles that the standard library makes of them.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use waft_ruleset::double::parse;

#[track_caller]
fn same(text: &str) {
    let (own, wanted) = (parse(text), text.parse::<f64>().ok());
    assert_eq!(own.map(f64::to_bits), wanted.map(f64::to_bits), "{text}: {own:?}, expected {wanted:?}");
}

struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }
}

#[test]
fn what_the_library_reads_is_read_alike() {
    for text in [
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "1e-",
        ".e1",
        "1.",
        ".5",
        "-.5",
        "+.5e1",
        "1_0",
        "0x10",
        " 1",
        "1 ",
        "--1",
        "+-1",
        "1e5e5",
        "1.2.3",
        "inf",
        "-inf",
        "INF",
        "Infinity",
        "-iNfInItY",
        "infinit",
        "nan",
        "-NaN",
        "+nan",
        "0",
        "-0",
        "0e999999999999999999999",
        "1e999999999999999999999",
        "1e-999999999999999999999",
        "00000.00000",
        "9007199254740993",
        "9007199254740992.9999999999999999",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "179769313486231580793728971405301199999999999999999e259",
        "4.9406564584124654e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "123456789012345678901234567890e-30",
        "8.5e22",
        "1e23",
        "1e22",
        "1e-22",
        "999999999999999e22",
        "é",
    ] {
        same(text);
    }
}

#[test]
fn doubles_as_they_are_written_and_those_half_between_two() {
    let mut noise = Noise(1);
    for _ in 0..10_000 {
        let double = f64::from_bits(noise.next() >> 1);
        if !double.is_finite() {
            continue;
        }
        same(&format!("{double}"));
        same(&format!("{double:e}"));
        same(&format!("-{double:.17e}"));
        same(&format!("{double:.2}"));
    }
    // The exact middle of two neighbours, and a digit beside it.
    for _ in 0..500 {
        let bits = (noise.below(2_046) << 52) | noise.below(1 << 52);
        let (low, high) = (f64::from_bits(bits), f64::from_bits(bits + 1));
        let (low, high) = (format!("{low:.1080e}"), format!("{high:.1080e}"));
        for text in [&low, &high] {
            same(text);
        }
        let middle = middle(&low, &high);
        for text in [middle.clone(), middle.replacen('e', "1e", 1), middle.replacen('e', "0000000001e", 1)] {
            same(&text);
        }
    }
}

/// Half of the sum of two decimals with the same number of decimals.
fn middle(low: &str, high: &str) -> String {
    let parts = |text: &str| {
        let (digits, exponent) = text.split_once('e').unwrap();
        (digits.replace('.', ""), exponent.parse::<i64>().unwrap())
    };
    let ((low, exponent), (mut high, other)) = (parts(low), parts(high));
    let mut low = low;
    if other > exponent {
        high.push('0');
        low.insert(0, '0');
    }
    let mut sum = Vec::new();
    let mut carry = 0;
    for (one, other) in low.bytes().rev().zip(high.bytes().rev()) {
        let digit = one - b'0' + other - b'0' + carry;
        sum.push(digit % 10);
        carry = digit / 10;
    }
    sum.push(carry);
    let (mut half, mut rest) = (String::new(), 0);
    for digit in sum.iter().rev() {
        let number = 10 * rest + digit;
        half.push((b'0' + number / 2) as char);
        rest = number % 2;
    }
    half.push(if rest == 1 { '5' } else { '0' });
    let decimals = 1_080 + i64::from(other > exponent) + 1;
    format!("{half}e{}", other.max(exponent) - decimals)
}

#[test]
fn digits_at_random() {
    let mut noise = Noise(2);
    for _ in 0..30_000 {
        let (whole, fraction) = (noise.below(22), noise.below(22));
        let mut digits = |count: u64| (0..count).map(|_| (b'0' + noise.below(10) as u8) as char).collect::<String>();
        let (whole, fraction) = (digits(whole), digits(fraction));
        let exponent = noise.below(700) as i64 - 350;
        match noise.below(3) {
            0 => same(&format!("{whole}.{fraction}")),
            1 => same(&format!("{whole}.{fraction}e{exponent}")),
            _ => same(&format!("{whole}{fraction}E{}", exponent / 10)),
        }
    }
}
