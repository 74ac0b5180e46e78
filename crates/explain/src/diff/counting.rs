//! A population, counted: both programs decide flag by flag, with made-up ids where the file has none.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use waft::Program;
use waft::program::FlagIndex;
use waft::table::Section;
use waft_ruleset::order::{self, ordered};

use super::counts::{Bits, Counts};
use super::effect::{Effect, FlagEffect, Got, PhaseEffect};
use super::tally::{Crowd, Job, Tally};
use super::{Diff, FlagChange};
use crate::needs::Needs;
use crate::population::{Decider, Simulated, Table};
use crate::value::Value;

/// How many people are made up at least, where ids are.
const MADE_UP: usize = 20_000;
/// How often each row is made up at most.
const RUNS: usize = 100;

impl Diff {
    /// Decides the flags that a difference reaches for a population, by the two programs that were compared. `progress` is told how many of
    /// how many decisions of a flag are done.
    pub fn count(&mut self, before: &Program, after: &Program, table: &Table, progress: &mut dyn FnMut(usize, usize)) {
        let counting = Counting::new([before, after], table, &self.flags);
        self.population = Some(counting.run(self, progress));
    }
}

/// Two programs and a population.
struct Counting<'d> {
    programs: [&'d Program; 2],
    crowd: Crowd<'d>,
    jobs: Vec<Job<'d>>,
}

impl<'d> Counting<'d> {
    fn new(programs: [&'d Program; 2], table: &'d Table, flags: &'d [FlagChange]) -> Self {
        let (mut units, mut attributes) = (Vec::new(), BTreeMap::new());
        // The second program's, where both have one.
        for program in programs {
            for unit in (0..program.count(Section::Units) as u16).filter_map(|index| program.unit(index)) {
                let (name, attribute) = (program.str(unit.name), crate::condition::name(program, unit.slot));
                attributes.insert(name.to_owned(), attribute.to_owned());
                units.retain(|(known, _)| known != name);
                if table.has(attribute) {
                    units.push((name.to_owned(), table.units(program, unit.slot)));
                }
            }
        }
        order::sort(&mut units, |(one, _), (other, _)| one.cmp(other));
        let has = |name: &String| units.iter().any(|(known, _)| known == name);
        let job = |change: &'d FlagChange| {
            let index = programs.map(|program| program.find(change.flag.as_bytes()));
            let both = [(programs[0], index[0]), (programs[1], index[1])];
            Job {
                change,
                index,
                asked: both.map(|(program, index)| {
                    index.map_or_else(Vec::new, |index| Needs::of(program, index).attributes.into_iter().collect())
                }),
                simulated: change.randomised.iter().any(|unit| !has(unit)),
                got: both
                    .map(|(program, index)| index.map_or_else(|| vec![Got::default()], |index| got(program, index))),
            }
        };
        let jobs = flags.iter().map(job).collect();
        let declared = (0..programs[1].count(Section::Units) as u16).filter_map(|index| programs[1].unit(index));
        let first = declared.map(|unit| programs[1].str(unit.name).to_owned()).find(has);
        Counting { programs, jobs, crowd: Crowd { table, units, attributes, first } }
    }

