//! What `waft` does with files: as it is run, in a folder of its own.
//!
//! - `writes`: nothing but a regular file is ever replaced, by `outputs`: whichever command writes. `folders`: what is read of a ruleset's folder. `terminal`: what is printed. `passphrases`: what is typed. `keys` and `heads`: the commands of docs/releases.md, `diffs`: of docs/diff.md. `refs`: code beside rules. `ramps`: what a report says of them. `failures`: what scripts are told.

// They make pipes, links and devices.
#![cfg(unix)]
// clippy.toml allows these in tests, but sees only functions marked #[test], not what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bench;
mod diffs;
mod failures;
mod folders;
#[path = "../guide/mod.rs"]
mod guide;
mod heads;
mod keys;
mod outputs;
mod passphrases;
mod ramps;
mod refs;
mod terminal;
mod writes;
