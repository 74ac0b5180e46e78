//! The way into an experiment, a ramp or a holdout, and what it exposes.

use crate::context::assignment::{Arm, Assignment};
use crate::context::subject::{Subject, Unit};
use crate::decide::exposure;
use crate::decide::trace::{Step, Trace};
use crate::limits;
use crate::memo::draw::Draw;
use crate::program::buckets::{Bound, Key, Purpose};
use crate::program::rule::{Action, Experiment, Rule};
use crate::program::salt::Salt;
use crate::program::truth::Truth;
use crate::program::{Flag, KERNEL_POINT, Phase, Program, milli};
use crate::snapshot::table::Section;

/// Decides by the draw of a flag's rule, if there is one: which variant it draws.
#[inline(always)]
pub(crate) fn by_draw(program: &Program, place: u32, flag: &Flag, rule: u32, subject: &mut Subject) -> Option<u8> {
    let draw = subject.skipped.draw(place, rule, subject.memory.now)?;
    let point = subject.point(&draw.key, subject.randomised(draw.slot)?);
    let (_, variant) = program.arm_of(point, draw.arms, draw.arm_count.into())?;
    subject.memory.changes_at(milli(draw.to));
    subject.memory.expose(Assignment {
        experiment: draw.experiment,
        phase: draw.phase,
        unit: draw.unit,
        point,
        variant: Arm::Variant(flag.variants.wrapping_add(u32::from(variant))),
        rule: draw.id,
        sticky: false,
    });
    Some(variant)
}

/// Tries a rule of a flag, by its place, that leads into an experiment, a ramp or a holdout. Here and below, the outer `None`
/// is a record that cannot be read, the inner one that the next rule is to be tried.
#[inline(never)]
pub(crate) fn enter(
    program: &Program,
    place: u32,
    flag: &Flag,
    rule: &Rule,
    truth: Truth,
    subject: &mut Subject,
    trace: &mut impl Trace,
) -> Option<Option<u8>> {
    let experiment = rule.experiment(flag.key)?;
    let Some(phase) = running(program, &experiment, subject)? else {
        trace.step(Step::NoPhase);
        return Some(None);
    };
    let (_, slot) = program.unit(usize::from(experiment.unit))?;
    let Some(unit) = subject.randomised(slot) else {
        trace.step(Step::NoUnit { unit: experiment.unit });
        return Some(None);
    };
    let entry = Entry { program, place, flag, rule, experiment, phase, slot, unit };
    match rule.action() {
        Action::Holdout(_) => entry.hold_out(subject, trace),
        Action::Ramp(_, variant) => entry.ramp(variant, subject, trace),
        Action::Experiment(_) => entry.experiment(truth, subject, trace),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => None,
    }
}

/// A rule whose experiment, ramp or holdout has a phase that is running, and a unit that is there.
struct Entry<'p> {
    program: &'p Program,
    /// The flag's.
    place: u32,
    flag: &'p Flag,
    rule: &'p Rule<'p>,
    experiment: Experiment,
    phase: Phase,
    slot: u16,
    unit: Unit,
}

