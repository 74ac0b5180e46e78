//! `GET /report` and `GET /api/report`: what came of experiments so far, by the ruleset that `--ruleset` names.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use waft_commands::build;
use waft_commands::host::Host;
use waft_commands::ramp::Released;
use waft_commands::records;
use waft_report::{Dialect, Part, Report, Rise, Sum, Trial};
use waft_ruleset::ramp::Out;
use waft_ruleset::{Ramp, Ruleset};

use super::checks::Checks;
use super::store::{Database, Deadline, Kind, Reading, Value};
use crate::host::Native;
use crate::kills::{self, Trusts};

/// How long a report may take. What takes longer than this wants `waft report`.
const REPORTING: Duration = Duration::from_secs(60);

/// Whose experiments.
pub(crate) struct Subject {
    ruleset: Ruleset,
    environment: usize,
    /// The folder of records, if one was named.
    records: Option<String>,
    /// The page's trust and the documents that follow it, where it is to be verified who signed them.
    trust: Option<Trusts>,
    /// `project/environment`.
    pub(crate) set: String,
}

impl Subject {
    /// Reads a ruleset. Its findings are told.
    pub(crate) fn read(host: &dyn Host, path: &str, environment: &str, records: Option<&str>) -> Result<Self, String> {
        let ruleset = build::checked(host, path)?;
        let named = ruleset.environments.iter().position(|known| known.name == environment).ok_or_else(|| {
            let known: Vec<&str> = ruleset.environments.iter().map(|known| known.name.as_str()).collect();
            format!("--environment {environment}: the ruleset has {}", known.join(", "))
        })?;
        let set = format!("{}/{environment}", ruleset.project);
        Ok(Self { ruleset, environment: named, records: records.map(str::to_owned), trust: None, set })
    }

    /// Verifies with a trust, and the documents that follow it, who signed the lists of records.
    pub(crate) fn verified_by(self, trust: Option<&str>, documents: &[String]) -> Self {
        let trust = trust.map(|first| Trusts { first: first.to_owned(), documents: documents.to_vec() });
        Self { trust, ..self }
    }

    /// Lets rows be compared with its rules.
    pub(crate) fn check(&self, checks: Checks) -> Result<Checks, String> {
        checks.with_ruleset(&self.ruleset, self.environment, &self.set)
    }

    /// What has started by `now`, in milliseconds since 1970, as far as no kill has ended it; and what is odd about records of kills.
    pub(crate) fn trials(&self, host: &dyn Host, now: i64) -> Result<(Vec<Trial>, Vec<String>), String> {
        let environment = self.ruleset.environments.get(self.environment).map_or("", |known| &known.name);
        let (kills, warnings) =
            kills::read(host, self.records.as_deref(), self.trust.as_ref(), &self.ruleset, environment)?;
        Ok((waft_report::trials(&self.ruleset, self.environment, &kills, now), warnings))
    }

    /// The guarded ramps of a report, and what comes next in each.
    /// The history that cannot be read lets none of them rise.
    pub(crate) fn rises(&self, host: &dyn Host, report: &Report, now: i64) -> Vec<Rise> {
        let environment = self.ruleset.environments.get(self.environment).map_or("", |known| &known.name);
        let records = self.records.as_deref().unwrap_or(records::FOLDER);
        let released = Released::read(host, records, (&self.ruleset.project, environment)).ok();
        let out = |name: &str, ramp: &Ramp, now: u32| {
            released.as_ref().map_or(Out::NotYet, |known| known.of(name, ramp, now))
        };
        waft_report::rises(&self.ruleset, self.environment, report, now, &out)
    }

    /// What has started, as if no flag had ever been killed.
    pub(crate) fn without_kills(&self, now: i64) -> Vec<Trial> {
        waft_report::trials(&self.ruleset, self.environment, &[], now)
    }
}

/// Reports, beside the writer.
pub(crate) struct Reporter {
    database: Database,
    deadline: Deadline,
    subject: Arc<Subject>,
    /// The last report. One is made at a time: more would only take the cores from the writer.
    last: Mutex<Option<Last>>,
}

