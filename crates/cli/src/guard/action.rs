//! What is done about harmed guardrails, with the keys that are there.

use waft_commands::host::Host;
use waft_commands::records;
use waft_ruleset::Then;

use super::condition::{Action, Condition};
use super::options::Options;
use crate::publish::{self, Killing, Live};

/// How long a busy store is tried again, in seconds, before people are told.
const PATIENCE: u16 = 30;
/// The longest reason that a record takes, in bytes.
const WHY: usize = 1_000;

/// Does what the conditions ask for, and writes into them what was done. Without a key, it is for somebody else to do.
pub(crate) fn act(
    conditions: &mut [Condition],
    live: Option<&Live>,
    has_key: bool,
    options: &Options,
    host: &dyn Host,
) {
    // What is published counts, and the records only where that is not known.
    let is_killed = |flag: &String| live.is_some_and(|live| live.killed.contains(flag));
    let mut kill: Vec<String> = Vec::new();
    let mut why = Vec::new();
    for condition in conditions.iter_mut() {
        let is_stopped = condition.stopped.as_ref().is_some_and(|flag| live.is_none() || is_killed(flag));
        condition.action = match condition.then {
            Then::Notify => Action::None,
            _ if is_stopped || condition.flags.iter().all(is_killed) => Action::Off,
            Then::Hold => Action::Waits(format!(
                "stop the ramp of {} where it is: take its later steps out of the rules, and release them",
                condition.flags.join(", ")
            )),
            Then::Off | Then::Rollback if !has_key => Action::Waits(command(condition, options)),
            Then::Off | Then::Rollback => {
                kill.extend(condition.flags.iter().filter(|flag| !is_killed(flag)).cloned());
                why.push(condition.says.clone());
                Action::Killed
            }
        };
    }
    let (Some(to), Some(trust), Some(key)) = (&options.to, &options.trust, &options.kill_key) else { return };
    kill.sort();
    kill.dedup();
    if kill.is_empty() {
        return;
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
    if let Err(error) = publish::publish(&publish::Options::killing(&killing), host) {
        for condition in conditions.iter_mut().filter(|condition| condition.action == Action::Killed) {
            condition.action = Action::Failed(error.clone());
        }
    }
}

/// One line that fits into a record.
fn reason(why: &[String]) -> String {
    let mut line: String = format!("waft guard: {}", why.join("; "));
    line.retain(|letter| !letter.is_control());
    while line.len() > WHY {
        line.pop();
    }
    line
}

/// The command that somebody with the key has to run.
fn command(condition: &Condition, options: &Options) -> String {
    let quoted = |text: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte);
        let is_word = !text.is_empty() && text.bytes().all(is_plain);
        if is_word { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
    };
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
