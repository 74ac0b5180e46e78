//! A trial of a flag, an experiment or a ramp: how far people come, whom it takes against what is planned, and how many come a day.

use serde::Serialize;
use waft::buckets::Bound;
use waft::program::{FlagIndex, Phase};
use waft::rule::{Action, Rule, Trial};
use waft::trial::{Running, running_at};
use waft::{Program, Session, Value, date};

use super::column::{Columns, Kept};
use super::decider::{Rows, Simulated};
use super::reach::Reach;
use super::table::Table;
use super::tree::{self, Outcome};

const DAY: f64 = 86_400_000.0;
/// What came lately is what is to come: so many whole days at most.
const LATELY: i32 = 28;
const NEVER: i32 = i32::MAX;

/// How far people come with a rule of a flag, at a moment: everybody is counted once.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct TrialCount {
    /// The phase that runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phase: Option<u32>,
    /// Whose flag is off, as a prerequisite is not met.
    pub off: f64,
    /// Who is held out.
    pub held: f64,
    /// For whom a target or an earlier rule decides.
    pub before: f64,
    /// Whom its condition does not admit.
    pub others: f64,
    /// Of whom that is not known.
    pub unknown: f64,
    /// Who comes to it at a moment at which it takes nobody.
    pub idle: f64,
    /// Who has no id to be randomised by.
    pub no_unit: f64,
    /// Who is in another part of its layer.
    pub outside: f64,
    /// Whom it has not reached: by coverage, or by the ramp's share.
    pub later: f64,
    /// Who is kept back to compare, and who gets what it serves.
    pub arms: Vec<ArmCount>,
    /// The share of those whom it admits that is planned to be taken.
    pub planned: f64,
    /// Whom it admits, by the day in a column of dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inflow: Option<DayCount>,
}

/// A variant of a trial.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ArmCount {
    /// Its key; empty for those who are kept back.
    pub variant: String,
    /// How many get it.
    pub people: f64,
    /// Its planned share of those who are taken.
    pub planned: f64,
}

/// Units by the day on which each came first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct DayCount {
    /// Units a day that could enter, of the last 28 whole days at most: with those whom a holdout keeps, as many as its share says. 0 if there is
    /// no whole day.
    pub per_day: f64,
    /// The first of those days.
    pub from: f64,
    /// How many there are.
    pub days: f64,
    /// The fewest on one of them.
    pub fewest: f64,
    /// The most.
    pub most: f64,
    /// How many of those whom it admits have no date, or one to come.
    pub undated: f64,
}

/// A trial, as it is at a moment.
struct Now<'p> {
    rule: Rule<'p>,
    trial: Trial,
    phase: Option<Phase>,
}

impl Table {
    /// How far people come with a rule of a flag that names a trial, at a moment (milliseconds since 1970); with an attribute that is a date,
    /// how many come a day, too. None if there is no such rule.
    pub fn trial(
        &self,
        program: &Program,
        [flag, rule]: [&str; 2],
        date: Option<&str>,
        now: i64,
        kept: Kept,
    ) -> (Option<TrialCount>, Kept) {
        let Some((index, place, found)) = find(program, flag, rule, now) else { return (None, kept) };
        let mut rows = Rows::new(program, self, Simulated { attributes: &[], seed: 0 });
        rows.ask_for_all();
        let mut columns = Columns::with(rows, kept);
        let outcomes = tree::reach(program, (index, place), now, &mut columns);
        let kept = columns.keep();
        let mut counted = self.counted(program, index, &found, &outcomes);
        counted.inflow = date.and_then(|date| self.inflow(program, index, &found, date, &outcomes, now));
        (Some(counted), kept)
    }

