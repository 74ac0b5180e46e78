//! The two tables, as far as programs need to know them: names and kinds of columns, in order, and what of a record is in each.
//! schema.sql says what each means.

use std::marker::PhantomData;

use Value::{Integer, Null, Real, Text};

use crate::serve::moment::{COPIES, EARLIER_MS, Moment};
use crate::serve::record::{Event, Exposure};

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

/// A value of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
}

/// A column of a table that keeps records of type `R`.
pub(crate) struct Column<R> {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// NOT NULL.
    pub(crate) required: bool,
    /// What a record has in it.
    pub(crate) of: fn(&R) -> Value<'_>,
}

/// A table: one row per `id`, its first column.
pub(crate) struct Table<R: 'static> {
    pub(crate) name: &'static str,
    /// In three parts: its own, those of the moment, and what was found out about the row.
    columns: [&'static [Column<R>]; 3],
}

const fn must<R>(name: &'static str, kind: Kind, of: fn(&R) -> Value<'_>) -> Column<R> {
    Column { name, kind, required: true, of }
}

const fn may<R>(name: &'static str, kind: Kind, of: fn(&R) -> Value<'_>) -> Column<R> {
    Column { name, kind, required: false, of }
}

fn text_or_null(text: &Option<String>) -> Value<'_> {
    text.as_deref().map_or(Null, Text)
}

fn integer_or_null(integer: Option<i64>) -> Value<'static> {
    integer.map_or(Null, Integer)
}

/// A record that has a moment, whose columns all tables share.
pub(crate) trait Dated: 'static {
    fn moment(&self) -> &Moment;
}

impl Dated for Exposure {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

impl Dated for Event {
    fn moment(&self) -> &Moment {
        &self.moment
    }
}

struct Columns<R>(PhantomData<R>);

impl<R: Dated> Columns<R> {
    const OF_MOMENT: &'static [Column<R>] = &[
        may("page_view", Kind::Text, |row| text_or_null(&row.moment().page_view)),
        may("sequence", Kind::Integer, |row| integer_or_null(row.moment().sequence)),
        must("time", Kind::Time, |row| Integer(row.moment().time)),
        may("sent_at", Kind::Time, |row| integer_or_null(row.moment().sent_at)),
        must("forwarded", Kind::Integer, |row| Integer(row.moment().forwarded.into())),
        must("first_received", Kind::Time, |row| Integer(row.moment().first_received)),
        must("last_received", Kind::Time, |row| Integer(row.moment().last_received)),
        must("receipts", Kind::Integer, |row| Integer(row.moment().receipts)),
        may("again", Kind::Json, |row| text_or_null(&row.moment().again)),
    ];
}

/// Units that met a randomised variant.
pub(crate) const EXPOSURES: Table<Exposure> = Table {
    name: "exposures",
    columns: [
        &[
            must("id", Kind::Text, |row| Text(&row.id)),
            must("experiment", Kind::Text, |row| Text(&row.experiment)),
            must("phase", Kind::Integer, |row| Integer(row.phase)),
            must("variant", Kind::Text, |row| Text(&row.variant)),
            may("rule", Kind::Text, |row| text_or_null(&row.rule)),
            must("flag", Kind::Text, |row| Text(&row.flag)),
            must("unit_kind", Kind::Text, |row| Text(&row.unit_kind)),
            must("unit", Kind::Text, |row| Text(&row.unit)),
            must("units", Kind::Json, |row| Text(&row.units)),
            must("set_id", Kind::Text, |row| Text(&row.set_id)),
            may("snapshot_version", Kind::Integer, |row| integer_or_null(row.snapshot_version)),
            may("snapshot_digest", Kind::Text, |row| text_or_null(&row.snapshot_digest)),
            may("point", Kind::Integer, |row| integer_or_null(row.point)),
            may("browser", Kind::Text, |row| text_or_null(&row.browser)),
            may("breakdown", Kind::Json, |row| text_or_null(&row.moment.breakdown)),
        ],
        Columns::OF_MOMENT,
        &[
            must("verdict", Kind::Text, |row| Text(row.verdict.name())),
            must("trusted", Kind::Integer, |row| Integer(row.trusted.into())),
        ],
    ],
};

/// What metrics count.
pub(crate) const EVENTS: Table<Event> = Table {
    name: "events",
    columns: [
        &[
            must("id", Kind::Text, |row| Text(&row.id)),
            must("name", Kind::Text, |row| Text(&row.name)),
            may("value", Kind::Real, |row| row.value.map_or(Null, Real)),
            may("properties", Kind::Json, |row| text_or_null(&row.properties)),
            must("units", Kind::Json, |row| Text(&row.units)),
            may("set_id", Kind::Text, |row| text_or_null(&row.set_id)),
        ],
        Columns::OF_MOMENT,
        &[must("trusted", Kind::Integer, |row| Integer(row.trusted.into()))],
    ],
};

impl<R> Table<R> {
    /// All columns, in order.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static Column<R>> + Clone + use<R> {
        self.columns.into_iter().flatten()
    }

    /// The names of the columns, separated by commas.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.columns().map(|column| column.name).collect();
        names.join(", ")
    }

    /// The kinds of the columns.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.columns().map(|column| column.kind).collect()
    }

    /// A record as a row.
    pub(crate) fn values<'a>(&self, record: &'a R) -> Vec<Value<'a>> {
        self.columns().map(|column| (column.of)(record)).collect()
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
        let columns = self.columns().map(|column| column.name).filter(|name| !kept.contains(name));
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
                 || CAST({copy} AS TEXT)
                 || COALESCE(',' || substr(excluded.again, 2), ']') END,
               last_received = CASE WHEN excluded.last_received > {table}.last_received
                 THEN excluded.last_received ELSE {table}.last_received END",
            columns = columns.join(",\n               "),
            copy = self.copy(object),
            names = self.names(),
        )
    }

    /// A copy as an object, as `Moment::copy` has it: what a unit was then is among it where that is known.
    fn copy(&self, object: &str) -> String {
        let times = "'page_view', excluded.page_view, 'sequence', excluded.sequence, 'time', excluded.time, \
            'sent_at', excluded.sent_at, 'forwarded', excluded.forwarded, 'received', excluded.first_received";
        if self.columns().any(|column| column.name == "breakdown") {
            format!(
                "CASE WHEN excluded.breakdown IS NULL THEN {object}({times}) \
                 ELSE {object}({times}, 'breakdown', excluded.breakdown) END"
            )
        } else {
            format!("{object}({times})")
        }
    }

    /// How well a row stands, the better the higher: see `Exposure::standing`.
    fn standing(&self, of: &str) -> String {
        if self.columns().any(|column| column.name == "verdict") {
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

    fn check<R>(table: &Table<R>) {
        let words = |kind| match kind {
            Kind::Text => "text",
            Kind::Json => "JSON as text",
            Kind::Integer | Kind::Time => "integer",
            Kind::Real => "number",
        };
        let column = |column: &Column<R>| (column.name.to_owned(), words(column.kind).to_owned(), column.required);
        assert_eq!(documented(table.name), table.columns().map(column).collect::<Vec<_>>(), "{}", table.name);
    }

    #[test]
    fn document_has_every_column_and_no_other() {
        check(&EXPOSURES);
        check(&EVENTS);
    }
}
