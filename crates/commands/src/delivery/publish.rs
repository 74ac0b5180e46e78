//! `waft release publish`: the proposal with all its signatures goes to pages, if what is live is still what it was proposed on.
//!
//! The snapshot is published first, and its record written then: a run that ends between them has published, and the same command, run
//! again, finds it live and writes the record.

use waft::envelope::Envelope;
use waft::{Verified, verify};

use super::proposal::Proposal;
use super::trusted::{Lack, Trusted};
use super::{Place, written};
use crate::exit::{self, Ended, Exit};
use crate::host::{Destination, Host, Parcel, Unpublished};
use crate::records::{History, Stage, Step};
use crate::release::{self, Expected};
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
    let Options { place: Place { records, trust }, proposal: named, to } = options;
    let trusted = Trusted::read(host, trust)?;
    let history = History::read(host, records)?;
    let proposal = Proposal::open(&history, &trusted, named.as_deref())?;
    let unsigned = proposal.read(host, records)?;
    let assembled = proposal.assemble(host, &unsigned, &trusted)?;
    let lacks: Vec<String> = trusted.lacks(&assembled.signed).iter().map(Lack::told).collect();
    if !lacks.is_empty() {
        let (number, version) = (&proposal.number, proposal.step.version);
        return Err(Ended(Exit::Waits, format!("proposal {number}: version {version} waits for {}", lacks.join("; "))));
    }
    let path = proposal.path(records);
    check(host, &path, &assembled.bytes, &trusted)?;
    let parcel = Parcel { snapshot: &assembled.bytes, path: &path, trust, to };
    let told = host.publish(&parcel).map_err(|why| ended(&proposal, why))?;
    host.json(&told);
    if let Some((file, _)) = &proposal.end {
        host.err(&format!("{file}: version {} was published already, and is live", proposal.step.version));
        return Ok(Exit::Done);
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
    // It is live, whatever others recorded meanwhile.
    let file = written::append(host, records, history, &step, |_| Ok(())).map_err(unrecorded)?;
    host.err(&format!("{file}: version {version} in {} is published", step.environment));
    Ok(Exit::Done)
}

/// Refuses what pages would, before anything is written: also on a machine whose clock is wrong.
fn check(host: &dyn Host, path: &str, bytes: &[u8], trusted: &Trusted) -> Result<(), Ended> {
    let refused = |one| format!("{path}: refused, {}", refusal::sentence(one));
    let claims = release::claims(&Envelope::read(bytes).map_err(refused)?);
    release::check(host, &claims, &Expected::default())?;
    verify(bytes.to_vec(), &trusted.trust, host.now(), None).and_then(Verified::whole).map_err(refused)?;
    Ok(())
}

fn ended(proposal: &Proposal, why: Unpublished) -> Ended {
    let number = &proposal.number;
    match why {
        Unpublished::Unable => Ended(
            Exit::Usage,
            "`waft release publish` needs a network and locks of files, which the npm package does not have: use the native program".to_owned(),
        ),
        Unpublished::Refused(message) => Ended(Exit::Failed, message),
        Unpublished::Moved(message) => {
            Ended(Exit::Lost, format!("proposal {number}: {message}: its signatures lapse; propose again"))
        }
        Unpublished::Store(message) => Ended(Exit::Store, message),
    }
}
