//! What a trace found out, told: each condition with its result, the value that was asked for, and why it is unknown.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use waft::program::{FlagIndex, Slot, UnitKind, Variant};
use waft::{Program, Step, Truth, limits};

use super::story::{Asked, ConditionStory, ShareStory};
use super::why::{self, Reason};
use crate::condition::{self, Condition, Kind};
use crate::value::{Tristate, Value, percent, share};

/// After so many segments in one explanation none is told from inside again: each may name others twice, 31 deep.
const SEGMENTS_TOLD: usize = 1_000;

/// What a trace found out, and for whom.
pub(super) struct Found<'a> {
    pub(super) program: &'a Program,
    context: &'a Map<String, Json>,
    pub(super) now: i64,
    /// What each operation evaluated to, by its word of code. A segment is decided once, by the first who asks: a rule, a segment, or
    /// another flag.
    operations: HashMap<u32, Truth>,
    /// The points of units for shares, by the words of code that ask.
    points: HashMap<u32, u32>,
    /// The variants of the flags that were asked for.
    flags: HashMap<FlagIndex, Option<u8>>,
    /// The segments that were told from inside, as often as they were.
    told: RefCell<Vec<u16>>,
}

impl<'a> Found<'a> {
    pub(super) fn new(program: &'a Program, context: &'a Map<String, Json>, now: i64, steps: &[Step]) -> Self {
        let (mut operations, mut points, mut flags) = (HashMap::new(), HashMap::new(), HashMap::new());
        for step in steps {
            match step {
                Step::Operation { at, truth } => {
                    operations.insert(*at, *truth);
                }
                Step::Share { at, point } => {
                    points.insert(*at, *point);
                }
                Step::Needed { flag, variant } => {
                    flags.insert(*flag, *variant);
                }
                _ => {}
            }
        }
        Found { program, context, now, operations, points, flags, told: RefCell::default() }
    }

    /// A condition, and all below it.
    pub(super) fn tell(&self, condition: &Condition, inside: Inside) -> ConditionStory {
        // What was not looked at has no result.
        let result = self.operations.get(&condition.at).copied();
        let why =
            |value: Option<&Json>| why::of_condition(&condition.kind, value).filter(|_| result == Some(Truth::Unknown));
        let parts = |parts: &[Condition]| Some(parts.iter().map(|part| self.tell(part, inside)).collect());
        let mut story = ConditionStory {
            words: condition::phrase(self.program, condition),
            result: result.map(Tristate),
            ..ConditionStory::default()
        };
        match &condition.kind {
            Kind::All(all) => story.all = parts(all),
            Kind::Any(any) => story.any = parts(any),
            Kind::Not(part) => story.not = Some(Box::new(self.tell(part, inside))),
            Kind::Segment(index) => self.tell_segment(*index, inside, why(None), &mut story),
            Kind::Flag(flag, _) => self.tell_flag(*flag, why(None), &mut story),
            Kind::Share { unit, from, to, .. } => {
                if let Some(UnitKind { slot, .. }) = self.program.unit(*unit) {
                    story.asked = self.asked(slot, why);
                }
                if let Some(point) = self.points.get(&condition.at) {
                    let point = percent(*point);
                    story.asked.note(&format!("point {point} %"));
                    story.share = Some(ShareStory { point, from: share(*from), below: share(*to) });
                }
            }
            Kind::List(slot, index) => {
                let list = self.program.list(*index).map_or("?", |list| self.program.str(list.name));
                story.list = Some(list.to_owned());
                story.asked = self.asked(*slot, why);
            }
            Kind::Test { slot, .. } => story.asked = self.asked(*slot, why),
            Kind::Unknown(number) => {
                story.operator = Some(*number);
                story.asked.why(why(None));
            }
        }
        story
    }

    /// A segment that is asked for: its condition, unless it was told often enough.
    fn tell_segment(&self, index: u16, inside: Inside, why: Option<Reason>, story: &mut ConditionStory) {
        let segment = self.program.segment(usize::from(index));
        story.segment = Some(segment.map_or("?", |segment| self.program.str(segment.name)).to_owned());
        let within = segment
            .and_then(|segment| Some((condition::read(self.program, segment.condition)?, inside.within(index)?)));
        match within {
            Some(_) if self.is_told(index) => story.asked.note("told above"),
            Some((within, inside)) => story.condition = Some(Box::new(self.tell(&within, inside))),
            None => story.asked.why(why),
        }
    }

    /// Whether a segment has been told, and there is no room to do so again. Otherwise it is about to be.
    fn is_told(&self, segment: u16) -> bool {
        let mut told = self.told.borrow_mut();
        let enough = told.len() >= SEGMENTS_TOLD && told.contains(&segment);
        if !enough {
            told.push(segment);
        }
        enough
    }

    /// The flag that was asked for, and what it evaluated to.
    fn tell_flag(&self, index: FlagIndex, why: Option<Reason>, story: &mut ConditionStory) {
        let flag = self.program.flag(index);
        story.flag = Some(flag.as_ref().map_or("?", |flag| self.program.str(flag.key)).to_owned());
        let variant = self.flags.get(&index).copied().flatten();
        let key = flag.zip(variant).and_then(|(flag, variant)| self.program.variant(&flag, variant));
        if let Some(Variant { key, .. }) = key {
            story.asked.value(Value(self.program.str(key).into()));
        }
        story.asked.why(why);
    }

    /// The attribute that was asked for, its value or that it is missing, and why that is of no use.
    pub(super) fn asked(&self, slot: Slot, why: impl Fn(Option<&Json>) -> Option<Reason>) -> Asked {
        let name = condition::name(self.program, slot);
        let mut asked = Asked { attribute: Some(name.to_owned()), ..Asked::default() };
        let value = self.context.get(name);
        match value {
            None | Some(Json::Null) => {
                asked.missing = Some(true);
                asked.note("missing");
            }
            Some(value) => asked.value(Value(value.clone())),
        }
        asked.why(why(value));
        asked
    }
}

/// Which segments a condition may name, as the evaluator has it: only earlier ones, and not too deep.
#[derive(Clone, Copy)]
pub(super) struct Inside {
    below: u16,
    depth: u8,
}

impl Inside {
    /// The condition of a rule.
    pub(super) const RULE: Inside = Inside { below: u16::MAX, depth: limits::SEGMENT_DEPTH };

    /// The condition of a segment that is named here.
    pub(super) fn within(self, segment: u16) -> Option<Self> {
        Some(Inside { below: (segment < self.below).then_some(segment)?, depth: self.depth.checked_sub(1)? })
    }
}
