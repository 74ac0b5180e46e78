//! Who is told what: each change once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use sha2::{Digest as _, Sha256};
use waft_commands::host::Host;

use super::condition::{Cause, Condition};
use super::options::Options;
use super::round::Round;
use super::state::{Known, State};
use crate::notify::{self, Channel, Message};

/// The most messages to one channel in one look. The others are for the next one.
const MOST: usize = 20;
/// A condition that is over.
const RESOLVED: &str = "resolved";

/// Tells each channel what it does not know yet, and keeps what it knows then.
pub(crate) fn tell(round: &mut Round, channels: &[Channel], options: &Options, host: &dyn Host) {
    let path = &options.state;
    let mut state = match State::read(host, path) {
        Ok(state) => state,
        Err(error) => {
            round.untold.push(("nobody".to_owned(), error));
            return;
        }
    };
    if !round.set.is_empty() && !state.set.is_empty() && state.set != round.set {
        let error = format!("--state {path}: is of {}: give this environment a file of its own", state.set);
        round.untold.push(("nobody".to_owned(), error));
        return;
    }
    if !round.set.is_empty() {
        state.set.clone_from(&round.set);
    }
    note(&mut state, round);
    let due: Vec<Vec<String>> = channels.iter().map(|channel| due(&state, &channel.name)).collect();
    let messages = |keys: &Vec<String>| keys.iter().filter_map(|key| message(&state, key, round)).collect();
    let messages: Vec<Vec<Message>> = due.iter().map(messages).collect();
    let ended = notify::deliver(channels, &messages, Duration::from_secs(options.notify.notify_timeout.into()));
    for ((channel, keys), ended) in channels.iter().zip(due).zip(ended) {
        for (key, ended) in keys.iter().zip(ended) {
            match (ended, state.known.get_mut(key)) {
                (Ok(()), Some(known)) => {
                    known.told.insert(channel.name.clone(), known.state.clone());
                }
                (Ok(()), None) => {}
                (Err(error), _) => round.untold.push((channel.name.clone(), error)),
            }
        }
    }
    // Whoever was never told that it began need not be told that it is over.
    state
        .known
        .retain(|_, known| known.state != RESOLVED || channels.iter().any(|channel| is_due(known, &channel.name)));
    if let Err(error) = state.write(host, path) {
        host.err(&format!("waft: warning: {error}"));
    }
}

/// Brings the state to what was found.
fn note(state: &mut State, round: &Round) {
    let now = round.now;
    let change = |known: &mut Known, to: &str| {
        if known.state != to {
            (known.state, known.since) = (to.to_owned(), now);
        }
    };
    for condition in round.conditions.iter().filter(|condition| condition.is_told) {
        let fresh = Known { state: String::new(), since: now, says: String::new(), told: BTreeMap::new() };
        let known = state.known.entry(condition.key()).or_insert(fresh);
        change(known, condition.state());
        known.says = says(condition);
    }
    for (key, known) in &mut state.known {
        let is_there = round.conditions.iter().any(|condition| condition.key() == *key);
        if !is_there && is_seen(key, round) {
            change(known, RESOLVED);
        }
    }
}

/// Whether a condition would have been seen, if it were still there.
fn is_seen(key: &str, round: &Round) -> bool {
    let is = |cause: Cause| key.split('\n').next() == Some(cause.name());
    if is(Cause::Pointer) || is(Cause::Store) { round.is_read } else { round.is_judged }
}

fn says(condition: &Condition) -> String {
    let done = condition.done();
    if done.is_empty() { condition.says.clone() } else { format!("{}\n{done}", condition.says) }
}

/// What a channel does not know yet, the oldest first.
fn due(state: &State, channel: &str) -> Vec<String> {
    let mut due: Vec<(&String, &Known)> = state.known.iter().filter(|(_, known)| is_due(known, channel)).collect();
    due.sort_by_key(|(key, known)| (known.since, *key));
    due.into_iter().take(MOST).map(|(key, _)| key.clone()).collect()
}

fn is_due(known: &Known, channel: &str) -> bool {
    match known.told.get(channel) {
        None => known.state != RESOLVED,
        Some(told) => *told != known.state,
    }
}

fn message(state: &State, key: &str, round: &Round) -> Option<Message> {
    let Known { state: now, since, says, .. } = state.known.get(key)?;
    let set = &state.set;
    let cause = key.split('\n').next().unwrap_or_default();
    let id = Sha256::digest(format!("{set}\n{key}\n{now}\n{since}"));
    let id: String = id.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let (first, subject) = if now == RESOLVED {
        ("resolved: ", format!("waft guard {set}: resolved: {cause}"))
    } else {
        ("", format!("waft guard {set}: {cause}"))
    };
    let found = round.conditions.iter().find(|condition| condition.key() == key);
    let mut data = found.map_or_else(|| json!({ "cause": cause, "says": says }), Condition::json);
    data["set"] = set.clone().into();
    data["state"] = now.clone().into();
    Some(Message {
        id: format!("msg_{id}"),
        kind: format!("guard.{cause}"),
        at: *since,
        subject,
        text: format!("{set}: {first}{cause}: {says}"),
        data,
    })
}
