//! Truths of conditions, column by column: what a test says is found out once for each text, and combined row by row.

use std::collections::BTreeSet;

use waft::buckets::Purpose;
use waft::operation::{Words, operations};
use waft::operators::Operator;
use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::salt::Salt;
use waft::table::Section;
use waft::{Program, Session, Truth, condition, limits};
use waft_columns::Kinds;
use waft_columns::truths::{Block, FALSE, TOGETHER, TRUE, UNKNOWN, and, negate, of_texts, or};

use super::members::Members;
use super::table::{Column, Table};

/// What is true of each pair of truths: both for `and`, any for `or`.
pub(super) type Combine = fn(&mut Block, &Block);

pub(super) const fn number(truth: Truth) -> u8 {
    match truth {
        Truth::False => FALSE,
        Truth::Unknown => UNKNOWN,
        Truth::True => TRUE,
    }
}

/// What is done for each row.
#[derive(Debug)]
enum Step {
    /// The same for everybody.
    Same(u8),
    /// By the text in a column.
    Text {
        column: usize,
        of_text: Vec<u8>,
    },
    Segment(usize),
    All(u16),
    Any(u16),
    Not,
    /// A newer compiler's: it takes so many.
    Newer(u16),
}

/// A condition over the columns of a table, at a moment.
#[derive(Debug)]
pub(super) struct Columnar(Vec<Step>);

impl Columnar {
    /// None if it asks for flags, which no column has, or for made-up attributes.
    pub(super) fn new(
        program: &Program,
        table: &Table,
        code: Words,
        now: i64,
        is_column: impl Fn(Slot) -> bool,
    ) -> Option<Self> {
        let (mut steps, mut at, mut session) = (Vec::new(), 0, Session::new(program));
        if code.is_empty() {
            return Some(Columnar(vec![Step::Same(TRUE)]));
        }
        for (operation, operands) in operations(code) {
            let test = code.get(at..=at + operands.len())?;
            at += test.len();
            let known = if operation.dialect == 0 { Operator::from_number(operation.number) } else { None };
            steps.push(match known {
                Some(Operator::All) => Step::All(operation.argument),
                Some(Operator::Any) => Step::Any(operation.argument),
                Some(Operator::Not) => Step::Not,
                Some(Operator::Segment) => Step::Segment(operation.argument.into()),
                Some(Operator::Flag) => return None,
                Some(Operator::Share) => {
                    let slot = program.unit(operation.argument)?.slot;
                    if !is_column(slot) {
                        return None;
                    }
                    step(program, table, slot, test, now, &mut session)
                }
                Some(operator) => {
                    let slot = Slot(operation.argument);
                    if !is_column(slot) {
                        return None;
                    }
                    let listed = match operator {
                        Operator::List => listed(program, table, slot, operands, &mut session),
                        _ => None,
                    };
                    listed.unwrap_or_else(|| step(program, table, slot, test, now, &mut session))
                }
                None if operation.number < 16 => Step::Newer(operation.argument),
                None => Step::Same(UNKNOWN),
            });
        }
        // One that is cut off is unknown, whatever stands in front.
        if at < code.len() {
            steps = vec![Step::Same(UNKNOWN)];
        }
        Some(Columnar(steps))
    }

