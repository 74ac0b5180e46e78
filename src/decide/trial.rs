//! Trials: how an experiment, a ramp or a holdout takes a unit, and what it exposes.

use crate::context::assignment::{Arm, Assignment};
use crate::context::attribute::Unit;
use crate::decide::decision::{Deciding, FEW_RULES, Reason, Verdict};
use crate::decide::exposure;
use crate::decide::session::Session;
use crate::decide::trace::{Compared, Stage, Step, Trace};
use crate::limits;
use crate::memo::Draw;
use crate::program::buckets::{Bound, Key, Purpose};
use crate::program::rule::{Action, Rule, Trial};
use crate::program::salt::Salt;
use crate::program::truth::Truth;
use crate::program::{KERNEL_POINT, Layer, Phase, Program, Second, Slot, Split, SplitArm, UnitKind};

/// The variant that the rule at a word of code draws, if the memo knows how it draws.
#[inline(always)]
pub(crate) fn recall(deciding: &Deciding, rule: u32, session: &mut Session) -> Option<u8> {
    let Deciding { program, index, flag, .. } = *deciding;
    let draw = session.memo.draw(index, rule, session.moment.now)?;
    let (point, variant) = draw.arm(program, &session.subject)?;
    session.moment.changes_at(draw.to.milli());
    session.moment.expose(Assignment {
        trial: draw.trial,
        phase: draw.phase,
        unit: draw.unit,
        point,
        variant: Arm::Variant(flag.variants.wrapping_add(u32::from(variant))),
        rule: draw.id,
        sticky: false,
    });
    Some(variant)
}

/// Tries a rule of a trial. Here and below, `None` is a record that cannot be read.
#[inline(never)]
pub(crate) fn enter(
    deciding: &Deciding,
    rule: &Rule,
    truth: Truth,
    session: &mut Session,
    trace: &mut impl Trace,
) -> Option<Verdict> {
    let program = deciding.program;
    let trial = rule.trial(deciding.flag.key)?;
    let Running::Phase(phase) = running(program, &trial, session)? else {
        trace.step(Step::NoPhase);
        return Some(Verdict::Next);
    };
    let UnitKind { slot, .. } = program.unit(trial.unit.into())?;
    let Some(unit) = session.subject.randomised(slot) else {
        session.moment.miss(trial.unit.into());
        trace.step(Step::NoUnit { unit: trial.unit });
        return Some(Verdict::Next);
    };
    trace.step(Step::HasUnit { unit: trial.unit });
    let entrant = Entrant { deciding, rule, trial, phase, slot, unit };
    match rule.action() {
        Action::Holdout(_) => Some(entrant.hold_out(session, trace)),
        Action::Ramp(_, variant) => Some(entrant.ramp(variant, session, trace)),
        Action::Experiment(_) => entrant.experiment(truth, session, trace),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => None,
    }
}

/// A unit before a trial of which a phase is running.
struct Entrant<'p> {
    deciding: &'p Deciding<'p>,
    rule: &'p Rule<'p>,
    trial: Trial,
    phase: Phase,
    slot: Slot,
    unit: Unit,
}

