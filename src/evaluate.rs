//! The order of decision. `evaluate(program, flag, subject, now, trace)` has no other inputs.

use crate::buckets::{Bound, Purpose};
use crate::condition;
use crate::exposure;
use crate::memory::{Arm, Assignment, DecidedFlag};
use crate::program::{Flag, KERNEL_POINT, Phase, Program};
use crate::rule::{Action, Experiment, Rule, Words};
use crate::salt::Salt;
use crate::subject::Subject;
use crate::trace::{NoTrace, Step, Trace};
use crate::truth::Truth;

/// Why a flag came out as it did, in OpenFeature's words. Numbers are permanent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// The flag has no rules.
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
    /// The earliest moment (milliseconds since 1970) at which time alone could change this; `i64::MAX` for never.
    pub valid_until: i64,
}

/// Decides one flag for a subject at a moment (milliseconds since 1970).
///
/// 1. A flag that does not exist: the caller's default. 2. A disabled one: its off variant. 3. Its rules as written; in front
///    of them the compiler put what stands beside them in the ruleset: prerequisites, targets, the holdout, in this order.
/// 4. Its default.
pub fn evaluate(program: &Program, flag: u32, subject: &mut Subject, now: i64, trace: &mut impl Trace) -> Decision {
    subject.memory.start(now);
    let (mut variant, mut reason, mut rule) = outcome(program, flag, subject, true, trace);
    // What lies in a damaged chunk reads as empty or absent: a decision that may have met one is none.
    if program.intact().is_err() {
        (variant, reason, rule) = (Err(ErrorCode::ParseError), Reason::Error, None);
    }
    if variant.is_err() {
        subject.memory.exposures.clear();
    }
    Decision { variant, reason, rule, valid_until: subject.memory.until }
}

type Outcome = (Result<u8, ErrorCode>, Reason, Option<u8>);

fn outcome(program: &Program, index: u32, subject: &mut Subject, asked: bool, trace: &mut impl Trace) -> Outcome {
    let Some(flag) = program.flag(index) else { return (Err(ErrorCode::FlagNotFound), Reason::Error, None) };
    match decide(program, &flag, subject, asked, trace) {
        Some((variant, reason, rule)) if flag.value_type.is_some() && program.variant(&flag, variant).is_some() => {
            (Ok(variant), reason, rule)
        }
        _ => (Err(ErrorCode::ParseError), Reason::Error, None),
    }
}