impl Entry<'_> {
    /// Takes the unit into an experiment if the layer and coverage points are in. A unit whose variant is remembered keeps it,
    /// whatever condition, layer, coverage and split say by now.
    fn experiment(&self, truth: Truth, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let phase = &self.phase;
        if self.rule.is_sticky()
            && let Some(variant) = self.remembered(subject)
        {
            trace.step(Step::Sticky);
            let point = self.point(Purpose::Split, Some(phase.id), subject);
            return Some(Some(self.assign(point, variant, subject)));
        }
        if truth != Truth::True || !self.in_layer(subject, trace)? {
            return Some(None);
        }
        if phase.coverage != Bound::ALL {
            let point = self.point(Purpose::Coverage, None, subject);
            trace.step(Step::Point { purpose: Purpose::Coverage, point, bound: phase.coverage });
            if !phase.coverage.covers(point) {
                return Some(None);
            }
        }
        let (kernel, arms, arm_count) = self.program.split(phase.split)?;
        if kernel != KERNEL_POINT {
            // A newer compiler's way to split: off, and nobody is counted.
            return Some(Some(self.flag.when_off));
        }
        let key = self.split_key(arms, arm_count, subject);
        let point = subject.point(&key, self.unit);
        let (bound, variant) = self.program.arm_of(point, arms, arm_count)?;
        trace.step(Step::Point { purpose: Purpose::Split, point, bound });
        Some(Some(self.assign(point, variant, subject)))
    }

    /// The key of the split. If nothing else is asked for, the rule's draw keeps it.
    fn split_key(&self, arms: u32, arm_count: u16, subject: &mut Subject) -> Key {
        let Entry { program, rule, experiment, phase, slot, .. } = *self;
        let (salt, purpose, number) = (Salt::of(program, &experiment), Purpose::Split, Some(phase.id));
        let alone =
            experiment.gate == 0 && phase.coverage == Bound::ALL && rule.condition.is_empty() && !rule.is_sticky();
        if alone
            && let Ok(arm_count) = u8::try_from(arm_count)
            && let Some(draw) = subject.skipped.room(self.place, program.count(Section::Flags))
        {
            let [from, to] = rule.dates().unwrap_or([0, u32::MAX]);
            *draw = Draw {
                rule: rule.at,
                from: phase.from.max(from),
                to: phase.to.min(to),
                key: salt.key(program, purpose, number),
                arms,
                arm_count,
                slot,
                unit: experiment.unit,
                experiment: experiment.key,
                phase: phase.id,
                id: rule.id,
            };
            return draw.key;
        }
        subject.key(program, salt, purpose, number)
    }

    /// Serves a variant to the share that a ramp has reached. A monitored ramp at p % compares p % on with p % off: the
    /// split halves the units once and for all, and above 50 % the kept-back half is let go step by step.
    fn ramp(&self, variant: u8, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let share = self.phase.coverage;
        let point = self.point(Purpose::Ramp, None, subject);
        trace.step(Step::Point { purpose: Purpose::Ramp, point, bound: share });
        if !self.rule.is_monitored() {
            return Some(share.covers(point).then_some(variant));
        }
        let doubled = if share == Bound::ALL { 1 << 33 } else { u64::from(share.0) << 1 };
        let half = self.point(Purpose::Split, Some(self.phase.id), subject);
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
            return Some(Some(self.assign(half, variant, subject)));
        }
        self.expose(half, Arm::Control, subject);
        Some(None)
    }

    /// Serves the off variant to the units that a holdout takes. Both sides are exposed to the holdout.
    fn hold_out(&self, subject: &mut Subject, trace: &mut impl Trace) -> Option<Option<u8>> {
        let bound = self.phase.coverage;
        let point = self.point(Purpose::Holdout, None, subject);
        trace.step(Step::Point { purpose: Purpose::Holdout, point, bound });
        let held = bound.covers(point);
        self.expose(point, if held { Arm::Held } else { Arm::NotHeld }, subject);
        Some(held.then_some(self.flag.when_off))
    }

    fn point(&self, purpose: Purpose, phase: Option<u32>, subject: &mut Subject) -> u32 {
        subject.point_for(self.program, self.unit, Salt::of(self.program, &self.experiment), purpose, phase)
    }

    /// The variant that the unit was given earlier in this phase, if the flag still has it.
    fn remembered(&self, subject: &Subject) -> Option<u8> {
        let assignment = self.assignment(0, Arm::Control);
        let key = subject.sticky(&exposure::sticky_id(self.program, &assignment, subject)?)?;
        (0..self.flag.variant_count).find(|variant| {
            self.program.variant(self.flag, *variant).is_some_and(|(own, _)| self.program.text(own) == key)
        })
    }

    /// A variant that the flag does not have is found out where its decision is made.
    fn assign(&self, point: u32, variant: u8, subject: &mut Subject) -> u8 {
        self.expose(point, Arm::Variant(self.flag.variants.wrapping_add(u32::from(variant))), subject);
        variant
    }

    #[inline(never)]
    fn expose(&self, point: u32, variant: Arm, subject: &mut Subject) {
        subject.memory.expose(self.assignment(point, variant));
    }

    fn assignment(&self, point: u32, variant: Arm) -> Assignment {
        Assignment {
            experiment: self.experiment.key,
            phase: self.phase.id,
            unit: self.experiment.unit,
            point,
            variant,
            rule: self.rule.id,
            sticky: self.rule.is_sticky(),
        }
    }

    /// Whether the unit's point for the layer is in the experiment's ranges; true if it is in no layer.
    fn in_layer(&self, subject: &mut Subject, trace: &mut impl Trace) -> Option<bool> {
        if self.experiment.gate == 0 {
            return Some(true);
        }
        let program = self.program;
        let Some(gate) = program.gate(&self.experiment) else { return Some(false) };
        if gate.layer == u16::MAX {
            return Some(true);
        }
        let (name, written) = program.layer(gate.layer)?;
        let point = subject.point_for(program, self.unit, Salt { written, name }, Purpose::Layer, None);
        if usize::from(gate.range_count) > limits::RANGES {
            return None;
        }
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

/// The phase that is running, from and to the moments at which any phase begins or ends. The latter is noted.
fn running(program: &Program, experiment: &Experiment, subject: &mut Subject) -> Option<Option<Phase>> {
    let memory = &mut subject.memory;
    let (mut found, mut from, mut to) = (None, 0, u32::MAX);
    for index in 0..experiment.phase_count {
        let phase = program.phase(experiment, index)?;
        if found.is_none() && milli(phase.from) <= memory.now && memory.now < milli(phase.to) {
            found = Some(phase);
        }
        for moment in [phase.from, phase.to] {
            if milli(moment) > memory.now {
                to = moment.min(to);
            } else {
                from = moment.max(from);
            }
        }
    }
    memory.changes_at(milli(to));
    Some(found.map(|phase| Phase { from, to, ..phase }))
}
