//! Kill lists that are signed where the key is: what is to be signed, and the signed list, which is published.

use serde::Deserialize;
use serde_json::{Value as Json, json};
use waft::kind::Kind;
use waft_commands::head::kill::Change;
use waft_compile::head::Documents;
use waft_compile::{keys, refusal, snapshot};

use super::served::{Releases, unseen_as};
use crate::publish::{self, DEFAULT_NAME, Killing, Live};
use crate::serve::desk::{Asked, DOCUMENT, Refused, key, signature_of};

/// How long a busy store is tried again, in seconds: somebody waits.
const PATIENCE: u16 = 10;

/// Which flags, and who signs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Wanted {
    flags: Vec<String>,
    /// They come back.
    #[serde(default)]
    unkill: bool,
    public_key: String,
}

/// The next list, and what a key is to sign of it.
pub(super) fn to_sign(releases: &Releases, asked: &Asked, wanted: Wanted) -> Result<Json, Refused> {
    let Wanted { flags, unkill, public_key } = wanted;
    if flags.is_empty() {
        return Err(Refused::usage("flags: name at least one"));
    }
    let change = if unkill { Change::Unkill } else { Change::Kill };
    let key = keys::public(&key(&public_key)).map_err(|error| Refused::usage(&error))?;
    let live = live(releases, asked)?;
    let document = live.next_kills(change, &flags, &keys::kid(&key), asked).map_err(|error| Refused::failed(&error))?;
    let bytes = snapshot::to_sign(&document, &key, role()).map_err(refused)?;
    Ok(json!({ "document": keys::to_text(&document), "toSign": keys::to_text(&bytes) }))
}

/// The list, and its signature.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Signed {
    flags: Vec<String>,
    #[serde(default)]
    unkill: bool,
    public_key: String,
    document: String,
    signature: String,
    why: Option<String>,
}

/// Publishes it, with a record, if pages take it.
pub(super) fn publish(releases: &Releases, asked: &Asked, signed: Signed) -> Result<Json, Refused> {
    let Signed { flags, unkill, public_key, document, signature, why } = signed;
    let document = keys::bytes(&document).ok_or_else(|| Refused::usage("document: expected base64url"))?;
    let key = keys::public(&key(&public_key)).map_err(|error| Refused::usage(&error))?;
    let document = snapshot::attach(&document, &key, role(), signature_of(&signature)?).map_err(refused)?;
    let list = Documents::read(&document).map_err(refused)?;
    let mut head = Documents::default();
    head.put(Kind::Kills, list.get(Kind::Kills).ok_or_else(|| Refused::usage("document: not a kill list"))?.to_vec());
    asked.give(DOCUMENT, head.to_bytes().map_err(refused)?);
    let killing = Killing {
        to: &releases.to.to,
        url: None,
        trust: &releases.place.trust,
        name: DEFAULT_NAME,
        key: DOCUMENT,
        flags: &flags,
        why: why.as_deref().unwrap_or("by the page of releases"),
        records: &releases.place.records,
        timeout: PATIENCE,
        single_writer: false,
    };
    let done = publish::publish(&publish::Options::killed(DOCUMENT, unkill, &killing), asked);
    let told = done.map_err(|error| match live(releases, asked) {
        Ok(live) if live.has_taken(&head) => Refused::moved(&error),
        Ok(_) | Err(_) => Refused::failed(&error),
    })?;
    // Pages that take no head without this list are the sooner the better, but the flag is off already.
    releases.refresh(asked);
    Ok(told.unwrap_or_default())
}

fn live(releases: &Releases, asked: &Asked) -> Result<Live, Refused> {
    releases.look().at(asked).map_err(|unseen| unseen_as(&unseen))
}

fn role() -> &'static str {
    Kind::Kills.role().unwrap_or_default()
}

fn refused(found: waft::Refusal) -> Refused {
    Refused::failed(&format!("refused, {}", refusal::sentence(found)))
}
