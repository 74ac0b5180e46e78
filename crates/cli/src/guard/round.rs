//! One look: rules, database and head are read, judged, and acted on.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waft_commands::host::Host;
use waft_commands::records::{FOLDER, exists};
use waft_report::{Report, Rise, Trial};
use waft_ruleset::clock;

use super::arrival::{self, Arrival};
use super::condition::{Cause, Code, Condition};
use super::options::Options;
use super::{action, release, trials};
use crate::host::Native;
use crate::publish::{Live, Look, Unseen};
use crate::serve::{Database, Deadline, Subject, sums};

/// How long the history may take together, which is in a bucket or on another machine: what does harm is turned off without it.
const HISTORY: Duration = Duration::from_secs(90);

/// What came of a look.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// `project/environment`; empty if not even that could be read.
    pub(crate) set: String,
    /// When, in milliseconds since 1970.
    pub(crate) now: i64,
    pub(crate) conditions: Vec<Condition>,
    /// What is odd about records, in sentences.
    pub(crate) warnings: Vec<String>,
    /// How many trials are watched.
    pub(crate) trials: usize,
    /// Messages that did not arrive: to whom, and why.
    pub(crate) untold: Vec<(String, String)>,
    /// Whether trials were judged, and whether the head was read: what is not seen then is over.
    pub(crate) is_judged: bool,
    pub(crate) is_read: bool,
    rises: Vec<Rise>,
    arrival: Option<Arrival>,
}

/// What a function returns, unless it takes longer. A thread goes on with it then: what it read of a bucket is known at the next look.
fn within<T: Send + 'static>(time: Duration, read: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, coming) = mpsc::channel();
    thread::spawn(move || drop(done.send(read())));
    coming.recv_timeout(time).ok()
}

fn slow(records: &str) -> String {
    format!("--records {records}: not read in {} s, and not waited for: see why it is slow", HISTORY.as_secs())
}

impl Round {
    /// Looks and acts. Whatever fails is a condition.
    pub(crate) fn run(options: &Options, database: &Database, host: &dyn Host) -> Self {
        let mut round = Round { now: host.now(), ..Round::default() };
        // With a key that no page accepts any more, it is still told what is wrong.
        let (mut has_key, mut may_release) = (options.kill_key.is_some(), options.publisher_key.is_some());
        let live = match round.look(options, host) {
            Ok(live) => {
                round.is_read = true;
                live
            }
            Err(Unseen::Given(error)) => {
                round.add(Cause::Rules, error);
                (has_key, may_release) = (false, false);
                None
            }
            Err(Unseen::Store(error)) => {
                round.add(Cause::Store, format!("the published head cannot be read: {error}"));
                None
            }
        };
        if let Some(pointer) = live.as_ref().and_then(|live| live.pointer.as_ref()) {
            let says = format!("the freshness pointer: {pointer}: see what runs `waft publish --freshness-key`");
            round.add(Cause::Pointer, says);
        }
        if let Err((cause, error)) = round.judge(options, database, live.as_ref(), host) {
            return round.without(cause, error);
        }
        round.is_judged = true;
        if let Err(error) = action::act(&mut round.conditions, (&round.rises, live.as_ref()), has_key, options, host) {
            round.add(Cause::Records, error);
        }
        // After the kill, which is live sooner, and needs nobody else.
        if may_release {
            release::act(&mut round.conditions, options, host);
        }
        round
    }

    fn look(&self, options: &Options, host: &dyn Host) -> Result<Option<Live>, Unseen> {
        let (Some(to), Some(trust)) = (&options.to, &options.trust) else { return Ok(None) };
        let (url, kill_key) = (options.url.as_deref(), options.kill_key.as_deref());
        Look { url, kill_key, ..Look::new(to, trust, &options.name) }.at(host).map(Some)
    }

    fn judge(
        &mut self,
        options: &Options,
        database: &Database,
        live: Option<&Live>,
        host: &dyn Host,
    ) -> Result<(), (Cause, String)> {
        let given = |error| (Cause::Rules, error);
        let records = options.records.as_deref();
        let subject = Subject::read(host, &options.source.ruleset, &options.environment, records).map_err(given)?;
        let (subject, begun) = (Arc::new(subject), Instant::now());
        self.set.clone_from(&subject.set);
        let mut trials = self.started(&subject, records);
        // What the database takes is counted apart.
        let left = HISTORY.saturating_sub(begun.elapsed());
        waft_report::again(&mut trials);
        self.trials = trials.iter().filter(|trial| trial.to.is_none_or(|to| to > self.now)).count();
        let deadline = Deadline::after(Duration::from_secs(options.deadline.into()));
        let report = self.report(database, &deadline, &trials).map_err(|error| (Cause::Database, error))?;
        self.conditions.extend(trials::conditions(&report, &trials, self.now));
        self.rises = self.rising(&subject, report, (options, left));
        self.conditions.extend(self.rises.iter().filter_map(|rise| trials::due(rise, options)));
        let from = self.now.saturating_sub(i64::try_from(options.window.as_millis()).unwrap_or(i64::MAX));
        let live = live.and_then(|live| live.version);
        let arrival = arrival::read(database, &deadline, &self.set, [from, self.now], live);
        let arrival = arrival.map_err(|error| (Cause::Database, format!("{database}: {error}")))?;
        self.conditions.extend(arrival.conditions(options));
        self.arrival = Some(arrival);
        Ok(())
    }

