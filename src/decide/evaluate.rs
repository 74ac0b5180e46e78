//! The order of decision. `evaluate(program, flag, session, now, trace)` has no other inputs.

use alloc::collections::BTreeSet;

use crate::decide::condition;
use crate::decide::decision::{Deciding, Decision, ErrorCode, FEW_RULES, Outcome, Reason, Verdict};
use crate::decide::moment::Dependency;
use crate::decide::session::Session;
use crate::decide::trace::{Effect, NoTrace, Step, Trace};
use crate::decide::trial;
use crate::limits;
use crate::memo::Start;
use crate::program::operation::Words;
use crate::program::rule::{Action, Rule};
use crate::program::truth::Truth;
use crate::program::{Flag, FlagIndex, Program};
use crate::snapshot::table::Section;

/// Decides one flag for a session at a moment (milliseconds since 1970), in the order of section 13 of docs/ruleset.md.
pub fn evaluate(
    program: &Program,
    flag: FlagIndex,
    session: &mut Session,
    now: i64,
    trace: &mut impl Trace,
) -> Decision {
    session.moment.start(now);
    let mut decision = decide(program, flag, session, true, trace);
    // What lies in a damaged chunk reads as empty or absent: a decision that may have met one is none.
    if program.intact().is_err() {
        session.moment.expose_nothing();
        decision = Decision::none(ErrorCode::ParseError);
    }
    session.moment.gather();
    Decision { valid_until: session.moment.frame.until, missing: session.moment.frame.missing, ..decision }
}

/// Decides a flag that the caller asks for (`asked`), or another flag.
fn decide(program: &Program, index: FlagIndex, session: &mut Session, asked: bool, trace: &mut impl Trace) -> Decision {
    let Some(flag) = program.flag(index) else { return Decision::none(ErrorCode::FlagNotFound) };
    match outcome(&Deciding { program, index, flag: &flag, asked }, session, trace) {
        Some(Outcome { variant, reason, rule })
            if flag.value_type.is_some() && program.variant(&flag, variant).is_some() =>
        {
            Decision { variant: Ok(variant), reason, rule, prelude: flag.prelude, valid_until: i64::MAX, missing: 0 }
        }
        _ => {
            session.moment.expose_nothing();
            Decision::none(ErrorCode::ParseError)
        }
    }
}

/// What a flag serves: the off variant if it is killed, a preview's variant, the one of a flag that is off, that of the first rule that serves any, or the default.
///
/// Here and below, `None` is a record that cannot be read.
#[inline(always)]
fn outcome<T: Trace>(deciding: &Deciding, session: &mut Session, trace: &mut T) -> Option<Outcome> {
    let (flag, index) = (deciding.flag, deciding.index);
    // What a release has switched off needs no list any more.
    #[cfg(feature = "head")]
    if flag.enabled && session.is_killed(index) {
        trace.step(Step::Killed);
        return Some(Outcome { variant: flag.when_off, reason: Reason::Killed, rule: None });
    }
    if let Some(variant) = session.previewed(index) {
        trace.step(Step::Preview);
        return Some(Outcome { variant, reason: Reason::Static, rule: None });
    }
    if !flag.enabled {
        return Some(Outcome { variant: flag.when_off, reason: Reason::Disabled, rule: None });
    }
    let reason = if flag.rule_count == 0 { Reason::Static } else { Reason::Default };
    let default = Outcome { variant: flag.default, reason, rule: None };
    by_rules(deciding, default, session, trace)
}

/// What the first rule serves that serves anything; the default if none does. Rules that the memo knows to be skipped are not tried, and
/// what it knows of a draw is not read again.
#[inline(always)]
fn by_rules<T: Trace>(deciding: &Deciding, default: Outcome, session: &mut Session, trace: &mut T) -> Option<Outcome> {
    let Deciding { program, flag, .. } = *deciding;
    let recalled = if T::SILENT { session.memo.start(deciding.index) } else { None };
    let Start { rules: first, mut at } = recalled.unwrap_or(Start { rules: 0, at: flag.code });
    let (mut skipping, mut code): (bool, Words) = (T::SILENT, &[]);
    let mut bounded = is_surely_bounded(deciding)?;
    for index in first..flag.rule_count {
        if T::SILENT
            && let Some(variant) = trial::recall(deciding, at, session)
        {
            return Some(Outcome { variant, reason: Reason::Split, rule: Some(index) });
        }
        if code.is_empty() {
            code = program.code_from(at)?;
        }
        let (rule, rest) = Rule::split(code, at)?;
        (at, code) = (rule.next(), rest);
        match verdict(deciding, index, &rule, &mut bounded, session, trace)? {
            Verdict::Serve(variant, reason) => return Some(Outcome { variant, reason, rule: Some(index) }),
            Verdict::Skip if skipping => session.memo.skip(program, deciding.index, index + 1, at),
            Verdict::Skip => {}
            Verdict::Next => skipping = false,
        }
    }
    Some(default)
}

