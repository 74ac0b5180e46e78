//! The commands of the CLI that need no server. Each is `run(options, &dyn Host)` and returns how it ended.

pub mod against;
#[cfg(feature = "arguments")]
pub mod arguments;
pub mod build;
pub mod codegen;
pub mod delivery;
pub mod diff;
pub mod eval;
pub mod explain;
pub mod failure;
pub mod head;
pub mod host;
pub mod init;
pub mod inspect;
pub mod keygen;
pub mod layer;
pub mod lint;
#[cfg(feature = "arguments")]
pub mod packaged;
pub mod promote;
pub mod ramp;
pub mod records;
pub mod refs;
pub mod rule_tests;
pub mod sign;
pub mod token;
pub mod trust;
pub mod verify;

mod again;
mod exit;
#[cfg(feature = "arguments")]
mod format;
mod input;
mod once;
mod published;
mod question;
mod release;
mod secret;
#[cfg(feature = "arguments")]
mod source;

pub use exit::Exit;
pub use input::moment;
pub use question::Question;
pub use release::Expected;