    fn counted(&self, program: &Program, index: FlagIndex, now: &Now<'_>, outcomes: &[Outcome]) -> TrialCount {
        let mut reached = [0.0; Reach::COUNT];
        let mut served = [0.0; 256];
        for Outcome { variant, reach, .. } in outcomes {
            if let Some(count) = reached.get_mut(*reach as usize) {
                *count += 1.0;
            }
            if let (Reach::Entered, Some(count)) = (reach, served.get_mut(usize::from(*variant))) {
                *count += 1.0;
            }
        }
        let of = |reach: Reach| reached.get(reach as usize).copied().unwrap_or_default();
        let of_variant = |variant: u8| served.get(usize::from(variant)).copied().unwrap_or_default();
        let flag = program.flag(index);
        let key = |variant| {
            let found = flag.as_ref().and_then(|flag| program.variant(flag, variant));
            found.map_or(String::new(), |variant| program.str(variant.key).to_owned())
        };
        let arm = |(variant, planned)| ArmCount { variant: key(variant), people: of_variant(variant), planned };
        let mut arms: Vec<ArmCount> = now.shares(program).into_iter().map(arm).collect();
        let coverage = now.coverage();
        if now.rule.is_monitored() {
            let control = coverage.min(1.0 - coverage);
            let both = coverage + control;
            let part = |share: f64| if both > 0.0 { share / both } else { 0.0 };
            arms.iter_mut().for_each(|arm| arm.planned = part(coverage));
            let people = of(Reach::Control);
            arms.insert(0, ArmCount { variant: String::new(), people, planned: part(control) });
        }
        let taken = if now.rule.is_monitored() { (2.0 * coverage).min(1.0) } else { coverage };
        TrialCount {
            phase: now.phase.as_ref().map(|phase| phase.id),
            off: of(Reach::Off),
            held: of(Reach::Held),
            before: of(Reach::Before),
            others: of(Reach::Others),
            unknown: of(Reach::Unknown),
            idle: of(Reach::Idle),
            no_unit: of(Reach::NoUnit),
            outside: of(Reach::Outside),
            later: of(Reach::Later),
            arms,
            planned: taken * now.reach(program),
            inflow: None,
        }
    }

    /// Units whom it admits, by their first day. None if the file has no such dates, or no such units.
    fn inflow(
        &self,
        program: &Program,
        index: FlagIndex,
        now: &Now<'_>,
        date: &str,
        outcomes: &[Outcome],
        moment: i64,
    ) -> Option<DayCount> {
        let of_row = self.days(program, date)?;
        let slot = program.unit(now.trial.unit.into())?.slot;
        let (units, count) = self.units(program, slot);
        if count == 0 {
            return None;
        }
        let today = (moment as f64 / DAY).floor() as i32;
        let (mut first, mut undated) = (vec![NEVER; count as usize + 1], 0.0);
        for ((unit, day), outcome) in units.iter().zip(of_row).zip(outcomes) {
            let is_admitted =
                *unit > 0 && matches!(outcome.reach, Reach::Outside | Reach::Later | Reach::Control | Reach::Entered);
            match first.get_mut(*unit as usize) {
                Some(first) if is_admitted && day <= today => *first = day.min(*first),
                Some(_) if is_admitted => undated += 1.0,
                _ => {}
            }
        }
        // On the first and the last day it may not have been all.
        let dated = || first.iter().copied().filter(|day| *day != NEVER);
        let (oldest, end) = (dated().min()?, dated().max()?);
        let from = (oldest + 1).max(end.saturating_sub(LATELY));
        let mut days = vec![0.0; usize::try_from(end - from).unwrap_or_default()];
        for day in dated() {
            if let Some(count) = usize::try_from(day - from).ok().and_then(|day| days.get_mut(day)) {
                *count += 1.0;
            }
        }
        let length = days.len() as f64;
        let mean = if days.is_empty() { 0.0 } else { days.iter().sum::<f64>() / length };
        Some(DayCount {
            per_day: mean / (1.0 - held(program, index, moment)),
            from: f64::from(from) * DAY,
            days: length,
            fewest: days.iter().copied().reduce(f64::min).unwrap_or_default(),
            most: days.iter().copied().fold(0.0, f64::max),
            undated,
        })
    }

