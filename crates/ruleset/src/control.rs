//! What an experiment's variants are compared with.

use crate::types::{Action, Named, Rule, Ruleset};

/// Which of an experiment's variants the others are compared with: the one called `control`, the flag's default, what it is when off, or the first.
/// Empty if there are none.
pub fn control<'n>(
    ruleset: &'n Ruleset,
    environment: usize,
    experiment: &str,
    variants: impl Iterator<Item = &'n str> + Clone,
) -> &'n str {
    let index = ruleset.experiments.iter().position(|named| named.name == experiment);
    let names = |rule: &Named<Rule>| matches!(&rule.item.action, Action::Experiment(at) if Some(*at) == index);
    let mut bodies = ruleset.flags.iter().map(|flag| flag.item.within(environment));
    let body = bodies.find(|body| body.rules.iter().any(names));
    let of_flag = body.into_iter().flat_map(|body| {
        let served = [Some(body.default), body.when_off].into_iter().flatten();
        served.filter_map(|at| body.variants.get(at)).map(|(name, _)| name.as_str())
    });
    let found = ["control"].into_iter().chain(of_flag).find(|name| variants.clone().any(|variant| variant == *name));
    found.or_else(|| variants.clone().next()).unwrap_or_default()
}
