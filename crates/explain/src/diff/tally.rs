//! The tally of one flag: from what to what, in rows and in distinct units.

use std::collections::{BTreeMap, BTreeSet};

use waft::program::FlagIndex;
use waft_ruleset::order::{self, ordered};

use super::change::FlagChange;
use super::counts::{Bits, Counts};
use super::effect::{FlagEffect, Got, Move, MoveKind};
use crate::population::{Decider, Outcome, Table};

/// How many units of a move are named.
const NAMED: usize = 3;

/// A population, with the units that its file has.
pub(super) struct Crowd<'d> {
    pub(super) table: &'d Table,
    /// Rows by units of each kind, and how many of these there are.
    pub(super) units: Vec<(String, (Vec<u32>, u32))>,
    /// The attribute of each kind of unit.
    pub(super) attributes: BTreeMap<String, String>,
    /// The first kind of unit that is declared and that the file has.
    pub(super) first: Option<String>,
}

impl Crowd<'_> {
    pub(super) fn units_of(&self, name: &str) -> Option<&(Vec<u32>, u32)> {
        self.units.iter().find(|(unit, _)| unit == name).map(|(_, units)| units)
    }
}

/// A flag of both programs.
pub(super) struct Job<'d> {
    pub(super) change: &'d FlagChange,
    pub(super) index: [Option<FlagIndex>; 2],
    /// What each program's decision may ask for.
    pub(super) asked: [Vec<String>; 2],
    pub(super) simulated: bool,
    /// What variants mean, with the code's own default behind them.
    pub(super) got: [Vec<Got>; 2],
}

/// The counts of a flag.
pub(super) struct Tally<'c> {
    crowd: &'c Crowd<'c>,
    job: &'c Job<'c>,
    /// The unit that is counted, if the file has it.
    unit: Option<&'c str>,
    units: Option<&'c (Vec<u32>, u32)>,
    /// How many rows by what they got and get, and whether something was unknown.
    cells: Vec<u64>,
    /// Units likewise, of those that moved.
    met: Vec<Option<Bits>>,
    /// Some rows of each move.
    named: Vec<Vec<usize>>,
    /// How many rows were decided.
    decided: u64,
}

impl<'c> Tally<'c> {
    pub(super) fn new(crowd: &'c Crowd<'c>, job: &'c Job<'c>) -> Self {
        // Of a flag that is not randomised, the first.
        let unit = job.change.unit.as_deref().or(crowd.first.as_deref());
        let units = unit.and_then(|unit| crowd.units_of(unit)).filter(|_| !job.simulated);
        let all = job.got.iter().map(|got| 2 * got.len()).product();
        let met = (0..all).map(|_| None).collect();
        Tally { crowd, job, unit, units, cells: vec![0; all], met, named: vec![Vec::new(); all], decided: 0 }
    }

    /// What a cell is of: variants, and whether something was unknown, before and after.
    fn cell(&self, cell: usize) -> ([usize; 2], [bool; 2]) {
        let width = 2 * self.job.got[1].len();
        let (old, new) = (cell / width, cell % width);
        ([old / 2, new / 2], [old % 2 == 1, new % 2 == 1])
    }

    fn kind(&self, cell: usize) -> Option<MoveKind> {
        let ([old, new], _) = self.cell(cell);
        let (old, new) = (self.job.got[0].get(old)?, self.job.got[1].get(new)?);
        match self.job.index {
            [None, _] => Some(MoveKind::Added),
            [_, None] => Some(MoveKind::Removed),
            _ if old == new => None,
            _ if old.value == new.value => Some(MoveKind::Variant),
            _ => Some(MoveKind::Value),
        }
    }

