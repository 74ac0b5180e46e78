//! Stored exposures, compared with the rules that `waft serve` starts with: some came before these, or before coverage was raised.

use super::checks::Checks;
use super::record::{Told, Verdict};
use super::store::{Database, Deadline, Kind, Store, Value};
use crate::host::tell;

/// How many rows are marked at once.
const AT_ONCE: usize = 4_096;

/// What is read of each row. What was checked once remains so.
const QUERY: &str =
    "SELECT id, experiment, phase, variant, unit_kind, unit, set_id, snapshot_version, snapshot_digest, point,
    verdict FROM exposures WHERE verdict <> 'checked'";
const KINDS: [Kind; 11] = {
    use Kind::{Integer, Text};
    [Text, Text, Integer, Text, Text, Text, Text, Integer, Text, Integer, Text]
};

/// Compares them, and marks those of which something else is to be said now.
pub(crate) fn run(
    database: &Database,
    store: &mut dyn Store,
    checks: &Checks,
    deadline: &Deadline,
) -> Result<(), String> {
    let mut changed = Changed::default();
    database.read(deadline)?.rows(QUERY, &KINDS, &mut |row| {
        let Some((id, told, before)) = read(row) else { return Ok(()) };
        let verdict = checks.verdict(&told);
        if verdict.name() == before { Ok(()) } else { changed.add(id, verdict, store) }
    })?;
    changed.store(store)?;
    if changed.checked > 0 || changed.contradicted > 0 {
        let Changed { checked, contradicted, .. } = changed;
        tell(&format!("stored exposures compared again: {checked} now checked, {contradicted} now contradicted"));
    }
    Ok(())
}

/// What is to be marked, and how many were.
#[derive(Default)]
struct Changed {
    rows: Vec<(String, Verdict)>,
    checked: usize,
    contradicted: usize,
}

impl Changed {
    fn add(&mut self, id: &str, verdict: Verdict, store: &mut dyn Store) -> Result<(), String> {
        self.rows.push((id.to_owned(), verdict));
        if self.rows.len() < AT_ONCE { Ok(()) } else { self.store(store) }
    }

    fn store(&mut self, store: &mut dyn Store) -> Result<(), String> {
        for verdict in [Verdict::Checked, Verdict::Unchecked, Verdict::Contradicted] {
            let ids: Vec<&str> =
                self.rows.iter().filter(|(_, own)| *own == verdict).map(|(id, _)| id.as_str()).collect();
            if ids.is_empty() {
                continue;
            }
            store.mark(&ids, verdict.name())?;
            match verdict {
                Verdict::Checked => self.checked = self.checked.saturating_add(ids.len()),
                Verdict::Contradicted => self.contradicted = self.contradicted.saturating_add(ids.len()),
                Verdict::Unchecked => {}
            }
        }
        self.rows.clear();
        Ok(())
    }
}

/// A row: its id, what it tells, and its verdict so far.
fn read<'a>(row: &[Value<'a>]) -> Option<(&'a str, Told<'a>, &'a str)> {
    let text = |at: usize| if let Some(Value::Text(text)) = row.get(at) { Some(*text) } else { None };
    let integer = |at: usize| if let Some(Value::Integer(integer)) = row.get(at) { Some(*integer) } else { None };
    let told = Told {
        experiment: text(1)?,
        phase: integer(2)?,
        variant: text(3)?,
        unit_kind: text(4)?,
        unit: text(5)?,
        set: text(6)?,
        snapshot_version: integer(7),
        snapshot_digest: text(8),
        point: integer(9),
    };
    Some((text(0)?, told, text(10)?))
}
