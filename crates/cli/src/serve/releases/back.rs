//! The way back: a proposal that is rejected, an earlier release that is proposed again, and rules that were taken back and may return.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft_commands::delivery::{reject, rollback, unblock};
use waft_commands::sign::Step;

use super::served::Releases;
use super::steps::{elsewhere, written};
use crate::serve::desk::{Asked, Refused, SIGNATURE, TO_SIGN, signature_of};

/// Why something is signed whose reason is given with the signature: what is signed does not have it.
const LATER: &str = "said with the signature";

/// Which proposal, and who rejects it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rejecting {
    proposal: String,
    public_key: String,
}

pub(super) fn reject_to_sign(releases: &Releases, asked: &Asked, rejecting: Rejecting) -> Result<Json, Refused> {
    let step = Step::ToSign(TO_SIGN.to_owned());
    let options = releases.rejection(asked, rejecting, (step, LATER.to_owned()))?;
    written(asked, reject::run(&options, asked))
}

/// The signature that came of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Rejected {
    proposal: String,
    public_key: String,
    signature: String,
    why: String,
}

pub(super) fn reject(releases: &Releases, asked: &Asked, rejected: Rejected) -> Result<Json, Refused> {
    let Rejected { proposal, public_key, signature, why } = rejected;
    let options = releases.rejection(asked, Rejecting { proposal, public_key }, (taken(asked, &signature)?, why))?;
    asked.done(reject::run(&options, asked))?;
    Ok(json!({ "shown": asked.printed() }))
}

/// Which version was taken back, and who says that it may return.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Unblocking {
    version: u64,
    public_key: String,
}

pub(super) fn unblock_to_sign(releases: &Releases, asked: &Asked, unblocking: Unblocking) -> Result<Json, Refused> {
    let step = Step::ToSign(TO_SIGN.to_owned());
    let options = releases.unblocking(asked, &unblocking, (step, LATER.to_owned()))?;
    written(asked, unblock::run(&options, asked))
}

/// The signature that came of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Unblocked {
    version: u64,
    public_key: String,
    signature: String,
    why: String,
}

pub(super) fn unblock(releases: &Releases, asked: &Asked, unblocked: Unblocked) -> Result<Json, Refused> {
    let Unblocked { version, public_key, signature, why } = unblocked;
    let step = taken(asked, &signature)?;
    let options = releases.unblocking(asked, &Unblocking { version, public_key }, (step, why))?;
    asked.done(unblock::run(&options, asked))?;
    Ok(json!({ "shown": asked.printed() }))
}

/// Which release comes back; the one before what is live if none is named.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Earlier {
    to: Option<u64>,
    why: Option<String>,
    source: Option<String>,
}

/// Proposes it.
pub(super) fn rollback(
    releases: &Releases,
    asked: &Asked,
    Earlier { to, why, source }: Earlier,
) -> Result<Json, Refused> {
    let options = releases.proposal(asked, why, source)?;
    asked.done(rollback::run(&options, to, asked))?;
    Ok(json!({ "changes": asked.printed() }))
}

fn taken(asked: &Asked, signature: &str) -> Result<Step, Refused> {
    asked.give(SIGNATURE, signature_of(signature)?.to_vec());
    Ok(Step::Signature(SIGNATURE.to_owned()))
}

impl Releases {
    fn rejection(
        &self,
        asked: &Asked,
        Rejecting { proposal, public_key }: Rejecting,
        (step, why): (Step, String),
    ) -> Result<reject::Options, Refused> {
        let key = elsewhere(asked, &public_key, step, "");
        Ok(reject::Options { place: self.current(asked)?, proposal: Some(proposal), key, why })
    }

    fn unblocking(
        &self,
        asked: &Asked,
        Unblocking { version, public_key }: &Unblocking,
        (step, why): (Step, String),
    ) -> Result<unblock::Options, Refused> {
        let key = elsewhere(asked, public_key, step, "");
        Ok(unblock::Options { place: self.current(asked)?, version: Some(*version), key, why })
    }
}
