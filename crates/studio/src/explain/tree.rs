//! A condition read back from its postfix code into a tree.

use serde_json::Value as Json;
use waft::Program;
use waft::buckets::Bound;
use waft::operators::{Operation, Operator};
use waft::table::{f64_at, u16_at, u32_at};

/// A condition and where it stands in the code, in words: traces name it by that.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The word of its operation.
    pub at: u32,
    /// What it asks.
    pub kind: Kind,
}

/// What a condition asks.
#[derive(Clone, Debug)]
pub enum Kind {
    /// All hold.
    All(Vec<Condition>),
    /// Any holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The unit is in a segment.
    Segment(u16),
    /// An attribute passes a test against constants.
    Test {
        /// What is tested.
        operator: Operator,
        /// The attribute's slot.
        slot: u16,
        /// The constants, as they were written.
        constants: Vec<Json>,
    },
    /// Another flag, by its index, came out as one of several variants.
    Flag(u32, Vec<u8>),
    /// The unit's point for a share, by the name of the points, is from one bound up to another.
    Share {
        /// The unit.
        unit: u16,
        /// The name of the points, in text.
        name: u32,
        /// From this point on.
        from: Bound,
        /// Below this one.
        to: Bound,
    },
    /// The id in an attribute's slot is in a list.
    List(u16, u16),
    /// An operator of a newer compiler.
    Unknown(u8),
}

/// Reads a condition: its first word and number of words. `None` for one without words (always true) or one that is
/// not well-formed.
pub fn read(program: &Program, (first, count): (u32, u32)) -> Option<Condition> {
    let code = program.words(first, count)?;
    let mut stack = Vec::new();
    let mut at = 0;
    while at < code.len() {
        let operation = Operation::from_word(u32_at(code, at));
        let next = at + 4 + usize::from(operation.operands) * 4;
        let operands = code.get(at + 4..next)?;
        let operator = match operation.dialect {
            0 => Operator::from_number(operation.number),
            _ => None,
        };
        let kind = match operator {
            Some(Operator::All) => Kind::All(take(&mut stack, operation.argument)?),
            Some(Operator::Any) => Kind::Any(take(&mut stack, operation.argument)?),
            Some(Operator::Not) => Kind::Not(Box::new(stack.pop()?)),
            Some(Operator::Segment) => Kind::Segment(operation.argument),
            Some(Operator::Flag) => {
                let variants = operands.chunks_exact(4).skip(1).map(|variant| u32_at(variant, 0) as u8);
                Kind::Flag(u32_at(operands, 0), variants.collect())
            }
            Some(Operator::Share) => Kind::Share {
                unit: operation.argument,
                name: u32_at(operands, 0),
                from: Bound(u32_at(operands, 4)),
                to: Bound(u32_at(operands, 8)),
            },
            Some(Operator::List) => Kind::List(operation.argument, u32_at(operands, 0) as u16),
            Some(operator) => {
                Kind::Test { operator, slot: operation.argument, constants: constants(program, operator, operands) }
            }
            None => {
                if operation.number < 16 {
                    take(&mut stack, operation.argument)?;
                }
                Kind::Unknown(operation.number)
            }
        };
        stack.push(Condition { at: first + (at / 4) as u32, kind });
        at = next;
    }
    stack.pop()
}

fn take(stack: &mut Vec<Condition>, count: u16) -> Option<Vec<Condition>> {
    let start = stack.len().checked_sub(usize::from(count))?;
    Some(stack.split_off(start))
}

fn constants(program: &Program, operator: Operator, operands: &[u8]) -> Vec<Json> {
    let words = || operands.chunks_exact(4).map(|operand| u32_at(operand, 0));
    let doubles = || operands.chunks_exact(8).map(|operand| f64_at(operand, 0));
    let text = |offset| Json::from(program.str(offset));
    let constant = |index| program.constant_text(index).map_or(Json::Null, text);
    match operator {
        Operator::In => {
            let mut indices: Vec<u16> = operands.chunks_exact(2).map(|index| u16_at(index, 0)).collect();
            // An odd number of indices is filled up with the last one again.
            indices.dedup();
            indices.into_iter().map(|index| constant(index.into())).collect()
        }
        Operator::Is | Operator::InWide | Operator::HasAny | Operator::HasAll => words().map(constant).collect(),
        Operator::Contains
        | Operator::StartsWith
        | Operator::EndsWith
        | Operator::IsFolded
        | Operator::ContainsFolded
        | Operator::StartsWithFolded
        | Operator::EndsWithFolded => words().map(text).collect(),
        Operator::Matches => words().skip(1).step_by(2).map(text).collect(),
        Operator::Within => doubles().map(|milli| Json::from(milli as i64)).collect(),
        Operator::Size => words().map(Json::from).collect(),
        Operator::BooleanIs => words().map(|value| Json::from(value != 0)).collect(),
        Operator::NumberIs
        | Operator::NumberIn
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual => doubles().map(number).collect(),
        Operator::Before | Operator::After => doubles().map(|milli| instant(milli as i64)).collect(),
        Operator::SemverIs
        | Operator::SemverLess
        | Operator::SemverLessOrEqual
        | Operator::SemverGreater
        | Operator::SemverGreaterOrEqual => {
            let [major, minor, patch] = [0, 4, 8].map(|at| u32_at(operands, at));
            let pre = match operands.get(12..) {
                Some(pre) if !pre.is_empty() => format!("-{}", program.str(u32_at(pre, 0))),
                _ => String::new(),
            };
            vec![Json::from(format!("{major}.{minor}.{patch}{pre}"))]
        }
        Operator::Exists
        | Operator::All
        | Operator::Any
        | Operator::Not
        | Operator::Segment
        | Operator::Flag
        | Operator::Share
        | Operator::List => Vec::new(),
    }
}

/// A number as it was written: integers without a fraction.
pub(super) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9e15 { Json::from(value as i64) } else { Json::from(value) }
}

fn instant(milli: i64) -> Json {
    Json::from(crate::clock::text(milli))
}
