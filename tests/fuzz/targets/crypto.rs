//! Field, scalars, points and signatures: 104 bytes make a case, on which ours, integers and another library agree.
#![no_main]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use libfuzzer_sys::fuzz_target;

#[path = "../../../crates/crypto/tests/differential/checks.rs"]
mod checks;

fuzz_target!(|bytes: &[u8]| {
    let Some(bytes) = bytes.first_chunk::<{ checks::BYTES }>() else { return };
    let input = checks::Input::of(bytes);
    checks::field(&input);
    checks::scalars(&input);
    checks::points(&input);
    checks::signatures(&input);
});
