//! The two tables, as far as programs need to know them: names, kinds and order of columns. schema.sql says what each means.

use crate::serve::record::EARLIER_MS;

/// The kind of a column's values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Text,
    /// Text that is a JSON object, or an array of them.
    Json,
    Integer,
    /// Milliseconds since 1970.
    Time,
    Real,
}

/// How many copies of a row keep their times. Later ones are only counted.
pub(crate) const COPIES: i64 = 32;

/// A column.
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// NOT NULL.
    pub(crate) required: bool,
}

/// A table: one row per `id`, its first column.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
}

/// A value of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
}

const fn must(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: true }
}

const fn may(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false }
}

/// Units that met a randomised variant.
pub(crate) const EXPOSURES: Table = Table {
    name: "exposures",
    columns: &[
        must("id", Kind::Text),
        must("experiment", Kind::Text),
        must("phase", Kind::Integer),
        must("variant", Kind::Text),
        may("rule", Kind::Text),
        must("flag", Kind::Text),
        must("unit_kind", Kind::Text),
        must("unit", Kind::Text),
        must("units", Kind::Json),
        must("set_id", Kind::Text),
        may("snapshot_version", Kind::Integer),
        may("snapshot_digest", Kind::Text),
        may("point", Kind::Integer),
        may("browser", Kind::Text),
        may("page_view", Kind::Text),
        may("sequence", Kind::Integer),
        must("time", Kind::Time),
        may("sent_at", Kind::Time),
        must("forwarded", Kind::Integer),
        must("first_received", Kind::Time),
        must("last_received", Kind::Time),
        must("receipts", Kind::Integer),
        may("again", Kind::Json),
        must("verdict", Kind::Text),
        must("trusted", Kind::Integer),
    ],
};

/// What metrics count.
pub(crate) const EVENTS: Table = Table {
    name: "events",
    columns: &[
        must("id", Kind::Text),
        must("name", Kind::Text),
        may("value", Kind::Real),
        may("properties", Kind::Json),
        must("units", Kind::Json),
        may("set_id", Kind::Text),
        may("page_view", Kind::Text),
        may("sequence", Kind::Integer),
        must("time", Kind::Time),
        may("sent_at", Kind::Time),
        must("forwarded", Kind::Integer),
        must("first_received", Kind::Time),
        must("last_received", Kind::Time),
        must("receipts", Kind::Integer),
        may("again", Kind::Json),
        must("trusted", Kind::Integer),
    ],
};

impl Table {
    /// The names of the columns, separated by commas.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        names.join(", ")
    }

    /// The kinds of the columns.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.columns.iter().map(|column| column.kind).collect()
    }

    /// The statement that reads all rows.
    pub(crate) fn select(&self) -> String {
        format!("SELECT {} FROM {}", self.names(), self.name)
    }

    /// The statement that stores what `source` gives. A row that is already there stays as it was first received, and
    /// counts the copy, whose times it keeps, unless they are too early; a copy that stands better takes its place. In the words
    /// that SQLite and PostgreSQL share, but for the function that makes an object of names and values.
    pub(crate) fn upsert(&self, source: &str, object: &str) -> String {
        let table = self.name;
        let (own, new) = (self.standing(table), self.standing("excluded"));
        let kept = ["id", "again", "receipts", "last_received"];
        let columns = self.columns.iter().map(|column| column.name).filter(|name| !kept.contains(name));
        let columns: Vec<String> = columns
            .map(|name| format!("{name} = CASE WHEN {new} > {own} THEN excluded.{name} ELSE {table}.{name} END"))
            .collect();
        // See `Moment::is_too_early_for`.
        let waited = "excluded.first_received - COALESCE(excluded.sent_at - excluded.time, 0)";
        let earliest = format!("{table}.first_received - {EARLIER_MS}");
        format!(
            "INSERT INTO {table} ({names}) {source} ON CONFLICT (id) DO UPDATE SET
               {columns},
               receipts = {table}.receipts + excluded.receipts,
               again = CASE WHEN {new} > {own} THEN excluded.again
                 WHEN {new} < {own} OR {table}.receipts > {COPIES} OR {waited} < {earliest}
                   OR (excluded.sent_at IS NULL OR excluded.forwarded = 1) AND excluded.time < {earliest}
                   OR NOT (excluded.time < {table}.time OR excluded.again IS NOT NULL
                     OR COALESCE(excluded.page_view, '') = COALESCE({table}.page_view, '')) THEN {table}.again
                 ELSE COALESCE(substr({table}.again, 1, length({table}.again) - 1) || ',', '[')
                 || CAST({object}('page_view', excluded.page_view, 'sequence', excluded.sequence, 'time', excluded.time,
                   'sent_at', excluded.sent_at, 'forwarded', excluded.forwarded, 'received', excluded.first_received) AS TEXT)
                 || COALESCE(',' || substr(excluded.again, 2), ']') END,
               last_received = CASE WHEN excluded.last_received > {table}.last_received
                 THEN excluded.last_received ELSE {table}.last_received END",
            columns = columns.join(",\n               "),
            names = self.names(),
        )
    }

    /// How well a row stands, the better the higher: see `Exposure::standing`.
    fn standing(&self, of: &str) -> String {
        if self.columns.iter().any(|column| column.name == "verdict") {
            format!(
                "CASE WHEN {of}.verdict = 'contradicted' THEN 0 WHEN {of}.trusted = 1 THEN 3 \
                 WHEN {of}.verdict = 'checked' THEN 2 ELSE 1 END"
            )
        } else {
            format!("{of}.trusted")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What docs/exposures.md says of a table: name, type and whether it may be null.
    fn documented(table: &str) -> Vec<(String, String, bool)> {
        let text = include_str!("../../../../../docs/exposures.md");
        let section = text.split(&format!("### {table}\n")).nth(1).unwrap().split("\n#").next().unwrap();
        let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
        rows.map(|(name, rest)| {
            let words = rest.split_once(" |").unwrap().0;
            let required = words.strip_suffix(", may be null");
            (name.to_owned(), required.unwrap_or(words).to_owned(), required.is_none())
        })
        .collect()
    }

    #[test]
    fn document_has_every_column_and_no_other() {
        for table in [EXPOSURES, EVENTS] {
            let words = |kind| match kind {
                Kind::Text => "text",
                Kind::Json => "JSON as text",
                Kind::Integer | Kind::Time => "integer",
                Kind::Real => "number",
            };
            let column = |column: &Column| (column.name.to_owned(), words(column.kind).to_owned(), column.required);
            assert_eq!(documented(table.name), table.columns.iter().map(column).collect::<Vec<_>>(), "{}", table.name);
        }
    }
}