/// Tries one rule.
#[inline(always)]
fn verdict<T: Trace>(
    deciding: &Deciding,
    index: u8,
    rule: &Rule,
    bounded: &mut bool,
    session: &mut Session,
    trace: &mut T,
) -> Option<Verdict> {
    let program = deciding.program;
    let waits = rule.waits_for_true();
    if !waits && let Action::Need(other) = rule.action() {
        if !*bounded && !is_bounded(program, deciding.flag) {
            return None;
        }
        *bounded = true;
        // What a flag needs that others ask for was decided before it.
        if deciding.asked && T::SILENT {
            need_silently(program, other, session);
        } else if deciding.asked {
            need(program, other, session, trace);
        }
        return Some(Verdict::Next);
    }
    trace.step(Step::Rule { index, id: rule.id });
    if !waits && is_outside(rule, session) {
        trace.step(Step::Outside);
        return Some(Verdict::Next);
    }
    let truth = condition::decide(program, rule.condition, rule.condition_span().first, session, trace);
    // Most rules of most flags. What such a rule would do is not decoded.
    if waits && truth != Truth::True {
        trace.step(Step::Condition { truth, effect: Effect::Passes });
        return Some(Verdict::Skip);
    }
    act(deciding, rule, truth, session, trace)
}

/// Whether a rule's dates say that it does not apply.
fn is_outside(rule: &Rule, session: &mut Session) -> bool {
    let Some([from, to]) = rule.dates() else { return false };
    let (moment, from, to) = (&mut session.moment, from.milli(), to.milli());
    moment.changes_at(from);
    moment.changes_at(to);
    moment.now < from || moment.now >= to
}

/// Does what a rule says, by what its condition evaluates to: each action has its own rule of truth.
#[inline(always)]
fn act(
    deciding: &Deciding,
    rule: &Rule,
    truth: Truth,
    session: &mut Session,
    trace: &mut impl Trace,
) -> Option<Verdict> {
    let (flag, action) = (deciding.flag, rule.action());
    // A newer compiler's action is as unknown as its operators.
    let truth = if matches!(action, Action::Unknown) { Truth::Unknown } else { truth };
    let holds = truth == Truth::True;
    let enters = match action {
        // A unit keeps the variant that is remembered, whatever the condition.
        Action::Experiment(_) => holds || rule.is_sticky(),
        Action::Ramp(..) => holds,
        // The condition says who is exempt.
        Action::Holdout(_) => !holds || rule.condition.is_empty(),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => false,
    };
    let serves = holds && matches!(action, Action::Serve(_) | Action::Off);
    let effect = match truth {
        _ if enters || serves => Effect::Acts,
        Truth::Unknown if rule.stops_on_unknown() => Effect::Stops,
        Truth::False | Truth::True | Truth::Unknown => Effect::Passes,
    };
    trace.step(Step::Condition { truth, effect });
    let verdict = match action {
        _ if enters => trial::enter(deciding, rule, truth, session, trace)?,
        Action::Serve(variant) if holds => Verdict::Serve(variant, Reason::TargetingMatch),
        Action::Off if holds => Verdict::Serve(flag.when_off, Reason::Disabled),
        Action::Serve(_) | Action::Off | Action::Ramp(..) | Action::Experiment(_) | Action::Holdout(_) => Verdict::Next,
        Action::Need(_) | Action::Unknown => Verdict::Next,
    };
    Some(match verdict {
        Verdict::Next if truth == Truth::Unknown && rule.stops_on_unknown() => {
            Verdict::Serve(flag.when_off, Reason::Default)
        }
        verdict => verdict,
    })
}

/// Whether a flag is known not to be too much to decide, before its rules are read. Flags that others ask for were counted with those.
/// `None` if it is too much.
fn is_surely_bounded(deciding: &Deciding) -> Option<bool> {
    if !deciding.asked {
        return Some(true);
    }
    let many = deciding.flag.rule_count > FEW_RULES;
    if many && !is_bounded(deciding.program, deciding.flag) { None } else { Some(many) }
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

/// Decides a segment at a moment (milliseconds since 1970), unless it was decided before. The flags that it asks for
/// ([`condition::flags_of_segment`]) are decided first, as they are for a flag that asks for it.
pub fn decide_segment(
    program: &Program,
    index: u16,
    asked: &BTreeSet<FlagIndex>,
    session: &mut Session,
    now: i64,
    trace: &mut impl Trace,
) -> Truth {
    session.moment.start(now);
    for asked in asked {
        let Some(flag) = program.flag(*asked) else { continue };
        for rule in program.rules(&flag) {
            if let Action::Need(other) = rule.action() {
                need(program, other, session, trace);
            }
        }
        need(program, *asked, session, trace);
    }
    let truth = condition::decide_segment(program, index, session, trace);
    session.moment.gather();
    truth
}

/// Decides a flag that conditions of another ask for. What it needs itself was decided before: the compiler lists all needs,
/// in order, so that nothing here is recursive. What it exposes counts only if a condition does ask.
fn need(program: &Program, flag: FlagIndex, session: &mut Session, trace: &mut impl Trace) {
    // Nothing is known of a flag that does not exist.
    let dependency = Dependency::flag(flag);
    if flag.0 as usize >= program.count(Section::Flags) || session.moment.knows(dependency) {
        return;
    }
    let outer = session.moment.enter();
    trace.step(Step::Need { flag });
    let variant = decide(program, flag, session, false, trace).variant.ok();
    trace.step(Step::Needed { flag, variant });
    session.moment.leave(dependency, variant, outer);
}

/// [`need`] where nobody listens. As it is not generic, what decides a flag is compiled with the core's profile, and not with that of
/// the engine's border: 3 % of the time for all flags, for 0.1 kB.
fn need_silently(program: &Program, flag: FlagIndex, session: &mut Session) {
    need(program, flag, session, &mut NoTrace);
}
