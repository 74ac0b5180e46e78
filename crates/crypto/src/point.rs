//! The curve -x^2 + y^2 = 1 + d x^2 y^2, in the extended coordinates of Hisil, Wong, Carter and Dawson
//! (<https://eprint.iacr.org/2008/522>): x = X / Z, y = Y / Z, x y = T / Z.
//!
//! Coordinates of a point are of size 1 (see [`Field`]): products, constants, or one of these negated. The sizes of sums are said where
//! they are made.

use crate::field::Field;
use crate::scalar;

/// -121665 / 121666.
const D: Field = Field::from_bytes(&[
    0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00, 0x98, 0xe8, 0x79,
    0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
]);
/// A square root of -1: 2^((p - 1) / 4).
const ROOT: Field = Field::from_bytes(&[
    0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f, 0xa7, 0xd7, 0xfb,
    0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
]);
/// The base point: y = 4 / 5, and the even x that belongs to it.
const BASE_X: Field = Field::from_bytes(&[
    0x1a, 0xd5, 0x25, 0x8f, 0x60, 0x2d, 0x56, 0xc9, 0xb2, 0xa7, 0x25, 0x95, 0x60, 0xc7, 0x2c, 0x69, 0x5c, 0xdc, 0xd6,
    0xfd, 0x31, 0xe2, 0xa4, 0xc0, 0xfe, 0x53, 0x6e, 0xcd, 0xd3, 0x36, 0x69, 0x21,
]);
const BASE_Y: Field = Field::from_bytes(&BASE);
/// The base point, as it is encoded.
pub const BASE: [u8; 32] = {
    let mut bytes = [0x66; 32];
    bytes[0] = 0x58;
    bytes
};

#[derive(Clone, Copy)]
pub(crate) struct Point {
    x: Field,
    y: Field,
    z: Field,
    t: Field,
}

/// What comes next for a point: only an addition needs its `t`, which is 0 otherwise.
#[derive(Clone, Copy)]
enum Next {
    Double,
    Add,
}

/// A point as a summand: y + x, y - x, 2 z, 2 d t.
#[derive(Clone, Copy)]
struct Summand([Field; 4]);

impl Point {
    const ZERO: Point = Point { x: Field::ZERO, y: Field::ONE, z: Field::ONE, t: Field::ZERO };

    /// The base point.
    pub(crate) fn base() -> Self {
        Point { x: BASE_X, y: BASE_Y, z: Field::ONE, t: BASE_X.times(&BASE_Y) }
    }

    /// Decodes a point (RFC 8032, section 5.1.3). `None` if none is encoded so, also if y is not below p.
    pub(crate) fn decode(bytes: &[u8; 32]) -> Option<Self> {
        let odd = bytes[31] >> 7 != 0;
        let y = Field::from_bytes(bytes);
        let mut again = y.to_bytes();
        again[31] |= u8::from(odd) << 7;
        if again != *bytes {
            return None;
        }
        // Sizes: u and v 2, uv 1, x 1, check 1, and 3 with u.
        // x^2 = u / v; the root is u v^3 (u v^7)^((p - 5) / 8), times the root of -1 where that gives -u / v.
        let square = y.times(&y);
        let (u, v) = (square.minus(&Field::ONE), square.times(&D).plus(&Field::ONE));
        let uv = u.times(&v);
        let mut x = uv.times(&uv.times(&v.squared(1)).times(&v.squared(2)).root_power()).times(&v.squared(1));
        let check = x.times(&x).times(&v);
        if !check.minus(&u).is_zero() {
            if !check.plus(&u).is_zero() {
                return None;
            }
            x = x.times(&ROOT);
        }
        if x.is_odd() != odd {
            if x.is_zero() {
                return None;
            }
            x = Field::ZERO.minus(&x);
        }
        Some(Point { x, y, z: Field::ONE, t: x.times(&y) })
    }

