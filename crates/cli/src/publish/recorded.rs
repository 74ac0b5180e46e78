//! The history's part in kills that are signed while they are published.

use waft_commands::head::kill::{self, Change};
use waft_commands::host::Host;

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
    let Options { kill, unkill, records, trust, why, .. } = options;
    let asked: [(Change, &[String]); 2] = [(Change::Kill, kill), (Change::Unkill, unkill)];
    if kill.is_empty() && unkill.is_empty() {
        return Ok(Vec::new());
    }
    let head = done.head.as_ref().ok_or("no head is published")?;
    let trust = (&publication.page.trust, trust.as_str());
    kill::record_published(host, records, head, trust, &asked, why.as_deref()).map_err(|error| {
        format!(
            "the kill list is published; but {records} has no record of it, and reports do not know: {error}; then run the same command \
             again, which records it"
        )
    })
}

impl Steps<'_> {
    /// Refuses flags that come back into a phase that began before their kill: of the snapshot that is live, or will be.
    pub(crate) fn check_phases(&self, publication: &Publication<'_>, options: &Options) -> Result<(), String> {
        let Options { unkill, records, trust, .. } = options;
        if unkill.is_empty() {
            return Ok(());
        }
        let head = published(self.read(&publication.head())?.as_deref());
        let live = match &publication.release {
            Some(release) => Some(release.snapshot().bytes.clone()),
            None => self.read(&publication.live())?,
        };
        let Some(program) = live.and_then(|live| publication.page.adopt(&live).ok()) else { return Ok(()) };
        kill::check_phases(self.host, records, &head, (&publication.page.trust, trust), (&program, unkill))
    }
}