struct Last {
    report: Result<Arc<Report>, String>,
    made: Instant,
    took: Duration,
}

impl Last {
    /// Pages ask every other second. However many they are, a report, also one that fails, takes a fifth of one core at most.
    fn is_fresh(&self) -> bool {
        self.made.elapsed() < self.took * 4
    }
}

impl Reporter {
    /// A reporter of what is in this database.
    pub(crate) fn new(database: Database, deadline: &Deadline, subject: Subject) -> Self {
        Self { database, deadline: deadline.but_after(REPORTING), subject: Arc::new(subject), last: Mutex::new(None) }
    }

    /// The report as of now, or one that is older by no more than four times what it took.
    pub(crate) async fn report(&self) -> Result<Arc<Report>, String> {
        let mut last = self.last.lock().await;
        if let Some(last) = last.as_ref().filter(|last| last.is_fresh()) {
            return last.report.clone();
        }
        let start = Instant::now();
        let (database, deadline, subject) = (self.database.clone(), self.deadline.clone(), Arc::clone(&self.subject));
        let reported = spawn_blocking(move || {
            let host = Native::default();
            let now = host.now();
            let (trials, warnings) = subject.trials(&host, now)?;
            let sums = sums(&database, &deadline, &subject.set, &trials)?;
            Ok(Report { warnings, ..waft_report::report(&subject.set, &trials, &sums, now) })
        });
        let report = reported.await.unwrap_or_else(|error| Err(error.to_string())).map(Arc::new);
        *last = Some(Last { report: report.clone(), made: Instant::now(), took: start.elapsed() });
        report
    }
}

/// Asks a database for the sums of trials.
pub(crate) fn sums(database: &Database, deadline: &Deadline, set: &str, trials: &[Trial]) -> Result<Vec<Sum>, String> {
    let mut sums = Vec::new();
    let mut each = |row: &[Value<'_>]| {
        sums.push(sum(row).ok_or("unexpected reply from the database")?);
        Ok(())
    };
    match database {
        Database::File(path) => {
            Reading::open(path, deadline)?.rows_in_steps(&waft_report::steps(set, trials), &COLUMNS, &mut each)
        }
        Database::Server(_) => {
            database.read(deadline)?.rows(&waft_report::sql(Dialect::Postgres, set, trials), &COLUMNS, &mut each)
        }
    }?;
    Ok(sums)
}

/// Its language.
pub(crate) const fn dialect(database: &Database) -> Dialect {
    match database {
        Database::File(_) => Dialect::Sqlite,
        Database::Server(_) => Dialect::Postgres,
    }
}

/// The columns of the query.
const COLUMNS: [Kind; 13] = {
    use Kind::{Integer, Real, Text};
    [Text, Integer, Text, Text, Text, Text, Integer, Integer, Real, Real, Real, Real, Real]
};

fn sum(row: &[Value<'_>]) -> Option<Sum> {
    let text = |at: usize| match row.get(at)? {
        Value::Text(text) => Some((*text).to_owned()),
        Value::Null | Value::Integer(_) | Value::Real(_) => None,
    };
    let integer = |at: usize| match row.get(at)? {
        Value::Integer(integer) => Some(*integer),
        Value::Null | Value::Real(_) | Value::Text(_) => None,
    };
    let real = |at: usize| match row.get(at)? {
        Value::Real(real) => Some(*real),
        Value::Integer(integer) => Some(*integer as f64),
        Value::Null | Value::Text(_) => None,
    };
    Some(Sum {
        experiment: text(0)?,
        phase: integer(1)?.try_into().ok()?,
        variant: text(2)?,
        metric: text(3)?,
        part: Part::named(&text(4)?)?,
        cell: text(5)?,
        units: integer(6)?.try_into().ok()?,
        nonzero: integer(7)?.try_into().ok()?,
        x: real(8)?,
        xx: real(9)?,
        y: real(10)?,
        yy: real(11)?,
        xy: real(12)?,
    })
}
