//! The one question that databases are asked: the sums of all trials, in a statement that only reads.
//!
//! `sums.sql` and `clocks.sql` are the same for all; what differs is where exposures and events come from (`rows.sql`,
//! `otel.sql`), and a few expressions ([`Words`]). What is asked about goes in front as constants.

use crate::trial::{Arm, DAY_MS, Of, Question, Role, Term, Terms, Trial};

const SUMS: &str = include_str!("sums.sql");
/// The tables of `waft serve`.
const ROWS: &str = include_str!("rows.sql");
/// The table of OpenTelemetry's exporter for ClickHouse.
const OTEL: &str = include_str!("otel.sql");
/// One row for each exposure of what is asked about. Not a table of its own: SQLite would write all of them down before the first
/// is counted.
const ROWS_EXPOSURE: &str = include_str!("rows_exposure.sql");
const OTEL_EXPOSURE: &str = include_str!("otel_exposure.sql");
/// What a kill keeps from counting. Only where there is one: exposures are read once more for it.
const APART: &str = include_str!("apart.sql");
/// Its lines in the answer.
const OF_KILLS: &str = " UNION ALL\n  SELECT a.trial, '', a.part, a.cell, a.units, 0 FROM apart a";
/// Results by what units were. Only where an experiment is broken down.
const BREAKDOWN: &str = include_str!("breakdown.sql");
/// Its lines in the answer.
const OF_VALUES: &str = " UNION ALL\n  SELECT s.experiment, s.phase, v.variant, v.metric, v.part, v.cell, v.units, v.nonzero, v.x, v.xx, v.y, v.yy, v.xy\n  \
                         FROM of_values v JOIN trials s ON s.trial = v.trial";
/// What is known of devices' clocks, by what was received from them.
const CLOCKS: &str = include_str!("clocks.sql");

/// How many days since the exposure are told apart.
const DAYS: i64 = 28;
/// How many of a list that anybody can make longer (versions, browsers, variants, trials) are told apart.
const MOST: usize = 100;
/// How many values of a breakdown are told apart.
const VALUES: usize = 50;
/// The oldest that a record may be when it arrives: a browser's storage can sleep that long, and no snapshot lives longer.
const OLDEST: i64 = 400 * DAY_MS;
/// By how much a copy that was received later may move a row into the past: a page that was offline is heard late.
const MOVED: i64 = 30 * DAY_MS;
/// What the earliest copy of an exposure says of its unit, where ClickHouse keeps all attributes of a record in one column.
const BREAKDOWN_OF_MET: &str = "argMin(toJSONString(mapFilter((name, told) -> startsWith(name, 'waft.breakdown.'), m.attributes)), (m.time, m.sequence))";
/// A value that sums can be made of: its square is a number, and not too small to be one.
const SANE: &str = "(t.value BETWEEN 1e-100 AND 1e100 OR t.value BETWEEN -1e100 AND -1e-100)";
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
pub fn sql(dialect: Dialect, set: &str, trials: &[Trial]) -> String {
    let rows = Rows::new(trials, &|text| dialect.text(text));
    rows.fill_in(&template(dialect.words(), &rows), &dialect.text(set))
}