    /// The truths of rows from one on, into the first of `out`. `segments` has those of segments.
    pub(super) fn decide(
        &self,
        table: &Table,
        from: usize,
        stack: &mut Vec<Block>,
        segments: &[Block],
        out: &mut Block,
    ) {
        let mut height = 0;
        for (place, step) in self.0.iter().enumerate() {
            let pops = match step {
                Step::All(count) | Step::Any(count) | Step::Newer(count) => usize::from(*count),
                Step::Not => 1,
                Step::Same(_) | Step::Text { .. } | Step::Segment(_) => 0,
            };
            // What is not there is unknown.
            let (found, missing) = (pops.min(height), pops > height);
            height -= found;
            while stack.len() <= height + found {
                stack.push([0; TOGETHER]);
            }
            let Some((truths, others)) = stack.get_mut(height..).and_then(<[Block]>::split_first_mut) else { return };
            let others = others.get(..found.saturating_sub(1)).unwrap_or(&[]);
            match step {
                Step::Same(truth) => *truths = [*truth; TOGETHER],
                Step::Text { column, of_text } => {
                    let of = table.columns.get(*column).and_then(|column| column.of.get(from..));
                    of_texts(of.unwrap_or(&[]), of_text, truths);
                }
                Step::Segment(index) => *truths = segments.get(*index).copied().unwrap_or([UNKNOWN; TOGETHER]),
                Step::All(_) => fold(truths, others, found, TRUE, missing, and),
                Step::Any(_) => fold(truths, others, found, FALSE, missing, or),
                Step::Not if found == 0 => *truths = [UNKNOWN; TOGETHER],
                Step::Not => negate(truths),
                Step::Newer(_) => *truths = [UNKNOWN; TOGETHER],
            }
            height += 1;
            if place + 1 == self.0.len() {
                *out = *truths;
                return;
            }
            if height > limits::CONDITION_STACK {
                break;
            }
        }
        *out = [UNKNOWN; TOGETHER];
    }
}

fn fold(truths: &mut Block, others: &[Block], found: usize, start: u8, missing: bool, both: Combine) {
    if found == 0 {
        *truths = [start; TOGETHER];
    }
    for other in others {
        both(truths, other);
    }
    if missing {
        both(truths, &[UNKNOWN; TOGETHER]);
    }
}

/// A test of one attribute, by the evaluator, for each text that its column has.
fn step(program: &Program, table: &Table, slot: Slot, test: Words, now: i64, session: &mut Session) -> Step {
    by_text(program, table, slot, session, |session| number(condition::of_words(program, test, session, now)))
}

/// Whether the unit of each text is on a list. The evaluator derives the key and halves the list for each anew, which is most of the time
/// where a column has a million. None if it is asked: the list is not there, is not as it should be, or has far more than the column.
fn listed(program: &Program, table: &Table, slot: Slot, operands: Words, session: &mut Session) -> Option<Step> {
    let list = program.list(u16::try_from(u32::from_le_bytes(*operands.first()?)).ok()?)?;
    let (_, _, column) = column_of(program, table, slot)?;
    let members = Members::new(program.fingerprints(&list).ok()?, column.texts.count())?;
    let key = Salt { written: list.salt, name: list.name }.key(program, Purpose::List, None);
    Some(by_text(program, table, slot, session, |session| {
        let unit = session.subject().unit(slot, &mut [0; 20]).map(|unit| members.have(key.fingerprint(unit)));
        unit.map_or(UNKNOWN, |is_member| if is_member { TRUE } else { FALSE })
    }))
}

/// What a test of one attribute says of each text that its column has.
fn by_text(
    program: &Program,
    table: &Table,
    slot: Slot,
    session: &mut Session,
    mut decide: impl FnMut(&mut Session) -> u8,
) -> Step {
    session.clear(program);
    let nobody = decide(session);
    let Some((kind, place, column)) = column_of(program, table, slot) else { return Step::Same(nobody) };
    let mut of_text = Vec::with_capacity(column.texts.count() + 1);
    of_text.push(nobody);
    for (number, _) in column.texts.all() {
        session.clear(program);
        column.set(program, session, slot, kind, number);
        of_text.push(decide(session));
    }
    Step::Text { column: place, of_text }
}

/// The column of an attribute: its type, its place and itself.
fn column_of<'t>(program: &Program, table: &'t Table, slot: Slot) -> Option<(AttributeType, usize, &'t Column)> {
    let DeclaredAttribute { name, kind } = program.attribute(slot)?;
    let place = table.column(program.str(name))?;
    Some((kind, place, table.columns.get(place)?))
}

