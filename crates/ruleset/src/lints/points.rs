//! Points: two uses of the same ones correlate what should be independent, unless both say that it is meant.

use std::collections::{BTreeSet, HashMap};

use crate::finding::{Code, Findings, Place};
use crate::order;
use crate::types::{Action, Condition, Ruleset};

/// One use of points.
struct Use {
    purpose: &'static str,
    salt: String,
    /// The attribute that holds the ids: others have other points.
    attribute: Option<usize>,
    /// Whether it says `correlate: true`; `None` where the language has no such field.
    meant: Option<bool>,
    place: Place,
}

/// Adds a finding for each use of points that another has. A snapshot is built for one environment, so that what two of
/// them replace never meets.
pub(crate) fn lint(ruleset: &Ruleset, findings: &mut Findings) {
    for environment in 0..ruleset.environments.len().max(1) {
        let mut uses = uses(ruleset, environment);
        order::sort(&mut uses, |one, other| one.place.cmp(&other.place));
        let mut first: HashMap<_, &Use> = HashMap::new();
        // A monitored ramp has points of two purposes, and one finding.
        let mut found = BTreeSet::new();
        for one in &uses {
            let earlier = *first.entry((one.purpose, &one.salt, one.attribute)).or_insert(one);
            let meant = one.meant == Some(true) && earlier.meant == Some(true);
            if earlier.place == one.place || meant || !found.insert(one.place) {
                continue;
            }
            let message = format!(
                "a second use of the salt `{}` for the purpose {}, after {}: the same units come first in both",
                one.salt,
                one.purpose,
                findings.name(earlier.place)
            );
            let remedy = match (one.meant, earlier.meant) {
                (Some(_), Some(_)) => "choose another salt, or write `correlate: true` at both",
                _ => "choose another salt",
            };
            findings.add(one.place, Code::CorrelatedSalt, message, remedy);
        }
    }
}

/// Every use of points in an environment, with the salt that counts: the written one, or the default.
fn uses(ruleset: &Ruleset, environment: usize) -> Vec<Use> {
    let project = &ruleset.project;
    let salt = |written: &Option<String>, name: &str| written.clone().unwrap_or_else(|| format!("{project}/{name}"));
    let attribute = |unit: usize| ruleset.units.get(unit).map(|unit| unit.item);
    let mut uses = Vec::new();
    for named in &ruleset.experiments {
        let (salt, meant) = (salt(&named.item.salt, &named.name), Some(named.item.correlate));
        uses.push(Use { purpose: "split", salt, attribute: attribute(named.item.unit), meant, place: named.place });
    }
    for named in &ruleset.layers {
        let salt = salt(&named.item.salt, &named.name);
        uses.push(Use {
            purpose: "layer",
            salt,
            attribute: attribute(named.item.unit),
            meant: None,
            place: named.place,
        });
    }
    for named in &ruleset.holdouts {
        let salt = salt(&named.item.salt, &named.name);
        uses.push(Use {
            purpose: "holdout",
            salt,
            attribute: attribute(named.item.unit),
            meant: None,
            place: named.place,
        });
    }
    let mut conditions: Vec<&Condition> = ruleset.segments.iter().map(|segment| &segment.item.condition).collect();
    conditions.extend(ruleset.holdouts.iter().filter_map(|holdout| holdout.item.except.as_ref()));
    for flag in &ruleset.flags {
        for rule in &flag.item.within(environment).rules {
            conditions.extend(&rule.item.condition);
            let Action::Ramp(ramp) = &rule.item.action else { continue };
            // A monitored ramp draws its halves as an experiment draws its first phase.
            for purpose in ["ramp", "split"].into_iter().take(if ramp.guard.is_empty() { 1 } else { 2 }) {
                let salt = salt(&ramp.salt, &format!("{}/{}", flag.name, rule.name));
                uses.push(Use { purpose, salt, attribute: attribute(ramp.unit), meant: None, place: rule.place });
            }
        }
    }
    for condition in conditions {
        condition.walk(&mut |part| {
            if let Condition::Share(share) = part {
                let (salt, meant) = (share.salt.clone(), Some(share.correlate));
                let attribute = attribute(share.unit);
                uses.push(Use { purpose: "share", salt, attribute, meant, place: share.range.place });
            }
        });
    }
    uses
}