    /// Encodes the point (RFC 8032, section 5.1.2).
    pub(crate) fn encode(&self) -> [u8; 32] {
        let inverse = self.z.inverse();
        let mut bytes = self.y.times(&inverse).to_bytes();
        bytes[31] |= u8::from(self.x.times(&inverse).is_odd()) << 7;
        bytes
    }

    pub(crate) fn negated(&self) -> Self {
        Point { x: Field::ZERO.minus(&self.x), t: Field::ZERO.minus(&self.t), ..*self }
    }

    /// Whether eight times the point is the neutral element: only then is x 0 for four times the point.
    pub(crate) fn has_small_order(&self) -> bool {
        self.doubled(Next::Double).doubled(Next::Double).x.is_zero()
    }

    /// Twice the point (section 3.3, with a = -1).
    #[inline(never)]
    fn doubled(&self, next: Next) -> Self {
        let (xx, yy, zz) = (self.x.times(&self.x), self.y.times(&self.y), self.z.times(&self.z));
        let xy = self.x.times(&self.y);
        let (e, g) = (xy.plus(&xy), yy.minus(&xx));
        // Sizes: e 2, f 4, g 2, h 2.
        Point::from_quotients(&e, &g.minus(&zz.plus(&zz)), &g, &Field::ZERO.minus(&xx).minus(&yy), next)
    }

    /// The sum (section 3.1, with a = -1).
    #[inline(never)]
    fn plus(&self, Summand([plus, minus, z2, t2d]): &Summand) -> Self {
        // Sizes: 2 times 2, and 1 times 2.
        let (a, b) = (self.y.minus(&self.x).times(minus), self.y.plus(&self.x).times(plus));
        let (c, d) = (self.t.times(t2d), self.z.times(z2));
        // All of size 2.
        Point::from_quotients(&b.minus(&a), &d.minus(&c), &d.plus(&c), &b.plus(&a), Next::Add)
    }

    /// The point of x = e / g and y = h / f, in the paper's letters: over both denominators, and with t, both numerators, for an addition.
    #[inline(never)]
    fn from_quotients(e: &Field, f: &Field, g: &Field, h: &Field, next: Next) -> Self {
        let for_t = match next {
            Next::Double => &Field::ZERO,
            Next::Add => h,
        };
        Point { x: e.times(f), y: g.times(h), z: f.times(g), t: e.times(for_t) }
    }

    /// Of size 2 in each of its parts.
    #[inline(never)]
    fn summand(&self) -> Summand {
        let t2d = self.t.times(&D);
        Summand([self.y.plus(&self.x), self.y.minus(&self.x), self.z.plus(&self.z), t2d.plus(&t2d)])
    }

    /// The first eight odd multiples.
    fn odd_multiples(&self) -> [Summand; 8] {
        let twice = self.doubled(Next::Add).summand();
        let mut multiple = *self;
        [(); 8].map(|()| {
            let summand = multiple.summand();
            multiple = multiple.plus(&twice);
            summand
        })
    }
}

impl Summand {
    fn negated(&self) -> Self {
        let Summand([plus, minus, z2, t2d]) = *self;
        Summand([minus, plus, z2, Field::ZERO.minus(&t2d)])
    }
}

/// The sum of two multiples of points. How long it takes depends on the numbers: none of them may be a secret.
pub(crate) fn sum_of_multiples(terms: [(&[u64; 4], &Point); 2]) -> Point {
    let terms = terms.map(|(number, point)| (scalar::digits(number), point.odd_multiples()));
    let mut sum = Point::ZERO;
    for at in (0..256).rev() {
        let adds = terms.iter().any(|(digits, _)| digits[at] != 0);
        sum = sum.doubled(if adds { Next::Add } else { Next::Double });
        for (digits, multiples) in &terms {
            let digit = digits[at];
            if digit != 0 {
                let multiple = &multiples[usize::from(digit.unsigned_abs() >> 1)];
                sum = if digit > 0 { sum.plus(multiple) } else { sum.plus(&multiple.negated()) };
            }
        }
    }
    sum
}
