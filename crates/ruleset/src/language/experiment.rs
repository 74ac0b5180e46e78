//! Experiments: a unit, a place in a layer, and phases.

use super::names::Names;
use super::reader::{self, Fields, boolean, check_name, describe, instant, list, resolve, share, skip, text};
use super::{breakdown, metric};
use crate::finding::{Code, Findings, Place};
use crate::order;
use crate::readings::Readings;
use crate::share::Share;
use crate::source::{Entry, Kind, Node, Scalar};
use crate::types::{Experiment, Layer, Named, Phase, Range, Segment};

/// The most phases of one experiment.
const PHASES: usize = 255;

/// Reads one experiment.
pub(crate) fn read(
    entry: &Entry,
    names: &Names<'_>,
    segments: &[Named<Segment>],
    layers: &[Named<Layer>],
    findings: &mut Findings,
) -> Option<Experiment> {
    let mut fields = Fields::of(&entry.value, "experiment", findings)?;
    let unit = fields.require("unit", "name the unit that is randomised", findings);
    let layer = fields.take("layer");
    let salt = reader::salt(fields.take("salt"), findings);
    let phases =
        fields.require("phases", "add `phases: [{ id: 1, from: ..., coverage: 100%, split: {...} }]`", findings);
    let sticky = flag_of(fields.take("sticky"), findings)?;
    let correlate = flag_of(fields.take("correlate"), findings)?;
    // The report reads these; none of them changes a decision.
    let readings = fields.take("metrics").map(|field| metric::readings(&field.value, findings));
    let plan = fields.take("plan").map(|field| metric::plan(&field.value, findings));
    let breakdown = fields.take("breakdown").map(|field| breakdown::read(&field.value, names, segments, findings));
    reader::meta(&mut fields, findings);
    describe(&mut fields, findings);
    fields.finish(findings);

    let unit = unit.and_then(|field| {
        let name = text(&field.value, "unit", findings)?;
        resolve(name, field.value.place, names.units, Code::UnknownUnit, "unit", findings)
    });
    let layer = match layer {
        None => None,
        Some(field) => Some(read_layer(&field.value, unit, layers, findings)?),
    };
    let phases = read_phases(&phases?.value, findings)?;
    let mut readings = readings.unwrap_or(Some(Readings::default()))?;
    readings.breakdown = breakdown.unwrap_or(Some(Vec::new()))?;
    Some(Experiment {
        unit: unit?,
        salt,
        layer,
        phases,
        sticky,
        correlate,
        readings,
        plan: plan.map_or(Some(None), |plan| plan.map(Some))?,
    })
}

/// A field that is on or off; off if it is absent.
fn flag_of(field: Option<&Entry>, findings: &mut Findings) -> Option<bool> {
    field.map_or(Some(false), |field| boolean(&field.value, &field.key, findings))
}

/// `{ checkout: [0%-40%] }`.
fn read_layer(
    node: &Node,
    unit: Option<usize>,
    layers: &[Named<Layer>],
    findings: &mut Findings,
) -> Option<(usize, Vec<Range>)> {
    let Some([entry]) = node.entries() else {
        findings.add(
            node.place,
            Code::InvalidLayer,
            "layer: expected one layer and its ranges",
            "write it as { checkout: [0%-40%] }",
        );
        return None;
    };
    let index = resolve(&entry.key, entry.place, layers, Code::UnknownLayer, "layer", findings)?;
    if unit.is_some_and(|unit| unit != layers[index].item.unit) {
        let message = format!("the layer `{}` divides another unit than the experiment randomises", entry.key);
        findings.add(entry.place, Code::LayerUnit, message, "use the layer's unit, or another layer");
    }
    let items = list(&entry.value, "layer", true, findings)?;
    let ranges: Vec<Option<Range>> = items.iter().map(|item| range(item, findings)).collect();
    Some((index, ranges.into_iter().collect::<Option<Vec<_>>>()?))
}

/// `40%-55%`.
pub(crate) fn range(node: &Node, findings: &mut Findings) -> Option<Range> {
    range_of(node.text(), node.place, findings)
}

/// See [`range`].
pub(crate) fn range_of(text: Option<&str>, place: Place, findings: &mut Findings) -> Option<Range> {
    let read = text.and_then(|text| {
        let (from, to) = text.split_once('-')?;
        Some(Range { from: Share::parse(from)?, to: Share::parse(to)?, place })
    });
    match read {
        Some(range) if range.from < range.to => Some(range),
        _ => {
            let message = "expected a range of shares, the lower one first";
            findings.add(place, Code::InvalidRange, message, "write it as 40%-55%");
            None
        }
    }
}

