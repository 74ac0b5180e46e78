//! Trials, read from a table in words: two tables have different numbers for the same things.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use waft::Program;
use waft::buckets::Bound;
use waft::program::{self, Flag, Layer, Second, Text};
use waft::rule::{self, Action, Rule};

use super::audience::{Audiences, unit};
use waft_ruleset::Share;

/// The kind of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Units are divided among variants.
    Experiment,
    /// Units are kept out of what a team does.
    Holdout,
    /// A variant reaches more and more units.
    Ramp,
}

/// By kind and name.
pub type Trials = BTreeMap<(Kind, String), Trial>;

/// An experiment, a holdout or a ramp.
pub struct Trial {
    /// What it is.
    pub kind: Kind,
    /// A ramp's is `flag/rule`.
    pub name: String,
    /// The flag whose rule names it; the first of a holdout's.
    pub flag: String,
    /// All flags of a holdout.
    pub flags: Vec<String>,
    /// Whether the flag is enabled.
    pub on: bool,
    /// The unit, and the attribute that holds its id.
    pub unit: (String, String),
    /// The salt that counts: the written one, or the default.
    pub salt: String,
    /// Where it lies, beside others.
    pub layer: Option<InLayer>,
    /// Whom the rule is for; of a holdout, whom it leaves alone.
    pub audience: String,
    /// Whether units keep their variant.
    pub sticky: bool,
    /// Whether a ramp has a guard.
    pub monitored: bool,
    /// What a ramp serves.
    pub serves: Option<Variant>,
    /// Phases of an experiment, steps of a ramp; a holdout has one.
    pub phases: Vec<Phase>,
    /// The dates of the rule that names it.
    pub dates: Dates,
    /// Where its phases are among those of the table. Equal runs of several trials are one.
    pub records: Range<u32>,
}

/// When a rule applies: from the first moment on, and before the second.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dates {
    /// The first moment.
    pub from: Second,
    /// The first moment after it.
    pub to: Second,
}

impl Dates {
    /// The dates of a rule; one without any always applies.
    pub fn of(rule: &Rule<'_>) -> Self {
        let [from, to] = rule.dates().unwrap_or([Second(0), Second::NEVER]);
        Dates { from, to }
    }

    /// Whether it has begun at a moment, in milliseconds since 1970.
    pub fn have_begun(self, now: i64) -> bool {
        self.from.milli() <= now
    }

    /// Whether it has ended.
    pub fn are_over(self, now: i64) -> bool {
        self.to.milli() <= now
    }
}

/// A layer by its name and salt, and ranges as bounds of points.
#[derive(PartialEq, Eq)]
pub struct InLayer {
    /// The layer's name.
    pub name: String,
    /// The salt that counts.
    pub salt: String,
    /// From one bound up to another.
    pub ranges: Vec<(u32, u32)>,
}

/// A variant's key and value.
#[derive(Default, PartialEq, Eq)]
pub struct Variant {
    /// Its key; empty for the caller's default.
    pub key: String,
    /// Its value, as JSON.
    pub value: String,
}

/// A phase or step.
pub struct Phase {
    /// Its number.
    pub id: u32,
    /// The first moment.
    pub from: Second,
    /// The first moment after it.
    pub to: Second,
    /// Which part of the units it takes.
    pub coverage: Bound,
    /// Bounds and variants. Only experiments have a split.
    pub split: Vec<(u32, Variant)>,
}

impl fmt::Display for Trial {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Experiment => "experiment",
            Kind::Holdout => "holdout",
            Kind::Ramp => "ramp",
        };
        write!(out, "the {kind} `{}`", self.name)
    }
}

impl Trial {
    /// Whether anybody has been in it at a moment, in milliseconds since 1970.
    pub fn has_started(&self, now: i64) -> bool {
        self.dates.have_begun(now) && self.phases.first().is_some_and(|phase| phase.has_started(now))
    }

    /// The phase that is running.
    pub fn running(&self, now: i64) -> Option<&Phase> {
        let applies = self.dates.have_begun(now) && !self.dates.are_over(now);
        self.phases.iter().find(|phase| applies && phase.has_started(now) && !phase.is_over(now))
    }

