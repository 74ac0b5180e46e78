//! Which store `--to` means, and which bucket `--records`.

use std::path::PathBuf;

use waft_commands::host::Host;

#[cfg(feature = "cloud")]
use super::cloud::{Cloud, Provider};
use super::folder::Folder;
use super::store::{Listed, Store};
use super::web::{self, Web};

/// A store that was named.
pub(crate) enum Place {
    Folder(PathBuf),
    /// The URL of a folder, which ends with a slash.
    Web(String),
    /// A bucket, as it was named, and without its scheme.
    #[cfg(feature = "cloud")]
    Cloud(Provider, String, String),
}

impl Place {
    /// Reads `--to`. What looks like a URL is no folder, so that a mistyped scheme makes none.
    pub(crate) fn named(to: &str) -> Result<Self, String> {
        match to.split_once("://") {
            None if to.is_empty() => Err("--to: expected a folder or a URL".to_owned()),
            None => Ok(Place::Folder(to.into())),
            Some(("http" | "https", _)) => web::folder_url("--to", to).map(Place::Web),
            Some((scheme, rest)) => bucket(scheme, to, rest),
        }
    }

    /// Where pages read what is written, if it is the same URL.
    pub(crate) fn url(&self) -> Option<&str> {
        match self {
            Place::Web(url) => Some(url),
            Place::Folder(_) => None,
            #[cfg(feature = "cloud")]
            Place::Cloud(..) => None,
        }
    }

    /// The store itself; nothing is asked of it yet.
    pub(crate) fn open(self, host: &dyn Host) -> Result<Box<dyn Store>, String> {
        match self {
            Place::Folder(path) => Ok(Box::new(Folder(path))),
            #[cfg(feature = "cloud")]
            Place::Cloud(provider, to, rest) => Ok(Box::new(Cloud::at(provider, "--to", &to, &rest)?)),
            Place::Web(url) => Ok(Box::new(Web::at(url, host.variable(web::AUTHORIZATION))?)),
        }
    }
}

/// The bucket of records; nothing is asked of it yet. Others that take files by PUT do not list them.
#[cfg(feature = "cloud")]
pub(crate) fn of_records(folder: &str) -> Result<Box<dyn Listed>, String> {
    let (scheme, rest) = folder.split_once("://").unwrap_or_default();
    match Provider::of(scheme) {
        Some(provider) => Ok(Box::new(Cloud::at(provider, "--records", folder, rest)?)),
        None => Err(format!(
            "--records {scheme}://...: expected a folder, or a bucket: s3://BUCKET/FOLDER, az://CONTAINER/FOLDER or gs://BUCKET/FOLDER"
        )),
    }
}

#[cfg(not(feature = "cloud"))]
pub(crate) fn of_records(folder: &str) -> Result<Box<dyn Listed>, String> {
    let (scheme, _) = folder.split_once("://").unwrap_or_default();
    Err(format!(
        "--records {scheme}://...: expected a folder: this waft was built without the feature `cloud`, which knows buckets"
    ))
}

#[cfg(feature = "cloud")]
fn bucket(scheme: &str, to: &str, rest: &str) -> Result<Place, String> {
    match Provider::of(scheme) {
        Some(provider) => Ok(Place::Cloud(provider, to.to_owned(), rest.to_owned())),
        None => Err(format!(
            "--to {scheme}://...: expected a folder, or a URL that begins with https://, http://, s3://, az:// or gs://"
        )),
    }
}

#[cfg(not(feature = "cloud"))]
fn bucket(scheme: &str, _: &str, _: &str) -> Result<Place, String> {
    Err(format!(
        "--to {scheme}://...: expected a folder, or a URL that begins with https:// or http://: this waft was built without the \
         feature `cloud`, which knows s3://, az:// and gs://"
    ))
}
