//! The arithmetic by itself, for tests and the fuzz target. Numbers are little-endian bytes, points as RFC 8032 encodes them.
#![allow(missing_docs)]

use crate::field::Field;
use crate::point::{self, Point};
use crate::scalar;

/// The product of two sums of size 4, the largest sizes that [`Field`] multiplies: (a + b + a + b)(a - b + a - b).
pub fn field_product_of_sums(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    let (a, b) = (Field::from_bytes(a), Field::from_bytes(b));
    let (sum, difference) = (a.plus(&b), a.minus(&b));
    sum.plus(&sum).times(&difference.plus(&difference)).to_bytes()
}

pub fn field_product(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    Field::from_bytes(a).times(&Field::from_bytes(b)).to_bytes()
}

pub fn field_sum(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    Field::from_bytes(a).plus(&Field::from_bytes(b)).to_bytes()
}

pub fn field_difference(a: &[u8; 32], b: &[u8; 32]) -> [u8; 32] {
    Field::from_bytes(a).minus(&Field::from_bytes(b)).to_bytes()
}

pub fn field_inverse(a: &[u8; 32]) -> [u8; 32] {
    Field::from_bytes(a).inverse().to_bytes()
}

pub fn field_root_power(a: &[u8; 32]) -> [u8; 32] {
    Field::from_bytes(a).root_power().to_bytes()
}

/// Words, the lowest first.
pub fn scalar_reduced(bytes: &[u8; 64]) -> [u64; 4] {
    scalar::reduced(bytes)
}

/// `None` for the order and more.
pub fn scalar_canonical(bytes: &[u8; 32]) -> Option<[u64; 4]> {
    scalar::canonical(bytes)
}

pub fn scalar_digits(number: &[u64; 4]) -> [i8; 256] {
    scalar::digits(number)
}

/// A point decoded and encoded again.
pub fn point_again(bytes: &[u8; 32]) -> Option<[u8; 32]> {
    Point::decode(bytes).map(|point| point.encode())
}

pub fn point_has_small_order(bytes: &[u8; 32]) -> Option<bool> {
    Point::decode(bytes).map(|point| point.has_small_order())
}

/// Of numbers and points; `None` if a point is none.
pub fn sum_of_multiples([(a, p), (b, q)]: [(&[u64; 4], &[u8; 32]); 2]) -> Option<[u8; 32]> {
    let (p, q) = (Point::decode(p)?, Point::decode(q)?.negated());
    Some(point::sum_of_multiples([(a, &p), (b, &q.negated())]).encode())
}
