//! What changed of something that has started, and may not.

use super::trial::{Kind, Phase, Trial};

/// A change that is one too many.
pub struct Change<'e> {
    /// What changed.
    pub what: String,
    /// What to do instead: followed, it leads to a ruleset without findings.
    pub remedy: &'static str,
    /// Where.
    pub at: At<'e>,
}

/// Where a change is written.
#[derive(Clone, Copy)]
pub enum At<'e> {
    /// Where the experiment, the holdout or the ramp is.
    Trial,
    /// The rule that names it.
    Rule,
    /// A flag, by its key.
    Flag(&'e str),
}

/// An experiment is another one with another unit or place.
const ANOTHER_EXPERIMENT: &str = "restore it; to change it, end this experiment and start another";
/// What phases do not say holds for all of them: between two it may change.
const BETWEEN_PHASES: &str = "end the phase; once it is over, change this and append a new one";
const NEW_PHASE: &str = "end the phase and append a new one";
/// The remedy of what is over.
pub const PASSED: &str = "restore it: what has been decided stays decided";
/// The remedy of an end that would lie in the past.
pub const TO_COME: &str = "end it at a time in the future";
const HOLDOUT: &str = "restore it; to change it, end this holdout with `to` and start another";
const RAMP: &str = "restore it until the ramp has reached 100 %, or release the flag with `enabled: false` first";

/// The changes from what is live to what comes next that are not allowed. `has` says which flags there still are.
pub fn between<'e>(before: &'e Trial, after: &'e Trial, now: i64, has: &dyn Fn(&str) -> bool) -> Vec<Change<'e>> {
    let mut changes = Changes(Vec::new());
    match before.kind {
        Kind::Experiment => changes.experiment(before, after, now),
        Kind::Holdout => changes.holdout(before, after, now, has),
        // Nobody is in a ramp whose flag is off.
        Kind::Ramp if before.on && after.on => changes.ramp(before, after, now),
        Kind::Ramp => {}
    }
    changes.0
}

struct Changes<'e>(Vec<Change<'e>>);

impl<'e> Changes<'e> {
    fn add(&mut self, changed: bool, what: impl Into<String>, remedy: &'static str, at: At<'e>) {
        if changed {
            self.0.push(Change { what: what.into(), remedy, at });
        }
    }

    fn experiment(&mut self, before: &'e Trial, after: &'e Trial, now: i64) {
        self.add(before.unit != after.unit, "the unit", ANOTHER_EXPERIMENT, At::Trial);
        self.add(before.salt != after.salt, "the salt", ANOTHER_EXPERIMENT, At::Trial);
        self.add(before.layer != after.layer, "the layer or a range", ANOTHER_EXPERIMENT, At::Trial);
        self.add(before.flag != after.flag, "the flag", ANOTHER_EXPERIMENT, At::Rule);
        if before.running(now).is_some() {
            self.add(before.audience != after.audience, "the audience", BETWEEN_PHASES, At::Rule);
            self.add(before.sticky != after.sticky, "`sticky`", BETWEEN_PHASES, At::Trial);
        }
        for (index, phase) in before.phases.iter().enumerate().filter(|(_, phase)| phase.has_started(now)) {
            match after.phases.get(index).filter(|same| same.id == phase.id) {
                Some(same) => self.phase(phase, same, now),
                None => {
                    let remedy = "append phases; never remove or renumber one";
                    self.add(true, "the list of phases", remedy, At::Trial);
                    return;
                }
            }
        }
    }

    fn phase(&mut self, before: &Phase, after: &Phase, now: i64) {
        let over = before.is_over(now);
        let of = |what: &str| format!("{what} of phase {}", before.id);
        self.add(before.from != after.from, of("the start"), PASSED, At::Trial);
        self.end(before, after, now, of("the end"));
        let shares =
            |phase: &Phase| phase.split.iter().map(|(bound, arm)| (*bound, arm.key.clone())).collect::<Vec<_>>();
        if shares(before) != shares(after) {
            self.add(true, of("the split"), if over { PASSED } else { NEW_PHASE }, At::Trial);
        } else {
            // Values of other variants, and of arms in phases that are over, are nobody's any more.
            for ((_, arm), _) in before.split.iter().zip(&after.split).filter(|(one, other)| !over && one != other) {
                self.add(true, format!("the value of `{}`", arm.key), BETWEEN_PHASES, At::Rule);
            }
        }
        if over {
            self.add(before.coverage != after.coverage, of("the coverage"), PASSED, At::Trial);
        } else {
            let remedy = "it may only rise; to take in fewer, end the phase and append a new one";
            self.add(after.coverage < before.coverage, of("the coverage"), remedy, At::Trial);
        }
    }

    /// The end may move, as nobody has come to it; not into the past.
    fn end(&mut self, before: &Phase, after: &Phase, now: i64, what: String) {
        let changed = before.to != after.to;
        if before.is_over(now) {
            self.add(changed, what, PASSED, At::Trial);
        } else {
            self.add(changed && after.is_over(now), what, TO_COME, At::Trial);
        }
    }

    fn holdout(&mut self, before: &'e Trial, after: &'e Trial, now: i64, has: &dyn Fn(&str) -> bool) {
        self.add(before.unit != after.unit, "the unit", HOLDOUT, At::Trial);
        self.add(before.salt != after.salt, "the salt", HOLDOUT, At::Trial);
        if before.running(now).is_some() {
            self.add(before.audience != after.audience, "the exception", HOLDOUT, At::Trial);
            // New flags join; one that leaves shows what it is to those who were kept from it.
            let left = before.flags.iter().filter(|flag| after.flags.binary_search(flag).is_err() && has(flag));
            let remedy = "keep it in the flag until it is over; `to` ends it";
            left.for_each(|flag| self.add(true, "the flags", remedy, At::Flag(flag)));
        }
        for (before, after) in before.phases.iter().zip(&after.phases) {
            self.add(before.coverage != after.coverage, "the share", HOLDOUT, At::Trial);
            self.add(before.from != after.from, "the start", HOLDOUT, At::Trial);
            self.end(before, after, now, "the end".to_owned());
        }
    }

    fn ramp(&mut self, before: &'e Trial, after: &'e Trial, now: i64) {
        if !before.is_over(now) {
            self.add(before.unit != after.unit, "the unit", RAMP, At::Rule);
            self.add(before.salt != after.salt, "the salt", RAMP, At::Rule);
            self.add(before.audience != after.audience, "the audience", RAMP, At::Rule);
            self.add(before.monitored != after.monitored, "`guard`", RAMP, At::Rule);
            if let (Some(served), Some(serves)) = (&before.serves, &after.serves) {
                let compared = before.monitored && after.monitored && served.key == serves.key;
                self.add(served.key != serves.key, "the variant", RAMP, At::Rule);
                self.add(
                    compared && served.value != serves.value,
                    format!("the value of `{}`", served.key),
                    RAMP,
                    At::Rule,
                );
            }
        }
        // Steps that were passed say nothing any more but how far they led.
        let reached = |trial: &Trial| trial.running(now).map(|step| step.coverage);
        let remedy = "it may only rise; `enabled: false` takes the flag back at once";
        self.add(reached(after) < reached(before), "the share", remedy, At::Rule);
    }
}
