//! Tests: what each operator of the register finds in a subject.

use core::cmp::Ordering;

use crate::context::attribute::Attribute;
use crate::context::semver;
use crate::context::subject::Subject;
use crate::decide::session::Session;
use crate::program::buckets::{Bound, Purpose};
pub use crate::program::operation::Operation;
pub use crate::program::operator::Operator;
use crate::program::pattern;
use crate::program::salt::Salt;
use crate::program::truth::Truth;
use crate::program::{FlagIndex, Program, Slot, Text, UnitKind};
use crate::snapshot::table::u64_at;

/// Tests one attribute. Missing and wrongly typed attributes are unknown, except to [`Operator::Exists`].
pub(crate) fn test(
    operator: Operator,
    argument: u16,
    operands: &[[u8; 4]],
    session: &mut Session,
    program: &Program,
) -> Truth {
    let slot = Slot(argument);
    if matches!(operator, Operator::Within | Operator::Flag | Operator::List) {
        session.memo.ask_more();
    } else {
        session.memo.ask(slot);
    }
    let subject = &mut session.subject;
    let attribute = subject.attribute(slot);
    match (operator, attribute) {
        (Operator::Exists, attribute) => (!matches!(attribute, Attribute::Missing)).into(),
        (Operator::Is, Attribute::Text { constant, .. }) => {
            (subject.constant(slot, *constant, program) == Some(word(operands, 0))).into()
        }
        (Operator::In, Attribute::Text { constant, .. }) => {
            let constant = subject.constant(slot, *constant, program);
            constant.is_some_and(|wanted| contains(2 * operands.len(), wanted, |at| half(operands, at))).into()
        }
        (Operator::InWide, Attribute::Text { constant, .. }) => {
            let constant = subject.constant(slot, *constant, program);
            constant.is_some_and(|wanted| contains(operands.len(), wanted, |at| word(operands, at))).into()
        }
        (Operator::NumberIs | Operator::NumberIn, Attribute::Number(number)) => {
            operands.chunks_exact(2).any(|operand| double(operand, 0) == *number).into()
        }
        (Operator::BooleanIs, Attribute::Boolean(boolean)) => (*boolean == (word(operands, 0) != 0)).into(),
        (Operator::Less, Attribute::Number(number)) => (*number < double(operands, 0)).into(),
        (Operator::LessOrEqual, Attribute::Number(number)) => (*number <= double(operands, 0)).into(),
        (Operator::Greater, Attribute::Number(number)) => (*number > double(operands, 0)).into(),
        (Operator::GreaterOrEqual, Attribute::Number(number)) => (*number >= double(operands, 0)).into(),
        (
            Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::IsFolded
            | Operator::ContainsFolded
            | Operator::StartsWithFolded
            | Operator::EndsWithFolded,
            Attribute::Text { text, .. },
        ) => {
            let text = subject.text(*text);
            words(operands).any(|operand| has_part(operator, text, program.text(Text(operand)))).into()
        }
        (Operator::Matches, Attribute::Text { text, .. }) => {
            let text = subject.text(*text);
            // Behind the table stands how the pattern is written, for people.
            operands.chunks(2).any(|pair| pattern::matches(program.pattern(word(pair, 0)), text)).into()
        }
        (
            Operator::SemverIs
            | Operator::SemverLess
            | Operator::SemverLessOrEqual
            | Operator::SemverGreater
            | Operator::SemverGreaterOrEqual,
            Attribute::Semver { numbers, text },
        ) => {
            let order = numbers.cmp(&[0, 1, 2].map(|at| word(operands, at))).then_with(|| {
                let pre = if operands.len() > 3 { program.text(Text(word(operands, 3))) } else { &[] };
                semver::compare_pre_of(subject.text(*text), pre)
            });
            match operator {
                Operator::SemverIs => order == Ordering::Equal,
                Operator::SemverLess => order == Ordering::Less,
                Operator::SemverLessOrEqual => order != Ordering::Greater,
                Operator::SemverGreater => order == Ordering::Greater,
                _ => order != Ordering::Less,
            }
            .into()
        }
        (Operator::SemverText, Attribute::Semver { text, .. }) => {
            let order = semver::precedence(subject.text(*text), program.text(Text(word(operands, 1)))) as i8 + 1;
            (word(operands, 0) >> order & 1 != 0).into()
        }
        (Operator::Before, Attribute::Date(milli)) => ((*milli as f64) < double(operands, 0)).into(),
        (Operator::After, Attribute::Date(milli)) => ((*milli as f64) > double(operands, 0)).into(),
        (Operator::Within, Attribute::Date(milli)) => {
            // True from `begin` up to and including `end`.
            let begin = milli.saturating_sub(double(operands, 2) as i64);
            let end = milli.saturating_sub(double(operands, 0) as i64);
            let moment = &mut session.moment;
            moment.changes_at(begin);
            moment.changes_at(end.saturating_add(1));
            (begin <= moment.now && moment.now <= end).into()
        }
        (Operator::HasAny, Attribute::List { .. }) => {
            words(operands).any(|wanted| subject.has(attribute, wanted)).into()
        }
        (Operator::HasAll, Attribute::List { .. }) => {
            words(operands).all(|wanted| subject.has(attribute, wanted)).into()
        }
        (Operator::Size, Attribute::List { count, .. }) => {
            (word(operands, 0) <= *count && *count <= word(operands, 1)).into()
        }
        (Operator::Flag, _) => match session.moment.flag(FlagIndex(word(operands, 0))) {
            Some(variant) => words(operands).skip(1).any(|wanted| wanted == u32::from(variant)).into(),
            None => Truth::Unknown,
        },
        (Operator::List, _) => member(slot, operands, session, program).unwrap_or(Truth::Unknown),
        (Operator::Id, _) => named(slot, operands, subject, program).unwrap_or(Truth::Unknown),
        _ => Truth::Unknown,
    }
}

