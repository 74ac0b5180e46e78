//! The order of decision. `evaluate(program, flag, subject, now, trace)` has no other inputs.

use alloc::collections::BTreeSet;

use crate::context::subject::Subject;
use crate::decide::condition;
use crate::decide::memory::Asked;
use crate::decide::trace::{NoTrace, Step, Trace};
use crate::decide::trial;
use crate::limits;
use crate::program::operation::Words;
use crate::program::rule::{Action, Rule};
use crate::program::truth::Truth;
use crate::program::{Flag, Program, milli};
use crate::snapshot::table::Section;

/// Why a flag came out as it did, in OpenFeature's words. Numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The flag has no rules, or a signed preview shows the variant.
    Static = 0,
    /// No rule matched.
    Default = 1,
    /// A rule's condition matched.
    TargetingMatch = 2,
    /// An experiment chose the variant.
    Split = 3,
    /// The flag is off.
    Disabled = 4,
    /// The caller's default is to be used; see [`ErrorCode`].
    Error = 5,
}

impl Reason {
    /// As OpenFeature writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Reason::Static => "STATIC",
            Reason::Default => "DEFAULT",
            Reason::TargetingMatch => "TARGETING_MATCH",
            Reason::Split => "SPLIT",
            Reason::Disabled => "DISABLED",
            Reason::Error => "ERROR",
        }
    }
}

/// Why there is no decision, in OpenFeature's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ErrorCode {
    /// The snapshot has no such flag.
    FlagNotFound = 1,
    /// The flag's record cannot be read. Its neighbours are not touched.
    ParseError = 2,
}

impl ErrorCode {
    /// As OpenFeature writes it.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorCode::FlagNotFound => "FLAG_NOT_FOUND",
            ErrorCode::ParseError => "PARSE_ERROR",
        }
    }
}

/// What came out. What it exposes is in [`Subject::exposures`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The variant by its place among the flag's, or why there is none.
    pub variant: Result<u8, ErrorCode>,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, by its place among the flag's.
    pub rule: Option<u8>,
    /// How many rules in front of those that are written the flag has, of which [`Decision::rule`] may be one.
    pub prelude: u8,
    /// The earliest moment (milliseconds since 1970) at which time alone could change this; `i64::MAX` for never.
    pub valid_until: i64,
}

/// Decides one flag for a subject at a moment (milliseconds since 1970).
///
/// 1. A flag that does not exist: the caller's default. 2. One that a signed preview shows: the variant that it names. 3. A disabled
///    one: its off variant. 4. Its rules as written; in front of them the compiler put what stands beside them in the ruleset:
///    prerequisites, targets, the holdout, in this order. 5. Its default.
pub fn evaluate(program: &Program, flag: u32, subject: &mut Subject, now: i64, trace: &mut impl Trace) -> Decision {
    subject.memory.start(now);
    let mut decision = outcome(program, flag, subject, true, trace);
    // What lies in a damaged chunk reads as empty or absent: a decision that may have met one is none.
    if program.intact().is_err() {
        subject.memory.expose_nothing();
        decision = Decision::none(ErrorCode::ParseError);
    }
    subject.memory.gather();
    Decision { valid_until: subject.memory.hand.until, ..decision }
}

impl Decision {
    fn none(code: ErrorCode) -> Self {
        Decision { variant: Err(code), reason: Reason::Error, rule: None, prelude: 0, valid_until: i64::MAX }
    }
}

fn outcome(program: &Program, index: u32, subject: &mut Subject, asked: bool, trace: &mut impl Trace) -> Decision {
    let Some(flag) = program.flag(index) else { return Decision::none(ErrorCode::FlagNotFound) };
    match decide(program, index, &flag, subject, asked, trace) {
        Some((variant, reason, rule)) if flag.value_type.is_some() && program.variant(&flag, variant).is_some() => {
            Decision { variant: Ok(variant), reason, rule, prelude: flag.prelude, valid_until: i64::MAX }
        }
        _ => {
            subject.memory.expose_nothing();
            Decision::none(ErrorCode::ParseError)
        }
    }
}

/// So many rules are never too much to decide, however long they are.
const FEW_RULES: u8 = (limits::DECISION_WORDS / (limits::RULE_WORDS + limits::DRAW_WORDS)) as u8;

