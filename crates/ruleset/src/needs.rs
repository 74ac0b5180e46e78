//! Which flags must be decided before another, because its conditions ask for their variants.

use std::collections::BTreeSet;

use crate::finding::{Code, Findings};
use crate::suggestion::suggestion;
use crate::types::{Condition, FlagBody, Named, Ruleset};

/// The flags that a flag's body asks for by itself, and through segments and its holdout.
pub(crate) fn asked<'r>(ruleset: &'r Ruleset, body: &'r FlagBody) -> Vec<&'r Named<Vec<String>>> {
    let mut asked: Vec<&Named<Vec<String>>> = body.requires.iter().collect();
    let except = body.holdout.and_then(|index| ruleset.holdouts.get(index)?.item.except.as_ref());
    let mut conditions: Vec<&Condition> = body.rules.iter().filter_map(|rule| rule.item.condition.as_ref()).collect();
    conditions.extend(except);
    let mut seen = BTreeSet::new();
    while let Some(condition) = conditions.pop() {
        condition.walk(&mut |part| match part {
            Condition::Flag(named) => asked.push(named),
            // Each segment once: those of a faulty ruleset may name each other in a circle.
            Condition::Segment(index) if seen.insert(*index) => {
                conditions.extend(ruleset.segments.get(*index).map(|named| &named.item.condition));
            }
            _ => {}
        });
    }
    asked
}

/// Every flag to decide before one, each after those that it needs itself. `body` answers a flag's form by its index.
pub fn of<'r>(ruleset: &'r Ruleset, flag: usize, body: &dyn Fn(usize) -> Option<&'r FlagBody>) -> Vec<usize> {
    let (mut ordered, mut open) = (Vec::new(), Vec::new());
    visit(ruleset, flag, body, &mut ordered, &mut open);
    ordered.retain(|other| *other != flag);
    ordered
}

/// Returns the cycle, if there is one.
fn visit<'r>(
    ruleset: &'r Ruleset,
    flag: usize,
    body: &dyn Fn(usize) -> Option<&'r FlagBody>,
    ordered: &mut Vec<usize>,
    open: &mut Vec<usize>,
) -> Option<Vec<usize>> {
    if ordered.contains(&flag) {
        return None;
    }
    if open.contains(&flag) {
        return Some(open.iter().copied().chain([flag]).collect());
    }
    open.push(flag);
    for named in body(flag).map_or(Vec::new(), |body| asked(ruleset, body)) {
        let Some(other) = ruleset.flags.iter().position(|flag| flag.name == named.name) else { continue };
        if let Some(circle) = visit(ruleset, other, body, ordered, open) {
            return Some(circle);
        }
    }
    open.pop();
    ordered.push(flag);
    None
}

/// Circles, and variants that a flag does not have.
pub(crate) fn lint(ruleset: &Ruleset, findings: &mut Findings) {
    for environment in 0..ruleset.environments.len().max(1) {
        let body = |flag: usize| ruleset.flags.get(flag).map(|flag| flag.item.within(environment));
        for (index, flag) in ruleset.flags.iter().enumerate() {
            let (mut ordered, mut open) = (Vec::new(), Vec::new());
            if let Some(circle) = visit(ruleset, index, &body, &mut ordered, &mut open)
                && circle.first() == Some(&index)
            {
                let names: Vec<&str> =
                    circle.iter().filter_map(|flag| Some(ruleset.flags.get(*flag)?.name.as_str())).collect();
                let message = format!("flags ask for each other in a circle: {}", names.join(" -> "));
                findings.add(flag.place, Code::PrerequisiteCycle, message, "remove one of the conditions");
            }
        }
    }
    let in_conditions = |visit: &mut dyn FnMut(&Named<Vec<String>>)| {
        for condition in ruleset.conditions() {
            condition.walk(&mut |part| {
                if let Condition::Flag(named) = part {
                    visit(named);
                }
            });
        }
        let bodies = ruleset.flags.iter().flat_map(|flag| flag.item.bodies());
        bodies.flat_map(|body| &body.requires).for_each(visit);
    };
    in_conditions(&mut |named| check_variants(ruleset, named, findings));
}

fn check_variants(ruleset: &Ruleset, named: &Named<Vec<String>>, findings: &mut Findings) {
    let Some(flag) = ruleset.flags.iter().find(|flag| flag.name == named.name) else { return };
    for variant in &named.item {
        for body in flag.item.bodies() {
            if !body.variants.iter().any(|(key, _)| key == variant) {
                let remedy = suggestion(variant, body.variants.iter().map(|(key, _)| key.as_str()));
                let message = format!("the flag `{}` has no variant `{variant}`", flag.name);
                findings.add(named.place, Code::UnknownVariant, message, remedy);
                break;
            }
        }
    }
}
