//! `waft serve --refresh-head`: signs a new pointer to the live snapshot of a folder, into the head that is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use waft_commands::host::Host;

use super::folder::Folder;
use super::head::News;
use super::names;
use super::page::{BuiltIn, Page};
use super::patience::Patience;
use super::publication::Publication;
use super::signed::{self, Wanted};
use super::steps::Steps;

/// How long another publisher is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A head that is refreshed, and with what.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    folder: PathBuf,
    /// `--name` of what is published there.
    name: String,
    trust: String,
    key: String,
}

impl Refresh {
    /// The head's file, TRUST.json and the key's file. The key must be one that pages accept.
    pub(crate) fn new(head: &Path, trust: &str, key: &str, host: &dyn Host) -> Result<Self, String> {
        let name = head.file_name().and_then(|file| file.to_str()).and_then(names::of_head).ok_or_else(|| {
            format!(
                "{}: expected the file of a head as `waft publish` names it: head.waft or NAME-head.waft",
                head.display()
            )
        })?;
        let folder = head.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let refresh = Refresh { folder: folder.to_owned(), name, trust: trust.to_owned(), key: key.to_owned() };
        let store = Folder(refresh.folder.clone());
        let patience = Patience::lasting(PATIENCE, host);
        let page = refresh.page(&Steps { store: &store, patience: &patience, host, single_writer: false })?;
        signed::maker(refresh.wanted(), &page, host)?;
        Ok(refresh)
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted { freshness_key: Some(&self.key), ..Wanted::default() }
    }

    fn page(&self, steps: &Steps<'_>) -> Result<Page, String> {
        let built_in = BuiltIn::read(steps.host, &self.trust)?;
        let published = built_in.published(&self.name, |name| steps.read(name))?;
        built_in.reach(&self.name, &published, &[], steps.host).map(|(page, _)| page)
    }

    /// Signs and publishes. Of what others publish at the same time nothing is lost, nor if it is ended in between.
    pub(crate) fn once(&self, host: &dyn Host) -> Result<(), String> {
        let (store, patience) = (Folder(self.folder.clone()), Patience::lasting(PATIENCE, host));
        let steps = Steps { store: &store, patience: &patience, host, single_writer: false };
        let page = self.page(&steps)?;
        let make = signed::maker(self.wanted(), &page, host)?;
        let Refresh { name, .. } = self;
        let head = make.as_deref().map(News::Made);
        steps.run(&Publication { name, page, trusts: Vec::new(), release: None, head }).map(|_| ())
    }
}
