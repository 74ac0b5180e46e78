//! The subcommands of `waft`: those that `npx waft` has too, and those that need a network or a database.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use waft_commands::{Exit, arguments};

use crate::host::{Native, tell};
use crate::{guard, publish, report, serve};

#[derive(Parser)]
#[command(name = "waft", version, about = arguments::ABOUT, disable_help_subcommand = true)]
pub(crate) struct Waft {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Shared(arguments::Command),
    /// Host a folder (snapshots, demo page) and collect exposures over OTLP/HTTP
    Serve(serve::Options),
    /// Publish a signed snapshot: to a folder, by HTTP PUT, or to S3, Azure and Google Cloud Storage
    Publish(publish::Options),
    /// Report results of experiments, holdouts and monitored ramps
    Report(report::Options),
    /// Watch what is running: turn off flags whose guardrails are harmed, and tell people
    Guard(guard::Options),
}

impl Waft {
    /// See [`arguments::read`].
    pub(crate) fn read(arguments: &[OsString]) -> Result<Self, ExitCode> {
        arguments::read(arguments, &Native::default()).map_err(ExitCode::from)
    }

    /// Runs the subcommand. A failure is told on stderr and ends with exit code 1 (clap's own, for arguments that it
    /// does not understand, is 2).
    pub(crate) fn run(self) -> ExitCode {
        let host = &Native { roots: self.roots().to_vec() };
        let exit = match self.command {
            Command::Shared(command) => command.run(host),
            Command::Serve(options) => told(serve::run(&options, host)),
            Command::Publish(options) => told(publish::run(&options, host)),
            Command::Report(options) => match report::run(&options, host) {
                Ok(code) => return ExitCode::from(code),
                Err(message) => told(Err(message)),
            },
            Command::Guard(options) => return ExitCode::from(guard::run(&options, host)),
        };
        ExitCode::from(exit as u8)
    }

    /// Where links of the ruleset may lead; empty if the subcommand reads none.
    fn roots(&self) -> &[PathBuf] {
        match &self.command {
            Command::Shared(command) => command.roots(),
            Command::Serve(options) => &options.roots,
            Command::Publish(_) => &[],
            Command::Report(options) => &options.source.roots,
            Command::Guard(options) => &options.source.roots,
        }
    }
}

/// How something ended; a failure is told.
fn told(outcome: Result<(), String>) -> Exit {
    match outcome {
        Ok(()) => Exit::Done,
        Err(message) => {
            tell(&message);
            Exit::Failed
        }
    }
}
