//! What `waft eval` and `waft explain` ask of a snapshot: which flags, for whom and when.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use waft::program::FlagIndex;
use waft::{ErrorCode, Program, Reason, Session};

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::{input, token};
use waft_explain::context;
use waft_explain::decision::{self, DecisionStory, Explanation};
use waft_ruleset::{clock, suggestion};

/// Which flags of a snapshot are asked about, for whom and when.
#[derive(Clone, Debug)]
pub struct Question {
    /// The snapshot's file.
    pub snapshot: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The context: JSON text, which begins with `{`, a file's name, or `-` for what is piped in.
    pub context: String,
    /// One flag's key; all flags if absent.
    pub flag: Option<String>,
    /// The moment, as RFC 3339. If absent, the one at which a page decides: now, but not before the snapshot was made.
    pub now: Option<String>,
    /// A preview token that is shown to them.
    pub preview: Option<String>,
}

/// What is printed of each flag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// How it evaluates, as JSON.
    Decisions,
    /// How and why, as JSON.
    Explanations,
    /// How and why, for people.
    Text,
}

/// What is told of a flag, and for which moment.
#[derive(Serialize)]
struct AtMoment<T> {
    #[serde(flatten)]
    told: T,
    /// RFC 3339.
    moment: String,
}

/// What is asked of a snapshot that opened, and the answer's parts.
struct Asked {
    /// The program.
    program: Program,
    /// The context, prepared for it; what a preview token shows is shown.
    session: Session,
    /// The context, as JSON.
    context: Map<String, Json>,
    /// The moment at which flags are decided, in milliseconds since 1970.
    moment: i64,
    /// What is wrong with list files, by their numbers.
    lists: Vec<Option<String>>,
}

impl Asked {
    /// The flags that were asked for, with their indices; of one that does not exist, what to tell the person who asked.
    fn flags(&self, only: Option<&str>) -> Result<Vec<(FlagIndex, String)>, String> {
        let flags = decision::flags(&self.program, only);
        match only {
            Some(key) if flags.is_empty() => {
                let known = decision::flags(&self.program, None);
                let remedy = suggestion(key, known.iter().map(|(_, key)| key.as_str()));
                Err(format!("--flag {key}: the snapshot has no such flag: {remedy}"))
            }
            _ => Ok(flags),
        }
    }

    /// Decides a flag, and tells it together with the moment.
    fn explain(&mut self, flag: FlagIndex) -> AtMoment<Explanation> {
        let told = Explanation::of(&self.program, flag, &mut self.session, &self.context, self.moment);
        AtMoment { told, moment: self.moment() }
    }

    /// The moment at which flags are decided, in RFC 3339.
    fn moment(&self) -> String {
        clock::text(self.moment)
    }

    /// Tells which list files conditions asked for in vain.
    fn tell_lists(&mut self, host: &dyn Host) {
        let wanted = self.session.take_wanted();
        for (file, problem) in self.lists.iter().enumerate() {
            if let Some(problem) = problem.as_ref().filter(|_| wanted >> file & 1 != 0) {
                host.err(&format!("waft: {problem}"));
            }
        }
    }
}

/// Decides the flags that a question names, and prints them. One that was asked for by name and does not exist is a failure.
pub(crate) fn answer(question: &Question, form: Form, host: &dyn Host) -> Exit {
    let mut asked = match ask(host, question) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let flags = match asked.flags(question.flag.as_deref()) {
        Ok(flags) => flags,
        Err(message) => {
            if form != Form::Text {
                input::print(host, &BTreeMap::from([(question.flag.as_deref().unwrap_or(""), not_found())]));
            }
            return fail(host, &message);
        }
    };
    if form == Form::Text {
        host.out(&format!("at {}", asked.moment()));
    }
    let explained = flags.into_iter().map(|(flag, key)| (key, asked.explain(flag)));
    match form {
        Form::Decisions => {
            let decision = |AtMoment { told, moment }: AtMoment<Explanation>| AtMoment { told: told.decision, moment };
            let told: BTreeMap<_, _> = explained.map(|(key, told)| (key, decision(told))).collect();
            asked.tell_lists(host);
            input::print(host, &told);
        }
        Form::Explanations => {
            let told: BTreeMap<_, _> = explained.collect();
            asked.tell_lists(host);
            input::print(host, &told);
        }
        Form::Text => {
            explained.for_each(|(key, told)| tell(host, &key, &told.told));
            asked.tell_lists(host);
        }
    }
    Exit::Done
}