    /// Row by row, the day in a column of dates, since 1970; [`NEVER`] where there is none.
    fn days(&self, program: &Program, attribute: &str) -> Option<impl Iterator<Item = i32>> {
        let (column, kind) = self.typed(program, attribute)?;
        let mut of_text = vec![NEVER];
        for number in 1..=column.texts.count() as u32 {
            let mut day = NEVER;
            column.cells.value(kind, column.texts.get(number), &mut |value| {
                let milli = match value {
                    Value::Number(milli) => Some(milli),
                    Value::String(text) => date::parse(text).map(|milli| milli as f64),
                    _ => None,
                };
                day = milli.map_or(NEVER, |milli| (milli / DAY).floor() as i32);
            });
            of_text.push(day);
        }
        Some(column.of.iter().map(move |text| of_text.get(*text as usize).copied().unwrap_or(NEVER)))
    }
}

/// A flag by its key, one of its rules by its id and index, and the rule's trial at a moment.
fn find<'p>(program: &'p Program, flag: &str, id: &str, now: i64) -> Option<(FlagIndex, u8, Now<'p>)> {
    let index = program.find(flag.as_bytes())?;
    let flag = program.flag(index)?;
    let (place, rule) =
        program.rules(&flag).enumerate().skip(flag.prelude.into()).find(|(_, rule)| program.str(rule.id) == id)?;
    let (Action::Experiment(at) | Action::Ramp(at, _)) = rule.action() else { return None };
    let trial = program.trial(&flag, at)?;
    let phase = running(program, &trial, now);
    Some((index, u8::try_from(place).ok()?, Now { rule, trial, phase }))
}

fn running(program: &Program, trial: &Trial, now: i64) -> Option<Phase> {
    match running_at(program, trial, &mut Session::new(program), now)? {
        Running::Phase(phase) => Some(phase),
        Running::Nothing => None,
    }
}

/// The share that a flag's holdout keeps at a moment.
fn held(program: &Program, flag: FlagIndex, now: i64) -> f64 {
    let Some(flag) = program.flag(flag) else { return 0.0 };
    let share = |rule: Rule<'_>| match rule.action() {
        Action::Holdout(at) => Some(fraction(running(program, &program.trial(&flag, at)?, now)?.coverage)),
        _ => None,
    };
    program.rules(&flag).take(flag.prelude.into()).find_map(share).unwrap_or_default()
}

fn fraction(bound: Bound) -> f64 {
    if bound == Bound::ALL { 1.0 } else { f64::from(bound.0) / 4_294_967_296.0 }
}

impl Now<'_> {
    fn coverage(&self) -> f64 {
        self.phase.as_ref().map_or(0.0, |phase| fraction(phase.coverage))
    }

    /// The share of units that its ranges in the layer let in.
    fn reach(&self, program: &Program) -> f64 {
        let Some(placement) = program.placement(&self.trial).filter(|placement| placement.layer().is_some()) else {
            return 1.0;
        };
        program.ranges(&placement).map(|range| fraction(range.to) - fraction(range.from)).sum()
    }

    /// The variants that it serves, each with its planned share of those who are taken.
    fn shares(&self, program: &Program) -> Vec<(u8, f64)> {
        match (self.rule.action(), &self.phase) {
            (Action::Ramp(_, variant), _) => vec![(variant, 1.0)],
            (_, Some(phase)) => {
                let mut before = 0.0;
                let split = program.split(phase.split);
                let arms = split.iter().flat_map(|split| program.arms(split)).flatten();
                arms.map(|arm| {
                    let bound = fraction(arm.bound);
                    (arm.variant, bound - std::mem::replace(&mut before, bound))
                })
                .collect()
            }
            (_, None) => Vec::new(),
        }
    }
}
