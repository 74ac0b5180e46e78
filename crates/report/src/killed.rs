//! Which trials a kill stops, and when.
//!
//! ```text
//! phase   |from------------------------------to|      counted
//! kill           |at----------                        from..at
//! kill    |at---------until|                          until..to: it came back into a phase that had begun meanwhile
//! ramp           |at---------until|                   from..to: it goes on
//! ```

use std::collections::HashMap;

use waft_ruleset::{Action, FlagBody, Kill, Ruleset};

use crate::trial::{Kind, Trial, started};

/// All trials that have started by `now` (milliseconds since 1970), in the ruleset's order, the newest phase first; ended by the kills
/// that have happened by then. A kill never changes what happened before it.
pub fn trials(ruleset: &Ruleset, environment: usize, kills: &[Kill], now: i64) -> Vec<Trial> {
    let mut trials = started(ruleset, environment, now);
    for trial in &mut trials {
        let own = bodies(ruleset, environment).filter(|(flag, body)| is_of(ruleset, trial, flag, body));
        let flags = own.map(|(flag, _)| flag.to_owned()).collect();
        trial.flags = flags;
    }
    let kills: Vec<Kill> = kills.iter().filter(|kill| kill.at <= now).map(|kill| as_of(kill, now)).collect();
    if kills.is_empty() {
        return trials;
    }
    let mut off = Off { ruleset, environment, kills: &kills, known: HashMap::new() };
    for trial in &mut trials {
        let mut own: Vec<Kill> = Vec::new();
        for (flag, _) in bodies(ruleset, environment).filter(|(flag, _)| trial.flags.iter().any(|own| own == flag)) {
            for kill in off.of(flag) {
                if !own.contains(&kill) {
                    own.push(kill);
                }
            }
        }
        own.sort_by(|left, right| (left.at, &left.flag).cmp(&(right.at, &right.flag)));
        match trial.kind {
            Kind::Experiment => stop_phase(trial, own),
            Kind::Ramp => stop_ramp(trial, own),
            // It compares all that is held out with all that is not, and one flag less changes both.
            Kind::Holdout => trial.kills = during(trial, own),
        }
    }
    trials
}

/// A kill as it was known at a moment.
fn as_of(kill: &Kill, now: i64) -> Kill {
    Kill { until: kill.until.filter(|until| *until <= now), ..kill.clone() }
}

fn bodies(ruleset: &Ruleset, environment: usize) -> impl Iterator<Item = (&str, &FlagBody)> {
    ruleset.flags.iter().map(move |flag| (flag.name.as_str(), flag.item.within(environment)))
}

/// Whether a trial is about this flag.
fn is_of(ruleset: &Ruleset, trial: &Trial, flag: &str, body: &FlagBody) -> bool {
    let experiment = |at: usize| ruleset.experiments.get(at).map(|experiment| experiment.name.as_str());
    match trial.kind {
        Kind::Experiment => body.rules.iter().any(
            |rule| matches!(rule.item.action, Action::Experiment(at) if experiment(at) == Some(trial.name.as_str())),
        ),
        Kind::Ramp => body.rules.iter().any(|rule| trial.name == format!("{flag}/{}", rule.name)),
        Kind::Holdout => {
            let holdout = body.holdout.and_then(|at| ruleset.holdouts.get(at));
            holdout.is_some_and(|holdout| holdout.name == trial.name)
        }
    }
}

/// When flags were off by a kill: their own, or that of a flag that they require.
struct Off<'r> {
    ruleset: &'r Ruleset,
    environment: usize,
    kills: &'r [Kill],
    /// Each flag once: two that require the same two are many ways to the same.
    known: HashMap<&'r str, Vec<Kill>>,
}

impl<'r> Off<'r> {
    fn of(&mut self, flag: &'r str) -> Vec<Kill> {
        if let Some(known) = self.known.get(flag) {
            return known.clone();
        }
        // Nothing asks for itself: the ruleset has been checked.
        let mut off: Vec<Kill> = self.kills.iter().filter(|kill| kill.flag == flag).cloned().collect();
        let ruleset = self.ruleset;
        if let Some((_, body)) = bodies(ruleset, self.environment).find(|(name, _)| *name == flag) {
            for needed in &body.requires {
                let is_met = bodies(ruleset, self.environment)
                    .find(|(name, _)| *name == needed.name)
                    .and_then(|(_, other)| other.variants.get(other.when_off?))
                    .is_some_and(|(variant, _)| needed.item.contains(variant));
                if is_met {
                    continue;
                }
                for kill in self.of(&needed.name) {
                    if !off.contains(&kill) {
                        off.push(kill);
                    }
                }
            }
        }
        self.known.insert(flag, off.clone());
        off
    }
}

/// Ends a phase with the first kill in it. What is off when it begins, begins it when it comes back.
fn stop_phase(trial: &mut Trial, kills: Vec<Kill>) {
    let (mut opens, end) = (trial.from, trial.ends());
    for kill in kills {
        // Whatever comes after its end, and what came back after it.
        if kill.at >= end || opens >= end {
            break;
        }
        if kill.at > opens || kill.until.is_none() {
            let at = kill.at.max(opens);
            trial.opens = Some(opens).filter(|opens| *opens > trial.from || *opens == at);
            return stop(trial, kill, at);
        }
        opens = opens.max(kill.until.unwrap_or(opens));
    }
    trial.opens = Some(opens.min(end)).filter(|opens| *opens > trial.from);
}

/// Ends a ramp while it is off. It goes on once it is back, and its reader is told.
fn stop_ramp(trial: &mut Trial, kills: Vec<Kill>) {
    let mut kills = during(trial, kills);
    if let Some(open) = kills.iter().position(|kill| kill.until.is_none()) {
        let kill = kills.remove(open);
        let at = kill.at.max(trial.from);
        stop(trial, kill, at);
    }
    trial.kills = kills;
}

/// Kills while a trial was running.
fn during(trial: &Trial, mut kills: Vec<Kill>) -> Vec<Kill> {
    let end = trial.ends();
    kills.retain(|kill| kill.at < end && kill.until.is_none_or(|until| until > trial.from));
    kills
}

/// Nothing from this moment on counts.
fn stop(trial: &mut Trial, kill: Kill, at: i64) {
    trial.until = trial.as_of;
    trial.to = Some(at);
    trial.as_of = at;
    trial.stopped = Some(kill);
}
