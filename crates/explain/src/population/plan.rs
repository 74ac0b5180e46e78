//! A flag's rules, made ready for a population: what does not depend on the person is found out once.

use std::collections::BTreeSet;
use std::rc::Rc;

use waft::buckets::{Bound, Key, Purpose};
use waft::evaluate::is_bounded;
use waft::operation::{Words, operations};
use waft::operators::Operator;
use waft::program::{Flag, FlagIndex, KERNEL_POINT, Layer, Phase, PointRange, Slot, SplitArm, UnitKind};
use waft::rule::{Action, Rule, Trial};
use waft::salt::Salt;
use waft::trial::{self, Running};
use waft::{Program, Truth, condition, limits};

use super::column::{Columns, Kinds, Units};

/// How many people go through the rules together: their numbers lie in a processor's nearest memory.
const TOGETHER: usize = 1_024;

/// A flag's rules for a population at a moment.
pub(super) struct Plan {
    rules: Vec<PlannedRule>,
    default: u8,
}

/// A rule: for whom its condition is true, and what it does with them.
struct PlannedRule {
    kinds: Rc<Kinds>,
    /// Whether the condition is true, by kind.
    holds: Vec<bool>,
    then: Then,
}

enum Then {
    Serve(u8),
    Draw(Draw),
}

impl Plan {
    /// The plan of a flag. None for one that asks for other flags, lists or shares, holds out, keeps variants, or is not
    /// well-formed.
    pub(super) fn new(program: &Program, flag: FlagIndex, columns: &mut Columns, now: i64) -> Option<Self> {
        let flag = program.flag(flag)?;
        flag.value_type?;
        let exists = |variant| program.variant(&flag, variant).map(|_| variant);
        if !flag.enabled {
            return Some(Plan { rules: Vec::new(), default: exists(flag.when_off)? });
        }
        if !is_bounded(program, &flag) {
            return None;
        }
        let mut plan = Plan { rules: Vec::new(), default: exists(flag.default)? };
        let mut at = flag.code;
        for _ in 0..flag.rule_count {
            let rule = program.rule(at)?;
            at = rule.next();
            if rule.stops_on_unknown() || rule.is_sticky() || rule.is_monitored() {
                return None;
            }
            if rule.dates().is_some_and(|[from, to]| now < from.milli() || now >= to.milli()) {
                continue;
            }
            let mut draw = |at, served| Draw::new(program, &flag, at, served, columns, now);
            let then = match rule.action() {
                Action::Serve(variant) => Some(Then::Serve(exists(variant)?)),
                Action::Off => Some(Then::Serve(exists(flag.when_off)?)),
                Action::Experiment(at) => draw(at, None)?.map(Then::Draw),
                Action::Ramp(at, variant) => draw(at, Some(exists(variant)?))?.map(Then::Draw),
                Action::Holdout(_) | Action::Need(_) | Action::Unknown => return None,
            };
            if let Some(then) = then {
                plan.rules.push(PlannedRule::new(program, &rule, then, columns, now)?);
            }
        }
        Some(plan)
    }

    /// Gives out each variant with how many people get it, in parts.
    ///
    /// Some people at a time go through a rule together, so that each step is a short loop over what lies side by side.
    pub(super) fn decide(&self, people: usize, mut give: impl FnMut(u8, u32)) {
        let (mut left, mut taken, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for start in (0..people as u32).step_by(TOGETHER) {
            left.clear();
            left.extend(start..(people as u32).min(start + TOGETHER as u32));
            for rule in &self.rules {
                rule.take(&mut left, &mut taken);
                match &rule.then {
                    Then::Serve(variant) => give(*variant, taken.len() as u32),
                    Then::Draw(draw) => {
                        draw.enter(&mut taken, &mut inside, &mut left);
                        draw.decide(&taken, &mut give);
                    }
                }
            }
            give(self.default, left.len() as u32);
        }
    }
}

impl PlannedRule {
    /// None if the condition asks for more than attributes.
    fn new(program: &Program, rule: &Rule, then: Then, columns: &mut Columns, now: i64) -> Option<Self> {
        let mut asked = Asked::default();
        asked.add(program, rule.condition)?;
        let kinds = columns.kinds(asked.slots.into_iter().collect());
        let people = &mut columns.people;
        let is_true = |person: &usize| condition::of_rule(program, rule, people.select(*person), now) == Truth::True;
        let holds = kinds.first.iter().map(is_true);
        Some(PlannedRule { holds: holds.collect(), kinds, then })
    }

