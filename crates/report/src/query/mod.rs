//! The one question that databases are asked: the sums of all studies, in a statement that only reads.
//!
//! `sums.sql` is the same for all; what differs is where exposures and events come from (`rows.sql`, `otel.sql`), and a few
//! expressions ([`Words`]). What is asked about goes in front as constants.

use crate::study::{DAY_MS, Of, Role, Study, Term, Terms};

const SUMS: &str = include_str!("sums.sql");
/// The tables of `waft serve`.
const ROWS: &str = include_str!("rows.sql");
/// The table of OpenTelemetry's exporter for ClickHouse.
const OTEL: &str = include_str!("otel.sql");

/// How many days since the exposure are told apart.
const DAYS: i64 = 28;
/// A unit's number of what happened to it. A value so large that its square is none would be the end of every sum.
const AMOUNT: &str = "CASE WHEN h.kind = 'whether' THEN 1.0
      ELSE SUM(CASE WHEN h.kind = 'count' THEN 1.0 WHEN h.value BETWEEN -1e100 AND 1e100 THEN h.value ELSE 0.0 END) END";
/// Nothing is cut off.
const UNCAPPED: u32 = 1_000_000;

/// A database's language, with the tables that are expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite 3.38 or later, with the tables of `waft serve`.
    Sqlite,
    /// PostgreSQL 12 or later, with the tables of `waft serve`.
    Postgres,
    /// ClickHouse 24.8 or later, with the table `otel_logs` that OpenTelemetry's exporter makes.
    Clickhouse,
}

/// The statement, for one `project/environment`. Its rows are [`crate::Sum`]s.
pub fn sql(dialect: Dialect, set: &str, studies: &[Study]) -> String {
    let text = |text: &str| dialect.text(text);
    let mut rows = Rows::default();
    for study in studies {
        rows.add(study, &text);
    }
    rows.fill();
    let Words { source, kept, units, properties, value, day, end } = dialect.words();
    let day = |of: &str| day.replace("{}", of);
    let query = SUMS
        .replace("{source}", source.trim_end())
        .replace("{kept}", kept)
        .replace("{units}", units)
        .replace("{properties}", properties)
        .replace("{amount}", AMOUNT)
        .replace("{value}", value)
        .replace("{days}", &days())
        .replace("{day_since}", &day("(e.time - u.entered)"))
        .replace("{day_passed}", &day("(u.as_of - u.entered)"))
        .replace("{day_entered}", &day("entered"))
        .replace("{end}", end);
    // Last and in one pass: names of people's making may look like any of these.
    fill(
        &query,
        &[
            ("{studies}", rows.studies.join(" UNION ALL\n")),
            ("{metrics}", rows.metrics.join(" UNION ALL\n")),
            ("{terms}", rows.terms.join(" UNION ALL\n")),
            ("{set}", text(set)),
        ],
    )
}

/// Puts texts in the places of marks; what they bring with them is left alone.
fn fill(template: &str, texts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, here) = rest.split_at(at);
        filled.push_str(before);
        rest = match texts.iter().find_map(|(mark, text)| Some((here.strip_prefix(mark)?, text))) {
            Some((after, text)) => {
                filled.push_str(text);
                after
            }
            None => {
                filled.push('{');
                here.get(1..).unwrap_or_default()
            }
        };
    }
    filled + rest
}

/// What differs.
struct Words {
    source: &'static str,
    /// What makes a database compute a part once. Without it SQLite reads each event's units anew for each pair of a unit and
    /// an event: 8 s in place of 0.1 for 3,000 units.
    kept: &'static str,
    /// The units of an event, as rows of `key` and `value`.
    units: &'static str,
    /// An event's properties, as far as they can be read.
    properties: &'static str,
    /// The number that the event `e` has for the term `t`.
    value: &'static str,
    /// Milliseconds as whole days.
    day: &'static str,
    end: &'static str,
}

