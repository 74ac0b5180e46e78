//! The subcommands of `waft`: those that `npx waft` has too, and those that need a network or a database.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use waft_commands::host::Host;
use waft_commands::{Exit, arguments, failure};

use crate::host::Native;
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

    /// Runs the subcommand. A failure is told on stderr, and as an object where JSON was asked for, and ends with exit code 1 (clap's own, for
    /// arguments that it does not understand, is 2).
    pub(crate) fn run(self, arguments: &[OsString]) -> ExitCode {
        let native = Native { roots: self.roots().to_vec() };
        ExitCode::from(failure::told(arguments, &native, |host| self.command.run(host)))
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

impl Command {
    /// Returns the exit code.
    fn run(self, host: &dyn Host) -> u8 {
        let ended = match self {
            Command::Shared(command) => return command.run(host) as u8,
            Command::Guard(options) => return guard::run(&options, host),
            Command::Serve(options) => serve::run(&options, host).map(|()| 0),
            Command::Publish(options) => publish::run(&options, host).map(|()| 0),
            Command::Report(options) => report::run(&options, host),
        };
        ended.unwrap_or_else(|message| {
            host.err(&format!("waft: {message}"));
            Exit::Failed as u8
        })
    }
}