    /// Whether nobody is missed if it goes. A ramp never ends: it has reached everybody, or nobody because its flag is off.
    pub fn is_over(&self, now: i64) -> bool {
        match (self.kind, self.running(now)) {
            (_, None) => true,
            (Kind::Ramp, Some(step)) => !self.on || step.coverage == Bound::ALL,
            (Kind::Experiment | Kind::Holdout, Some(_)) => false,
        }
    }

    /// When the last phase ends, in milliseconds since 1970.
    pub fn end(&self) -> i64 {
        self.phases.last().map_or(Second::NEVER, |phase| phase.to).min(self.dates.to).milli()
    }
}

impl Phase {
    /// Whether it has begun.
    pub fn has_started(&self, now: i64) -> bool {
        self.from.milli() <= now
    }

    /// Whether it has ended.
    pub fn is_over(&self, now: i64) -> bool {
        self.to.milli() <= now
    }

    /// Which part of the units it takes, for people.
    pub fn share(&self) -> Share {
        Share::of(self.coverage)
    }
}

/// The trials that the rules of a program name.
pub fn all(program: &Program) -> Trials {
    let audiences = Audiences::of(program);
    let mut trials = Trials::new();
    for flag in program.flags().filter_map(|index| program.flag(index)) {
        for rule in program.rules(&flag) {
            let Some(trial) = read(program, &audiences, &flag, &rule) else { continue };
            let key = (trial.kind, trial.name.clone());
            match trials.get_mut(&key) {
                Some(first) => first.flags.extend(trial.flags),
                None => drop(trials.insert(key, trial)),
            }
        }
    }
    trials
}

fn read(program: &Program, audiences: &Audiences<'_>, flag: &Flag, rule: &Rule<'_>) -> Option<Trial> {
    let (kind, at, serves) = match rule.action() {
        Action::Experiment(at) => (Kind::Experiment, at, None),
        Action::Holdout(at) => (Kind::Holdout, at, None),
        Action::Ramp(at, served) => (Kind::Ramp, at, Some(variant(program, flag, served))),
        Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return None,
    };
    let trial = program.trial(flag, at)?;
    let (name, flag_key) = (program.str(trial.key).to_owned(), program.str(flag.key).to_owned());
    let placement = program.placement(&trial);
    Some(Trial {
        kind,
        flags: vec![flag_key.clone()],
        flag: flag_key,
        on: flag.enabled,
        unit: unit(program, trial.unit.into()),
        salt: salt(program, placement.map_or(Text::NONE, |placement| placement.salt), &name),
        layer: placement.and_then(|placement| in_layer(program, &placement)),
        audience: audiences.tell(rule.condition_span()),
        sticky: rule.is_sticky(),
        monitored: rule.is_monitored(),
        serves,
        phases: phases(program, kind, &trial, flag),
        dates: Dates::of(rule),
        records: trial.phases..trial.phases.saturating_add(trial.phase_count.into()),
        name,
    })
}

fn salt(program: &Program, written: Text, name: &str) -> String {
    match program.str(written) {
        "" => format!("{}/{name}", String::from_utf8_lossy(program.snapshot().project())),
        written => written.to_owned(),
    }
}

fn in_layer(program: &Program, placement: &program::Placement) -> Option<InLayer> {
    let Layer { name, salt: written } = program.layer(placement.layer()?)?;
    let name = program.str(name).to_owned();
    let ranges = program.ranges(placement).map(|range| (range.from.0, range.to.0)).collect();
    Some(InLayer { salt: salt(program, written, &name), name, ranges })
}

fn variant(program: &Program, flag: &Flag, index: u8) -> Variant {
    let text = |offset| program.str(offset).to_owned();
    let found = program.variant(flag, index);
    found.map_or_else(Variant::default, |found| Variant { key: text(found.key), value: text(found.value) })
}

fn phases(program: &Program, kind: Kind, trial: &rule::Trial, flag: &Flag) -> Vec<Phase> {
    let read = (0..trial.phase_count).filter_map(|index| program.phase(trial, index));
    read.map(|phase| {
        // The others' records say 0 where an experiment names its split: that is somebody else's.
        let split = match kind {
            Kind::Experiment => program.split(phase.split),
            Kind::Holdout | Kind::Ramp => None,
        };
        let arms = split.iter().flat_map(|split| program.arms(split)).flatten();
        let split = arms.map(|arm| (arm.bound.0, variant(program, flag, arm.variant))).collect();
        Phase { id: phase.id, from: phase.from, to: phase.to, coverage: phase.coverage, split }
    })
    .collect()
}