impl Entrant<'_> {
    /// Takes the unit into an experiment if the layer and coverage points are in. A unit whose variant is remembered keeps it,
    /// whatever condition, layer, coverage and split say.
    fn experiment<T: Trace>(&self, truth: Truth, session: &mut Session, trace: &mut T) -> Option<Verdict> {
        let phase = &self.phase;
        if self.rule.is_sticky()
            && let Some(variant) = self.remembered(session)
        {
            trace.step(Step::Sticky);
            let point = self.point(Purpose::Split, Some(phase.id), session);
            return Some(self.assign(point, variant, session));
        }
        if truth != Truth::True || !self.in_layer(session, trace)? {
            return Some(Verdict::Next);
        }
        if phase.coverage != Bound::ALL {
            let point = self.point(Purpose::Coverage, None, session);
            let inside = phase.coverage.covers(point);
            self.tell(Stage::Coverage, point, phase.coverage, inside, trace);
            if !inside {
                return Some(Verdict::Next);
            }
        }
        let program = self.deciding.program;
        let split = program.split(phase.split)?;
        if split.kernel != KERNEL_POINT {
            // A newer compiler's way to split: off, and nobody is counted.
            return Some(serve(self.deciding.flag.when_off));
        }
        let key = self.split_key(&split, session);
        let point = session.subject.point(&key, self.unit);
        let SplitArm { bound, variant } = program.arm_of(point, &split)?;
        if !T::SILENT {
            let before =
                program.arms(&split).map_while(|arm| Some(arm?.bound)).take_while(|bound| !bound.covers(point));
            self.tell_stretch(Stage::Split, point, [before.max().unwrap_or(Bound(0)), bound], true, trace);
        }
        Some(self.assign(point, variant, session))
    }

    /// Tells that a point is in or out by one bound.
    #[inline(always)]
    fn tell<T: Trace>(&self, stage: Stage, point: u32, bound: Bound, inside: bool, trace: &mut T) {
        self.tell_stretch(stage, point, if inside { [Bound(0), bound] } else { [bound, Bound::ALL] }, inside, trace);
    }

    /// Tells that the points from one bound up to another are in or out.
    #[inline(always)]
    fn tell_stretch<T: Trace>(&self, stage: Stage, point: u32, stretch: [Bound; 2], inside: bool, trace: &mut T) {
        if T::SILENT {
            return;
        }
        let ([from, below], unit) = (stretch, self.trial.unit);
        let phase = matches!(stage, Stage::Half | Stage::Split).then_some(self.phase.id);
        let salt = Salt::of(self.deciding.program, &self.trial);
        trace.step(Step::Point(Compared { stage, unit, salt, phase, point, from, below, inside }));
    }

    /// The key of the split. If nothing else is asked for, the memo keeps how the rule draws.
    fn split_key(&self, split: &Split, session: &mut Session) -> Key {
        let Entrant { deciding, rule, trial, phase, slot, .. } = *self;
        let Deciding { program, flag, .. } = *deciding;
        let (salt, purpose, number) = (Salt::of(program, &trial), Purpose::Split, Some(phase.id));
        let alone =
            trial.placement == 0 && phase.coverage == Bound::ALL && rule.condition.is_empty() && !rule.is_sticky();
        // Of a flag that others ask for, nobody knows whether it is too much to be asked for itself.
        if alone
            && (deciding.asked || flag.rule_count <= FEW_RULES)
            && let Ok(arm_count) = u8::try_from(split.count)
        {
            let [from, to] = rule.dates().unwrap_or([Second(0), Second::NEVER]);
            let draw = Draw {
                rule: rule.at,
                from: phase.from.max(from),
                to: phase.to.min(to),
                key: salt.key(program, purpose, number),
                arms: split.first,
                arm_count,
                slot,
                unit: trial.unit,
                trial: trial.key,
                phase: phase.id,
                id: rule.id,
                prelude: flag.prelude,
                is_first: rule.at == flag.code,
            };
            session.memo.keep(program, deciding.index, draw);
            return draw.key;
        }
        session.key(program, salt, purpose, number)
    }

    /// Serves a variant to the share that a ramp has reached. A monitored ramp at p % compares p % on with p % off: the
    /// split halves the units once and for all, and above 50 % the kept-back half is released step by step.
    fn ramp<T: Trace>(&self, variant: u8, session: &mut Session, trace: &mut T) -> Verdict {
        let share = self.phase.coverage;
        let point = self.point(Purpose::Ramp, None, session);
        if !self.rule.is_monitored() {
            let inside = share.covers(point);
            self.tell(Stage::Ramp, point, share, inside, trace);
            return if inside { serve(variant) } else { Verdict::Next };
        }
        let [reach, release] = share.doubled();
        let reached = reach.covers(point);
        self.tell(Stage::Ramp, point, reach, reached, trace);
        let half = self.point(Purpose::Split, Some(self.phase.id), session);
        let on = Bound::HALF.covers(half);
        self.tell(Stage::Half, half, Bound::HALF, on, trace);
        let released = release.covers(point);
        if !T::SILENT && !on && release != Bound(0) {
            self.tell(Stage::Released, point, release, released, trace);
        }
        if !on && released {
            return serve(variant);
        }
        if !reached {
            return Verdict::Next;
        }
        if on {
            return self.assign(half, variant, session);
        }
        self.expose(half, Arm::Control, session);
        Verdict::Next
    }

    /// Serves the off variant to the units that a holdout takes. Both sides are exposed to the holdout.
    fn hold_out(&self, session: &mut Session, trace: &mut impl Trace) -> Verdict {
        let bound = self.phase.coverage;
        let point = self.point(Purpose::Holdout, None, session);
        let held = bound.covers(point);
        self.tell(Stage::Holdout, point, bound, held, trace);
        self.expose(point, if held { Arm::Held } else { Arm::NotHeld }, session);
        if held { serve(self.deciding.flag.when_off) } else { Verdict::Next }
    }

    fn point(&self, purpose: Purpose, phase: Option<u32>, session: &mut Session) -> u32 {
        let program = self.deciding.program;
        session.point(program, self.unit, Salt::of(program, &self.trial), purpose, phase)
    }

    /// The variant that the unit was given earlier in this phase, if the flag still has it.
    fn remembered(&self, session: &Session) -> Option<u8> {
        let Deciding { program, flag, .. } = *self.deciding;
        let assignment = self.assignment(0, Arm::Control);
        let key = session.sticky(&exposure::sticky_id(program, &assignment, &session.subject)?)?;
        (0..flag.variant_count)
            .find(|variant| program.variant(flag, *variant).is_some_and(|own| program.text(own.key) == key))
    }

    /// A variant that the flag does not have is found where its decision is made.
    fn assign(&self, point: u32, variant: u8, session: &mut Session) -> Verdict {
        self.expose(point, Arm::Variant(self.deciding.flag.variants.wrapping_add(u32::from(variant))), session);
        serve(variant)
    }

    #[inline(never)]
    fn expose(&self, point: u32, variant: Arm, session: &mut Session) {
        session.moment.expose(self.assignment(point, variant));
    }

    fn assignment(&self, point: u32, variant: Arm) -> Assignment {
        Assignment {
            trial: self.trial.key,
            phase: self.phase.id,
            unit: self.trial.unit,
            point,
            variant,
            rule: self.rule.id,
            sticky: self.rule.is_sticky(),
        }
    }

    /// Whether the unit's point for the layer is in the trial's ranges; true if it is in no layer.
    fn in_layer<T: Trace>(&self, session: &mut Session, trace: &mut T) -> Option<bool> {
        if self.trial.placement == 0 {
            return Some(true);
        }
        let program = self.deciding.program;
        let Some(placement) = program.placement(&self.trial) else { return Some(false) };
        let Some(index) = placement.layer() else { return Some(true) };
        let Layer { name, salt: written } = program.layer(index)?;
        let point = session.point(program, self.unit, Salt { written, name }, Purpose::Layer, None);
        if usize::from(placement.range_count) > limits::RANGES {
            return None;
        }
        let (mut inside, mut stretch) = (false, [Bound(0), Bound::ALL]);
        for range in placement.ranges..placement.ranges.checked_add(u32::from(placement.range_count))? {
            let range = program.range(range)?;
            inside |= range.contains(point);
            if !T::SILENT {
                for bound in [range.from, range.to] {
                    let [from, below] = &mut stretch;
                    if bound.covers(point) { *below = bound.min(*below) } else { *from = bound.max(*from) }
                }
            }
        }
        if !T::SILENT {
            let [from, below] = stretch;
            let (stage, unit) = (Stage::Layer, self.trial.unit);
            let salt = Salt { written, name };
            trace.step(Step::Point(Compared { stage, unit, salt, phase: None, point, from, below, inside }));
        }
        Some(inside)
    }
}

