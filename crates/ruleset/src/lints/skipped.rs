//! Rules that turn a flag off and are skipped where their condition is unknown, although what comes then turns it on.

use std::collections::BTreeSet;

use waft::operators::Operator;

use crate::finding::{Code, Findings};
use crate::types::{Action, Condition, FlagBody, Named, Rule, Ruleset};

/// Adds a finding for every such rule. One that says `onUnknown` is settled, whichever it says.
pub(crate) fn lint(ruleset: &Ruleset, body: &FlagBody, findings: &mut Findings) {
    for (index, rule) in body.rules.iter().enumerate() {
        let can_be_unknown = rule.item.condition.as_ref().is_some_and(|condition| can_be_unknown(ruleset, condition));
        if turns_off(body, &rule.item)
            && rule.item.on_unknown.is_none()
            && can_be_unknown
            && comes_on(ruleset, body, &rule.item, body.rules.get(index + 1..).unwrap_or_default())
        {
            let message =
                format!("rule `{}` turns the flag off, and is skipped where an attribute is missing", rule.name);
            findings.add(
                rule.place,
                Code::OffCanBeSkipped,
                message,
                "add `onUnknown: stop`, or `skip` if that is meant",
            );
        }
    }
}

fn turns_off(body: &FlagBody, rule: &Rule) -> bool {
    match &rule.action {
        Action::Serve(variant) => Some(*variant) == body.when_off,
        Action::Ramp(ramp) => Some(ramp.variant) == body.when_off,
        Action::Experiment(_) => false,
    }
}

/// Whether one of the rules behind a rule may serve, while that one applies, another variant than the off one; or the default is another.
fn comes_on(ruleset: &Ruleset, body: &FlagBody, rule: &Rule, behind: &[Named<Rule>]) -> bool {
    let (from, to) = rule.dates.unwrap_or_default();
    for other in behind.iter().filter(|other| other.item.applies_within(from.unwrap_or(0), to)) {
        let is_on = match &other.item.action {
            Action::Serve(_) | Action::Ramp(_) => !turns_off(body, &other.item),
            Action::Experiment(index) => {
                let phases = ruleset.experiments.get(*index).map_or(&[][..], |experiment| &experiment.item.phases);
                let off = body.when_off.and_then(|off| body.variants.get(off)).map_or("", |(key, _)| key.as_str());
                phases.iter().flat_map(|phase| &phase.split).any(|(variant, ..)| variant != off)
            }
        };
        if is_on {
            return true;
        }
        if other.item.is_final() {
            return false;
        }
    }
    Some(body.default) != body.when_off
}

/// Whether a condition is unknown for somebody. A test of an attribute is even behind `exists`: what is there may be of another
/// type.
fn can_be_unknown(ruleset: &Ruleset, condition: &Condition) -> bool {
    let (mut can, mut seen, mut conditions) = (false, BTreeSet::new(), vec![condition]);
    while let Some(condition) = conditions.pop() {
        condition.walk(&mut |part| match part {
            Condition::Test(test) => can |= test.operator != Operator::Exists,
            Condition::List(_) | Condition::Share(_) => can = true,
            // Each segment once: those of a faulty ruleset may name each other in a circle.
            Condition::Segment(index) if seen.insert(*index) => {
                conditions.extend(ruleset.segments.get(*index).map(|named| &named.item.condition));
            }
            Condition::Segment(_) | Condition::All(_) | Condition::Any(_) | Condition::Not(_) | Condition::Flag(_) => {}
        });
    }
    can
}
