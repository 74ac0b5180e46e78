//! Integers as decimal digits, without the formatting machinery (6-11 kB brotli in the engine).

/// Writes an integer to the end of a buffer and answers the part that was written.
pub fn write(integer: i64, digits: &mut [u8; 20]) -> &[u8] {
    let mut rest = integer.unsigned_abs();
    let mut start = digits.len();
    let mut put = |byte: u8| {
        start -= 1;
        if let Some(digit) = digits.get_mut(start) {
            *digit = byte;
        }
    };
    loop {
        put(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if integer < 0 {
        put(b'-');
    }
    digits.get(start..).unwrap_or(&[])
}
