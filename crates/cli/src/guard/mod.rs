//! `waft guard`: watches what is running, turns off what does harm, and tells people.
//!
//!     rules, records --+
//!     --db: exposures -+--round--> conditions --action, release--> kill list, the earlier release         told as text or JSON
//!     --to: the head --+
//!
//! - `round` is one look: `trials` judges by the analysis of `waft report`, `arrival` how records arrive.
//! - `condition` is something that is wrong, `action` what is done about it, with the keys that are there, and `release` about what was released.
//! - `told` tells people what has changed; `state` is the file that says what they know.
//!
//! *Invariant*: it kills no flag but one whose guardrail is known to be harmed, and releases no rules but those that were live before, or what is
//! live with a ramp that is paused.

mod action;
mod arrival;
mod condition;
mod options;
mod release;
mod round;
mod state;
mod told;
mod trials;

use std::thread;

use waft_commands::host::Host;

pub(crate) use options::Options;

use crate::notify;
use crate::serve::Database;
use condition::Code;
use round::Round;

/// Looks once, or until it is ended. Returns the exit code.
pub(crate) fn run(options: &Options, host: &dyn Host) -> u8 {
    let given = Database::named(&options.db)
        .and_then(|database| Ok((database, notify::channels(&options.notify.clone().into(), host)?)));
    let (database, channels) = match given {
        Ok(given) => given,
        Err(error) => {
            host.err(&format!("waft: {error}"));
            return Code::Given.exit();
        }
    };
    let mut is_first = true;
    loop {
        // Acted on first: nobody who is told slowly keeps a flag on.
        let mut round = Round::run(options, &database, host);
        if !channels.is_empty() {
            told::tell(&mut round, &channels, options, host);
        }
        if options.json {
            host.json(&round.json().to_string());
        } else {
            round.tell(host);
        }
        // What is wrong from the start is not waited for.
        match options.every {
            Some(every) if !is_first || round.code() != Code::Given => thread::sleep(every),
            Some(_) | None => return round.code().exit(),
        }
        is_first = false;
    }
}
