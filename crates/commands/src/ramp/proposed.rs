//! Dates that steps of ramps have in a proposal. Who dates them anew each night makes another proposal each night, and the signatures of the
//! last one are void.

use std::collections::BTreeMap;

use waft::Program;
use waft::buckets::Bound;
use waft_explain::trials::{self, Kind};
use waft_ruleset::Share;
use waft_ruleset::ramp::Step;

/// By ramp, `flag/rule`: the bounds of its steps, and when they begin, in seconds since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proposed(BTreeMap<String, Vec<(Bound, u32)>>);

impl Proposed {
    /// Of the snapshot that is proposed.
    pub(crate) fn of(program: &Program) -> Self {
        let ramps = trials::all(program).into_iter().filter(|((kind, _), _)| *kind == Kind::Ramp);
        let steps = |trial: trials::Trial| trial.phases.iter().map(|step| (step.coverage, step.from.0)).collect();
        Proposed(ramps.map(|((_, name), trial)| (name, steps(trial))).collect())
    }

    /// The date of a step: behind a second, and until another.
    pub(super) fn at(&self, name: &str, step: &Step, [since, until]: [u32; 2]) -> Option<u32> {
        let steps = self.0.get(name)?.iter().filter(|(bound, _)| *bound == step.to.bound());
        steps.map(|(_, at)| *at).find(|at| *at > since && *at <= until)
    }

    /// Whether it has a step that begins behind a second.
    pub(crate) fn rises(&self, name: &str, since: u32) -> bool {
        self.0.get(name).is_some_and(|steps| steps.iter().any(|(_, at)| *at > since))
    }

    /// Whether it has a step.
    pub(super) fn has(&self, name: &str, to: Share, at: u32) -> bool {
        self.0.get(name).is_some_and(|steps| steps.contains(&(to.bound(), at)))
    }
}
