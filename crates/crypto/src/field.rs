//! The field of the curve: integers modulo p = 2^255 - 19.

use core::array;

/// An element: ten signed limbs, in turn of 26 and 25 bits, the lowest first. Limb i weighs 2^ceil(25.5 i).
///
/// 32-bit limbs in 64-bit multiplications, because WebAssembly has no wider ones: limbs of 51 bits go through a function
/// call for each of 25 products.
///
/// # Why nothing overflows
///
/// An element is of *size* n if its even limbs are at most n 2^26 in absolute value, and its odd ones n (2^25 + 2^12).
/// [`Field::plus`] and [`Field::minus`] do not carry: sizes add up. [`Field::times`] takes two factors whose sizes multiply to at most
/// 16, and returns one of size 1:
///
/// 1. All coefficients of its ten sums are positive, so no sum is larger in absolute value than where all limbs are as large as they
///    may be. Two even limbs then multiply to 2^52, an even and an odd one to 2^51, two odd ones to 2^50, each times 16 and at most
///    (1 + 2^-13)^2 for the odd ones' 2^12. Below, u = 2^52.
/// 2. The largest of the ten sums is that of limb 0: a0 b0 is 1 u, four products of even limbs are 19 u each, five of odd limbs 2 times
///    19 u / 4 each: 124.5 u. Times 16 and (1 + 2^-13)^2 it is below 1,993 u, and 2^63 is 2,048 u. Any part of a sum is no larger, for
///    the same reason. The other sums have less that passes 2^255: those of limbs 1 to 9 are below 78, 98, 60, 71, 42, 44, 24, 17 and
///    6 u.
/// 3. A carry is a limb divided by 2^25 or more: below 2^38. It fits beside 1,993 u into the next limb.
/// 4. The carry out of limb 9 is 16 times 5 u, and a carry, by 2^25: below 80.1 * 2^27. Limb 0 is below 2^26 by then, takes 19 times as
///    much, and carries less than 19 * 80.1 * 2^27 / 2^26 + 2, which is 3,046, in absolute value.
/// 5. Carried limbs are from 0 to 2^26 or 2^25, the upper bound excluded, and limb 1 takes less than 2^12 more, or less: size 1.
///
/// `point.rs` says at each of its sums which size it has; the largest product of sizes is 8. The tests multiply elements of all
/// largest limbs, of sizes 4 and 4, 2 and 8, and 1 and 16, with checks for overflow: by 1., no other factors come closer.
#[derive(Clone, Copy)]
pub(crate) struct Field([i64; 10]);

/// The bits of a limb.
const fn width(limb: usize) -> usize {
    26 - (limb & 1)
}

/// The lowest bit of a limb.
const fn position(limb: usize) -> usize {
    (51 * limb).div_ceil(2)
}

impl Field {
    pub(crate) const ZERO: Field = Field([0; 10]);
    pub(crate) const ONE: Field = Field([1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

    /// The lowest 255 bits of 32 bytes, little endian.
    pub(crate) const fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 10];
        let mut bit = 0;
        let mut limb = 0;
        while bit < 255 {
            if limb < 9 && bit == position(limb + 1) {
                limb += 1;
            }
            limbs[limb] |= ((bytes[bit / 8] >> (bit % 8) & 1) as i64) << (bit - position(limb));
            bit += 1;
        }
        Field(limbs)
    }