/// The statement, but for what people have named.
pub(crate) fn template(words: &Words, rows: &Rows) -> String {
    let day = |of: &str| words.day.replace("{}", of);
    let (apart, of_kills) = if rows.stopped.is_empty() { ("", "") } else { (APART, OF_KILLS) };
    let is_broken = !rows.breaks.is_empty();
    let (breakdowns, of_values) = if is_broken { (BREAKDOWN, OF_VALUES) } else { ("", "") };
    let breakdown = |known: &'static str| if is_broken { known } else { "NULL" };
    SUMS
        .replace("{apart}", apart)
        .replace("{of_kills}", of_kills)
        .replace("{breakdowns}", breakdowns)
        .replace("{of_values}", of_values)
        .replace("{source}", words.source.trim_end())
        .replace("{exposure}", words.exposure.trim_end())
        .replace("{breakdown_of_x}", breakdown("x.breakdown"))
        .replace("{breakdown_of_c}", breakdown("c.breakdown"))
        .replace("{breakdown_of_met}", breakdown(BREAKDOWN_OF_MET))
        .replace("{told}", words.told)
        .replace("{values}", &VALUES.to_string())
        .replace("{runs}", CLOCKS.trim_end())
        .replace("{time_of_x}", &time("x", "first_received"))
        .replace("{moved_of_x}", &moved("x", "first_received"))
        .replace("{time_of_c}", &time("c", "received"))
        .replace("{elsewhere}", &format!(
            "(c.page_view <> x.page_view OR x.page_view IS NULL OR c.page_view IS NULL) AND c.time < x.time AND c.time > x.time - {MOVED}"
        ))
        .replace("{odd}", &format!(
            "x.first_received - x.sent_at NOT BETWEEN 0 AND 15000 OR x.first_received - x.time NOT BETWEEN 0 AND {OLDEST}"
        ))
        .replace("{oldest}", &OLDEST.to_string())
        .replace("{again}", words.again)
        .replace("{copy}", &words.copy())
        .replace("{kept}", words.kept)
        .replace("{join}", words.join)
        .replace("{lag}", words.lag)
        .replace("{sane}", SANE)
        .replace("{large:5}", &words.large(5))
        .replace("{large:4}", &words.large(4))
        .replace("{large:3}", &words.large(3))
        .replace("{large:2}", &words.large(2))
        .replace("{sorted}", words.sorted)
        .replace("{sorted_events}", words.sorted_events)
        .replace("{units}", words.units)
        .replace("{number_of_u}", words.number_of_u)
        .replace("{properties}", words.properties)
        .replace("{value}", words.value)
        .replace("{numbers}", &numbers())
        .replace("{days}", &DAYS.to_string())
        .replace("{most}", &MOST.to_string())
        .replace("{never}", &i64::from(u32::MAX).saturating_mul(1_000_000).to_string())
        .replace("{had}", &had(&rows.waits))
        .replace("{day_since}", &day("(e.time - u.entered)"))
        .replace("{day_passed}", &day("(t.as_of - u.entered)"))
        .replace("{day_entered}", &day("u.entered"))
        .replace("{end}", words.end)
}

/// By how much the clock of a record or of a copy of one is corrected: with its page view's, or by its own if that is ahead.
fn moved(of: &str, received: &str) -> String {
    format!(
        "COALESCE(s.moved, CASE WHEN {of}.sequence >= 0 AND {of}.page_view <> '' OR {of}.{received} >= {of}.sent_at OR {of}.sent_at IS NULL \
         THEN 0 ELSE {of}.{received} - {of}.sent_at END)"
    )
}

/// When it happened, by the collector's clock. What cannot be happened when it arrived.
fn time(of: &str, received: &str) -> String {
    let at = format!("{of}.time + {}", moved(of, received));
    format!("CASE WHEN {at} BETWEEN {of}.{received} - {OLDEST} AND {of}.{received} THEN {at} ELSE {of}.{received} END")
}

/// How many of some lengths of time have passed since a unit entered.
fn had(waits: &[i64]) -> String {
    let had: Vec<String> =
        waits.iter().map(|wait| format!("CASE WHEN u.entered + {wait} <= t.as_of THEN 1 ELSE 0 END")).collect();
    if had.is_empty() { "0".to_owned() } else { format!("({})", had.join(" + ")) }
}

