//! The commands of the CLI that need no server. Each is `run(options, &dyn Host)` and answers how it ended.

pub mod build;
pub mod eval;
pub mod explain;
pub mod init;
pub mod inspect;
pub mod keygen;
pub mod layer;
pub mod lint;
pub mod sign;
pub mod token;
pub mod verify;

mod input;
mod release;

pub use input::moment;
pub use release::Expected;

use crate::host::Host;

/// Which flags of a snapshot are asked about, for whom and when.
#[derive(Clone, Debug)]
pub struct Question {
    /// The snapshot's file.
    pub snapshot: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The context, as JSON.
    pub context: String,
    /// One flag's key; all flags if absent.
    pub flag: Option<String>,
    /// The moment, as RFC 3339; the present one if absent.
    pub now: Option<String>,
    /// A preview token that is shown to them.
    pub preview: Option<String>,
}

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
fn fail(host: &dyn Host, message: &str) -> Exit {
    host.err(&format!("waft: {message}"));
    Exit::Failed
}
