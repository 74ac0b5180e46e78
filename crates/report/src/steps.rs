//! The same question in steps, for our own SQLite: what a statement would compute once becomes a table of the connection.
//!
//! SQLite keeps 2 MB of each table that it makes within a statement in memory, whatever `cache_size` says; of a temporary one, as much as
//! is told. And such a table has a key, and rows that have a number.

use crate::query::{Dialect, Rows, SQLITE_IN_STEPS, template};
use crate::trial::Trial;

/// Statements that make temporary tables, and the query that reads them, [`crate::sql`] of which it is the rest. All are to be run as of
/// one moment.
pub struct Steps {
    /// In their order.
    pub tables: Vec<String>,
    /// Its rows are [`crate::Sum`]s.
    pub query: String,
}

/// The columns of what is looked up, with a key. What comes in its order is only added at the end.
const KEYED: [(&str, &str); 7] = [
    ("odd", "page_view TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID"),
    (
        "shift",
        "page_view TEXT, forwarded INTEGER, first INTEGER, last INTEGER, moved INTEGER, PRIMARY KEY (page_view, forwarded, first)) WITHOUT ROWID",
    ),
    ("earlier", "id TEXT NOT NULL PRIMARY KEY, time INTEGER) WITHOUT ROWID"),
    ("outdating", "version INTEGER PRIMARY KEY, since INTEGER)"),
    (
        "amount",
        "metric INTEGER, unit INTEGER, day INTEGER, arm INTEGER, known INTEGER, x REAL, y REAL, PRIMARY KEY (metric, unit, day)) WITHOUT ROWID",
    ),
    ("entry", "trial INTEGER, unit TEXT, breakdown TEXT, PRIMARY KEY (trial, unit)) WITHOUT ROWID"),
    ("label", "breakdown INTEGER, value TEXT, cell TEXT, units INTEGER, PRIMARY KEY (breakdown, value)) WITHOUT ROWID"),
];
/// What is looked up by what is in many rows.
const INDEXED: [(&str, &str); 1] = [("event", "unit, unit_kind")];

/// The statements, for one `project/environment`.
pub fn steps(set: &str, trials: &[Trial]) -> Steps {
    let rows = Rows::new(trials, &|text| Dialect::Sqlite.text(text));
    let template = template(&SQLITE_IN_STEPS, &rows);
    let (parts, query) = parts(&template);
    let mut tables = Vec::new();
    let mut before = Vec::new();
    let with =
        |before: &[String]| if before.is_empty() { String::new() } else { format!("WITH {}\n", before.join(",\n")) };
    for Part { name, is_kept, body } in parts {
        if !is_kept {
            before.push(format!("{name} AS (\n{body}\n)"));
            continue;
        }
        let body = with(&before) + body;
        let keyed = KEYED.iter().find(|(keyed, _)| *keyed == name);
        tables.push(keyed.map_or_else(
            || format!("CREATE TEMP TABLE {name} AS\n{body}"),
            |(_, columns)| format!("CREATE TEMP TABLE {name} ({columns};\nINSERT INTO {name}\n{body}"),
        ));
        let indexed = INDEXED.iter().filter(|(indexed, _)| *indexed == name);
        tables.extend(indexed.map(|(_, columns)| format!("CREATE INDEX temp.{name}_by ON {name} ({columns})")));
    }
    let fill = |text: String| rows.fill_in(&text, &Dialect::Sqlite.text(set));
    Steps { tables: tables.into_iter().map(fill).collect(), query: fill(with(&before) + query) }
}

/// A part of the statement's `WITH`.
struct Part<'a> {
    name: &'a str,
    /// Whether it is computed once.
    is_kept: bool,
    body: &'a str,
}

/// The parts of a statement's `WITH`, and what is behind it. Each begins with a line `NAME AS (` and ends with one of `),` or `)`.
fn parts(template: &str) -> (Vec<Part<'_>>, &str) {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((line, after)) = rest.split_once('\n') {
        let Some((name, how)) = line.strip_suffix('(').and_then(|head| head.split_once(" AS ")) else {
            rest = after;
            continue;
        };
        let Some((body, behind)) = after.split_once("\n)") else { break };
        parts.push(Part { name, is_kept: how == SQLITE_IN_STEPS.kept, body });
        match behind.strip_prefix(",\n") {
            Some(behind) => rest = behind,
            None => return (parts, behind),
        }
    }
    (parts, rest)
}