/// `asked` is whether the caller asked for this flag, and not another flag.
fn decide(
    program: &Program,
    flag: &Flag,
    subject: &mut Subject,
    asked: bool,
    trace: &mut impl Trace,
) -> Option<(u8, Reason, Option<u8>)> {
    if !flag.enabled {
        return Some((flag.when_off, Reason::Disabled, None));
    }
    let (mut at, mut code): (u32, Words) = (flag.code, &[]);
    for index in 0..flag.rule_count {
        if code.is_empty() {
            code = program.code_from(at)?;
        }
        let (rule, rest) = Rule::split(code, at)?;
        (at, code) = (rule.next(), rest);
        let action = rule.action();
        if let Action::Need(other) = action {
            if asked {
                need(program, other, subject);
            }
            continue;
        }
        trace.step(Step::Rule { index, id: rule.id });
        let mut truth = condition::decide(program, rule.condition, rule.condition_place().0, subject, trace);
        if matches!(action, Action::Unknown) {
            truth = Truth::Unknown;
        }
        trace.step(Step::Condition { truth });
        if truth != Truth::True && rule.waits_for_true() {
            continue;
        }
        let entry = Entry { program, flag, rule: &rule };
        let mut reason = Reason::Split;
        let variant = match (truth, action) {
            (_, Action::Holdout(_)) => {
                let excepted = truth == Truth::True && !rule.condition.is_empty();
                if excepted { None } else { entry.hold_out(subject, trace)? }
            }
            (_, Action::Experiment(_)) if truth == Truth::True || rule.is_sticky() => {
                entry.experiment(truth, subject, trace)?
            }
            (Truth::True, Action::Ramp(_, variant)) => entry.ramp(variant, subject, trace)?,
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

/// Decides a flag that conditions of another ask for. What it needs itself was decided before: the compiler lists all needs,
/// in order, so that nothing here is recursive. What it exposes counts only if a condition does ask.
fn need(program: &Program, flag: u32, subject: &mut Subject) {
    if subject.memory.knows_flag(flag) {
        return;
    }
    let exposures = core::mem::take(&mut subject.memory.exposures);
    let until = core::mem::replace(&mut subject.memory.until, i64::MAX);
    let (variant, _, _) = outcome(program, flag, subject, false, &mut NoTrace);
    let memory = &mut subject.memory;
    let decided = DecidedFlag {
        flag,
        variant: variant.ok(),
        until: core::mem::replace(&mut memory.until, until),
        exposures: core::mem::replace(&mut memory.exposures, exposures),
    };
    memory.remember_flag(decided);
}

/// A rule that leads into an experiment, a ramp or a holdout. In the answers of its methods, the outer `None` is a record
/// that cannot be read, the inner one that the next rule is to be tried.
struct Entry<'p> {
    program: &'p Program,
    flag: &'p Flag,
    rule: &'p Rule<'p>,
}

/// An experiment whose phase is running, for a unit that is there.
struct Open {
    experiment: Experiment,
    phase: Phase,
    slot: u16,
}

impl Entry<'_> {
    /// Takes the unit into an experiment if the layer and coverage points are in. A unit whose variant is remembered keeps it,
    /// whatever condition, layer, coverage and split say by now.
    fn experiment(&self, truth: Truth, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let Some(open) = self.open(subject, trace)? else { return Some(None) };
        let salt = Salt::of(self.program, &open.experiment);
        let split_point = |subject: &mut Subject| self.point(&open, salt, Purpose::Split, Some(open.phase.id), subject);
        if self.rule.is_sticky()
            && let Some(variant) = self.remembered(&open, subject)
        {
            trace.step(Step::Sticky);
            let point = split_point(subject);
            return Some(Some(self.assign(&open, point, variant, subject)?));
        }
        if truth != Truth::True || !self.in_layer(&open, subject, trace)? {
            return Some(None);
        }
        if open.phase.coverage != Bound::ALL {
            let point = self.point(&open, salt, Purpose::Coverage, None, subject);
            trace.step(Step::Point { purpose: Purpose::Coverage, point, bound: open.phase.coverage });
            if !open.phase.coverage.covers(point) {
                return Some(None);
            }
        }
        let (kernel, first, count) = self.program.split(open.phase.split)?;
        if kernel != KERNEL_POINT {
            // A newer compiler's way to split: off, and nobody is counted.
            return Some(Some(self.flag.when_off));
        }
        let point = split_point(subject);
        for arm in first..first.checked_add(u32::from(count))? {
            let (bound, variant) = self.program.arm(arm)?;
            if bound.covers(point) {
                trace.step(Step::Point { purpose: Purpose::Split, point, bound });
                return Some(Some(self.assign(&open, point, variant, subject)?));
            }
        }
        None
    }

    /// Serves a variant to the share that a ramp has reached. A monitored ramp at p % compares p % on with p % off: the
    /// split halves the units once and for all, and above 50 % the kept-back half is let go step by step.
    fn ramp(&self, variant: u8, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let Some(open) = self.open(subject, trace)? else { return Some(None) };
        let salt = Salt::of(self.program, &open.experiment);
        let share = open.phase.coverage;
        let point = self.point(&open, salt, Purpose::Ramp, None, subject);
        trace.step(Step::Point { purpose: Purpose::Ramp, point, bound: share });
        if !self.rule.is_monitored() {
            return Some(share.covers(point).then_some(variant));
        }
        let doubled = if share == Bound::ALL { 1 << 33 } else { u64::from(share.0) << 1 };
        let half = self.point(&open, salt, Purpose::Split, Some(open.phase.id), subject);
        let on = half < 1 << 31;
        trace.step(Step::Half { point: half, on });
        // Points of those let go lie below what the doubled share exceeds the whole by.
        if !on && u64::from(point) + (1 << 32) < doubled {
            return Some(Some(variant));
        }
        if u64::from(point) >= doubled {
            return Some(None);
        }
        if on {
            return Some(Some(self.assign(&open, half, variant, subject)?));
        }
        self.expose(&open, half, Arm::Control, subject);
        Some(None)
    }

    /// Serves the off variant to the units that a holdout takes. Both sides are exposed to the holdout.
    fn hold_out(&self, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let Some(open) = self.open(subject, trace)? else { return Some(None) };
        let bound = open.phase.coverage;
        let point = self.point(&open, Salt::of(self.program, &open.experiment), Purpose::Holdout, None, subject);
        trace.step(Step::Point { purpose: Purpose::Holdout, point, bound });
        let held = bound.covers(point);
        self.expose(&open, point, if held { Arm::Held } else { Arm::NotHeld }, subject);
        Some(held.then_some(self.flag.when_off))
    }

    fn open(&self, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<Open>> {
        let experiment = self.rule.experiment(self.flag.key)?;
        let Some(phase) = running(self.program, &experiment, subject)? else {
            trace.step(Step::NoPhase);
            return Some(None);
        };
        let (_, slot) = self.program.unit(usize::from(experiment.unit))?;
        if subject.unit(slot, &mut [0; 20]).is_none() {
            trace.step(Step::NoUnit { unit: experiment.unit });
            return Some(None);
        }
        Some(Some(Open { experiment, phase, slot }))
    }

    fn point(&self, open: &Open, salt: Salt, purpose: Purpose, phase: Option<u32>, subject: &mut Subject) -> u32 {
        // The unit is there: the experiment is open.
        subject.point(self.program, open.slot, salt, purpose, phase).unwrap_or(0)
    }

    /// The variant that the unit was given earlier in this phase, if the flag still has it.
    fn remembered(&self, open: &Open, subject: &Subject) -> Option<u8> {
        let assignment = self.assignment(open, 0, Arm::Control);
        let key = subject.sticky(&exposure::sticky_id(self.program, &assignment, subject)?)?;
        (0..self.flag.variant_count).find(|variant| {
            self.program.variant(self.flag, *variant).is_some_and(|(own, _)| self.program.text(own) == key)
        })
    }

    fn assign(&self, open: &Open, point: u32, variant: u8, subject: &mut Subject) -> Option<u8> {
        let (key, _) = self.program.variant(self.flag, variant)?;
        self.expose(open, point, Arm::Variant(key), subject);
        Some(variant)
    }

    #[inline(never)]
    fn expose(&self, open: &Open, point: u32, variant: Arm, subject: &mut Subject) {
        subject.memory.exposures.push(self.assignment(open, point, variant));
    }

    fn assignment(&self, open: &Open, point: u32, variant: Arm) -> Assignment {
        Assignment {
            experiment: open.experiment.key,
            phase: open.phase.id,
            unit: open.experiment.unit,
            point,
            variant,
            rule: self.rule.id,
            sticky: self.rule.is_sticky(),
        }
    }

    /// Whether the unit's point for the layer is in the experiment's ranges; true if it is in no layer.
    fn in_layer(&self, open: &Open, subject: &mut Subject, trace: &mut impl Trace) -> Option<bool> {
        let program = self.program;
        let Some(gate) = program.gate(&open.experiment) else { return Some(open.experiment.gate == 0) };
        if gate.layer == u16::MAX {
            return Some(true);
        }
        let (name, written) = program.layer(gate.layer)?;
        let point = self.point(open, Salt { written, name }, Purpose::Layer, None, subject);
        let mut inside = false;
        for index in gate.ranges..gate.ranges.checked_add(u32::from(gate.range_count))? {
            let (low, high) = program.range(index)?;
            inside |= point >= low.0 && high.covers(point);
        }
        trace.step(Step::Layer { layer: gate.layer, point, inside });
        Some(inside)
    }
}

/// The phase of an experiment that is running at a moment (milliseconds since 1970). The outer `None` is a record that cannot be
/// read.
pub fn running_at(
    program: &Program,
    experiment: &Experiment,
    subject: &mut Subject,
    now: i64,
) -> Option<Option<Phase>> {
    subject.memory.start(now);
    running(program, experiment, subject)
}

/// The phase that is running. The moments at which that changes are noted.
fn running(program: &Program, experiment: &Experiment, subject: &mut Subject) -> Option<Option<Phase>> {
    let mut found = None;
    let memory = &mut subject.memory;
    for index in 0..experiment.phase_count {
        let phase = program.phase(experiment, index)?;
        let from = i64::from(phase.from) * 1_000;
        let to = if phase.to == u32::MAX { i64::MAX } else { i64::from(phase.to) * 1_000 };
        memory.changes_at(from);
        memory.changes_at(to);
        if found.is_none() && from <= memory.now && memory.now < to {
            found = Some(phase);
        }
    }
    Some(found)
}