    /// The bytes of the one number below p that this is.
    #[inline(never)]
    pub(crate) fn to_bytes(self) -> [u8; 32] {
        // Multiplied by one, because that carries, and is there. Each time, a number v = c 2^255 + r with r from 0 to 2^255 becomes
        // r + 19 c. Of size 16, c is from -17 to 16: the first leaves a number from -323 to 2^255 + 304, and the second, with a c of
        // -1, 0 or 1, one from 0 to 2^255: a number below 0 becomes one near 2^255, one of 2^255 or more a small one. The third has
        // a c of 0, so that all limbs are as a carry leaves them, which only one element of a number is.
        let own = (0..3).fold(self, |own, _| own.times(&Field::ONE));
        // A number of p or more passes 2^255 when 19 is added, and without that bit is less by p.
        let mut more = own;
        more.0[0] += 19;
        let passed = more.carry_up();
        let Field(limbs) = if passed == 0 { own } else { more };
        let mut bytes = [0; 32];
        // Bit by bit, because loops over a limb's bytes are written out for each limb.
        let mut limb = 0;
        for bit in 0..255 {
            if limb < 9 && bit == position(limb + 1) {
                limb += 1;
            }
            bytes[bit / 8] |= ((limbs[limb] >> (bit - position(limb)) & 1) as u8) << (bit % 8);
        }
        bytes
    }

    /// Carries each limb's excess into the next, so that each is from 0 to its width's end. Returns what passes 2^255.
    #[inline(always)]
    fn carry_up(&mut self) -> i64 {
        let mut carry = 0;
        for (limb, value) in self.0.iter_mut().enumerate() {
            *value += carry;
            carry = *value >> width(limb);
            *value -= carry << width(limb);
        }
        carry
    }

    /// Carries, and takes what passes 2^255 as 19 times as much: 2^255 is 19 modulo p.
    #[inline(always)]
    fn carry(&mut self) {
        self.0[0] += 19 * self.carry_up();
        let carry = self.0[0] >> 26;
        self.0[0] -= carry << 26;
        self.0[1] += carry;
    }