/// `asked` is whether the caller asked for this flag, and not another flag.
fn decide<T: Trace>(
    program: &Program,
    place: u32,
    flag: &Flag,
    subject: &mut Subject,
    asked: bool,
    trace: &mut T,
) -> Option<(u8, Reason, Option<u8>)> {
    if let Some(variant) = subject.previewed(place) {
        trace.step(Step::Preview);
        return Some((variant, Reason::Static, None));
    }
    if !flag.enabled {
        return Some((flag.when_off, Reason::Disabled, None));
    }
    let passed = if T::SILENT { subject.skipped.start(place) } else { None };
    let (first, mut at) = passed.unwrap_or((0, flag.code));
    let (mut passing, mut code): (bool, Words) = (T::SILENT, &[]);
    // A few rules alone are never too much, and flags that others ask for were counted with those.
    if asked && flag.rule_count > FEW_RULES && !is_bounded(program, flag) {
        return None;
    }
    let mut counted = !asked;
    for index in first..flag.rule_count {
        if T::SILENT
            && let Some(variant) = trial::by_draw(program, place, flag, at, subject)
        {
            return Some((variant, Reason::Split, Some(index)));
        }
        if code.is_empty() {
            code = program.code_from(at)?;
        }
        let (rule, rest) = Rule::split(code, at)?;
        (at, code) = (rule.next(), rest);
        let waits = rule.waits_for_true();
        passing &= waits;
        if !waits && let Action::Need(other) = rule.action() {
            if !counted && !is_bounded(program, flag) {
                return None;
            }
            counted = true;
            if asked && T::SILENT {
                need_silently(program, other, subject);
            } else if asked {
                need(program, other, subject, trace);
            }
            continue;
        }
        trace.step(Step::Rule { index, id: rule.id });
        if !waits && let Some([from, to]) = rule.dates() {
            let memory = &mut subject.memory;
            memory.changes_at(milli(from));
            memory.changes_at(milli(to));
            if memory.now < milli(from) || memory.now >= milli(to) {
                trace.step(Step::Outside);
                continue;
            }
        }
        let mut truth = condition::decide(program, rule.condition, rule.condition_place().0, subject, trace);
        // What such a rule would do is decoded for those that do it.
        if waits && truth != Truth::True {
            trace.step(Step::Condition { truth });
            if passing {
                subject.skipped.note(place, program.count(Section::Flags), index + 1, at);
            }
            continue;
        }
        // A rule that acts may still serve nothing, for reasons that are no attributes.
        passing = false;
        let action = rule.action();
        if matches!(action, Action::Unknown) {
            truth = Truth::Unknown;
        }
        trace.step(Step::Condition { truth });
        let leads = match action {
            // A condition of a holdout says who is excepted.
            Action::Holdout(_) => truth != Truth::True || rule.condition.is_empty(),
            Action::Experiment(_) => truth == Truth::True || rule.is_sticky(),
            Action::Ramp(..) => truth == Truth::True,
            Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => false,
        };
        let mut reason = Reason::Split;
        let variant = match (truth, action) {
            _ if leads => trial::enter(program, place, flag, &rule, truth, subject, trace)?,
            (Truth::True, Action::Serve(variant)) => {
                reason = Reason::TargetingMatch;
                Some(variant)
            }
            (Truth::True, Action::Off) => {
                reason = Reason::Disabled;
                Some(flag.when_off)
            }
            (Truth::False | Truth::Unknown | Truth::True, _) => None,
        };
        let variant = match variant {
            None if truth == Truth::Unknown && rule.stops_on_unknown() => {
                reason = Reason::Default;
                Some(flag.when_off)
            }
            variant => variant,
        };
        if let Some(variant) = variant {
            return Some((variant, reason, Some(index)));
        }
    }
    Some((flag.default, if flag.rule_count == 0 { Reason::Static } else { Reason::Default }, None))
}

/// Whether a flag and the flags that it needs are not too much to decide, each of them once: [`limits::DECISION_WORDS`].
pub fn is_bounded(program: &Program, flag: &Flag) -> bool {
    words_of(program, flag, true) <= limits::DECISION_WORDS
}

/// The words of a flag's rules and what stands for draws; and, if asked for, those of the flags that it needs.
fn words_of(program: &Program, flag: &Flag, needs: bool) -> u32 {
    let mut words = 0;
    for rule in program.rules(flag) {
        words += rule.worst_case();
        if needs
            && let Action::Need(other) = rule.action()
            && let Some(other) = program.flag(other)
        {
            words += words_of(program, &other, false);
        }
    }
    words
}

/// Decides a segment at a moment (milliseconds since 1970), or answers what it came out to before. The flags that it asks for
/// ([`condition::flags_of_segment`]) are decided first, as they are for a flag that asks for it.
pub fn decide_segment(
    program: &Program,
    index: u16,
    asked: &BTreeSet<u32>,
    subject: &mut Subject,
    now: i64,
    trace: &mut impl Trace,
) -> Truth {
    subject.memory.start(now);
    for asked in asked {
        let Some(flag) = program.flag(*asked) else { continue };
        for rule in program.rules(&flag) {
            if let Action::Need(other) = rule.action() {
                need(program, other, subject, trace);
            }
        }
        need(program, *asked, subject, trace);
    }
    let truth = condition::decide_segment(program, index, subject, trace);
    subject.memory.gather();
    truth
}

/// Decides a flag that conditions of another ask for. What it needs itself was decided before: the compiler lists all needs,
/// in order, so that nothing here is recursive. What it exposes counts only if a condition does ask.
fn need(program: &Program, flag: u32, subject: &mut Subject, trace: &mut impl Trace) {
    // Of a flag that is not there nothing is known.
    if flag as usize >= program.count(Section::Flags) || subject.memory.knows(Asked::Flag, flag as usize) {
        return;
    }
    let outer = core::mem::take(&mut subject.memory.hand);
    trace.step(Step::Need { flag });
    let variant = outcome(program, flag, subject, false, trace).variant.ok();
    trace.step(Step::Needed { flag, variant });
    subject.memory.remember(Asked::Flag, flag as usize, variant, outer);
}

/// [`need`] where nobody listens. As it is not generic, what decides a flag is compiled with the core's profile, and not with that of
/// the engine's border: 3 % of the time for all flags, for 0.1 kB.
fn need_silently(program: &Program, flag: u32, subject: &mut Subject) {
    need(program, flag, subject, &mut NoTrace);
}
