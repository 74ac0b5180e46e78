//! A release that is delivered: its snapshot alone, on what it was proposed on, and why not if it is not.

use waft_commands::host::{Destination, Host, Parcel, Unpublished};

use super::head::News;
use super::options::Options;
use super::page::BuiltIn;
use super::patience::Patience;
use super::place::Place;
use super::publication::Publication;
use super::release::Release;
use super::steps::Steps;
use super::{check, signed, told};

/// Publishes a snapshot, and returns what is live then, as JSON.
pub(crate) fn deliver(parcel: &Parcel<'_>, host: &dyn Host) -> Result<String, Unpublished> {
    let refused = Unpublished::Refused;
    let options = Options::of(parcel.trust, parcel.to).map_err(refused)?;
    let name = &options.name;
    let place = Place::named(&options.to).map_err(refused)?;
    let public = options.url.as_deref().or(place.url()).map(check::Public::at).transpose().map_err(refused)?;
    let built_in = BuiltIn::read(host, &options.trust).map_err(refused)?;
    let store = place.open(host).map_err(Unpublished::Store)?;
    let patience = Patience::lasting(options.timeout(), host);
    let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: options.single_writer };
    let published = built_in.published(name, |name| steps.read(name)).map_err(Unpublished::Store)?;
    let (page, trusts) = built_in.reach(name, &published, &[], host).map_err(refused)?;
    let release = Release::of(parcel.path, parcel.snapshot.to_vec(), name, &page, host).map_err(refused)?;
    let make = signed::maker(options.wanted(), &page, host).map_err(refused)?;
    let head = make.as_deref().map(News::Made);
    let publication = Publication { name, page, trusts, release: Some(release), head };
    if let Some(moved) = moved(&steps, &publication).map_err(Unpublished::Store)? {
        return Err(Unpublished::Moved(moved));
    }
    let done = steps.run(&publication).map_err(|error| match moved(&steps, &publication) {
        Ok(Some(moved)) => Unpublished::Moved(moved),
        Ok(None) | Err(_) => Unpublished::Store(error),
    })?;
    match &public {
        Some(public) => public.check(&publication, &done, options.timeout(), host).map_err(Unpublished::Store)?,
        None => host.err("waft: not read back, as no public URL was given: add --url"),
    }
    Ok(told::json(&publication, &done, public.as_ref().map(check::Public::url)).to_string())
}

/// What is live in place of what the release was proposed on.
fn moved(steps: &Steps<'_>, publication: &Publication<'_>) -> Result<Option<String>, String> {
    let live = steps.read(&publication.live())?;
    Ok(publication.release.as_ref().and_then(|release| release.stands_on(live.as_deref()).err()))
}

/// A file of a store, by its name.
pub(crate) fn published(at: &Destination, name: &str, host: &dyn Host) -> Result<Option<Vec<u8>>, Unpublished> {
    let options = Options::of("", at).map_err(Unpublished::Refused)?;
    let place = Place::named(&options.to).map_err(Unpublished::Refused)?;
    let store = place.open(host).map_err(Unpublished::Store)?;
    let patience = Patience::lasting(options.timeout(), host);
    let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: options.single_writer };
    steps.read(name).map_err(Unpublished::Store)
}
