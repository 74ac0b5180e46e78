//! Ranges of layers that change hands: those who were in one experiment have seen something, and rest before the next.

use super::text::place_of;
use crate::trials::{InLayer, Kind, Trial, Trials};
use waft::buckets::Bound;
use waft_ruleset::finding::{Code, Findings};
use waft_ruleset::{Ruleset, Share};

/// From one bound up to another.
type Points = (u32, u32);

/// Finds ranges that an experiment takes at once from one that is live and has started.
pub(super) fn lint(ruleset: &Ruleset, live: &Trials, next: &Trials, now: i64, findings: &mut Findings) {
    for before in live.values().filter(|before| before.has_started(now)) {
        let Some(held) = &before.layer else { continue };
        // One with the same salt is the same experiment by another name.
        for after in next.values().filter(|after| after.name != before.name && after.salt != before.salt) {
            let Some(layer) = after.layer.as_ref().filter(|layer| layer.salt == held.salt) else { continue };
            let mut taken = common(&held.ranges, &layer.ranges);
            let own = live.get(&(Kind::Experiment, after.name.clone())).and_then(|own| own.layer.as_ref());
            let own = own.filter(|own| own.salt == layer.salt).map_or(&[][..], |own| &own.ranges);
            own.iter().for_each(|range| taken = without(&taken, *range));
            resting(ruleset, layer, before, now).iter().for_each(|range| taken = without(&taken, *range));
            let [(from, to), ..] = taken[..] else { continue };
            let range = format!("{}-{}", Share::of(Bound(from)), Share::of(Bound(to)));
            let message = format!(
                "`{}` takes {range} of the layer `{}`, which `{}` held until now",
                after.name, layer.name, before.name
            );
            let remedy = format!("let it rest: `resting: {{ {range}: DATE }}` in the layer, and start no earlier");
            let place = place_of(&ruleset.experiments, &after.name).unwrap_or(ruleset.project_place);
            findings.add(place, Code::LayerReused, message, remedy);
        }
    }
}

/// What the ruleset lets rest in a layer, until after an experiment ended or will.
fn resting(ruleset: &Ruleset, layer: &InLayer, before: &Trial, now: i64) -> Vec<Points> {
    let left = before.end().min(now);
    let named = ruleset.layers.iter().find(|named| named.name == layer.name);
    let resting = named.map_or(&[][..], |named| &named.item.resting).iter();
    resting
        .filter(|(_, until)| i64::from(*until) * 1_000 > left)
        .map(|(range, _)| (range.from.bound().0, range.to.bound().0))
        .collect()
}

fn common(some: &[Points], others: &[Points]) -> Vec<Points> {
    let pairs = some.iter().flat_map(|one| others.iter().map(move |other| (one.0.max(other.0), one.1.min(other.1))));
    pairs.filter(|(from, to)| from < to).collect()
}

fn without(points: &[Points], gone: Points) -> Vec<Points> {
    let sides = points.iter().flat_map(|(from, to)| [(*from, gone.0.min(*to)), (gone.1.max(*from), *to)]);
    sides.filter(|(from, to)| from < to).collect()
}
