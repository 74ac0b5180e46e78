//! What can be asked about a release: each is a command of `waft release`, and what it printed.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_commands::delivery::{Key, approve, history, propose, publish as published, status};
use waft_commands::sign::Step;
use waft_compile::keys;

use super::served::{Releases, unseen_as};
use crate::serve::desk::{Asked, PUBLIC_KEY, Refused, SIGNATURE, TO_SIGN, key, signature_of};

/// How many records are told, the last ones.
const RECORDS: usize = 50;

/// What is live, what is proposed, and what was done.
pub(super) fn state(releases: &Releases, asked: &Asked) -> Result<Json, Refused> {
    let place = releases.current(asked)?;
    let options = status::Options { place, live: releases.live(), json: true };
    let exit = status::run(&options, asked);
    if !matches!(exit, Exit::Done | Exit::Waits | Exit::Lost) {
        return Err(asked.refused(exit));
    }
    let mut told = json_of(&asked.printed().join("\n"))?;
    let records = releases.place.records.clone();
    asked.done(history::run(&history::Options { records, json: true }, asked))?;
    let history = asked.printed();
    let last = history.iter().rev().take(RECORDS).map(|line| json_of(line)).collect::<Result<Vec<_>, _>>()?;
    let live = releases.look().at(asked).map_err(|unseen| unseen_as(&unseen))?;
    told["killed"] = live.killed.into();
    told["pointer"] = live.pointer.into();
    told["records"] = history.len().into();
    told["history"] = last.into();
    told["signs"] = releases.signs().into();
    Ok(told)
}

/// What the open proposal changes, from the bytes of both snapshots, and for whom.
pub(super) fn review(releases: &Releases, asked: &Asked) -> Result<Json, Refused> {
    asked.done(approve::review(&releases.approval(asked, None, Key::default())?, asked))?;
    json_of(&asked.printed().join("\n"))
}

/// A draft: the ruleset of `--ruleset`, proposed without a signature.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Draft {
    why: Option<String>,
    source: Option<String>,
}

pub(super) fn propose(releases: &Releases, asked: &Asked, Draft { why, source }: Draft) -> Result<Json, Refused> {
    let ruleset = releases.ruleset.clone().ok_or_else(|| {
        Refused::usage(
            "there are no rules to propose: start waft serve with --ruleset or --rules, or run waft release propose",
        )
    })?;
    let options = propose::Options { ruleset, ..releases.proposal(asked, why, source)? };
    asked.done(propose::run(&options, asked))?;
    Ok(json!({ "changes": asked.printed() }))
}

/// Which proposal was looked at, and who signs it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Signing {
    proposal: String,
    digest: String,
    public_key: String,
    role: Option<String>,
}

/// What a key is to sign that never comes here.
pub(super) fn to_sign(releases: &Releases, asked: &Asked, signing: Signing) -> Result<Json, Refused> {
    let options = releases.signing(asked, signing, Step::ToSign(TO_SIGN.to_owned()))?;
    written(asked, approve::run(&options, asked))
}

/// The signature that came of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Approval {
    proposal: String,
    digest: String,
    public_key: String,
    role: Option<String>,
    signature: String,
    why: Option<String>,
}

pub(super) fn approve(releases: &Releases, asked: &Asked, approval: Approval) -> Result<Json, Refused> {
    let Approval { proposal, digest, public_key, role, signature, why } = approval;
    asked.give(SIGNATURE, signature_of(&signature)?.to_vec());
    let signing = Signing { proposal, digest, public_key, role };
    let options = releases.signing(asked, signing, Step::Signature(SIGNATURE.to_owned()))?;
    asked.done(approve::run(&approve::Options { why, ..options }, asked))?;
    Ok(json!({ "shown": asked.printed() }))
}

/// The proposal that is published.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Which {
    proposal: String,
}

pub(super) fn publish(releases: &Releases, asked: &Asked, Which { proposal }: Which) -> Result<Json, Refused> {
    let (place, to) = (releases.current(asked)?, releases.to.clone());
    asked.done(published::run(&published::Options { place, proposal: Some(proposal), to }, asked))?;
    json_of(&asked.printed().join("\n"))
}

impl Releases {
    /// A new proposal, signed by the publisher if its key is here.
    pub(super) fn proposal(
        &self,
        asked: &Asked,
        why: Option<String>,
        source: Option<String>,
    ) -> Result<propose::Options, Refused> {
        let place = self.current(asked)?;
        let key = self.signer(asked, &place.trust).map_err(|error| Refused::failed(&error))?;
        let (live, population) = (self.live(), self.population.clone());
        Ok(propose::Options { place, live, key, population, source, why, ..propose::Options::default() })
    }

    fn approval(&self, asked: &Asked, proposal: Option<String>, key: Key) -> Result<approve::Options, Refused> {
        let (place, live, population) = (self.current(asked)?, self.live(), self.population.clone());
        Ok(approve::Options { place, proposal, live, key, population, ..approve::Options::default() })
    }

    fn signing(&self, asked: &Asked, signing: Signing, step: Step) -> Result<approve::Options, Refused> {
        let Signing { proposal, digest, public_key, role } = signing;
        let key = elsewhere(asked, &public_key, step, role.as_deref().unwrap_or("approver"));
        Ok(approve::Options { digest: Some(digest), ..self.approval(asked, Some(proposal), key)? })
    }
}

/// A key that stays where it is.
pub(super) fn elsewhere(asked: &Asked, public_key: &str, step: Step, role: &str) -> Key {
    asked.give(PUBLIC_KEY, key(public_key).into_bytes());
    Key { file: PUBLIC_KEY.to_owned(), passphrase: None, external: Some(step), role: role.to_owned() }
}

/// What a command wrote that a key is to sign.
pub(super) fn written(asked: &Asked, exit: Exit) -> Result<Json, Refused> {
    match asked.taken(TO_SIGN) {
        Some(bytes) if exit == Exit::Waits => {
            asked.notes();
            Ok(json!({ "toSign": keys::to_text(&bytes), "shown": asked.printed() }))
        }
        Some(_) | None => Err(asked.refused(exit)),
    }
}

/// What a command printed as JSON.
pub(super) fn json_of(text: &str) -> Result<Json, Refused> {
    serde_json::from_str(text).map_err(|error| Refused::broken(&error.to_string()))
}
