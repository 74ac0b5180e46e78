//! Salts: a written one, or `project/name`; and the keys that come of them.

use crate::buckets::{Key, Purpose};
use crate::decimal;
use crate::program::Program;

/// A written salt, or the default one.
#[derive(Clone, Copy, Debug)]
pub struct Salt {
    /// The salt as it is written, in text; 0 for `project/name`.
    pub written: u32,
    /// The name, in text.
    pub name: u32,
}

impl Salt {
    /// The key of a purpose. With a phase, `/` and its number follow the salt.
    pub fn key(self, program: &Program, purpose: Purpose, phase: Option<u32>) -> Key {
        let project = program.snapshot().project();
        let (project, slash, name): (&[u8], &[u8], &[u8]) = match self.written {
            0 => (project, b"/", program.text(self.name)),
            written => (&[], &[], program.text(written)),
        };
        let mut digits = [0; 20];
        let (separator, phase): (&[u8], &[u8]) = match phase {
            None => (&[], &[]),
            Some(phase) => (b"/", decimal::write(i64::from(phase), &mut digits)),
        };
        Key::derive(purpose, &[project, slash, name, separator, phase])
    }
}
