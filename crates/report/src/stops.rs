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
        let KillOf { flag, at, .. } = kill;
        told.push(format!("kill of `{flag}` at {at}{}", source(kill)));
        let end = match results.kind {
            Kind::Ramp => "the ramp goes on once the flag is back",
            Kind::Experiment | Kind::Holdout => "once the flag is back, it needs a new phase",
        };
        told.push(format!("{} after it are set apart, and count nowhere; {end}", apart(results)));
    } else if let Some(opens) = &results.opens {
        told.push(format!(
            "its flag was killed when it started, and came back at {opens}: {} before are set apart",
            apart(results)
        ));
    }
    for kill in &results.kills {
        let KillOf { flag, at, until, .. } = kill;
        let of = match results.kind {
            Kind::Holdout => "a flag of this holdout, `",
            Kind::Experiment | Kind::Ramp => "`",
        };
        let until = until.as_ref().map_or(String::new(), |until| format!(" until {until}"));
        let meaning = match results.kind {
            Kind::Holdout => "differences are smaller while it is off",
            Kind::Experiment | Kind::Ramp => "units had no variant meanwhile, so differences are smaller",
        };
        told.push(format!("{of}{flag}` was killed at {at}{until}{}: {meaning}", source(kill)));
    }
    told
}

fn apart(results: &Results) -> String {
    let (exposures, events) = (results.apart.exposures, results.apart.events);
    format!("{} and {}", words::counted(exposures, "exposure"), words::counted(events, "event"))
}

/// Who, why, and where that is written.
fn source(KillOf { by, why, record, .. }: &KillOf) -> String {
    let why = why.as_ref().map_or(String::new(), |why| format!(" ({why})"));
    format!(" by {by}{why}, {record}")
}
