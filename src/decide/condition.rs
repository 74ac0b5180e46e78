//! Conditions: postfix operations over a small stack of truth values.

use alloc::collections::BTreeSet;
use alloc::vec;

use crate::decide::moment::Dependency;
use crate::decide::operators::{self, Operator};
use crate::decide::session::Session;
use crate::decide::trace::{NoTrace, Step, Trace};
use crate::limits;
use crate::program::operation::{Operation, Words, operations};
use crate::program::rule::Rule;
use crate::program::truth::Truth;
use crate::program::{FlagIndex, Program, Segment};

/// Decides a condition for the session's moment: its words, of which the first is word `at`
/// of all code. No words: true. One that is not well-formed is unknown.
#[inline(always)]
pub(crate) fn decide(program: &Program, code: Words, at: u32, session: &mut Session, trace: &mut impl Trace) -> Truth {
    if code.is_empty() {
        return Truth::True;
    }
    decide_code(program, code, at, session, trace)
}

/// Decides the condition of a rule at a moment (milliseconds since 1970), by itself.
pub fn of_rule(program: &Program, rule: &Rule, session: &mut Session, now: i64) -> Truth {
    session.moment.start(now);
    decide(program, rule.condition, rule.condition_span().first, session, &mut NoTrace)
}

/// Decides operations that are a condition by themselves at a moment (milliseconds since 1970): [`crate::operation::operations`].
pub fn of_words(program: &Program, code: Words, session: &mut Session, now: i64) -> Truth {
    session.moment.start(now);
    decide(program, code, 0, session, &mut NoTrace)
}

/// Decides a segment for the session's moment, or returns its earlier outcome. A program's
/// segments name only earlier ones, and not too deep: [`Program::new`].
pub(crate) fn decide_segment(program: &Program, index: u16, session: &mut Session, trace: &mut impl Trace) -> Truth {
    if let Some(truth) = session.moment.segment(index) {
        return truth;
    }
    let Some(Segment { condition, .. }) = program.segment(index.into()) else { return Truth::Unknown };
    let Some(code) = program.code(condition) else { return Truth::Unknown };
    let outer = session.moment.enter();
    let truth = decide(program, code, condition.first, session, trace);
    let outcome = match truth {
        Truth::False => Some(0),
        Truth::True => Some(1),
        Truth::Unknown => None,
    };
    session.moment.leave(Dependency::segment(index), outcome, outer);
    // Whoever is the first to ask asks, too.
    session.moment.segment(index);
    truth
}

/// The flags that a segment asks for, by itself or through others.
pub fn flags_of_segment(program: &Program, index: u16) -> BTreeSet<FlagIndex> {
    let (mut flags, mut open) = (BTreeSet::new(), vec![false; usize::from(index)]);
    open.push(true);
    // It names only earlier ones.
    while let Some(is_asked) = open.pop() {
        if !is_asked {
            continue;
        }
        let index = open.len() as u16;
        let segment = program.segment(usize::from(index));
        let code = segment.and_then(|segment| program.code(segment.condition)).unwrap_or_default();
        for (operation, operands) in operations(code) {
            match (operation.dialect, Operator::from_number(operation.number)) {
                (0, Some(Operator::Segment)) => {
                    if let Some(asked) = open.get_mut(usize::from(operation.argument)) {
                        *asked = true;
                    }
                }
                (0, Some(Operator::Flag)) => drop(flags.insert(FlagIndex(operators::word(operands, 0)))),
                _ => {}
            }
        }
    }
    flags
}

fn decide_code(program: &Program, code: Words, at: u32, session: &mut Session, trace: &mut impl Trace) -> Truth {
    let (mut stack, mut rest, mut at) = (Stack::default(), code, at);
    while let Some((word, following)) = rest.split_first() {
        let operation = Operation::from_word(u32::from_le_bytes(*word));
        let Some((operands, following)) = following.split_at_checked(operation.operands.into()) else { break };
        rest = following;
        let known = match operation.dialect {
            0 => Operator::from_number(operation.number),
            _ => None,
        };
        let truth = match known {
            Some(Operator::All) => stack.fold(operation.argument, Truth::True, Truth::and),
            Some(Operator::Any) => stack.fold(operation.argument, Truth::False, Truth::or),
            Some(Operator::Not) => !stack.pop(),
            Some(Operator::Segment) => {
                session.memo.ask_more();
                decide_segment(program, operation.argument, session, trace)
            }
            Some(Operator::Share) => {
                session.memo.ask_more();
                match operators::share(operation.argument, operands, session, program) {
                    Some((point, inside)) => {
                        trace.step(Step::Share { at, point });
                        inside.into()
                    }
                    None => Truth::Unknown,
                }
            }
            Some(operator) => operators::test(operator, operation.argument, operands, session, program),
            // A newer compiler's operator: it takes what it combines off the stack and is unknown.
            None if operation.number < 16 => stack.fold(operation.argument, Truth::Unknown, |_, _| Truth::Unknown),
            None => Truth::Unknown,
        };
        trace.step(Step::Operation { at, truth });
        at += 1 + u32::from(operation.operands);
        // Most conditions are one operation.
        if rest.is_empty() {
            return truth;
        }
        if !stack.push(truth) {
            break;
        }
    }
    Truth::Unknown
}

/// A stack of truth values: a bit for each that is true and one for each that is unknown, the top one lowest. Taking from an
/// empty one gives unknown.
#[derive(Default)]
struct Stack {
    yes: u64,
    unknown: u64,
    height: usize,
}

impl Stack {
    /// False if there is no room.
    fn push(&mut self, truth: Truth) -> bool {
        self.yes = self.yes << 1 | u64::from(truth == Truth::True);
        self.unknown = self.unknown << 1 | u64::from(truth == Truth::Unknown);
        self.height += 1;
        self.height <= limits::CONDITION_STACK
    }

    fn pop(&mut self) -> Truth {
        let Some(height) = self.height.checked_sub(1) else { return Truth::Unknown };
        self.height = height;
        let (yes, unknown) = (self.yes & 1, self.unknown & 1);
        self.yes >>= 1;
        self.unknown >>= 1;
        if unknown != 0 { Truth::Unknown } else { (yes != 0).into() }
    }

    fn fold(&mut self, count: u16, start: Truth, combine: impl Fn(Truth, Truth) -> Truth) -> Truth {
        (0..count).fold(start, |truth, _| combine(truth, self.pop()))
    }
}
