//! `waft report`: what came of experiments, holdouts and monitored ramps.
//!
//!     ruleset --trials--> what is compared --sql--> --db, or --print-sql
//!                                           <--sums-- --db, or --stats      --report--> text, JSON, a page

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueEnum};
use waft_commands::arguments::Source;
use waft_commands::host::{Host, Stream};
use waft_commands::moment;
use waft_report::{Dialect, Found, Part, Report, Sum, Trial};
use waft_ruleset::{clock, escape};

use crate::serve::{Database, Deadline, Subject, sums};

/// The arguments of `waft report`.
#[derive(Args)]
#[command(group = ArgGroup::new("from").required(true))]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) source: Source,

    /// The environment whose exposures are read
    #[arg(long)]
    environment: String,

    /// The folder or bucket of the history of releases: kills end experiments [default: releases, if it exists]
    #[arg(long, value_name = "DIR|BUCKET", value_parser = NonEmptyStringValueParser::new())]
    records: Option<String>,

    /// The page's trust: verify who signed the kills of the history
    #[arg(long, value_name = "TRUST.json")]
    trust: Option<String>,

    /// The trust documents that follow it, where the history has no record of them
    #[arg(long, value_name = "TRUST.waft", num_args = 1.., requires = "trust")]
    trust_documents: Vec<String>,

    /// The database of `waft serve`: a SQLite file, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "FILE|URL", group = "from")]
    db: Option<PathBuf>,

    /// A table of sums, as the query of --print-sql returns it: CSV, or one JSON object per line; `-` is stdin
    #[arg(long, value_name = "FILE", group = "from")]
    stats: Option<String>,

    /// Print the query that returns the table for --stats, and exit
    #[arg(long, value_enum, value_name = "DATABASE", group = "from")]
    print_sql: Option<Printed>,

    /// Report only this experiment, holdout or ramp (`flag/rule`); may be repeated
    #[arg(long = "study", value_name = "NAME")]
    trials: Vec<String>,

    /// The time up to which exposures and events count, in RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,

    /// The format of the report
    #[arg(long, value_enum, default_value = "text")]
    format: Format,

    /// The file to write the report to [default: stdout]
    #[arg(long, value_name = "FILE")]
    out: Option<String>,

    /// Exit with a code of its own if one of these is found, and say so on stderr; the first in the list counts
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',', conflicts_with = "print_sql")]
    fail_on: Vec<FailOn>,

    /// How long the database may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..))]
    deadline: u32,
}

/// What a report may be stopped at. The number is the exit code.
#[derive(Clone, Copy, ValueEnum)]
enum FailOn {
    /// Exit code 10: a sample ratio mismatch (SRM)
    Srm = 10,
    /// Exit code 11: more than 1 % of units saw more than one variant
    Crossed = 11,
    /// Exit code 12: a guardrail metric is harmed
    Harmed = 12,
    /// Exit code 13: a primary metric is worse
    Worse = 13,
    /// Exit code 14: exposures of trials or variants that the ruleset does not have
    Unknown = 14,
    /// Exit code 15: a trial has started and has no exposures
    Empty = 15,
    /// Exit code 16: a kill has ended a trial
    Killed = 16,
}

impl FailOn {
    fn is(self, found: Found) -> bool {
        found
            == match self {
                Self::Srm => Found::SampleRatio,
                Self::Crossed => Found::Crossed,
                Self::Harmed => Found::Harmed,
                Self::Worse => Found::Worse,
                Self::Unknown => Found::Unknown,
                Self::Empty => Found::Empty,
                Self::Killed => Found::Stopped,
            }
    }
}

/// Whose SQL.
#[derive(Clone, Copy, ValueEnum)]
enum Printed {
    /// The tables of `waft serve` in SQLite
    Sqlite,
    /// The tables of `waft serve` in PostgreSQL
    Postgres,
    /// The table otel_logs of OpenTelemetry's exporter to ClickHouse
    Clickhouse,
}

/// How a report is written.
#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For programs
    Json,
    /// A self-contained page
    Html,
}

