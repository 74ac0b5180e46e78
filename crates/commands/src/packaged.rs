//! The arguments of `npx waft`: the commands that need no server, and the names of those that the native program has besides.

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::arguments::{ABOUT, Command};
use crate::host::Host;

/// What follows `npx waft`.
#[derive(Parser)]
#[command(name = "waft", version, about = ABOUT, disable_help_subcommand = true)]
pub struct Waft {
    #[allow(missing_docs, reason = "its help is the commands' own")]
    #[command(subcommand)]
    pub command: Packaged,
}

/// A command of `npx waft`.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "what documents a variant is its help")]
#[allow(clippy::large_enum_variant, reason = "a program has one, and what is flattened cannot be boxed")]
pub enum Packaged {
    #[command(flatten)]
    Shared(Command),
    #[command(flatten)]
    Native(Native),
}

/// A command that needs a server, a network or a database. Whatever follows its name is for the native program to read.
#[derive(Subcommand)]
pub enum Native {
    /// Host a folder and collect exposures: needs the native program
    #[command(disable_help_flag = true)]
    Serve {
        /// Its arguments
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Publish a signed snapshot: needs the native program
    #[command(disable_help_flag = true)]
    Publish {
        /// Its arguments
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Report results of experiments, holdouts and monitored ramps: needs the native program
    #[command(disable_help_flag = true)]
    Report {
        /// Its arguments
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Watch what is running, turn off flags whose guardrails are harmed, and tell people: needs the native program
    #[command(disable_help_flag = true)]
    Guard {
        /// Its arguments
        #[arg(hide = true, trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

impl Native {
    /// The exit code, as of arguments that are not understood.
    pub const EXIT: u8 = 2;

    /// Tells what the command needs, and how to get it.
    pub fn refuse(&self, host: &dyn Host) -> u8 {
        let (name, needs) = match self {
            Native::Serve { .. } => ("serve", "a server and a database"),
            Native::Publish { .. } => ("publish", "a network and locks of files"),
            Native::Report { .. } => ("report", "a database"),
            Native::Guard { .. } => ("guard", "a database and a network"),
        };
        host.err(&format!(
            "waft: `waft {name}` needs {needs}, which the npm package does not have: use the native program. \
             In a clone of Waft's repository, `cargo build --release --bin waft` makes it: target/release/waft {name}"
        ));
        Self::EXIT
    }
}
