//! Audiences that are drawn: what a flag asks of another is decided by a trial or a share, so that whoever passes is a random sample.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Findings};
use crate::needs;
use crate::order::ordered;
use crate::share::Share;
use crate::types::{Action, Condition, FlagBody, Named, Rule, Ruleset};

/// What a flag's variant depends on beside the context.
#[derive(Clone, Default)]
struct Drawn {
    /// Whether on an experiment, a ramp or a share.
    by_lot: bool,
    /// On which holdouts.
    holdouts: BTreeSet<usize>,
}

struct Draws<'r> {
    ruleset: &'r Ruleset,
    environment: usize,
    /// The moment, in milliseconds since 1970.
    now: Option<i64>,
    /// Flags by name.
    flags: BTreeMap<&'r str, usize>,
    drawn: Vec<Drawn>,
}

/// Adds a finding wherever a flag asks for another that is drawn, in `requires` or in a condition, also of a segment.
pub(crate) fn lint(ruleset: &Ruleset, now: Option<i64>, findings: &mut Findings) {
    for environment in 0..ruleset.environments.len().max(1) {
        let flags = ordered(ruleset.flags.iter().enumerate().map(|(index, flag)| (flag.name.as_str(), index)));
        let drawn = vec![Drawn::default(); ruleset.flags.len()];
        let mut draws = Draws { ruleset, environment, now, flags, drawn };
        draws.fill();
        for body in (0..ruleset.flags.len()).filter_map(|flag| draws.body(flag)) {
            for named in needs::asked(ruleset, body) {
                // Whoever is held out of both gets neither, and nobody else is drawn.
                let is_drawn = draws.divided(named).is_some_and(|drawn| {
                    drawn.by_lot || drawn.holdouts.iter().any(|holdout| Some(*holdout) != body.holdout)
                });
                if is_drawn {
                    let message = format!("`{}` is randomised, so this audience is, too", named.name);
                    let remedy = "require it once it serves everybody";
                    findings.add(named.place, Code::RandomisedRequirement, message, remedy);
                }
            }
        }
    }
}

