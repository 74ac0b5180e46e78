//! How a command ends.

use crate::host::Host;

/// How a command ended, as a process's exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Done = 0,
    /// The answer is no: a finding, a refusal, a file that cannot be read.
    Failed = 1,
}

/// Ends with a message to the person at the terminal.
pub(crate) fn fail(host: &dyn Host, message: &str) -> Exit {
    host.err(&format!("waft: {message}"));
    Exit::Failed
}
