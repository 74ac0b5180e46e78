//! `waft eval`: what somebody would see, decided by the engine that the page runs.

use serde_json::{Map, Value as Json, json};

use super::input::{self, Asked};
use super::{Exit, Question};
use crate::decision;
use crate::host::Host;

/// What to decide, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked.
    pub question: Question,
    /// Whether to say why.
    pub trace: bool,
}

/// Prints `{flag: {value, variant, reason, ...}}`. A flag that does not exist is `FLAG_NOT_FOUND`.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let Asked { program, mut subject, context, now } = match input::ask(host, &options.question) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let mut told: Map<String, Json> = decision::flags(&program, options.question.flag.as_deref())
        .into_iter()
        .map(|(flag, key)| (key, decision::decide(&program, flag, &mut subject, &context, now, options.trace)))
        .collect();
    if let Some(key) = &options.question.flag
        && told.is_empty()
    {
        told.insert(key.clone(), json!({ "reason": "ERROR", "errorCode": "FLAG_NOT_FOUND" }));
    }
    host.out(&format!("{:#}", Json::Object(told)));
    Exit::Done
}
