//! `waft eval`: what somebody would see, decided by the engine that the page runs.

use serde_json::{Map, Value as Json, json};

use super::{Exit, fail, input};
use crate::host::Host;
use crate::{context, decision};

/// What to decide, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The snapshot's file.
    pub snapshot: String,
    /// The file of TRUST.json.
    pub trust: String,
    /// The context, as JSON.
    pub context: String,
    /// One flag's key; all flags if absent.
    pub flag: Option<String>,
    /// The moment, as RFC 3339; the present one if absent.
    pub now: Option<String>,
    /// Whether to say why.
    pub trace: bool,
}

/// Prints `{flag: {value, variant, reason, ...}}`. A flag that does not exist is `FLAG_NOT_FOUND`.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let read = || -> Result<_, String> {
        let trust = input::read_trust(host, &options.trust)?;
        let now = input::moment(host, "--now", options.now.as_deref())?;
        let context = context::read(&options.context).map_err(|error| format!("--context: {error}"))?;
        Ok((input::file(host, &options.snapshot)?, trust, now, context))
    };
    let (bytes, trust, now, context) = match read() {
        Ok(read) => read,
        Err(message) => return fail(host, &message),
    };
    let program = match input::program(host, &options.snapshot, bytes, &trust, now) {
        Ok(program) => program,
        Err(refusal) => return input::refuse(host, &options.snapshot, refusal),
    };
    let mut subject = context::subject(&program, &context);
    let mut told: Map<String, Json> = decision::flags(&program, options.flag.as_deref())
        .into_iter()
        .map(|(flag, key)| (key, decision::decide(&program, flag, &mut subject, &context, now, options.trace)))
        .collect();
    if let Some(key) = &options.flag
        && told.is_empty()
    {
        told.insert(key.clone(), json!({ "reason": "ERROR", "errorCode": "FLAG_NOT_FOUND" }));
    }
    host.out(&format!("{:#}", Json::Object(told)));
    Exit::Done
}