fn read_phases(node: &Node, findings: &mut Findings) -> Option<Vec<Phase>> {
    let items = list(node, "phases", false, findings)?;
    if items.len() > PHASES {
        findings.add(node.place, Code::TooManyPhases, format!("{} phases", items.len()), format!("at most {PHASES}"));
        return None;
    }
    let read: Vec<Option<Phase>> = items.iter().map(|item| read_phase(item, findings)).collect();
    let phases = read.into_iter().collect::<Option<Vec<_>>>()?;
    for pair in phases.windows(2) {
        if let [earlier, later] = pair {
            if later.id <= earlier.id {
                let message = format!("phase {} follows phase {}", later.id, earlier.id);
                findings.add(later.place, Code::PhaseOrder, message, "number phases upwards; append, never renumber");
            }
            if earlier.to.is_none_or(|to| to > later.from) {
                let message = format!("phase {} starts before phase {} ends", later.id, earlier.id);
                findings.add(
                    later.place,
                    Code::PhaseOverlap,
                    message,
                    "give the earlier phase a `to` at or before this `from`",
                );
            }
        }
    }
    Some(phases)
}

fn read_phase(node: &Node, findings: &mut Findings) -> Option<Phase> {
    let mut fields = Fields::of(node, "phase", findings)?;
    let id = fields.require("id", "number the phases from 1", findings);
    let from = fields.require("from", "say when it starts, such as 2026-11-10T08:00Z", findings);
    let to = fields.take("to");
    let coverage = fields.take("coverage");
    let split = fields.require("split", "say which share sees which variant", findings);
    skip(&mut fields, &["ended"]);
    describe(&mut fields, findings);
    fields.finish(findings);

    let id = id.and_then(|field| read_id(&field.value, findings));
    let from = from.and_then(|field| instant(&field.value, findings));
    let to = match to {
        None => None,
        Some(field) => Some(reader::end(&field.value, findings)?),
    };
    let coverage = match coverage {
        None => Share::ALL,
        Some(field) => share(&field.value, "coverage", findings)?,
    };
    let split = read_split(&split?.value, findings);
    if to.is_some() && to <= from {
        findings.add(node.place, Code::PhaseOrder, "the phase ends before it starts", "put `to` after `from`");
    }
    Some(Phase { id: id?, place: node.place, from: from?, to, coverage, split: split? })
}

fn read_id(node: &Node, findings: &mut Findings) -> Option<u32> {
    let id = match &node.kind {
        Kind::Scalar(Scalar::Number(number, _)) => {
            number.as_u64().and_then(|id| u32::try_from(id).ok()).filter(|id| *id > 0)
        }
        _ => None,
    };
    if id.is_none() {
        findings.add(node.place, Code::InvalidPhase, "id: expected a whole number from 1", "number the phases 1, 2, 3");
    }
    id
}

/// `{ control: 50%, bold: 50% }`, answered in byte order of the keys.
fn read_split(node: &Node, findings: &mut Findings) -> Option<Vec<(String, Share, Place)>> {
    let entries = node.entries().filter(|entries| !entries.is_empty());
    let Some(entries) = entries else {
        findings.add(
            node.place,
            Code::ExpectedMap,
            "split: expected variants and shares",
            "write it as { control: 50%, bold: 50% }",
        );
        return None;
    };
    let mut split = Vec::new();
    let mut whole = true;
    for entry in entries {
        check_name(&entry.key, entry.place, findings);
        match share(&entry.value, "split", findings) {
            Some(share) => split.push((entry.key.clone(), share, entry.place)),
            None => whole = false,
        }
    }
    let sum: u64 = split.iter().map(|(_, share, _)| u64::from(share.0)).sum();
    if whole && sum != u64::from(Share::ALL.0) {
        let sum = sum as u32;
        let (word, rest) = if sum < Share::ALL.0 { ("add", Share::ALL.0 - sum) } else { ("take", sum - Share::ALL.0) };
        let preposition = if word == "add" { "to" } else { "from" };
        let message = format!("split weights sum to {}, expected 100%", Share(sum));
        findings.add(node.place, Code::SplitSum, message, format!("{word} {} {preposition} one variant", Share(rest)));
        return None;
    }
    order::sort(&mut split, |left, right| left.0.as_bytes().cmp(right.0.as_bytes()));
    whole.then_some(split)
}
