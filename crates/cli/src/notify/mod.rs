//! Messages to people: signed webhooks, Slack and what reads its messages, and mail by a command.
//!
//! - `channel` is where a message goes, `options` how it is given; `signature` signs for webhooks (<https://www.standardwebhooks.com>).
//! - `post` sends by HTTP, and `mail` by a command. `message` is what is said, in each of their forms.
//!
//! *Invariant*: all of them together end by the deadline, whatever a receiver does.

mod channel;
mod mail;
mod message;
mod options;
mod post;
mod signature;

pub(crate) use channel::Channel;
pub(crate) use message::Message;
pub(crate) use options::channels;

use std::thread;
use std::time::{Duration, Instant};

use waft_commands::host::{Host, Notice, Recipients};

/// Sends one message to all who are to be told, and returns who could not be.
pub(crate) fn tell(host: &dyn Host, to: &Recipients, notice: Option<&Notice>) -> Result<Vec<String>, String> {
    let channels = channels(to, host)?;
    let Some(Notice { id, kind, at, subject, text, data }) = notice.cloned() else { return Ok(Vec::new()) };
    let data = serde_json::from_str(&data).map_err(|error| error.to_string())?;
    let message = Message { id, kind, at, subject, text, data };
    let messages = vec![vec![message]; channels.len()];
    let ended = deliver(&channels, &messages, Duration::from_secs(to.timeout.into()));
    let untold = channels.iter().zip(ended).flat_map(|(channel, ended)| {
        let name = channel.name.clone();
        ended.into_iter().filter_map(move |ended| ended.err().map(|error| format!("{name}: {error}")))
    });
    Ok(untold.collect())
}

/// Sends to each channel its messages, in their order. Returns for each channel how each of them ended.
pub(crate) fn deliver(
    channels: &[Channel],
    messages: &[Vec<Message>],
    timeout: Duration,
) -> Vec<Vec<Result<(), String>>> {
    let until = Instant::now() + timeout;
    thread::scope(|scope| {
        let own: Vec<_> = channels
            .iter()
            .zip(messages)
            .map(|(channel, messages)| {
                scope.spawn(move || messages.iter().map(|message| channel.send(message, until)).collect::<Vec<_>>())
            })
            .collect();
        let ended = own.into_iter().zip(messages).map(|(sending, messages)| {
            sending.join().unwrap_or_else(|_| vec![Err("it ended unexpectedly".to_owned()); messages.len()])
        });
        ended.collect()
    })
}