/// The segments of a program, decided together.
#[derive(Debug)]
pub(super) struct Segments(Vec<Option<Columnar>>);

impl Segments {
    /// Of those that are wanted.
    pub(super) fn new(
        program: &Program,
        table: &Table,
        now: i64,
        is_column: impl Fn(Slot) -> bool,
        wanted: impl Fn(usize) -> bool,
    ) -> Self {
        let mut all: Vec<Option<Columnar>> = Vec::new();
        for index in 0..program.count(Section::Segments) {
            let code = program.segment(index).and_then(|segment| program.code(segment.condition));
            let columnar = match code {
                _ if !wanted(index) => None,
                Some(code) if asks_only(code, &all) => Columnar::new(program, table, code, now, &is_column),
                Some(_) => None,
                None => Some(Columnar(vec![Step::Same(UNKNOWN)])),
            };
            all.push(columnar);
        }
        Segments(all)
    }

    /// Those that no column decides.
    pub(super) fn others(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, columnar)| columnar.is_none()).map(|(index, _)| index)
    }

    /// The truths of rows from one on, segment by segment.
    pub(super) fn decide(&self, table: &Table, from: usize, stack: &mut Vec<Block>, truths: &mut [Block]) {
        for (index, columnar) in self.0.iter().enumerate() {
            let Some((before, rest)) = truths.split_at_mut_checked(index) else { return };
            if let (Some(columnar), Some(own)) = (columnar, rest.first_mut()) {
                columnar.decide(table, from, stack, before, own);
            }
        }
    }
}

/// Everybody by what a condition comes to; none if it asks for what no column has.
pub(super) fn kinds(
    program: &Program,
    table: &Table,
    code: Words,
    now: i64,
    is_column: impl Fn(Slot) -> bool,
) -> Option<Kinds> {
    let wanted = all_named(program, named(code))?;
    let segments = Segments::new(program, table, now, &is_column, |index| wanted.contains(&index));
    if !asks_only(code, &segments.0) {
        return None;
    }
    let columnar = Columnar::new(program, table, code, now, is_column)?;
    let (mut stack, mut blocks, mut own) = (Vec::new(), vec![[0; TOGETHER]; segments.0.len()], [0; TOGETHER]);
    let mut truths = Vec::with_capacity(table.rows);
    for from in (0..table.rows).step_by(TOGETHER) {
        segments.decide(table, from, &mut stack, &mut blocks);
        columnar.decide(table, from, &mut stack, &blocks, &mut own);
        truths.extend_from_slice(own.get(..table.rows - from).unwrap_or(&own));
    }
    Some(Kinds::by_byte(&truths))
}

/// A segment, and those that it names, however indirectly.
pub(super) fn named_by(program: &Program, segment: usize) -> BTreeSet<usize> {
    all_named(program, vec![segment]).unwrap_or_else(|| BTreeSet::from([segment]))
}

/// Some segments, and those that they name, however indirectly. None if one cannot be read.
fn all_named(program: &Program, mut open: Vec<usize>) -> Option<BTreeSet<usize>> {
    let mut all = BTreeSet::new();
    while let Some(index) = open.pop() {
        let code = program.segment(index).and_then(|segment| program.code(segment.condition));
        if all.insert(index) {
            open.extend(named(code?));
        }
    }
    Some(all)
}

/// The segments that a condition names.
fn named(code: Words) -> Vec<usize> {
    let named =
        operations(code).filter(|(operation, _)| operation.dialect == 0 && operation.number == Operator::Segment as u8);
    named.map(|(operation, _)| operation.argument.into()).collect()
}

/// Whether all segments that a condition names are decided by columns.
fn asks_only(code: Words, segments: &[Option<Columnar>]) -> bool {
    named(code).into_iter().all(|index| segments.get(index).is_some_and(Option::is_some))
}
