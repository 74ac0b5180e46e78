//! The subcommands of `waft`, and how each ends.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::serve;

/// WebAssembly Flag Toolkit: signed feature flags and experiments, decided in the browser.
#[derive(Parser)]
#[command(name = "waft", version, disable_help_subcommand = true)]
pub(crate) struct Waft {
    #[command(subcommand)]
    command: Command,
}

/// One variant per subcommand; its fields are its arguments.
#[derive(Subcommand)]
enum Command {
    /// Host a folder (snapshots, demo page) and collect exposures over OTLP/HTTP.
    Serve(serve::Options),
}

impl Waft {
    /// Runs the subcommand. A failure is told on stderr and ends with exit code 1 (clap's own, for arguments that it
    /// does not understand, is 2).
    pub(crate) fn run(self) -> ExitCode {
        let ended = match self.command {
            Command::Serve(options) => serve::run(&options),
        };
        match ended {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("waft: {message}");
                ExitCode::FAILURE
            }
        }
    }
}
