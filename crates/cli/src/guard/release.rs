//! What is done about releases, with the publisher's key: the one that is live is taken back, or a ramp of it is paused.

use serde_json::{Value, json};
use waft_commands::delivery::guarded::{self, Outcome};
use waft_commands::delivery::{Key, Place};
use waft_commands::host::{Destination, Host};
use waft_commands::ramp::Known;
use waft_commands::records;
use waft_ruleset::Then;

use super::action;
use super::condition::{Action, Condition};
use super::options::Options;

/// How long a busy store is tried again, in seconds, before people are told.
const PATIENCE: u16 = 30;

/// Does what conditions ask for, and writes into them what was done, or what is left for people.
pub(crate) fn act(conditions: &mut [Condition], options: &Options, host: &dyn Host) {
    take_back(conditions, options, host);
    for condition in conditions.iter_mut().filter(|one| one.then == Then::Hold) {
        // What waits for its guard is held without anybody.
        if matches!(condition.action, Action::Waits(_)) {
            pause(condition, options, host);
        }
    }
}

/// All of them have one release to blame: the one that is live.
fn take_back(conditions: &mut [Condition], options: &Options, host: &dyn Host) {
    let wanted = |one: &&mut Condition| one.then == Then::Rollback;
    let (mut flags, mut says) = (Vec::new(), Vec::new());
    for condition in conditions.iter_mut().filter(wanted) {
        flags.extend(condition.flags.iter().cloned());
        says.push(condition.says.clone());
    }
    if says.is_empty() {
        return;
    }
    flags.sort();
    flags.dedup();
    let Some(with) = with(options, &says) else { return };
    let taken = guarded::rollback(&with, &flags, host);
    for condition in conditions.iter_mut().filter(wanted) {
        let outcome = match &taken {
            Ok(taken) => {
                let spared: Vec<&str> =
                    condition.flags.iter().filter_map(|flag| taken.spared.get(flag)).map(String::as_str).collect();
                // The release is not to blame for this one.
                if spared.len() == condition.flags.len() {
                    condition.advice = Some(spared.join("; "));
                    continue;
                }
                Ok(&taken.outcome)
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(Outcome::Published { version, rules_of, record }) => {
                condition.release = Some(json!({ "version": version, "rulesOf": rules_of, "record": record }));
                let of = rules_of.map_or_else(String::new, |of| format!(" {of}"));
                condition.advice = Some(format!("version {version} is live, with the rules of version{of} ({record})"));
                if matches!(condition.action, Action::Waits(_) | Action::Failed(_)) {
                    condition.action = Action::Back;
                }
            }
            Ok(Outcome::Waits { version, record, waits }) => {
                condition.release = Some(waiting(*version, record, waits));
                condition.advice = Some(format!(
                    "version {version} takes the release back, and waits for {} ({record})",
                    waits.join("; ")
                ));
            }
            Ok(Outcome::Stands(why)) => condition.advice = Some(why.clone()),
            Ok(Outcome::Paused { .. }) => {}
            Err(error) => {
                condition.advice =
                    Some(format!("the release was not taken back: {error}; {}", action::rollback(options)));
            }
        }
    }
}

fn pause(condition: &mut Condition, options: &Options, host: &dyn Host) {
    let (Some(with), Some(ramp)) = (with(options, std::slice::from_ref(&condition.says)), condition.study()) else {
        return;
    };
    let (ruleset, environment) = (options.source.ruleset.clone(), Some(options.environment.clone()));
    let known = Known { ramp: Some(ramp.to_owned()), ruleset, environment, ..Known::default() };
    let rules = &options.source.ruleset;
    match guarded::hold(&with, &known, host) {
        Ok(Outcome::Published { version, record, .. }) => {
            condition.release = Some(json!({ "version": version, "record": record }));
            condition.advice = Some(format!(
                "the ramp is paused by version {version} ({record}): commit {rules} with `paused`, or the next release ends that"
            ));
            condition.action = Action::Held;
        }
        Ok(Outcome::Paused { version }) => {
            condition.advice = Some(format!("version {version}, which is live, has no step of it to come"));
            condition.action = Action::Held;
        }
        Ok(Outcome::Waits { version, record, waits }) => {
            condition.release = Some(waiting(version, &record, &waits));
            let waits = waits.join("; ");
            condition.action = Action::Waits(format!(
                "version {version} pauses the ramp, and waits for {waits} ({record}): commit {rules} with `paused`, or the next release ends that"
            ));
        }
        Ok(Outcome::Stands(why)) => condition.advice = Some(why),
        Err(error) => condition.advice = Some(format!("the ramp was not paused: {error}")),
    }
}

fn waiting(version: u64, record: &str, waits: &[String]) -> Value {
    json!({ "version": version, "record": record, "waitsFor": waits })
}

/// With what, if it is here.
fn with(options: &Options, says: &[String]) -> Option<guarded::Options> {
    let (to, trust, key) = (options.to.clone()?, options.trust.clone()?, options.publisher_key.clone()?);
    let records = options.records.clone().unwrap_or_else(|| records::FOLDER.to_owned());
    Some(guarded::Options {
        place: Place { records, trust },
        to: Destination {
            to,
            name: Some(options.name.clone()),
            url: options.url.clone(),
            freshness_key: options.freshness_key.clone(),
            timeout: Some(PATIENCE),
            single_writer: options.single_writer,
        },
        key: Key { file: key, role: "publisher".to_owned(), ..Key::default() },
        why: action::reason(says),
    })
}