    /// Decides for everybody, and counts. Who gets another value is added to `moved`.
    pub(super) fn add(
        &mut self,
        deciders: &mut [Decider<'_>; 2],
        now: i64,
        outcomes: &mut [Vec<Outcome>; 2],
        mut moved: Option<&mut Bits>,
    ) {
        let rows = self.crowd.table.rows();
        for (side, (decider, outcomes)) in deciders.iter_mut().zip(outcomes.iter_mut()).enumerate() {
            match (self.job.index.get(side).copied().flatten(), self.job.asked.get(side)) {
                (Some(flag), Some(asked)) => decider.decide(flag, asked, now, outcomes),
                _ => {
                    outcomes.clear();
                    outcomes.resize(rows, Outcome::default());
                }
            }
        }
        let kinds: Vec<Option<MoveKind>> = (0..self.cells.len()).map(|cell| self.kind(cell)).collect();
        let told: Vec<bool> = (0..self.cells.len())
            .map(|cell| {
                let (_, [was, is]) = self.cell(cell);
                kinds.get(cell).copied().flatten().is_some() || was != is
            })
            .collect();
        let width = 2 * self.job.got[1].len();
        let place = |outcome: &Outcome| 2 * usize::from(outcome.variant) + usize::from(outcome.unknown);
        let [before, after] = &*outcomes;
        for (row, (old, new)) in before.iter().zip(after).enumerate() {
            let cell = place(old) * width + place(new);
            if let Some(count) = self.cells.get_mut(cell) {
                *count += 1;
            }
            if !told.get(cell).is_some_and(|told| *told) {
                continue;
            }
            self.meet(cell, row);
            if let Some(moved) = &mut moved
                && kinds.get(cell) == Some(&Some(MoveKind::Value))
            {
                moved.insert(row);
            }
        }
        self.decided += rows as u64;
    }

    /// Notes the unit of a row.
    fn meet(&mut self, cell: usize, row: usize) {
        let Some((of, count)) = self.units else { return };
        let unit = of.get(row).copied().unwrap_or(0);
        if unit > 0 {
            if let Some(met) = self.met.get_mut(cell) {
                met.get_or_insert_with(|| Bits::of(*count as usize)).insert(unit as usize);
            }
            if let Some(named) = self.named.get_mut(cell).filter(|named| named.len() < NAMED) {
                named.push(row);
            }
        }
    }

    /// Those of some cells together.
    fn counts(&self, wanted: impl Fn(usize) -> bool) -> Counts {
        let cells = || (0..self.cells.len()).filter(|cell| wanted(*cell));
        let rows = cells().filter_map(|cell| self.cells.get(cell)).sum();
        if self.job.simulated {
            return Counts::simulated(rows, self.decided, self.crowd.table.rows() as u64);
        }
        let units = self.units.map(|_| Bits::union(cells().filter_map(|cell| self.met.get(cell)?.as_ref())).count());
        Counts::exact(rows, units, self.decided)
    }

    pub(super) fn told(self) -> FlagEffect {
        let unknown = |was: bool| move |told: [bool; 2]| told == [!was, was];
        let of = |kind| self.counts(|cell| self.kind(cell) == Some(kind));
        let asked = self.job.asked.iter().flatten();
        // Made-up ids are there.
        let is_made_up = |name: &String| {
            let mut units = self.job.change.randomised.iter().filter_map(|unit| self.crowd.attributes.get(unit));
            self.job.simulated && units.any(|unit| unit == name)
        };
        let lacks = asked.filter(|name| !self.crowd.table.has(name) && !is_made_up(name));
        let lacks: BTreeSet<String> = ordered(lacks.cloned());
        FlagEffect {
            flag: self.job.change.flag.clone(),
            unit: self.unit.filter(|_| self.units.is_some() || self.job.simulated).map(str::to_owned),
            simulated: self.job.simulated,
            changed: of(MoveKind::Value),
            renamed: of(MoveKind::Variant),
            became_unknown: self.counts(|cell| unknown(true)(self.cell(cell).1)),
            became_known: self.counts(|cell| unknown(false)(self.cell(cell).1)),
            lacks: lacks.into_iter().collect(),
            moves: self.moves(),
        }
    }

    fn moves(&self) -> Vec<Move> {
        let is_move =
            |cell: &usize| self.kind(*cell).is_some() && self.cells.get(*cell).is_some_and(|count| *count > 0);
        let mut cells: Vec<usize> = (0..self.cells.len()).filter(is_move).collect();
        order::sort(&mut cells, |one, other| self.cell(*one).0.cmp(&self.cell(*other).0));
        let got = |side: usize, variant: usize| {
            self.job.got.get(side).and_then(|got| got.get(variant)).cloned().unwrap_or_default()
        };
        let told = cells.chunk_by(|one, other| self.cell(*one).0 == self.cell(*other).0).filter_map(|cells| {
            let first = *cells.first()?;
            let (kind, ([old, new], _)) = (self.kind(first)?, self.cell(first));
            let rows: BTreeSet<usize> =
                ordered(cells.iter().filter_map(|cell| self.named.get(*cell)).flatten().copied());
            let attribute = self.unit.and_then(|unit| self.crowd.attributes.get(unit));
            let name = |row: &usize| self.crowd.table.text(attribute?, *row).map(str::to_owned);
            let mut examples: Vec<String> = rows.iter().filter_map(name).collect();
            examples.dedup();
            examples.truncate(NAMED);
            let counts = self.counts(|cell| cells.contains(&cell));
            Some(Move { kind, before: got(0, old), after: got(1, new), counts, examples })
        });
        let mut moves: Vec<Move> = told.collect();
        order::sort(&mut moves, |one, other| other.counts.share.total_cmp(&one.counts.share));
        moves
    }
}
