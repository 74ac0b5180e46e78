//! What `waft publish` can be told on the command line.

use std::time::Duration;

use clap::Args;

use super::names;

/// The arguments of `waft publish`.
#[derive(Args)]
pub(crate) struct Options {
    /// The signed snapshot; its list files lie beside it
    pub(crate) snapshot: String,

    /// Where to publish: a folder; s3://BUCKET/FOLDER, az:// or gs://, with credentials from the environment; or a URL below which files are
    /// written by PUT. WAFT_PUBLISH_AUTHORIZATION is sent along, such as "Bearer ..."
    #[arg(long, value_name = "FOLDER|URL")]
    pub(crate) to: String,

    /// The page's trust: what its pages would refuse is not published
    #[arg(long, value_name = "TRUST.json")]
    pub(crate) trust: String,

    /// How the files are named: NAME.waft is what pages load
    #[arg(long, default_value = "snapshot", value_parser = names::name)]
    pub(crate) name: String,

    /// The URL of the folder as pages see it: read back and verified [default: --to, if that is a URL]
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// How long a busy store, and then a public URL that still serves the old files, are tried again, in seconds
    #[arg(long, default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    timeout: u16,

    /// Nothing else publishes there: write to stores that cannot compare before they replace
    #[arg(long)]
    pub(crate) single_writer: bool,

    /// Write nothing, and print what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl Options {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}
