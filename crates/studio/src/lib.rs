//! The studio: ruleset text to signed snapshot, explain, preview, and the commands of the `waft` CLI.
//!
//! [`source`] -> [`ruleset`] -> [`compile`] -> [`snapshot`] is the way of a ruleset; [`explain`], [`segments`] and
//! [`preview`] tell people what the core decides; [`commands`] put both behind a [`host`]. It is a library for the CLI and
//! a wasm module for the page that previews segments.

pub mod against;
pub mod clock;
pub mod commands;
pub mod compile;
pub mod context;
pub mod decision;
pub mod escape;
pub mod explain;
pub mod finding;
pub mod host;
pub mod keys;
pub mod pattern;
pub mod population;
pub mod preview;
pub mod refusal;
pub mod ruleset;
pub mod segments;
pub mod snapshot;
pub mod source;
pub mod trust;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
