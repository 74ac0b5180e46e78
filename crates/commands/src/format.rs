//! How findings are printed, as an argument.

use clap::ValueEnum;

use crate::lint;

/// How findings are printed.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// One line each, for people
    Text,
    /// JSON, for scripts
    Json,
    /// GitHub's workflow commands
    Github,
}

impl From<Format> for lint::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => lint::Format::Text,
            Format::Json => lint::Format::Json,
            Format::Github => lint::Format::Github,
        }
    }
}
