//! What is told of a run, however it ends: to whoever started it, as JSON to scripts, and to people by messages.

use serde_json::{Value as Json, json};

use super::options::Options;
use crate::delivery::trusted::Trusted;
use crate::exit::{Ended, Exit, fail};
use crate::host::{Host, Notice};
use crate::records::Step;
use waft::manifest::digest_of;
use waft_compile::keys;

/// The most lines of changes, and again of whom they concern, that a message has: receivers bound what they take. The record has all of them.
const MOST: usize = 100;

/// How a run ended that did not fail.
pub(super) enum State {
    /// A new version is live.
    Published,
    /// What is live has these rules.
    Unchanged,
    /// It is proposed, and waits for these.
    Waits { is_new: bool, waits: Vec<String> },
}

/// What is known at the end.
#[derive(Default)]
pub(super) struct Told {
    set: Option<[String; 2]>,
    version: Option<(u64, String)>,
    step: Option<Step>,
    record: Option<String>,
    /// What was done with ramps.
    pub(super) ramps: Vec<String>,
    /// What was published, as `waft publish` prints it.
    pub(super) published: Option<Json>,
}

impl Told {
    pub(super) fn set(&mut self, trusted: &Trusted) {
        self.set = Some([trusted.document.project.clone(), trusted.document.environment.clone()]);
    }

    pub(super) fn version(&mut self, version: u64, digest: &str) {
        self.version = Some((version, digest.to_owned()));
    }

    pub(super) fn step(&mut self, step: &Step, record: &str) {
        self.version(step.version, &step.digest);
        (self.step, self.record) = (Some(step.clone()), Some(record.to_owned()));
    }

    /// Tells it, and returns the exit code. Whoever cannot be told changes nothing.
    pub(super) fn end(self, options: &Options, host: &dyn Host, ended: Result<State, Ended>) -> Exit {
        let (name, exit, is_new, waits, message) = match ended {
            Ok(State::Published) => ("published", Exit::Done, true, Vec::new(), None),
            Ok(State::Unchanged) => ("unchanged", Exit::Done, false, Vec::new(), None),
            Ok(State::Waits { is_new, waits }) => ("waits", Exit::Waits, is_new, waits, None),
            Err(Ended(exit, message)) => (exit.name(), exit, true, Vec::new(), Some(message)),
        };
        if let Some(message) = &message {
            fail(host, message);
        }
        if !waits.is_empty() {
            host.err(&format!("waft: it waits for {}", waits.join("; ")));
        }
        let mut data = self.json(name, MOST);
        data["waitsFor"] = json!(waits);
        data["message"] = json!(message);
        let untold = match is_new {
            true => self.notify(options, host, name, &data),
            false => Vec::new(),
        };
        untold.iter().for_each(|line| host.err(&format!("waft: warning: {line}")));
        if options.json {
            let whole = self.json(name, usize::MAX);
            ["changes", "effect"].iter().for_each(|field| data[*field] = whole[*field].clone());
            data["exit"] = json!(exit as u8);
            data["error"] = message.map_or(Json::Null, |message| host.failure(exit.code(), &message).into());
            data["untold"] = json!(untold);
            host.json(&data.to_string());
        }
        exit
    }

    fn json(&self, state: &str, most: usize) -> Json {
        let [project, environment] = self.set.clone().unwrap_or_default();
        let step = self.step.as_ref();
        let lines = |of: fn(&Step) -> &Vec<String>| json!(first(step.map(of).cloned().unwrap_or_default(), most));
        json!({
            "state": state,
            "project": project,
            "environment": environment,
            "version": self.version.as_ref().map(|(version, _)| version),
            "digest": self.version.as_ref().map(|(_, digest)| digest),
            "record": self.record,
            "source": step.and_then(|step| step.source.clone()),
            "checks": lines(|step| &step.checks),
            "changes": lines(|step| &step.changes),
            "effect": lines(|step| &step.effect),
            "exceeds": lines(|step| &step.exceeds),
            "ramps": self.ramps,
            "published": self.published,
        })
    }

    /// Tells people. A release has one identity, however often it is told; of what fails, each run has its own.
    fn notify(&self, options: &Options, host: &dyn Host, state: &str, data: &Json) -> Vec<String> {
        let set = self.set.as_ref().map_or_else(String::new, |set| set.join("/"));
        let what = match &self.version {
            Some((version, _)) => format!("version {version} {state}"),
            None => state.to_owned(),
        };
        let about = match (&data["message"], &data["waitsFor"]) {
            (Json::String(message), _) => vec![message.clone()],
            (_, Json::Array(waits)) => {
                waits.iter().filter_map(Json::as_str).map(|one| format!("waits for {one}")).collect()
            }
            _ => Vec::new(),
        };
        let of_release = |(_, digest): &(u64, String)| digest.clone();
        let once = self.version.as_ref().map_or_else(|| host.now().to_string(), of_release);
        let id = keys::to_text(&digest_of(&[format!("{set}\n{state}\n{once}").as_bytes()]));
        let changes = self.step.iter().flat_map(|step| step.changes.iter().chain(&step.effect).cloned());
        let lines = first(about.into_iter().chain(changes).collect(), MOST);
        let notice = Notice {
            id: format!("msg_{}", id.get(..22).unwrap_or_default()),
            kind: format!("release.{state}"),
            at: host.now(),
            subject: format!("waft release {set}: {what}"),
            text: format!("{set}: {what}\n{}", lines.join("\n")),
            data: data.to_string(),
        };
        host.notify(&options.recipients, Some(&notice)).unwrap_or_else(|error| vec![error])
    }
}

/// The first lines, and how many more there are.
fn first(mut lines: Vec<String>, most: usize) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    lines.truncate(most);
    lines.extend((more > 0).then(|| format!("... and {more} more")));
    lines
}
