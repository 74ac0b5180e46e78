//! The folder of records: read whole, and added to at its end.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use waft_ruleset::finding::{Finding, Severity};
use waft_ruleset::source::FILE_BYTES;

use super::place::{self, Unread};
use super::record::{Change, Killing, Record, step_to_yaml};
use super::step::Step;
use crate::host::Host;

/// The least digits of a file's name.
pub(crate) const DIGITS: usize = 4;

/// The records of a folder, without a gap and unchanged: each has the digest of the one before.
#[derive(Clone, Debug, Default)]
pub struct History {
    folder: String,
    records: Vec<Record>,
    /// The files of records that count for nothing.
    ignored: BTreeSet<String>,
}

impl History {
    /// Reads a folder. The message names the file that is missing or was changed, and what to do.
    pub fn read(host: &dyn Host, folder: &str) -> Result<Self, Unread> {
        place::reach(host, folder)?;
        let listing = host.list(folder).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Unread::from(format!(
                "{folder}: there are no records: `waft release propose` and `waft release run` write the first ones; --records names another folder"
            )),
            _ => Unread::of(folder, folder, &error),
        })?;
        // Whatever else is there is no part of the history, a deployment's links for example.
        let is_ours = |finding: &&Finding| finding.file == folder || number(folder, &finding.file).is_some();
        if let Some(finding) = listing.findings.iter().filter(|found| found.severity == Severity::Error).find(is_ours) {
            return Err(format!("{}: {}: {}", finding.file, finding.message, finding.remedy).into());
        }
        let mut history = History { folder: folder.to_owned(), ..History::default() };
        let mut files: Vec<(u64, &str)> =
            listing.files.iter().filter_map(|file| Some((number(folder, file)?, file.as_str()))).collect();
        files.sort_unstable();
        for (number, file) in files {
            let missing = history.file();
            if number > history.next() {
                return Err(format!(
                    "{missing}: is missing, and {file} comes after it: restore it, for example from git"
                )
                .into());
            }
            if number < history.next() || file.len() != missing.len() {
                return Err(format!("{file}: has the number of another record: expected the name {missing}").into());
            }
            let bytes = host.read_at_most(file, FILE_BYTES + 1).map_err(|error| Unread::of(folder, file, &error))?;
            history.push(Record::read(file, bytes)?)?;
        }
        Ok(history)
    }

    /// [`read`](Self::read); a folder that does not exist is an empty one.
    pub fn open(host: &dyn Host, folder: &str) -> Result<Self, Unread> {
        match place::exists(host, folder)? {
            false => Ok(History { folder: folder.to_owned(), ..History::default() }),
            true => History::read(host, folder),
        }
    }

    /// What kill lists of an environment changed, in the order of the records, each with its file.
    pub fn killings<'h>(
        &'h self,
        project: &'h str,
        environment: &'h str,
    ) -> impl Iterator<Item = (&'h str, &'h Killing)> {
        let all = self.records.iter().filter_map(|record| Some((record.file.as_str(), record.killing.as_ref()?)));
        let counts = |file: &str| !self.ignored.contains(file);
        all.filter(move |(file, killing)| {
            killing.project == project && killing.environment == environment && counts(file)
        })
    }

    /// Leaves out what records of these files killed, or took off a list.
    pub fn ignore(&mut self, files: impl IntoIterator<Item = String>) {
        self.ignored.extend(files);
    }

    /// All records, in their order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The steps of an environment's releases, in the order of the records, each with its file.
    pub fn steps<'h>(
        &'h self,
        project: &'h str,
        environment: &'h str,
    ) -> impl DoubleEndedIterator<Item = (&'h str, &'h Step)> {
        let all = self.records.iter().filter_map(|record| Some((record.file.as_str(), record.step.as_ref()?)));
        all.filter(move |(_, step)| step.project == project && step.environment == environment)
    }

    /// The flags that are killed by the last record.
    pub(crate) fn killed(&self, project: &str, environment: &str) -> BTreeSet<String> {
        killed(self.killings(project, environment).map(|(_, killing)| killing))
    }

    /// The flags that were killed when a step was recorded, which some record is of. Of what came in the same second, the chain says what was first.
    pub(crate) fn killed_at(&self, record: &str, step: &Step) -> BTreeSet<String> {
        let is_before = |file: &str| {
            self.records.iter().map(|one| one.file.as_str()).take_while(|one| *one != record).any(|one| one == file)
        };
        let before = self
            .killings(&step.project, &step.environment)
            .filter(|(file, killing)| killing.at < step.at || killing.at == step.at && is_before(file));
        killed(before.map(|(_, killing)| killing))
    }

    /// Writes the next record, unless another has taken its place meanwhile: then `false`, and nothing is written.
    pub(crate) fn append(&mut self, host: &dyn Host, killing: &Killing) -> Result<bool, Unread> {
        let text = killing.to_yaml(self.records.last().map(|last| last.digest.as_str()));
        self.write(host, text)
    }

    /// The same, of a step of a release.
    pub(crate) fn append_step(&mut self, host: &dyn Host, step: &Step) -> Result<bool, Unread> {
        let text = step_to_yaml(step, self.records.last().map(|last| last.digest.as_str()));
        self.write(host, text)
    }

    fn write(&mut self, host: &dyn Host, text: String) -> Result<bool, Unread> {
        let file = self.file();
        match host.create(&file, text.as_bytes(), false) {
            Ok(()) => Ok(self.push(Record::read(&file, text.into_bytes())?).map(|()| true)?),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(Unread::of(&self.folder, &file, &error)),
        }
    }

    /// The file of the last record.
    pub(crate) fn last(&self) -> &str {
        self.records.last().map_or("", |record| &record.file)
    }

    fn push(&mut self, record: Record) -> Result<(), String> {
        let last = self.records.last();
        if last.map(|last| &last.digest) != record.previous.as_ref() {
            return Err(match (last, &record.previous) {
                (Some(last), Some(_)) => format!(
                    "{}: was changed after {} was written, which has another digest of it: restore it as it was, for example \
                     from git; what is wrong is put right by a new record",
                    last.file, record.file
                ),
                (Some(last), None) => format!(
                    "{}: does not name the digest of {}: restore it as it was written, for example from git",
                    record.file, last.file
                ),
                (None, _) => format!(
                    "{}: is the first, and names one before it: restore the history from its start, for example from git",
                    record.file
                ),
            });
        }
        self.records.push(record);
        Ok(())
    }

    fn next(&self) -> u64 {
        self.records.len() as u64 + 1
    }

    /// The file of the next record.
    fn file(&self) -> String {
        format!("{}/{:0DIGITS$}.yaml", self.folder.trim_end_matches('/'), self.next())
    }
}

/// The flags that are killed after some records.
fn killed<'k>(killings: impl Iterator<Item = &'k Killing>) -> BTreeSet<String> {
    let mut killed = BTreeSet::new();
    for Killing { change, flags, .. } in killings {
        match change {
            Change::Kill => killed.extend(flags.iter().cloned()),
            Change::Unkill => killed.retain(|flag| !flags.contains(flag)),
        }
    }
    killed
}

/// The number of a record, by its path in the folder. Everything else in the folder is no part of the history.
fn number(folder: &str, path: &str) -> Option<u64> {
    let (parent, name) = path.rsplit_once(['/', '\\'])?;
    let digits = name.strip_suffix(".yaml").filter(|digits| digits.len() >= DIGITS)?;
    let is_record = parent == folder.trim_end_matches(['/', '\\']) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_record)
}