/// Puts texts in the places of marks; what they bring with them is left alone.
pub(crate) fn fill(template: &str, texts: &[(&str, String)]) -> String {
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
pub(crate) struct Words {
    source: &'static str,
    exposure: &'static str,
    /// What makes a database compute a part once.
    pub(crate) kept: &'static str,
    /// A join whose left side is read row by row, where a database has to be told.
    join: &'static str,
    /// Rows that are none, and that a planner takes for many: SQLite thinks that groups are few, and would look through all of them
    /// for each row in place of making an index.
    large: &'static str,
    /// The value in the row before.
    lag: &'static str,
    /// What SQLite looks up one after the other is sorted first: neighbours are on one page then.
    sorted: &'static str,
    sorted_events: &'static str,
    /// The further copies of a row, as rows of `value`.
    again: &'static str,
    /// A number of a copy, by its name.
    of_copy: &'static str,
    /// The units of an event, as rows of `key` and `value`.
    units: &'static str,
    /// What tells units of a trial apart: a number, where rows have one.
    number_of_u: &'static str,
    /// An event's properties, as far as they can be read.
    properties: &'static str,
    /// The number that the event `h` has for the term `t`.
    value: &'static str,
    /// What a unit was by its entry `n`, for the breakdown `b`; empty where that is unknown.
    told: &'static str,
    /// Milliseconds as whole days.
    day: &'static str,
    end: &'static str,
}

const SQLITE: Words = Words {
    source: ROWS,
    exposure: ROWS_EXPOSURE,
    kept: "MATERIALIZED ",
    join: "CROSS JOIN",
    large: " UNION ALL SELECT {} FROM json_each('[]') a, json_each('[]') b, json_each('[]') c, json_each('[]') d",
    lag: "LAG",
    sorted: " ORDER BY page_view",
    sorted_events: " ORDER BY 3",
    again: "json_each(x.again)",
    of_copy: "CAST(j.value ->> '{}' AS INTEGER)",
    units: "json_each(e.units)",
    number_of_u: "u.unit",
    properties: "CASE WHEN json_valid(e.properties) THEN e.properties END",
    // By key, for a path cannot name a property with a quotation mark in all versions. The last of equal ones, as in JSONB.
    value: "CASE WHEN t.property = '' THEN COALESCE(h.value, 0.0) ELSE COALESCE((SELECT CASE WHEN p.type IN ('integer', 'real') \
                        THEN CAST(p.value AS REAL) END FROM json_each(h.properties) p WHERE p.key = t.property ORDER BY p.id DESC LIMIT 1), 0.0) END",
    told: "COALESCE(CASE WHEN json_valid(n.breakdown) THEN CAST(n.breakdown ->> ('$.\"' || b.name || '\"') AS TEXT) END, '')",
    day: "({} / 86400000)",
    end: "",
};

/// Where each part is a table: a planner takes one without statistics for large, and its rows have numbers.
pub(crate) const SQLITE_IN_STEPS: Words = Words { large: "", number_of_u: "u.rowid", ..SQLITE };

const POSTGRES: Words = Words {
    source: ROWS,
    exposure: ROWS_EXPOSURE,
    kept: "MATERIALIZED ",
    join: "JOIN",
    large: "",
    lag: "LAG",
    sorted: "",
    sorted_events: "",
    again: "LATERAL jsonb_array_elements(x.again::jsonb)",
    of_copy: "CAST(j.value ->> '{}' AS BIGINT)",
    units: "LATERAL jsonb_each_text(e.units::jsonb)",
    number_of_u: "u.unit",
    // jsonb cannot hold U+0000, half a surrogate pair, nor numbers of ten thousands of digits, and would end the query. Escaped
    // backslashes are no escapes, pairs are whole, and what is between quotation marks is no number.
    properties: r#"CASE WHEN (strpos(e.properties, '\u') = 0 OR regexp_replace(regexp_replace(e.properties, '\\\\', '', 'g'),
        '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g') !~ '\\u(0000|[dD][89a-fA-F])')
      AND (e.properties !~ '[eE][-+]?[0-9]{5}'
      OR regexp_replace(e.properties, '"([^"\\]|\\.)*"', '', 'g') !~ '[eE][-+]?[0-9]{5}') THEN e.properties END"#,
    value: "CASE WHEN t.property = '' THEN COALESCE(h.value, 0.0)
      WHEN jsonb_typeof(h.properties::jsonb -> t.property) = 'number'
        THEN CASE WHEN ABS((h.properties::jsonb ->> t.property)::numeric) BETWEEN 1e-100 AND 1e100
          THEN (h.properties::jsonb ->> t.property)::double precision ELSE 0.0 END
      ELSE 0.0 END",
    told: "COALESCE(n.breakdown::jsonb ->> b.name, '')",
    day: "({} / 86400000)",
    end: "",
};

const CLICKHOUSE: Words = Words {
    source: OTEL,
    exposure: OTEL_EXPOSURE,
    kept: "",
    join: "JOIN",
    large: "",
    lag: "lagInFrame",
    sorted: "",
    sorted_events: "",
    again: "",
    of_copy: "",
    units: "",
    number_of_u: "u.unit",
    properties: "",
    value:
        "CASE WHEN t.property = '' THEN h.value WHEN JSONType(h.properties, t.property) IN ('Int64', 'UInt64', 'Double')
      THEN JSONExtractFloat(h.properties, t.property) ELSE 0.0 END",
    told: "substringUTF8(COALESCE(JSONExtractString(n.breakdown, concat('waft.breakdown.', b.name)), ''), 1, 100)",
    day: "intDiv({}, 86400000)",
    end: "\nSETTINGS join_use_nulls = 1, max_execution_time = 600",
};