fn serve(variant: u8) -> Verdict {
    Verdict::Serve(variant, Reason::Split)
}

/// What runs of a trial at a moment.
#[derive(Clone, Copy, Debug)]
pub enum Running {
    /// A phase. Its times are the moments nearest to now at which any phase begins or ends.
    Phase(Phase),
    /// No phase.
    Nothing,
}

/// What runs of a trial at a moment (milliseconds since 1970). `None` is a record that cannot be read.
pub fn running_at(program: &Program, trial: &Trial, session: &mut Session, now: i64) -> Option<Running> {
    session.moment.start(now);
    running(program, trial, session)
}

/// What runs at the session's moment. The next moment at which any phase begins or ends is noted.
fn running(program: &Program, trial: &Trial, session: &mut Session) -> Option<Running> {
    let moment = &mut session.moment;
    let (mut found, mut from, mut to) = (None, Second(0), Second::NEVER);
    for index in 0..trial.phase_count {
        let phase = program.phase(trial, index)?;
        if found.is_none() && phase.from.milli() <= moment.now && moment.now < phase.to.milli() {
            found = Some(phase);
        }
        for second in [phase.from, phase.to] {
            if second.milli() > moment.now {
                to = second.min(to);
            } else {
                from = second.max(from);
            }
        }
    }
    moment.changes_at(to.milli());
    Some(found.map_or(Running::Nothing, |phase| Running::Phase(Phase { from, to, ..phase })))
}
