//! Whether a flag that comes back finds itself in the phase in which it was killed.

use std::fmt::Write as _;

use waft::Program;
use waft::program::{Flag, FlagIndex};
use waft::rule::{Action, Rule};
use waft_ruleset::clock;

use crate::host::Host;

/// Refuses flags of an experiment whose running phase began before their kill: its units had another variant meanwhile,
/// so that what is measured from then on is no comparison. Flags that ask for them are only told: whether they were off, too, depends
/// on the variants. `since` is when a flag was killed, in milliseconds since 1970.
pub(crate) fn check(
    host: &dyn Host,
    program: &Program,
    flags: &[String],
    since: &dyn Fn(&str) -> i64,
    now: i64,
) -> Result<(), String> {
    let mut refused = String::new();
    for key in flags {
        let Some(index) = program.find(key.as_bytes()) else { continue };
        for (own, flag) in all(program) {
            let is_same = own == index;
            if !is_same && !program.rules(&flag).any(|rule| asks(&rule, index)) {
                continue;
            }
            for (experiment, phase, from) in running(program, &flag, now) {
                let killed = since(key);
                if from > killed {
                    continue;
                }
                let [from, killed] = [from, killed].map(clock::text);
                if is_same {
                    // Writing to a String does not fail.
                    let _ = write!(
                        refused,
                        "{key}: phase {phase} of its experiment {experiment} began at {from}, before the kill at {killed}: its units \
                         had another variant since then; release a phase with a new id first; "
                    );
                } else {
                    let other = program.str(flag.key);
                    host.err(&format!(
                        "waft: warning: {other} asks for {key}, and phase {phase} of its experiment {experiment} began at {from}, \
                         before the kill at {killed}: if {other} was off since then, release a phase with a new id"
                    ));
                }
            }
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(format!("{refused}nothing was written")) }
}

fn all(program: &Program) -> impl Iterator<Item = (FlagIndex, Flag)> {
    program.flags().filter_map(|index| Some((index, program.flag(index)?)))
}

fn asks(rule: &Rule<'_>, flag: FlagIndex) -> bool {
    matches!(rule.action(), Action::Need(needed) if needed == flag)
}

/// The experiments that rules of a flag name, with the number and the first moment of the phase that is running.
fn running(program: &Program, flag: &Flag, now: i64) -> Vec<(String, u32, i64)> {
    let mut running = Vec::new();
    for rule in program.rules(flag) {
        let Action::Experiment(at) = rule.action() else { continue };
        let Some(trial) = program.trial(flag, at) else { continue };
        let mut phases = (0..trial.phase_count).filter_map(|phase| program.phase(&trial, phase));
        if let Some(phase) = phases.find(|phase| phase.from.milli() <= now && now < phase.to.milli()) {
            running.push((program.str(trial.key).to_owned(), phase.id, phase.from.milli()));
        }
    }
    running
}
