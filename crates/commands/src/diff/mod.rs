//! `waft diff`: what differs between two rulesets, snapshots, or what is live and what comes next.

#[cfg(feature = "arguments")]
pub(crate) mod arguments;
mod side;

use std::collections::BTreeSet;

use serde::Serialize;
use waft::Program;

use crate::exit::{Exit, fail};
use crate::host::Host;
use crate::input;
use side::{Asked, Side, Told};
use waft_explain::diff::{Diff, compare};
use waft_explain::population::Table;
use waft_ruleset::suggestion;

/// How often progress is told, in milliseconds.
const PROGRESS: i64 = 1_000;

/// What to compare, and how to tell it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What there was: a ruleset, a snapshot, or a published folder or its URL.
    pub before: String,
    /// What comes next, likewise.
    pub after: String,
    /// The environment for which rulesets are compiled; that of the other side, or the only one, if absent.
    pub environment: Option<String>,
    /// The page's trust, which snapshots are verified against.
    pub trust: Option<String>,
    /// The CSV of a population that both are decided for.
    pub population: Option<String>,
    /// The moment for which both are decided, as RFC 3339; now if absent.
    pub now: Option<String>,
    /// Whether to print data in place of text.
    pub json: bool,
}

/// All that is printed as JSON: docs/diff.md.
#[derive(Serialize)]
struct Printed<'d> {
    before: &'d Told,
    after: &'d Told,
    #[serde(flatten)]
    diff: &'d Diff,
}

/// Prints what differs. It is no failure if something does.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    match tell(options, host) {
        Ok(()) => Exit::Done,
        Err(message) => fail(host, &message),
    }
}

fn tell(options: &Options, host: &dyn Host) -> Result<(), String> {
    let now = input::moment(host, "--now", options.now.as_deref())?;
    let asked = Asked { environment: options.environment.as_deref(), trust: options.trust.as_deref(), now };
    let [before, after] = Side::both([&options.before, &options.after], asked, host)?;
    let mut diff = compare(&before.program, &after.program, now)?;
    if let Some(path) = &options.population {
        count(&mut diff, [&before.program, &after.program], (path, &input::file(host, path)?), host)?;
    }
    if options.json {
        input::print(host, &Printed { before: &before.told, after: &after.told, diff: &diff });
    } else {
        host.out(&format!("before: {}", before.told));
        host.out(&format!("after: {}", after.told));
        diff.lines().iter().for_each(|line| host.out(line));
    }
    Ok(())
}

/// Decides for a population, from what its file has.
pub(crate) fn count(
    diff: &mut Diff,
    programs: [&Program; 2],
    (path, bytes): (&str, &[u8]),
    host: &dyn Host,
) -> Result<(), String> {
    let table = Table::read(bytes, &programs).map_err(|error| format!("{path}: {error}"))?;
    let mut last = host.now();
    let [before, after] = programs;
    diff.count(before, after, &table, &mut |done, all| {
        let now = host.now();
        if now.saturating_sub(last) >= PROGRESS && done < all {
            last = now;
            host.err(&format!("waft: decided {done} of {all} flags for {} rows", table.rows()));
        }
    });
    let simulated = diff.population.iter().flat_map(|effect| &effect.simulated);
    for unit in simulated {
        host.err(&format!(
            "waft: {path}: has no ids of {unit}: shares are simulated; add the column of its attribute to count people"
        ));
    }
    let (_, ignored) = table.columns();
    for name in ignored {
        let slots = programs.iter().flat_map(|program| {
            program.slots().filter_map(|slot| program.attribute(slot).map(|found| program.str(found.name)))
        });
        let remedy = suggestion(name, slots.collect::<BTreeSet<_>>().into_iter());
        host.err(&format!("waft: {path}: the column {name} is no attribute of either side, and is not read: {remedy}"));
    }
    Ok(())
}
