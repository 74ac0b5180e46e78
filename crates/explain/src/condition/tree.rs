//! A condition read back from its postfix code into a tree.

use serde_json::Value as Json;
use waft::Program;
use waft::buckets::Bound;
use waft::operator::{Operands, Tests};
use waft::operators::{Operation, Operator};
use waft::program::{CodeSpan, FlagIndex, Slot, Text};

use crate::value::number;
use waft_ruleset::clock;

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
        slot: Slot,
        /// The constants, as they were written.
        constants: Vec<Json>,
    },
    /// Another flag, by its index, evaluated to one of several variants.
    Flag(FlagIndex, Vec<u8>),
    /// The unit's point for a share, by the name of the points, is from one bound up to another.
    Share {
        /// The kind of unit, by its index among the program's.
        unit: u16,
        /// The name of the points.
        name: Text,
        /// From this point on.
        from: Bound,
        /// Below this one.
        to: Bound,
    },
    /// The id in an attribute's slot is in a list.
    List(Slot, u16),
    /// An operator of a newer compiler.
    Unknown(u8),
}

/// Reads a condition. `None` for one without words (always true) or one that is
/// not well-formed.
pub fn read(program: &Program, span: CodeSpan) -> Option<Condition> {
    let code = program.code(span)?;
    let code: Vec<u32> = code.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut stack = Vec::new();
    let mut at = 0;
    while let Some(word) = code.get(at) {
        let operation = Operation::from_word(*word);
        let next = at + 1 + usize::from(operation.operands);
        let operands = code.get(at + 1..next)?;
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
                let variants = operands.iter().skip(1).map(|variant| *variant as u8);
                Kind::Flag(FlagIndex(operand(operands, 0)), variants.collect())
            }
            Some(Operator::Share) => Kind::Share {
                unit: operation.argument,
                name: Text(operand(operands, 0)),
                from: Bound(operand(operands, 1)),
                to: Bound(operand(operands, 2)),
            },
            Some(Operator::SemverText) => match version_order(operand(operands, 0)) {
                Some(operator) => {
                    let constants = vec![Json::from(program.str(Text(operand(operands, 1))))];
                    Kind::Test { operator, slot: Slot(operation.argument), constants }
                }
                None => Kind::Unknown(operation.number),
            },
            Some(Operator::List) => Kind::List(Slot(operation.argument), operand(operands, 0) as u16),
            Some(operator) => Kind::Test {
                operator,
                slot: Slot(operation.argument),
                constants: constants(program, operator, operands),
            },
            None => {
                if operation.number < 16 {
                    take(&mut stack, operation.argument)?;
                }
                Kind::Unknown(operation.number)
            }
        };
        stack.push(Condition { at: span.first + at as u32, kind });
        at = next;
    }
    stack.pop()
}

/// The operator that a ruleset has for the orders in which a version holds, if it has one.
fn version_order(orders: u32) -> Option<Operator> {
    Some(match orders {
        1 => Operator::SemverLess,
        2 => Operator::SemverIs,
        3 => Operator::SemverLessOrEqual,
        4 => Operator::SemverGreater,
        6 => Operator::SemverGreaterOrEqual,
        _ => return None,
    })
}

/// One of the operands; 0 if there are not that many.
fn operand(operands: &[u32], at: usize) -> u32 {
    operands.get(at).copied().unwrap_or(0)
}

fn take(stack: &mut Vec<Condition>, count: u16) -> Option<Vec<Condition>> {
    let start = stack.len().checked_sub(usize::from(count))?;
    Some(stack.split_off(start))
}

fn constants(program: &Program, operator: Operator, operands: &[u32]) -> Vec<Json> {
    let words = || operands.iter().copied();
    let doubles = || {
        let (pairs, _) = operands.as_chunks();
        pairs.iter().map(|[low, high]| f64::from_bits(u64::from(*high) << 32 | u64::from(*low)))
    };
    let text = |text| Json::from(program.str(text));
    let constant = |index| program.constant_text(index).map_or(Json::Null, text);
    match operator.operands() {
        Operands::Halves => {
            let mut indices: Vec<u16> = words().flat_map(|pair| [pair as u16, (pair >> 16) as u16]).collect();
            // An odd number of indices is filled up with the last one again.
            indices.dedup();
            indices.into_iter().map(|index| constant(index.into())).collect()
        }
        Operands::Constants => words().map(constant).collect(),
        Operands::Texts => words().map(|offset| text(Text(offset))).collect(),
        Operands::Patterns => words().skip(1).step_by(2).map(|offset| text(Text(offset))).collect(),
        Operands::Window => doubles().map(|milli| Json::from(milli as i64)).collect(),
        Operands::Counts => words().map(Json::from).collect(),
        Operands::Boolean => words().map(|value| Json::from(value != 0)).collect(),
        Operands::Doubles if operator.tests() == Tests::Date => {
            doubles().map(|milli| Json::from(clock::text(milli as i64))).collect()
        }
        Operands::Doubles => doubles().map(number).collect(),
        Operands::Version => {
            let [major, minor, patch] = [0, 1, 2].map(|at| operand(operands, at));
            let pre = operands.get(3).map_or(String::new(), |pre| format!("-{}", program.str(Text(*pre))));
            vec![Json::from(format!("{major}.{minor}.{patch}{pre}"))]
        }
        Operands::None | Operands::Parts | Operands::VersionText | Operands::Reference => Vec::new(),
    }
}
