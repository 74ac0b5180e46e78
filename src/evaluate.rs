//! The order of decision. `evaluate(program, flag, subject, now, trace)` has no other inputs.

use crate::buckets::{Bound, Key, Purpose};
use crate::condition;
use crate::program::{Action, Experiment, Flag, KERNEL_POINT, Phase, Program};
use crate::subject::Subject;
use crate::trace::{Step, Trace};
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

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The variant by its place among the flag's, or why there is none.
    pub variant: Result<u8, ErrorCode>,
    /// Why.
    pub reason: Reason,
    /// The rule that decided, by its place among the flag's.
    pub rule: Option<u8>,
    /// Set if an experiment chose the variant: what an exposure records.
    pub assignment: Option<Assignment>,
    /// The earliest moment (milliseconds since 1970) at which time alone could change this; `i64::MAX` for never.
    pub valid_until: i64,
}

/// How an experiment chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The experiment, by its word of code.
    pub experiment: u32,
    /// The number of its phase, as written in the ruleset.
    pub phase: u32,
    /// The unit that was randomised.
    pub unit: u8,
    /// The unit's point for the split.
    pub point: u32,
}

/// Decides one flag for a subject at a moment (milliseconds since 1970).
///
/// 1. A flag that does not exist: the caller's default. 2. A disabled one: its off variant. 3. Its rules as written.
/// 4. Its default.
pub fn evaluate(program: &Program, flag: u32, subject: &mut Subject, now: i64, trace: &mut impl Trace) -> Decision {
    let Some(record) = program.flag(flag) else { return failure(ErrorCode::FlagNotFound) };
    let decision = decide(program, &record, subject, now, trace);
    let known = |variant: u8| program.variant(&record, variant).is_some();
    match decision {
        Some(decision) if record.value_type.is_some() && decision.variant.is_ok_and(known) => decision,
        _ => failure(ErrorCode::ParseError),
    }
}

/// The answer where nothing could be decided.
const fn failure(code: ErrorCode) -> Decision {
    Decision { variant: Err(code), reason: Reason::Error, rule: None, assignment: None, valid_until: i64::MAX }
}

fn decide(program: &Program, flag: &Flag, subject: &mut Subject, now: i64, trace: &mut impl Trace) -> Option<Decision> {
    let mut decision = Decision {
        variant: Ok(flag.when_off),
        reason: Reason::Disabled,
        rule: None,
        assignment: None,
        valid_until: i64::MAX,
    };
    if !flag.enabled {
        return Some(decision);
    }
    let mut at = flag.code;
    for index in 0..flag.rule_count {
        let rule = program.rule(at)?;
        at = rule.next;
        trace.step(Step::Rule { index, id: rule.id });
        let mut truth = condition::decide(program, rule.condition, subject, now, trace);
        if rule.action == Action::Unknown {
            truth = Truth::Unknown;
        }
        trace.step(Step::Condition { truth });
        let outcome = match (truth, rule.action) {
            (Truth::True, Action::Serve(variant)) => Some((variant, Reason::TargetingMatch)),
            (Truth::True, Action::Experiment(experiment)) => {
                enter(program, flag, experiment, subject, now, trace, &mut decision)?
            }
            (Truth::Unknown, _) if rule.stop_on_unknown => Some((flag.when_off, Reason::Default)),
            (Truth::False | Truth::Unknown, _) | (Truth::True, Action::Unknown) => None,
        };
        if let Some((variant, reason)) = outcome {
            return Some(Decision { variant: Ok(variant), reason, rule: Some(index), ..decision });
        }
    }
    decision.variant = Ok(flag.default);
    decision.reason = if flag.rule_count == 0 { Reason::Static } else { Reason::Default };
    Some(decision)
}

