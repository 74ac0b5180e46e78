//! What is told before anything is written: flags that do not exist, and for `--dry-run`, what would be written in the place of what.

use waft::Program;
use waft_commands::head::kill;

use super::page::Standing;
use super::publication::Publication;
use super::steps::Steps;

impl Steps<'_> {
    /// Tells which flags the snapshot lacks that is live, or will be.
    pub(crate) fn tell_unknown(&self, publication: &Publication<'_>, flags: &[String]) -> Result<(), String> {
        if let Some(program) = self.program(publication)? {
            kill::tell_unknown(self.host, &program, flags);
        }
        Ok(())
    }

    /// The snapshot that is live, or will be; `None` if there is none that pages take.
    pub(crate) fn program(&self, publication: &Publication<'_>) -> Result<Option<Program>, String> {
        let live = match &publication.release {
            Some(release) => Some(release.snapshot().bytes.clone()),
            None => self.read(&publication.live())?,
        };
        Ok(live.and_then(|live| publication.page.adopt(&live).ok()))
    }

    /// Prints what [`Steps::run`] would do.
    pub(crate) fn rehearse(&self, publication: &Publication<'_>) -> Result<(), String> {
        self.foresee(publication)?;
        for file in &publication.trusts {
            self.tell_immutable(&file.name, &file.bytes)?;
        }
        let live = self.read(&publication.live())?;
        if let Some(release) = &publication.release {
            for file in release.lists().iter().chain([release.snapshot()]) {
                self.tell_immutable(&file.name, &file.bytes)?;
            }
            let size = release.snapshot().bytes.len();
            let what = match live.as_ref().map(|found| release.standing(&publication.page, found)) {
                None => "would be written".to_owned(),
                Some(Standing::Same) => "is live".to_owned(),
                Some(Standing::Older(version)) => format!("would be replaced: version {version} is live"),
                Some(Standing::Newer(_) | Standing::Conflict | Standing::Refused(_)) => {
                    "would be replaced: no page with this trust would take what is there".to_owned()
                }
            };
            self.host.out(&format!("{}  {size} bytes  {what}", publication.live()));
        }
        self.rehearse_head(publication, live.as_deref())
    }

    fn rehearse_head(&self, publication: &Publication<'_>, live: Option<&[u8]>) -> Result<(), String> {
        let Publication { page, release, .. } = publication;
        let there = self.read(&publication.head())?;
        let identity = match release {
            Some(release) => Some(*release.identity()),
            None => live.map(|live| page.identity_once(live)).and_then(Result::ok),
        };
        let next = match &publication.head {
            Some(news) => {
                let (next, warning) =
                    news.next(page, &self.there(publication, there.as_deref())?, identity.as_ref())?;
                if let Some(warning) = warning {
                    self.host.err(&format!("waft: warning: {}: {warning}", publication.head()));
                }
                let bytes = next.to_bytes().unwrap_or_default();
                self.tell(&publication.head(), bytes.len(), there.as_ref() == Some(&bytes), there.is_some());
                Some(bytes)
            }
            None => there,
        };
        let snapshot = release.as_ref().map(|release| &*release.snapshot().bytes).or(live);
        if let (Some(head), Some(snapshot)) = (next, snapshot) {
            let name = publication.current();
            let (found, bytes) = (self.read(&name)?, [&*head, snapshot].concat());
            self.tell(&name, bytes.len(), found.as_ref() == Some(&bytes), found.is_some());
        }
        Ok(())
    }

    fn tell_immutable(&self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let what = if self.read(name)?.is_some() { "is published" } else { "would be written" };
        self.host.out(&format!("{name}  {} bytes  {what}", bytes.len()));
        Ok(())
    }

    fn tell(&self, name: &str, size: usize, is_same: bool, is_there: bool) {
        let what = match (is_same, is_there) {
            (true, _) => "is live",
            (false, true) => "would be replaced",
            (false, false) => "would be written",
        };
        self.host.out(&format!("{name}  {size} bytes  {what}"));
    }
}
