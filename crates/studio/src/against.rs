//! A ruleset against the live snapshot: of what has started, only coverage may change, and only upwards.

use waft::Program;
use waft::program::Flag;
use waft::rule::{Action, Experiment};
use waft::table::Section;

use crate::compile;
use crate::finding::{Finding, Findings, Place};
use crate::ruleset::Ruleset;
use crate::snapshot;

/// What a rule leads into: its kind, its name, its entry, and the flag.
type Entry = (&'static str, String, Experiment, Flag);

/// Compares, and answers what may not change. Fails if the ruleset has no such environment or cannot be compiled.
pub fn compare(
    ruleset: &Ruleset,
    environment: &str,
    live: &Program,
    now: i64,
    files: Vec<String>,
) -> Result<Vec<Finding>, String> {
    let index = ruleset.environments.iter().position(|named| named.name == environment);
    let index =
        index.ok_or_else(|| format!("the live snapshot is of `{environment}`, which the ruleset does not have"))?;
    let compiled = compile::compile(ruleset, index).map_err(|error| error.what)?;
    let next = snapshot::unverified_body(&ruleset.project, environment, &compiled.body)
        .map_err(|refusal| crate::refusal::sentence(refusal).to_owned())?;
    let mut findings = Findings::new(files);
    let project = String::from_utf8_lossy(live.snapshot().project());
    if project != ruleset.project {
        let message = format!("the live snapshot is of the project `{project}`");
        findings.error(Place::default(), "OTHER_PROJECT", message, "compare with a snapshot of this project");
    }
    let entries = entries(&next);
    for (kind, name, before, flag) in self::entries(live) {
        let started = phases(live, &before, &flag).first().is_some_and(|phase| i64::from(phase.from) * 1_000 <= now);
        if !started {
            continue;
        }
        let place = place_of(ruleset, kind, &name);
        match entries.iter().find(|(other, own, ..)| *other == kind && *own == name) {
            Some((_, _, after, other)) => {
                let (old, new) = ((live, &before, &flag), (&next, after, other));
                compare_entry(old, new, now, (kind, &name, place), &mut findings);
            }
            // What is over may be removed.
            None if phases(live, &before, &flag).last().is_some_and(|last| i64::from(last.to) * 1_000 <= now) => {}
            None if kind == "experiment" => {
                let message = format!("the experiment `{name}` is running and is gone from the ruleset");
                findings.warning(place, "RUNNING_REMOVED", message, "give its last phase a `to` first");
            }
            None => {
                findings.warning(
                    place,
                    "RUNNING_REMOVED",
                    format!("the {kind} `{name}` is running and is gone"),
                    "end it first",
                );
            }
        }
    }
    Ok(findings.into_sorted())
}

fn compare_entry(
    (live, before, flag): (&Program, &Experiment, &Flag),
    (next, after, other): (&Program, &Experiment, &Flag),
    now: i64,
    (kind, name, place): (&str, &str, Place),
    findings: &mut Findings,
) {
    let mut found = |what: &str, remedy: &str| {
        let message = format!("{what} of the {kind} `{name}` changed, which has started");
        findings.error(place, "PHASE_NEEDED", message, remedy);
    };
    let new_phase = match kind {
        "experiment" => "end the phase and append a new one",
        "holdout" => "leave it as it is until it is over, and start another",
        _ => "give the rule another id: a new ramp starts from nothing",
    };
    let unit = |program: &Program, entry: &Experiment| {
        program.unit(usize::from(entry.unit)).map(|(name, _)| program.str(name).to_owned())
    };
    if unit(live, before) != unit(next, after) {
        found("the unit", new_phase);
    }
    if place_in_layer(live, before) != place_in_layer(next, after) {
        found("the salt, the layer or its ranges", "a started experiment keeps its place; start another one elsewhere");
    }
    let (old, new) = (phases(live, before, flag), phases(next, after, other));
    for (index, phase) in old.iter().enumerate().filter(|(_, phase)| i64::from(phase.from) * 1_000 <= now) {
        let over = phase.to != u32::MAX && i64::from(phase.to) * 1_000 <= now;
        let Some(same) = new.get(index).filter(|other| other.id == phase.id) else {
            found("the list of phases", "append phases; never remove or renumber one");
            continue;
        };
        if same.from != phase.from || (over && same.to != phase.to) {
            found("a date", new_phase);
        } else if same.to != phase.to && same.to != u32::MAX && i64::from(same.to) * 1_000 <= now {
            found("the end", "end it now or later; what has been decided stays decided");
        }
        if same.split != phase.split {
            found("the split", new_phase);
        }
        if same.coverage < phase.coverage
            || (over && same.coverage != phase.coverage)
            || (kind == "holdout" && same.coverage != phase.coverage)
        {
            found(
                "the coverage",
                "it may only rise, and only while the phase runs; to take in fewer, start a new phase",
            );
        }
    }
}

/// A phase with its split in words, so that tables can be compared.
struct Told {
    id: u32,
    from: u32,
    to: u32,
    coverage: u32,
    split: Vec<(u32, String)>,
}

fn phases(program: &Program, entry: &Experiment, flag: &Flag) -> Vec<Told> {
    let key = |variant| program.variant(flag, variant).map_or(String::new(), |(key, _)| program.str(key).to_owned());
    (0..entry.phase_count)
        .filter_map(|index| program.phase(entry, index))
        .map(|phase| {
            let arms = program.split(phase.split).map_or(Vec::new(), |(_, first, count)| {
                (first..first.saturating_add(count.into())).filter_map(|arm| program.arm(arm)).collect()
            });
            let split = arms.into_iter().map(|(bound, variant)| (bound.0, key(variant))).collect();
            Told { id: phase.id, from: phase.from, to: phase.to, coverage: phase.coverage.0, split }
        })
        .collect()
}

/// Salt, layer and ranges.
type InLayer = (String, String, Vec<(u32, u32)>);

fn place_in_layer(program: &Program, entry: &Experiment) -> Option<InLayer> {
    let gate = program.gate(entry)?;
    let layer = program.layer(gate.layer).map(|(name, salt)| format!("{} {}", program.str(name), program.str(salt)));
    let ranges =
        (gate.ranges..gate.ranges.saturating_add(gate.range_count.into())).filter_map(|index| program.range(index));
    Some((
        program.str(gate.salt).to_owned(),
        layer.unwrap_or_default(),
        ranges.map(|(low, high)| (low.0, high.0)).collect(),
    ))
}

fn entries(program: &Program) -> Vec<Entry> {
    let flags = (0..program.count(Section::Flags) as u32).filter_map(|index| program.flag(index));
    let mut entries: Vec<Entry> = flags.flat_map(|flag| of_flag(program, &flag)).collect();
    entries.dedup_by(|left, right| left.0 == right.0 && left.1 == right.1);
    entries
}

fn of_flag(program: &Program, flag: &Flag) -> Vec<Entry> {
    let rules = (0..flag.rule_count).filter_map(|index| program.rule_of(flag, index));
    rules
        .filter_map(|rule| {
            let (kind, at) = match rule.action() {
                Action::Experiment(at) => ("experiment", at),
                Action::Ramp(at, _) => ("ramp", at),
                Action::Holdout(at) => ("holdout", at),
                Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return None,
            };
            let entry = program.experiment(flag, at)?;
            Some((kind, program.str(entry.key).to_owned(), entry, *flag))
        })
        .collect()
}

/// Where something is written in the ruleset; its start if it is gone.
fn place_of(ruleset: &Ruleset, kind: &str, name: &str) -> Place {
    let place = match kind {
        "experiment" => ruleset.experiments.iter().find(|named| named.name == name).map(|named| named.place),
        "holdout" => ruleset.holdouts.iter().find(|named| named.name == name).map(|named| named.place),
        _ => name.split_once('/').and_then(|(flag, rule)| {
            let flag = ruleset.flags.iter().find(|named| named.name == flag)?;
            flag.item.bodies().flat_map(|body| &body.rules).find(|named| named.name == rule).map(|named| named.place)
        }),
    };
    place.unwrap_or(Place { file: 0, line: 1, column: 1 })
}