    fn run(&self, diff: &Diff, progress: &mut dyn FnMut(usize, usize)) -> Effect {
        let rows = self.crowd.table.rows();
        let simulated = self.simulated();
        let runs = if simulated.is_empty() { 0 } else { MADE_UP.div_ceil(rows.max(1)).clamp(1, RUNS) };
        let made_up = self.jobs.iter().filter(|job| job.simulated).count();
        let (mut done, all) = (0, self.jobs.len() - made_up + runs * made_up);
        let mut step = || {
            done += 1;
            progress(done, all);
        };
        let mut moved = Bits::of(rows);
        let mut flags: Vec<Option<FlagEffect>> = vec![None; self.jobs.len()];
        let mut tell = |number: usize, tally: Tally<'_>| {
            if let Some(told) = flags.get_mut(number) {
                *told = Some(tally.told());
            }
        };
        let mut outcomes = Default::default();
        let mut deciders = self.deciders(&[], 0);
        // One after the other is told at once: what is known of units takes room.
        for (number, job) in self.jobs.iter().enumerate().filter(|(_, job)| !job.simulated) {
            let mut tally = Tally::new(&self.crowd, job);
            tally.add(&mut deciders, diff.now, &mut outcomes, Some(&mut moved));
            tell(number, tally);
            step();
        }
        let attributes: Vec<String> =
            simulated.iter().filter_map(|unit| self.crowd.attributes.get(unit)).cloned().collect();
        let jobs = self.jobs.iter().enumerate().filter(|(_, job)| job.simulated && runs > 0);
        let mut tallies: Vec<_> = jobs.map(|(number, job)| (number, Tally::new(&self.crowd, job))).collect();
        let mut met = 0;
        for seed in 0..runs as u64 {
            let (mut also, mut deciders) = (moved.clone(), self.deciders(&attributes, seed));
            for (_, tally) in &mut tallies {
                tally.add(&mut deciders, diff.now, &mut outcomes, Some(&mut also));
                step();
            }
            met += also.count();
        }
        tallies.into_iter().for_each(|(number, tally)| tell(number, tally));
        let (all, people) = (rows as u64, (rows * runs) as u64);
        let total = match runs {
            0 => Counts::exact(moved.count(), None, all),
            _ => Counts::simulated(met, people, all),
        };
        let (columns, ignored) = self.crowd.table.columns();
        Effect {
            rows: all,
            units: ordered(self.crowd.units.iter().map(|(unit, (_, count))| (unit.clone(), u64::from(*count)))),
            columns: columns.into_iter().map(str::to_owned).collect(),
            ignored: ignored.to_vec(),
            moved: total,
            moved_units: if runs == 0 { self.units_of(&moved) } else { BTreeMap::new() },
            flags: flags.into_iter().flatten().collect(),
            phases: self.phases(diff, runs, &attributes),
            simulated,
        }
    }

    /// Both programs, with ids that are made up for some attributes.
    fn deciders(&self, attributes: &[String], seed: u64) -> [Decider<'d>; 2] {
        self.programs.map(|program| Decider::new(program, self.crowd.table, Simulated { attributes, seed }))
    }

    /// The units that must be made up.
    fn simulated(&self) -> Vec<String> {
        let units = self.jobs.iter().flat_map(|job| &job.change.randomised);
        let units: BTreeSet<String> = ordered(units.filter(|unit| self.crowd.units_of(unit).is_none()).cloned());
        units.into_iter().collect()
    }

    /// Distinct units among some rows.
    fn units_of(&self, rows: &Bits) -> BTreeMap<String, u64> {
        let count = |(unit, (of, count)): &(String, (Vec<u32>, u32))| {
            let mut met = Bits::of(*count as usize);
            let known = of.iter().enumerate().filter(|(row, unit)| **unit > 0 && rows.has(*row));
            known.for_each(|(_, unit)| met.insert(*unit as usize));
            (unit.clone(), met.count())
        };
        ordered(self.crowd.units.iter().map(count))
    }

    /// What new phases do, each at its moment.
    fn phases(&self, diff: &Diff, runs: usize, attributes: &[String]) -> Vec<PhaseEffect> {
        let phases = diff.running.iter().filter_map(|trial| {
            let phase = trial.rerandomised.as_ref()?;
            let job = self.jobs.iter().find(|job| job.change.flag == trial.flag)?;
            let (mut tally, mut outcomes) = (Tally::new(&self.crowd, job), Default::default());
            for seed in 0..if job.simulated { runs as u64 } else { 1 } {
                let mut deciders = self.deciders(if job.simulated { attributes } else { &[] }, seed);
                tally.add(&mut deciders, phase.moment, &mut outcomes, None);
            }
            let (experiment, at) = (trial.name.name.clone(), phase.at.clone());
            Some(PhaseEffect { experiment, phase: phase.phase, at, switched: tally.told().changed })
        });
        phases.collect()
    }
}

/// A flag's variants, by index, and behind them what stands for none.
fn got(program: &Program, index: FlagIndex) -> Vec<Got> {
    let Some(flag) = program.flag(index) else { return vec![Got::default()] };
    let variants = (0..flag.variant_count).map(|variant| match program.variant(&flag, variant) {
        Some(variant) if !program.text(variant.key).is_empty() => Got {
            variant: Some(program.str(variant.key).to_owned()),
            value: Some(Value(serde_json::from_str(program.str(variant.value)).unwrap_or(Json::Null))),
        },
        Some(_) | None => Got::default(),
    });
    variants.chain([Got::default()]).collect()
}
