//! Two programs, compared: what is written differently, which flags that can reach, what is running meanwhile, and what a population gets.
//!
//! - `reading` reads a program into each `thing` with parts in words, `flags` and `named` those of flags and trials, `form` conditions.
//! - `change` compares things, and says which flags a difference reaches: no other flag decides differently. `running` is what is measured.
//! - `effect` is what a population gets: `counting` decides for everybody, `tally` counts a flag, in `counts`.
//! - `text` and `told` tell all of it in lines.
//!
//! It is pure: two programs and a moment in, data out. Who opened the programs says where they came from, and who vouches for them.

mod change;
mod counting;
mod counts;
mod effect;
mod flags;
mod form;
mod named;
mod reading;
mod running;
mod tally;
mod text;
mod thing;
mod told;

use serde::Serialize;
use waft::Program;

pub use change::{Change, FlagChange, PartChange, SharedChange};
pub use counts::Counts;
pub use effect::{Effect, FlagEffect, Got, Move, MoveKind, PhaseEffect};
pub use running::{Rerandomised, TrialChange};
pub use thing::{Name, ThingKind};

use waft_ruleset::clock;

/// What differs between two programs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The moment for which both are told, in RFC 3339.
    pub at: String,
    /// Flags that are written differently, or that a difference reaches, by their keys.
    pub flags: Vec<FlagChange>,
    /// What else is written differently: segments, experiments and whatever flags have in common.
    pub shared: Vec<SharedChange>,
    /// What is running, and is changed meanwhile.
    pub running: Vec<TrialChange>,
    /// How many flags no difference reaches. They decide as before, for everybody.
    pub unchanged: usize,
    /// What is not looked at.
    pub assumptions: Vec<String>,
    /// What a population gets, once it is counted: see [`Diff::count`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population: Option<Effect>,
    /// [`Diff::at`], in milliseconds since 1970.
    #[serde(skip)]
    now: i64,
}

/// Compares two programs of one project at a moment (milliseconds since 1970). Fails if they are of two projects: every default salt has the
/// project in it, so nothing could be compared.
pub fn compare(before: &Program, after: &Program, now: i64) -> Result<Diff, String> {
    let [from, to] = [before, after].map(|program| String::from_utf8_lossy(program.snapshot().project()).into_owned());
    if from != to {
        return Err(format!(
            "one is of the project `{from}`, the other of `{to}`: every default salt has the project in it, so compare two of one project"
        ));
    }
    let things = [reading::all(before), reading::all(after)];
    let changed = change::all(&things);
    let flags = change::flags(&things, &changed);
    let shared = change::shared(&changed, &flags);
    let all = things[1].keys().chain(things[0].keys().filter(|name| !things[1].contains_key(name)));
    let all = all.filter(|name| name.kind == ThingKind::Flag).count();
    Ok(Diff {
        at: clock::text(now),
        running: running::all(before, after, &things, &changed, now),
        unchanged: all - flags.len(),
        assumptions: assumptions([before, after]),
        flags,
        shared,
        population: None,
        now,
    })
}

impl Diff {
    /// Whether both decide the same for everybody at all times, as far as that is written.
    pub fn is_empty(&self) -> bool {
        self.flags.is_empty() && self.shared.is_empty()
    }
}

/// What two programs alone do not tell.
fn assumptions(programs: [&Program; 2]) -> Vec<String> {
    let mut told = vec!["no flag is killed: the kill list is not looked at".to_owned()];
    let is_sticky = |program: &Program| {
        let flags = program.flags().filter_map(|index| program.flag(index));
        flags.into_iter().any(|flag| program.rules(&flag).any(|rule| rule.is_sticky()))
    };
    if programs.into_iter().any(is_sticky) {
        told.push(
            "nobody remembers a variant of a sticky experiment: whoever does keeps it within its phase".to_owned(),
        );
    }
    told.push("nobody has a preview token".to_owned());
    told
}
