//! `waft`: the command line of the WebAssembly Flag Toolkit.
//!
//! - `commands` lists the subcommands and runs the one that was asked for.
//! - `host` is the world that those commands see.
//! - `serve` hosts a site and its snapshots, and collects exposures.
//! - `report` says what came of them.

mod commands;
mod host;
mod report;
mod serve;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    commands::Waft::parse().run()
}