/// Writes the report, or the query. Returns the exit code: 0, or that of the first of `--fail-on` that was found.
pub(crate) fn run(options: &Options, host: &dyn Host) -> Result<u8, String> {
    let subject = Subject::read(host, &options.source.ruleset, &options.environment, options.records.as_deref())?
        .verified_by(options.trust.as_deref(), &options.trust_documents);
    let now = moment(host, "--now", options.now.as_deref())?;
    let (trials, mut warnings) = subject.trials(host, now)?;
    let trials = chosen(trials, &options.trials)?;
    let set = subject.set.as_str();
    let sums = match (&options.db, &options.stats, options.print_sql) {
        (_, _, Some(printed)) => {
            let query = printed.query(set, &trials);
            // Escaped, it would ask for something else.
            if options.out.is_none() && escape::lines(&query) != query {
                return Err(
                    "--print-sql: an event or property has control characters in its name: give --out".to_owned()
                );
            }
            return write(options, host, &query).map(|()| 0);
        }
        (_, Some(path), None) => {
            let text =
                if path == "-" { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(path) };
            let text = text.map_err(|error| format!("--stats {path}: {error}"))?;
            let sums = waft_report::read(&text).map_err(|error| format!("--stats {path}: {error}"))?;
            know(&trials, &sums).map_err(|error| format!("--stats {path}: {error}"))?;
            warnings.extend(waft_report::unasked(&trials, &sums).iter().map(|told| format!("--stats {path}: {told}")));
            sums
        }
        (Some(path), None, None) => {
            let database = Database::named(path)?;
            if let Some(out) = options.out.as_ref().filter(|out| database.is_at(Path::new(out))) {
                return Err(format!("--out {out}: is the database itself: give another path"));
            }
            let deadline = Deadline::after(Duration::from_secs(options.deadline.into()));
            sums(&database, &deadline, set, &trials).map_err(|error| format!("{database}: {error}"))?
        }
        (None, None, None) => return Err("give --db, --stats or --print-sql".to_owned()),
    };
    let mut report = Report { warnings, ..waft_report::report(set, &trials, &sums, now) };
    if !options.trials.is_empty() {
        // What was not asked for is not unknown.
        report.unknown.clear();
        report.unknown_more = 0;
    }
    let text = match options.format {
        Format::Text => waft_report::text(&report),
        Format::Json => {
            let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
            escape::json(&json).into_owned() + "\n"
        }
        Format::Html => waft_report::page(&report),
    };
    write(options, host, &text)?;
    let found = waft_report::found(&report);
    for fail_on in &options.fail_on {
        let own: Vec<&str> =
            found.iter().filter(|(found, _)| fail_on.is(*found)).map(|(_, about)| about.as_str()).collect();
        if !own.is_empty() {
            let name = fail_on.to_possible_value();
            host.err(&format!("waft: {}: {}", name.as_ref().map_or("", |name| name.get_name()), own.join("; ")));
            return Ok(*fail_on as u8);
        }
    }
    Ok(0)
}

/// Whether the query of a table knew of the kills that ended trials: otherwise what came after one counts in it.
fn know(trials: &[Trial], sums: &[Sum]) -> Result<(), String> {
    for (trial, cut) in trials.iter().filter_map(|trial| Some((trial, trial.cut()?))) {
        let of = |sum: &&Sum| (sum.experiment.as_str(), sum.phase) == (trial.name.as_str(), trial.phase);
        let has = |is: &dyn Fn(&Sum) -> bool| sums.iter().filter(of).any(is);
        if has(&|sum| sum.part == Part::Units) && !has(&|sum| sum.part == Part::Apart && sum.cell == cut.to_string()) {
            return Err(format!(
                "{}, phase {}: its flag was killed or came back at {}, and the table has no row `apart` with the cell {cut}: print the \
                 query again, with the same --records, and run it",
                trial.name,
                trial.phase,
                clock::text(cut)
            ));
        }
    }
    Ok(())
}

fn chosen(trials: Vec<Trial>, names: &[String]) -> Result<Vec<Trial>, String> {
    if let Some(unknown) = names.iter().find(|name| trials.iter().all(|trial| trial.name != **name)) {
        let mut known: Vec<&str> = trials.iter().map(|trial| trial.name.as_str()).collect();
        known.dedup();
        let known = if known.is_empty() { "nothing".to_owned() } else { known.join(", ") };
        return Err(format!("--study {unknown}: no trial of this name has started; started: {known}"));
    }
    let is_chosen = |trial: &Trial| names.is_empty() || names.contains(&trial.name);
    Ok(trials.into_iter().filter(is_chosen).collect())
}

fn write(options: &Options, host: &dyn Host, text: &str) -> Result<(), String> {
    match &options.out {
        Some(path) => host.write(path, text.as_bytes()).map_err(|error| format!("--out {path}: {error}")),
        None => {
            host.print(Stream::Out, &escape::lines(text.trim_end()));
            Ok(())
        }
    }
}

impl Printed {
    fn query(self, set: &str, trials: &[Trial]) -> String {
        let (first, dialect) = match self {
            Printed::Sqlite => ("", Dialect::Sqlite),
            // As our own connection does: serve/store/postgres.rs says why.
            Printed::Postgres => ("-- Before it: SET enable_nestloop = off;\n", Dialect::Postgres),
            Printed::Clickhouse => ("", Dialect::Clickhouse),
        };
        first.to_owned() + &waft_report::sql(dialect, set, trials)
    }
}
