//! Salts: a written one, or `project/name`; and how a key is derived from one.

use crate::decimal;
use crate::limits;
use crate::program::Program;
use crate::program::buckets::{Key, Purpose};
use crate::program::rule::Experiment;

/// A written salt, or the default one.
#[derive(Clone, Copy, Debug)]
pub struct Salt {
    /// The salt as it is written, in text; 0 for `project/name`.
    pub written: u32,
    /// The name, in text.
    pub name: u32,
}

impl Salt {
    /// An experiment's: that of its gate, or the one that comes of its key.
    #[inline(always)]
    pub fn of(program: &Program, experiment: &Experiment) -> Self {
        // Most have no gate.
        let gate = if experiment.gate == 0 { None } else { program.gate(experiment) };
        let written = gate.map_or(0, |gate| gate.salt);
        Salt { written, name: experiment.key }
    }

    /// The key of a purpose. With a phase, `/` and its number follow the salt.
    pub fn key(self, program: &Program, purpose: Purpose, phase: Option<u32>) -> Key {
        let project = program.snapshot().project();
        let (project, slash, name): (&[u8], &[u8], &[u8]) = match self.written {
            0 => (project, b"/", program.name(self.name, limits::SALT_BYTES)),
            written => (&[], &[], program.name(written, limits::SALT_BYTES)),
        };
        let mut digits = [0; 20];
        let (separator, phase): (&[u8], &[u8]) = match phase {
            None => (&[], &[]),
            Some(phase) => (b"/", decimal::write(i64::from(phase), &mut digits)),
        };
        Key::derive(purpose, &[project, slash, name, separator, phase])
    }
}
