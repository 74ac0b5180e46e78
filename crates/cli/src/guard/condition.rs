//! Something that is wrong, and what was done about it.

use serde_json::{Value, json};
use waft_ruleset::Then;

/// What is wrong. The name is what scripts and receivers of notifications read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Harmed,
    Worse,
    SampleRatio,
    Crossed,
    NoData,
    Due,
    Loss,
    Outdated,
    Refused,
    Pointer,
    Rules,
    Records,
    Database,
    Store,
}

/// How a round ends for whoever started it, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Code {
    /// Nothing is wrong.
    Fine,
    /// Something is.
    Found,
    /// What the rules want done waits for somebody.
    Waits,
    /// Somebody could not be told.
    Untold,
    /// Rules, keys or options are wrong: nothing was judged.
    Given,
    /// The database or the store failed.
    Failed,
}

/// Something that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) cause: Cause,
    /// The trial, its phase, the metric and the variant, as far as it is about one.
    pub(crate) about: Vec<(&'static str, Value)>,
    /// The whole in a sentence.
    pub(crate) says: String,
    /// What the ruleset wants done.
    pub(crate) then: Then,
    /// With which flags.
    pub(crate) flags: Vec<String>,
    /// What was done about the release, or is left for people.
    pub(crate) advice: Option<String>,
    /// The release that was made or proposed because of it.
    pub(crate) release: Option<Value>,
    /// The flag whose kill has ended the trial, by the records: one of these, or one that they require.
    pub(crate) stopped: Option<String>,
    pub(crate) action: Action,
    /// Whether people are told: a guardrail of a trial that has just begun has no data, and nothing is wrong with that.
    pub(crate) is_told: bool,
}

/// What was done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing is to be done.
    None,
    /// It is done without anybody: the ramp does not rise.
    Held,
    /// The flags were killed now.
    Killed,
    /// They were off before.
    Off,
    /// The release was taken back.
    Back,
    /// Somebody has to do it: how.
    Waits(String),
    /// It was tried.
    Failed(String),
}

impl Cause {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Cause::Harmed => "harmed",
            Cause::Worse => "worse",
            Cause::SampleRatio => "srm",
            Cause::Crossed => "crossed",
            Cause::NoData => "no-data",
            Cause::Due => "due",
            Cause::Loss => "loss",
            Cause::Outdated => "outdated",
            Cause::Refused => "refused",
            Cause::Pointer => "pointer",
            Cause::Rules => "rules",
            Cause::Records => "records",
            Cause::Database => "database",
            Cause::Store => "store",
        }
    }

    /// Whether it does not count as a finding: a warning, or news.
    pub(crate) const fn is_news(self) -> bool {
        matches!(self, Cause::NoData | Cause::Due)
    }
}

impl Code {
    /// The exit code.
    pub(crate) const fn exit(self) -> u8 {
        match self {
            Code::Fine => 0,
            Code::Found => 1,
            Code::Given => 2,
            Code::Waits => 3,
            Code::Failed => 5,
            Code::Untold => 7,
        }
    }
}

impl Condition {
    /// One about nothing but its cause.
    pub(crate) fn of(cause: Cause, says: String) -> Self {
        let (about, flags) = (Vec::new(), Vec::new());
        Condition {
            cause,
            about,
            says,
            then: Then::Notify,
            flags,
            advice: None,
            release: None,
            stopped: None,
            action: Action::None,
            is_told: true,
        }
    }

    /// What tells it from all others, now and at the next look.
    pub(crate) fn key(&self) -> String {
        let parts = self.about.iter().map(|(_, part)| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        [self.cause.name().to_owned()].into_iter().chain(parts).collect::<Vec<_>>().join("\n")
    }

    /// The trial that it is about.
    pub(crate) fn study(&self) -> Option<&str> {
        self.about.iter().find_map(|(name, of)| if *name == "study" { of.as_str() } else { None })
    }

    /// What people are told once, and again when it changes.
    pub(crate) const fn state(&self) -> &'static str {
        match &self.action {
            Action::None => "found",
            Action::Held => "held",
            Action::Killed | Action::Off => "off",
            Action::Back => "rolled-back",
            Action::Waits(_) => "waits",
            Action::Failed(_) => "failed",
        }
    }

    pub(crate) fn code(&self) -> Code {
        match (&self.cause, &self.action) {
            (Cause::NoData | Cause::Due, _) => Code::Fine,
            (Cause::Records | Cause::Database | Cause::Store, _) | (_, Action::Failed(_)) => Code::Failed,
            (Cause::Rules, _) => Code::Given,
            (_, Action::Waits(_)) => Code::Waits,
            (_, Action::None | Action::Held | Action::Killed | Action::Off | Action::Back) => Code::Found,
        }
    }

    /// What was done, in words; empty if nothing.
    pub(crate) fn done(&self) -> String {
        let flags = self.flags.join(", ");
        let done = match &self.action {
            Action::None | Action::Back => String::new(),
            Action::Held => "its next step waits as long as this is so".to_owned(),
            Action::Killed => format!("killed {flags}"),
            Action::Off => format!("{flags} is off"),
            Action::Waits(how) => how.clone(),
            Action::Failed(error) => format!("{flags} could not be killed: {error}"),
        };
        let parts = [Some(done).filter(|done| !done.is_empty()), self.advice.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    pub(crate) fn json(&self) -> Value {
        let mut told = json!({ "cause": self.cause.name(), "says": self.says, "then": self.then.name() });
        for (name, part) in &self.about {
            told[name] = part.clone();
        }
        if !self.flags.is_empty() {
            told["flags"] = self.flags.clone().into();
        }
        if let Some(advice) = &self.advice {
            told["advice"] = advice.clone().into();
        }
        if let Some(release) = &self.release {
            told["release"] = release.clone();
        }
        let (name, text) = match &self.action {
            Action::None => return told,
            Action::Held => ("held", None),
            Action::Killed => ("killed", None),
            Action::Off => ("off", None),
            Action::Back => ("rolled-back", None),
            Action::Waits(how) => ("waits", Some(how)),
            Action::Failed(error) => ("failed", Some(error)),
        };
        told["action"] = name.into();
        if let Some(text) = text {
            told["actionSays"] = text.clone().into();
        }
        told
    }
}