/// What a page would be told of a flag that does not exist.
fn not_found() -> DecisionStory {
    DecisionStory {
        reason: Reason::Error.name(),
        error_code: Some(ErrorCode::FlagNotFound.name()),
        ..DecisionStory::default()
    }
}

/// A flag, for people.
fn tell(host: &dyn Host, key: &str, Explanation { decision, text, .. }: &Explanation) {
    let value = decision.value.as_ref().map_or(String::new(), |value| format!(" = {value}"));
    let without = if decision.reason == Reason::Error.name() { "" } else { "the caller's default" };
    host.out(&format!("{key}: {}{value} ({})", decision.variant.as_deref().unwrap_or(without), decision.reason));
    text.lines().for_each(|line| host.out(&format!("  {line}")));
    for made in decision.exposures.iter().flatten() {
        host.out(&format!("  exposes {} {} to {}, phase {}", made.unit_kind, made.unit, made.experiment, made.phase));
    }
    if let Some(until) = &decision.valid_until {
        host.out(&format!("  may change with time at {until}"));
    }
}

/// Opens what a question names. What cannot be read, or is refused, has been told.
fn ask(host: &dyn Host, question: &Question) -> Result<Asked, Exit> {
    let read = || -> Result<_, String> {
        let trust = input::read_trust(host, &question.trust)?;
        let now = input::moment(host, "--now", question.now.as_deref())?;
        let context = read_context(host, &question.context).map_err(|error| format!("--context: {error}"))?;
        Ok((input::file(host, &question.snapshot)?, trust, now, context))
    };
    let (bytes, trust, now, context) = read().map_err(|message| fail(host, &message))?;
    let mut program =
        input::program(bytes, &trust, now).map_err(|refusal| input::refuse(host, &question.snapshot, refusal))?;
    let read = |path: &str| input::file(host, path);
    let lists = input::put_lists(&read, &question.snapshot, &mut program);
    let mut session = context::session(&program, &context);
    if let Some(token) = &question.preview {
        let unshown =
            token::show(token, &trust, &program, &mut session, now).map_err(|message| fail(host, &message))?;
        unshown.iter().for_each(|message| host.err(&format!("waft: {message}")));
    }
    let moment = if question.now.is_some() { now } else { moment_of_pages(host, &program, now) };
    Ok(Asked { program, session, context, moment, lists })
}

/// The moment at which a page decides whose clock shows `now`: not before the snapshot was made.
fn moment_of_pages(host: &dyn Host, program: &Program, now: i64) -> i64 {
    let issued = i64::try_from(program.snapshot().issued()).unwrap_or(i64::MAX).saturating_mul(1_000);
    if issued > now {
        let [issued, now] = [issued, now].map(clock::text);
        host.err(&format!(
            "waft: decided at {issued}, when the snapshot was made, as in a page: this machine's clock shows {now}"
        ));
    }
    issued.max(now)
}

/// A context from where the option says.
fn read_context(host: &dyn Host, written: &str) -> Result<Map<String, Json>, String> {
    if written.trim_start().starts_with('{') {
        return context::read(written);
    }
    let bytes = match written {
        "-" => host.input(),
        path => host.read(path),
    };
    let bytes = bytes.map_err(|error| {
        format!("{written}: {error}: write JSON text, which begins with {{, the name of a file, or - for stdin")
    })?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{written}: not UTF-8 text"))?;
    context::read(text.strip_prefix('\u{feff}').unwrap_or(&text)).map_err(|error| format!("{written}: {error}"))
}
