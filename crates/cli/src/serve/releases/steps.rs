//! What can be asked about a release: each is a command of `waft release`, and what it printed.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft_commands::Exit;
use waft_commands::delivery::{Key, approve, history, propose, publish as published, status};
use waft_commands::sign::Step;
use waft_compile::keys;

use super::answer::Refused;
use super::asked::{Asked, PUBLIC_KEY, SIGNATURE, TO_SIGN, key, signature_of};
use super::served::Releases;
use crate::publish::Unseen;

/// How many records are told, the last ones.
const RECORDS: usize = 50;

/// What is live, what is proposed, and what was done.
pub(super) fn state(releases: &Releases, asked: &Asked) -> Result<Json, Refused> {
    let options = status::Options { place: releases.place.clone(), live: releases.live(), json: true };
    let exit = status::run(&options, asked);
    if !matches!(exit, Exit::Done | Exit::Waits | Exit::Lost) {
        return Err(asked.refused(exit));
    }
    let mut told = json_of(&asked.printed().join("\n"))?;
    let records = releases.place.records.clone();
    asked.done(history::run(&history::Options { records, json: true }, asked))?;
    let history = asked.printed();
    let last = history.iter().rev().take(RECORDS).map(|line| json_of(line)).collect::<Result<Vec<_>, _>>()?;
    let live = releases.look().at(asked).map_err(|unseen| match unseen {
        Unseen::Given(error) => Refused::failed(&error),
        Unseen::Store(error) => Refused::store(&error),
    })?;
    told["killed"] = live.killed.into();
    told["pointer"] = live.pointer.into();
    told["records"] = history.len().into();
    told["history"] = last.into();
    Ok(told)
}

/// What the open proposal changes, from the bytes of both snapshots, and for whom.
pub(super) fn review(releases: &Releases, asked: &Asked) -> Result<Json, Refused> {
    asked.done(approve::review(&releases.approval(None, Key::default()), asked))?;
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
        Refused::usage("there are no rules to propose: start waft serve with --ruleset, or run waft release propose")
    })?;
    let (place, live, population) = (releases.place.clone(), releases.live(), releases.population.clone());
    let options = propose::Options { ruleset, place, live, key: None, population, expires: None, source, why };
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
    let exit = approve::run(&options, asked);
    match asked.taken(TO_SIGN) {
        Some(bytes) if exit == Exit::Waits => {
            asked.notes();
            Ok(json!({ "toSign": keys::to_text(&bytes), "shown": asked.printed() }))
        }
        Some(_) | None => Err(asked.refused(exit)),
    }
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
    let (place, to) = (releases.place.clone(), releases.to.clone());
    asked.done(published::run(&published::Options { place, proposal: Some(proposal), to }, asked))?;
    json_of(&asked.printed().join("\n"))
}

impl Releases {
    fn approval(&self, proposal: Option<String>, key: Key) -> approve::Options {
        let (place, live, population) = (self.place.clone(), self.live(), self.population.clone());
        approve::Options { place, proposal, live, key, population, ..approve::Options::default() }
    }

    fn signing(&self, asked: &Asked, signing: Signing, step: Step) -> Result<approve::Options, Refused> {
        let Signing { proposal, digest, public_key, role } = signing;
        asked.give(PUBLIC_KEY, key(&public_key).into_bytes());
        let role = role.unwrap_or_else(|| "approver".to_owned());
        let external = Some(step);
        let key = Key { file: PUBLIC_KEY.to_owned(), passphrase: None, external, role };
        Ok(approve::Options { digest: Some(digest), ..self.approval(Some(proposal), key) })
    }
}

/// What a command printed as JSON.
fn json_of(text: &str) -> Result<Json, Refused> {
    serde_json::from_str(text).map_err(|error| Refused::broken(&error.to_string()))
}
