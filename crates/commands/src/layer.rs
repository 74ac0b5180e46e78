//! `waft layer allocate`: which ranges of a layer are free.

use crate::build;
use crate::exit::{Exit, fail};
use crate::host::Host;
use waft_ruleset::clock::text_of_seconds;
use waft_ruleset::{Range, Share};

/// What to allocate.
#[derive(Clone, Debug)]
pub struct Options {
    /// A ruleset's file or folder.
    pub ruleset: String,
    /// The layer.
    pub layer: String,
    /// How much is wanted, such as 20%.
    pub share: String,
}

/// Prints ranges that are free, the first that are large enough together, as they go into the ruleset.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match allocate(options, host) {
        Ok(line) => {
            host.out(&line);
            Exit::Done
        }
        Err(message) => fail(host, &message),
    }
}

fn allocate(options: &Options, host: &dyn Host) -> Result<String, String> {
    let wanted = Share::parse(&options.share).filter(|share| share.0 > 0);
    let wanted = wanted.ok_or_else(|| format!("--share {}: expected a share such as 20%", options.share))?;
    let ruleset = build::checked(host, &options.ruleset)?;
    let index = ruleset.layers.iter().position(|layer| layer.name == options.layer).ok_or_else(|| {
        let known: Vec<&str> = ruleset.layers.iter().map(|layer| layer.name.as_str()).collect();
        let known = if known.is_empty() { "no layers".to_owned() } else { known.join(", ") };
        format!("--layer {}: the ruleset has {known}", options.layer)
    })?;
    let in_layer = |experiment: &waft_ruleset::Experiment| match &experiment.layer {
        Some((layer, ranges)) if *layer == index => ranges.clone(),
        _ => Vec::new(),
    };
    let mut taken: Vec<Range> = ruleset.experiments.iter().flat_map(|experiment| in_layer(&experiment.item)).collect();
    let now = host.now();
    let resting = ruleset.layers.get(index).map_or(&[][..], |layer| &layer.item.resting);
    for (range, until) in resting.iter().filter(|(_, until)| i64::from(*until) * 1_000 > now) {
        host.err(&format!("{}-{} rests until {}", range.from, range.to, text_of_seconds((*until).into())));
        taken.push(*range);
    }
    let free = gaps(taken);
    let mut left = wanted.0;
    let mut chosen = Vec::new();
    // One range that is large enough is easier to live with than several.
    let whole = free.iter().find(|(from, to)| to - from >= wanted.0);
    for (from, to) in whole.map_or(free.as_slice(), std::slice::from_ref) {
        let part = left.min(to - from);
        if part > 0 {
            chosen.push(format!("{}-{}", Share(*from), Share(from + part)));
            left -= part;
        }
    }
    if left > 0 {
        let most: u32 = free.iter().map(|(from, to)| to - from).sum();
        return Err(format!("the layer `{}` has {} left, not {wanted}", options.layer, Share(most)));
    }
    Ok(format!("layer: {{ {}: [{}] }}", options.layer, chosen.join(", ")))
}

/// What lies between ranges, in millionths.
fn gaps(mut taken: Vec<Range>) -> Vec<(u32, u32)> {
    taken.sort_by_key(|range| range.from);
    let mut at = 0;
    let mut free = Vec::new();
    for range in &taken {
        if range.from.0 > at {
            free.push((at, range.from.0));
        }
        at = at.max(range.to.0);
    }
    if at < Share::ALL.0 {
        free.push((at, Share::ALL.0));
    }
    free
}
