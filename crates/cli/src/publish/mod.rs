//! `waft publish`: puts a signed snapshot, a head and trust documents where pages load them from.
//!
//!     snapshot --release--> files --steps--> store (folder, web, cloud) ... public URL --check--> done
//!     head --head, signed, of what is there--> head.waft, current.waft
//!
//! - `page` is what pages make of files: how far trust documents lead, which snapshots are adopted. `publication` is all that is published.
//! - `release` reads and verifies a snapshot, `head` puts heads together, `signed` signs them; `names` is how files are called.
//! - `store` is what a place for files must do, `place` reads which one is meant, `probe` asks whether it compares before it swaps.
//! - `steps` is the order of writes: files that never change first, then what names them. `patience` repeats what a busy store refuses.
//!   `rehearsal` says what they would be.
//! - `bucket` is a folder of records in one of the stores, as commands ask the host for its files.
//! - `check` reads the public URL as a page would.
//! - `deliver` publishes a release's snapshot, as `waft release publish` asks for it.
//! - `recorded` writes records of kills. `told` is what is printed. `refresh` is for `waft serve`, which renews the pointer of a folder's head.
//!   `look` is for `waft guard`, which looks at what is live, and kills.
//!
//! *Invariant*: after each single write, a reader has the old release and head or the new ones.

mod agent;
pub(crate) mod bucket;
mod check;
#[cfg(feature = "cloud")]
mod cloud;
#[cfg(feature = "cloud")]
mod connector;
mod deliver;
mod folder;
mod head;
mod look;
mod names;
mod options;
mod page;
mod patience;
mod place;
mod probe;
mod publication;
mod recorded;
mod refresh;
mod rehearsal;
mod release;
mod signed;
mod steps;
mod store;
mod told;
mod web;

use serde_json::Value;
use waft_commands::head::kill;
use waft_commands::host::Host;

pub(crate) use agent::{Agent, fetch, is_busy};
pub(crate) use deliver::{deliver, published};
pub(crate) use look::{Live, Look, Unseen};
pub(crate) use names::{DEFAULT as DEFAULT_NAME, name, name_beside};
pub(crate) use options::{Killing, Options};
pub(crate) use refresh::Refresh;

use head::News;
use page::BuiltIn;
use patience::Patience;
use place::Place;
use publication::Publication;
use release::Release;
use steps::Steps;

/// Publishes, and prints what is live as JSON. The message of a failure says what is wrong and what to do.
pub(crate) fn run(options: &Options, host: &dyn Host) -> Result<(), String> {
    if let Some(told) = publish(options, host)? {
        host.json(&told.to_string());
    }
    Ok(())
}

/// Publishes, and returns what is live as JSON; nothing of a rehearsal, which is printed.
pub(crate) fn publish(options: &Options, host: &dyn Host) -> Result<Option<Value>, String> {
    let Options { name, trust_documents, kill, unkill, .. } = options;
    if let Some(both) = kill.iter().find(|flag| unkill.contains(flag)) {
        return Err(format!("--kill {both} and --unkill {both}: say one of the two"));
    }
    let place = Place::named(&options.to)?;
    let public = options.url.as_deref().or(place.url()).map(check::Public::at).transpose()?;
    let built_in = BuiltIn::read(host, &options.trust)?;
    let store = place.open(host)?;
    let patience = Patience::lasting(options.timeout(), host);
    kill::check_reason(options.why.as_deref())?;
    let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: options.single_writer };
    let published = built_in.published(name, |name| steps.read(name))?;
    let (page, trusts) = built_in.reach(name, &published, trust_documents, host)?;
    let release = options.snapshot.as_deref().map(|path| Release::read(path, name, &page, host)).transpose()?;
    let make = signed::maker(options.wanted(), &page, host)?;
    let head = match (&options.head, &make) {
        (Some(path), _) => Some(News::read(path, host)?),
        (None, make) => make.as_deref().map(News::Made),
    };
    let publication = Publication { name, page, trusts, release, head };
    if !options.kill.is_empty() {
        steps.tell_unknown(&publication, &options.kill)?;
    }
    steps.check_phases(&publication, options)?;
    if options.dry_run {
        return steps.rehearse(&publication).map(|()| None);
    }
    let done = match steps.run(&publication) {
        Ok(done) => done,
        Err(error) => {
            steps.record_there(&publication, options);
            return Err(error);
        }
    };
    // Whatever is wrong with the history, the kill is published by now, and is read back first.
    let recorded = recorded::record(options, &publication, &done, host);
    match &public {
        Some(public) => public.check(&publication, &done, options.timeout(), host)?,
        None => host.err("waft: not read back, as no public URL was given: add --url"),
    }
    let files = recorded?;
    let mut told = told::json(&publication, &done, public.as_ref().map(check::Public::url));
    if !files.is_empty() {
        told["recorded"] = files.into();
    }
    Ok(Some(told))
}
