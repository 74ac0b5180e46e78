//! Exposures: the record that a unit met a randomised variant, and its identity.

use ed25519_compact::sha512;

use crate::evaluate::Assignment;
use crate::program::{Flag, Program};
use crate::subject::Subject;

/// The first part of what is hashed: the version of this rule.
const VERSION: &str = "waft-exposure-1";

/// The id of an exposure as 32 lower-case hexadecimal digits.
pub type Id = [u8; 32];

/// The id of an exposure: tabs, reloads and retries make one id, and a collector one row.
///
/// It is the first 16 bytes of the SHA-512 over the parts in this order, each behind its length in bytes as 32 bits
/// little endian: `waft-exposure-1`, project, environment, experiment, phase (decimal), unit kind, unit, variant,
/// window. The window is empty for once per phase, or a session id.
pub fn id(parts: &[&[u8]; 8]) -> Id {
    let mut hash = sha512::Hash::new();
    for part in [VERSION.as_bytes()].iter().chain(parts) {
        hash.update((part.len() as u32).to_le_bytes());
        hash.update(part);
    }
    let mut id = [0; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(hash.finalize()) {
        for (digit, nibble) in pair.iter_mut().zip([byte >> 4, byte & 15]) {
            *digit = if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
        }
    }
    id
}

/// The id of the exposure that an assignment to a variant makes, for the window given (empty: once per phase).
/// `None` if the subject has no such unit.
pub fn id_of(
    program: &Program,
    flag: &Flag,
    variant: u8,
    assignment: &Assignment,
    subject: &Subject,
    window: &[u8],
) -> Option<Id> {
    let experiment = program.experiment(flag, assignment.experiment)?;
    let (variant, _) = program.variant(flag, variant)?;
    let (kind, slot) = program.unit(usize::from(assignment.unit))?;
    let (mut unit_digits, mut phase_digits) = ([0; 20], [0; 20]);
    Some(id(&[
        program.snapshot().project().as_bytes(),
        program.snapshot().environment().as_bytes(),
        program.text(experiment.key),
        crate::decimal::write(i64::from(assignment.phase), &mut phase_digits),
        program.text(kind),
        subject.unit(slot, &mut unit_digits)?,
        program.text(variant),
        window,
    ]))
}
