//! Numbers modulo the order of the base point, L = 2^252 + 27742317777372353535851937790883648493.

/// L in four words, the lowest first.
const ORDER: [u64; 4] = [0x5812_631a_5cf5_d3ed, 0x14de_f9de_a2f7_9cd6, 0, 0x1000_0000_0000_0000];

/// `number - L`, or `None` if it is smaller.
fn less_order(number: &[u64; 4]) -> Option<[u64; 4]> {
    let mut less = [0; 4];
    let mut borrow = false;
    for (to, (number, order)) in less.iter_mut().zip(number.iter().zip(ORDER)) {
        let (difference, first) = number.overflowing_sub(order);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        (*to, borrow) = (difference, first | second);
    }
    (!borrow).then_some(less)
}

fn words(bytes: &[u8; 32]) -> [u64; 4] {
    let mut words = [0; 4];
    for (bit, byte) in (0..).step_by(8).zip(bytes) {
        words[bit / 64] |= u64::from(*byte) << (bit % 64);
    }
    words
}

/// A scalar as its bytes have it, little endian; `None` if it is not below L.
pub(crate) fn canonical(bytes: &[u8; 32]) -> Option<[u64; 4]> {
    let number = words(bytes);
    less_order(&number).is_none().then_some(number)
}

/// 512 bits modulo L, bit by bit from the highest: 2r + 1 is below 2^254, so that nothing is lost.
pub(crate) fn reduced(bytes: &[u8; 64]) -> [u64; 4] {
    let mut number = [0u64; 4];
    for bit in (0..512).rev() {
        let mut carry = u64::from(bytes[bit / 8] >> (bit % 8) & 1);
        for word in &mut number {
            (*word, carry) = (*word << 1 | carry, *word >> 63);
        }
        number = less_order(&number).unwrap_or(number);
    }
    number
}

/// A number as signed digits that are 0 or odd and below 16 in size: the sum of digit i times 2^i. Of five digits in a row
/// one is not 0 at most.
pub(crate) fn digits(number: &[u64; 4]) -> [i8; 256] {
    let mut digits = [0; 256];
    let (mut at, mut carry) = (0, 0);
    while at < 256 {
        let (word, shift) = (at / 64, at % 64);
        let above = number.get(word + 1).map_or(0, |above| above << 1 << (63 - shift));
        let window = carry + ((number[word] >> shift | above) & 31) as i8;
        if window & 1 == 0 {
            at += 1;
            continue;
        }
        carry = i8::from(window > 16);
        digits[at] = window - 32 * carry;
        at += 5;
    }
    digits
}
