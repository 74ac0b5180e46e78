//! `waft publish`: puts a signed snapshot where pages load it from.
//!
//!     snapshot --release--> files --steps--> store (folder, web, cloud) ... public URL --check--> done
//!
//! - `release` reads and verifies what is published; `names` is how its files are called.
//! - `store` is what a place for files must do, `place` reads which one is meant, `probe` asks whether it compares before it swaps.
//! - `steps` is the order of writes: files that never change first, then what names them. `patience` repeats what a busy store refuses.
//! - `check` reads the public URL as a page would.
//!
//! *Invariant*: after each single write, a reader has the old release or the new one.

mod agent;
mod check;
mod cloud;
mod connector;
mod folder;
mod names;
mod options;
mod patience;
mod place;
mod probe;
mod release;
mod steps;
mod store;
mod web;

use serde_json::json;
use waft_commands::host::Host;

pub(crate) use options::Options;

use patience::Patience;
use place::Place;
use release::Release;
use steps::Steps;

/// Publishes, and prints what is live as JSON. The message of a failure says what is wrong and what to do.
pub(crate) fn run(options: &Options, host: &dyn Host) -> Result<(), String> {
    let place = Place::named(&options.to)?;
    let public = options.url.as_deref().or(place.url()).map(check::Public::at).transpose()?;
    let release = Release::read(options, host)?;
    let store = place.open(host)?;
    let patience = Patience::lasting(options.timeout(), host);
    let steps = Steps { store: store.as_ref(), patience: &patience, host, single_writer: options.single_writer };
    if options.dry_run {
        return steps.rehearse(&release);
    }
    let live = steps.run(&release)?;
    match &public {
        Some(public) => public.check(&release, options.timeout(), host)?,
        None => host.err("waft: not read back, as no public URL was given: add --url"),
    }
    let (version, digest) = (release.version(), release.digest_text());
    let checked = public.map(|public| public.url().to_owned());
    let told = json!({ "version": version, "digest": digest, "written": live.written, "live": live.is_ours, "checked": checked });
    host.json(&told.to_string());
    Ok(())
}
