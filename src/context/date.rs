//! Instants in RFC 3339, as attributes carry them.

/// Milliseconds since 1970 of an RFC 3339 date, or date and time with an offset.
///
/// `2026-11-01` is its first instant in UTC; seconds may be left out (`2026-11-01T08:00Z`); digits of a fraction past
/// the third are read and dropped. A leap second (`:60`) is refused, as JavaScript's `Date` does.
pub fn parse(text: &[u8]) -> Option<i64> {
    let mut at = Cursor(text);
    let year = at.number(4)?;
    at.expect(b'-')?;
    let month = at.number(2)?;
    at.expect(b'-')?;
    let day = at.number(2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let midnight = i64::from(days_before(year, month, day)) * 86_400_000;
    if at.0.is_empty() {
        return Some(midnight);
    }
    if !matches!(at.next()?, b'T' | b't' | b' ') {
        return None;
    }
    let hour = at.number(2)?;
    at.expect(b':')?;
    let minute = at.number(2)?;
    let mut second = 0;
    let mut milli = 0;
    if at.skip(b':') {
        second = at.number(2)?;
        if at.skip(b'.') {
            milli = at.fraction()?;
        }
    }
    let offset = match at.next()? {
        b'Z' | b'z' => 0,
        sign @ (b'+' | b'-') => {
            let hours = at.number(2)?;
            at.expect(b':')?;
            let minutes = at.number(2)?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 60 + minutes;
            if sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };
    if hour > 23 || minute > 59 || second > 59 || !at.0.is_empty() {
        return None;
    }
    Some(midnight + i64::from(((hour * 60 + minute - offset) * 60 + second) * 1_000 + milli))
}

struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if *first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn digit(&mut self) -> Option<i32> {
        let byte = self.next()?;
        byte.is_ascii_digit().then(|| i32::from(byte - b'0'))
    }

    fn number(&mut self, digits: usize) -> Option<i32> {
        (0..digits).try_fold(0, |value, _| Some(value * 10 + self.digit()?))
    }

    fn fraction(&mut self) -> Option<i32> {
        let mut milli = self.digit()? * 100;
        let mut weight = 10;
        while self.0.first().is_some_and(u8::is_ascii_digit) {
            milli += self.digit()? * weight;
            weight /= 10;
        }
        Some(milli)
    }
}

fn days_in(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar, counting years from March so that the leap day
/// is the last of its year.
fn days_before(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}
