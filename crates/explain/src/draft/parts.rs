//! Conditions taken apart as they are written: each test is a segment of a program of its own, and what combines them is combined by the count.

use waft::Program;
use waft::limits;
use waft_ruleset::{Condition, List, Named, Ruleset, Segment, Written};

use super::unsigned::program;
use crate::population::{Counted, Part, Table};

/// Conditions in parts, and the program that has their tests.
#[derive(Debug)]
pub(super) struct InParts {
    program: Program,
    /// The first segment that is a test.
    first: usize,
    conditions: Vec<Part>,
}

impl InParts {
    /// The segments of a ruleset, as they are written. None if their parts are more than a snapshot holds.
    pub(super) fn of_segments(ruleset: &Ruleset, environment: usize, segments: &[Written]) -> Option<Self> {
        Self::of(ruleset, environment, segments)
    }

    /// The segments of a ruleset, and one more condition, which is the last. Segments that it does not name are not counted.
    pub(super) fn of_condition(
        ruleset: &Ruleset,
        environment: usize,
        segments: &[Written],
        condition: Written,
    ) -> Option<Self> {
        let mut wanted = vec![false; segments.len()];
        mark(&condition, segments, &mut wanted);
        let segments = segments.iter().zip(&wanted);
        let segments =
            segments.map(|(segment, wanted)| if *wanted { segment.clone() } else { Written::All(Vec::new()) });
        Self::of(ruleset, environment, &segments.chain([condition]).collect::<Vec<_>>())
    }

    fn of(ruleset: &Ruleset, environment: usize, conditions: &[Written]) -> Option<Self> {
        let is_flag = |part: &Condition| matches!(part, Condition::Flag(_));
        let mut own = if asks(conditions, &is_flag) { ruleset.clone() } else { without_flags(ruleset, conditions) };
        let first = own.segments.len();
        let conditions = conditions.iter().map(|condition| part(condition, &mut own.segments)).collect();
        if own.segments.len() > limits::SEGMENTS {
            return None;
        }
        Some(InParts { program: program(&own, environment).ok()?, first, conditions })
    }

    /// Counts all conditions, in their order.
    pub(super) fn count(&self, table: &Table, now: i64) -> Vec<Counted> {
        table.count_parts(&self.program, self.first, &self.conditions, now)
    }
}

/// What conditions that ask for no flag may name, and no more: compiling a thousand flags takes longer than counting.
fn without_flags(ruleset: &Ruleset, conditions: &[Written]) -> Ruleset {
    let is_asked = |index| asks(conditions, &|part| matches!(part, Condition::List(list) if *list == index));
    let lists = ruleset.lists.iter().enumerate().map(|(index, Named { name, place, item })| {
        let ids = if is_asked(index) { item.ids.clone() } else { Vec::new() };
        let item = List { attribute: item.attribute, salt: item.salt.clone(), ids, preload: item.preload };
        Named { name: name.clone(), place: *place, item }
    });
    Ruleset {
        project: ruleset.project.clone(),
        environments: ruleset.environments.clone(),
        attributes: ruleset.attributes.clone(),
        units: ruleset.units.clone(),
        lists: lists.collect(),
        ..Ruleset::default()
    }
}

/// Marks the segments that a condition names, however indirectly.
fn mark(condition: &Written, segments: &[Written], wanted: &mut [bool]) {
    condition.leaves(&mut |part| {
        if let Condition::Segment(index) = part
            && let Some(own) = wanted.get_mut(*index).filter(|wanted| !**wanted)
        {
            *own = true;
            if let Some(segment) = segments.get(*index) {
                mark(segment, segments, wanted);
            }
        }
    });
}

/// Whether a leaf of some conditions, or something in it, is of a kind.
fn asks(conditions: &[Written], is: &dyn Fn(&Condition) -> bool) -> bool {
    let mut found = false;
    for condition in conditions {
        condition.leaves(&mut |leaf| leaf.walk(&mut |part| found |= is(part)));
    }
    found
}

/// A condition in parts, whose leaves become segments.
fn part(condition: &Written, segments: &mut Vec<Named<Segment>>) -> Part {
    match condition {
        Written::All(parts) => Part::All(parts.iter().map(|one| part(one, segments)).collect()),
        Written::Any(parts) => Part::Any(parts.iter().map(|one| part(one, segments)).collect()),
        Written::Not(one) => Part::Not(Box::new(part(one, segments))),
        Written::Leaf(Condition::Segment(index)) => Part::Named(*index),
        Written::Leaf(condition) => {
            let place = segments.len();
            // No name of a ruleset begins so.
            let (name, item) = (format!("${place}"), Segment { title: String::new(), condition: condition.clone() });
            segments.push(Named { name, place: Default::default(), item });
            Part::Test(place as u16)
        }
    }
}
