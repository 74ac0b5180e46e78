//! The way into an experiment, a ramp or a holdout, as JSON: the points, and what they were compared with.

use serde_json::{Map, Value as Json, json};
use waft::buckets::{Bound, Purpose};
use waft::program::{Flag, Program, UnitKind};
use waft::rule::{Action, Rule, Trial};
use waft::trial::{self, Running};
use waft::{Session, Step};

use super::found::Found;
use super::why;
use crate::value::{number, percent, share};
use waft_ruleset::Share;

/// What a rule's steps compared, under its kind's name; nothing for a rule that leads into none.
pub(super) fn tell(found: &Found, flag: &Flag, rule: &Rule, steps: &[Step]) -> Option<(&'static str, Json)> {
    let (kind, at) = match rule.action() {
        Action::Experiment(at) => ("experiment", at),
        Action::Ramp(at, _) => ("ramp", at),
        Action::Holdout(at) => ("holdout", at),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return None,
    };
    let program = found.program;
    let experiment = program.trial(flag, at)?;
    let mut told = Map::new();
    told.insert("key".into(), program.str(experiment.key).into());
    // What a monitored ramp has reached.
    let mut reached = None;
    for step in steps {
        match step {
            Step::NoPhase => {
                told.insert("stopped".into(), "no phase is running".into());
            }
            Step::NoUnit { unit } => {
                let UnitKind { name, slot } = program.unit(u16::from(*unit))?;
                let stopped = format!("the context has no usable {}", program.str(name));
                told.insert("stopped".into(), stopped.into());
                found.tell_attribute(slot, &mut told, why::of_unit);
            }
            Step::Sticky => {
                told.insert("remembered".into(), true.into());
            }
            Step::Layer { layer, point, inside } => {
                told.insert("layer".into(), tell_layer(program, &experiment, *layer, *point, *inside));
            }
            Step::Half { point, on } => {
                told.insert("half".into(), json!({ "point": percent(*point), "below": 50, "inside": on }));
                if let (false, Some((point, share))) = (on, reached) {
                    tell_released(point, share, &mut told);
                }
            }
            Step::Point { purpose: Purpose::Ramp, point, bound } if rule.is_monitored() => {
                reached = Some((*point, *bound));
                // As many units are kept back as get the variant.
                let below = number(f64::from(Share::of(*bound).0 * 2).min(1e6) / 1e4);
                let inside = u64::from(*point) < doubled(*bound);
                told.insert("ramp".into(), json!({ "point": percent(*point), "below": below, "inside": inside }));
            }
            Step::Point { purpose: Purpose::Split, point, bound } => {
                let from = arm_start(found, &experiment, *bound).unwrap_or(Bound(0));
                let split =
                    json!({ "point": percent(*point), "from": share(from), "below": share(*bound), "inside": true });
                told.insert("split".into(), split);
            }
            Step::Point { purpose, point, bound } => {
                let compared =
                    json!({ "point": percent(*point), "below": share(*bound), "inside": bound.covers(*point) });
                told.insert(purpose.name().into(), compared);
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
    Some((kind, Json::Object(told)))
}

fn tell_layer(program: &Program, experiment: &Trial, layer: u16, point: u32, inside: bool) -> Json {
    let name = program.layer(layer).map_or("?", |layer| program.str(layer.name));
    let placement = program.placement(experiment);
    let ranges = placement.iter().flat_map(|placement| program.ranges(placement));
    let ranges: Vec<Json> = ranges.map(|range| json!([share(range.from), share(range.to)])).collect();
    json!({ "name": name, "point": percent(point), "ranges": ranges, "inside": inside })
}

/// Above 50 %, a part of those who were kept back is let go.
fn tell_released(point: u32, share: Bound, told: &mut Map<String, Json>) {
    let Some(below) = Share::of(share).0.checked_sub(500_000).filter(|over| *over > 0) else { return };
    let inside = u64::from(point) + (1 << 32) < doubled(share);
    let below = number(f64::from(2 * below) / 1e4);
    told.insert("released".into(), json!({ "point": percent(point), "below": below, "inside": inside }));
}

fn doubled(share: Bound) -> u64 {
    if share == Bound::ALL { 1 << 33 } else { u64::from(share.0) * 2 }
}

/// Where the arm that ends at a bound begins: where the one before it ends.
fn arm_start(found: &Found, experiment: &Trial, end: Bound) -> Option<Bound> {
    let program = found.program;
    // A session of its own: asking what is running starts a new decision.
    let running = trial::running_at(program, experiment, &mut Session::new(program), found.now)?;
    let Running::Phase(phase) = running else { return None };
    let split = program.split(phase.split)?;
    program.arms(&split).map_while(|arm| Some(arm?.bound)).take_while(|bound| *bound < end).last()
}
