//! `waft publish` as it is run: into folders and, by HTTP PUT, to a server of the tests.
//!
//! - `folders`, `servers`: what is written, and what is refused. `heads`: the same of heads, and `chains` of trust documents, and `records` of kills; `lost` is what might undo one. `public`: the URL that is read back. `guided`: the commands of docs/releases.md.
//! - `delivery`: releases from a proposal to pages, the commands of that section included. `runs`: the same by one command of CI, and `pipelines` by the workflows of examples/pipeline. `exits`: the exit codes of documents.
//! - `crashes`: publishers that are killed at each step. `races`: several at once. `faults`: servers that are slow, busy, or respond twice.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod chains;
mod crashes;
mod delivery;
mod exits;
mod faults;
mod folders;
#[path = "../guide/mod.rs"]
mod guide;
mod guided;
mod heads;
mod lost;
mod origin;
mod pipelines;
mod public;
mod races;
mod records;
mod runs;
mod servers;
mod sources;
