//! How channels are given: what is secret comes from files and from the environment, so that it is in no list of processes.

use std::time::Duration;

use clap::Args;
use waft_commands::host::Host;

use super::channel::Channel;
use super::signature::Secrets;

/// The environment's variables.
const SECRET: &str = "WAFT_WEBHOOK_SECRET";
const SLACK: &str = "WAFT_SLACK_URL";

/// Who is told.
#[derive(Args)]
#[group(id = "notify")]
pub(crate) struct Options {
    /// A URL that gets signed messages (Standard Webhooks); may be repeated
    #[arg(long = "webhook", value_name = "URL")]
    webhooks: Vec<String>,

    /// With --webhook: the file of its secret, whsec_...; several while one replaces another [default: the variable WAFT_WEBHOOK_SECRET]
    #[arg(long, value_name = "FILE", requires = "webhooks")]
    webhook_secret_file: Option<String>,

    /// The file of the URL of a Slack webhook, or of one that takes the same messages [default: the variable WAFT_SLACK_URL, if it is set]
    #[arg(long, value_name = "FILE")]
    slack_url_file: Option<String>,

    /// A command that sends the mail on its standard input, such as "sendmail -i ops@shop.example"; run without a shell
    #[arg(long, value_name = "COMMAND")]
    mail: Option<String>,

    /// How long all messages of a look may take together, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=600))]
    notify_timeout: u16,
}

impl Options {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_secs(self.notify_timeout.into())
    }

    /// All channels that were given.
    pub(crate) fn channels(&self, host: &dyn Host) -> Result<Vec<Channel>, String> {
        let mut channels = Vec::new();
        for url in &self.webhooks {
            let (from, secret) = self.secret(host)?;
            let secrets = Secrets::read(&secret).map_err(|error| format!("{from}: {error}"))?;
            channels.push(Channel::webhook(url, secrets).map_err(|error| format!("--webhook: {error}"))?);
        }
        let slack = match &self.slack_url_file {
            Some(path) => Some((format!("--slack-url-file {path}"), text(host, path)?)),
            None => host.variable(SLACK).map(|url| (SLACK.to_owned(), url)),
        };
        if let Some((from, url)) = slack {
            channels.push(Channel::slack(url.trim()).map_err(|error| format!("{from}: {error}"))?);
        }
        if let Some(command) = &self.mail {
            channels.push(Channel::mail(command).map_err(|error| format!("--mail: {error}"))?);
        }
        Ok(channels)
    }

    fn secret(&self, host: &dyn Host) -> Result<(String, String), String> {
        match &self.webhook_secret_file {
            Some(path) => {
                if host.is_open_to_others(path) {
                    host.err(&format!("waft: warning: {path}: others than its owner can read this secret: chmod 600"));
                }
                Ok((path.clone(), text(host, path)?))
            }
            None => {
                let secret = host.variable(SECRET);
                let missing = || format!("--webhook: needs a secret: --webhook-secret-file FILE, or {SECRET}");
                secret.map(|secret| (SECRET.to_owned(), secret)).ok_or_else(missing)
            }
        }
    }
}

fn text(host: &dyn Host, path: &str) -> Result<String, String> {
    let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
    String::from_utf8(bytes).map_err(|_| format!("{path}: not UTF-8 text"))
}
