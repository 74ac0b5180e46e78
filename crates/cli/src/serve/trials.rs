//! What one program says of its trials, as far as a row can be compared with it: who is randomised, which points have which arm,
//! and who takes part at all.

use std::collections::HashMap;

use waft::buckets::{Bound, Key, Purpose};
use waft::program::{Flag, Layer, Phase, PointRange};
use waft::rule::{Action, Rule, Trial as Entry};
use waft::salt::Salt;
use waft::{Program, limits};

use super::record::Told;

/// The experiments, holdouts and monitored ramps of a program, by name and phase.
#[derive(Default)]
pub(crate) struct Trials(HashMap<String, HashMap<i64, Trial>>);

/// One phase of an experiment; a holdout; a monitored ramp with all its steps.
pub(crate) struct Trial {
    unit_kind: String,
    split: Key,
    /// Variants, and the bound below which points have them.
    arms: Vec<(String, Bound)>,
    /// The variants that a unit may keep whatever its point, layer and coverage: those of a sticky experiment's flag.
    kept: Vec<String>,
    takes: Takes,
}

/// Whom a trial takes.
enum Takes {
    Everybody,
    /// Whose points are in one of the layer's ranges, and below the coverage.
    Experiment {
        layer: Option<(Key, Vec<PointRange>)>,
        coverage: (Key, Bound),
    },
    /// Whose point has been reached by one of the steps.
    Ramp {
        key: Key,
        steps: Vec<Bound>,
    },
}

impl Trials {
    /// Of a program.
    pub(crate) fn of(program: &Program) -> Self {
        let mut trials = Self::default();
        for flag in program.flags().filter_map(|index| program.flag(index)) {
            for rule in program.rules(&flag) {
                trials.add_rule(program, &flag, &rule);
            }
        }
        trials
    }

    /// The phase of a trial.
    pub(crate) fn get(&self, name: &str, phase: i64) -> Option<&Trial> {
        self.0.get(name)?.get(&phase)
    }

    fn add_rule(&mut self, program: &Program, flag: &Flag, rule: &Rule<'_>) {
        let at = match rule.action() {
            Action::Experiment(at) | Action::Holdout(at) => at,
            Action::Ramp(at, _) if rule.is_monitored() => at,
            Action::Ramp(..) | Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => return,
        };
        let Some(entry) = program.trial(flag, at) else { return };
        let phases: Vec<Phase> = (0..entry.phase_count).filter_map(|index| program.phase(&entry, index)).collect();
        let of = Reading { program, flag, rule, entry };
        let read = match rule.action() {
            Action::Experiment(_) => phases.iter().filter_map(|phase| of.experiment(phase)).collect(),
            Action::Holdout(_) => phases.first().map(|phase| of.holdout(phase)).into_iter().collect(),
            Action::Ramp(_, variant) => {
                phases.first().map(|phase| of.ramp(variant, phase, &phases)).into_iter().collect()
            }
            Action::Serve(_) | Action::Off | Action::Need(_) | Action::Unknown => Vec::new(),
        };
        // A holdout is in several flags, and the same in each.
        self.0.entry(program.str(entry.key).to_owned()).or_default().extend(read);
    }
}

/// A rule of a trial.
struct Reading<'p> {
    program: &'p Program,
    flag: &'p Flag,
    rule: &'p Rule<'p>,
    entry: Entry,
}

