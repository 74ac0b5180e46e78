//! Salts: a written one, or `project/name`; and how a key is derived from one.

use crate::decimal;
use crate::limits;
use crate::program::buckets::{Key, Purpose};
use crate::program::rule::Trial;
use crate::program::{Program, Text};

/// A written salt, or the default one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt {
    /// The salt as it is written; [`Text::NONE`] for `project/name`.
    pub written: Text,
    /// What follows `project/` in a default salt.
    pub name: Text,
}

impl Salt {
    /// A trial's: that of its placement, or the one that comes of its key.
    #[inline(always)]
    pub fn of(program: &Program, trial: &Trial) -> Self {
        // Most have no placement.
        let placement = if trial.placement == 0 { None } else { program.placement(trial) };
        let written = placement.map_or(Text::NONE, |placement| placement.salt);
        Salt { written, name: trial.key }
    }

    /// The key of a purpose. With a phase, `/` and its number follow the salt.
    pub fn key(self, program: &Program, purpose: Purpose, phase: Option<u32>) -> Key {
        let project = program.snapshot().project();
        let (project, slash, name): (&[u8], &[u8], &[u8]) = match self.written {
            Text::NONE => (project, b"/", program.name(self.name, limits::SALT_BYTES)),
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
