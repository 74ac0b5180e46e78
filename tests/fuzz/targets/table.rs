//! A table that is validly signed and corrupt: the engine decides, or gives a code. The input is the length of a context in 16
//! bits little endian, the context, and the table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waft::program::FlagIndex;
use waft::{NoTrace, Session, evaluate, exposure};
use waft_compile::snapshot::unverified_body;

fuzz_target!(|bytes: &[u8]| {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else { return };
    let Some((context, body)) = rest.split_at_checked(u16::from_le_bytes(*length).into()) else { return };
    let Ok(program) = unverified_body("fuzz", "fuzz", body) else { return };
    let mut session = Session::new(&program);
    session.read(&program, context);
    for flag in (0..8).map(FlagIndex) {
        let _ = evaluate(&program, flag, &mut session, 1_790_000_000_000, &mut NoTrace);
        for assignment in session.exposures() {
            let _ = exposure::id_of(&program, assignment, session.subject(), b"");
        }
    }
});
