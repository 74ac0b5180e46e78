//! The studio: ruleset text to signed snapshot, explain, preview, and the commands of the `waft` CLI.
//!
//! The core decides; this crate writes what the core reads, and tells people why. It is a library for the CLI and a
//! wasm module for the page that previews segments.

pub mod clock;
pub mod context;
pub mod decision;
pub mod explain;
pub mod keys;
pub mod preview;
pub mod refusal;
pub mod segments;
pub mod snapshot;
pub mod trust;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
