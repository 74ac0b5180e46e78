//! What is done about harmed guardrails, with the keys that are there.

use waft_commands::host::Host;
use waft_commands::records;
use waft_report::Rise;
use waft_ruleset::Then;
use waft_ruleset::ramp::Next;

use super::condition::{Action, Condition};
use super::options::Options;
use crate::publish::{self, Killing, Live, Look};

/// How long a busy store is tried again, in seconds, before people are told.
const PATIENCE: u16 = 30;
/// The longest reason that a record takes, in bytes.
const WHY: usize = 1_000;

/// Does what the conditions ask for, and writes into them what was done. Without a key, it is for somebody else to do. A kill without a
/// record is a failure, and the flag is off all the same.
pub(crate) fn act(
    conditions: &mut [Condition],
    (rises, live): (&[Rise], Option<&Live>),
    has_key: bool,
    options: &Options,
    host: &dyn Host,
) -> Result<(), String> {
    // What is published counts, and the records only where that is not known.
    let is_killed = |flag: &String| live.is_some_and(|live| live.killed.contains(flag));
    let (mut kill, mut why) = (Vec::new(), Vec::new());
    for condition in conditions.iter_mut() {
        condition.advice = (condition.then == Then::Rollback).then(|| rollback(options));
        let is_stopped = condition.stopped.as_ref().is_some_and(|flag| live.is_none() || is_killed(flag));
        let is_off = condition.flags.iter().all(is_killed);
        condition.action = match condition.then {
            Then::Notify => Action::None,
            _ if is_stopped => Action::Off,
            Then::Hold if is_off => Action::Off,
            Then::Hold => hold(condition, rises, options),
            Then::Off | Then::Rollback if !has_key && is_off => Action::Off,
            Then::Off | Then::Rollback if !has_key => Action::Waits(command(condition, options)),
            Then::Off | Then::Rollback => {
                // One that is killed and without a record gets one: whoever killed it ended before that.
                kill.extend(condition.flags.iter().cloned());
                why.push(condition.says.clone());
                if is_off { Action::Off } else { Action::Killed }
            }
        };
    }
    let (Some(to), Some(trust), Some(key)) = (&options.to, &options.trust, &options.kill_key) else { return Ok(()) };
    kill.sort();
    kill.dedup();
    if kill.is_empty() {
        return Ok(());
    }
    let killing = Killing {
        to,
        url: options.url.as_deref(),
        trust,
        name: &options.name,
        key,
        flags: &kill,
        why: &reason(&why),
        records: options.records.as_deref().unwrap_or(records::FOLDER),
        timeout: PATIENCE,
        single_writer: options.single_writer,
    };
    let Err(error) = publish::publish(&publish::Options::killing(&killing), host) else { return Ok(()) };
    let found = Look::new(to, trust, &options.name).at(host);
    if found.is_ok_and(|live| kill.iter().all(|flag| live.killed.contains(flag))) {
        return Err(format!("{} is killed: {error}", kill.join(", ")));
    }
    for condition in conditions.iter_mut().filter(|condition| condition.action == Action::Killed) {
        condition.action = Action::Failed(error.clone());
    }
    Ok(())
}

/// One line that fits into a record.
pub(super) fn reason(why: &[String]) -> String {
    let mut line: String = format!("waft guard: {}", why.join("; "));
    line.retain(|letter| !letter.is_control());
    while line.len() > WHY {
        line.pop();
    }
    line
}

/// A word of a shell's command.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
    let is_word = !text.is_empty() && text.bytes().all(is_plain);
    if is_word { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// A ramp whose next step waits does not take it while a guardrail is harmed. One whose steps have dates needs somebody.
fn hold(condition: &Condition, rises: &[Rise], options: &Options) -> Action {
    let study = condition.study();
    match rises.iter().find(|rise| Some(rise.name.as_str()) == study).map(|rise| (&rise.name, &rise.next)) {
        Some((ramp, Next::Dated { .. })) => {
            let (rules, ramp) = (quoted(&options.source.ruleset), quoted(ramp));
            Action::Waits(format!("its next step has a date; release what this writes: waft ramp pause {rules} {ramp}"))
        }
        // In these rules, which need not be those that pages have.
        Some((_, Next::Paused(_))) if options.publisher_key.is_some() => {
            Action::Waits("the pause is in the rules, and is not known to be in pages".to_owned())
        }
        Some((_, Next::Paused(_) | Next::Harmed(_) | Next::Held { .. } | Next::Due { .. })) => Action::Held,
        // Nothing is left to hold, and experiments do not rise by themselves.
        Some((_, Next::Done)) | None => Action::None,
    }
}

/// How a release is taken back: by whoever may sign one.
pub(super) fn rollback(options: &Options) -> String {
    let (Some(to), Some(trust)) = (&options.to, &options.trust) else {
        return "then take the release back: waft release rollback --help".to_owned();
    };
    let live = if to.contains("://") {
        "SNAPSHOT".to_owned()
    } else {
        quoted(&format!("{}/{}.waft", to.trim_end_matches('/'), options.name))
    };
    let records = options.records.as_deref().map_or(String::new(), |folder| format!(" --records {}", quoted(folder)));
    format!(
        "then take the release back: waft release rollback --trust {} --live {live}{records} --key PUBLISHER.pem",
        quoted(trust)
    )
}

/// The command that somebody with the key has to run.
fn command(condition: &Condition, options: &Options) -> String {
    let flags: String = condition.flags.iter().map(|flag| format!(" --kill {}", quoted(flag))).collect();
    let given = |option: &Option<String>, otherwise: &str| option.as_deref().map_or(otherwise.to_owned(), quoted);
    let (to, trust) = (given(&options.to, "PUBLISHED-FOLDER"), given(&options.trust, "TRUST.json"));
    let name = match options.name.as_str() {
        publish::DEFAULT_NAME => String::new(),
        name => format!(" --name {name}"),
    };
    format!(
        "the key of the role kill is not here; who has it runs: waft publish{flags} --kill-key KEY.pem --trust {trust} --to {to}{name} \
         --why {}",
        quoted(&reason(std::slice::from_ref(&condition.says)))
    )
}
