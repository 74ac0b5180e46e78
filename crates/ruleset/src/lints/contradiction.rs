//! Contradictions: parts of a condition side by side that no context can meet together.

use std::cmp::Ordering;

use waft::operators::Operator as Is;

use crate::finding::{Code, Findings, Place};
use crate::order;
use crate::types::{Condition, Constant, Ruleset, Test};

/// How many tests of one attribute are compared with each other: more stand side by side by accident of a generator.
const COMPARED: usize = 64;

/// A test, or the opposite of one.
#[derive(Clone, Copy)]
struct Demand<'c> {
    test: &'c Test,
    holds: bool,
}

/// A bound of what an attribute may be, and whether the bound itself is in.
type Bound<'c> = Option<(&'c Constant, bool)>;

/// Adds a finding for every condition that can never hold, in rules, segments and holdouts.
pub(crate) fn lint(ruleset: &Ruleset, findings: &mut Findings) {
    let bodies = ruleset.flags.iter().flat_map(|flag| flag.item.bodies());
    let of_rules =
        bodies.flat_map(|body| &body.rules).filter_map(|rule| Some((rule.item.condition.as_ref()?, rule.place)));
    let of_segments = ruleset.segments.iter().map(|segment| (&segment.item.condition, segment.place));
    let of_holdouts = ruleset.holdouts.iter().filter_map(|named| Some((named.item.except.as_ref()?, named.place)));
    for (condition, place) in of_rules.chain(of_segments).chain(of_holdouts) {
        condition.walk(&mut |part| check(part, place, findings));
    }
}

fn check(condition: &Condition, place: Place, findings: &mut Findings) {
    let mut demands = Vec::new();
    if let Condition::All(_) = condition {
        collect(condition, &mut demands);
    }
    // By attribute, so that a wide condition costs what its widest attribute costs.
    order::sort(&mut demands, |one, other| one.test.attribute.cmp(&other.test.attribute));
    let of_one = demands.chunk_by(|one, other| one.test.attribute == other.test.attribute);
    for demands in of_one {
        let demands = demands.get(..COMPARED).unwrap_or(demands);
        for (index, one) in demands.iter().enumerate() {
            if demands.iter().skip(index + 1).any(|other| exclude(*one, *other) || exclude(*other, *one)) {
                let message = "a condition that can never hold: two of its tests exclude each other";
                findings.add(place, Code::Contradiction, message, "write `any`, or remove one of them");
                return;
            }
        }
    }
}

/// The tests that must all come out so, for a condition to hold.
fn collect<'c>(condition: &'c Condition, demands: &mut Vec<Demand<'c>>) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| collect(part, demands)),
        Condition::Test(test) => demands.push(Demand { test, holds: true }),
        Condition::Not(part) => {
            if let Condition::Test(test) = part.as_ref() {
                demands.push(Demand { test, holds: false });
            }
        }
        Condition::Any(_) | Condition::Segment(_) | Condition::Flag(_) | Condition::Share(_) | Condition::List(_) => {}
    }
}

/// Whether two demands on one attribute exclude each other, seen from the first.
fn exclude(one: Demand<'_>, other: Demand<'_>) -> bool {
    let among = |test: &Test, constant: &Constant| test.constants.contains(constant);
    match (one.test.operator, one.holds, other.test.operator, other.holds) {
        (Is::Exists, true, Is::Exists, false) => return true,
        // Of what is missing nothing can be said but that.
        (Is::Exists, false, operator, _) => return operator != Is::Exists,
        (Is::HasAll, true, Is::HasAny, false) => {
            return one.test.constants.iter().any(|item| among(other.test, item));
        }
        (Is::HasAny, true, Is::HasAny, false) => {
            return one.test.constants.iter().all(|item| among(other.test, item));
        }
        _ => {}
    }
    if is_equality(one.test.operator) && one.holds && is_equality(other.test.operator) {
        return match other.holds {
            true => !one.test.constants.iter().any(|value| among(other.test, value)),
            false => one.test.constants.iter().all(|value| among(other.test, value)),
        };
    }
    match (lower(one), upper(other)) {
        (Some((low, low_in)), Some((high, high_in))) => match low.compare(high) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !(low_in && high_in),
            Some(Ordering::Less) | None => false,
        },
        _ => false,
    }
}

fn is_equality(operator: Is) -> bool {
    matches!(operator, Is::Is | Is::In | Is::BooleanIs | Is::NumberIs | Is::NumberIn | Is::SemverIs)
}

fn lower(demand: Demand<'_>) -> Bound<'_> {
    let constant = demand.test.constants.first()?;
    match (demand.test.operator, demand.holds) {
        (Is::Greater | Is::SemverGreater | Is::After, true) => Some((constant, false)),
        (Is::GreaterOrEqual | Is::SemverGreaterOrEqual | Is::NumberIs | Is::SemverIs, true) => Some((constant, true)),
        (Is::Before, false) => Some((constant, true)),
        _ => None,
    }
}

fn upper(demand: Demand<'_>) -> Bound<'_> {
    let constant = demand.test.constants.first()?;
    match (demand.test.operator, demand.holds) {
        (Is::Less | Is::SemverLess | Is::Before, true) => Some((constant, false)),
        (Is::LessOrEqual | Is::SemverLessOrEqual | Is::NumberIs | Is::SemverIs, true) => Some((constant, true)),
        (Is::After, false) => Some((constant, true)),
        _ => None,
    }
}
