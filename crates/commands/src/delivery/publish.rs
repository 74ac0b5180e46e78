//! `waft release publish`: the proposal with all its signatures goes to pages, if what is live is still what it was proposed on.
//!
//! The snapshot is published first, and its record written then: a run that ends between them has published, and the same command, run
//! again, finds it live and writes the record.

use std::cell::RefCell;

use waft::envelope::Envelope;
use waft::{Verified, verify};

use super::proposal::Proposal;
use super::trusted::{Pages, Trusted};
use super::{Place, written};
use crate::exit::{self, Ended, Exit, unpublished};
use crate::host::{Destination, Host, Parcel};
use crate::records::{History, Stage, Step};
use crate::release::{self as claimed, Expected};
use waft_compile::refusal;

/// What to publish, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where records are, and whom pages trust.
    pub place: Place,
    /// The number of the proposal's record; the one that is open if absent.
    pub proposal: Option<String>,
    /// Where pages load from.
    pub to: Destination,
}

/// Publishes and records.
pub fn run(options: &Options, host: &dyn Host) -> Exit {
    exit::end(host, publish(options, host))
}

fn publish(options: &Options, host: &dyn Host) -> Result<Exit, Ended> {
    let Options { place, proposal: named, to } = options;
    let history = History::read(host, &place.records)?;
    let trusted = Trusted::now(host, place, &history, Pages::At(to))?;
    let proposal = Proposal::open(&history, &trusted, named.as_deref())?;
    let Published { told, file, is_recorded, step } = release(host, (place, to), (history, &trusted), &proposal)?;
    host.json(&told);
    let Step { version, environment, .. } = &step;
    match is_recorded {
        true => host.err(&format!("{file}: version {version} in {environment} is published")),
        false => host.err(&format!("{file}: version {version} was published already, and is live")),
    }
    Ok(Exit::Done)
}

/// What was published.
pub(super) struct Published {
    /// What is live then, as JSON.
    pub(super) told: String,
    /// The record of the release.
    pub(super) file: String,
    /// Whether that record is new.
    pub(super) is_recorded: bool,
    pub(super) step: Step,
}

/// Publishes a proposal that has all signatures, and records it.
pub(super) fn release(
    host: &dyn Host,
    (place, to): (&Place, &Destination),
    (history, trusted): (History, &Trusted),
    proposal: &Proposal,
) -> Result<Published, Ended> {
    let Place { records, trust } = place;
    let unsigned = proposal.read(host, records)?;
    let assembled = proposal.assemble(host, &unsigned, trusted)?;
    let waits = proposal.waits(&assembled, trusted);
    if !waits.is_empty() {
        let (number, version) = (&proposal.number, proposal.step.version);
        return Err(Ended(Exit::Waits, format!("proposal {number}: version {version} waits for {}", waits.join("; "))));
    }
    let path = proposal.path(records);
    check(host, &path, &assembled.bytes, trusted)?;
    let parcel = Parcel { snapshot: &assembled.bytes, path: &path, trust, to };
    let told = host.publish(&parcel).map_err(|why| unpublished(&format!("proposal {}", proposal.number), why))?;
    if let Some((file, step)) = &proposal.end {
        return Ok(Published { told, file: file.clone(), is_recorded: false, step: step.clone() });
    }
    let step = Step {
        stage: Stage::Release,
        at: written::now(host),
        proposal: Some(proposal.number.clone()),
        signed: assembled.signed,
        trust: trusted.document.number,
        ..proposal.step.clone()
    };
    let version = step.version;
    let unrecorded = |Ended(exit, error): Ended| {
        Ended(
            exit,
            format!(
                "version {version} is published; but {records} has no record of it: {error}; then run the same command again"
            ),
        )
    };
    // It is live, whatever others recorded meanwhile; but not twice, if two published it at once.
    let other = RefCell::new(None);
    let still = |history: &History| match released(history, &step) {
        None => Ok(()),
        found => {
            other.replace(found);
            Err(Ended::from("is recorded already".to_owned()))
        }
    };
    match (written::append(host, records, history, &step, still), other.take()) {
        (Ok(file), _) => Ok(Published { told, file, is_recorded: true, step }),
        (Err(_), Some((file, step))) => Ok(Published { told, file, is_recorded: false, step }),
        (Err(ended), None) => Err(unrecorded(ended)),
    }
}

/// The record of a release that was published.
fn released(history: &History, step: &Step) -> Option<(String, Step)> {
    let mut steps = history.steps(&step.project, &step.environment);
    let (file, found) = steps.rfind(|(_, one)| one.stage == Stage::Release && one.proposal == step.proposal)?;
    Some((file.to_owned(), found.clone()))
}

/// Refuses what pages would, before anything is written: also on a machine whose clock is wrong.
fn check(host: &dyn Host, path: &str, bytes: &[u8], trusted: &Trusted) -> Result<(), Ended> {
    let refused = |one| format!("{path}: refused, {}", refusal::sentence(one));
    let claims = claimed::claims(&Envelope::read(bytes).map_err(refused)?);
    claimed::check(host, &claims, &Expected::default())?;
    verify(bytes.to_vec(), &trusted.trust, host.now(), None).and_then(Verified::whole).map_err(refused)?;
    Ok(())
}