    /// What has started. Nothing of the history keeps a flag on: where it cannot be read, that is told, and trials count as a whole.
    fn started(&mut self, subject: &Arc<Subject>, records: Option<&str>) -> Vec<Trial> {
        let (of, folder, now) = (Arc::clone(subject), records.map(str::to_owned), self.now);
        let read = within(HISTORY, move || {
            let host = Native::default();
            let is_missing = folder.is_some_and(|folder| exists(&host, &folder) == Ok(false));
            (!is_missing).then(|| of.trials(&host, now))
        });
        let folder = records.unwrap_or(FOLDER);
        match read {
            Some(Some(Ok((trials, warnings)))) => {
                self.warnings = warnings;
                return trials;
            }
            Some(None) => self.warnings.push(format!("--records {folder}: does not exist; the first kill makes it")),
            Some(Some(Err(error))) => self.add(Cause::Records, error),
            None => self.add(Cause::Records, slow(folder)),
        }
        subject.without_kills(self.now)
    }

    /// The ramps that are running. None rises by a history that cannot be read.
    fn rising(&mut self, subject: &Arc<Subject>, report: Report, (options, left): (&Options, Duration)) -> Vec<Rise> {
        let (of, now) = (Arc::clone(subject), self.now);
        within(left, move || of.rises(&Native::default(), &report, now)).unwrap_or_else(|| {
            if self.of(Cause::Records).next().is_none() {
                self.add(Cause::Records, slow(options.records.as_deref().unwrap_or(FOLDER)));
            }
            Vec::new()
        })
    }

    fn report(&self, database: &Database, deadline: &Deadline, trials: &[Trial]) -> Result<Report, String> {
        let sums = sums(database, deadline, &self.set, trials).map_err(|error| format!("{database}: {error}"))?;
        Ok(waft_report::report(&self.set, trials, &sums, self.now))
    }

    fn add(&mut self, cause: Cause, says: String) {
        self.conditions.push(Condition::of(cause, says));
    }

    fn without(mut self, cause: Cause, error: String) -> Self {
        self.add(cause, error);
        self
    }

    /// What is wrong, without warnings and news.
    pub(crate) fn found(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(|condition| !condition.cause.is_news())
    }

    fn of(&self, cause: Cause) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().filter(move |condition| condition.cause == cause)
    }

    pub(crate) fn code(&self) -> Code {
        let untold = self.untold.first().map(|_| Code::Untold);
        self.conditions.iter().map(Condition::code).chain(untold).max().unwrap_or(Code::Fine)
    }

    /// As one object.
    pub(crate) fn json(&self) -> Value {
        let found: Value = self.found().map(Condition::json).collect();
        let [none, due]: [Value; 2] =
            [Cause::NoData, Cause::Due].map(|cause| self.of(cause).map(Condition::json).collect());
        let ramps: Value = self.rises.iter().map(trials::json).collect();
        let untold = self.untold.iter().map(|(channel, error)| json!({ "channel": channel, "error": error }));
        let untold: Value = untold.collect();
        json!({
            "set": self.set, "asOf": clock::text(self.now), "studies": self.trials, "found": found, "noData": none, "due": due, "ramps": ramps,
            "warnings": self.warnings, "arrival": self.arrival.as_ref().map(Arrival::json),
            "untold": untold, "exitCode": self.code().exit(),
        })
    }

    /// As lines: what was found; warnings go to stderr.
    pub(crate) fn tell(&self, host: &dyn Host) {
        for warning in self.warnings.iter().chain(self.of(Cause::NoData).map(|own| &own.says)) {
            host.err(&format!("waft: warning: {warning}"));
        }
        for condition in self.found() {
            let done = condition.done();
            let done = if done.is_empty() { done } else { format!(" -> {done}") };
            host.out(&format!("{}: {}{done}", condition.cause.name(), condition.says));
        }
        for due in self.of(Cause::Due) {
            host.out(&format!("due: {}", due.says));
        }
        for (channel, error) in &self.untold {
            host.err(&format!("waft: {channel} was not told: {error}; the next look tries again"));
        }
        if self.found().next().is_none() {
            let at = clock::text(self.now);
            host.out(&format!("{} at {at}: nothing is wrong; running trials: {}", self.set, self.trials));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::within;

    #[test]
    fn what_takes_too_long_is_not_waited_for() {
        // It ends with the test.
        let (_held, never) = mpsc::channel::<()>();
        assert_eq!(within(Duration::from_millis(20), move || never.recv().is_ok()), None);
        assert_eq!(within(Duration::from_secs(60), || 7), Some(7));
    }
}
