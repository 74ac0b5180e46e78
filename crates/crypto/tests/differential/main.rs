//! Field, scalars, points and signatures beside curve25519-dalek and num-bigint: WAFT_CRYPTO_CASES (100,000) cases, the same in each
//! run. `make fuzz` asks the same of inputs that it finds (tests/fuzz/targets/crypto.rs).
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod checks;

use checks::Input;

/// How many of `part` in ten cases.
fn cases(part: usize) -> usize {
    let all = std::env::var("WAFT_CRYPTO_CASES").map_or(100_000, |cases| cases.parse().unwrap());
    all * part / 10
}

/// Bytes that are the same in each run.
struct Noise(u64);

impl Noise {
    fn byte(&mut self) -> u8 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u8
    }

    /// As a fuzzer would give them.
    fn input(&mut self) -> Input {
        Input::of(&std::array::from_fn(|_| self.byte()))
    }
}

#[test]
fn field_agrees_with_integers() {
    let mut noise = Noise(1);
    (0..cases(4)).for_each(|_| checks::field(&noise.input()));
}

#[test]
fn scalars_agree_with_integers() {
    let mut noise = Noise(2);
    (0..cases(2)).for_each(|_| checks::scalars(&noise.input()));
}

#[test]
fn points_agree_with_dalek() {
    let mut noise = Noise(3);
    let found: usize = (0..cases(2)).map(|_| usize::from(checks::points(&noise.input()))).sum();
    assert!(found > cases(2) / 4, "{found} sums of points");
}

#[test]
fn signatures_agree_with_dalek() {
    let mut noise = Noise(4);
    let held: usize = (0..cases(2)).map(|_| usize::from(checks::signatures(&noise.input()))).sum();
    assert!(held > cases(2) / 8 && held < cases(2) * 7 / 8, "{held} signatures hold");
}