    #[inline(never)]
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Field(array::from_fn(|limb| self.0[limb] + other.0[limb]))
    }

    #[inline(never)]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        Field(array::from_fn(|limb| self.0[limb] - other.0[limb]))
    }

    /// Even and odd limbs by themselves: V8 counts the code that each function runs, and past some 13 MB it compiles the function anew beside a page that
    /// waits for its first flag. Two signatures are 7,000 products, and neither half is so much code. See docs/performance.md.
    #[inline(never)]
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Field([0; 10]);
        let (even, odd) = (self.even_limbs(other), self.odd_limbs(other));
        for ((to, even), odd) in product.0.as_chunks_mut().0.iter_mut().zip(even).zip(odd) {
            *to = [even, odd];
        }
        product.carry();
        product
    }

    /// The even limbs of a product, before anything is carried. Written out, because every loop around it is as long as the curve's 3,000
    /// multiplications; 100 of the machine's in straight lines also suit a browser's first, quick compiler.
    #[inline(never)]
    #[rustfmt::skip]
    fn even_limbs(&self, other: &Self) -> [i64; 5] {
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9] = self.0;
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9] = other.0;
        // Two odd limbs together weigh twice what the limb of their sum does; what passes 2^255 comes back times 19.
        let [d1, d3, d5, d7, d9] = [a1, a3, a5, a7, a9].map(|limb| 2 * limb);
        let [n1, n2, n3, n4, n5, n6, n7, n8, n9] = [b1, b2, b3, b4, b5, b6, b7, b8, b9].map(|limb| 19 * limb);
        [
            a0 * b0 + d1 * n9 + a2 * n8 + d3 * n7 + a4 * n6 + d5 * n5 + a6 * n4 + d7 * n3 + a8 * n2 + d9 * n1,
            a0 * b2 + d1 * b1 + a2 * b0 + d3 * n9 + a4 * n8 + d5 * n7 + a6 * n6 + d7 * n5 + a8 * n4 + d9 * n3,
            a0 * b4 + d1 * b3 + a2 * b2 + d3 * b1 + a4 * b0 + d5 * n9 + a6 * n8 + d7 * n7 + a8 * n6 + d9 * n5,
            a0 * b6 + d1 * b5 + a2 * b4 + d3 * b3 + a4 * b2 + d5 * b1 + a6 * b0 + d7 * n9 + a8 * n8 + d9 * n7,
            a0 * b8 + d1 * b7 + a2 * b6 + d3 * b5 + a4 * b4 + d5 * b3 + a6 * b2 + d7 * b1 + a8 * b0 + d9 * n9,
        ]
    }

    /// The odd limbs: see [`Self::even_limbs`].
    #[inline(never)]
    #[rustfmt::skip]
    fn odd_limbs(&self, other: &Self) -> [i64; 5] {
        let [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9] = self.0;
        let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9] = other.0;
        let [n2, n3, n4, n5, n6, n7, n8, n9] = [b2, b3, b4, b5, b6, b7, b8, b9].map(|limb| 19 * limb);
        [
            a0 * b1 + a1 * b0 + a2 * n9 + a3 * n8 + a4 * n7 + a5 * n6 + a6 * n5 + a7 * n4 + a8 * n3 + a9 * n2,
            a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + a4 * n9 + a5 * n8 + a6 * n7 + a7 * n6 + a8 * n5 + a9 * n4,
            a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + a6 * n9 + a7 * n8 + a8 * n7 + a9 * n6,
            a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + a8 * n9 + a9 * n8,
            a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0,
        ]
    }

    /// To the power of 2^times, by squaring `times` times.
    #[inline(never)]
    pub(crate) fn squared(&self, times: u8) -> Self {
        (0..times).fold(*self, |power, _| power.times(&power))
    }

    /// To the powers of 2^250 - 1 and of 11: what [`Self::inverse`] and [`Self::root_power`] have in common.
    fn powers(&self) -> (Self, Self) {
        let two = self.squared(1);
        let nine = self.times(&two.squared(2));
        let eleven = nine.times(&two);
        let ones5 = nine.times(&eleven.squared(1));
        let ones10 = ones5.squared(5).times(&ones5);
        let ones20 = ones10.squared(10).times(&ones10);
        let ones40 = ones20.squared(20).times(&ones20);
        let ones50 = ones40.squared(10).times(&ones10);
        let ones100 = ones50.squared(50).times(&ones50);
        let ones200 = ones100.squared(100).times(&ones100);
        (ones200.squared(50).times(&ones50), eleven)
    }

    /// The element whose product with this one is 1, or 0 for 0: to the power of p - 2 = 2^255 - 21.
    pub(crate) fn inverse(&self) -> Self {
        let (ones250, eleven) = self.powers();
        ones250.squared(5).times(&eleven)
    }

    /// To the power of (p - 5) / 8 = 2^252 - 3, for square roots.
    pub(crate) fn root_power(&self) -> Self {
        self.powers().0.squared(2).times(self)
    }

    pub(crate) fn is_zero(self) -> bool {
        self.to_bytes() == [0; 32]
    }

    /// The sign of RFC 8032: whether the number below p is odd.
    pub(crate) fn is_odd(self) -> bool {
        self.to_bytes()[0] & 1 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The element of a size with the largest limbs.
    fn largest(size: i64) -> Field {
        Field(array::from_fn(|limb| size * if limb % 2 == 0 { 1 << 26 } else { (1 << 25) + (1 << 12) }))
    }

    /// Tests check for overflow.
    #[test]
    fn largest_limbs_do_not_overflow_and_give_size_1() {
        for (a, b) in [(4, 4), (2, 8), (8, 2), (1, 16), (16, 1)] {
            for (a, b) in [(a, b), (-a, b), (a, -b), (-a, -b)] {
                let product = largest(a).times(&largest(b));
                let one = largest(1);
                assert!(product.0.iter().zip(one.0).all(|(limb, most)| limb.abs() <= most), "{a} {b}: {:?}", product.0);
            }
        }
    }

    #[test]
    fn every_size_has_bytes() {
        // The number of `largest(1)`: the sum of its limbs times their weights, modulo p.
        let one = largest(1).to_bytes();
        for size in 1..=16 {
            let sum = (1..size).fold(Field::from_bytes(&one), |sum, _| sum.plus(&Field::from_bytes(&one)));
            assert_eq!(largest(size).to_bytes(), sum.to_bytes(), "{size}");
            assert_eq!(largest(-size).to_bytes(), Field::ZERO.minus(&sum).to_bytes(), "-{size}");
        }
    }
}