    /// Moves those for whom the condition is true from `left` to `taken`.
    fn take(&self, left: &mut Vec<u32>, taken: &mut Vec<u32>) {
        taken.clear();
        // One kind of people: they all are.
        if let [holds] = self.holds.as_slice() {
            if *holds {
                std::mem::swap(left, taken);
            }
            return;
        }
        left.retain(|person| {
            let kind = self.kinds.of.get(*person as usize);
            let holds = kind.and_then(|kind| self.holds.get(*kind as usize)).is_some_and(|holds| *holds);
            if holds {
                taken.push(*person);
            }
            !holds
        });
    }
}

/// What conditions ask for. Each segment is looked into once, however often others name it.
#[derive(Default)]
struct Asked {
    slots: BTreeSet<Slot>,
    segments: BTreeSet<u16>,
}

impl Asked {
    /// Adds what a condition asks for. None if that is more than attributes.
    fn add(&mut self, program: &Program, code: Words) -> Option<()> {
        let mut read = 0;
        for (operation, operands) in operations(code) {
            read += 1 + operands.len();
            match Operator::from_number(operation.number)? {
                Operator::All | Operator::Any | Operator::Not => {}
                Operator::Flag | Operator::Share | Operator::List => return None,
                Operator::Segment => {
                    let segment = program.segment(operation.argument.into())?;
                    if self.segments.insert(operation.argument) {
                        self.add(program, program.code(segment.condition)?)?;
                    }
                }
                _ => drop(self.slots.insert(Slot(operation.argument))),
            }
        }
        (read == code.len()).then_some(())
    }
}

/// An experiment or a ramp: who is in, and what they get.
struct Draw {
    units: Rc<Units>,
    /// Where a unit has to be in its layer.
    layer: InLayer,
    coverage: Option<(Key, Bound)>,
    split: Key,
    /// The last one takes everybody that is left.
    arms: Vec<(Bound, u8)>,
}

impl Draw {
    /// The experiment at a word of code; a ramp is one that serves one variant. The outer `None` is what cannot be planned, the
    /// inner one an experiment of which no phase is running.
    fn new(
        program: &Program,
        flag: &Flag,
        at: u32,
        served: Option<u8>,
        columns: &mut Columns,
        now: i64,
    ) -> Option<Option<Self>> {
        let experiment = program.trial(flag, at)?;
        let Running::Phase(phase) = trial::running_at(program, &experiment, columns.people.anybody(), now)? else {
            return Some(None);
        };
        let UnitKind { slot, .. } = program.unit(experiment.unit.into())?;
        let salt = Salt::of(program, &experiment);
        let (purpose, layer, arms) = match served {
            Some(variant) => (Purpose::Ramp, None, vec![(Bound::ALL, variant)]),
            None => (Purpose::Coverage, layer_of(program, &experiment)?, arms_of(program, flag, &phase)?),
        };
        Some(Some(Draw {
            units: columns.units(slot),
            layer,
            coverage: (phase.coverage != Bound::ALL).then(|| (salt.key(program, purpose, None), phase.coverage)),
            split: salt.key(program, Purpose::Split, Some(phase.id)),
            arms,
        }))
    }

    /// Leaves in `people` who is in, and adds the others to `left`.
    fn enter(&self, people: &mut Vec<u32>, inside: &mut Vec<u32>, left: &mut Vec<u32>) {
        people.retain(|person| {
            let known = !self.units.of(*person).is_empty();
            if !known {
                left.push(*person);
            }
            known
        });
        let mut keep = |key: &Key, people: &mut Vec<u32>, covers: &dyn Fn(u32) -> bool| {
            inside.clear();
            self.units.points(
                key,
                people,
                |person, point| {
                    if covers(point) { inside.push(person) } else { left.push(person) }
                },
            );
            std::mem::swap(inside, people);
        };
        if let Some((key, ranges)) = &self.layer {
            keep(key, people, &|point| ranges.iter().any(|range| range.contains(point)));
        }
        if let Some((key, share)) = &self.coverage {
            keep(key, people, &|point| share.covers(point));
        }
    }

    /// Draws lots for people who are in.
    fn decide(&self, people: &[u32], give: &mut impl FnMut(u8, u32)) {
        // For one, no lot is drawn.
        if let [(_, variant)] = self.arms.as_slice() {
            return give(*variant, people.len() as u32);
        }
        self.units.points(&self.split, people, |_, point| {
            // Counted, not searched: nobody can guess where a search for a random point ends, a processor neither.
            let arm = self.arms.iter().map(|(bound, _)| usize::from(!bound.covers(point))).sum::<usize>();
            if let Some((_, variant)) = self.arms.get(arm) {
                give(*variant, 1);
            }
        });
    }
}

/// The key of a layer and the ranges in it; `None` for no layer.
type InLayer = Option<(Key, Vec<PointRange>)>;

/// The outer `None` is a record that cannot be read.
fn layer_of(program: &Program, experiment: &Trial) -> Option<InLayer> {
    if experiment.placement == 0 {
        return Some(None);
    }
    let placement = program.placement(experiment)?;
    let Some(layer) = placement.layer() else { return Some(None) };
    if usize::from(placement.range_count) > limits::RANGES {
        return None;
    }
    let Layer { name, salt: written } = program.layer(layer)?;
    let ranges = placement.ranges..placement.ranges.checked_add(u32::from(placement.range_count))?;
    let ranges: Option<_> = ranges.map(|range| program.range(range)).collect();
    Some(Some((Salt { written, name }.key(program, Purpose::Layer, None), ranges?)))
}

/// None if somebody would get nothing, or if bounds do not rise.
fn arms_of(program: &Program, flag: &Flag, phase: &Phase) -> Option<Vec<(Bound, u8)>> {
    let split = program.split(phase.split)?;
    let exists = |SplitArm { bound, variant }| program.variant(flag, variant).map(|_| (bound, variant));
    let arms: Vec<_> = program.arms(&split).map(|arm| arm.and_then(exists)).collect::<Option<_>>()?;
    let whole = arms.is_sorted_by_key(|(bound, _)| *bound) && arms.last()?.0 == Bound::ALL;
    (split.kernel == KERNEL_POINT && whole).then_some(arms)
}