/// Takes the unit into an experiment if its phase is running, the unit is there, and the layer and coverage points
/// are in; otherwise the next rule is tried. The outer `None` is a record that cannot be read.
fn enter(
    program: &Program,
    flag: &Flag,
    at: u32,
    subject: &Subject,
    now: i64,
    trace: &mut impl Trace,
    decision: &mut Decision,
) -> Option<Option<(u8, Reason)>> {
    let experiment = program.experiment(flag, at)?;
    let Some(phase) = running(program, &experiment, now, &mut decision.valid_until)? else {
        trace.step(Step::NoPhase);
        return Some(None);
    };
    let (_, slot) = program.unit(usize::from(experiment.unit))?;
    let mut digits = [0; 20];
    let Some(unit) = subject.unit(slot, &mut digits) else {
        trace.step(Step::NoUnit { unit: experiment.unit });
        return Some(None);
    };
    let salt = Salt::of(program, &experiment);
    if !in_layer(program, &experiment, unit, trace)? {
        return Some(None);
    }
    if phase.coverage != Bound::ALL {
        let point = salt.key(program, Purpose::Coverage, None).point(unit);
        trace.step(Step::Point { purpose: Purpose::Coverage, point, bound: phase.coverage });
        if !phase.coverage.covers(point) {
            return Some(None);
        }
    }
    let (kernel, first, count) = program.split(phase.split)?;
    if kernel != KERNEL_POINT {
        // A newer compiler's way to split: off, and nobody is counted.
        return Some(Some((flag.when_off, Reason::Default)));
    }
    let point = salt.key(program, Purpose::Split, Some(phase.id)).point(unit);
    for arm in first..first.checked_add(u32::from(count))? {
        let (bound, variant) = program.arm(arm)?;
        if bound.covers(point) {
            trace.step(Step::Point { purpose: Purpose::Split, point, bound });
            decision.assignment = Some(Assignment { experiment: at, phase: phase.id, unit: experiment.unit, point });
            return Some(Some((variant, Reason::Split)));
        }
    }
    None
}

/// The phase that is running, and the next moment at which that changes.
fn running(program: &Program, experiment: &Experiment, now: i64, valid_until: &mut i64) -> Option<Option<Phase>> {
    let mut found = None;
    for index in 0..experiment.phase_count {
        let phase = program.phase(experiment, index)?;
        let from = i64::from(phase.from) * 1_000;
        let to = if phase.to == u32::MAX { i64::MAX } else { i64::from(phase.to) * 1_000 };
        for boundary in [from, to] {
            if boundary > now {
                *valid_until = boundary.min(*valid_until);
            }
        }
        if found.is_none() && from <= now && now < to {
            found = Some(phase);
        }
    }
    Some(found)
}

/// Whether the unit's point for the layer is in the experiment's ranges; true if it is in no layer.
fn in_layer(program: &Program, experiment: &Experiment, unit: &[u8], trace: &mut impl Trace) -> Option<bool> {
    let Some(gate) = program.gate(experiment) else { return Some(experiment.gate == 0) };
    if gate.layer == u16::MAX {
        return Some(true);
    }
    let (name, salt) = program.layer(gate.layer)?;
    let point = Salt { text: salt, name }.key(program, Purpose::Layer, None).point(unit);
    let mut inside = false;
    for index in gate.ranges..gate.ranges.checked_add(u32::from(gate.range_count))? {
        let (low, high) = program.range(index)?;
        inside |= point >= low.0 && high.covers(point);
    }
    trace.step(Step::Layer { layer: gate.layer, point, inside });
    Some(inside)
}

/// A written salt, or the default one: `project/name`.
struct Salt {
    text: u32,
    name: u32,
}

impl Salt {
    fn of(program: &Program, experiment: &Experiment) -> Self {
        Salt { text: program.gate(experiment).map_or(0, |gate| gate.salt), name: experiment.key }
    }

    /// The key of a purpose. With a phase, `/` and its number follow the salt.
    fn key(&self, program: &Program, purpose: Purpose, phase: Option<u32>) -> Key {
        let project = program.snapshot().project().as_bytes();
        let (project, slash, name): (&[u8], &[u8], &[u8]) = match self.text {
            0 => (project, b"/", program.text(self.name)),
            text => (&[], &[], program.text(text)),
        };
        let mut digits = [0; 20];
        match phase {
            None => Key::derive(purpose, &[project, slash, name]),
            Some(phase) => {
                let phase = crate::decimal::write(i64::from(phase), &mut digits);
                Key::derive(purpose, &[project, slash, name, b"/", phase])
            }
        }
    }
}
