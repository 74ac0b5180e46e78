//! `waft eval`: what somebody would see, decided by the engine that the page runs.

use serde_json::{Map, Value as Json};

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::question::{self, Question};

/// What to decide, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked.
    pub question: Question,
    /// Whether to say why.
    pub trace: bool,
}

/// Prints `{flag: {value, variant, reason, moment, ...}}`. One flag that was asked for and does not exist is `FLAG_NOT_FOUND`, and a failure.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let mut asked = match question::ask(host, &options.question) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let only = options.question.flag.as_deref();
    let flags = match asked.flags(only) {
        Ok(flags) => flags,
        Err(message) => {
            host.json(&format!("{:#}", question::not_found(only)));
            return fail(host, &message);
        }
    };
    let told: Map<String, Json> =
        flags.into_iter().map(|(flag, key)| (key, asked.decide(flag, options.trace))).collect();
    asked.tell_lists(host);
    host.json(&format!("{:#}", Json::Object(told)));
    Exit::Done
}
