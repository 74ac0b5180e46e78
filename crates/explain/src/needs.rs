//! What a flag's decision may depend on: attributes by name, and what a browser remembers.

use std::collections::BTreeSet;

use serde::Serialize;
use waft::Program;
use waft::program::{FlagIndex, Slot};
use waft::rule::{Action, Rule};

use crate::condition::{Condition, Kind, name, read};

/// Whatever the rules ask for, of the flag, and of flags and segments that they ask for.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Needs {
    pub(crate) attributes: BTreeSet<String>,
    /// Whether a unit may keep a variant that it was given earlier.
    sticky: bool,
    /// Lists whose files are not there.
    #[serde(skip)]
    pub(crate) absent: BTreeSet<String>,
}

/// Collects what one flag depends on. Each flag and segment is looked at once.
struct Collector<'p> {
    program: &'p Program,
    needs: Needs,
    flags: BTreeSet<u32>,
    segments: BTreeSet<u32>,
}

impl Needs {
    /// What a flag depends on. One that is switched off depends on nothing.
    pub(crate) fn of(program: &Program, flag: FlagIndex) -> Self {
        let (flags, segments) = (BTreeSet::new(), BTreeSet::new());
        let mut collector = Collector { program, needs: Self::default(), flags, segments };
        collector.flag(flag);
        collector.needs
    }

    /// What a segment depends on.
    pub(crate) fn of_segment(program: &Program, segment: u16) -> Self {
        let (flags, segments) = (BTreeSet::new(), BTreeSet::new());
        let mut collector = Collector { program, needs: Self::default(), flags, segments };
        collector.segment(segment);
        collector.needs
    }
}

impl Collector<'_> {
    fn flag(&mut self, index: FlagIndex) {
        if !self.flags.insert(index.0) {
            return;
        }
        let program = self.program;
        let Some(flag) = program.flag(index).filter(|flag| flag.enabled) else { return };
        for rule in program.rules(&flag) {
            self.needs.sticky |= rule.is_sticky();
            self.conditions(&rule);
            match rule.action() {
                Action::Experiment(at) | Action::Ramp(at, _) | Action::Holdout(at) => {
                    if let Some(trial) = program.trial(&flag, at) {
                        self.unit(trial.unit.into());
                    }
                }
                Action::Need(other) => self.flag(other),
                Action::Serve(_) | Action::Off | Action::Unknown => {}
            }
        }
    }

    fn conditions(&mut self, rule: &Rule) {
        if let Some(condition) = read(self.program, rule.condition_span()) {
            self.condition(&condition);
        }
    }

    fn condition(&mut self, condition: &Condition) {
        match &condition.kind {
            Kind::All(parts) | Kind::Any(parts) => parts.iter().for_each(|part| self.condition(part)),
            Kind::Not(part) => self.condition(part),
            Kind::Segment(index) => self.segment(*index),
            Kind::Flag(flag, _) => self.flag(*flag),
            Kind::Share { unit, .. } => self.unit(*unit),
            Kind::Test { slot, .. } => self.attribute(*slot),
            Kind::List(slot, list) => {
                self.attribute(*slot);
                let list = self.program.list(*list);
                if let Some(list) = list.filter(|list| self.program.fingerprints(list).is_err()) {
                    self.needs.absent.insert(self.program.str(list.name).to_owned());
                }
            }
            Kind::Unknown(_) => {}
        }
    }

    fn segment(&mut self, index: u16) {
        if !self.segments.insert(index.into()) {
            return;
        }
        let segment = self.program.segment(index.into());
        if let Some(condition) = segment.and_then(|segment| read(self.program, segment.condition)) {
            self.condition(&condition);
        }
    }

    fn unit(&mut self, index: u16) {
        if let Some(unit) = self.program.unit(index) {
            self.attribute(unit.slot);
        }
    }

    fn attribute(&mut self, slot: Slot) {
        self.needs.attributes.insert(name(self.program, slot).to_owned());
    }
}
