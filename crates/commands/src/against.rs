//! What may not come back as it was: trials that have started or changed since, and that would return to an older phase or range.

use std::collections::BTreeSet;
use std::ops::Range;

use waft::Program;

use waft_compile::snapshot::{self, Stop};
pub use waft_explain::against::compare;
use waft_explain::trials::{self, Kind, Trial, Trials};
use waft_ruleset::clock::text_of_seconds;

/// A trial that is stopped.
struct Stopped<'t> {
    trial: &'t Trial,
    why: String,
}

/// Ends, in the body of an earlier program that is to come back, what has started there and is otherwise by now in the live one. Returns what is
/// stopped and what to do in the rules, a line each. `now` is in milliseconds since 1970. Fails if something else would stop with it.
pub(crate) fn stop(live: &Program, earlier: &Program, body: &mut [u8], now: i64) -> Result<Vec<String>, String> {
    let (live, earlier) = (trials::all(live), trials::all(earlier));
    let stopped = stopped(&live, &earlier, now);
    let second = u32::try_from(now / 1_000).unwrap_or(u32::MAX);
    check_alone(&stopped, &earlier, now)?;
    // Trials with the same phases have one run of records, which is ended once.
    let mut done = BTreeSet::<(u32, u32)>::new();
    for Stopped { trial, .. } in &stopped {
        let Range { start, end } = trial.records;
        let how = if trial.kind == Kind::Ramp { Stop::Empty } else { Stop::At(second) };
        if done.insert((start, end)) {
            snapshot::stop(body, start..end, how).ok_or_else(|| format!("{trial}: its phases cannot be read"))?;
        }
    }
    let at = text_of_seconds(second.into());
    let line = |Stopped { trial, why }: &Stopped<'_>| match trial.kind {
        Kind::Ramp => format!("{trial} is stopped: {why}. It takes nobody until the rules have a share for it again"),
        Kind::Experiment | Kind::Holdout => {
            format!(
                "{trial} is stopped: {why}. In the rules, end its phase with `to: {at}`: it comes back with a new one"
            )
        }
    };
    let gone = live.iter().filter(|(key, trial)| is_running(trial, now) && !earlier.contains_key(*key));
    let gone = gone.map(|(_, trial)| format!("{trial} is stopped: the earlier rules do not have it"));
    Ok(stopped.iter().map(line).chain(gone).collect())
}

fn is_running(trial: &Trial, now: i64) -> bool {
    trial.has_started(now) && !trial.is_over(now)
}

/// What runs in the earlier program, and not as in the live one.
fn stopped<'t>(live: &Trials, earlier: &'t Trials, now: i64) -> Vec<Stopped<'t>> {
    let mut stopped = Vec::new();
    for (key, trial) in earlier.iter().filter(|(_, trial)| is_running(trial, now)) {
        let why = match live.get(key) {
            None => Some("it was taken out of the rules since".to_owned()),
            Some(live) if !live.has_started(now) => Some("it was put off since".to_owned()),
            Some(live) => {
                let changes = trials::between(live, trial, now, &|_| true);
                changes.first().map(|change| format!("{} changed since", change.what))
            }
        };
        stopped.extend(why.map(|why| Stopped { trial, why }));
    }
    stopped
}

/// Two trials with the same phases have one run of records: what goes on must not be ended with what is stopped.
fn check_alone(stopped: &[Stopped<'_>], earlier: &Trials, now: i64) -> Result<(), String> {
    for Stopped { trial, .. } in stopped {
        let meets = |other: &Range<u32>| other.start < trial.records.end && trial.records.start < other.end;
        let goes_on =
            |other: &&Trial| is_running(other, now) && !stopped.iter().any(|one| std::ptr::eq(one.trial, *other));
        if let Some(other) = earlier.values().filter(goes_on).find(|other| meets(&other.records)) {
            return Err(format!(
                "{trial} would have to be stopped, and has the same phases as {other}, which goes on: turn the flag off with `waft kill`, or end it \
                 in the rules, revert the rest, and propose that"
            ));
        }
    }
    Ok(())
}
