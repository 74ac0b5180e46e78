//! Exposures: the record that a unit met a randomised variant, and its identity.

use waft_crypto::Sha512;

use crate::context::assignment::{Arm, Assignment};
use crate::context::subject::Subject;
use crate::limits;
use crate::program::{Program, UnitKind};

/// The first part of what is hashed: the version of this rule.
const VERSION: &[u8] = b"waft-exposure-1";

/// The id of an exposure as 32 lower-case hexadecimal digits.
pub type Id = [u8; 32];

/// The id of an exposure: tabs, reloads and retries make one id, and a collector one row.
///
/// It is the first 16 bytes of the SHA-512 over the parts in this order, each behind its length in bytes as 32 bits
/// little endian: `waft-exposure-1`, project, environment, experiment, phase (decimal), unit kind, unit, variant,
/// window. The window is empty for once per phase, or a session id.
pub fn id(parts: &[&[u8]; 8]) -> Id {
    let mut hash = Sha512::default();
    for part in core::iter::once(&VERSION).chain(parts) {
        hash.update(&(part.len() as u32).to_le_bytes());
        hash.update(part);
    }
    let mut id = [0; 32];
    for (pair, byte) in id.chunks_exact_mut(2).zip(hash.finish()) {
        pair.copy_from_slice(&hexadecimal(byte));
    }
    id
}

/// The two lower-case digits of a byte.
pub fn hexadecimal(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|nibble| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble })
}

/// The id of the exposure that an assignment makes, for the window given (empty: once per phase). `None` if the subject has
/// no such unit.
pub fn id_of(program: &Program, assignment: &Assignment, subject: &Subject, window: &[u8]) -> Option<Id> {
    id_with(program, assignment, subject, variant_key(program, assignment.variant), window)
}

/// Under which a variant is remembered for a unit: the id of an exposure whose variant is empty. `None` if it is not to be
/// remembered.
pub fn sticky_id(program: &Program, assignment: &Assignment, subject: &Subject) -> Option<Id> {
    if !assignment.sticky {
        return None;
    }
    id_with(program, assignment, subject, b"", b"")
}

/// The key of what a unit was assigned to.
pub fn variant_key(program: &Program, arm: Arm) -> &[u8] {
    match arm {
        Arm::Variant(index) => {
            program.variant_at(index).map_or(&[], |variant| program.name(variant.key, limits::NAME_BYTES))
        }
        Arm::Control => b"control",
        Arm::Held => b"held",
        Arm::NotHeld => b"not-held",
    }
}

fn id_with(program: &Program, assignment: &Assignment, subject: &Subject, variant: &[u8], window: &[u8]) -> Option<Id> {
    let UnitKind { name, slot } = program.unit(assignment.unit.into())?;
    let (mut unit_digits, mut phase_digits) = ([0; 20], [0; 20]);
    Some(id(&[
        program.snapshot().project(),
        program.snapshot().environment(),
        program.name(assignment.trial, limits::SALT_BYTES),
        crate::decimal::write(i64::from(assignment.phase), &mut phase_digits),
        program.name(name, limits::UNIT_NAME_BYTES),
        subject.unit(slot, &mut unit_digits)?,
        variant,
        window,
    ]))
}
