//! Points of the units that a session's context has.

use crate::context::attribute::Unit;
use crate::decide::session::Session;
use crate::program::Program;
use crate::program::buckets::{Key, Purpose};
use crate::program::salt::Salt;

impl Session {
    /// The key of a purpose. With a phase, its number is a part of the salt.
    pub(crate) fn key(&mut self, program: &Program, salt: Salt, purpose: Purpose, phase: Option<u32>) -> Key {
        self.memo.key(program, salt, purpose, phase)
    }

    /// The point of a unit for a purpose.
    pub(crate) fn point(
        &mut self,
        program: &Program,
        unit: Unit,
        salt: Salt,
        purpose: Purpose,
        phase: Option<u32>,
    ) -> u32 {
        let key = self.key(program, salt, purpose, phase);
        self.subject.point(&key, unit)
    }
}
