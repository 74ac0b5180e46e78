//! What must hold of any input.

use curve25519_dalek::EdwardsPoint;
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use num_bigint::{BigInt, BigUint, Sign};
use waft_crypto::{Verifier, internals};

/// How many bytes make an input.
pub(crate) const BYTES: usize = 104;

/// Two numbers, a longer one, and how each is bent towards the edges.
pub(crate) struct Input {
    a: [u8; 32],
    b: [u8; 32],
    wide: [u8; 64],
    choice: [u8; 8],
}

impl Input {
    pub(crate) fn of(bytes: &[u8; BYTES]) -> Self {
        let part = |from: usize| std::array::from_fn(|at| bytes[from + at]);
        let choice: [u8; 8] = std::array::from_fn(|at| bytes[96 + at]);
        let (a, b, c): ([u8; 32], [u8; 32], [u8; 32]) = (part(0), part(32), part(64));
        let wide = std::array::from_fn(|at| if at < 32 { b[at] } else { c[at - 32] });
        Self { a: bent(a, choice[0]), b: bent(b, choice[1]), wide, choice }
    }
}

/// A number as it is, or near an edge of the field, of the order or of a limb.
fn bent(bytes: [u8; 32], how: u8) -> [u8; 32] {
    let near = |number: BigUint| {
        let moved = BigInt::from(number) + (i64::from(bytes[0]) - 128) / 6;
        if moved.sign() == Sign::Minus { bytes } else { to_bytes(&(moved.magnitude() % power(256))) }
    };
    match how % 16 {
        0 => near(BigUint::ZERO),
        1 => near(prime()),
        2 => near(prime() * 2u8),
        3 => near(power(255)),
        4 => near(order()),
        5 => near(power(bytes[1].into())),
        // Limbs of ones and of zeros.
        6 => bytes.map(|byte| if byte & 1 == 0 { 0xff } else { 0 }),
        7 => std::array::from_fn(|at| if bytes[at / 8] & 1 == 0 { 0xff } else { 0 }),
        _ => bytes,
    }
}

/// Of two.
fn power(bits: usize) -> BigUint {
    BigUint::from(1u8) << bits
}

fn prime() -> BigUint {
    power(255) - 19u8
}

fn order() -> BigUint {
    power(252) + 27_742_317_777_372_353_535_851_937_790_883_648_493_u128
}

fn to_bytes(number: &BigUint) -> [u8; 32] {
    let bytes = number.to_bytes_le();
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))
}

fn from_words(words: &[u64; 4]) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |number, word| (number << 64) + *word)
}

fn to_words(bytes: &[u8; 32]) -> [u64; 4] {
    std::array::from_fn(|at| u64::from_le_bytes(std::array::from_fn(|byte| bytes[8 * at + byte])))
}

/// The field, as integers modulo p. The highest bit of the bytes is no part of a number.
pub(crate) fn field(input: &Input) {
    let p = prime();
    let number = |bytes: &[u8; 32]| -> BigUint { BigUint::from_bytes_le(bytes) % power(255) };
    let (a, b) = (number(&input.a), number(&input.b));
    let difference: BigUint = &a + &p + &p - &b;
    let check = |what: &str, own: [u8; 32], wanted: BigUint| {
        assert_eq!(own, to_bytes(&(wanted % &p)), "{what} of {a} and {b}");
    };
    check("sum", internals::field_sum(&input.a, &input.b), &a + &b);
    check("difference", internals::field_difference(&input.a, &input.b), difference.clone());
    check("product", internals::field_product(&input.a, &input.b), &a * &b);
    check("square", internals::field_product(&input.a, &input.a), &a * &a);
    let sums = internals::field_product_of_sums(&input.a, &input.b);
    check("product of sums", sums, (&a + &b) * &difference * 4u8);
    // These take hundreds of multiplications each, and integers take longer.
    if input.choice[7].is_multiple_of(16) {
        check("inverse", internals::field_inverse(&input.a), a.modpow(&(&p - 2u8), &p));
        check("root power", internals::field_root_power(&input.a), a.modpow(&((&p - 5u8) / 8u8), &p));
    }
}

/// Numbers modulo the order, and their digits.
pub(crate) fn scalars(input: &Input) {
    let wide = BigUint::from_bytes_le(&input.wide);
    let reduced = internals::scalar_reduced(&input.wide);
    let wanted: BigUint = &wide % order();
    assert_eq!(from_words(&reduced), wanted, "{wide}");
    assert_eq!(reduced, to_words(&Scalar::from_bytes_mod_order_wide(&input.wide).to_bytes()));

    let number = BigUint::from_bytes_le(&input.a);
    let canonical = internals::scalar_canonical(&input.a);
    assert_eq!(canonical.is_some(), number < order(), "{number}");
    for words in [Some(reduced), canonical].into_iter().flatten() {
        let digits = internals::scalar_digits(&words);
        let sum = digits.iter().rev().fold(BigInt::ZERO, |sum, digit| sum * 2 + *digit);
        assert_eq!(sum, BigInt::from(from_words(&words)));
        assert!(digits.iter().all(|digit| *digit == 0 || (digit.abs() < 16 && digit % 2 != 0)), "{digits:?}");
        assert!(digits.windows(5).all(|row| row.iter().filter(|digit| **digit != 0).count() < 2), "{digits:?}");
    }
}

