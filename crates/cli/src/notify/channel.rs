//! Where a message goes.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};
use ureq::http::Uri;

use super::mail::mail;
use super::message::Message;
use super::post::post;
use super::signature::Secrets;
use crate::publish::Agent;

/// Somebody who is told.
pub(crate) struct Channel {
    /// As it is called in messages and in the state: without what may be a secret.
    pub(crate) name: String,
    way: Way,
}

enum Way {
    Webhook(Agent, String, Secrets),
    Slack(Agent, String),
    Mail(Vec<String>),
}

impl Channel {
    pub(crate) fn webhook(url: &str, secrets: Secrets) -> Result<Self, String> {
        let host = host(url)?;
        let way = Way::Webhook(Agent::following(0), url.to_owned(), secrets);
        Ok(Channel { name: format!("webhook {host} {}", digest(url)), way })
    }

    pub(crate) fn slack(url: &str) -> Result<Self, String> {
        let host = host(url)?;
        let way = Way::Slack(Agent::following(0), url.to_owned());
        Ok(Channel { name: format!("slack {host} {}", digest(url)), way })
    }

    /// A command with its arguments, which are what is between spaces.
    pub(crate) fn mail(command: &str) -> Result<Self, String> {
        let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
        let program = words.first().ok_or("expected a command, such as \"sendmail -i ops@shop.example\"")?;
        Ok(Channel { name: format!("mail {program} {}", digest(command)), way: Way::Mail(words) })
    }

    /// Sends, and tries again until the deadline.
    pub(crate) fn send(&self, message: &Message, until: Instant) -> Result<(), String> {
        match &self.way {
            Way::Webhook(agent, url, secrets) => {
                let body = message.webhook();
                let headers = || {
                    // Of the attempt: receivers refuse what is minutes old.
                    let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
                    let second = i64::try_from(second).unwrap_or(i64::MAX);
                    vec![
                        ("webhook-id", message.id.clone()),
                        ("webhook-timestamp", second.to_string()),
                        ("webhook-signature", secrets.sign(&message.id, second, &body)),
                    ]
                };
                post(agent, url, &body, headers, until)
            }
            Way::Slack(agent, url) => post(agent, url, &message.slack(), Vec::new, until),
            Way::Mail(command) => mail(command, &message.mail(), until),
        }
    }
}

/// The host of a URL. Nothing else of it is told.
fn host(url: &str) -> Result<String, String> {
    let uri: Option<Uri> = url.parse().ok();
    let is_web = |uri: &Uri| matches!(uri.scheme_str(), Some("http" | "https"));
    let host = uri.filter(is_web).and_then(|uri| uri.host().map(str::to_owned)).filter(|host| !host.is_empty());
    host.ok_or_else(|| "expected the URL of a receiver, such as https://hooks.example/waft".to_owned())
}

/// Tells two of one host apart.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
