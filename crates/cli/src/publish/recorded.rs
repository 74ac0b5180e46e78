//! The history's part in kills that are signed while they are published.

use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host;
use waft_compile::head::Documents;

use super::head::published;
use super::options::Options;
use super::publication::Publication;
use super::steps::{Done, Steps};

/// Writes the records of what was killed and taken back, and returns their files.
pub(crate) fn record(
    options: &Options,
    publication: &Publication<'_>,
    done: &Done,
    host: &dyn Host,
) -> Result<Vec<String>, String> {
    if options.kill.is_empty() && options.unkill.is_empty() {
        return Ok(Vec::new());
    }
    let head = done.head.as_ref().ok_or("no head is published")?;
    record_of(options, publication, head, host)
}

fn record_of(
    options: &Options,
    publication: &Publication<'_>,
    head: &Documents,
    host: &dyn Host,
) -> Result<Vec<String>, String> {
    let Options { kill, unkill, records, why, .. } = options;
    let asked: [(Change, &[String]); 2] = [(Change::Kill, kill), (Change::Unkill, unkill)];
    let trust = (&publication.page.trust, &publication.page.holders);
    kill::record_published(host, records, head, trust, &asked, why.as_deref()).map_err(|error| {
        format!(
            "the kill list is published; but {records} has no record of it, and reports do not know: {error}; then run the same command \
             again, which records it"
        )
    })
}

impl Steps<'_> {
    /// Writes the records of a run that failed behind the head: the kill is live, whatever is wrong with the rest. Its own failure is not
    /// told, as another is, after which the command is run again.
    pub(crate) fn record_there(&self, publication: &Publication<'_>, options: &Options) {
        let Options { kill, unkill, .. } = options;
        if kill.is_empty() && unkill.is_empty() {
            return;
        }
        let Ok(Some(head)) = self.read(&publication.head()) else { return };
        let (head, trust) = (published(Some(&head)), &publication.page.trust);
        let left = |change, flags: &[String]| !kill::unchanged(&head, change, flags, trust).is_empty();
        if left(Change::Kill, kill) || left(Change::Unkill, unkill) {
            return;
        }
        if let Ok(files) = record_of(options, publication, &head, self.host)
            && !files.is_empty()
        {
            self.host.err(&format!("waft: {} is live; recorded in {}", publication.head(), files.join(", ")));
        }
    }

    /// Refuses flags that come back into a phase that began before their kill: of the snapshot that is live, or will be.
    pub(crate) fn check_phases(&self, publication: &Publication<'_>, options: &Options) -> Result<(), String> {
        let Options { unkill, records, .. } = options;
        if unkill.is_empty() {
            return Ok(());
        }
        let head = published(self.read(&publication.head())?.as_deref());
        let Some(program) = self.program(publication)? else { return Ok(()) };
        kill::check_phases(self.host, records, &head, &publication.page.trust, (&program, unkill))
    }
}
