//! The double that is nearest to a decimal text, as the standard library finds it. Its tables alone are 10 kB of a page that nothing makes smaller.

use std::cmp::Ordering;

/// Beyond so many digits no text is half between two doubles: what follows only says that it is more.
const DIGITS: usize = 800;

/// Reads what `str::parse` reads: digits with a sign, a point and an exponent; `inf`, `infinity` and `nan` in any case.
pub fn parse(text: &str) -> Option<f64> {
    let size = text.strip_prefix(['-', '+']).unwrap_or(text);
    let double = decimal(size).or_else(|| match size.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => Some(f64::INFINITY),
        "nan" => Some(f64::NAN),
        _ => None,
    })?;
    Some(if text.starts_with('-') { -double } else { double })
}

fn decimal(text: &str) -> Option<f64> {
    let (written, exponent) = match text.split_once(['e', 'E']) {
        Some((written, exponent)) => (written, integer(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = written.split_once('.').unwrap_or((written, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    let zeros = (digits.len() - significant.len()) as i64;
    Some(nearest(significant.as_bytes(), exponent.saturating_add(zeros).saturating_sub(fraction.len() as i64)))
}

/// An exponent; of one that is too long, one that is as good.
fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.bytes().fold(0i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    Some(if text.starts_with('-') { -size } else { size })
}

/// Of digits, the first and the last of which are not 0, times a power of ten.
fn nearest(digits: &[u8], exponent: i64) -> f64 {
    let magnitude = exponent.saturating_add(digits.len() as i64);
    match magnitude {
        _ if digits.is_empty() => return 0.0,
        ..-330 => return 0.0,
        311.. => return f64::INFINITY,
        _ => {}
    }
    // Both are exact, and so there is one rounding.
    if digits.len() <= 15 && exponent.unsigned_abs() <= 22 {
        let number = digits.iter().fold(0, |number, digit| 10 * number + u64::from(digit - b'0')) as f64;
        let power = (0..exponent.unsigned_abs()).fold(1.0, |power, _| 10.0 * power);
        return if exponent < 0 { number / power } else { number * power };
    }
    if digits.len() <= 19 && exponent.unsigned_abs() <= 27 {
        return scaled(digits.iter().fold(0, |number, digit| 10 * number + u64::from(digit - b'0')), exponent);
    }
    let kept = digits.get(..DIGITS).unwrap_or(digits);
    let mut number = Big::default();
    kept.iter().for_each(|digit| number.times(10, u32::from(digit - b'0')));
    if kept.len() < digits.len() {
        number.times(10, 1);
    }
    let power = magnitude - kept.len() as i64 - i64::from(kept.len() < digits.len());
    let mut divisor = Big(vec![1]);
    let scaled = if power < 0 { &mut divisor } else { &mut number };
    (0..power.unsigned_abs()).for_each(|_| scaled.times(10, 0));
    divided(number, divisor)
}

/// The double that is nearest to a number times a power of ten, whose power of five has 64 bits.
fn scaled(number: u64, exponent: i64) -> f64 {
    let five = u128::from(5u64.pow(exponent.unsigned_abs() as u32));
    if exponent >= 0 {
        return rounded(u128::from(number) * five, false, exponent);
    }
    let up = number.leading_zeros();
    let wide = u128::from(number << up) << 63;
    rounded(wide / five, wide % five > 0, exponent - 63 - i64::from(up))
}

/// The double that is nearest to a fraction.
fn divided(mut number: Big, mut divisor: Big) -> f64 {
    // So that the quotient has 63 or 64 bits.
    let shift = 63 - (number.bits() - divisor.bits());
    if shift < 0 {
        divisor.shift(shift.unsigned_abs());
    } else {
        number.shift(shift.unsigned_abs());
    }
    divisor.shift(63);
    let mut quotient = 0u64;
    for _ in 0..64 {
        let fits = number.compare(&divisor) != Ordering::Less;
        if fits {
            number.less(&divisor);
        }
        quotient = quotient << 1 | u64::from(fits);
        number.shift(1);
    }
    rounded(quotient.into(), number.bits() > 0, -shift)
}

/// The double that is nearest to a number of at most 127 bits times a power of two. `is_more` says that a bit less than one is left.
fn rounded(number: u128, is_more: bool, scale: i64) -> f64 {
    // At least as many bits as are rounded away, and one behind them for whatever is left.
    let up = number.leading_zeros().saturating_sub(64);
    let (number, scale) = (number << up << 1 | u128::from(is_more), scale - i64::from(up));
    let width = i64::from(127 - number.leading_zeros());
    let exponent = width - 1 + scale;
    // Those below the smallest normal one have fewer bits.
    let precision = 53.min(exponent + 1_075);
    if precision < 0 {
        return 0.0;
    }
    let dropped = width - precision;
    let (mantissa, rest) = ((number >> dropped >> 1) as u64, number & ((2 << dropped) - 1));
    let half = 1u128 << dropped;
    let mantissa = mantissa + u64::from(rest > half || rest == half && mantissa % 2 == 1);
    // The mantissa's highest bit counts up the exponent, also where rounding makes it one longer.
    let exponent = (exponent + 1_022).max(0) as u64;
    if exponent > 2_045 { f64::INFINITY } else { f64::from_bits((exponent << 52) + mantissa) }
}

/// A natural number: 32 bits each, the lowest first, the highest not 0.
#[derive(Default)]
struct Big(Vec<u32>);

impl Big {
    fn bits(&self) -> i64 {
        self.0.last().map_or(0, |last| 32 * self.0.len() as i64 - i64::from(last.leading_zeros()))
    }

    fn times(&mut self, factor: u32, plus: u32) {
        let mut carry = u64::from(plus);
        for part in &mut self.0 {
            carry += u64::from(*part) * u64::from(factor);
            *part = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn shift(&mut self, bits: u64) {
        if !self.0.is_empty() {
            self.times(1 << (bits % 32), 0);
            self.0.splice(..0, std::iter::repeat_n(0, (bits / 32) as usize));
        }
    }

    fn compare(&self, other: &Big) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Subtracts one that is not larger.
    fn less(&mut self, other: &Big) {
        let mut borrow = false;
        for (at, part) in self.0.iter_mut().enumerate() {
            let (first, under) = part.overflowing_sub(other.0.get(at).copied().unwrap_or(0));
            let (second, over) = first.overflowing_sub(u32::from(borrow));
            (*part, borrow) = (second, under | over);
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}
