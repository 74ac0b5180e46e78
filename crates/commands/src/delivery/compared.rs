//! What a release changes, read from the bytes of both snapshots: of the live one, and of the one that is to be signed.

use waft::Program;

use crate::diff;
use crate::exit::{Ended, Exit};
use crate::host::Host;
use waft_explain::decision;
use waft_explain::diff::{Diff, Effect};
use waft_ruleset::counted;

/// What a release changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Compared {
    /// Flags, trials and whatever they share, a line each.
    pub(super) changes: Vec<String>,
    /// What a population gets, a line each; none without one.
    pub(super) effect: Vec<String>,
    /// The same as data; `None` if nothing was live.
    pub(super) diff: Option<Diff>,
    /// How many flags may decide differently; `None` if nothing was live, so that nothing moves.
    pub(super) flags: Option<u64>,
    /// The share of the population that gets another value, from 0 to 1: of rows, or of the distinct units of which most do. Of a simulated
    /// share it is the upper end of its range. `None` without people.
    pub(super) moved: Option<f64>,
}

impl Compared {
    /// All lines, for people.
    pub(super) fn tell(&self, host: &dyn Host) {
        self.changes.iter().chain(&self.effect).for_each(|line| host.out(line));
    }
}

/// Compares what pages have with what comes next, at a moment (milliseconds since 1970), for the people of a CSV.
pub(super) fn compare(
    host: &dyn Host,
    live: Option<&Program>,
    next: &Program,
    population: Option<&str>,
    now: i64,
) -> Result<Compared, Ended> {
    let unread = |path: &str, error| Ended(Exit::Usage, format!("--population {path}: {error}"));
    let Some(live) = live else {
        // Nobody is counted, and a misspelt name would be noticed at the first change.
        if let Some(path) = population {
            host.read_at_most(path, 1).map_err(|error| unread(path, error))?;
        }
        let flags = decision::flags(next, None).len();
        return Ok(Compared {
            changes: vec![format!("nothing is live: the first release, of {}", counted(flags, "flag"))],
            ..Compared::default()
        });
    };
    let mut diff = waft_explain::diff::compare(live, next, now)?;
    let changes = diff.lines();
    if let Some(path) = population {
        // Once: what comes through a pipe is gone then.
        let bytes = host.read(path).map_err(|error| unread(path, error))?;
        diff::count(&mut diff, [live, next], (path, &bytes), host)?;
    }
    let effect = diff.population.as_mut().map_or_else(Vec::new, |effect| {
        // Records are kept for good, in git: nobody is named in them.
        effect.flags.iter_mut().flat_map(|flag| &mut flag.moves).for_each(|one| one.examples.clear());
        effect.lines()
    });
    let flags = u64::try_from(diff.flags.len()).ok();
    let moved = diff.population.as_ref().and_then(moved);
    Ok(Compared { changes, effect, flags, moved, diff: Some(diff) })
}

fn moved(effect: &Effect) -> Option<f64> {
    let rows = effect.moved.range.map_or(effect.moved.share, |[_, most]| most);
    let of_unit = |(unit, moved): (&String, &u64)| {
        let all = effect.units.get(unit).copied().unwrap_or(0).max(1);
        *moved as f64 / all as f64
    };
    (effect.rows > 0).then(|| effect.moved_units.iter().map(of_unit).fold(rows, f64::max))
}