/// A point by its bytes: any bytes, or those of a point that is sure to be one, of the base point's order or with a part of small order.
fn point(bytes: &[u8; 32], how: u8) -> [u8; 32] {
    match how % 4 {
        0 => *bytes,
        1 => EIGHT_TORSION[usize::from(bytes[0] % 8)].compress().to_bytes(),
        2 => EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(*bytes)).compress().to_bytes(),
        _ => {
            let torsion = EIGHT_TORSION[usize::from(bytes[0] % 8)];
            (EdwardsPoint::mul_base(&Scalar::from_bytes_mod_order(*bytes)) + torsion).compress().to_bytes()
        }
    }
}

/// The library's point, if RFC 8032 has it for these bytes: the library also takes a y that is not below p, and a sign of 0.
fn library_point(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    CompressedEdwardsY(*bytes).decompress().filter(|point| point.compress().to_bytes() == *bytes)
}

/// Decoding, encoding, small orders, and sums of multiples. Whether there was a sum.
pub(crate) fn points(input: &Input) -> bool {
    let [p, q] = [point(&input.a, input.choice[2]), point(&input.b, input.choice[3])];
    for bytes in [&p, &q] {
        let library = library_point(bytes);
        assert_eq!(internals::point_again(bytes), library.map(|point| point.compress().to_bytes()), "{bytes:?}");
        assert_eq!(internals::point_has_small_order(bytes), library.map(|point| point.is_small_order()), "{bytes:?}");
    }
    let (a, b) = (Scalar::from_bytes_mod_order(input.b), Scalar::from_bytes_mod_order_wide(&input.wide));
    let words = [to_words(a.as_bytes()), to_words(b.as_bytes())];
    let own = internals::sum_of_multiples([(&words[0], &p), (&words[1], &q)]);
    let library = library_point(&p).zip(library_point(&q)).map(|(p, q)| (p * a + q * b).compress().to_bytes());
    assert_eq!(own, library, "{a:?} {p:?} {b:?} {q:?}");
    own.is_some()
}

/// Signatures whose keys and commitments may have a part of small order, whole or with one bit turned. Whether it holds.
pub(crate) fn signatures(input: &Input) -> bool {
    let torsion =
        |choice: u8| if choice & 1 == 0 { EIGHT_TORSION[usize::from(choice / 2 % 8)] } else { EIGHT_TORSION[0] };
    let (secret, nonce) = (Scalar::from_bytes_mod_order(input.a), Scalar::from_bytes_mod_order(input.b));
    let key = (EdwardsPoint::mul_base(&secret) + torsion(input.choice[2])).compress().to_bytes();
    let commitment = (EdwardsPoint::mul_base(&nonce) + torsion(input.choice[3])).compress().to_bytes();
    let message = &input.wide[..usize::from(input.choice[4] % 65)];
    let challenge = challenge(&commitment, &key, message);
    let response = nonce + challenge * secret;
    if let Some(mut verifier) = Verifier::new(&key, &std::array::from_fn(|at| commitment.get(at).copied().unwrap_or(0)))
    {
        verifier.update(message);
        assert_eq!(verifier.challenge(), challenge.to_bytes());
    }
    let mut all = [&key[..], &commitment, response.as_bytes(), message].concat();
    if input.choice[5].is_multiple_of(4) {
        let bit = usize::from(u16::from_le_bytes([input.choice[6], input.choice[7]])) % (8 * all.len());
        all[bit / 8] ^= 1 << (bit % 8);
    } else if input.choice[5] % 4 == 1 {
        // A response that is not below the order, or none for this commitment.
        all[64..96].copy_from_slice(&input.b);
    }
    let own = verifies(&all);
    assert_eq!(own, library_verifies(&all), "{all:?}");
    own
}

fn challenge(commitment: &[u8], key: &[u8], message: &[u8]) -> Scalar {
    let hash = ed25519_compact::sha512::Hash::hash([commitment, key, message].concat());
    Scalar::from_bytes_mod_order_wide(&hash)
}

/// Of key, signature and message in a row.
fn verifies(all: &[u8]) -> bool {
    let (key, signature) = (all[..32].try_into().unwrap(), all[32..96].try_into().unwrap());
    Verifier::new(key, signature).is_some_and(|mut verifier| {
        verifier.update(&all[96..]);
        verifier.verify()
    })
}

/// R = S B - k A as docs/snapshot-format.md says it, with the library's arithmetic.
fn library_verifies(all: &[u8]) -> bool {
    let (key, commitment): (&[u8; 32], &[u8; 32]) = (all[..32].try_into().unwrap(), all[32..64].try_into().unwrap());
    let response: [u8; 32] = all[64..96].try_into().unwrap();
    let Some(point) = library_point(key).filter(|point| !point.is_small_order()) else { return false };
    let Some(response) = Option::<Scalar>::from(Scalar::from_canonical_bytes(response)) else { return false };
    let challenge = challenge(commitment, key, &all[96..]);
    let sum = EdwardsPoint::vartime_double_scalar_mul_basepoint(&challenge, &-point, &response);
    sum.compress().to_bytes() == *commitment
}
