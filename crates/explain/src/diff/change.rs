//! Things of two programs, compared; and which flags a difference reaches.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use waft_ruleset::order::ordered;

use super::flags::ORDER;
use super::thing::{Name, Part, Thing, ThingKind, Things};

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Only the second program has it.
    Added,
    /// Only the first program has it.
    Removed,
    /// Both have it, written differently.
    Changed,
    /// It is written as before, and asks for something that is not.
    Reached,
}

/// What became of a part: a text before and after, of which one may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartChange {
    /// Which part: `default`, `rule crew`, `phase 2`, ...
    pub part: String,
    /// As it was, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// As it is, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A flag that a difference reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlagChange {
    /// As the ruleset calls it, before or after.
    pub flag: String,
    /// What became of it.
    pub change: Change,
    /// Its own parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartChange>,
    /// What it asks for and is written differently.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Name>,
    /// Who is randomised by it: the unit of its experiment or ramp, of its holdout, or of what it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// All units that anything is randomised by on the way to its decision.
    #[serde(skip)]
    pub(super) randomised: Vec<String>,
}

/// Something that flags have in common, and that is written differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedChange {
    /// What it is.
    #[serde(flatten)]
    pub name: Name,
    /// What became of it.
    pub change: Change,
    /// Its parts.
    pub parts: Vec<PartChange>,
    /// The flags that may decide differently for it.
    pub reaches: Vec<String>,
}

/// What became of one thing.
#[derive(Debug)]
pub(super) struct Changed {
    change: Change,
    pub(super) parts: Vec<PartChange>,
    /// Whether a decision may depend on it.
    pub(super) decides: bool,
}

pub(super) type AllChanged = BTreeMap<Name, Changed>;

/// The things that are written differently.
pub(super) fn all([before, after]: &[Things; 2]) -> AllChanged {
    let nothing = Thing::default();
    let names: BTreeSet<&Name> = ordered(before.keys().chain(after.keys()));
    let changed = names.into_iter().filter_map(|name| {
        let (old, new) = (before.get(name), after.get(name));
        let change = match (old, new) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ => Change::Changed,
        };
        let (parts, decides) = parts(old.unwrap_or(&nothing), new.unwrap_or(&nothing));
        let decides = decides || change != Change::Changed;
        (decides || !parts.is_empty()).then(|| (name.clone(), Changed { change, parts, decides }))
    });
    ordered(changed)
}

/// The parts that differ, and whether a decision may depend on one.
fn parts(before: &Thing, after: &Thing) -> (Vec<PartChange>, bool) {
    let (mut told, mut decides) = (Vec::new(), false);
    let mut add = |what: &str, before: Option<&Part>, after: Option<&Part>| {
        if before.map(|part| &part.form) == after.map(|part| &part.form) {
            return;
        }
        decides |= [before, after].into_iter().flatten().any(|part| part.decides);
        let words = |part: Option<&Part>| part.map(|part| part.words.clone());
        let change = PartChange { part: what.to_owned(), before: words(before), after: words(after) };
        if what != ORDER || is_another_order(&change) {
            told.push(change);
        }
    };
    for part in &after.parts {
        add(&part.what, before.part(&part.what), Some(part));
    }
    for part in before.parts.iter().filter(|part| after.part(&part.what).is_none()) {
        add(&part.what, Some(part), None);
    }
    // An order without rules says nothing.
    told.retain(|change| change.part != ORDER || change.before.is_some() && change.after.is_some());
    (told, decides)
}

/// Whether those that are in both come in another order. Who came and went is told of each.
fn is_another_order(change: &PartChange) -> bool {
    let [before, after] = [&change.before, &change.after].map(|order| order.as_deref().unwrap_or(""));
    let [before, after] = [before, after].map(|order| order.split(", ").collect::<Vec<_>>());
    let common = |some: &[&str], others: &[&str]| {
        some.iter().filter(|one| others.contains(one)).map(|one| (*one).to_owned()).collect::<Vec<_>>()
    };
    common(&before, &after) != common(&after, &before)
}

/// The flags that a difference reaches, by their keys.
pub(super) fn flags(things: &[Things; 2], changed: &AllChanged) -> Vec<FlagChange> {
    let names: BTreeSet<&Name> = ordered(things.iter().flat_map(Things::keys));
    let flags = names.into_iter().filter(|name| name.kind == ThingKind::Flag);
    let reached = flags.filter_map(|name| {
        let own = changed.get(name);
        let below = below(things, name);
        let is_other = |name: &&&Name| changed.get(**name).is_some_and(|changed| changed.decides);
        let through: Vec<Name> = below.iter().filter(is_other).copied().cloned().collect();
        let parts = own.map_or_else(Vec::new, |own| own.parts.clone());
        let change = own.map_or(Change::Reached, |own| own.change);
        let is_told = own.is_some() || !through.is_empty();
        let unit = own_unit(things, name);
        let units = below.iter().filter(|name| name.kind == ThingKind::Unit);
        let randomised: Vec<String> = units.map(|name| name.name.clone()).collect();
        let unit = unit.or_else(|| randomised.first().cloned());
        is_told.then(|| FlagChange { flag: name.name.clone(), change, parts, through, unit, randomised })
    });
    reached.collect()
}

/// The unit of a flag's experiment or ramp, or else of its holdout; as it is, or else as it was.
fn own_unit(things: &[Things; 2], flag: &Name) -> Option<String> {
    let units = things.iter().rev().flat_map(|things| {
        let trials = things.get(flag).into_iter().flat_map(Thing::needs);
        let unit_of = |name: &Name| Some((name.kind, things.get(name)?.part("unit")?.words.clone()));
        trials.filter_map(unit_of).collect::<Vec<_>>()
    });
    let units: Vec<_> = units.collect();
    let of = |wanted: &[ThingKind]| units.iter().find(|(kind, _)| wanted.contains(kind)).map(|(_, unit)| unit.clone());
    of(&[ThingKind::Experiment, ThingKind::Ramp]).or_else(|| of(&[ThingKind::Holdout]))
}

/// All that a thing asks for, however indirectly, in either program.
pub(super) fn below<'t>(things: &'t [Things; 2], name: &Name) -> BTreeSet<&'t Name> {
    let of =
        |name: &Name| things.iter().filter_map(|things| things.get(name)).flat_map(Thing::needs).collect::<Vec<_>>();
    let (mut found, mut open) = (BTreeSet::new(), of(name));
    while let Some(next) = open.pop() {
        if next != name && found.insert(next) {
            open.extend(of(next));
        }
    }
    found
}

/// What is written differently beside flags.
pub(super) fn shared(changed: &AllChanged, flags: &[FlagChange]) -> Vec<SharedChange> {
    let shared = changed.iter().filter(|(name, _)| name.kind != ThingKind::Flag);
    let told = shared.map(|(name, Changed { change, parts, .. })| SharedChange {
        name: name.clone(),
        change: *change,
        parts: parts.clone(),
        reaches: flags.iter().filter(|flag| flag.through.contains(name)).map(|flag| flag.flag.clone()).collect(),
    });
    told.collect()
}
