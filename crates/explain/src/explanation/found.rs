//! What a trace found out, told as JSON: each condition with its result, the value that was asked for, and why it is unknown.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::{Map, Value as Json, json};
use waft::buckets::Purpose;
use waft::program::{FlagIndex, Slot, Text, UnitKind};
use waft::salt::Salt;
use waft::{Program, Session, Step, Truth, limits};

use super::why::{self, Why};
use crate::condition::{self, Condition, Kind};
use crate::value;

/// After so many segments in one explanation none is told from inside again: each may name others twice, 31 deep.
const SEGMENTS_TOLD: usize = 1_000;

/// What a trace found out, and for whom.
pub(super) struct Found<'a> {
    pub(super) program: &'a Program,
    session: &'a Session,
    context: &'a Map<String, Json>,
    pub(super) now: i64,
    /// What each operation came out to, by its word of code. A segment is decided once, by the first who asks: a rule, a segment, or
    /// another flag.
    operations: HashMap<u32, Truth>,
    /// The variants of the flags that were asked for.
    flags: HashMap<FlagIndex, Option<u8>>,
    /// The segments that were told from inside, as often as they were.
    told: RefCell<Vec<u16>>,
}

impl<'a> Found<'a> {
    pub(super) fn new(
        program: &'a Program,
        session: &'a Session,
        context: &'a Map<String, Json>,
        now: i64,
        steps: &[Step],
    ) -> Self {
        let (mut operations, mut flags) = (HashMap::new(), HashMap::new());
        for step in steps {
            match step {
                Step::Operation { at, truth } => {
                    operations.insert(*at, *truth);
                }
                Step::Needed { flag, variant } => {
                    flags.insert(*flag, *variant);
                }
                _ => {}
            }
        }
        Found { program, session, context, now, operations, flags, told: RefCell::default() }
    }

    /// A condition, and all below it.
    pub(super) fn tell(&self, condition: &Condition, inside: Inside) -> Json {
        let program = self.program;
        let result = self.operations.get(&condition.at).copied();
        let mut told = Map::new();
        told.insert("words".into(), condition::phrase(program, condition).into());
        // What was not looked at has no result.
        if let Some(result) = result {
            told.insert("result".into(), value::truth(result));
        }
        let unknown = result == Some(Truth::Unknown);
        let why = |value: Option<&Json>| why::of_condition(&condition.kind, value).filter(|_| unknown);
        let parts = |parts: &[Condition]| -> Json {
            parts.iter().map(|part| self.tell(part, inside)).collect::<Vec<_>>().into()
        };
        match &condition.kind {
            Kind::All(all) => {
                told.insert("all".into(), parts(all));
            }
            Kind::Any(any) => {
                told.insert("any".into(), parts(any));
            }
            Kind::Not(part) => {
                told.insert("not".into(), self.tell(part, inside));
            }
            Kind::Segment(index) => {
                let segment = program.segment(usize::from(*index));
                told.insert("segment".into(), segment.map_or("?", |segment| program.str(segment.name)).into());
                let within = segment
                    .and_then(|segment| Some((condition::read(program, segment.condition)?, inside.within(*index)?)));
                match within {
                    Some(_) if self.is_told(*index) => note(&mut told, "told above"),
                    Some((within, inside)) => {
                        told.insert("condition".into(), self.tell(&within, inside));
                    }
                    None => tell_why(why(None), &mut told),
                }
            }
            Kind::Flag(flag, _) => self.tell_flag(*flag, why(None), &mut told),
            Kind::Share { unit, name, from, to } => {
                if let Some(UnitKind { slot, .. }) = program.unit(*unit) {
                    self.tell_attribute(slot, &mut told, why);
                    if let Some(unit) = self.session.subject().unit(slot, &mut [0; 20]) {
                        let key = Salt { written: Text::NONE, name: *name }.key(program, Purpose::Share, None);
                        let point = value::percent(key.point(unit));
                        note(&mut told, &format!("point {point} %"));
                        let share = json!({ "point": point, "from": value::share(*from), "below": value::share(*to) });
                        told.insert("share".into(), share);
                    }
                }
            }
            Kind::List(slot, index) => {
                let list = program.list(*index).map_or("?", |list| program.str(list.name));
                told.insert("list".into(), list.into());
                self.tell_attribute(*slot, &mut told, why);
            }
            Kind::Test { slot, .. } => self.tell_attribute(*slot, &mut told, why),
            Kind::Unknown(number) => {
                told.insert("operator".into(), (*number).into());
                tell_why(why(None), &mut told);
            }
        }
        Json::Object(told)
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
    fn tell_flag(&self, index: FlagIndex, why: Option<Why>, told: &mut Map<String, Json>) {
        let flag = self.program.flag(index);
        told.insert("flag".into(), flag.as_ref().map_or("?", |flag| self.program.str(flag.key)).into());
        let variant = self.flags.get(&index).copied().flatten();
        let variant = flag.zip(variant).and_then(|(flag, variant)| self.program.variant(&flag, variant));
        if let Some(variant) = variant {
            tell_value(&self.program.str(variant.key).into(), told);
        }
        tell_why(why, told);
    }

    /// The attribute that was asked for, its value or that it is missing, and why that is of no use.
    pub(super) fn tell_attribute(
        &self,
        slot: Slot,
        told: &mut Map<String, Json>,
        why: impl Fn(Option<&Json>) -> Option<Why>,
    ) {
        let attribute = condition::name(self.program, slot);
        told.insert("attribute".into(), attribute.into());
        let value = self.context.get(attribute);
        match value {
            None | Some(Json::Null) => {
                told.insert("missing".into(), true.into());
                note(told, "missing");
            }
            Some(value) => tell_value(value, told),
        }
        tell_why(why(value), told);
    }
}

fn tell_value(value: &Json, told: &mut Map<String, Json>) {
    note(told, &format!("is {value}"));
    told.insert("value".into(), value.clone());
}

pub(super) fn tell_why(why: Option<Why>, told: &mut Map<String, Json>) {
    let Some(why) = why else { return };
    told.insert("why".into(), why.name().into());
    if let Why::WrongType(expected) = why {
        told.insert("expected".into(), expected.name().into());
    }
    if let Some(words) = why.words() {
        note(told, words);
    }
}

/// Adds to what people read in brackets.
fn note(told: &mut Map<String, Json>, words: &str) {
    let note = match told.get("note").and_then(Json::as_str) {
        Some(note) => format!("{note}, {words}"),
        None => words.to_owned(),
    };
    told.insert("note".into(), note.into());
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