fn words(operands: &[[u8; 4]]) -> impl Iterator<Item = u32> {
    operands.iter().map(|word| u32::from_le_bytes(*word))
}

/// One of the operands; 0 if there are not that many.
pub(crate) fn word(operands: &[[u8; 4]], at: usize) -> u32 {
    operands.get(at).map_or(0, |word| u32::from_le_bytes(*word))
}

/// Half an operand, as a number of 16 bits.
fn half(operands: &[[u8; 4]], at: usize) -> u32 {
    word(operands, at / 2) >> (16 * (at & 1)) & 0xffff
}

/// Two operands, as a double.
fn double(operands: &[[u8; 4]], at: usize) -> f64 {
    f64::from_bits(u64::from(word(operands, at)) | u64::from(word(operands, at + 1)) << 32)
}

fn has_part(operator: Operator, text: &[u8], part: &[u8]) -> bool {
    let folded = operator as u8 > Operator::Matches as u8;
    let Some(last) = text.len().checked_sub(part.len()) else { return false };
    // Where it may start.
    let (first, last) = match operator {
        Operator::IsFolded => (last, 0),
        Operator::StartsWith | Operator::StartsWithFolded => (0, 0),
        Operator::EndsWith | Operator::EndsWithFolded => (last, last),
        _ => (0, last),
    };
    (first..last + 1).any(|at| {
        let mut pairs = text.get(at..).unwrap_or(&[]).iter().zip(part);
        pairs.all(|(found, wanted)| found == wanted || folded && found.eq_ignore_ascii_case(wanted))
    })
}

/// The unit's point for a share of units, and whether it is in. Operands: text name, bound from, bound to.
pub(crate) fn share(kind: u16, operands: &[[u8; 4]], session: &mut Session, program: &Program) -> Option<(u32, bool)> {
    let UnitKind { slot, .. } = program.unit(kind)?;
    let salt = Salt { written: Text::NONE, name: Text(word(operands, 0)) };
    let Some(unit) = session.subject.randomised(slot) else {
        session.moment.miss(kind.into());
        return None;
    };
    let point = session.point(program, unit, salt, Purpose::Share, None);
    Some((point, point >= word(operands, 1) && Bound(word(operands, 2)).covers(point)))
}

/// Operand: the list. One whose file is not there yet is unknown, and noted as wanted.
fn member(slot: Slot, operands: &[[u8; 4]], session: &mut Session, program: &Program) -> Option<Truth> {
    let list = program.list(word(operands, 0) as u16)?;
    let salt = Salt { written: list.salt, name: list.name };
    let key = session.key(program, salt, Purpose::List, None);
    let wanted = key.fingerprint(session.subject.unit(slot, &mut [0; 20])?);
    match program.fingerprints(&list) {
        Ok(sorted) => Some(contains(sorted.len() / 8, wanted, |at| u64_at(sorted, 8 * at)).into()),
        Err(file) => {
            session.want(file);
            None
        }
    }
}

/// Operands: indices of constants. An id is its bytes, be it a text or a number.
fn named(slot: Slot, operands: &[[u8; 4]], subject: &Subject, program: &Program) -> Option<Truth> {
    let constant = program.constant(subject.unit(slot, &mut [0; 20])?);
    Some(constant.is_some_and(|wanted| words(operands).any(|constant| constant == wanted)).into())
}

/// Whether so many sorted numbers contain one.
fn contains<T: Ord>(count: usize, wanted: T, number_at: impl Fn(usize) -> T) -> bool {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match number_at(middle).cmp(&wanted) {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return true,
        }
    }
    false
}
