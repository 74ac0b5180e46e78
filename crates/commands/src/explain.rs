//! `waft explain`: why somebody sees what they see, as indented text or as data.

use serde_json::{Map, Value as Json};

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::question::{self, Question};

/// What to explain, for whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// What is asked.
    pub question: Question,
    /// Whether to print data in place of text.
    pub json: bool,
}

/// Prints each flag with its variant and the steps to it. One flag that was asked for and does not exist is a failure.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    let mut asked = match question::ask(host, &options.question) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let only = options.question.flag.as_deref();
    let flags = match asked.flags(only) {
        Ok(flags) => flags,
        Err(message) => {
            if options.json {
                host.json(&format!("{:#}", question::not_found(only)));
            }
            return fail(host, &message);
        }
    };
    if !options.json {
        host.out(&format!("at {}", asked.moment()));
    }
    let mut all = Map::new();
    for (flag, key) in flags {
        let told = asked.decide(flag, true);
        if !options.json {
            tell(host, &key, &told);
        }
        all.insert(key, told);
    }
    asked.tell_lists(host);
    if options.json {
        host.json(&format!("{:#}", Json::Object(all)));
    }
    Exit::Done
}

fn tell(host: &dyn Host, key: &str, told: &Json) {
    let text = |name: &str| told.get(name).and_then(Json::as_str).unwrap_or("");
    let value = told.get("value").map_or(String::new(), |value| format!(" = {value}"));
    host.out(&format!("{key}: {}{value} ({})", text("variant"), text("reason")));
    text("text").lines().for_each(|line| host.out(&format!("  {line}")));
    for exposure in told.get("exposures").and_then(Json::as_array).into_iter().flatten() {
        let field = |name: &str| {
            exposure
                .get(name)
                .map_or(String::new(), |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        host.out(&format!(
            "  exposes {} {} to {}, phase {}",
            field("unitKind"),
            field("unit"),
            field("experiment"),
            field("phase")
        ));
    }
    if let Some(until) = told.get("validUntil").and_then(Json::as_str) {
        host.out(&format!("  may change with time at {until}"));
    }
}
