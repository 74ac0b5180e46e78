//! Truths of conditions, column by column: what a test says is found out once for each text, and combined row by row.

use std::collections::BTreeSet;

use waft::buckets::Purpose;
use waft::operation::{Words, operations};
use waft::operators::Operator;
use waft::program::{AttributeType, DeclaredAttribute, Slot};
use waft::salt::Salt;
use waft::table::Section;
use waft::{Program, Session, Truth, condition, limits};

use super::column::Kinds;
use super::members::Members;
use super::table::{Column, Table};

/// So many rows go through a condition together: their truths lie in a processor's nearest memory.
pub(super) const TOGETHER: usize = 2_048;

/// Truth as a number: `and` is the least, `or` is the greatest, and `not` what is left to 2.
pub(super) const FALSE: u8 = 0;
pub(super) const UNKNOWN: u8 = 1;
pub(super) const TRUE: u8 = 2;

pub(super) const fn number(truth: Truth) -> u8 {
    match truth {
        Truth::False => FALSE,
        Truth::Unknown => UNKNOWN,
        Truth::True => TRUE,
    }
}

/// The truths of some rows.
pub(super) type Block = [u8; TOGETHER];

/// Eight truths at a time: wasm has no wider numbers, and its compiler finds none by itself.
const ONES: u64 = 0x0101_0101_0101_0101;

/// What is true of each pair of truths: both for `and`, any for `or`.
pub(super) type Combine = fn(u64, u64) -> u64;

/// The bits of those that are true, and of those that are not false.
fn bits(truths: u64) -> (u64, u64) {
    ((truths >> 1) & ONES, (truths | truths >> 1) & ONES)
}

fn from_bits(is_true: u64, is_possible: u64) -> u64 {
    is_true << 1 | (is_possible & !is_true)
}

pub(super) fn and(one: u64, other: u64) -> u64 {
    let ((is_true, is_possible), (others_true, others_possible)) = (bits(one), bits(other));
    from_bits(is_true & others_true, is_possible & others_possible)
}

pub(super) fn or(one: u64, other: u64) -> u64 {
    let ((is_true, is_possible), (others_true, others_possible)) = (bits(one), bits(other));
    from_bits(is_true | others_true, is_possible | others_possible)
}

pub(super) fn combine(truths: &mut Block, others: &Block, combine: impl Fn(u64, u64) -> u64) {
    let ((words, _), (others, _)) = (truths.as_chunks_mut::<8>(), others.as_chunks::<8>());
    for (word, other) in words.iter_mut().zip(others) {
        *word = combine(u64::from_le_bytes(*word), u64::from_le_bytes(*other)).to_le_bytes();
    }
}

pub(super) fn negate(truths: &mut Block) {
    for word in truths.as_chunks_mut::<8>().0 {
        *word = (2 * ONES - u64::from_le_bytes(*word)).to_le_bytes();
    }
}

/// How many are false, unknown and true.
pub(super) fn counts(truths: &[u8]) -> [u64; 3] {
    let (words, rest) = truths.as_chunks::<8>();
    let (mut matches, mut possible) = (0, 0);
    let lanes = |sums: u64| sums.to_le_bytes().into_iter().map(u64::from).sum::<u64>();
    // As many as a byte counts.
    for words in words.chunks(255) {
        let (mut are_true, mut are_possible) = (0, 0);
        for word in words {
            let (is_true, is_possible) = bits(u64::from_le_bytes(*word));
            are_true += is_true;
            are_possible += is_possible;
        }
        matches += lanes(are_true);
        possible += lanes(are_possible);
    }
    for truth in rest {
        matches += u64::from(*truth == TRUE);
        possible += u64::from(*truth != FALSE);
    }
    [truths.len() as u64 - possible, possible - matches, matches]
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
                Step::Text { column, of_text } => text(table, *column, of_text, from, truths),
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

#[inline]
fn fold(truths: &mut Block, others: &[Block], found: usize, start: u8, missing: bool, both: impl Fn(u64, u64) -> u64) {
    if found == 0 {
        *truths = [start; TOGETHER];
    }
    for other in others {
        combine(truths, other, &both);
    }
    if missing {
        combine(truths, &[UNKNOWN; TOGETHER], &both);
    }
}

/// By the numbers of texts.
#[inline]
fn text(table: &Table, column: usize, of_text: &[u8], from: usize, truths: &mut Block) {
    let of = table.columns.get(column).and_then(|column| column.of.get(from..)).unwrap_or(&[]);
    for (truth, number) in truths.iter_mut().zip(of) {
        *truth = of_text.get(*number as usize).copied().unwrap_or(UNKNOWN);
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
    let mut kinds = Kinds { of: Vec::with_capacity(table.rows), first: Vec::new() };
    let mut numbers = [None; 3];
    for from in (0..table.rows).step_by(TOGETHER) {
        segments.decide(table, from, &mut stack, &mut blocks);
        columnar.decide(table, from, &mut stack, &blocks, &mut own);
        for (row, truth) in own.iter().enumerate().take(table.rows - from) {
            let number = numbers.get_mut(usize::from(*truth))?.get_or_insert_with(|| {
                kinds.first.push(from + row);
                kinds.first.len() as u32 - 1
            });
            kinds.of.push(*number);
        }
    }
    Some(kinds)
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