impl Dialect {
    fn words(self) -> Words {
        match self {
            Dialect::Sqlite => Words {
                source: ROWS,
                kept: "MATERIALIZED ",
                units: "json_each(e.units)",
                properties: "e.properties",
                // By key, for a path cannot name a property with a quotation mark in all versions.
                value: "CASE WHEN t.property = '' THEN COALESCE(e.value, 0.0) ELSE COALESCE((SELECT CAST(p.value AS REAL) FROM json_each(e.properties) p
      WHERE p.key = t.property AND p.type IN ('integer', 'real')), 0.0) END",
                day: "({} / 86400000)",
                end: "",
            },
            Dialect::Postgres => Words {
                source: ROWS,
                kept: "MATERIALIZED ",
                units: "LATERAL jsonb_each_text(e.units::jsonb)",
                // jsonb cannot hold U+0000, and would end the query.
                properties: "CASE WHEN strpos(e.properties, '\\u0000') = 0 THEN e.properties END",
                value: "CASE WHEN t.property = '' THEN COALESCE(e.value, 0.0)
      WHEN jsonb_typeof(e.properties::jsonb -> t.property) = 'number'
        THEN (e.properties::jsonb ->> t.property)::double precision ELSE 0.0 END",
                day: "({} / 86400000)",
                end: "",
            },
            Dialect::Clickhouse => Words {
                source: OTEL,
                kept: "",
                units: "",
                properties: "",
                value: "CASE WHEN t.property = '' THEN e.value WHEN JSONType(e.properties, t.property) IN ('Int64', 'UInt64', 'Double')
      THEN JSONExtractFloat(e.properties, t.property) ELSE 0.0 END",
                day: "intDiv({}, 86400000)",
                end: "\nSETTINGS join_use_nulls = 1",
            },
        }
    }

    /// A text as a constant. ClickHouse reads backslashes; the others do not.
    fn text(self, text: &str) -> String {
        let text = if self == Dialect::Clickhouse { text.replace('\\', "\\\\") } else { text.to_owned() };
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The rows of the three tables of constants.
#[derive(Default)]
struct Rows {
    studies: Vec<String>,
    metrics: Vec<String>,
    terms: Vec<String>,
}

impl Rows {
    /// A study and its metrics, each by a number from 1 on.
    fn add(&mut self, study: &Study, text: &impl Fn(&str) -> String) {
        let number = self.studies.len() + 1;
        self.studies.push(format!(
            "  SELECT {number} AS study, {} AS experiment, {} AS phase, {} AS unit_kind, {} AS as_of, {} AS ends",
            text(&study.name),
            study.phase,
            text(&study.unit),
            study.as_of,
            study.ends()
        ));
        let mut known: Vec<&str> = Vec::new();
        for question in &study.questions {
            if known.contains(&question.metric.as_str()) {
                continue;
            }
            known.push(&question.metric);
            let metric = self.metrics.len() + 1;
            let (wait, before) = (question.terms.wait(), question.terms.before());
            let daily = match &question.terms {
                Terms::One(term) if question.role == Role::Primary => {
                    term.within.map_or(DAYS, |within| ((within + DAY_MS - 1) / DAY_MS).min(DAYS))
                }
                Terms::One(_) | Terms::Ratio(..) => 0,
            };
            self.metrics.push(format!(
                "  SELECT {metric} AS metric, {number} AS study, {} AS name, {wait} AS wait, {before} AS before, {daily} AS daily, {} AS horizon",
                text(&question.metric),
                daily * DAY_MS
            ));
            let mut add = |role: &str, term: &Term, opens: i64, closes: Option<i64>| {
                self.terms.push(row(metric, role, term, opens, closes, text));
            };
            match &question.terms {
                Terms::One(term) => {
                    add("x", term, 0, term.within);
                    if before > 0 {
                        add("y", term, -before, Some(0));
                    }
                }
                Terms::Ratio(over, under) => {
                    add("x", over, 0, over.within);
                    add("y", under, 0, under.within);
                }
            }
        }
    }

    /// A table without rows has no columns: it gets one that nothing is joined to.
    fn fill(&mut self) {
        if self.studies.is_empty() {
            self.studies.push(
                "  SELECT 0 AS study, '' AS experiment, 0 AS phase, '' AS unit_kind, 0 AS as_of, 0 AS ends".to_owned(),
            );
        }
        if self.metrics.is_empty() {
            self.metrics.push(
                "  SELECT 0 AS metric, 0 AS study, '' AS name, 0 AS wait, 0 AS before, 0 AS daily, 0 AS horizon"
                    .to_owned(),
            );
            self.terms.push(
                "  SELECT 0 AS metric, '' AS role, '' AS event, '' AS kind, '' AS property, 0 AS opens, 0 AS closes, \
                 0 AS bounded, 0 AS cap"
                    .to_owned(),
            );
        }
    }
}

fn row(
    metric: usize,
    role: &str,
    term: &Term,
    opens: i64,
    closes: Option<i64>,
    text: &impl Fn(&str) -> String,
) -> String {
    let (kind, property) = match &term.of {
        Of::Whether => ("whether", ""),
        Of::Count => ("count", ""),
        Of::Value => ("value", ""),
        Of::Property(property) => ("value", property.as_str()),
    };
    format!(
        "  SELECT {metric} AS metric, '{role}' AS role, {} AS event, '{kind}' AS kind, {} AS property, {opens} AS opens, \
         {} AS closes, {} AS bounded, {} AS cap",
        text(&term.event),
        text(property),
        closes.unwrap_or(0),
        u8::from(closes.is_some()),
        term.cap.unwrap_or(UNCAPPED),
    )
}

fn days() -> String {
    let day = |number: i64| if number == 0 { "0 AS number".to_owned() } else { number.to_string() };
    let days: Vec<String> = (0..DAYS).map(|number| format!("SELECT {}", day(number))).collect();
    format!("  {}", days.join(" UNION ALL "))
}
