//! How channels are given: what is secret comes from files and from the environment, so that it is in no list of processes.

use waft_commands::host::{Host, Recipients};

use super::channel::Channel;
use super::signature::Secrets;

/// The environment's variables.
const SECRET: &str = "WAFT_WEBHOOK_SECRET";
const SLACK: &str = "WAFT_SLACK_URL";

/// All channels that were given.
pub(crate) fn channels(to: &Recipients, host: &dyn Host) -> Result<Vec<Channel>, String> {
    let mut channels = Vec::new();
    for url in &to.webhooks {
        let (from, secret) = secret(to, host)?;
        let secrets = Secrets::read(&secret).map_err(|error| format!("{from}: {error}"))?;
        channels.push(Channel::webhook(url, secrets).map_err(|error| format!("--webhook: {error}"))?);
    }
    let slack = match &to.slack_url_file {
        Some(path) => Some((format!("--slack-url-file {path}"), text(host, path)?)),
        None => host.variable(SLACK).map(|url| (SLACK.to_owned(), url)),
    };
    if let Some((from, url)) = slack {
        channels.push(Channel::slack(url.trim()).map_err(|error| format!("{from}: {error}"))?);
    }
    if let Some(command) = &to.mail {
        channels.push(Channel::mail(command).map_err(|error| format!("--mail: {error}"))?);
    }
    Ok(channels)
}

fn secret(to: &Recipients, host: &dyn Host) -> Result<(String, String), String> {
    match &to.webhook_secret_file {
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

fn text(host: &dyn Host, path: &str) -> Result<String, String> {
    let bytes = host.read(path).map_err(|error| format!("{path}: {error}"))?;
    String::from_utf8(bytes).map_err(|_| format!("{path}: not UTF-8 text"))
}
