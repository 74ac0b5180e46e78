//! All that is published at once: trust documents, a release, and what is to become of the head.

use super::head::News;
use super::names;
use super::page::{Page, TrustFile};
use super::release::Release;

/// What is published, as pages with a trust read it.
pub(crate) struct Publication<'a> {
    /// `--name`.
    pub(crate) name: &'a str,
    pub(crate) page: Page,
    pub(crate) trusts: Vec<TrustFile>,
    pub(crate) release: Option<Release>,
    pub(crate) head: Option<News<'a>>,
}

impl Publication<'_> {
    /// The name under which pages load whichever snapshot is the latest.
    pub(crate) fn live(&self) -> String {
        names::live(self.name)
    }

    /// The name of the head.
    pub(crate) fn head(&self) -> String {
        names::head(self.name)
    }

    /// The name of head and snapshot in one.
    pub(crate) fn current(&self) -> String {
        names::current(self.name)
    }
}
