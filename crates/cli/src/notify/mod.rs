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
pub(crate) use options::Options;

use std::thread;
use std::time::{Duration, Instant};

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