impl Words {
    fn large(&self, columns: usize) -> String {
        self.large.replace("{}", &vec!["NULL"; columns].join(", "))
    }

    /// The columns of a copy.
    fn copy(&self) -> String {
        let number = |name: &str| format!("{} AS {name}", self.of_copy.replace("{}", name));
        let numbers: Vec<String> = ["sequence", "time", "sent_at", "forwarded", "received"].map(number).into();
        format!("j.value ->> 'page_view' AS page_view, j.value ->> 'breakdown' AS breakdown, {}", numbers.join(", "))
    }
}

impl Dialect {
    const fn words(self) -> &'static Words {
        match self {
            Dialect::Sqlite => &SQLITE,
            Dialect::Postgres => &POSTGRES,
            Dialect::Clickhouse => &CLICKHOUSE,
        }
    }

    /// The further copies of a row `x`, as rows `j`.
    pub(crate) const fn copies(self) -> &'static str {
        self.words().again
    }

    /// A number of such a copy.
    pub(crate) fn of_copy(self, name: &str) -> String {
        self.words().of_copy.replace("{}", name)
    }

    /// A text as a constant. ClickHouse reads backslashes; the others do not.
    pub(crate) fn text(self, text: &str) -> String {
        let text = if self == Dialect::Clickhouse { text.replace('\\', "\\\\") } else { text.to_owned() };
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The rows of the tables of constants.
#[derive(Default)]
pub(crate) struct Rows {
    trials: Vec<String>,
    /// Trials of which a kill keeps something from counting.
    stopped: Vec<String>,
    /// What trials are broken down by.
    breaks: Vec<String>,
    arms: Vec<String>,
    metrics: Vec<String>,
    terms: Vec<String>,
    /// How long units are waited for, each once, the shortest first.
    waits: Vec<i64>,
}

impl Rows {
    pub(crate) fn new(trials: &[Trial], text: &impl Fn(&str) -> String) -> Self {
        let questions = trials.iter().flat_map(|trial| &trial.questions);
        let mut waits: Vec<i64> = questions.map(|question| question.terms.wait()).collect();
        waits.sort_unstable();
        waits.dedup();
        let mut rows = Self { waits, ..Self::default() };
        for trial in trials {
            rows.add(trial, text);
        }
        rows.fill();
        rows
    }

    /// Last and in one pass: names of people's making may look like any of these.
    pub(crate) fn fill_in(&self, template: &str, set: &str) -> String {
        fill(
            template,
            &[
                ("{trials}", self.trials.join(" UNION ALL\n")),
                ("{stopped}", self.stopped.join(" UNION ALL\n")),
                ("{breaks}", self.breaks.join(" UNION ALL\n")),
                ("{arms}", self.arms.join(" UNION ALL\n")),
                ("{metrics}", self.metrics.join(" UNION ALL\n")),
                ("{terms}", self.terms.join(" UNION ALL\n")),
                ("{set}", set.to_owned()),
            ],
        )
    }

    /// A trial and its metrics, each by a number from 1 on.
    fn add(&mut self, trial: &Trial, text: &impl Fn(&str) -> String) {
        let number = self.trials.len() + 1;
        // All that has ever happened is after 0.
        let opens = trial.opens.unwrap_or(0);
        self.trials.push(format!(
            "  SELECT {number} AS trial, {} AS experiment, {} AS phase, {} AS unit_kind, {} AS as_of, {opens} AS opens, {} AS ends",
            text(&trial.name),
            trial.phase,
            text(&trial.unit),
            trial.as_of,
            trial.ends()
        ));
        self.stopped.extend(trial.cut().map(|cut| {
            let (unit, ends, until) = (text(&trial.unit), trial.ends(), trial.until);
            format!("  SELECT {number} AS trial, {unit} AS unit_kind, {opens} AS opens, {ends} AS ends, {until} AS until, {cut} AS cut")
        }));
        for name in &trial.breakdowns {
            let breakdown = self.breaks.len() + 1;
            self.breaks.push(format!("  SELECT {breakdown} AS breakdown, {number} AS trial, {} AS name", text(name)));
        }
        for Arm { variant, .. } in &trial.arms {
            let arm = self.arms.len() + 1;
            self.arms.push(format!("  SELECT {arm} AS arm, {number} AS trial, {} AS variant", text(variant)));
        }
        let mut known: Vec<&str> = Vec::new();
        for question in &trial.questions {
            if known.contains(&question.metric.as_str()) {
                continue;
            }
            known.push(&question.metric);
            let is_broken = question.role == Role::Primary && !trial.breakdowns.is_empty();
            self.add_metric(number, question, is_broken, text);
        }
    }

    /// A metric of a trial, and its terms.
    fn add_metric(&mut self, number: usize, question: &Question, is_broken: bool, text: &impl Fn(&str) -> String) {
        let metric = self.metrics.len() + 1;
        let (wait, before) = (question.terms.wait(), question.terms.before());
        let daily = match &question.terms {
            Terms::One(term) if question.role == Role::Primary => {
                term.within.map_or(DAYS, |within| ((within + DAY_MS - 1) / DAY_MS).min(DAYS))
            }
            Terms::One(_) | Terms::Ratio(..) => 0,
        };
        let cap = |term: Option<&Term>| term.and_then(|term| term.cap).unwrap_or(UNCAPPED);
        let (x, y) = match &question.terms {
            Terms::One(term) => (term, Some(term).filter(|_| before > 0)),
            Terms::Ratio(over, under) => (over, Some(under)),
        };
        self.metrics.push(format!(
            "  SELECT {metric} AS metric, {number} AS trial, {} AS name, {} AS rung, {before} AS before, {daily} AS daily, \
             {} AS cap_of_x, {} AS cap_of_y, {} AS broken",
            text(&question.metric),
            self.waits.iter().filter(|shorter| **shorter <= wait).count(),
            cap(Some(x)),
            cap(y),
            u8::from(is_broken),
        ));
        let place = format!("  SELECT {metric} AS metric, {number} AS trial, {wait} AS wait");
        let mut add = |role: &str, term: &Term, later: bool, opens: i64, closes: Option<i64>| {
            self.terms.push(format!("{place}, {}", row(role, term, later, opens, closes, text)));
        };
        add("x", x, true, 0, x.within);
        if daily > 0 {
            add("d", x, true, 0, Some(daily * DAY_MS));
        }
        match y {
            Some(y) if before == 0 => add("y", y, true, 0, y.within),
            Some(y) => {
                add("y", y, false, -before, None);
                self.terms.push(format!(
                    "{place}, 'k' AS role, '' AS event, 'any' AS kind, '' AS property, 0 AS later, -{before} AS opens, 0 AS closes, \
                     0 AS bounded"
                ));
            }
            None => {}
        }
    }

    /// A table without rows has no columns: it gets one that nothing is joined to.
    fn fill(&mut self) {
        let fill = |rows: &mut Vec<String>, row: &str| {
            if rows.is_empty() {
                rows.push(format!("  SELECT {row}"));
            }
        };
        fill(
            &mut self.trials,
            "0 AS trial, '' AS experiment, 0 AS phase, '' AS unit_kind, 0 AS as_of, 0 AS opens, 0 AS ends",
        );
        fill(&mut self.arms, "0 AS arm, 0 AS trial, '' AS variant");
        fill(
            &mut self.metrics,
            "0 AS metric, 0 AS trial, '' AS name, 0 AS rung, 0 AS before, 0 AS daily, 0 AS cap_of_x, 0 AS cap_of_y, 0 AS broken",
        );
        fill(
            &mut self.terms,
            "0 AS metric, 0 AS trial, 0 AS wait, '' AS role, '' AS event, '' AS kind, '' AS property, 0 AS later, 0 AS opens, \
             0 AS closes, 0 AS bounded",
        );
    }
}

fn row(
    role: &str,
    term: &Term,
    later: bool,
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
        "'{role}' AS role, {} AS event, '{kind}' AS kind, {} AS property, {} AS later, {opens} AS opens, {} AS closes, {} AS bounded",
        text(&term.event),
        text(property),
        u8::from(later),
        closes.unwrap_or(0),
        u8::from(closes.is_some()),
    )
}

fn numbers() -> String {
    let days: Vec<String> = (0..DAYS).map(|number| format!(" UNION ALL SELECT {number}")).collect();
    format!("  SELECT -1 AS number{}", days.concat())
}