impl Reading<'_> {
    fn experiment(&self, phase: &Phase) -> Option<(i64, Trial)> {
        let split = self.program.split(phase.split)?;
        let arms = self.program.arms(&split).flatten();
        let arms = arms.map(|arm| (self.variant(arm.variant), arm.bound)).collect();
        let kept = if self.rule.is_sticky() { 0..self.flag.variant_count } else { 0..0 };
        let coverage = (self.key(Purpose::Coverage, None), phase.coverage);
        let trial = Trial {
            unit_kind: self.unit_kind(),
            split: self.key(Purpose::Split, Some(phase.id)),
            arms,
            kept: kept.map(|variant| self.variant(variant)).collect(),
            takes: Takes::Experiment { layer: self.layer(), coverage },
        };
        Some((phase.id.into(), trial))
    }

    fn holdout(&self, phase: &Phase) -> (i64, Trial) {
        let trial = Trial {
            unit_kind: self.unit_kind(),
            split: self.key(Purpose::Holdout, None),
            arms: vec![("held".to_owned(), phase.coverage), ("not-held".to_owned(), Bound::ALL)],
            kept: Vec::new(),
            takes: Takes::Everybody,
        };
        (phase.id.into(), trial)
    }

    /// The halves are the same at every step, and a unit may have been reached at any.
    fn ramp(&self, variant: u8, first: &Phase, steps: &[Phase]) -> (i64, Trial) {
        let trial = Trial {
            unit_kind: self.unit_kind(),
            split: self.key(Purpose::Split, Some(first.id)),
            arms: vec![(self.variant(variant), Bound::HALF), ("control".to_owned(), Bound::ALL)],
            kept: Vec::new(),
            takes: Takes::Ramp {
                key: self.key(Purpose::Ramp, None),
                steps: steps.iter().map(|step| step.coverage).collect(),
            },
        };
        (first.id.into(), trial)
    }

    fn layer(&self) -> Option<(Key, Vec<PointRange>)> {
        let placement = self.program.placement(&self.entry)?;
        let Layer { name, salt } = self.program.layer(placement.layer()?)?;
        let key = Salt { written: salt, name }.key(self.program, Purpose::Layer, None);
        Some((key, self.program.ranges(&placement).take(limits::RANGES).collect()))
    }

    fn key(&self, purpose: Purpose, phase: Option<u32>) -> Key {
        Salt::of(self.program, &self.entry).key(self.program, purpose, phase)
    }

    fn unit_kind(&self) -> String {
        let unit = self.program.unit(self.entry.unit.into());
        unit.map_or_else(String::new, |unit| self.program.str(unit.name).to_owned())
    }

    fn variant(&self, index: u8) -> String {
        let variant = self.program.variant(self.flag, index);
        variant.map_or_else(String::new, |variant| self.program.str(variant.key).to_owned())
    }
}

impl Trial {
    /// Whether a unit of this kind with this point for the split may have the variant that is told.
    pub(crate) fn allows(&self, told: &Told<'_>, point: u32) -> bool {
        let drawn = self.arms.iter().find(|(_, bound)| bound.covers(point));
        told.unit_kind == self.unit_kind
            && (self.keeps(told) || drawn.is_some_and(|(variant, _)| variant == told.variant))
    }

    fn keeps(&self, told: &Told<'_>) -> bool {
        self.kept.iter().any(|variant| variant == told.variant)
    }

    /// The unit's point for the split.
    pub(crate) fn point(&self, unit: &str) -> u32 {
        self.split.point(unit.as_bytes())
    }

    /// Whether the trial takes the unit into its variant at all.
    pub(crate) fn takes(&self, told: &Told<'_>) -> bool {
        let unit = told.unit.as_bytes();
        match &self.takes {
            Takes::Everybody => true,
            Takes::Experiment { .. } if self.keeps(told) => true,
            Takes::Experiment { layer, coverage: (key, coverage) } => {
                let in_layer = layer.as_ref().is_none_or(|(key, ranges)| {
                    let point = key.point(unit);
                    ranges.iter().any(|range| range.contains(point))
                });
                in_layer && coverage.covers(key.point(unit))
            }
            Takes::Ramp { key, steps } => {
                let (point, on) = (key.point(unit), Bound::HALF.covers(self.split.point(unit)));
                steps.iter().map(|share| share.doubled()).any(|[reach, release]| {
                    // Whoever is released is no longer compared.
                    reach.covers(point) && (on || !release.covers(point))
                })
            }
        }
    }
}
