//! `waft`: the command line of the WebAssembly Flag Toolkit.
//!
//! - `commands` lists the subcommands and runs the one that was asked for.
//! - `host` is the world that those commands see: `folder` lists a ruleset's files, `destination` is where they write.
//! - `serve` hosts a site and its snapshots, and collects exposures.
//! - `publish` puts a snapshot where pages load it from.
//! - `report` says what came of them, as far as `kills` of a history of releases allow.
//! - `guard` watches them by the same analysis, and turns off what does harm. `notify` tells people.

#![deny(clippy::print_stdout, clippy::print_stderr, reason = "what is printed is escaped in one place: Host")]

mod child;
mod commands;
mod commit;
mod destination;
mod folder;
mod guard;
mod host;
mod kills;
mod notify;
mod publish;
mod report;
mod serve;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    match commands::Waft::read(&arguments) {
        Ok(waft) => waft.run(&arguments),
        Err(code) => code,
    }
}
