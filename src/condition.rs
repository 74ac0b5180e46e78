//! Conditions: postfix operations over a small stack of truth values.

use crate::limits;
use crate::operators::{self, Operation, Operator};
use crate::program::Program;
use crate::subject::Subject;
use crate::table::u32_at;
use crate::trace::{Step, Trace};
use crate::truth::Truth;

/// Decides a condition for the moment that the subject's memory was started at: its first word and number of words. No
/// words: true. One that is not well-formed is unknown.
pub(crate) fn decide(program: &Program, code: (u32, u32), subject: &mut Subject, trace: &mut impl Trace) -> Truth {
    decide_within(program, code, subject, Inside { below: u16::MAX, depth: limits::SEGMENT_DEPTH }, trace)
}

/// Decides a segment at a moment (milliseconds since 1970), or answers what it came out to before.
pub fn decide_segment(program: &Program, index: u16, subject: &mut Subject, now: i64, trace: &mut impl Trace) -> Truth {
    subject.memory.start(now);
    segment_within(program, index, subject, Inside { below: u16::MAX, depth: limits::SEGMENT_DEPTH }, trace)
}

/// Which segments a condition may name: only earlier ones, and not too deep. A compiler keeps to both; a table that does
/// not cannot make us loop.
#[derive(Clone, Copy)]
struct Inside {
    below: u16,
    depth: u8,
}

fn segment_within(
    program: &Program,
    index: u16,
    subject: &mut Subject,
    inside: Inside,
    trace: &mut impl Trace,
) -> Truth {
    if index >= inside.below {
        return Truth::Unknown;
    }
    if let Some(truth) = subject.memory.segment(usize::from(index)) {
        return truth;
    }
    let (Some((_, _, condition)), Some(depth)) = (program.segment(usize::from(index)), inside.depth.checked_sub(1))
    else {
        return Truth::Unknown;
    };
    let outer = core::mem::replace(&mut subject.memory.until, i64::MAX);
    let exposed = subject.memory.exposures.len();
    let truth = decide_within(program, condition, subject, Inside { below: index, depth }, trace);
    let until = subject.memory.until;
    subject.memory.until = outer.min(until);
    // What a segment exposes, because it asks for a flag that is drawn by lot, every flag that asks for it exposes.
    if subject.memory.exposures.len() == exposed {
        subject.memory.remember_segment(usize::from(index), truth, until);
    }
    truth
}

fn decide_within(
    program: &Program,
    (first, count): (u32, u32),
    subject: &mut Subject,
    inside: Inside,
    trace: &mut impl Trace,
) -> Truth {
    if count == 0 {
        return Truth::True;
    }
    let Some(code) = program.words(first, count) else { return Truth::Unknown };
    let mut stack = Stack::default();
    let mut at = 0;
    while at < code.len() {
        let operation = Operation::from_word(u32_at(code, at));
        let operands = at + 4;
        let next = operands + usize::from(operation.operands) * 4;
        let Some(operands) = code.get(operands..next) else { return Truth::Unknown };
        let known = match operation.dialect {
            0 => Operator::from_number(operation.number),
            _ => None,
        };
        let truth = match known {
            Some(Operator::All) => stack.fold(operation.argument, Truth::True, Truth::and),
            Some(Operator::Any) => stack.fold(operation.argument, Truth::False, Truth::or),
            Some(Operator::Not) => !stack.pop(),
            Some(Operator::Segment) => segment_within(program, operation.argument, subject, inside, trace),
            Some(operator) => operators::test(operator, operation.argument, operands, subject, program),
            // A newer compiler's operator: it takes what it combines off the stack and is unknown.
            None if operation.number < 16 => stack.fold(operation.argument, Truth::Unknown, |_, _| Truth::Unknown),
            None => Truth::Unknown,
        };
        trace.step(Step::Operation { at: first + (at / 4) as u32, truth });
        if !stack.push(truth) {
            return Truth::Unknown;
        }
        at = next;
    }
    stack.pop()
}

/// A stack of truth values in fixed memory. Taking from an empty one gives unknown.
struct Stack {
    values: [Truth; limits::CONDITION_STACK],
    height: usize,
}

impl Default for Stack {
    fn default() -> Self {
        Stack { values: [Truth::Unknown; limits::CONDITION_STACK], height: 0 }
    }
}

impl Stack {
    fn push(&mut self, truth: Truth) -> bool {
        let Some(top) = self.values.get_mut(self.height) else { return false };
        *top = truth;
        self.height += 1;
        true
    }

    fn pop(&mut self) -> Truth {
        let Some(height) = self.height.checked_sub(1) else { return Truth::Unknown };
        self.height = height;
        self.values.get(height).copied().unwrap_or(Truth::Unknown)
    }

    fn fold(&mut self, count: u16, start: Truth, combine: impl Fn(Truth, Truth) -> Truth) -> Truth {
        (0..count).fold(start, |truth, _| combine(truth, self.pop()))
    }
}
