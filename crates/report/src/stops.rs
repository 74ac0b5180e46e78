//! Kills in words.

use crate::results::{KillOf, Results};
use crate::trial::Kind;
use crate::words;

/// The answer in one or two sentences.
pub(crate) fn answer(results: &Results) -> String {
    let found = words::answer(results);
    let Some(KillOf { at, .. }) = &results.stopped else { return found };
    if results.arms.iter().all(|arm| arm.units == 0) {
        return format!("Stopped by kill at {at}: no exposures before it, and no winner.");
    }
    let stopped = format!("Stopped by kill at {at}: no winner.");
    if found == words::UNDECIDED { stopped } else { format!("{stopped} {found}") }
}

/// What a reader should know of kills, line by line; names are between backticks.
pub(crate) fn told(results: &Results) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(kill) = &results.stopped {
        told.push(killed(kill, ""));
        let back = match results.kind {
            Kind::Ramp => "the ramp goes on once the flag is back",
            Kind::Experiment | Kind::Holdout => "once the flag is back, the experiment needs a new phase",
        };
        told.push(format!("{} after it are set apart and count nowhere; {back}", apart(results)));
    } else if let Some(opens) = &results.opens {
        let apart = apart(results);
        told.push(format!(
            "Its flag was killed when it started, and came back at {opens}: {apart} before that are set apart"
        ));
    }
    for kill in &results.kills {
        let (of, meaning) = match results.kind {
            Kind::Holdout => (", a flag of this holdout,", "differences are smaller while it is off"),
            Kind::Experiment | Kind::Ramp => ("", "units had no variant meanwhile, so differences are smaller"),
        };
        told.push(format!("{}; {meaning}", killed(kill, of)));
    }
    told
}

/// Which flag was killed when, by whom, why, and where that is written.
fn killed(KillOf { flag, at, until, by, why, record }: &KillOf, of: &str) -> String {
    let until = until.as_ref().map_or(String::new(), |until| format!(" until {until}"));
    let why = why.as_ref().map_or(String::new(), |why| format!(": {why}"));
    format!("`{flag}`{of} was killed at {at}{until} by {by}{why} ({record})")
}

fn apart(results: &Results) -> String {
    let (exposures, events) = (results.apart.exposures, results.apart.events);
    format!("{} and {}", words::counted(exposures, "exposure"), words::counted(events, "event"))
}
