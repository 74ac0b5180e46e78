//! The way into an experiment, a ramp or a holdout: the points, and what they were compared with.

use waft::buckets::{Bound, Purpose};
use waft::program::{Flag, Program, UnitKind};
use waft::rule::{Action, Rule, Trial};
use waft::trial::{self, Running};
use waft::{Session, Step};

use super::found::Found;
use super::story::{LayerStory, PointStory, RuleStory, TrialStory};
use super::why;
use crate::value::{percent, share};
use waft_ruleset::Share;

/// Tells what the steps of a rule compared, under its kind's name; nothing of a rule that leads into no trial.
pub(super) fn tell(found: &Found, flag: &Flag, rule: &Rule, steps: &[Step], story: &mut RuleStory) {
    let (kind, at) = match rule.action() {
        Action::Experiment(at) => (&mut story.experiment, at),
        Action::Ramp(at, _) => (&mut story.ramp, at),
        Action::Holdout(at) => (&mut story.holdout, at),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return,
    };
    *kind = found.program.trial(flag, at).and_then(|trial| trial_story(found, &trial, rule, steps));
}

fn trial_story(found: &Found, trial: &Trial, rule: &Rule, steps: &[Step]) -> Option<TrialStory> {
    let program = found.program;
    let mut story = TrialStory { key: program.str(trial.key).to_owned(), ..TrialStory::default() };
    // What a monitored ramp has reached.
    let mut reached = None;
    for step in steps {
        match *step {
            Step::NoPhase => story.stopped = Some("no phase is running".to_owned()),
            Step::NoUnit { unit } => {
                let UnitKind { name, slot } = program.unit(unit.into())?;
                story.stopped = Some(format!("the context has no usable {}", program.str(name)));
                story.asked = found.asked(slot, why::of_unit);
            }
            Step::Sticky => story.remembered = Some(true),
            Step::Layer { layer, point, inside } => {
                story.layer = Some(layer_story(program, trial, layer, point, inside));
            }
            Step::Half { point, on } => {
                story.half = Some(below(point, Bound(1 << 31), on));
                if let (false, Some((point, share))) = (on, reached) {
                    story.released = released(point, share);
                }
            }
            Step::Point { purpose: Purpose::Ramp, point, bound } if rule.is_monitored() => {
                reached = Some((point, bound));
                // As many units are kept back as get the variant.
                let share = Share((Share::of(bound).0 * 2).min(Share::ALL.0));
                story.ramp = Some(below(point, share.bound(), u64::from(point) < doubled(bound)));
            }
            Step::Point { purpose: Purpose::Split, point, bound } => {
                let from = arm_start(found, trial, bound).unwrap_or(Bound(0));
                story.split = Some(PointStory { from: Some(share(from)), ..below(point, bound, true) });
            }
            Step::Point { purpose, point, bound } => {
                let compared = Some(below(point, bound, bound.covers(point)));
                match purpose {
                    Purpose::Coverage => story.coverage = compared,
                    Purpose::Holdout => story.holdout = compared,
                    Purpose::Ramp => story.ramp = compared,
                    Purpose::Layer | Purpose::Split | Purpose::Share | Purpose::List => {}
                }
            }
            Step::Preview
            | Step::Need { .. }
            | Step::Needed { .. }
            | Step::Rule { .. }
            | Step::Outside
            | Step::Operation { .. }
            | Step::Condition { .. } => {}
        }
    }
    Some(story)
}

fn below(point: u32, bound: Bound, inside: bool) -> PointStory {
    PointStory { point: percent(point), from: None, below: share(bound), inside }
}

fn layer_story(program: &Program, trial: &Trial, layer: u16, point: u32, inside: bool) -> LayerStory {
    let name = program.layer(layer).map_or("?", |layer| program.str(layer.name));
    let placement = program.placement(trial);
    let ranges = placement.iter().flat_map(|placement| program.ranges(placement));
    let ranges = ranges.map(|range| (share(range.from), share(range.to))).collect();
    LayerStory { name: name.to_owned(), point: percent(point), ranges, inside }
}

/// Above 50 %, a part of those who were kept back is let go.
fn released(point: u32, share: Bound) -> Option<PointStory> {
    let over = Share::of(share).0.checked_sub(500_000).filter(|over| *over > 0)?;
    Some(below(point, Share(2 * over).bound(), u64::from(point) + (1 << 32) < doubled(share)))
}

fn doubled(share: Bound) -> u64 {
    if share == Bound::ALL { 1 << 33 } else { u64::from(share.0) * 2 }
}

/// Where the arm that ends at a bound begins: where the one before it ends.
fn arm_start(found: &Found, trial: &Trial, end: Bound) -> Option<Bound> {
    let program = found.program;
    // A session of its own: asking what is running starts a new decision.
    let running = trial::running_at(program, trial, &mut Session::new(program), found.now)?;
    let Running::Phase(phase) = running else { return None };
    let split = program.split(phase.split)?;
    program.arms(&split).map_while(|arm| Some(arm?.bound)).take_while(|bound| *bound < end).last()
}
