//! Flags that decide nothing any more: what the code may say in their place.

use serde_json::Value as Json;

use crate::share::Share;
use crate::types::{Action, Flag, FlagBody, Ruleset};

/// The value that everybody gets of a flag in every environment, from a moment on (milliseconds since 1970) and whatever the context
/// says: `Some(None)` is the caller's own default. `None` if values differ, or will.
pub fn one_value<'r>(ruleset: &'r Ruleset, flag: &'r Flag, now: i64) -> Option<Option<&'r Json>> {
    let bodies = (0..ruleset.environments.len()).map(|environment| flag.within(environment));
    let mut values = bodies.flat_map(|body| values(ruleset, body, now));
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}

/// All values that a form of a flag may still evaluate to.
fn values<'r>(ruleset: &'r Ruleset, body: &'r FlagBody, now: i64) -> Vec<Option<&'r Json>> {
    let value = |index: usize| body.variants.get(index).map(|(_, value)| value);
    let off = body.when_off.and_then(value);
    if !body.enabled {
        return vec![off];
    }
    let is_over = |to: Option<u32>| to.is_some_and(|to| i64::from(to) * 1_000 <= now);
    let mut values: Vec<Option<&Json>> = body.targets.iter().map(|target| value(target.variant)).collect();
    let is_held = |index: usize| ruleset.holdouts.get(index).is_some_and(|holdout| !is_over(holdout.item.to));
    let is_off = !body.requires.is_empty() || body.holdout.is_some_and(is_held);
    values.extend(is_off.then_some(off));
    for rule in body.rules.iter().map(|rule| &rule.item).filter(|rule| !is_over(rule.dates.and_then(|(_, to)| to))) {
        values.extend((rule.condition.is_some() && rule.stops_on_unknown()).then_some(off));
        match &rule.action {
            Action::Serve(variant) => values.push(value(*variant)),
            Action::Ramp(ramp) => values.push(value(ramp.variant)),
            Action::Experiment(index) => {
                let phases = ruleset.experiments.get(*index).map_or(&[][..], |experiment| &experiment.item.phases);
                let splits = phases.iter().filter(|phase| !is_over(phase.to)).flat_map(|phase| &phase.split);
                let chosen = splits.filter(|(_, share, _)| *share > Share(0)).map(|(name, ..)| name);
                values.extend(
                    chosen.map(|name| body.variants.iter().find(|(key, _)| key == name).map(|(_, value)| value)),
                );
            }
        }
        if rule.is_final() {
            return values;
        }
    }
    values.push(value(body.default));
    values
}
