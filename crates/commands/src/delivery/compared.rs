//! What a release changes, read from the bytes of both snapshots: of the live one, and of the one that is to be signed.

use waft::Program;

use crate::diff;
use crate::host::Host;
use waft_explain::decision;
use waft_ruleset::counted;

/// What a release changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Compared {
    /// Flags, trials and whatever they share, a line each.
    pub(super) changes: Vec<String>,
    /// What a population gets, a line each; none without one.
    pub(super) effect: Vec<String>,
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
) -> Result<Compared, String> {
    let Some(live) = live else {
        let flags = decision::flags(next, None).len();
        return Ok(Compared {
            changes: vec![format!("nothing is live: the first release, of {}", counted(flags, "flag"))],
            effect: Vec::new(),
        });
    };
    let mut diff = waft_explain::diff::compare(live, next, now)?;
    let changes = diff.lines();
    if let Some(path) = population {
        diff::count(&mut diff, [live, next], path, host)?;
    }
    let effect = diff.population.as_mut().map_or_else(Vec::new, |effect| {
        // Records are kept for good, in git: nobody is named in them.
        effect.flags.iter_mut().flat_map(|flag| &mut flag.moves).for_each(|one| one.examples.clear());
        effect.lines()
    });
    Ok(Compared { changes, effect })
}
