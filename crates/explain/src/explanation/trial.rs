//! The way into an experiment, a ramp or a holdout: the points, and what they were compared with.

use waft::program::{Flag, Program, UnitKind};
use waft::rule::{Action, Rule, Trial};
use waft::{Compared, Stage, Step};

use super::found::Found;
use super::story::{LayerStory, PointStory, RuleStory, TrialStory};
use super::why;
use crate::value::{percent, share};

/// Tells what the steps of a rule compared, under its kind's name; nothing of a rule that names no trial.
pub(super) fn tell(found: &Found, flag: &Flag, rule: &Rule, steps: &[Step], story: &mut RuleStory) {
    let (kind, at) = match rule.action() {
        Action::Experiment(at) => (&mut story.experiment, at),
        Action::Ramp(at, _) => (&mut story.ramp, at),
        Action::Holdout(at) => (&mut story.holdout, at),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return,
    };
    *kind = found.program.trial(flag, at).and_then(|trial| trial_story(found, &trial, steps));
}

fn trial_story(found: &Found, trial: &Trial, steps: &[Step]) -> Option<TrialStory> {
    let program = found.program;
    let mut story = TrialStory { key: program.str(trial.key).to_owned(), ..TrialStory::default() };
    for step in steps {
        match step {
            Step::NoPhase => story.stopped = Some("no phase is running".to_owned()),
            Step::NoUnit { unit } => {
                let UnitKind { name, slot } = program.unit(u16::from(*unit))?;
                story.stopped = Some(format!("the context has no usable {}", program.str(name)));
                story.asked = found.asked(slot, why::of_unit);
            }
            Step::Sticky => story.remembered = Some(true),
            Step::Point(compared) => tell_point(program, trial, compared, &mut story),
            #[cfg(feature = "head")]
            Step::Killed => {}
            Step::Preview
            | Step::Need { .. }
            | Step::Needed { .. }
            | Step::Rule { .. }
            | Step::Outside
            | Step::HasUnit { .. }
            | Step::Operation { .. }
            | Step::Condition { .. }
            | Step::Share { .. } => {}
        }
    }
    Some(story)
}

fn tell_point(program: &Program, trial: &Trial, compared: &Compared, story: &mut TrialStory) {
    let (point, inside) = (percent(compared.point), compared.inside);
    let told = PointStory { point, from: None, below: share(compared.bound()), inside };
    match compared.stage {
        Stage::Layer => {
            let placement = program.placement(trial);
            let ranges = placement.iter().flat_map(|placement| program.ranges(placement));
            let ranges = ranges.map(|range| (share(range.from), share(range.to))).collect();
            let name = program.str(compared.salt.name).to_owned();
            story.layer = Some(LayerStory { name, point, ranges, inside });
        }
        Stage::Holdout => story.holdout = Some(told),
        Stage::Ramp => story.ramp = Some(told),
        Stage::Half => story.half = Some(told),
        Stage::Released => story.released = Some(told),
        Stage::Coverage => story.coverage = Some(told),
        Stage::Split => story.split = Some(PointStory { from: Some(share(compared.from)), ..told }),
    }
}