impl<'r> Draws<'r> {
    fn body(&self, flag: usize) -> Option<&'r FlagBody> {
        self.ruleset.flags.get(flag).map(|flag| flag.item.within(self.environment))
    }

    /// Each flag after those that it asks for. Flags may ask for each other in a long row: this does not recurse.
    fn fill(&mut self) {
        let mut seen = BTreeSet::new();
        for flag in 0..self.drawn.len() {
            let mut open = vec![(flag, false)];
            while let Some((flag, is_ready)) = open.pop() {
                let Some(body) = self.body(flag) else { continue };
                if is_ready {
                    let drawn = self.drawn_by(body);
                    self.drawn.get_mut(flag).into_iter().for_each(|own| *own = drawn.clone());
                } else if seen.insert(flag) {
                    open.push((flag, true));
                    let asked = needs::asked(self.ruleset, body);
                    open.extend(asked.iter().filter_map(|named| Some((*self.flags.get(named.name.as_str())?, false))));
                }
            }
        }
    }

    fn drawn_by(&self, body: &FlagBody) -> Drawn {
        let mut drawn = Drawn::default();
        if !body.enabled {
            return drawn;
        }
        let runs = |holdout: &usize| {
            self.ruleset
                .holdouts
                .get(*holdout)
                .is_some_and(|holdout| !holdout.item.to.is_some_and(|to| self.passed(to)))
        };
        drawn.holdouts.extend(body.holdout.filter(runs));
        drawn.by_lot = tried(body).any(|rule| self.draws(&rule.item));
        for other in needs::asked(self.ruleset, body).into_iter().filter_map(|named| self.divided(named)) {
            drawn.by_lot |= other.by_lot;
            drawn.holdouts.extend(&other.holdouts);
        }
        drawn
    }

    fn draws(&self, rule: &Rule) -> bool {
        if rule.dates.and_then(|(_, to)| to).is_some_and(|to| self.passed(to)) {
            return false;
        }
        let by_action = match &rule.action {
            Action::Serve(_) => false,
            Action::Experiment(index) => {
                let last = self.ruleset.experiments.get(*index).and_then(|experiment| experiment.item.phases.last());
                last.is_some_and(|phase| !phase.to.is_some_and(|to| self.passed(to)))
            }
            Action::Ramp(ramp) => {
                let is_whole = ramp.steps.last().is_some_and(|(share, at)| *share == Share::ALL && self.passed(*at));
                ramp.waiting > 0 || !is_whole
            }
        };
        by_action || rule.condition.as_ref().is_some_and(|condition| has_share(self.ruleset, condition))
    }

    /// What a flag is drawn by, if some of the variants that it may evaluate to are asked for, and not all.
    fn divided(&self, named: &Named<Vec<String>>) -> Option<&Drawn> {
        let flag = *self.flags.get(named.name.as_str())?;
        let served = self.served(self.body(flag)?);
        let asked = served.iter().filter(|key| named.item.iter().any(|own| own == *key)).count();
        if asked == 0 || asked == served.len() { None } else { self.drawn.get(flag) }
    }

    /// The variants that a flag may evaluate to.
    fn served(&self, body: &'r FlagBody) -> BTreeSet<&'r str> {
        let mut served = BTreeSet::new();
        // The caller's default, which has no name, counts as one more.
        let mut add = |variant: Option<usize>| {
            served.insert(variant.and_then(|at| body.variants.get(at)).map_or("", |(key, _)| key.as_str()));
        };
        if !body.enabled {
            add(body.when_off);
            return served;
        }
        let goes_off = body.holdout.is_some() || !body.requires.is_empty();
        if goes_off || tried(body).any(|rule| rule.item.stops_on_unknown()) {
            add(body.when_off);
        }
        body.targets.iter().for_each(|target| add(Some(target.variant)));
        if !tried(body).any(|rule| rule.item.is_final()) {
            add(Some(body.default));
        }
        for rule in tried(body) {
            match &rule.item.action {
                Action::Serve(variant) => add(Some(*variant)),
                Action::Ramp(ramp) => add(Some(ramp.variant)),
                Action::Experiment(_) => {}
            }
        }
        let experiments = tried(body).filter_map(|rule| match rule.item.action {
            Action::Experiment(index) => self.ruleset.experiments.get(index),
            Action::Serve(_) | Action::Ramp(_) => None,
        });
        let splits = experiments.flat_map(|experiment| &experiment.item.phases).flat_map(|phase| &phase.split);
        served.extend(splits.map(|(variant, ..)| variant.as_str()));
        served
    }

    fn passed(&self, second: u32) -> bool {
        self.now.is_some_and(|now| i64::from(second) * 1_000 <= now)
    }
}

/// The rules up to one behind which nobody comes.
fn tried(body: &FlagBody) -> impl Iterator<Item = &Named<Rule>> {
    let last = body.rules.iter().position(|rule| rule.item.is_final()).map_or(body.rules.len(), |last| last + 1);
    body.rules.iter().take(last)
}

fn has_share(ruleset: &Ruleset, condition: &Condition) -> bool {
    let (mut has, mut seen, mut conditions) = (false, BTreeSet::new(), vec![condition]);
    while let Some(condition) = conditions.pop() {
        condition.walk(&mut |part| match part {
            Condition::Share(_) => has = true,
            // Each segment once: those of a faulty ruleset may name each other in a circle.
            Condition::Segment(index) if seen.insert(*index) => {
                conditions.extend(ruleset.segments.get(*index).map(|named| &named.item.condition));
            }
            Condition::Segment(_)
            | Condition::All(_)
            | Condition::Any(_)
            | Condition::Not(_)
            | Condition::Flag(_)
            | Condition::List(_)
            | Condition::Test(_) => {}
        });
    }
    has
}
