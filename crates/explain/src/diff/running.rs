//! What is running while rules change: experiments whose audience, split or exclusion is another, and phases that randomise anew.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use waft::Program;
use waft::buckets::Bound;

use super::change::{AllChanged, below};
use super::flags::{ENABLED, HOLDOUT, ORDER, REQUIRES, RULE, TARGETS};
use super::thing::{Name, Part, ThingKind, Things};
use crate::trials::{self, Kind, Phase, Trial};
use waft_ruleset::clock;
use waft_ruleset::order::ordered;

/// A running trial that changes, or an experiment that randomises anew.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialChange {
    /// What it is.
    #[serde(flatten)]
    pub name: Name,
    /// The flag whose rule names it; the first of a holdout's.
    pub flag: String,
    /// What changes of it while it runs.
    pub changes: Vec<String>,
    /// The next phase, which randomises anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rerandomised: Option<Rerandomised>,
}

/// A phase that randomises anew.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rerandomised {
    /// Its number.
    pub phase: u32,
    /// When: at the moment of the comparison, or when the phase begins, in RFC 3339.
    pub at: String,
    /// The share of units in both phases that are expected to get another value.
    pub share: f64,
    #[serde(skip)]
    pub(super) moment: i64,
}

/// The trials that run at a moment and change, in the order of their kinds and names.
pub(super) fn all(
    before: &Program,
    after: &Program,
    things: &[Things; 2],
    changed: &AllChanged,
    now: i64,
) -> Vec<TrialChange> {
    let (old, new) = (trials::all(before), trials::all(after));
    let has = |flag: &str| things[1].contains_key(&ThingKind::Flag.named(flag));
    let mut told = Vec::new();
    for (key, trial) in &old {
        let next = new.get(key);
        let is_running = trial.on && trial.running(now).is_some();
        let mut changes = Vec::new();
        match next {
            None if is_running => changes.push("removed while it runs".to_owned()),
            Some(next) if is_running => {
                let between = trials::between(trial, next, now, &has);
                changes.extend(between.into_iter().map(|change| format!("{} changes", change.what)));
                changes.extend(around(trial, things, changed));
            }
            _ => {}
        }
        let rerandomised = next.and_then(|next| rerandomised(trial, next, now));
        if !changes.is_empty() || rerandomised.is_some() {
            let (name, flag) = (name(trial), trial.flag.clone());
            told.push(TrialChange { name, flag, changes, rerandomised });
        }
    }
    told
}

fn name(trial: &Trial) -> Name {
    let kind = match trial.kind {
        Kind::Experiment => ThingKind::Experiment,
        Kind::Holdout => ThingKind::Holdout,
        Kind::Ramp => ThingKind::Ramp,
    };
    kind.named(&trial.name)
}

/// What stands in front of a trial, and what its audience asks for: who comes to it is another.
fn around(trial: &Trial, things: &[Things; 2], changed: &AllChanged) -> Vec<String> {
    let flag = ThingKind::Flag.named(&trial.flag);
    let own = name(trial);
    let [before, after] = things.each_ref().map(|things| things.get(&flag));
    let is_own = |part: &&Part| part.what.starts_with(RULE) && part.needs.contains(&own);
    let rule = |thing: Option<&'_ super::thing::Thing>| {
        thing.and_then(|thing| thing.parts.iter().find(is_own)).map(|part| part.what.clone())
    };
    let mut told = Vec::new();
    if trial.kind != Kind::Holdout {
        // In front of it, before or after: a rule that moves is in the order of one of them.
        let mut ahead = BTreeSet::new();
        for thing in [before, after].into_iter().flatten() {
            let order = thing.part(ORDER).and_then(|order| order.form.get(0)?.as_array().cloned()).unwrap_or_default();
            let order = order.iter().filter_map(|one| one.as_str()).map(str::to_owned);
            let own = rule(Some(thing));
            ahead.extend(order.take_while(|one| Some(one) != own.as_ref()));
        }
        let parts = changed.get(&flag).map_or(&[][..], |changed| &changed.parts);
        for part in parts {
            let what = part.part.as_str();
            let is_first = matches!(what, ENABLED | REQUIRES | HOLDOUT | ORDER) || what.starts_with(TARGETS);
            if is_first || ahead.contains(what) {
                told.push(format!("in front of it, {what} changes"));
            }
        }
    }
    // What the audience's own form does not have: what lists hold, what flags decide, how attributes are read.
    let needs: BTreeSet<&Name> = match trial.kind {
        Kind::Holdout => below(things, &own),
        Kind::Experiment | Kind::Ramp => {
            let parts = [before, after].into_iter().flatten().filter_map(|thing| thing.parts.iter().find(is_own));
            let direct: Vec<&Name> = parts.flat_map(|part| &part.needs).filter(|name| **name != own).collect();
            ordered(direct.iter().flat_map(|name| below(things, name)).chain(direct.iter().copied()))
        }
    };
    let is_outside = |name: &&&Name| {
        matches!(name.kind, ThingKind::List | ThingKind::Flag | ThingKind::Attribute)
            && changed.get(**name).is_some_and(|changed| changed.decides)
    };
    told.extend(needs.iter().filter(is_outside).map(|name| format!("its audience asks for the {name}, which changes")));
    told
}

/// The phase of an experiment that randomises anew whom it had before.
fn rerandomised(before: &Trial, after: &Trial, now: i64) -> Option<Rerandomised> {
    if before.kind != Kind::Experiment || !after.on {
        return None;
    }
    let is_other = before.salt != after.salt || before.unit != after.unit;
    let is_new = |phase: &&Phase| is_other || before.phases.iter().all(|old| old.id != phase.id);
    let phase = after.phases.iter().filter(is_new).find(|phase| !phase.is_over(now))?;
    let moment = phase.from.milli().max(now);
    // Whoever was in the phase before it: nobody, if none has begun.
    let last = before.phases.iter().rfind(|old| old.from.milli() < moment && old.has_started(now))?;
    let [old, new] = [last, phase].map(values);
    let same: f64 = old.iter().filter_map(|(value, share)| new.get(value).map(|other| share * other)).sum();
    let share = ((1.0 - same) * 1e4).round() / 1e4;
    Some(Rerandomised { phase: phase.id, at: clock::text(moment), share, moment })
}

/// The share of each value in a split.
fn values(phase: &Phase) -> BTreeMap<&str, f64> {
    let (mut values, mut below) = (BTreeMap::new(), 0.0);
    for (bound, arm) in &phase.split {
        let bound = if *bound == Bound::ALL.0 { 1.0 } else { f64::from(*bound) / 4_294_967_296.0 };
        *values.entry(arm.value.as_str()).or_insert(0.0) += bound - below;
        below = bound;
    }
    values
}
